"""The shared filters: periods as calendars count them, and everything else in words."""

from datetime import date

import pytest

from dashboard.shell.filters import PERIODS, describe_filters, period_dates
from data.analysis.scope import WHOLE_CLINIC, Scope


@pytest.mark.parametrize(
    ("period", "today", "first", "last"),
    [
        ("this month", date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31)),
        ("last month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        ("last month", date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
        ("quarter", date(2026, 6, 10), date(2026, 4, 1), date(2026, 6, 10)),
        ("all", date(2026, 6, 10), None, None),
    ],
)
def test_a_period_is_the_one_of_the_calendar(period, today, first, last):
    assert period_dates(period, today) == (first, last)


@pytest.mark.parametrize("month", range(1, 13))
def test_twelve_months_are_twelve_calendar_months_with_this_one(month):
    today = date(2026, month, 15)
    first, last = period_dates("12 months", today)
    assert (first.day, last) == (1, today)
    assert (today.year * 12 + today.month) - (first.year * 12 + first.month) == 11


def test_every_period_has_bounds():
    assert all(len(period_dates(period, date(2024, 2, 29))) == 2 for period in PERIODS)


def test_what_narrows_the_figures_is_said():
    assert describe_filters(WHOLE_CLINIC, {}) == "all sites"
    assert describe_filters(WHOLE_CLINIC, {"areas": ("glabella", "forehead"), "products": ("botox",)}) == (
        "all sites, including Glabella or Forehead, with Botox"
    )
    assert describe_filters(WHOLE_CLINIC, {"sites": ("north",), "practitioners": ("ann",)}) == "at north, by ann"


def test_a_viewer_who_may_see_a_part_reads_which():
    assert describe_filters(Scope(sites=frozenset({"north"})), {}) == "at north"
    assert describe_filters(Scope(practitioners=frozenset({"ann"})), {}) == "all sites, by ann"
