"""A record as it is on record, field by field, to be put right: what it says then takes the place of what it said."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard.forms import form_state
from dashboard.text import formatting
from dashboard.text.labels import STATE_LABELS, label
from data.analysis.treatments import TreatmentRow
from data.as_of import as_of_date
from data.importing.corrections import RecordVersion
from data.importing.manual_entry import SheetRow
from data.records.serialization import format_date_span
from data.schema.column_types import Choice, Code, Day, Integer, ListOf, Number, PartialDate
from data.schema.template import (
    FOLLOW_UPS,
    GRADE_WORDS,
    GRADE_WORDS_SCALE,
    REMEDIES,
    SHEETS,
    SIDE_EFFECTS,
    TREATMENTS,
    Column,
    SheetSchema,
)

FORM = "correction"
EARLIEST_DATE = date(1990, 1, 1)  # that a calendar offers: botulinum toxin has been licensed since 1989
RECORD_FIELDS = {  # what is told once of a record; the other columns stand in each of its lines
    TREATMENTS.name: ("date", "site", "practitioner", "touch_up_of"),
    FOLLOW_UPS.name: ("date", "method", "outcome", "asked", "score", "scale"),
    SIDE_EFFECTS.name: ("side_effect", "area", "side", "onset", "came_to_light", "serious", "words"),
}
ROW_FIELDS = {
    TREATMENTS.name: ("area", "side", "product", "lot", "expiry", "units", "points"),
    FOLLOW_UPS.name: (),
    SIDE_EFFECTS.name: ("status_date", "state", "grade", "grade_scale", "last_day"),
    REMEDIES.name: ("remedy", "kind", "from_date"),
}
ROW_TITLES = {TREATMENTS.name: "Area", SIDE_EFFECTS.name: "Note", REMEDIES.name: "Remedy"}
TREATMENT_QUESTIONS = {  # what names a treatment -> what is asked, and what stands there where none is named
    FOLLOW_UPS.name: ("About which treatment?", "Choose"),
    SIDE_EFFECTS.name: ("After which treatment?", "Not told: the latest before it began"),
}
TITLES = {
    "onset": "First noticed",
    "status_date": "Day of the note",
    "state": "How it was",
    "last_day": "Last day it was there",
    "words": "In the client's words",
    "touch_up_of": "Tops up (number of the treatment)",
    "kind": "Advised or used",
    "from_date": "From",
}
EMPTY_FIELD_HINT = "Change what is wrong; what is empty here is empty then."
HINT = {
    TREATMENTS.name: f"{EMPTY_FIELD_HINT} An area that is emptied is taken out.",
    FOLLOW_UPS.name: f"{EMPTY_FIELD_HINT} A side effect that was told at this contact is put right by itself.",
    SIDE_EFFECTS.name: f"{EMPTY_FIELD_HINT} A remedy that is emptied is taken out.",
}
GRADE = Choice(GRADE_WORDS)
DIMENSIONS = ("area", "side_effect", "product")

DrawnRows = list[tuple[SheetRow, dict[str, str]]]  # each line as it was, and the key of each of its fields


def draw_correction_form(
    version: RecordVersion, client_treatments: Mapping[str, TreatmentRow], attempt: int, on_stored: Callable[[], None]
) -> None:
    """The form. `of_client`: the client's treatments by the source's id, for what can be moved from one to another;
    `turn`: another one for each time it is begun anew; `on_stored` is called when it is on record."""
    kind = next(kind for kind in SHEETS if kind.name in version.rows)
    lines = [_grades_in_words(line) for line in version.rows[kind.name]]
    another = None
    if kind is TREATMENTS and lines[0].get("area"):
        another = {name: value for name, value in lines[0].items() if name not in ROW_FIELDS[kind.name]}
    key = f"correct_{version.source}_{version.record.source_id}_{attempt}"
    with st.form(key, border=True):
        st.caption(HINT[kind.name])
        told = _draw_treatment_choice(kind, lines[0], client_treatments, f"{key}_about")
        told |= _draw_fields(kind, RECORD_FIELDS[kind.name], lines[0], f"{key}_record", None)
        if kind is TREATMENTS:
            told |= {"client": f"{key}_client"}
            st.text_input("Client number, if it is another client's", key=told["client"], width=280)
            form_state.show_field_errors("client", FORM)
        drawn = {kind: _draw_rows(kind, lines, another, key)}
        if kind is SIDE_EFFECTS:
            of_effect = {"effect_id": version.record.source_id}
            drawn[REMEDIES] = _draw_rows(REMEDIES, version.rows[REMEDIES.name], of_effect, f"{key}_remedy")
        st.text_input("Why is it corrected?", key=f"{key}_why", placeholder="such as: typed into the wrong row")
        form_state.show_field_errors("why", FORM)
        st.form_submit_button("Store the correction", type="primary", on_click=_save_correction,
                              args=[version, kind, told, drawn, f"{key}_why", on_stored])  # fmt: skip


def _draw_treatment_choice(
    kind: SheetSchema, line: SheetRow, of_client: Mapping[str, TreatmentRow], key: str
) -> dict[str, str]:
    """The treatment that a contact or a side effect belongs to, to be moved to another one of the client."""
    now = line.get("treatment_id")
    if kind.name not in TREATMENT_QUESTIONS or (now and now not in of_client):
        return {}
    _set_initial_value(key, now)
    asked, nothing = TREATMENT_QUESTIONS[kind.name]
    st.selectbox(asked, list(of_client), None, key=key, placeholder=nothing,
                 format_func=lambda id_: form_state.describe_treatment(of_client[id_]))  # fmt: skip
    form_state.show_field_errors("treatment_id", FORM)
    return {"treatment_id": key}


def _draw_rows(kind: SheetSchema, lines: Sequence[SheetRow], another: SheetRow | None, key: str) -> DrawnRows:
    """The fields of each line, and of one to add: `another` says what it is about."""
    drawn: DrawnRows = []
    for row, line in enumerate([*lines, *([another] if another else [])], start=1):
        if not ROW_FIELDS[kind.name] or not _has_parts(kind, line):
            drawn.append((line, {}))
            continue
        name = ROW_TITLES[kind.name]
        st.markdown(f"**Another {name.lower()}**" if line is another else f"**{name} {formatting.count(row)}**")
        drawn.append((line, _draw_fields(kind, ROW_FIELDS[kind.name], line, f"{key}_{row}", row)))
    return drawn


def _has_parts(kind: SheetSchema, line: SheetRow) -> bool:
    """False of a side effect without any note."""
    return kind is not SIDE_EFFECTS or line.get("status_date") is not None


def _save_correction(
    read: RecordVersion, kind: SheetSchema, told: dict[str, str], drawn: Mapping[SheetSchema, DrawnRows], why: str,
    on_stored: Callable[[], None],
) -> None:  # fmt: skip
    of_record = {name: _entered_value(key) for name, key in told.items()}
    if of_record.get("client"):
        of_record["client_key"] = None
    kept, rows = dict(read.rows), {}
    for sheet, lines in drawn.items():
        stands = {TREATMENTS: _keeps_area, REMEDIES: _keeps_remedy}.get(sheet, lambda before, now: True)
        told_once = of_record if sheet is kind else {}
        kept[sheet.name], rows[sheet.title] = [], []
        for row, (before, keys) in enumerate(lines, start=1):
            now = {name: _entered_value(key) for name, key in keys.items()}
            if stands(before, now):
                kept[sheet.name].append(dict(before) | told_once | now)
                rows[sheet.title].append(row)
    if kind is TREATMENTS:
        kept[kind.name] = [line | {"line": n} for n, line in enumerate(kept[kind.name], start=1)]
    if form_state.save_corrected_record(FORM, read, st.session_state.get(why) or "", kept, "Stored: the correction."):
        on_stored()
    else:
        form_state.move_errors_to_rows(rows)


def _keeps_area(before: SheetRow, now: SheetRow) -> bool:
    """False where the area was emptied, to take it out; a source that tells no areas has lines without."""
    return bool(now.get("area")) or (before.get("area") is None and bool(now.get("product")))


def _keeps_remedy(before: SheetRow, now: SheetRow) -> bool:
    """False where the remedy was emptied, to take it out; whoever adds one without its name is asked for it."""
    return bool(now.get("remedy")) or (before.get("remedy") is None and any(now.values()))


def _grades_in_words(line: SheetRow) -> SheetRow:
    """Grades of the clinic's own scale as the words they are."""
    if line.get("grade_scale") != GRADE_WORDS_SCALE:
        return line
    return line | {"grade": GRADE_WORDS[line["grade"] - 1], "grade_scale": None}


