"""The filters that every page shares: widgets <-> address bar -> Selection."""

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dashboard import wording
from dashboard.labels import label
from dashboard.loading import ask
from data import queries
from data.scope import Scope
from data.selection import Selection

PERIODS = ("this month", "last month", "quarter", "12 months", "all", "own")


@dataclass(frozen=True)
class Shown:
    """What the viewer sees: whose records, which of them, and the period in words."""

    scope: Scope
    selection: Selection
    period: str


def shared_filters(scope: Scope, span: tuple[date, date], today: date) -> Shown:
    """Draws the row of filters; the address bar holds every choice."""
    columns = st.columns([1.2, 1, 1, 1, 1], vertical_alignment="bottom")
    with columns[0]:
        usual = "12 months" if span[1] > today - timedelta(days=365) else "all"
        period = st.selectbox(
            "Period", PERIODS, index=PERIODS.index(usual), key="period", bind="query-params"
        )  # fmt: skip
    first, last = _own_period(span) if period == "own" else bounds(period or usual, today)
    selection = Selection(
        from_date=first,
        to_date=last,
        sites=_choice(columns[1], "Site", "site", scope),
        practitioners=_choice(columns[2], "Practitioner", "practitioner", scope),
        areas=_choice(columns[3], "Area", "area", scope),
        products=_choice(columns[4], "Product", "product", scope),
        as_of=today,
    )
    return Shown(scope, selection, wording.period(max(first, span[0]) if first else span[0], min(last or today, today)))


def bounds(period: str, today: date) -> tuple[date | None, date | None]:
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
        return _a_year_before(month), today
    return None, None


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1)


def _own_period(span: tuple[date, date]) -> tuple[date, date]:
    first, last = st.columns(2)
    start = first.date_input("From", span[0], key="from", bind="query-params")
    end = last.date_input("To", max(span[1], span[0]), key="to", bind="query-params")
    return start, end


def _choice(column, title: str, dimension: str, scope: Scope) -> tuple[str, ...]:
    with column:
        options = ask(queries.choices, scope, dimension)
        chosen = st.multiselect(
            title,
            options,
            format_func=lambda code: label(dimension, code),
            key=dimension,
            bind="query-params",
            placeholder="all",
        )
    return tuple(chosen)
