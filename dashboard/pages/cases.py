"""The cases behind any figure: a list under its filter in words; a row opens one case."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import theme
from dashboard.components import case_card, case_table, data_table, downloads
from dashboard.forms import form_state, review_form
from dashboard.shell import case_filters, navigation, prose, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences
from dashboard.text.labels import UNATTRIBUTED_REASONS, label
from data.analysis import cases

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
    form_state.show_save_result()
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
    # The case on the left and its review before the list: on a phone the list hides neither.
    beside, listed = st.columns([2, 3], gap="medium") if case else (None, st.container())
    if case:
        with beside.container(key=f"{theme.LEVEL}_case"):
            case_card.draw_case_card(view, case)
    with listed:
        if case:
            review_form.draw_review(case)
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


main()
