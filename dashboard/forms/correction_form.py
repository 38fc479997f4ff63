"""A record as it is on record, field by field, to be put right: what it says then takes the place of what it said."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard.forms import form_state
from dashboard.text import formatting
from dashboard.text.labels import STATES, label
from data.analysis.treatments import Given
from data.as_of import as_of_date
from data.importing.manual_entry import AsRead, Line
from data.schema.column_types import Choice, Code, Day, Number, Several, Span, Whole
from data.schema.template import (
    FOLLOW_UPS,
    GRADE_WORDS,
    GRADE_WORDS_SCALE,
    REMEDIES,
    SHEETS,
    SIDE_EFFECTS,
    TREATMENTS,
    Column,
    SheetKind,
)

FORM = "correction"
EARLIEST = date(1990, 1, 1)  # that a calendar offers: botulinum toxin has been licensed since 1989
OF_THE_RECORD = {  # what is told once of a record; the other columns stand in each of its lines
    TREATMENTS.name: ("date", "site", "practitioner", "touch_up_of"),
    FOLLOW_UPS.name: ("date", "method", "outcome", "asked", "score", "scale"),
    SIDE_EFFECTS.name: ("side_effect", "area", "side", "onset", "came_to_light", "serious", "words"),
}
OF_A_LINE = {
    TREATMENTS.name: ("area", "side", "product", "lot", "expiry", "units", "points"),
    FOLLOW_UPS.name: (),
    SIDE_EFFECTS.name: ("status_date", "state", "grade", "grade_scale", "last_day"),
    REMEDIES.name: ("remedy", "kind", "from_date"),
}
LINE = {TREATMENTS.name: "Area", SIDE_EFFECTS.name: "Note", REMEDIES.name: "Remedy"}
ABOUT = {  # what names a treatment -> what is asked, and what stands there where none is named
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
EMPTIED = "Change what is wrong; what is empty here is empty then."
HINT = {
    TREATMENTS.name: f"{EMPTIED} An area that is emptied is taken out.",
    FOLLOW_UPS.name: f"{EMPTIED} A side effect that was told at this contact is put right by itself.",
    SIDE_EFFECTS.name: f"{EMPTIED} A remedy that is emptied is taken out.",
}
GRADE = Choice(GRADE_WORDS)
DIMENSIONS = ("area", "side_effect", "product")

Drawn = list[tuple[Line, dict[str, str]]]  # each line as it was, and the key of each of its fields


def draw(read: AsRead, of_client: Mapping[str, Given], turn: int, on_stored: Callable[[], None]) -> None:
    """The form. `of_client`: the client's treatments by the source's id, for what can be moved from one to another;
    `turn`: another one for each time it is begun anew; `on_stored` is called when it is on record."""
    kind = next(kind for kind in SHEETS if kind.name in read.lines)
    lines = [_with_words(line) for line in read.lines[kind.name]]
    another = None
    if kind is TREATMENTS and lines[0].get("area"):
        another = {name: value for name, value in lines[0].items() if name not in OF_A_LINE[kind.name]}
    key = f"correct_{read.source}_{read.record.source_id}_{turn}"
    with st.form(key, border=True):
        st.caption(HINT[kind.name])
        told = _about(kind, lines[0], of_client, f"{key}_about")
        told |= _fields(kind, OF_THE_RECORD[kind.name], lines[0], f"{key}_record", None)
        if kind is TREATMENTS:
            told |= {"client": f"{key}_client"}
            st.text_input("Client number, if it is another client's", key=told["client"], width=280)
            form_state.beside("client", FORM)
        drawn = {kind: _lines(kind, lines, another, key)}
        if kind is SIDE_EFFECTS:
            of_effect = {"effect_id": read.record.source_id}
            drawn[REMEDIES] = _lines(REMEDIES, read.lines[REMEDIES.name], of_effect, f"{key}_remedy")
        st.text_input("Why is it corrected?", key=f"{key}_why", placeholder="such as: typed into the wrong row")
        form_state.beside("why", FORM)
        st.form_submit_button("Store the correction", type="primary", on_click=_store,
                              args=[read, kind, told, drawn, f"{key}_why", on_stored])  # fmt: skip


def _about(kind: SheetKind, line: Line, of_client: Mapping[str, Given], key: str) -> dict[str, str]:
    """The treatment that a contact or a side effect belongs to, to be moved to another one of the client."""
    now = line.get("treatment_id")
    if kind.name not in ABOUT or (now and now not in of_client):
        return {}
    _holds(key, now)
    asked, nothing = ABOUT[kind.name]
    st.selectbox(asked, list(of_client), None, key=key, placeholder=nothing,
                 format_func=lambda id_: form_state.told(of_client[id_]))  # fmt: skip
    form_state.beside("treatment_id", FORM)
    return {"treatment_id": key}


def _lines(kind: SheetKind, lines: Sequence[Line], another: Line | None, key: str) -> Drawn:
    """The fields of each line, and of one to add: `another` says what it is about."""
    drawn: Drawn = []
    for row, line in enumerate([*lines, *([another] if another else [])], start=1):
        if not OF_A_LINE[kind.name] or not _has_parts(kind, line):
            drawn.append((line, {}))
            continue
        name = LINE[kind.name]
        st.markdown(f"**Another {name.lower()}**" if line is another else f"**{name} {formatting.count(row)}**")
        drawn.append((line, _fields(kind, OF_A_LINE[kind.name], line, f"{key}_{row}", row)))
    return drawn


def _has_parts(kind: SheetKind, line: Line) -> bool:
    """False of a side effect without any note."""
    return kind is not SIDE_EFFECTS or line.get("status_date") is not None


def _store(
    read: AsRead, kind: SheetKind, told: dict[str, str], drawn: Mapping[SheetKind, Drawn], why: str,
    on_stored: Callable[[], None],
) -> None:  # fmt: skip
    of_record = {name: _entered(key) for name, key in told.items()}
    if of_record.get("client"):
        of_record["client_key"] = None
    kept, rows = dict(read.lines), {}
    for sheet, lines in drawn.items():
        stands = {TREATMENTS: _is_an_area, REMEDIES: _is_a_remedy}.get(sheet, lambda before, now: True)
        told_once = of_record if sheet is kind else {}
        kept[sheet.name], rows[sheet.title] = [], []
        for row, (before, keys) in enumerate(lines, start=1):
            now = {name: _entered(key) for name, key in keys.items()}
            if stands(before, now):
                kept[sheet.name].append(dict(before) | told_once | now)
                rows[sheet.title].append(row)
    if kind is TREATMENTS:
        kept[kind.name] = [line | {"line": n} for n, line in enumerate(kept[kind.name], start=1)]
    if form_state.save_correction(FORM, read, st.session_state.get(why) or "", kept, "Stored: the correction."):
        on_stored()
    else:
        form_state.put_beside(rows)


def _is_an_area(before: Line, now: Line) -> bool:
    """False where the area was emptied, to take it out; a source that tells no areas has lines without."""
    return bool(now.get("area")) or (before.get("area") is None and bool(now.get("product")))


def _is_a_remedy(before: Line, now: Line) -> bool:
    """False where the remedy was emptied, to take it out; whoever adds one without its name is asked for it."""
    return bool(now.get("remedy")) or (before.get("remedy") is None and any(now.values()))


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
                form_state.beside(column.name, FORM, row)
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
        _holds(key, str(value) if value else None)
        st.selectbox(title, options, None, key=key, format_func=_called(column), placeholder="Not told")
    elif isinstance(kind, Day):
        _holds(key, value)
        st.date_input(title, None, min(EARLIEST, value or EARLIEST), max(as_of_date(), value or EARLIEST), key=key,
                      format="DD/MM/YYYY")  # fmt: skip
    elif isinstance(kind, Number):
        whole = isinstance(kind, Whole)
        _holds(key, value if value is None or whole else float(value))
        st.number_input(title, value=None, key=key, placeholder="Not told", min_value=0 if whole else 0.0,
                        format="%d" if whole else "%g")  # fmt: skip
    elif isinstance(kind, Span):
        told = formatting.day_or_month(str(value or ""))
        st.text_input(title, told, key=key, placeholder="31 March 2026, or March 2026")
    else:
        st.text_input(title, value or "", key=key)


def _holds(key: str, value: Any) -> None:
    """What a field holds at the beginning. A default of its own would keep it from being emptied."""
    st.session_state.setdefault(key, value)


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
        return form_state.labelled(kind.listed)
    return lambda code: STATES.get(code) or formatting.sentence(code.replace("_", " "))
