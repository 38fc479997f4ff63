"""What a person put right stays so where a file says again what it said before; what it says anew is a change."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, select

from data.records.change_log import BATCH, CHANGE, kept_of
from data.records.neutral_records import Injection

NOTES = ("statuses", "remedies")  # parts that a file adds to, each known by its day or name


def as_files_say(connection: Connection, source: str) -> dict[tuple[str, Any], Any]:
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
    for batch, row in zip(batches, kept_of(connection, *of_those), strict=True):
        name = row.kind, row.key
        if row.before is None:
            continue
        if batch in corrections:
            told.setdefault(name, row.before)
        elif name in told:
            told[name] = _told_anew(told[name], row.before, row.after)
    return told


def without_what_was_said(record: Any, said: Any, now: Any) -> Any:
    """The record as it comes in; where it says again what files had `said` before it was corrected, as it is `now`."""
    stays = {}
    for name, value in _values(record):
        if name in NOTES:
            stays[name] = tuple(one for one in value if not any(_repeats(one, of) for of in getattr(said, name)))
        elif value == getattr(said, name):
            stays[name] = getattr(now, name)
    return replace(record, **stays)


def _repeats(note: Any, of: Any) -> bool:
    return all(value in (None, "") or value == getattr(of, name) for name, value in _values(note))


def _told_anew(said: Any, before: Any, after: Any) -> Any:
    """A file has changed the record since: in these fields it is what the files say."""
    anew = {}
    for name, value in _values(after):
        if name in NOTES:
            anew[name] = (*getattr(said, name), *(one for one in value if one not in getattr(before, name)))
        elif value != getattr(before, name):
            anew[name] = value
    return replace(said, **anew)


def _values(record: Any) -> Iterable[tuple[str, Any]]:
    for part in fields(record):
        if part.compare:
            value = getattr(record, part.name)
            yield part.name, tuple(sorted(value, key=Injection.order)) if part.name == "injections" else value
