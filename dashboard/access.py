"""Who is looking: the Scope of this viewer. Every read of every page goes through it."""

import streamlit as st

from data.scope import WHOLE_CLINIC, Scope

WHOLE = "whole clinic"


def viewing_as(sites: list[str], practitioners: list[str]) -> Scope:
    """The widget that chooses the viewer, kept in the address bar; gives the Scope of that viewer."""
    options = [WHOLE, *(f"site: {site}" for site in sites), *(f"practitioner: {name}" for name in practitioners)]
    chosen = st.selectbox("Viewing as", options, format_func=_words, key="as", bind="query-params")
    kind, _, who = (chosen or WHOLE).partition(": ")
    if kind == "site":
        return Scope(sites=frozenset({who}))
    if kind == "practitioner":
        return Scope(practitioners=frozenset({who}))
    return WHOLE_CLINIC


def _words(option: str) -> str:
    return option[:1].upper() + option[1:]
