"""Records as rows of our template, for exports and for the forms in which a person corrects them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from data.records.neutral_records import FollowUpRecord, SideEffectRecord, TreatmentRecord
from data.records.repository import Snapshot
from data.tabular.formulas import escape_formula

Row = dict[str, Any]


def treatment_rows_of(visit: TreatmentRecord, snapshot: Snapshot) -> Iterator[Row]:
    """A row for each injection."""
    row = {"treatment_id": visit.source_id, "client_key": visit.client}
    row |= _values(visit, "date", "site", "practitioner", "touch_up_of")
    row |= _values(snapshot.clients[visit.client], "year_of_birth", "sex")
    for line, injection in enumerate(visit.injections, start=1):
        lot = snapshot.lots[injection.product, injection.lot] if injection.lot else None
        injected = _values(injection, "area", "side", "product", "lot", "units", "points")
        yield row | injected | {"expiry": lot.expiry if lot else None, "line": line}


def follow_up_row(contact: FollowUpRecord) -> Row:
    values = _values(contact, "date", "method", "outcome", "asked", "not_asked", "score", "scale")
    return {"follow_up_id": contact.source_id, "treatment_id": contact.treatment} | values


def side_effect_rows_of(effect: SideEffectRecord) -> Iterator[Row]:
    """A row for each note, or one row without a note."""
    row = {
        "effect_id": effect.source_id,
        "treatment_id": effect.treatment,
        "client_key": effect.client,
        "side_effect": effect.term,
        "words": effect.as_given,
        "onset": format_date_span(effect.onset_first, effect.onset_last),
    } | _values(effect, "area", "side", "came_to_light", "serious")
    if not effect.statuses:
        yield row
    for note in effect.statuses:
        dated = {"status_date": note.date, "status_id": note.source_id}
        yield row | dated | _values(note, "state", "last_day", "grade", "grade_scale")


def remedy_rows(effect: SideEffectRecord) -> Iterator[Row]:
    """A row for each remedy."""
    for remedy in effect.remedies:
        yield {"effect_id": effect.source_id} | _values(remedy, "remedy", "kind", "from_date")


def _values(record: Any, *names: str) -> Row:
    return {name: getattr(record, name) for name in names}


def format_cell(value: Any) -> str:
    """The text that is read as this value again."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = "; ".join(value)
    if isinstance(value, float):
        text = repr(value).removesuffix(".0")
        return f"{text}0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", text) else text  # 1.125 could be read as 1,125
    return escape_formula(value) if isinstance(value, str) else str(value)


def format_date_span(first: date | None, last: date | None) -> str | None:
    """A day, month or year, as short as it was recorded."""
    if first is None or last is None:
        return None
    if first == last:
        return str(first)
    return str(first)[:4] if (last - first).days > 31 else str(first)[:7]
