"""A record as it is on record, field by field: what the form says replaces it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard.forms import form_state
from dashboard.text import formatting
from dashboard.text.labels import STATE_LABELS
from data.analysis.treatments import TreatmentRow
from data.as_of import as_of_date
from data.importing import corrections
from data.importing.corrections import RecordVersion
from data.importing.manual_entry import SheetRow
from data.records.serialization import format_date_span
from data.schema.column_types import Choice, Code, ListOf
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import Integer, Number
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
EARLIEST_DATE = date(1990, 1, 1)  # in the calendar: botulinum toxin has been licensed since 1989
RECORD_FIELDS = {  # the record has these once; its other fields are in each row
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
TREATMENT_QUESTIONS = {  # the title of the choice of a treatment, and its text while none is chosen
    FOLLOW_UPS.name: ("About which treatment?", "Choose"),
    SIDE_EFFECTS.name: ("After which treatment?", "Not recorded: the latest before the onset"),
}
TITLES = {
    "onset": "Onset",
    "status_date": "Day of the note",
    "state": "Status",
    "last_day": "Last day present",
    "words": "In the client's words",
    "touch_up_of": "Touch-up of (number of the treatment)",
    "kind": "Advised or used",
    "from_date": "From",
}
EMPTY_FIELD_HINT = "Change what is wrong. Fields that you empty are stored as empty."
HINTS = {
    TREATMENTS.name: f"{EMPTY_FIELD_HINT} Empty an area to remove it.",
    FOLLOW_UPS.name: f"{EMPTY_FIELD_HINT} Correct a side effect of this contact on its own page.",
    SIDE_EFFECTS.name: f"{EMPTY_FIELD_HINT} Empty a remedy to remove it.",
}
GRADE = Choice(GRADE_WORDS)

DrawnRows = list[tuple[SheetRow, dict[str, str]]]  # each row as it was, and the key of each of its fields


def draw_correction_form(
    version: RecordVersion, client_treatments: Mapping[str, TreatmentRow], attempt: int, on_saved: Callable[[], None]
) -> None:
    """`client_treatments`: treatments that the record can be moved to, by the source's id; `attempt` changes to start
    over; `on_saved` is called when the correction is on record."""
    sheet = next(sheet for sheet in SHEETS if sheet.name in version.rows)
    rows = [  # a grade on the clinic's own scale as its word
        row | {"grade": GRADE_WORDS[row["grade"] - 1], "grade_scale": None}
        if row.get("grade_scale") == GRADE_WORDS_SCALE
        else row
        for row in version.rows[sheet.name]
    ]
    new_row = None
    if sheet is TREATMENTS and rows[0].get("area"):
        new_row = {name: value for name, value in rows[0].items() if name not in ROW_FIELDS[sheet.name]}
    key = f"correct_{version.source}_{version.record.source_id}_{attempt}"
    with st.form(key, border=True):
        st.caption(HINTS[sheet.name])
        keys = _draw_treatment_choice(sheet, rows[0], client_treatments, f"{key}_about")
        keys |= _draw_fields(sheet, RECORD_FIELDS[sheet.name], rows[0], f"{key}_record", None)
        if sheet is TREATMENTS:
            keys |= {"client": f"{key}_client"}
            st.text_input("Client number, if it is another client's", key=keys["client"], width=280)
            form_state.show_field_errors(FORM, "client")
        drawn = {sheet: _draw_rows(sheet, rows, new_row, key)}
        if sheet is SIDE_EFFECTS:
            new_remedy = {"effect_id": version.record.source_id}
            drawn[REMEDIES] = _draw_rows(REMEDIES, version.rows[REMEDIES.name], new_remedy, f"{key}_remedy")
        st.text_input("Why is it corrected?", key=f"{key}_why", placeholder="such as: typed into the wrong row")
        form_state.show_field_errors(FORM, "why")
        st.form_submit_button("Save the correction", type="primary", on_click=_save_correction,
                              args=[version, sheet, keys, drawn, f"{key}_why", on_saved])  # fmt: skip


def _draw_treatment_choice(
    sheet: SheetSchema, row: SheetRow, client_treatments: Mapping[str, TreatmentRow], key: str
) -> dict[str, str]:
    """The treatment of a contact or a side effect, which can be moved to another one of the client."""
    current = row.get("treatment_id")
    if sheet.name not in TREATMENT_QUESTIONS or (current and current not in client_treatments):
        return {}
    st.session_state.setdefault(key, current)
    title, empty = TREATMENT_QUESTIONS[sheet.name]
    st.selectbox(title, list(client_treatments), None, key=key, placeholder=empty,
                 format_func=lambda id_: form_state.describe_treatment(client_treatments[id_]))  # fmt: skip
    form_state.show_field_errors(FORM, "treatment_id")
    return {"treatment_id": key}


def _draw_rows(sheet: SheetSchema, rows: Sequence[SheetRow], new_row: SheetRow | None, key: str) -> DrawnRows:
    """The fields of each row, and of `new_row` to add one."""
    drawn: DrawnRows = []
    for number, row in enumerate([*rows, *([new_row] if new_row else [])], start=1):
        without_note = sheet is SIDE_EFFECTS and row.get("status_date") is None
        if without_note or not ROW_FIELDS[sheet.name]:
            drawn.append((row, {}))
            continue
        title = ROW_TITLES[sheet.name]
        st.markdown(f"**Another {title.lower()}**" if row is new_row else f"**{title} {formatting.count(number)}**")
        drawn.append((row, _draw_fields(sheet, ROW_FIELDS[sheet.name], row, f"{key}_{number}", number)))
    return drawn


def _save_correction(
    version: RecordVersion, sheet: SheetSchema, keys: dict[str, str], drawn: Mapping[SheetSchema, DrawnRows],
    why_key: str, on_saved: Callable[[], None],
) -> None:  # fmt: skip
    record_values = {name: _entered_value(key) for name, key in keys.items()}
    if record_values.get("client"):
        record_values["client_key"] = None
    rows, form_rows = dict(version.rows), {}
    for one_sheet, drawn_rows in drawn.items():
        rows[one_sheet.name], form_rows[one_sheet.title] = [], []
        for number, (old, row_keys) in enumerate(drawn_rows, start=1):
            new = {name: _entered_value(key) for name, key in row_keys.items()}
            if _is_kept(one_sheet, old, new):
                rows[one_sheet.name].append(dict(old) | (record_values if one_sheet is sheet else {}) | new)
                form_rows[one_sheet.title].append(number)
    if sheet is TREATMENTS:
        rows[sheet.name] = [row | {"line": n} for n, row in enumerate(rows[sheet.name], start=1)]
    arguments = (version, form_state.current_user(), st.session_state.get(why_key) or "", rows)
    if form_state.save(FORM, "Saved: the correction.", corrections.save_correction, *arguments):
        on_saved()
    else:
        form_state.move_errors_to_rows(form_rows)


def _is_kept(sheet: SheetSchema, old: SheetRow, new: SheetRow) -> bool:
    """False for an area or a remedy that was emptied to remove it. Rows without one count if anything is filled in:
    some sources record no areas, and a new remedy without its name is a problem to show."""
    if sheet is TREATMENTS:
        return bool(new.get("area")) or (old.get("area") is None and bool(new.get("product")))
    if sheet is REMEDIES:
        return bool(new.get("remedy")) or (old.get("remedy") is None and any(new.values()))
    return True


def _entered_value(key: str) -> Any:
    value = st.session_state.get(key)
    return tuple(value) if isinstance(value, list) else value


def _draw_fields(sheet: SheetSchema, names: Sequence[str], row: SheetRow, key: str, number: int | None) -> dict:
    """Draw the fields, four side by side; return their keys by column. A scale is shown only for numeric grades."""
    is_shown = {name: name != "grade_scale" or row.get(name) is not None for name in names}
    columns = [column for name in names for column in sheet.columns if column.name == name and is_shown[name]]
    keys = {column.name: f"{key}_{column.name}" for column in columns}
    for at, column in enumerate(columns):
        if at % 4 == 0:
            places = st.columns(4)
        with places[at % 4]:
            _draw_field(column, row.get(column.name), keys[column.name])
            form_state.show_field_errors(FORM, column.name, row=number)
    return keys


def _draw_field(column: Column, value: Any, key: str) -> None:
    """A field with its current value in the session: a default of its own could not be emptied."""
    kind, title = column.type, TITLES.get(column.name, column.heading)
    if isinstance(kind, ListOf):
        options = list(dict.fromkeys([*kind.item_type.choices, *(value or ())]))
        st.multiselect(title, options, list(value or ()), key=key, format_func=_label_function(column))
    elif isinstance(kind, Code | Choice):
        if column.name == "grade" and value in (None, *GRADE_WORDS):
            kind = GRADE
        current = str(value) if value else None
        options = list(dict.fromkeys([*kind.choices, *([current] if current else [])]))  # a source has its own words
        st.session_state.setdefault(key, current)
        st.selectbox(title, options, None, key=key, format_func=_label_function(column), placeholder="Not recorded")
    elif isinstance(kind, Day):
        st.session_state.setdefault(key, value)
        first, last = min(EARLIEST_DATE, value or EARLIEST_DATE), max(as_of_date(), value or EARLIEST_DATE)
        st.date_input(title, None, first, last, key=key, format=formatting.DATE_FIELD)
    elif isinstance(kind, Number):
        whole = isinstance(kind, Integer)
        st.session_state.setdefault(key, value if value is None or whole else float(value))
        st.number_input(title, value=None, key=key, placeholder="Not recorded", min_value=0 if whole else 0.0,
                        format="%d" if whole else "%g")  # fmt: skip
    elif isinstance(kind, PartialDate):
        text = format_date_span(*value) if isinstance(value, tuple) else str(value or "")
        example = "Mar 31, 2026, or March 2026"
        st.text_input(title, formatting.format_partial_date(text), key=key, placeholder=example)
    else:
        st.text_input(title, value or "", key=key)


def _label_function(column: Column) -> Callable[[str], str]:
    kind = column.type.item_type if isinstance(column.type, ListOf) else column.type
    if isinstance(kind, Code):
        labels = {code: row.label for code, row in kind.entries().items()}
        return lambda code: labels.get(code) or formatting.capitalize_first(str(code))
    return lambda code: STATE_LABELS.get(code) or formatting.capitalize_first(code.replace("_", " "))