def _entered_value(key: str) -> Any:
    value = st.session_state.get(key)
    return tuple(value) if isinstance(value, list) else value


# One field each


def _draw_fields(kind: SheetSchema, names: Sequence[str], line: SheetRow, key: str, row: int | None) -> dict[str, str]:
    """Draws the fields, four in a row; the key of each by its column."""
    columns = [column for name in names for column in kind.columns if column.name == name and _is_required(name, line)]
    keys = {}
    for first in range(0, len(columns), 4):
        for place, column in zip(st.columns(4), columns[first : first + 4], strict=False):
            keys[column.name] = f"{key}_{column.name}"
            with place:
                _draw_field(column, line.get(column.name), keys[column.name])
                form_state.show_field_errors(column.name, FORM, row)
    return keys


def _is_required(name: str, line: SheetRow) -> bool:
    """A scale is asked for grades that are numbers."""
    return name != "grade_scale" or line.get("grade_scale") is not None


def _draw_field(column: Column, value: Any, key: str) -> None:
    kind, title = column.type, TITLES.get(column.name, column.heading)
    if isinstance(kind, ListOf):
        st.multiselect(
            title,
            _value_choices(kind.item_type, value),
            list(value or ()),
            key=key,
            format_func=_label_function(column),
        )
    elif isinstance(kind, Code | Choice):
        options = _value_choices(
            GRADE if column.name == "grade" and value in (None, *GRADE_WORDS) else kind, _as_tuple(value)
        )
        _set_initial_value(key, str(value) if value else None)
        st.selectbox(title, options, None, key=key, format_func=_label_function(column), placeholder="Not told")
    elif isinstance(kind, Day):
        _set_initial_value(key, value)
        first, last = min(EARLIEST_DATE, value or EARLIEST_DATE), max(as_of_date(), value or EARLIEST_DATE)
        st.date_input(title, None, first, last, key=key, format="DD/MM/YYYY")
    elif isinstance(kind, Number):
        whole = isinstance(kind, Integer)
        _set_initial_value(key, value if value is None or whole else float(value))
        st.number_input(title, value=None, key=key, placeholder="Not told", min_value=0 if whole else 0.0,
                        format="%d" if whole else "%g")  # fmt: skip
    elif isinstance(kind, PartialDate):
        text = format_date_span(*value) if isinstance(value, tuple) else str(value or "")
        told = formatting.format_partial_date(text)
        st.text_input(title, told, key=key, placeholder="31 March 2026, or March 2026")
    else:
        st.text_input(title, value or "", key=key)


def _set_initial_value(key: str, value: Any) -> None:
    """What a field holds at the beginning. A default of its own would keep it from being emptied."""
    st.session_state.setdefault(key, value)


def _as_tuple(value: Any) -> tuple:
    return (value,) if value else ()


def _value_choices(kind: Code | Choice, now: Sequence[Any]) -> list[str]:
    """What may stand there, and what stands there now: a source has words of its own."""
    return list(dict.fromkeys([*kind.choices, *map(str, now or ())]))


def _label_function(column: Column) -> Callable[[str], str]:
    if column.name in DIMENSIONS:
        return lambda code: label(column.name, code)
    kind = column.type.item_type if isinstance(column.type, ListOf) else column.type
    if isinstance(kind, Code):
        return form_state.label_function(kind.entries)
    return lambda code: STATE_LABELS.get(code) or formatting.capitalize_first(code.replace("_", " "))
