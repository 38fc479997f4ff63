"""Records as lines of our template: what an export writes, and what a person corrects in a form."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from data.records.neutral_records import FollowUpRecord, SideEffectRecord, TreatmentRecord
from data.records.repository import Snapshot
from data.tabular.formulas import escape_formula

Row = dict[str, Any]


def treatment_rows_of(visit: TreatmentRecord, stored: Snapshot) -> Iterator[Row]:
    """A line for each injection."""
    client = stored.clients[visit.client]
    for line, injection in enumerate(visit.injections, start=1):
        lot = stored.lots[injection.product, injection.lot] if injection.lot else None
        yield {
            "treatment_id": visit.source_id,
            "date": visit.date,
            "site": visit.site,
            "practitioner": visit.practitioner,
            "client_key": visit.client,
            "area": injection.area,
            "side": injection.side,
            "product": injection.product,
            "lot": injection.lot,
            "expiry": lot.expiry if lot else None,
            "units": injection.units,
            "points": injection.points,
            "touch_up_of": visit.touch_up_of,
            "year_of_birth": client.year_of_birth,
            "sex": client.sex,
            "line": line,
        }


def follow_up_row(contact: FollowUpRecord) -> Row:
    return {
        "follow_up_id": contact.source_id,
        "treatment_id": contact.treatment,
        "date": contact.date,
        "method": contact.method,
        "outcome": contact.outcome,
        "asked": contact.asked,
        "not_asked": contact.not_asked,
        "score": contact.score,
        "scale": contact.scale,
    }


def side_effect_rows_of(effect: SideEffectRecord) -> Iterator[Row]:
    """A line for each note, or one where there is none."""
    told = {
        "effect_id": effect.source_id,
        "treatment_id": effect.treatment,
        "client_key": effect.client,
        "side_effect": effect.term,
        "area": effect.area,
        "side": effect.side,
        "words": effect.as_given,
        "onset": format_date_span(effect.onset_first, effect.onset_last),
        "came_to_light": effect.came_to_light,
        "serious": effect.serious,
    }
    if not effect.statuses:
        yield told
    for note in effect.statuses:
        yield told | {
            "status_date": note.date,
            "state": note.state,
            "last_day": note.last_day,
            "grade": note.grade,
            "grade_scale": note.grade_scale,
            "status_id": note.source_id,
        }


def remedy_rows(effect: SideEffectRecord) -> Iterator[Row]:
    """A line for each remedy."""
    for given in effect.remedies:
        yield {
            "effect_id": effect.source_id,
            "remedy": given.remedy,
            "kind": given.kind,
            "from_date": given.from_date,
        }


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
    """A day, a month or a year, as short as it was told; None where it was not."""
    if first is None or last is None:
        return None
    if first == last:
        return str(first)
    return str(first)[:4] if (last - first).days > 31 else str(first)[:7]
