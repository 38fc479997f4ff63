"""The filters shared by all pages: widgets <-> address bar -> Selection."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import streamlit as st

from dashboard.shell.query_cache import load_dimension_values
from dashboard.text import formatting
from dashboard.text.labels import label, list_labels
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection

PERIODS = {
    "this month": "This month",
    "last month": "Last month",
    "quarter": "This quarter",
    "12 months": "12 months",
    "all": "All dates",
    "own": "Own dates",
}
# Each shared filter: its name in the address bar, the dimension of counting, its title, its wording.
CHOICES = (
    ("sites", "site", "Sites", "at {}"),
    ("practitioners", "practitioner", "Practitioners", "by {}"),
    ("areas", "area", "Areas", "including {}"),
    ("products", "product", "Products", "with {}"),
)
SHARED_PARAMETERS = ("period", "from", "to", *(name for name, *_ in CHOICES), "as")  # the address bar of every page


@dataclass(frozen=True)
class PageView:
    """What the viewer sees: the scope, the selection, and the period and all other filters in words."""

    scope: Scope
    selection: Selection
    period_text: str
    filter_text: str


def shared_filters(scope: Scope, span: tuple[date, date], today: date) -> PageView:
    """Draw the filters into the current row; the address bar keeps every choice."""
    keep_once_in_url("period")
    default = "12 months" if span[1] > today - timedelta(days=365) else "all"
    # Streamlit logs a stack trace for a widget that has both a default and a value in the session.
    index = 0 if "period" in st.session_state else list(PERIODS).index(default)
    period = st.selectbox(
        "Period", PERIODS, index=index, format_func=PERIODS.get, key="period",
        bind="query-params", label_visibility="collapsed", width=150,
    )  # fmt: skip
    first, last = _choose_dates(span) if period == "own" else period_dates(period or default, today)
    chosen = _choose_filters(scope)
    selection = Selection(from_date=first, to_date=last, as_of=today, **chosen)
    return PageView(
        scope, selection, formatting.period(first or span[0], last or span[1]), describe_filters(scope, chosen)
    )


def keep_once_in_url(name: str) -> None:
    """Streamlit drops a filter from the address bar at every second change of page, or doubles it at every link.
    Setting it again before its widget is drawn keeps it there once."""
    if st.session_state.get(name):
        st.session_state[name] = st.session_state[name]


def period_dates(period: str, today: date) -> tuple[date | None, date | None]:
    """The first and last day of a named period; None: open-ended."""
    month = today.replace(day=1)
    if period == "this month":
        return month, today
    if period == "last month":
        last = month - timedelta(days=1)
        return last.replace(day=1), last
    if period == "quarter":
        return date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), today
    if period == "12 months":
        return (month - timedelta(days=334)).replace(day=1), today  # twelve months including this one
    return None, None


def describe_filters(scope: Scope, chosen: dict[str, tuple[str, ...]]) -> str:
    """ "at north, by P3, including Glabella or Forehead"; "all sites" where nothing narrows them."""
    visible = {"sites": tuple(sorted(scope.sites or ())), "practitioners": tuple(sorted(scope.practitioners or ()))}
    parts = []
    for name, dimension, _, words in CHOICES:
        codes = chosen.get(name) or visible.get(name, ())
        if codes:
            parts.append(words.format(list_labels(dimension, codes, " or ")))
    return ", ".join(parts if chosen.get("sites") or scope.sites else ["all sites", *parts])


def _choose_dates(span: tuple[date, date]) -> tuple[date, date]:
    how = {"bind": "query-params", "width": 140, "label_visibility": "collapsed", "format": formatting.DATE_FIELD}
    for name in ("from", "to"):
        keep_once_in_url(name)
    start = st.date_input("From", span[0], key="from", **how)
    end = st.date_input("To", span[1], key="to", **how)
    return (start, end) if start <= end else (end, start)


def _choose_filters(scope: Scope) -> dict[str, tuple[str, ...]]:
    chosen = {}
    with st.popover("Filters", icon=":material/filter_alt:", key="filters", width="content"):
        for name, dimension, title, _ in CHOICES:
            options = load_dimension_values(scope, dimension)
            if len(options) < 2 and scope != WHOLE_CLINIC:
                continue  # a viewer with a single site has nothing to choose
            keep_once_in_url(name)
            named = partial(label, dimension)
            chosen[name] = tuple(
                st.multiselect(title, options, format_func=named, key=name, bind="query-params", placeholder="All")
            )
        total = sum(map(len, chosen.values()))
        if total:
            clear = partial(st.session_state.update, {name: [] for name, *_ in CHOICES})
            st.button("Clear", on_click=clear, icon=":material/filter_alt_off:", key="clear_filters")
    if total:  # not in the title, which is drawn before the filters are read from the address bar
        st.badge(f"{formatting.count(total)} selected", color="blue")
    return {name: codes for name, codes in chosen.items() if codes}
