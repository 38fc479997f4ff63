"""What a person put right stays so where a file says again what it said before; what it says anew is a change."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, select

from data.records.change_log import BATCH, CHANGE, read_changes
from data.records.neutral_records import InjectionRecord

ADDED_PARTS = ("statuses", "remedies")  # parts that a file adds to, each known by its day or name


def source_versions(connection: Connection, source: str) -> dict[tuple[str, Any], Any]:
    """Each record that somebody corrected, by kind and key, as the files have told it last."""
    standing = select(BATCH.c.id).where(BATCH.c.source == source, BATCH.c.undone_at.is_(None))
    corrections = set(connection.scalars(standing.where(BATCH.c.why.is_not(None))))
    if not corrections:
        return {}
    by_hand = CHANGE.alias("by_hand")
    put_right = select(by_hand.c.key).where(by_hand.c.import_batch_id.in_(standing.where(BATCH.c.why.is_not(None))))
    of_those = CHANGE.c.import_batch_id.in_(standing), CHANGE.c.key.in_(put_right)
    batches = list(connection.scalars(select(CHANGE.c.import_batch_id).where(*of_those).order_by(CHANGE.c.id)))
    told: dict[tuple[str, Any], Any] = {}
    for batch, row in zip(batches, read_changes(connection, *of_those), strict=True):
        name = row.kind, row.key
        if row.before is None:
            continue
        if batch in corrections:
            told.setdefault(name, row.before)
        elif name in told:
            told[name] = _apply_later_change(told[name], row.before, row.after)
    return told


def keep_corrections(record: Any, said: Any, now: Any) -> Any:
    """The record as it comes in; where it says again what files had `said` before it was corrected, as it is `now`."""
    stays = {}
    for name, value in _compared_fields(record):
        if name in ADDED_PARTS:
            stays[name] = tuple(one for one in value if not any(_repeats_note(one, of) for of in getattr(said, name)))
        elif value == getattr(said, name):
            stays[name] = getattr(now, name)
    return replace(record, **stays)


def _repeats_note(note: Any, of: Any) -> bool:
    return all(value in (None, "") or value == getattr(of, name) for name, value in _compared_fields(note))


def _apply_later_change(said: Any, before: Any, after: Any) -> Any:
    """A file has changed the record since: in these fields it is what the files say."""
    anew = {}
    for name, value in _compared_fields(after):
        if name in ADDED_PARTS:
            anew[name] = (*getattr(said, name), *(one for one in value if one not in getattr(before, name)))
        elif value != getattr(before, name):
            anew[name] = value
    return replace(said, **anew)


def _compared_fields(record: Any) -> Iterable[tuple[str, Any]]:
    for part in fields(record):
        if part.compare:
            value = getattr(record, part.name)
            yield part.name, tuple(sorted(value, key=InjectionRecord.sort_key)) if part.name == "injections" else value
