"""The change log: records before and after an import or a form changed or removed them.

Undo, redo, the history of a record and the precedence of corrections all read it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select

from data.records.kinds import (
    BATCH,
    CHANGE,
    CLIENTS,
    FOLLOW_UPS,
    LOTS,
    PART_TYPES,
    PRACTITIONERS,
    PRODUCTS,
    RECORD_TYPES,
    SIDE_EFFECTS,
    SITES,
    TERMS,
    TREATMENTS,
)
from data.records.neutral_records import stored_fields


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
            "key": entry.key if isinstance(entry.key, str) else msgspec.json.encode(entry.key).decode(),
            "before": entry.before and msgspec.json.encode(_to_plain(entry.before)).decode(),
            "after": msgspec.json.encode(_to_plain(entry.after)).decode(),
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
            key=msgspec.json.decode(row.key, type=tuple[str, str]) if row.kind == LOTS else row.key,
            before=row.before and msgspec.json.decode(row.before, type=RECORD_TYPES[row.kind]),
            after=msgspec.json.decode(row.after, type=RECORD_TYPES[row.kind]),
            batch=row,
        )
        for row in connection.execute(statement.where(*conditions).order_by(CHANGE.c.id))
    ]


def _to_plain(record: Any) -> dict[str, Any]:
    """The fields of a record by name, empty ones left out. A note keeps the import that brought it."""
    values = {name: getattr(record, name) for name in stored_fields(type(record))}
    values |= {name: list(map(_to_plain, values[name])) for name in PART_TYPES.keys() & values.keys()}
    return {name: value for name, value in values.items() if value is not None and value not in ((), [])}


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
