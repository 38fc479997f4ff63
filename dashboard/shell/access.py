"""Who is viewing: the Scope of this viewer, which every read of every page is limited to."""

import streamlit as st

from dashboard.shell import query_cache
from dashboard.shell.filters import keep_once_in_url
from dashboard.text import formatting
from data.analysis.scope import NOBODY, WHOLE_CLINIC, Scope
from data.review.assessment import Reviewer

WHOLE_CLINIC_LABEL = "Whole clinic"
UNKNOWN = "unknown_viewer"  # session key of a viewer who is not on record, until another one is chosen


def choose_scope() -> Scope:
    """Draw the choice of viewer, which the address bar keeps, and return the Scope of that viewer.

    For an unknown viewer Streamlit would take the first option, the whole clinic, and drop the name from the address.
    So no page draws the widget then, and nothing is shown.
    """
    scopes = _scopes()
    requested = {*st.query_params.get_all("as"), st.session_state.get("as", WHOLE_CLINIC_LABEL)}
    if unknown := sorted(map(str, requested - scopes.keys())):
        st.session_state[UNKNOWN] = unknown[0]
    if UNKNOWN in st.session_state:
        return NOBODY
    keep_once_in_url("as")
    return scopes.get(st.selectbox("Viewing as", list(scopes), key="as", bind="query-params"), NOBODY)


def current_reviewer() -> Reviewer:
    """The viewer as someone who reviews; nobody has verified who it is."""
    name = st.session_state.get("as", WHOLE_CLINIC_LABEL)
    return Reviewer(name=name, practitioner=next(iter(_scopes()[name].practitioners or ()), None))


def explain_nothing() -> None:
    """Say why nothing is shown, and offer the known viewers."""
    if UNKNOWN not in st.session_state:
        st.info("This viewer has no treatments to see.", icon=":material/visibility_off:")
        return
    text = f'"{st.session_state[UNKNOWN]}" is not on record, so nothing is shown. Choose who is viewing.'
    st.warning(formatting.escape_markdown(text), icon=":material/visibility_off:")
    st.selectbox("Viewing as", list(_scopes()), None, key="as_anew", on_change=_choose, placeholder="Choose")


def _choose() -> None:
    if st.session_state.as_anew is None:
        return
    del st.session_state[UNKNOWN]
    st.query_params.pop("as", None)
    st.session_state["as"] = st.session_state.as_anew


def _scopes() -> dict[str, Scope]:
    """The scope of every viewer that can be chosen."""
    sites = query_cache.load_dimension_values(WHOLE_CLINIC, "site")
    practitioners = query_cache.load_dimension_values(WHOLE_CLINIC, "practitioner")
    return {
        WHOLE_CLINIC_LABEL: WHOLE_CLINIC,
        **{f"Site: {site}": Scope(sites=frozenset({site})) for site in sites},
        **{f"Practitioner: {name}": Scope(practitioners=frozenset({name})) for name in practitioners},
    }
