"""Corrections win: a file that repeats what a person corrected changes nothing; new information in it does."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from data.records.change_log import read_changes
from data.records.kinds import BATCH, CHANGE
from data.records.neutral_records import InjectionRecord, stored_fields

ADDED_PARTS = ("statuses", "remedies")  # a file adds to these parts, each known by its day or name


def source_versions(connection: Connection, source: str) -> dict[tuple[str, Any], Any]:
    """Each corrected record, by kind and key, as files last had it."""
    active = (BATCH.c.source == source, BATCH.c.undone_at.is_(None))
    corrected = select(CHANGE.c.key).join(BATCH).where(*active, BATCH.c.why.is_not(None)).correlate(None)
    versions: dict[tuple[str, Any], Any] = {}
    for entry in read_changes(connection, *active, CHANGE.c.before.is_not(None), CHANGE.c.key.in_(corrected)):
        name = entry.kind, entry.key
        if entry.batch and entry.batch.why is not None:
            versions.setdefault(name, entry.before)
        elif name in versions:
            versions[name] = _apply_later_change(versions[name], entry.before, entry.after)
    return versions


def keep_corrections(record: Any, file_version: Any, current: Any) -> Any:
    """The incoming record, with the `current` value of each field in which it only repeats the `file_version`."""
    kept = {}
    for name, value in _compared_fields(record):
        if name in ADDED_PARTS:
            old = getattr(file_version, name)
            kept[name] = tuple(part for part in value if not any(_repeats(part, old_part) for old_part in old))
        elif value == getattr(file_version, name):
            kept[name] = getattr(current, name)
    return replace(record, **kept)


def _repeats(part: Any, old_part: Any) -> bool:
    return all(value in (None, "") or value == getattr(old_part, name) for name, value in _compared_fields(part))


def _apply_later_change(file_version: Any, before: Any, after: Any) -> Any:
    """The version of the files after a later file changed the record."""
    changed = {}
    for name, value in _compared_fields(after):
        if name in ADDED_PARTS:
            added = (part for part in value if part not in getattr(before, name))
            changed[name] = (*getattr(file_version, name), *added)
        elif value != getattr(before, name):
            changed[name] = value
    return replace(file_version, **changed)


def _compared_fields(record: Any) -> Iterable[tuple[str, Any]]:
    for name in stored_fields(type(record)):
        value = getattr(record, name)
        yield name, tuple(sorted(value, key=InjectionRecord.sort_key)) if name == "injections" else value
