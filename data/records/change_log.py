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
VOCABULARY_KINDS = (PRODUCTS, TERMS)  # a source may bring them before anything uses them


@dataclass(frozen=True, slots=True)
class SiteOrPractitioner:
    """A site or a practitioner."""

    code: str
    name: str | None


KINDS = {
    PRODUCTS: neutral_records.ProductRecord, TERMS: neutral_records.TermRecord, LOTS: neutral_records.LotRecord,
    CLIENTS: neutral_records.ClientRecord, SITES: SiteOrPractitioner, PRACTITIONERS: SiteOrPractitioner,
    TREATMENTS: neutral_records.TreatmentRecord, FOLLOW_UPS: neutral_records.FollowUpRecord,
    SIDE_EFFECTS: neutral_records.SideEffectRecord,
}  # fmt: skip
PARTS = {
    "injections": neutral_records.InjectionRecord,
    "statuses": neutral_records.StatusRecord,
    "remedies": neutral_records.RemedyRecord,
}
BATCH_OF_A_PART = "batch"  # a note keeps the import that brought it, whoever puts it back
LISTS = frozenset({*PARTS, "not_asked", "serious"})
DAYS = frozenset({"date", "expiry", "onset_first", "onset_last", "last_day", "from_date"})


@dataclass(frozen=True)
class ChangeLogEntry:
    """One row of `change`, with the records as records. `before` None: the batch brought it."""

    kind: str
    key: Any
    before: Any
    after: Any


def append_changes(connection: Connection, batch: int, entries: Iterable[ChangeLogEntry]) -> None:
    """Adds rows to `change`."""
    rows = [
        {
            "import_batch_id": batch,
            "kind": row.kind,
            "key": format_key(row.key),
            "before": record_to_json(row.before) if row.before else None,
            "after": record_to_json(row.after),
        }
        for row in entries
    ]
    if rows:
        connection.execute(insert(CHANGE), rows)


def read_changes(connection: Connection, *which) -> list[ChangeLogEntry]:
    """The rows of `change` that meet these conditions, in the order they were kept."""
    statement = select(CHANGE.c.kind, CHANGE.c.key, CHANGE.c.before, CHANGE.c.after).where(*which)
    rows = connection.execute(statement.order_by(CHANGE.c.id))
    return [
        ChangeLogEntry(
            kind,
            _parse_key(kind, key),
            record_from_json(kind, before) if before else None,
            record_from_json(kind, after),
        )
        for kind, key, before, after in rows
    ]


def natural_key(record: Any) -> Any:
    """What a record is known by: its source's id, its code, a client's pseudonym, a lot's product and number."""
    if isinstance(record, neutral_records.LotRecord):
        return record.product, record.number
    if isinstance(record, neutral_records.ClientRecord):
        return record.key
    return (
        record.code
        if isinstance(record, neutral_records.ProductRecord | neutral_records.TermRecord | SiteOrPractitioner)
        else record.source_id
    )


def format_key(key: Any) -> str:
    """A natural key as text: an id as it is, a lot as a list of its product and number."""
    return key if isinstance(key, str) else json.dumps(key, ensure_ascii=False)


def _parse_key(kind: str, text: str) -> Any:
    return tuple(json.loads(text)) if kind == LOTS else text


def record_to_json(record: Any) -> str:
    """A record of data/records/neutral_records.py as JSON: its fields by name, those that are empty left out."""
    return json.dumps(_to_plain(record), ensure_ascii=False, default=str)


def record_from_json(kind: str, text: str) -> Any:
    """The record again, equal to the one that was written."""
    return _build_record(KINDS[kind], json.loads(text))


def _to_plain(record: Any) -> dict[str, Any]:
    told = {
        part.name: getattr(record, part.name) for part in fields(record) if part.compare or part.name == BATCH_OF_A_PART
    }
    told |= {name: list(map(_to_plain, told[name])) for name in PARTS.keys() & told.keys()}
    return {name: value for name, value in told.items() if value is not None and value not in ((), [])}


def _is_stored(part: Field) -> bool:
    return part.compare or part.name == BATCH_OF_A_PART


def _build_record(made_of: type, told: dict[str, Any]) -> Any:
    values = {
        part.name: _parse_value(part.name, told[part.name]) if part.name in told else () if part.name in LISTS else None
        for part in fields(made_of)
        if _is_stored(part)
    }
    return made_of(**values)


def _parse_value(name: str, told: Any) -> Any:
    if name in PARTS:
        return tuple(_build_record(PARTS[name], part) for part in told)
    return tuple(told) if name in LISTS else date.fromisoformat(told) if name in DAYS else told


def references(kind: str, record: Any) -> Iterator[tuple[str, Any]]:
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
