"""The change log: records before and after an import or a form changed or removed them.

Undo, redo, the history of a record and the precedence of corrections all read it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from data.records import neutral_records
from models import records

CHANGE, BATCH = records.Change.__table__, records.ImportBatch.__table__

TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS = "treatments", "follow_ups", "side_effects"
CLIENTS, SITES, PRACTITIONERS = "clients", "sites", "practitioners"
LOTS, PRODUCTS, TERMS = "lots", "products", "terms"
VOCABULARY_KINDS = (PRODUCTS, TERMS)  # a source may bring them before anything uses them


@dataclass(frozen=True, slots=True)
class SiteOrPractitioner:
    code: str
    name: str | None = None


RECORD_TYPES = {
    PRODUCTS: neutral_records.ProductRecord,
    TERMS: neutral_records.TermRecord,
    LOTS: neutral_records.LotRecord,
    CLIENTS: neutral_records.ClientRecord,
    SITES: SiteOrPractitioner,
    PRACTITIONERS: SiteOrPractitioner,
    TREATMENTS: neutral_records.TreatmentRecord,
    FOLLOW_UPS: neutral_records.FollowUpRecord,
    SIDE_EFFECTS: neutral_records.SideEffectRecord,
}
PART_TYPES = {
    "injections": neutral_records.InjectionRecord,
    "statuses": neutral_records.StatusRecord,
    "remedies": neutral_records.RemedyRecord,
}
JSON_OPTIONS: dict[str, Any] = {"ensure_ascii": False, "default": str}
BATCH_OF_A_PART = "batch"  # a note keeps the import that brought it, whoever restores it
LIST_FIELDS = frozenset({"not_asked", "serious"})
DATE_FIELDS = frozenset({"date", "expiry", "onset_first", "onset_last", "last_day", "from_date"})


@dataclass(frozen=True, slots=True)
class ChangeLogEntry:
    """A record before and after one import; `before` is None if the import brought it.

    `batch` holds the import's id, made_at, entered_by and why, in entries read from the log.
    """

    kind: str
    key: Any
    before: Any
    after: Any
    batch: Any = None


def append_changes(connection: Connection, batch: int, entries: Iterable[ChangeLogEntry]) -> None:
    """Add entries to the log."""
    rows = [
        {
            "import_batch_id": batch,
            "kind": entry.kind,
            "key": entry.key if isinstance(entry.key, str) else json.dumps(entry.key, ensure_ascii=False),
            "before": entry.before and json.dumps(_to_plain(entry.before), **JSON_OPTIONS),
            "after": json.dumps(_to_plain(entry.after), **JSON_OPTIONS),
        }
        for entry in entries
    ]
    if rows:
        connection.execute(insert(CHANGE), rows)


def read_changes(connection: Connection, *conditions: ColumnElement[bool]) -> list[ChangeLogEntry]:
    """The entries that meet these conditions on the tables `CHANGE` and `BATCH`, in the order they were added."""
    columns = (CHANGE.c.kind, CHANGE.c.key, CHANGE.c.before, CHANGE.c.after)
    statement = select(*columns, BATCH.c.id, BATCH.c.made_at, BATCH.c.entered_by, BATCH.c.why).join(BATCH)
    return [
        ChangeLogEntry(
            kind=row.kind,
            key=tuple(json.loads(row.key)) if row.kind == LOTS else row.key,
            before=row.before and _from_plain(RECORD_TYPES[row.kind], json.loads(row.before)),
            after=_from_plain(RECORD_TYPES[row.kind], json.loads(row.after)),
            batch=row,
        )
        for row in connection.execute(statement.where(*conditions).order_by(CHANGE.c.id))
    ]


def _to_plain(record: Any) -> dict[str, Any]:
    """The fields of a record by name, empty ones left out."""
    names = [field.name for field in fields(record) if field.compare or field.name == BATCH_OF_A_PART]
    values = {name: getattr(record, name) for name in names}
    values |= {name: list(map(_to_plain, values[name])) for name in PART_TYPES.keys() & values.keys()}
    return {name: value for name, value in values.items() if value is not None and value not in ((), [])}


def _from_plain(record_type: type, values: dict[str, Any]) -> Any:
    """The record again, equal to the one that was written."""
    for name, value in values.items():
        if name in PART_TYPES:
            values[name] = tuple(_from_plain(PART_TYPES[name], part) for part in value)
        elif name in LIST_FIELDS:
            values[name] = tuple(value)
        elif name in DATE_FIELDS:
            values[name] = date.fromisoformat(value)
    return record_type(**values)


def references(kind: str, record: Any) -> Iterator[tuple[str, Any]]:
    """The kind and key of each record that this one names."""
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
