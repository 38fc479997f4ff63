"""Who is looking: the Scope of this viewer. Every read of every page goes through it."""

import streamlit as st

from dashboard.filters import once_in_the_address
from data.scope import WHOLE_CLINIC, Scope

WHOLE = "Whole clinic"


def viewing_as(sites: list[str], practitioners: list[str]) -> Scope:
    """The widget that chooses the viewer, kept in the address bar; gives the Scope of that viewer."""
    options = [WHOLE, *(f"Site: {site}" for site in sites), *(f"Practitioner: {name}" for name in practitioners)]
    once_in_the_address("as")
    chosen = st.selectbox("Viewing as", options, key="as", bind="query-params")
    kind, _, who = (chosen or WHOLE).partition(": ")
    if kind == "Site":
        return Scope(sites=frozenset({who}))
    if kind == "Practitioner":
        return Scope(practitioners=frozenset({who}))
    return WHOLE_CLINIC
