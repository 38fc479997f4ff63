"""The cases behind any figure: a list under its filter in words; a row opens one case."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import theme
from dashboard.components import case_table, charts, data_table, downloads
from dashboard.figures import case_timeline
from dashboard.shell import case_filters, navigation, prose, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, formatting
from dashboard.text.labels import STATE_LABELS, UNATTRIBUTED_REASONS, grade_label, label
from data.analysis import cases
from data.reference import guidance
from models import codelist

# Keys of this page's widgets.
GRID_KEY, UNATTRIBUTED_KEY, STATE_KEY, EFFECT_KEY = "cases_grid", "cases_unattributed", "cases_state", "cases_effect"
UNATTRIBUTED_COLUMNS = ["case", "side_effect", "area", "status", "onset", "worst_grade", "flags", "reason"]
STATES = {"Open and ended": None, "Open": "1", "Ended": "0"}
EVERY_EFFECT = "All side effects"
COLUMNS = {
    "days": st.column_config.NumberColumn(
        "Days", help="From onset to the end, or to the last day recorded as present", format="%d"
    ),
    "area": st.column_config.TextColumn("Area", width=195),
}


def main() -> None:
    view: PageView = st.session_state.shown
    parameters = {name: st.query_params.get_all(name) for name in case_filters.PARAMETERS if name in st.query_params}
    known = partial(query_cache.load_dimension_values, view.scope)
    case_filter = case_filters.parse_case_filter(parameters, known)
    selection, by = case_filter.apply(view.selection), case_filter.by
    total, still, treatments = query_cache.cached_query(cases.count_cases, view.scope, selection, by)
    prose.draw_text(case_filters.describe_case_filter(case_filter, view), "header")
    _draw_controls(case_filter, known("side_effect"))
    prose.draw_text(case_sentences.describe_case_list(total, still, treatments, case_table.MAX_LISTED))
    unattributed = query_cache.cached_query(cases.unattributed_cases, view.scope, selection, case_table.MAX_LISTED)
    if len(unattributed):
        prose.draw_text(case_table.describe_unattributed(unattributed))
    number = case_filter.case
    case = query_cache.cached_query(cases.find_case, view.scope, number) if number is not None else None
    if not total and case is None and unattributed.empty:
        return
    # The case on the left: on a phone it comes first and the list does not hide it.
    beside, listed = st.columns([2, 3], gap="medium") if case else (None, st.container())
    if case:
        with beside.container(key=f"{theme.LEVEL}_case"):
            _draw_case(view, case)
    with listed:
        if total:
            found, table = query_cache.cached_query(case_table.recent_cases, view.scope, selection, by)
            _draw_list(table, "One row per side effect, the latest first; a row opens its course", GRID_KEY)
            content = query_cache.deferred_query(case_table.cases_to_csv, view.scope, selection, by)
            downloads.button("Download CSV", content, downloads.file_name("cases", "csv", selection))
        if len(unattributed):
            st.header("Without a treatment", anchor=False)
            reasons = unattributed.aside.map(UNATTRIBUTED_REASONS)
            table = case_table.case_table(unattributed).assign(reason=reasons)[UNATTRIBUTED_COLUMNS]
            _draw_list(table, "One row per side effect without a treatment, of all dates", UNATTRIBUTED_KEY)


def _draw_list(table: pd.DataFrame, alt: str, key: str) -> None:
    """A row opens its case."""
    numbers = [str(number) for number in table.case]
    data_table.draw_table(
        table,
        alt,
        key,
        on_choose=lambda row: navigation.set_parameters(case=None if row is None else numbers[row]),
        columns=COLUMNS,
    )


def _draw_controls(case_filter: CaseFilter, effects: Sequence[str]) -> None:
    """The address bar holds the filter: links from figures and the choices made here both write it."""
    one = case_filter.side_effect[0] if len(case_filter.side_effect) == 1 else EVERY_EFFECT
    st.session_state[EFFECT_KEY] = one
    st.session_state[STATE_KEY] = {None: "Open and ended", True: "Open", False: "Ended"}[case_filter.open]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.selectbox(
            "Side effect",
            [EVERY_EFFECT, *effects],
            format_func=lambda code: EVERY_EFFECT if code == EVERY_EFFECT else label("side_effect", code),
            key=EFFECT_KEY,
            on_change=_choose_effect,
            label_visibility="collapsed",
            width=260,
        )
        st.selectbox("Status", STATES, key=STATE_KEY, on_change=_choose_state, label_visibility="collapsed", width=150)
        if case_filter != CaseFilter():
            clear = partial(navigation.set_parameters, **dict.fromkeys(case_filters.PARAMETERS))
            st.button("All cases", icon=":material/filter_alt_off:", type="tertiary", on_click=clear)


def _choose_effect() -> None:
    chosen = st.session_state[EFFECT_KEY]
    navigation.set_parameters(family=None, side_effect=None if chosen == EVERY_EFFECT else chosen)


def _choose_state() -> None:
    navigation.set_parameters(open=STATES[st.session_state[STATE_KEY]])


def _draw_case(view: PageView, case: Any) -> None:
    name = label("side_effect", case.side_effect)
    prose.draw_text(f"Case {case.number}: {name}", "subheader")
    area = "area not recorded" if pd.isna(case.area) else case_table.area_label(case)
    sentences = (
        case_sentences.describe_where_treated(
            case.treated_on, case.site, case.practitioner, case.attribution, case.aside
        ),
        case_sentences.describe_course(
            case.onset, case.onset_day, area, case.days, case.ended, case.end_exact, case.until
        ),
        f"Worst grade: {grade_label(case.grade).lower()}. "
        f"Reported: {label('came_to_light', case.came_to_light).lower()}.{' Serious.' if case.serious else ''}",
    )
    st.markdown("  \n".join(formatting.escape_markdown(sentence) for sentence in sentences))
    if case.side_effect in codelist.side_effects():
        for advice in guidance.red_flag_advice(case.side_effect):
            text = f"{advice.when}, {advice.window}: {advice.action}. Source: {advice.source}."
            st.warning(formatting.escape_markdown(formatting.capitalize_first(text)), icon=":material/emergency:")
    charts.draw_chart(case_timeline.draw(pd.DataFrame([case]).assign(label=name)), f"case_{case.number}")
    _draw_notes(view, case)
    remedies = query_cache.cached_query(cases.case_remedies, view.scope, case.number)
    if len(remedies):
        advised, used = (
            [label("remedy", code).lower() for code in remedies.remedy[remedies.kind == kind]]
            for kind in ("advised", "used")
        )
        prose.draw_text(case_sentences.describe_remedies(advised, used), "caption")
    with st.container(horizontal=True, gap="medium"):
        if case.treatment is not None:
            named = str(case.treatment)
            navigation.draw_link("new_record", "How is it now?", icon=":material/add_notes:", treatment=named)
        navigation.link_to_correction("Correct", case.number, "side_effects")


def _draw_notes(view: PageView, case: Any) -> None:
    notes = query_cache.cached_query(cases.case_notes, view.scope, case.number)
    if notes.empty:
        st.caption("No status notes.")
        return
    table = pd.DataFrame(
        {
            "date": notes.date,
            "status": notes.state.map(STATE_LABELS),
            "last_day_present": notes.last_day,
            "grade": ["" if pd.isna(grade) else grade_label(grade) for grade in notes.grade],
        }
    )
    table = table.dropna(axis="columns", how="all")  # the last day is rarely recorded
    data_table.draw_table(table, "The status notes of this case, in order")
    grades = notes[["grade", "grade_scale"]].dropna().drop_duplicates().sort_values("grade")
    for row in grades.itertuples():
        if meaning := guidance.grade_meaning(case.side_effect, int(row.grade), row.grade_scale):
            prose.draw_text(meaning, "caption")


main()
