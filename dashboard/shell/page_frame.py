"""The frame of every page: red flags on top, then title and filters, then in words what is being counted."""

from dataclasses import replace

import streamlit as st

from dashboard.shell import access, navigation, query_cache
from dashboard.shell.filters import PageView, shared_filters
from dashboard.text import coverage_sentences, formatting
from dashboard.text.labels import label
from data.analysis import cases, counts
from data.as_of import as_of_date


def draw_page_frame(title: formatting.Markdown) -> PageView | None:
    """Draw the frame and return the view; None if this viewer has no treatments."""
    if not query_cache.has_records():
        st.title(title, anchor=False)
        return None
    with st.sidebar:
        scope = access.choose_scope()
        if query_cache.has_sample_data():
            st.markdown("This is the sample clinic.")
            navigation.draw_link("import_records", "Remove sample data", icon=":material/undo:")
    span = query_cache.load_date_range(scope)
    if span is None:
        st.title(title, anchor=False)
        return None
    _draw_red_flags(query_cache.cached_query(cases.unreviewed_red_flags, scope))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False)
        # One container: on a phone, where they do not fit next to the title, they share the line below it.
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            shown = shared_filters(scope, span, as_of_date())
    _draw_denominator(shown)
    return shown


def _draw_red_flags(found: list[cases.Case]) -> None:
    if not found:
        return
    by_term: dict[str, list[cases.Case]] = {}
    for case in found:
        by_term.setdefault(case.side_effect, []).append(case)
    said = [
        coverage_sentences.describe_red_flags(len(same), label("side_effect", term).lower(), same[0].onset)
        for term, same in by_term.items()
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.warning(formatting.escape_markdown(" ".join(said)), icon=":material/emergency:")
        one = found[0].number if len(found) == 1 else None
        case = {"case": str(one)} if one else {}
        open_them = (
            formatting.escape_markdown(f"Open case {one}") if one else f"Open all {formatting.count(len(found))}"
        )
        navigation.draw_link("cases", open_them, icon=":material/arrow_forward:", red_flag="1", **case)


def _draw_denominator(shown: PageView) -> None:
    selection = shown.selection
    of_treatments = replace(selection, unit="treatment")
    known, treatments, maturing = query_cache.cached_query(counts.denominators, shown.scope, of_treatments, ())[()]
    clients = query_cache.cached_query(counts.count_clients, shown.scope, selection)
    said = coverage_sentences.describe_denominator(
        treatments, clients, shown.period_text, shown.filter_text, known, maturing, selection.mature_until
    )
    badge = " :orange-badge[Sample data]" if query_cache.has_sample_data() else ""
    st.markdown(formatting.escape_markdown(said) + badge)
