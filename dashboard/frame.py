"""The frame of every page: red flags first, then the filters, then in words what is being counted."""

from dataclasses import replace
from datetime import date

import streamlit as st

from dashboard import access, loading, sentences
from dashboard.filters import Shown, shared_filters
from dashboard.labels import label
from data import cases, queries, results
from data.scope import WHOLE_CLINIC


def today() -> date:
    return date.today()


def draw() -> Shown | None:
    """Draws the frame and gives what is shown; None where this viewer has no treatments at all."""
    with st.sidebar:
        scope = access.viewing_as(
            loading.ask(queries.choices, WHOLE_CLINIC, "site"),
            loading.ask(queries.choices, WHOLE_CLINIC, "practitioner"),
        )
    span = loading.span(scope)
    if span is None:
        return None
    _red_flags(loading.ask(cases.red_flags, scope))
    shown = shared_filters(scope, span, today())
    _what_is_counted(shown)
    return shown


def _red_flags(found: list[cases.Case]) -> None:
    by_term: dict[str, list[cases.Case]] = {}
    for case in found:
        by_term.setdefault(case.side_effect, []).append(case)
    for term, same in by_term.items():
        text, link = st.columns([5, 1], vertical_alignment="center")
        name = label("side_effect", term).lower()
        text.warning(sentences.red_flag(len(same), name, same[0].onset), icon=":material/emergency:")
        link.page_link("dashboard/pages/cases.py", label="Open", query_params={"side_effect": term})


def _what_is_counted(shown: Shown) -> None:
    selection = shown.selection
    per_treatment = loading.ask(results.rates, shown.scope, selection, ())
    per_client = loading.ask(results.rates, shown.scope, replace(selection, unit="client"), ())
    treatments, clients = per_treatment[0], per_client[0]
    where = ", ".join(label("site", site) for site in selection.sites) or "all sites"
    st.markdown(
        sentences.what_is_counted(
            treatments.total,
            clients.total,
            shown.period,
            where,
            treatments.known,
            treatments.maturing,
            selection.mature_until,
        )
    )

