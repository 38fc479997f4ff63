"""A record as it is on record, field by field, to be put right: what it says then takes the place of what it said."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard import entering, frame, wording
from dashboard.labels import label
from data.cells import Choice, Code, Day, Number, Several, Span, Whole
from data.entry import AsRead, Line
from data.template import (
    FOLLOW_UPS,
    GRADE_WORDS,
    GRADE_WORDS_SCALE,
    SHEETS,
    SIDE_EFFECTS,
    TREATMENTS,
    Column,
    SheetKind,
)

FORM = "correction"
OF_THE_RECORD = {  # what is told once of a record; the other columns stand in each of its lines
    TREATMENTS.name: ("date", "site", "practitioner", "touch_up_of"),
    FOLLOW_UPS.name: ("date", "method", "outcome", "asked", "score", "scale"),
    SIDE_EFFECTS.name: ("side_effect", "area", "side", "onset", "came_to_light", "serious", "words"),
}
OF_A_LINE = {
    TREATMENTS.name: ("area", "side", "product", "lot", "expiry", "units", "points"),
    FOLLOW_UPS.name: (),
    SIDE_EFFECTS.name: ("status_date", "state", "grade", "grade_scale", "last_day"),
}
LINE = {TREATMENTS.name: "Area", SIDE_EFFECTS.name: "Note"}
TITLES = {
    "onset": "First noticed",
    "status_date": "Day of the note",
    "state": "How it was",
    "last_day": "Last day it was there",
    "words": "In the client's words",
    "touch_up_of": "Tops up (number of the treatment)",
}
WORDS = {"present": "Still there", "unknown": "Not sure"}
EMPTIED = "Change what is wrong; what is empty here is empty then."
HINT = {
    TREATMENTS.name: f"{EMPTIED} An area that is emptied is taken out.",
    FOLLOW_UPS.name: EMPTIED,
    SIDE_EFFECTS.name: EMPTIED,
}
GRADE = Choice(GRADE_WORDS)
DIMENSIONS = ("area", "side_effect", "product")


def draw(read: AsRead, turn: int, on_stored: Callable[[], None]) -> None:
    """The form. `turn`: another one for each time it is begun anew; `on_stored` is called when it is on record."""
    kind = next(kind for kind in SHEETS if kind.name in read.lines)
    lines = [_with_words(line) for line in read.lines[kind.name]]
    if kind is TREATMENTS and lines[0].get("area"):
        lines.append({name: value for name, value in lines[0].items() if name not in OF_A_LINE[kind.name]})
    key = f"correct_{read.source}_{read.record.source_id}_{turn}"
    with st.form(key, border=True):
        st.caption(HINT[kind.name])
        told = _fields(kind, OF_THE_RECORD[kind.name], lines[0], f"{key}_record", None)
        if kind is TREATMENTS:
            told |= {"client": f"{key}_client"}
            st.text_input("Client number, if it is another client's", key=told["client"], width=280)
            entering.beside("client", FORM)
        rows = []
        for row, line in enumerate(lines, start=1):
            if OF_A_LINE[kind.name] and _has_parts(kind, line):
                another = kind is TREATMENTS and row > len(read.lines[kind.name])
                st.markdown("**Another area**" if another else f"**{LINE[kind.name]} {row}**")
                rows.append((line, _fields(kind, OF_A_LINE[kind.name], line, f"{key}_{row}", row)))
            else:
                rows.append((line, {}))
        st.text_input("Why is it corrected?", key=f"{key}_why", placeholder="such as: typed into the wrong row")
        entering.beside("why", FORM)
        st.form_submit_button("Store the correction", type="primary", on_click=_store,
                              args=[read, kind, told, rows, f"{key}_why", on_stored])  # fmt: skip


def _has_parts(kind: SheetKind, line: Line) -> bool:
    """False of a side effect without any note."""
    return kind is not SIDE_EFFECTS or line.get("status_date") is not None


def _store(
    read: AsRead, kind: SheetKind, told: dict[str, str], rows: Sequence[tuple[Line, dict[str, str]]], why: str,
    on_stored: Callable[[], None],
) -> None:  # fmt: skip
    of_record = {name: _entered(key) for name, key in told.items()}
    if of_record.get("client"):
        of_record["client_key"] = None
    lines = [dict(line) | of_record | {name: _entered(key) for name, key in own.items()} for line, own in rows]
    if kind is TREATMENTS:
        lines = [line | {"line": n} for n, line in enumerate(lines, start=1) if _is_an_area(line, rows[n - 1][0])]
    kept = dict(read.lines) | {kind.name: lines}
    if entering.save_correction(FORM, read, st.session_state.get(why) or "", kept, "Stored: the correction."):
        on_stored()


def _is_an_area(line: Line, before: Line) -> bool:
    """False where the area was emptied, to take it out; a source that tells no areas has lines without."""
    return bool(line.get("area")) or (before.get("area") is None and bool(before.get("product")))


def _with_words(line: Line) -> Line:
    """Grades of the clinic's own scale as the words they are."""
    if line.get("grade_scale") != GRADE_WORDS_SCALE:
        return line
    return line | {"grade": GRADE_WORDS[line["grade"] - 1], "grade_scale": None}


