"""Takes an import back, and brings it back again: in one transaction, or not at all and the reason.

What an import brought is removed, what it changed is put back as it was. What is removed is kept in `change`, so that
the import can be brought back under its own number.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from data.database.engine import write_transaction
from data.history.dependents import find_dependents, ids_of_batch
from data.history.orphans import remove_unused
from data.records.change_log import (
    BATCH,
    CHANGE,
    CLIENTS,
    FOLLOW_UPS,
    PRACTITIONERS,
    SIDE_EFFECTS,
    SITES,
    TERMS,
    TREATMENTS,
    VOCABULARY_KINDS,
    ChangeLogEntry,
    append_changes,
    read_changes,
    references,
)
from data.records.diff import KindChanges, merge_record
from data.records.repository import (
    FOLLOW_UP,
    INJECTION,
    NOT_ASKED,
    PRACTITIONER,
    REMEDY,
    SIDE_EFFECT,
    SITE,
    STATUS,
    TREATMENT,
    Snapshot,
    load_snapshot,
)
from data.records.writer import write_changes
from data.sample.generator import SOURCE as SAMPLE

RECORD_TABLES = {TREATMENTS: TREATMENT, FOLLOW_UPS: FOLLOW_UP, SIDE_EFFECTS: SIDE_EFFECT}
SHARED_TABLES = {SITES: SITE, PRACTITIONERS: PRACTITIONER}


class UndoError(Exception):
    """Why an import stays as it is, on record or taken back; nothing was changed."""


@dataclass(frozen=True)
class UndoResult:
    """How many records went or came back, and how many were put back as they were, or as the import told them."""

    record_count: int
    change_count: int


def undo(engine: Engine, batch: int) -> UndoResult:
    """Removes the records that this import brought and whatever they alone used; puts back what it changed.

    The import stays on record as taken back. Raises NotUndone where there is no such import, it is taken back already,
    or later records depend on its own.
    """
    with write_transaction(engine) as connection:
        told = _load_batch(connection, batch)
        if told.undone_at is not None:
            raise UndoError(f"Import {batch} was undone already.")
        kept = read_changes(connection, CHANGE.c.import_batch_id == batch)
        changed = [row for row in kept if row.before is not None]
        _require_kept_changes(connection, told, changed)
        own = _records_of_batch(connection, batch)
        stored = _load_snapshot(connection, told.source, [*kept, *own])
        _require_state(
            stored, changed, "after", batch, "were changed again later. Take back the imports that did so before it"
        )
        _require_references(stored, [(row.kind, row.before) for row in changed], batch)
        write_changes(
            connection, batch, told.source, stored, _to_changes(changed={(r.kind, r.key): r.before for r in changed})
        )
        if later := find_dependents(connection, batch, told.source):
            raise UndoError(f"Later records depend on those of import {batch}: {later}")
        gone = [ChangeLogEntry(row.kind, row.key, None, getattr(stored, row.kind)[row.key]) for row in own]
        _delete_records(connection, batch)
        named = {(row.kind, row.key) for row in kept}
        for row in (*gone, *changed):
            named.update(references(row.kind, row.after))
        gone += remove_unused(connection, batch, named)
        _delete_changes(connection, batch, [row for row in kept if row.before is None])
        brought = {(row.kind, row.key): row for row in (*kept, *gone) if row.before is None}
        append_changes(connection, batch, brought.values())
        _set_undone_at(connection, batch, datetime.now(UTC).replace(tzinfo=None))
    return UndoResult(len(gone), len(changed))


def redo(engine: Engine, batch: int) -> UndoResult:
    """Stores again what undoing this import removed, and changes again what it had changed.

    Raises NotUndone where there is no such import, it is on record, what it brought was not kept, or the records have
    moved on so that it no longer fits.
    """
    with write_transaction(engine) as connection:
        told = _load_batch(connection, batch)
        if told.undone_at is None:
            raise UndoError(f"Import {batch} is not taken back.")
        _require_compatible(connection, told)
        kept = read_changes(connection, CHANGE.c.import_batch_id == batch)
        if told.rows_stored and not kept:
            raise UndoError(f"What import {batch} brought was not kept when it was taken back. Import its files again.")
        brought, changed = ([row for row in kept if (row.before is None) is new] for new in (True, False))
        places = _add_places(connection, brought)
        stored = _load_snapshot(connection, told.source, kept)
        new = _find_absent(stored, brought, batch)
        for row in new:
            getattr(stored, row.kind)[row.key] = row.after
        _require_state(
            stored, changed, "before", batch, "no longer are as they were when it came. Import its files again"
        )
        _require_references(stored, [(row.kind, row.after) for row in (*new, *changed)], batch)
        parts = _to_changes(
            {(row.kind, row.key): row.after for row in new}, {(r.kind, r.key): r.after for r in changed}
        )
        write_changes(connection, batch, told.source, stored, parts)
        _delete_changes(connection, batch, [row for row in brought if row.kind not in VOCABULARY_KINDS])
        _set_undone_at(connection, batch, None)
    return UndoResult(len(new) + places, len(changed))


def _load_batch(connection: Connection, batch: int) -> Row:
    found = connection.execute(select(BATCH).where(BATCH.c.id == batch)).first()
    if found is None:
        raise UndoError(f"There is no import {batch}.")
    return found


def _set_undone_at(connection: Connection, batch: int, undone_at: datetime | None) -> None:
    connection.execute(update(BATCH).where(BATCH.c.id == batch).values(undone_at=undone_at))


def _delete_changes(connection: Connection, batch: int, brought: Iterable[ChangeLogEntry]) -> None:
    for kind in {row.kind for row in brought}:
        its_own = CHANGE.c.import_batch_id == batch, CHANGE.c.before.is_(None), CHANGE.c.kind == kind
        connection.execute(delete(CHANGE).where(*its_own))


# What the import brought, and what is there


def _records_of_batch(connection: Connection, batch: int) -> list[ChangeLogEntry]:
    """The records that the batch brought, by kind and key."""
    return [
        ChangeLogEntry(kind, source_id, None, None)
        for kind, table in RECORD_TABLES.items()
        for source_id in connection.scalars(select(table.c.source_id).where(table.c.import_batch_id == batch))
    ]


def _load_snapshot(connection: Connection, source: str, rows: Sequence[ChangeLogEntry]) -> Snapshot:
    """What is stored under the keys of these rows, and all that the records in them name."""
    keys: dict[str, set] = defaultdict(set)
    for row in rows:
        keys[row.kind].add(row.key)
        for record in (row.before, row.after):
            for kind, key in references(row.kind, record) if record else ():
                keys[kind].add(key)
    by_kind = (keys[kind] for kind in (TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS, CLIENTS))
    return load_snapshot(connection, source, *by_kind)


def _to_changes(new: dict[tuple, Any] | None = None, changed: dict[tuple, Any] | None = None) -> dict[str, KindChanges]:
    kinds = ("products", "terms", "lots", CLIENTS, *RECORD_TABLES)
    parts = {kind: KindChanges({}, {}, 0) for kind in kinds}
    for (kind, key), record in (new or {}).items():
        parts[kind].new[key] = record
    for (kind, key), record in (changed or {}).items():
        parts[kind].changed[key] = record
    return parts


def _add_places(connection: Connection, brought: Iterable[ChangeLogEntry]) -> int:
    """Sites and practitioners that went with the import, where no later one brought them again; how many."""
    added = 0
    for kind, table in SHARED_TABLES.items():
        there = set(connection.scalars(select(table.c.code)))
        new = [row.after for row in brought if row.kind == kind and row.key not in there]
        rows = [{"code": place.code, "name": place.name} for place in new]
        if rows:
            connection.execute(insert(table), rows)
            added += len(rows)
    return added


def _delete_records(connection: Connection, batch: int) -> None:
    """In an order in which nothing is left that refers to what is gone."""
    treatments, follow_ups = ids_of_batch(TREATMENT, batch), ids_of_batch(FOLLOW_UP, batch)
    for table in (REMEDY, STATUS, SIDE_EFFECT):
        connection.execute(delete(table).where(table.c.import_batch_id == batch))
    connection.execute(delete(NOT_ASKED).where(NOT_ASKED.c.follow_up_id.in_(follow_ups)))
    connection.execute(delete(FOLLOW_UP).where(FOLLOW_UP.c.import_batch_id == batch))
    connection.execute(delete(INJECTION).where(INJECTION.c.treatment_id.in_(treatments)))
    connection.execute(update(TREATMENT).where(TREATMENT.c.import_batch_id == batch).values(touch_up_of_id=None))
    connection.execute(delete(TREATMENT).where(TREATMENT.c.import_batch_id == batch))


# Does it fit?


def _require_kept_changes(connection: Connection, told: Row, changed: Sequence[ChangeLogEntry]) -> None:
    """An earlier version stored changes without keeping what was there before."""
    notes = sum(
        len(connection.execute(
            select(part.c.id).join(SIDE_EFFECT, SIDE_EFFECT.c.id == part.c.side_effect_id)
            .where(part.c.import_batch_id == told.id, SIDE_EFFECT.c.import_batch_id != told.id).limit(1)
        ).all())
        for part in (STATUS, REMEDY)
    )  # fmt: skip
    if (told.rows_changed or notes) and not changed:
        raise UndoError(
            f"Import {told.id} changed records that were there before it, and what they were was not kept then; "
            "import a file with what they should say instead."
        )


def _require_state(stored: Snapshot, changed: Sequence[ChangeLogEntry], when: str, batch: int, but: str) -> None:
    different = [row for row in changed if getattr(stored, row.kind).get(row.key) != getattr(row, when)]
    if different:
        raise UndoError(f"{_count_by_kind(different)} that import {batch} changed {but}.")


def _find_absent(stored: Snapshot, brought: Sequence[ChangeLogEntry], batch: int) -> list[ChangeLogEntry]:
    """Those that are not there. What records share may be there again, if it is told no differently."""
    again, otherwise, absent = [], [], []
    for row in brought:
        there = getattr(stored, row.kind).get(row.key) if row.kind not in SHARED_TABLES else row.after
        if there is None:
            absent.append(row)
        elif row.kind in RECORD_TABLES:
            again.append(row)
        elif row.kind not in VOCABULARY_KINDS and merge_record(there, row.after) != there:
            otherwise.append(row)
    if again:
        raise UndoError(
            f"{_count_by_kind(again)} of import {batch} came in again with a later import. Take that back before."
        )
    if otherwise:
        raise UndoError(
            f"{_count_by_kind(otherwise)} of import {batch} are told differently by now. Import its files again."
        )
    return absent


def _require_references(stored: Snapshot, told: Iterable[tuple[str, Any]], batch: int) -> None:
    for kind, record in told:
        for named in references(kind, record):
            if named[0] in SHARED_TABLES or named[0] == TERMS:  # made as needed; our own words have no row
                continue
            if named[1] not in getattr(stored, named[0]):
                raise UndoError(
                    f"Import {batch} names {named[0].replace('_', ' ')} that went with another import. "
                    "Bring that one back before."
                )


def _require_compatible(connection: Connection, told: Row) -> None:
    others = connection.execute(
        select(BATCH.c.id, BATCH.c.source, BATCH.c.key_check).where(BATCH.c.undone_at.is_(None))
    ).all()
    for other in others:
        if SAMPLE in (told.source, other.source):
            raise UndoError("A sample clinic and other records are not kept together.")
        if None not in (told.key_check, other.key_check) and told.key_check != other.key_check:
            raise UndoError(
                f"Import {told.id} named its clients with another key than import {other.id}: they would stand there "
                "twice. Import its files again."
            )


def _count_by_kind(rows: Sequence[ChangeLogEntry]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.kind.replace("_", " ")] += 1
    return ", ".join(f"{n:,} {kind}" for kind, n in counts.items())
