"""The cases behind any figure: a listing headed by its filter in words; a row opens the course of one case."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import theme
from dashboard.components import case_courses, case_table, charts, data_table, downloads
from dashboard.figures import case_timeline
from dashboard.forms import contact_form
from dashboard.shell import case_filters, navigation, query_cache
from dashboard.shell.case_filters import Narrowing
from dashboard.shell.filters import Shown
from dashboard.text import case_sentences, formatting
from dashboard.text.labels import label
from data.analysis import cases
from data.analysis.cases import Case
from data.reference import guidance
from models import codelist

GRID, STATE, EFFECT = "cases_grid", "cases_state", "cases_effect"  # keys of this page's widgets
STATES = {"Open or over": None, "Open": "1", "Over": "0"}
EVERY = "All side effects"
COLUMNS = {
    "Days": st.column_config.NumberColumn(help="From first noticed to gone, or to the last contact", format="%d"),
    "Area": st.column_config.TextColumn(width=195),
}


def main() -> None:
    shown: Shown = st.session_state.shown
    narrowed = _asked_for(shown)
    selection, by = narrowed.apply(shown.selection), narrowed.by
    total, still, treatments = query_cache.ask(cases.how_many, shown.scope, selection, by)
    st.header(formatting.as_text(case_filters.in_words(narrowed, shown)), anchor=False)
    _controls(shown, narrowed)
    st.markdown(formatting.as_text(case_sentences.listed(total, still, treatments, case_table.MOST_LISTED)))
    case = query_cache.ask(cases.case_of, shown.scope, narrowed.case) if narrowed.case is not None else None
    if not total and case is None:
        return
    # The case on the left: on a telephone it stands above a listing that would hide it.
    beside, listed = st.columns([2, 3], gap="medium") if case else (None, st.container())
    if case:
        with beside.container(key=f"{theme.LEVEL}_case"):
            _one(shown, case)
    with listed:
        _grid(shown, selection, by)


def _asked_for(shown: Shown) -> Narrowing:
    parameters = {name: st.query_params.get_all(name) for name in case_filters.PARAMETERS if name in st.query_params}
    return case_filters.read(parameters, partial(query_cache.values, shown.scope))


def _controls(shown: Shown, narrowed: Narrowing) -> None:
    """The address bar is what counts: a link from a figure and a choice made here write the same place."""
    effects = [EVERY, *query_cache.values(shown.scope, "side_effect")]
    one = narrowed.side_effect[0] if len(narrowed.side_effect) == 1 else EVERY
    st.session_state[EFFECT] = one
    st.session_state[STATE] = {None: "Open or over", True: "Open", False: "Over"}[narrowed.open]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            "Side effect",
            effects,
            format_func=lambda code: EVERY if code == EVERY else label("side_effect", code),
            key=EFFECT,
            on_change=_choose_effect,
            label_visibility="collapsed",
            width=260,
        )
        st.selectbox("State", STATES, key=STATE, on_change=_choose_state, label_visibility="collapsed", width=150)
        if narrowed != Narrowing():
            st.button("All cases", icon=":material/filter_alt_off:", type="tertiary", on_click=_forget)


def _choose_effect() -> None:
    _put("family", None)
    _put("side_effect", None if st.session_state[EFFECT] == EVERY else st.session_state[EFFECT])


def _choose_state() -> None:
    _put("open", STATES[st.session_state[STATE]])


def _forget() -> None:
    for name in case_filters.PARAMETERS:
        _put(name, None)


def _put(name: str, value: str | None) -> None:
    if value is not None:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _grid(shown: Shown, selection, by: tuple[str, ...]) -> None:
    found, table = query_cache.ask(case_table.most_recent, shown.scope, selection, by)
    if not found:
        return
    alt = "One row per side effect, the latest first; a row opens its course"
    data_table.draw(table, alt, GRID, on_choose=partial(_open_row, [case.number for case in found]), columns=COLUMNS)
    content = query_cache.later(case_table.as_csv, shown.scope, selection, by)
    downloads.button("Download CSV", content, downloads.file_name("cases", "csv", selection))


def _open_row(numbers: Sequence[int], row: int | None) -> None:
    _put("case", None if row is None else str(numbers[row]))


def _one(shown: Shown, case: Case) -> None:
    st.subheader(formatting.as_text(f"Case {case.number}: {label('side_effect', case.side_effect)}"), anchor=False)
    st.markdown("  \n".join(formatting.as_text(said) for said in _told(case)))
    _what_to_do(case)
    charts.draw(
        case_timeline.draw([case_courses.line(case, label("side_effect", case.side_effect))]), f"case_{case.number}"
    )
    _notes(shown, case)
    _remedies(shown, case)
    with st.container(horizontal=True, gap="medium"):
        navigation.link("new_record", "How is it now?", icon=":material/add_notes:", treatment=str(case.treatment))
        navigation.link("corrections", "Correct", icon=":material/edit:", kind="side_effects", number=str(case.number))


def _told(case: Case) -> list[str]:
    return [
        case_sentences.treated(case.treated_on, case.site, case.practitioner),
        case_sentences.course(
            case.onset, case.onset_day, case_table.where(case), case.days, case.ended, case.end_exact, case.until
        ),
        f"Worst grade: {label('grade', case.grade) if case.grade else 'not graded'}. "
        f"Came to light: {case_table.came_to_light(case).lower()}.{' Serious.' if case.serious else ''}",
    ]


def _what_to_do(case: Case) -> None:
    if case.side_effect not in codelist.side_effects():
        return
    for advice in guidance.red_flags(case.side_effect):
        text = f"{advice.when}, {advice.window}: {advice.action}. Source: {advice.source}."
        st.warning(formatting.as_text(formatting.sentence(text)), icon=":material/emergency:")


def _notes(shown: Shown, case: Case) -> None:
    found = query_cache.ask(cases.notes, shown.scope, case.number)
    if not found:
        st.caption("No status notes.")
        return
    table = {
        "On": [note.date for note in found],
        "It was": [contact_form.STATES[note.state] for note in found],
        "Last day there": [note.last_day for note in found],
        "Grade": [label("grade", note.grade) if note.grade else "" for note in found],
    }
    if not any(table["Last day there"]):
        del table["Last day there"]
    data_table.draw(table, "The status notes of this case, in their order")


def _remedies(shown: Shown, case: Case) -> None:
    found = query_cache.ask(cases.remedies_of, shown.scope, case.number)
    if not found:
        return
    names = {kind: [_remedy(code) for code, how in found if how == kind] for kind in ("advised", "used")}
    st.caption(formatting.as_text(case_sentences.remedies(names["advised"], names["used"])))


def _remedy(code: str) -> str:
    row = codelist.remedies().get(code)
    return (row.label if row else code).lower()


main()
