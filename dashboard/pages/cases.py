"""The cases behind any figure: a listing headed by its filter in words; a row opens the course of one case."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard import theme
from dashboard.components import case_courses, case_table, charts, data_table, downloads
from dashboard.figures import case_timeline
from dashboard.shell import case_filters, navigation, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, formatting
from dashboard.text.labels import STATE_LABELS, label
from data.analysis import cases
from data.analysis.cases import Case
from data.analysis.frames import as_rows
from data.reference import guidance
from models import codelist

GRID_KEY, STATE_KEY, EFFECT_KEY = "cases_grid", "cases_state", "cases_effect"  # keys of this page's widgets
STATES = {"Open or over": None, "Open": "1", "Over": "0"}
EVERY_EFFECT = "All side effects"
COLUMNS = {
    "Days": st.column_config.NumberColumn(help="From first noticed to gone, or to the last contact", format="%d"),
    "Area": st.column_config.TextColumn(width=195),
}


def main() -> None:
    shown: PageView = st.session_state.shown
    narrowed = _read_case_filter(shown)
    selection, by = narrowed.apply(shown.selection), narrowed.by
    total, still, treatments = query_cache.cached_query(cases.count_cases, shown.scope, selection, by)
    st.header(formatting.escape_markdown(case_filters.describe_case_filter(narrowed, shown)), anchor=False)
    _draw_controls(shown, narrowed)
    st.markdown(
        formatting.escape_markdown(case_sentences.describe_case_list(total, still, treatments, case_table.MAX_LISTED))
    )
    case = query_cache.cached_query(cases.find_case, shown.scope, narrowed.case) if narrowed.case is not None else None
    if not total and case is None:
        return
    # The case on the left: on a telephone it stands above a listing that would hide it.
    beside, listed = st.columns([2, 3], gap="medium") if case else (None, st.container())
    if case:
        with beside.container(key=f"{theme.LEVEL}_case"):
            _draw_case(shown, case)
    with listed:
        _draw_grid(shown, selection, by)


def _read_case_filter(shown: PageView) -> CaseFilter:
    parameters = {name: st.query_params.get_all(name) for name in case_filters.PARAMETERS if name in st.query_params}
    return case_filters.parse_case_filter(parameters, partial(query_cache.load_dimension_values, shown.scope))


def _draw_controls(shown: PageView, narrowed: CaseFilter) -> None:
    """The address bar is what counts: a link from a figure and a choice made here write the same place."""
    effects = [EVERY_EFFECT, *query_cache.load_dimension_values(shown.scope, "side_effect")]
    one = narrowed.side_effect[0] if len(narrowed.side_effect) == 1 else EVERY_EFFECT
    st.session_state[EFFECT_KEY] = one
    st.session_state[STATE_KEY] = {None: "Open or over", True: "Open", False: "Over"}[narrowed.open]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            "Side effect",
            effects,
            format_func=lambda code: EVERY_EFFECT if code == EVERY_EFFECT else label("side_effect", code),
            key=EFFECT_KEY,
            on_change=_choose_effect,
            label_visibility="collapsed",
            width=260,
        )
        st.selectbox("State", STATES, key=STATE_KEY, on_change=_choose_state, label_visibility="collapsed", width=150)
        if narrowed != CaseFilter():
            st.button("All cases", icon=":material/filter_alt_off:", type="tertiary", on_click=_clear_case)


def _choose_effect() -> None:
    _set_parameter("family", None)
    _set_parameter(
        "side_effect", None if st.session_state[EFFECT_KEY] == EVERY_EFFECT else st.session_state[EFFECT_KEY]
    )


def _choose_state() -> None:
    _set_parameter("open", STATES[st.session_state[STATE_KEY]])


def _clear_case() -> None:
    for name in case_filters.PARAMETERS:
        _set_parameter(name, None)


def _set_parameter(name: str, value: str | None) -> None:
    if value is not None:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _draw_grid(shown: PageView, selection, by: tuple[str, ...]) -> None:
    found, table = query_cache.cached_query(case_table.recent_cases, shown.scope, selection, by)
    if not found:
        return
    alt = "One row per side effect, the latest first; a row opens its course"
    data_table.draw_table(
        table, alt, GRID_KEY, on_choose=partial(_open_row, [case.number for case in found]), columns=COLUMNS
    )
    content = query_cache.deferred_query(case_table.cases_to_csv, shown.scope, selection, by)
    downloads.button("Download CSV", content, downloads.file_name("cases", "csv", selection))


def _open_row(numbers: Sequence[int], row: int | None) -> None:
    _set_parameter("case", None if row is None else str(numbers[row]))


def _draw_case(shown: PageView, case: Case) -> None:
    st.subheader(
        formatting.escape_markdown(f"Case {case.number}: {label('side_effect', case.side_effect)}"), anchor=False
    )
    st.markdown("  \n".join(formatting.escape_markdown(said) for said in _case_sentences(case)))
    _draw_advice(case)
    charts.draw_chart(
        case_timeline.draw([case_courses.case_line(case, label("side_effect", case.side_effect))]),
        f"case_{case.number}",
    )
    _draw_notes(shown, case)
    _draw_remedies(shown, case)
    with st.container(horizontal=True, gap="medium"):
        navigation.draw_link("new_record", "How is it now?", icon=":material/add_notes:", treatment=str(case.treatment))
        navigation.draw_link(
            "corrections", "Correct", icon=":material/edit:", kind="side_effects", number=str(case.number)
        )


def _case_sentences(case: Case) -> list[str]:
    return [
        case_sentences.describe_where_treated(case.treated_on, case.site, case.practitioner),
        case_sentences.describe_course(
            case.onset, case.onset_day, case_table.area_label(case), case.days, case.ended, case.end_exact, case.until
        ),
        f"Worst grade: {label('grade', case.grade) if case.grade else 'not graded'}. "
        f"Came to light: {case_table.came_to_light_label(case).lower()}.{' Serious.' if case.serious else ''}",
    ]


def _draw_advice(case: Case) -> None:
    if case.side_effect not in codelist.side_effects():
        return
    for advice in guidance.red_flag_advice(case.side_effect):
        text = f"{advice.when}, {advice.window}: {advice.action}. Source: {advice.source}."
        st.warning(formatting.escape_markdown(formatting.capitalize_first(text)), icon=":material/emergency:")


def _draw_notes(shown: PageView, case: Case) -> None:
    found = as_rows(query_cache.cached_query(cases.case_notes, shown.scope, case.number))
    if not found:
        st.caption("No status notes.")
        return
    table = {
        "On": [note.date for note in found],
        "It was": [STATE_LABELS[note.state] for note in found],
        "Last day there": [note.last_day for note in found],
        "Grade": [label("grade", note.grade) if note.grade else "" for note in found],
    }
    if not any(table["Last day there"]):
        del table["Last day there"]
    data_table.draw_table(table, "The status notes of this case, in their order")


def _draw_remedies(shown: PageView, case: Case) -> None:
    found = query_cache.cached_query(cases.case_remedies, shown.scope, case.number)
    if found.empty:
        return
    names = {kind: [_remedy(code) for code in found.remedy[found.kind == kind]] for kind in ("advised", "used")}
    st.caption(formatting.escape_markdown(case_sentences.describe_remedies(names["advised"], names["used"])))


def _remedy(code: str) -> str:
    row = codelist.remedies().get(code)
    return (row.label if row else code).lower()


main()
