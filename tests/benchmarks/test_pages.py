"""A timed page names the goals that it misses."""

from dataclasses import replace

from benchmarks import pages
from benchmarks.pages import Timed
from dashboard.shell import navigation

QUICK = Timed("overview", 1.9, (0.1, 0.2, 0.1), {"period": 0.3, "sites": 0.2}, 0.1)


def test_a_page_within_all_goals_misses_none():
    assert QUICK.misses(0.3) == []


def test_each_missed_goal_is_named():
    assert replace(QUICK, opening=2.1).misses(0.3) == ["opening"]
    assert QUICK.misses(0.25) == ["period"]
    assert replace(QUICK, again=(0.1, 0.4, 0.4), click=0.31).misses(0.3) == ["again", "click"]
    assert replace(QUICK, click=None).misses(0.3) == []


def test_only_existing_pages_have_a_click():
    assert set(pages.CLICKS) <= {name for section in navigation.PAGES.values() for name in section}
