"""What imports changed and took away: each record as text in `change`, so that it can be put back as it was."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import Field, dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from data.records import neutral_records
from models import records

CHANGE, BATCH = records.Change.__table__, records.ImportBatch.__table__

TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS = "treatments", "follow_ups", "side_effects"
CLIENTS, SITES, PRACTITIONERS = "clients", "sites", "practitioners"
LOTS, PRODUCTS, TERMS = "lots", "products", "terms"
WORDS = (PRODUCTS, TERMS)  # a source may bring them before anything uses them


@dataclass(frozen=True, slots=True)
class Place:
    """A site or a practitioner."""

    code: str
    name: str | None


KINDS = {
    PRODUCTS: neutral_records.Product, TERMS: neutral_records.Term, LOTS: neutral_records.Lot, CLIENTS:
    neutral_records.Client, SITES: Place,
    PRACTITIONERS: Place, TREATMENTS: neutral_records.Treatment, FOLLOW_UPS: neutral_records.FollowUp,
    SIDE_EFFECTS: neutral_records.SideEffect,
}  # fmt: skip
PARTS = {
    "injections": neutral_records.Injection,
    "statuses": neutral_records.Status,
    "remedies": neutral_records.Remedy,
}
BATCH_OF_A_PART = "batch"  # a note keeps the import that brought it, whoever puts it back
LISTS = frozenset({*PARTS, "not_asked", "serious"})
DAYS = frozenset({"date", "expiry", "onset_first", "onset_last", "last_day", "from_date"})


@dataclass(frozen=True)
class Kept:
    """One row of `change`, with the records as records. `before` None: the batch brought it."""

    kind: str
    key: Any
    before: Any
    after: Any


def keep(connection: Connection, batch: int, kept: Iterable[Kept]) -> None:
    """Adds rows to `change`."""
    rows = [
        {
            "import_batch_id": batch,
            "kind": row.kind,
            "key": key_text(row.key),
            "before": as_text(row.before) if row.before else None,
            "after": as_text(row.after),
        }
        for row in kept
    ]
    if rows:
        connection.execute(insert(CHANGE), rows)


def kept_of(connection: Connection, *which) -> list[Kept]:
    """The rows of `change` that meet these conditions, in the order they were kept."""
    statement = select(CHANGE.c.kind, CHANGE.c.key, CHANGE.c.before, CHANGE.c.after).where(*which)
    rows = connection.execute(statement.order_by(CHANGE.c.id))
    return [
        Kept(kind, _key(kind, key), from_text(kind, before) if before else None, from_text(kind, after))
        for kind, key, before, after in rows
    ]


def key_of(record: Any) -> Any:
    """What a record is known by: its source's id, its code, a client's pseudonym, a lot's product and number."""
    if isinstance(record, neutral_records.Lot):
        return record.product, record.number
    if isinstance(record, neutral_records.Client):
        return record.key
    return (
        record.code if isinstance(record, neutral_records.Product | neutral_records.Term | Place) else record.source_id
    )


def key_text(key: Any) -> str:
    """A natural key as text: an id as it is, a lot as a list of its product and number."""
    return key if isinstance(key, str) else json.dumps(key, ensure_ascii=False)


def _key(kind: str, text: str) -> Any:
    return tuple(json.loads(text)) if kind == LOTS else text


def as_text(record: Any) -> str:
    """A record of data/records/neutral_records.py as JSON: its fields by name, those that are empty left out."""
    return json.dumps(_plain(record), ensure_ascii=False, default=str)


def from_text(kind: str, text: str) -> Any:
    """The record again, equal to the one that was written."""
    return _record(KINDS[kind], json.loads(text))


def _plain(record: Any) -> dict[str, Any]:
    told = {
        part.name: getattr(record, part.name) for part in fields(record) if part.compare or part.name == BATCH_OF_A_PART
    }
    told |= {name: list(map(_plain, told[name])) for name in PARTS.keys() & told.keys()}
    return {name: value for name, value in told.items() if value is not None and value not in ((), [])}


def _is_told(part: Field) -> bool:
    return part.compare or part.name == BATCH_OF_A_PART


def _record(made_of: type, told: dict[str, Any]) -> Any:
    values = {
        part.name: _value(part.name, told[part.name]) if part.name in told else () if part.name in LISTS else None
        for part in fields(made_of)
        if _is_told(part)
    }
    return made_of(**values)


def _value(name: str, told: Any) -> Any:
    if name in PARTS:
        return tuple(_record(PARTS[name], part) for part in told)
    return tuple(told) if name in LISTS else date.fromisoformat(told) if name in DAYS else told


def mentions(kind: str, record: Any) -> Iterator[tuple[str, Any]]:
    """The kind and key of every other record that this one names."""
    if kind == TREATMENTS:
        yield CLIENTS, record.client
        yield SITES, record.site
        if record.practitioner:
            yield PRACTITIONERS, record.practitioner
        if record.touch_up_of:
            yield TREATMENTS, record.touch_up_of
        for injection in record.injections:
            yield PRODUCTS, injection.product
            if injection.lot:
                yield LOTS, (injection.product, injection.lot)
    elif kind == FOLLOW_UPS:
        yield TREATMENTS, record.treatment
        yield from ((TERMS, term) for term in record.not_asked)
    elif kind == SIDE_EFFECTS:
        yield CLIENTS, record.client
        yield TERMS, record.term
        if record.treatment:
            yield TREATMENTS, record.treatment
    elif kind == LOTS:
        yield PRODUCTS, record.product