def _entered(key: str) -> Any:
    value = st.session_state.get(key)
    return tuple(value) if isinstance(value, list) else value


# One field each


def _fields(kind: SheetKind, names: Sequence[str], line: Line, key: str, row: int | None) -> dict[str, str]:
    """Draws the fields, four in a row; the key of each by its column."""
    columns = [column for name in names for column in kind.columns if column.name == name and _needed(name, line)]
    keys = {}
    for first in range(0, len(columns), 4):
        for place, column in zip(st.columns(4), columns[first : first + 4], strict=False):
            keys[column.name] = f"{key}_{column.name}"
            with place:
                _field(column, line.get(column.name), keys[column.name])
                entering.beside(column.name, FORM, row)
    return keys


def _needed(name: str, line: Line) -> bool:
    """A scale is asked for grades that are numbers."""
    return name != "grade_scale" or line.get("grade_scale") is not None


def _field(column: Column, value: Any, key: str) -> None:
    kind, title = column.kind, TITLES.get(column.name, column.heading)
    if isinstance(kind, Several):
        st.multiselect(title, _choices(kind.one, value), list(value or ()), key=key, format_func=_called(column))
    elif isinstance(kind, Code | Choice):
        options = _choices(GRADE if column.name == "grade" and value in (None, *GRADE_WORDS) else kind, _one(value))
        index = options.index(str(value)) if value else None
        st.selectbox(title, options, index, key=key, format_func=_called(column), placeholder="Not told")
    elif isinstance(kind, Day):
        st.date_input(title, value, max_value=max(frame.today(), value or date.min), key=key, format="DD/MM/YYYY")
    elif isinstance(kind, Number):
        number = float(value) if value is not None and not isinstance(kind, Whole) else value
        lowest = 0 if isinstance(kind, Whole) else 0.0
        st.number_input(title, value=number, key=key, placeholder="Not told", min_value=lowest,
                        format="%d" if isinstance(kind, Whole) else "%g")  # fmt: skip
    elif isinstance(kind, Span):
        st.text_input(title, str(value or ""), key=key, placeholder="2026-03-31, or 2026-03")
    else:
        st.text_input(title, value or "", key=key)


def _one(value: Any) -> tuple:
    return (value,) if value else ()


def _choices(kind: Code | Choice, now: Sequence[Any]) -> list[str]:
    """What may stand there, and what stands there now: a source has words of its own."""
    return list(dict.fromkeys([*kind.choices, *map(str, now or ())]))


def _called(column: Column) -> Callable[[str], str]:
    if column.name in DIMENSIONS:
        return lambda code: label(column.name, code)
    kind = column.kind.one if isinstance(column.kind, Several) else column.kind
    if isinstance(kind, Code):
        return entering.labelled(kind.listed)
    return lambda code: WORDS.get(code) or wording.sentence(code.replace("_", " "))
