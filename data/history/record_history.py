"""The history of one record: what each import, form and correction changed in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Engine

from data.records.change_log import read_changes
from data.records.diff import describe_value
from data.records.kinds import BATCH, CHANGE
from data.records.lookups import treatment_dates_of
from data.records.neutral_records import SideEffectRecord, StatusRecord, stored_fields
from data.records.serialization import format_date_span

PART_NAMES = {"injections": "area", "statuses": "note", "remedies": "remedy"}
NOTE_PREFIX = "note of "
ONSET_FIELDS = ("onset_first", "onset_last")  # shown as one: a day, or the month or year it lies in
TREATMENT_FIELDS = ("treatment", "touch_up_of")  # shown as the treatment's day: nobody may have seen its id
SHOWN_WITH_THEIR_PART = ("batch", "source_id", "grade_scale", "date")


@dataclass(frozen=True)
class HistoryEntry:
    """One field that an import or a form changed: who, when and why; `by` and `why` are None if a file changed it."""

    batch: int
    changed_at: datetime
    by: str | None
    why: str | None
    field: str
    old_value: str
    new_value: str


def record_history(records: Engine, source: str, kind: str, source_id: str) -> list[HistoryEntry]:
    """The changes of a record that have not been undone, the latest first."""
    conditions = (CHANGE.c.kind == kind, CHANGE.c.key == source_id, CHANGE.c.before.is_not(None))
    with records.connect() as connection:
        entries = read_changes(connection, *conditions, BATCH.c.source == source, BATCH.c.undone_at.is_(None))
        differences = [
            (entry.batch, *difference)
            for entry in reversed(entries)
            for difference in _diff_records(entry.before, entry.after)
        ]
        named = {value for _, name, *values in differences if name in TREATMENT_FIELDS for value in values if value}
        dates = dict.fromkeys(TREATMENT_FIELDS, treatment_dates_of(connection, source, named))
    return [
        HistoryEntry(
            batch.id, batch.made_at, batch.entered_by, batch.why, name,
            *(describe_value(dates.get(name, {}).get(value, value)) for value in values),
        )
        for batch, name, *values in differences
    ]  # fmt: skip


def _diff_records(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """(field, old value, new value) of the fields that differ; of areas, notes and remedies field by field."""
    if isinstance(before, SideEffectRecord):
        old, new = (format_date_span(effect.onset_first, effect.onset_last) for effect in (before, after))
        if old != new:
            yield "onset", old, new
    for name in stored_fields(type(before)):
        old, new = getattr(before, name), getattr(after, name)
        if name in PART_NAMES:
            removed, added = [part for part in old if part not in new], [part for part in new if part not in old]
            for old_part, new_part in zip_longest(removed, added):
                yield from _diff_parts(PART_NAMES[name], old_part, new_part)
        elif old != new and name not in ONSET_FIELDS:
            yield name, old, new


def _diff_parts(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    part = old or new
    is_note = isinstance(part, StatusRecord)
    title = f"{NOTE_PREFIX}{part.date}" if is_note else f"{name} {part.sort_key()[0] or 'not recorded'}"
    hidden = SHOWN_WITH_THEIR_PART[:3] if old and new else SHOWN_WITH_THEIR_PART
    for field in stored_fields(type(part)):
        old_value, new_value = (getattr(one, field, None) for one in (old, new))
        if field not in hidden and old_value != new_value:
            yield f"{title}: {field}", old_value, new_value
