"""Undo and redo of an import, each in one transaction.

Undo removes what the import brought and restores what it changed. What it removes is kept in the change log, so that
redo can store it again under the same number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from data.database.engine import write_transaction
from data.history.dependents import find_dependents
from data.history.orphans import remove_unused
from data.records import kinds
from data.records.change_log import ChangeLogEntry, append_changes, read_changes, references
from data.records.diff import KindChanges, merge_record
from data.records.kinds import BATCH, CHANGE, REMEDY, SIDE_EFFECT, STATUS, TREATMENT
from data.records.neutral_records import stored_fields
from data.records.repository import Snapshot, load_snapshot
from data.records.writer import write_changes
from data.refusal import RefusedError
from data.sample.generator import SOURCE as SAMPLE
from models.records import CaseReview, Signal


class UndoError(RefusedError):
    """Why an import cannot be undone or redone; nothing was changed."""


@dataclass(frozen=True)
class UndoResult:
    """How many records were removed or stored again, and how many changes were reversed or repeated."""

    record_count: int
    change_count: int


def undo(engine: Engine, batch: int) -> UndoResult:
    """Remove the records of this import and what only they used; restore what it changed.

    The import stays listed as undone. Raises UndoError if it does not exist, is undone already, or other records
    depend on its records.
    """
    with write_transaction(engine) as connection:
        imported = _load_batch(connection, batch)
        if imported.undone_at is not None:
            raise UndoError(f"Import {batch} was undone already.")
        entries = read_changes(connection, CHANGE.c.import_batch_id == batch)
        changed = [entry for entry in entries if entry.before is not None]
        _require_logged_changes(connection, imported, changed)
        own = [
            ChangeLogEntry(kind, source_id, None, None)
            for kind, table in kinds.SOURCE_TABLES.items()
            for source_id in connection.scalars(select(table.c.source_id).where(table.c.import_batch_id == batch))
        ]
        stored = _load_snapshot(connection, imported.source, [*entries, *own])
        reason = "were changed again later. Undo the later imports first"
        _require_state(stored, [(entry, entry.after) for entry in changed], batch, reason)
        _require_references(stored, [entry.before for entry in changed], batch)
        changes = {kind: KindChanges() for kind in kinds.RECORD_KINDS}
        for entry in changed:
            changes[entry.kind].changed[entry.key] = entry.before
        write_changes(connection, batch, imported.source, stored, changes)
        if dependents := find_dependents(connection, batch, imported.source):
            raise UndoError(f"Later records depend on those of import {batch}: {dependents}")
        removed = [ChangeLogEntry(row.kind, row.key, None, getattr(stored, row.kind)[row.key]) for row in own]
        if imported.source == SAMPLE:  # which is alone in its database: a review of it is as simulated as the clinic
            connection.execute(delete(CaseReview))
        _delete_records(connection, batch)
        named = {(entry.kind, entry.key) for entry in entries}
        for entry in (*removed, *changed):
            named.update(references(entry.after))
        removed += remove_unused(connection, batch, named)
        connection.execute(delete(CHANGE).where(CHANGE.c.import_batch_id == batch, CHANGE.c.before.is_(None)))
        brought = {(entry.kind, entry.key): entry for entry in (*entries, *removed) if entry.before is None}
        append_changes(connection, batch, brought.values())
        undone_at = datetime.now(UTC).replace(tzinfo=None)
        connection.execute(update(BATCH).where(BATCH.c.id == batch).values(undone_at=undone_at))
        if imported.source == SAMPLE:  # what it signaled says nothing of a clinic
            connection.execute(delete(Signal))
    return UndoResult(len(removed), len(changed))


def redo(engine: Engine, batch: int) -> UndoResult:
    """Store again what undoing this import removed, and repeat its changes.

    Raises UndoError if the import does not exist, is not undone, was undone without keeping its records, or no longer
    fits the records.
    """
    with write_transaction(engine) as connection:
        imported = _load_batch(connection, batch)
        if imported.undone_at is None:
            raise UndoError(f"Import {batch} is not undone.")
        _require_compatible(connection, imported)
        entries = read_changes(connection, CHANGE.c.import_batch_id == batch)
        if imported.rows_stored and not entries:
            raise UndoError(f"The records of import {batch} were not kept when it was undone. Import its files again.")
        brought = [entry for entry in entries if entry.before is None]
        changed = [entry for entry in entries if entry.before is not None]
        place_count = _restore_places(connection, brought)
        stored = _load_snapshot(connection, imported.source, entries)
        absent = _find_absent(stored, brought, batch)
        for entry in absent:
            getattr(stored, entry.kind)[entry.key] = entry.after
        reason = "have changed since it was undone. Import its files again"
        _require_state(stored, [(entry, entry.before) for entry in changed], batch, reason)
        _require_references(stored, [entry.after for entry in (*absent, *changed)], batch)
        changes = {kind: KindChanges() for kind in kinds.RECORD_KINDS}
        for entry in absent:
            changes[entry.kind].new[entry.key] = entry.after
        for entry in changed:
            changes[entry.kind].changed[entry.key] = entry.after
        write_changes(connection, batch, imported.source, stored, changes)
        added = CHANGE.c.import_batch_id == batch, CHANGE.c.before.is_(None)
        added = *added, CHANGE.c.kind.not_in(kinds.VOCABULARY_KINDS)
        connection.execute(delete(CHANGE).where(*added))
        connection.execute(update(BATCH).where(BATCH.c.id == batch).values(undone_at=None))
    return UndoResult(len(absent) + place_count, len(changed))


def _load_batch(connection: Connection, batch: int) -> Row:
    row = connection.execute(select(BATCH).where(BATCH.c.id == batch)).first()
    if row is None:
        raise UndoError(f"There is no import {batch}.")
    return row


def _load_snapshot(connection: Connection, source: str, entries: Iterable[ChangeLogEntry]) -> Snapshot:
    """The stored records with the keys of these entries, and those that the records in the entries name."""
    keys: dict[str, set] = defaultdict(set)
    for entry in entries:
        keys[entry.kind].add(entry.key)
        for record in (entry.before, entry.after):
            for kind, key in references(record) if record else ():
                keys[kind].add(key)
    return load_snapshot(connection, source, **{kind: keys[kind] for kind in (*kinds.SOURCE_TABLES, kinds.CLIENTS)})


def _restore_places(connection: Connection, brought: Iterable[ChangeLogEntry]) -> int:
    """Store sites and practitioners that were removed with the import and not stored again since; return how many."""
    added = 0
    for kind in kinds.PLACES:
        table = kinds.TABLES[kind]
        codes = set(connection.scalars(select(table.c.code)))
        absent = [entry.after for entry in brought if entry.kind == kind and entry.key not in codes]
        if absent:
            connection.execute(insert(table), [{"code": row.code, "name": row.name} for row in absent])
            added += len(absent)
    return added


def _delete_records(connection: Connection, batch: int) -> None:
    """Delete the records of an import, those that refer to others first."""
    connection.execute(update(TREATMENT).where(TREATMENT.c.import_batch_id == batch).values(touch_up_of_id=None))
    for kind, table in reversed(kinds.SOURCE_TABLES.items()):
        of_batch = table.c.import_batch_id == batch
        for owner in (kinds.PARTS[name][0] for name in stored_fields(kinds.RECORD_TYPES[kind]) if name in kinds.PARTS):
            connection.execute(delete(owner.table).where(owner.in_(select(table.c.id).where(of_batch))))
        connection.execute(delete(table).where(of_batch))


def _require_logged_changes(connection: Connection, imported: Row, changed: Sequence[ChangeLogEntry]) -> None:
    """Refuse an import whose changes an earlier version stored without logging them."""
    of_others = SIDE_EFFECT.c.import_batch_id != imported.id
    added_notes = any(
        connection.execute(
            select(part.c.id).join(SIDE_EFFECT).where(part.c.import_batch_id == imported.id, of_others).limit(1)
        ).first()
        for part in (STATUS, REMEDY)
    )
    if (imported.rows_changed or added_notes) and not changed:
        raise UndoError(
            f"Import {imported.id} changed earlier records, and an older version of Sequela did not keep their former "
            "values. Import a file with the values that they should have."
        )


def _require_state(
    stored: Snapshot, expected: Iterable[tuple[ChangeLogEntry, Any]], batch: int, explanation: str
) -> None:
    different = [entry for entry, record in expected if getattr(stored, entry.kind).get(entry.key) != record]
    if different:
        raise UndoError(f"{_count_by_kind(different)} that import {batch} changed {explanation}.")


def _find_absent(stored: Snapshot, brought: Iterable[ChangeLogEntry], batch: int) -> list[ChangeLogEntry]:
    """The entries whose records are not stored. Shared records may be stored again if nothing in them differs."""
    absent, stored_again, different = [], [], []
    for entry in brought:
        if entry.kind in kinds.PLACES:
            continue
        record = getattr(stored, entry.kind).get(entry.key)
        if record is None:
            absent.append(entry)
        elif entry.kind in kinds.SOURCE_TABLES:
            stored_again.append(entry)
        elif entry.kind not in kinds.VOCABULARY_KINDS and merge_record(record, entry.after) != record:
            different.append(entry)
    if stored_again:
        raise UndoError(
            f"{_count_by_kind(stored_again)} of import {batch} came in again with a later import. Undo that one first."
        )
    if different:
        raise UndoError(f"{_count_by_kind(different)} of import {batch} have changed since. Import its files again.")
    return absent


def _require_references(stored: Snapshot, records: Iterable[Any], batch: int) -> None:
    for kind, key in (reference for record in records for reference in references(record)):
        is_stored_as_needed = kind in kinds.PLACES or kind == kinds.TERMS  # our own terms have no row
        if not is_stored_as_needed and key not in getattr(stored, kind):
            raise UndoError(
                f"Import {batch} refers to {kind.replace('_', ' ')} of another import that is undone. "
                "Redo that one first."
            )


def _require_compatible(connection: Connection, imported: Row) -> None:
    columns = (BATCH.c.id, BATCH.c.source, BATCH.c.key_check)
    for other in connection.execute(select(*columns).where(BATCH.c.undone_at.is_(None))):
        if SAMPLE in (imported.source, other.source):
            raise UndoError("A sample clinic and other records are not kept together.")
        if None not in (imported.key_check, other.key_check) and imported.key_check != other.key_check:
            raise UndoError(
                f"Import {imported.id} named its clients with another key than import {other.id}: they would be "
                "stored twice. Import its files again."
            )


def _count_by_kind(entries: Iterable[ChangeLogEntry]) -> str:
    counts = Counter(entry.kind.replace("_", " ") for entry in entries)
    return ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
