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
    client = snapshot.clients[visit.client]
    for line, injection in enumerate(visit.injections, start=1):
        lot = snapshot.lots[injection.product, injection.lot] if injection.lot else None
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
    names = ("date", "method", "outcome", "asked", "not_asked", "score", "scale")
    values = {name: getattr(contact, name) for name in names}
    return {"follow_up_id": contact.source_id, "treatment_id": contact.treatment} | values


def side_effect_rows_of(effect: SideEffectRecord) -> Iterator[Row]:
    """A row for each note, or one row without a note."""
    row = {
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
        yield row
    names = ("state", "last_day", "grade", "grade_scale")
    for note in effect.statuses:
        dated = {"status_date": note.date, "status_id": note.source_id}
        yield row | dated | {name: getattr(note, name) for name in names}


def remedy_rows(effect: SideEffectRecord) -> Iterator[Row]:
    """A row for each remedy."""
    for remedy in effect.remedies:
        values = {"remedy": remedy.remedy, "kind": remedy.kind, "from_date": remedy.from_date}
        yield {"effect_id": effect.source_id} | values


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
