"""Who is looking: the Scope of this viewer. Every read of every page goes through it."""

import streamlit as st

from dashboard.shell import query_cache
from dashboard.shell.filters import keep_once_in_url
from dashboard.text import formatting
from data.analysis.scope import NOBODY, WHOLE_CLINIC, Scope

WHOLE_CLINIC_LABEL = "Whole clinic"
UNKNOWN = "unknown_viewer"  # where this session keeps whom nobody knows, until somebody else is chosen


def choose_scope() -> Scope:
    """The widget that chooses the viewer, kept in the address bar; gives the Scope of that viewer.

    For a viewer it does not know Streamlit takes the first option, the whole clinic, and drops the name from the
    address. So the widget is not drawn then, on any page, and nothing is shown.
    """
    scopes = _scopes()
    asked = {*st.query_params.get_all("as"), st.session_state.get("as", WHOLE_CLINIC_LABEL)}
    if unknown := sorted(map(str, asked - scopes.keys())):
        st.session_state[UNKNOWN] = unknown[0]
    if UNKNOWN in st.session_state:
        return NOBODY
    keep_once_in_url("as")
    return scopes.get(st.selectbox("Viewing as", list(scopes), key="as", bind="query-params"), NOBODY)


def explain_nothing() -> None:
    """Says why nothing is shown, and lets somebody who is known be chosen."""
    if UNKNOWN not in st.session_state:
        st.info("There are no treatments that this viewer may see.", icon=":material/visibility_off:")
        return
    said = f'"{st.session_state[UNKNOWN]}" is not on record here, so nothing is shown. Choose who is viewing.'
    st.warning(formatting.escape_markdown(said), icon=":material/visibility_off:")
    st.selectbox("Viewing as", list(_scopes()), None, key="as_anew", on_change=_choose, placeholder="Choose")


def _choose() -> None:
    if st.session_state.as_anew is None:
        return
    del st.session_state[UNKNOWN]
    if "as" in st.query_params:
        del st.query_params["as"]
    st.session_state["as"] = st.session_state.as_anew


def _scopes() -> dict[str, Scope]:
    """Of every viewer that can be chosen."""
    sites = query_cache.load_dimension_values(WHOLE_CLINIC, "site")
    practitioners = query_cache.load_dimension_values(WHOLE_CLINIC, "practitioner")
    return {
        WHOLE_CLINIC_LABEL: WHOLE_CLINIC,
        **{f"Site: {site}": Scope(sites=frozenset({site})) for site in sites},
        **{f"Practitioner: {name}": Scope(practitioners=frozenset({name})) for name in practitioners},
    }
