"""The frame of every page: red flags, title and filters, and a sentence with the denominator."""

from dataclasses import replace

import streamlit as st

from dashboard.shell import access, navigation, prose, query_cache
from dashboard.shell.filters import PageView, shared_filters
from dashboard.text import coverage_sentences, formatting
from dashboard.text.labels import label
from dashboard.text.sample_sentences import HIDDEN_SIGNALS
from data.analysis import cases, counts
from data.analysis.frames import as_rows
from data.analysis.scope import WHOLE_CLINIC
from data.as_of import as_of_date


def draw_page_frame(title: formatting.Markdown) -> PageView | None:
    """Draw the frame and return the selected view; None for a viewer without any treatment."""
    if not query_cache.has_records():
        st.title(title, anchor=False)
        return None
    with st.sidebar:
        scope = access.choose_scope()
        if query_cache.has_sample_data():
            if scope == WHOLE_CLINIC:  # it names practitioners
                with st.popover("What is hidden in the sample", type="tertiary", width="content"):
                    for signal in HIDDEN_SIGNALS:
                        prose.draw_text(signal)
            navigation.draw_link("import_records", "Remove sample data", icon=":material/undo:")
    span = query_cache.load_date_range(scope)
    if span is None:
        st.title(title, anchor=False)
        return None
    _draw_red_flags(as_rows(query_cache.cached_query(cases.unreviewed_red_flags, scope), cases.Case))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False)
        # In one container: on a phone, without room beside the title, they share the line below it.
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            view = shared_filters(scope, span, as_of_date())
    selection = replace(view.selection, unit="treatment")
    (row,) = query_cache.cached_query(counts.denominators, view.scope, selection, ()).itertuples()
    clients = query_cache.cached_query(counts.count_clients, view.scope, selection)
    text = coverage_sentences.describe_denominator(
        row.treated,
        clients,
        view.period_text,
        view.filter_text,
        row.followed_up,
        row.in_follow_up,
        selection.past_follow_up_until,
    )
    badge = " :orange-badge[Sample data]" if query_cache.has_sample_data() else ""
    st.markdown(formatting.escape_markdown(text) + badge)
    return view


def _draw_red_flags(found: list[cases.Case]) -> None:
    if not found:
        return
    by_term: dict[str, list[cases.Case]] = {}
    for case in found:
        by_term.setdefault(case.side_effect, []).append(case)
    text = " ".join(
        coverage_sentences.describe_red_flags(len(flags), label("side_effect", term).lower(), flags[0].onset)
        for term, flags in by_term.items()
    )
    number = str(found[0].number)
    opened = f"Open case {number}" if len(found) == 1 else f"Open all {formatting.count(len(found))}"
    filters = {"red_flag": "1"} | ({"case": number} if len(found) == 1 else {})
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.warning(formatting.escape_markdown(text), icon=":material/emergency:")
        link = formatting.escape_markdown(opened)
        navigation.draw_link("cases", link, **filters)
