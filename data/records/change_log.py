"""The change log: records before and after an import or a form changed or removed them.

Undo, redo, the history of a record and the precedence of corrections all read it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select

from data.records import kinds
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
        connection.execute(insert(kinds.CHANGE), rows)


def read_changes(connection: Connection, *conditions: ColumnElement[bool]) -> list[ChangeLogEntry]:
    """The entries that meet these conditions on the tables `CHANGE` and `BATCH`, in the order they were added."""
    columns = (kinds.CHANGE.c.kind, kinds.CHANGE.c.key, kinds.CHANGE.c.before, kinds.CHANGE.c.after)
    statement = select(
        *columns, kinds.BATCH.c.id, kinds.BATCH.c.made_at, kinds.BATCH.c.entered_by, kinds.BATCH.c.why
    ).join(kinds.BATCH)
    return [
        ChangeLogEntry(
            kind=row.kind,
            key=msgspec.json.decode(row.key, type=tuple[str, str]) if row.kind == kinds.LOTS else row.key,
            before=row.before and msgspec.json.decode(row.before, type=kinds.RECORD_TYPES[row.kind]),
            after=msgspec.json.decode(row.after, type=kinds.RECORD_TYPES[row.kind]),
            batch=row,
        )
        for row in connection.execute(statement.where(*conditions).order_by(kinds.CHANGE.c.id))
    ]


def _to_plain(record: Any) -> dict[str, Any]:
    """The fields of a record by name, empty ones left out. A note keeps the import that brought it."""
    values = {name: getattr(record, name) for name in stored_fields(type(record))}
    values |= {name: list(map(_to_plain, values[name])) for name in kinds.PART_TYPES.keys() & values.keys()}
    return {name: value for name, value in values.items() if value is not None and value not in ((), [])}


def references(record: Any) -> Iterator[tuple[str, Any]]:
    """The kind and key of each record that this one names."""
    for name in stored_fields(type(record)):
        value = getattr(record, name)
        if name in kinds.PART_TYPES:
            for part in value:
                yield from references(part)
        elif name in ("term", "not_asked"):
            yield from ((kinds.TERMS, term) for term in ([value] if name == "term" else value))
        elif name in kinds.REFERENCES and value:
            yield kinds.REFERENCES[name], (record.product, value) if name == "lot" else value
