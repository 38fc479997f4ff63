"""A practitioner's own results, counted by hand on the six treatments of tests/data/analysis/test_estimates.py.

With known outcome: 10 January (affected), 20 January, 1 February (affected), 10 April, 10 July (affected). P1 gave the
first and the last two; north is P1's site.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert

from data.analysis.baselines import Marker
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import practitioner_summary
from data.summaries.practitioner_summary import CountWindow
from data.summaries.trends import MeasureBaseline
from models import records
from models.statistics import detection, proportion
from tests.data.analysis.test_estimates import TODAY, source  # noqa: F401

P1 = Scope(practitioners=frozenset({"p1"}))
ALL = Selection(as_of=TODAY)
USUAL = MeasureBaseline(0.1, 100, 1000, None, None, None)


def test_the_latest_treatments_are_held_against_the_usual_rate(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, ALL, USUAL)
    assert found.window == CountWindow(2, 3, date(2026, 1, 10), date(2026, 7, 10))
    assert found.rate == proportion.wilson(2, 3)
    assert found.tail == pytest.approx(3 * 0.1**2 * 0.9 + 0.1**3)  # 2 or 3 of 3
    assert found.flag == ""  # .028 is above .025
    assert found.power == detection.power(3, 0.1, 2.0)


def test_two_of_three_is_watched_where_one_in_twenty_is_usual(source):  # noqa: F811
    assert practitioner_summary.latest_results(source, P1, ALL, replace(USUAL, rate=0.05)).flag == "watch"  # .00725


def test_of_many_treatments_the_latest_count(source, monkeypatch):  # noqa: F811
    monkeypatch.setattr(practitioner_summary, "MAX_LATEST", 2)
    assert practitioner_summary.latest_results(source, WHOLE_CLINIC, ALL, USUAL).window == CountWindow(
        1, 2, date(2026, 4, 10), date(2026, 7, 10)
    )


def test_without_a_usual_rate_there_is_no_verdict(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, ALL, replace(USUAL, rate=None))
    assert (found.window.known, found.tail, found.flag, found.power) == (3, None, "", None)


def test_no_rate_is_double_of_six_in_ten(source):  # noqa: F811
    assert practitioner_summary.latest_results(source, P1, ALL, replace(USUAL, rate=0.6)).power is None


def test_maturing_treatments_are_not_among_the_latest(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, Selection(as_of=date(2026, 7, 20)), USUAL)
    assert found.window.last == date(2026, 4, 10)


def test_a_change_divides_the_treatments_on_its_day(source):  # noqa: F811
    (change,) = practitioner_summary.compare_before_after(
        source, WHOLE_CLINIC, ALL, (Marker(date(2026, 2, 1), "new needles"),)
    )
    assert change.before == CountWindow(1, 2, date(2026, 1, 10), date(2026, 1, 20))
    assert change.after == CountWindow(2, 3, date(2026, 2, 1), date(2026, 7, 10))
    assert change.difference == proportion.difference(2, 3, 1, 2)


def test_a_change_is_compared_up_to_the_one_next_to_it(source):  # noqa: F811
    marked = (Marker(date(2026, 4, 1), "b"), Marker(date(2026, 2, 1), "a"), Marker(date(2026, 4, 1), "c"))
    first, second = practitioner_summary.compare_before_after(source, WHOLE_CLINIC, ALL, marked)
    assert (first.labels, second.labels) == (("a",), ("b", "c"))
    assert first.after == second.before == CountWindow(1, 1, date(2026, 2, 1), date(2026, 2, 1))
    assert second.after == CountWindow(1, 2, date(2026, 4, 10), date(2026, 7, 10))


def test_a_change_after_the_last_known_outcome_has_nothing_to_compare(source):  # noqa: F811
    (change,) = practitioner_summary.compare_before_after(source, P1, ALL, (Marker(date(2026, 12, 1), "new room"),))
    assert (change.before.known, change.after.known, change.difference) == (3, 0, None)


def test_a_change_before_the_period_is_not_told(source):  # noqa: F811
    selection = replace(ALL, from_date=date(2026, 4, 1))
    assert (
        practitioner_summary.compare_before_after(source, P1, selection, (Marker(date(2026, 2, 1), "new needles"),))
        == []
    )


def test_every_month_is_printed_whether_anybody_came_or_not(source):  # noqa: F811
    found = practitioner_summary.practitioner_months(source, P1, replace(ALL, as_of=date(2026, 8, 5)))
    assert [(month.first.month, month.rate.total if month.rate else 0) for month in found] == [
        (1, 1), (2, 0), (3, 0), (4, 1), (5, 0), (6, 0), (7, 1), (8, 0),
    ]  # fmt: skip
    assert [month.first.month for month in found if month.in_follow_up] == [7, 8]  # mature until 15 July
    assert (found[0].rate.events, found[0].rate.followed_up) == (1, 1)


def test_a_stated_period_is_printed_from_its_beginning(source):  # noqa: F811
    selection = replace(ALL, from_date=date(2025, 12, 5), to_date=date(2026, 2, 28))
    assert [month.first for month in practitioner_summary.practitioner_months(source, P1, selection)] == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip


def test_nobody_treated_prints_no_months(source):  # noqa: F811
    assert practitioner_summary.practitioner_months(source, P1, replace(ALL, from_date=TODAY + timedelta(days=1))) == []


def test_touch_ups_are_counted_among_all_treatments(sqlite_engine):
    """Three treatments of one client, the second to touch up the first."""
    made = {"client_id": 1, "site_id": 1, "source": "hand", "import_batch_id": 1}
    with write_transaction(sqlite_engine) as connection:
        connection.execute(insert(records.ImportBatch), {
            "id": 1, "made_at": datetime(2026, 1, 1), "source": "hand", "format": "hand", "files": "",
            "rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0,
        })  # fmt: skip
        connection.execute(insert(records.Site), {"id": 1, "code": "north"})
        connection.execute(insert(records.Client), {"id": 1, "key": "a"})
        for number, month, of in ((1, 1, None), (2, 2, 1), (3, 6, None)):
            row = {"id": number, "date": date(2026, month, 1), "touch_up_of_id": of, "source_id": str(number)}
            connection.execute(insert(records.Treatment), row | made)
    found = practitioner_summary.touch_up_rate(records_source(sqlite_engine), WHOLE_CLINIC, ALL)
    assert found == practitioner_summary.TouchUpRate(1, 3, proportion.wilson(1, 3))


def test_nobody_treated_has_no_share_of_touch_ups(source):  # noqa: F811
    after = replace(ALL, from_date=TODAY + timedelta(days=1))
    assert practitioner_summary.touch_up_rate(source, P1, after) == practitioner_summary.TouchUpRate(0, 0, None)
