"""Writes a change set inside one transaction, table by table and column by column."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from data.database.bulk_insert import Columns, free_ids, insert_many
from data.records import kinds
from data.records.change_log import ChangeLogEntry, append_changes
from data.records.diff import ChangeSet, KindChanges
from data.records.neutral_records import stored_fields
from data.records.repository import Snapshot
from models.records import Revision

# The step, how many are done, and out of how many (0: not known).
ProgressCallback = Callable[[str, int, int], None]


def ignore_progress(step: str, done: int, total: int) -> None:
    """The callback for work that nobody watches."""


def write_change_set(
    connection: Connection, change_set: ChangeSet, files: Sequence[str], report: ProgressCallback = ignore_progress
) -> int:
    """Store a change set under a new import batch and return its id. Call it inside `write_transaction`.

    The change log keeps every changed record as it was and as it is, so that the batch can be undone.
    """
    incoming, changes = change_set.incoming, change_set.kinds
    batch = insert(kinds.BATCH).values(
        made_at=datetime.now(UTC).replace(tzinfo=None),
        source=incoming.source,
        format=incoming.format,
        files="; ".join(files),
        attribution_days=incoming.attribution_days,
        key_check=incoming.key_check,
        entered_by=incoming.entered_by,
        why=incoming.why,
        rows_read=incoming.rows_read,
        rows_stored=change_set.rows_stored + change_set.rows_changed,
        rows_changed=change_set.rows_changed,
        rows_unchanged=change_set.rows_unchanged,
        rows_refused=incoming.rows_refused,
    )
    number = int(connection.execute(batch).inserted_primary_key[0])  # type: ignore[index]  # an insert of one row
    write_changes(connection, number, incoming.source, change_set.snapshot, changes, report)
    entries = [
        ChangeLogEntry(kind, key, getattr(change_set.snapshot, kind)[key], record)
        for kind, part in changes.items()
        for key, record in part.changed.items()
    ]
    entries += [
        ChangeLogEntry(kind, key, None, word)
        for kind in kinds.VOCABULARY_KINDS
        for key, word in changes[kind].new.items()
    ]
    append_changes(connection, number, entries)
    return number


def write_changes(
    connection: Connection,
    batch: int,
    source: str,
    snapshot: Snapshot,
    changes: Mapping[str, KindChanges],
    report: ProgressCallback = ignore_progress,
) -> None:
    """Store records under an existing batch. The snapshot must hold what is changed and what the records refer to."""
    visits = changes[kinds.TREATMENTS]
    total = sum(len(part.new) for part in changes.values()) + sum(len(v.injections) for v in visits.new.values())
    ids = {kind: dict(ids) for kind, ids in snapshot.ids.items()}
    writer = _RecordWriter(connection, snapshot, ids, batch, source, report, total)
    for kind, name in ((kinds.SITES, "site"), (kinds.PRACTITIONERS, "practitioner")):
        codes = {getattr(visit, name) for part in (visits.new, visits.changed) for visit in part.values()}
        missing = sorted(codes - ids[kind].keys() - {None})
        writer.insert(kinds.TABLES[kind], {"code": missing}, kind, missing)
    for kind in kinds.RECORD_KINDS:
        new, changed = changes[kind].new, changes[kind].changed
        if new or changed:
            writer.write_records(kind, new, changed)


@dataclass
class _RecordWriter:
    """`ids`: kind -> natural key -> id, of stored records and of those added here."""

    connection: Connection
    snapshot: Snapshot
    ids: dict[str, dict[Any, int]]
    batch: int
    source: str
    report: ProgressCallback
    total: int
    done: int = 0

    def write_records(self, kind: str, new: Mapping[Any, Any], changed: Mapping[Any, Any]) -> None:
        """Insert the new records, in an order that does not depend on the order of the file, and update the others."""
        table, ids = kinds.TABLES[kind], self.ids[kind]
        is_dated = kind in (kinds.TREATMENTS, kinds.FOLLOW_UPS)
        keys = sorted(new, key=lambda key: (new[key].date, key)) if is_dated else sorted(new)
        records, changed_records = [new[key] for key in keys], list(changed.values())
        columns = self._columns(kinds.RECORD_TYPES[kind], records)
        if "source" in table.c:
            columns |= {"source": [self.source] * len(keys), "import_batch_id": [self.batch] * len(keys)}
        changed_columns = self._columns(kinds.RECORD_TYPES[kind], changed_records)
        if "revision" in table.c:
            revision = self.connection.scalar(select(Revision.number))
            columns["revision"], changed_columns["revision"] = [revision] * len(keys), [revision] * len(changed)
        self.insert(table, columns, kind, keys)
        if changed:  # they still belong to the batch that brought them
            self._update(table, [ids[key] for key in changed], changed_columns)
        if kind == kinds.TREATMENTS:
            before = self.snapshot.treatments
            topped_up = [visit for visit in records if visit.touch_up_of]
            topped_up += [v for v in changed_records if v.touch_up_of != before[v.source_id].touch_up_of]
            if topped_up:
                others = [ids[visit.touch_up_of] if visit.touch_up_of else None for visit in topped_up]
                self._update(table, [ids[visit.source_id] for visit in topped_up], {"touch_up_of_id": others})
        for name in stored_fields(kinds.RECORD_TYPES[kind]):
            if name in kinds.PARTS:
                self._write_parts(kind, name, records, changed_records)

    def _columns(self, record_type: type[Any], records: Sequence[Any]) -> Columns:
        """The stored fields of these records, with ids in place of other records."""
        columns: Columns = {}
        for name in stored_fields(record_type):
            if name in kinds.PARTS or name in ("touch_up_of", "batch"):
                continue  # stored after these columns, or with their parts
            values = list(map(attrgetter(name), records))  # faster than a comprehension (measured)
            if name == "serious":
                values = [";".join(reasons) or None for reasons in values]
            if name == "lot":
                values = [record.lot and (record.product, record.lot) for record in records]
            if name in kinds.REFERENCES:
                ids = self.ids[kinds.REFERENCES[name]]
                name, values = f"{name}_id", [ids[value] if value else None for value in values]
            columns[name] = values
        return columns

    def _write_parts(self, kind: str, name: str, new: Sequence[Any], changed: Sequence[Any]) -> None:
        """Insert the parts of new records, and replace those of records in which they changed."""
        owner, ids = kinds.PARTS[name][0], self.ids[kind]
        before = {record.source_id: getattr(self.snapshot, kind)[record.source_id] for record in changed}
        different = [record for record in changed if getattr(record, name) != getattr(before[record.source_id], name)]
        if different:
            owner_ids = [{"owner_id": ids[record.source_id]} for record in different]
            self.connection.execute(delete(owner.table).where(owner == bindparam("owner_id")), owner_ids)
        records = [*new, *different]
        parts = [part for record in records for part in getattr(record, name)]
        columns = self._columns(kinds.PART_TYPES[name], parts) if name in kinds.PART_TYPES else {"term": parts}
        columns[owner.name] = [ids[record.source_id] for record in records for _ in getattr(record, name)]
        if "import_batch_id" in owner.table.c:
            columns["import_batch_id"] = [
                batch
                for record in records
                for batch in self._batches(getattr(record, name), getattr(before.get(record.source_id), name, ()))
            ]
        self.insert(owner.table, columns)

    def _batches(self, parts: Sequence[Any], old_parts: Sequence[Any]) -> Iterator[int]:
        """The batch that brought each note or remedy. A note whose day is corrected keeps that of the old one."""
        old = {part.sort_key(): part.batch for part in old_parts}
        keys = [part.sort_key() for part in parts]
        gone = iter([batch for key, batch in old.items() if key not in keys])
        for key, part in zip(keys, parts, strict=True):
            yield old.get(key) or part.batch or next(gone, self.batch)

    def insert(self, table: Table, columns: Columns, kind: str = "", keys: Sequence[Any] = ()) -> None:
        """Add rows; `keys` are the natural keys under which others will look up their ids."""
        count = len(next(iter(columns.values()), ()))
        if not count:
            return
        ids = free_ids(self.connection, table, count)
        for inserted in insert_many(self.connection, table, {"id": ids} | columns):
            self.done += inserted
            self.report("storing", min(self.done, self.total), self.total)
        if kind:
            self.ids[kind].update(zip(keys, ids, strict=True))

    def _update(self, table: Table, ids: Sequence[int], columns: Columns) -> None:
        """Set these columns in the rows with these ids."""
        rows = zip(ids, *columns.values(), strict=True)
        statement = update(table).where(table.c.id == bindparam("row_id"))  # which columns: the names in the rows
        self.connection.execute(statement, [dict(zip(("row_id", *columns), row, strict=True)) for row in rows])
