"""A practitioner's own results, counted by hand on the six treatments of tests/data/analysis/test_estimates.py.

Followed up: 10 January (affected), 20 January, 1 February (affected), 10 April, 10 July (affected). P1 gave the
first and the last two; north is P1's site.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from data.analysis.baselines import Marker
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import practitioner_summary
from data.summaries.measure_states import MeasureBaseline
from data.summaries.practitioner_summary import CountWindow
from models import records
from models.statistics import detection, proportion
from tests.data.analysis.test_estimates import TODAY, source  # noqa: F401

P1 = Scope(practitioners=frozenset({"p1"}))
ALL = Selection(as_of=TODAY)
BASELINE = MeasureBaseline(0.1, 100, 1000, None, None, None)


def changes(source, scope, selection, *markers):  # noqa: F811
    return list(practitioner_summary.compare_before_after(source, scope, selection, markers).itertuples())


def before(change) -> CountWindow:
    return CountWindow(change.events_before, change.followed_up_before, change.first_before, change.last_before)


def after(change) -> CountWindow:
    return CountWindow(change.events_after, change.followed_up_after, change.first_after, change.last_after)


def test_the_latest_treatments_are_compared_with_the_baseline(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, ALL, BASELINE)
    assert found.window == CountWindow(2, 3, date(2026, 1, 10), date(2026, 7, 10))
    assert found.rate == proportion.wilson(2, 3)
    assert found.tail == pytest.approx(3 * 0.1**2 * 0.9 + 0.1**3)  # 2 or 3 of 3
    assert found.flag == ""  # .028 is above .025
    assert found.power == detection.power(3, 0.1, 2.0)


def test_two_of_three_is_watched_where_the_baseline_is_one_in_twenty(source):  # noqa: F811
    assert practitioner_summary.latest_results(source, P1, ALL, replace(BASELINE, rate=0.05)).flag == "watch"  # .00725


def test_of_many_treatments_the_latest_count(source, monkeypatch):  # noqa: F811
    monkeypatch.setattr(practitioner_summary, "MAX_LATEST", 2)
    assert practitioner_summary.latest_results(source, WHOLE_CLINIC, ALL, BASELINE).window == CountWindow(
        1, 2, date(2026, 4, 10), date(2026, 7, 10)
    )


def test_without_a_baseline_there_is_no_verdict(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, ALL, replace(BASELINE, rate=None))
    assert (found.window.followed_up, found.tail, found.flag, found.power) == (3, None, "", None)


def test_a_rate_of_six_in_ten_cannot_double(source):  # noqa: F811
    assert practitioner_summary.latest_results(source, P1, ALL, replace(BASELINE, rate=0.6)).power is None


def test_treatments_in_follow_up_are_not_among_the_latest(source):  # noqa: F811
    found = practitioner_summary.latest_results(source, P1, Selection(as_of=date(2026, 7, 20)), BASELINE)
    assert found.window.last == date(2026, 4, 10)


def test_a_change_divides_the_treatments_on_its_day(source):  # noqa: F811
    (change,) = changes(source, WHOLE_CLINIC, ALL, Marker(date(2026, 2, 1), "new needles"))
    assert before(change) == CountWindow(1, 2, date(2026, 1, 10), date(2026, 1, 20))
    assert after(change) == CountWindow(2, 3, date(2026, 2, 1), date(2026, 7, 10))
    assert (change.difference, change.low, change.high) == tuple(proportion.difference(2, 3, 1, 2))


def test_a_change_is_compared_up_to_the_one_next_to_it(source):  # noqa: F811
    markers = (Marker(date(2026, 4, 1), "b"), Marker(date(2026, 2, 1), "a"), Marker(date(2026, 4, 1), "c"))
    first, second = changes(source, WHOLE_CLINIC, ALL, *markers)
    assert (first.labels, second.labels) == (("a",), ("b", "c"))
    assert after(first) == before(second) == CountWindow(1, 1, date(2026, 2, 1), date(2026, 2, 1))
    assert after(second) == CountWindow(1, 2, date(2026, 4, 10), date(2026, 7, 10))


def test_a_change_after_the_last_known_outcome_has_nothing_to_compare(source):  # noqa: F811
    (change,) = changes(source, P1, ALL, Marker(date(2026, 12, 1), "new room"))
    assert (change.followed_up_before, change.followed_up_after) == (3, 0)
    assert np.isnan(change.difference)


def test_a_change_before_the_period_is_not_shown(source):  # noqa: F811
    selection = replace(ALL, from_date=date(2026, 4, 1))
    assert changes(source, P1, selection, Marker(date(2026, 2, 1), "new needles")) == []


def test_every_month_is_listed_with_or_without_treatments(source):  # noqa: F811
    found = practitioner_summary.practitioner_months(source, P1, replace(ALL, as_of=date(2026, 8, 5)))
    assert list(zip(found.month, found.total, strict=True)) == [
        (202601, 1), (202602, 0), (202603, 0), (202604, 1), (202605, 0), (202606, 0), (202607, 1), (202608, 0),
    ]  # fmt: skip
    assert found.month[found.is_in_follow_up].tolist() == [202607, 202608]  # follow-up is over until 15 July
    assert (found.events[0], found.followed_up[0]) == (1, 1)


def test_a_month_is_in_follow_up_until_that_of_its_last_day_is_over(source):  # noqa: F811
    for as_of, in_follow_up in ((date(2026, 5, 20), True), (date(2026, 5, 21), False)):  # 30 April + 21 days
        found = practitioner_summary.practitioner_months(source, P1, replace(ALL, as_of=as_of))
        assert found.is_in_follow_up[found.month == 202604].tolist() == [in_follow_up]


def test_a_stated_period_is_listed_from_its_start(source):  # noqa: F811
    selection = replace(ALL, from_date=date(2025, 12, 5), to_date=date(2026, 2, 28))
    found = practitioner_summary.practitioner_months(source, P1, selection)
    assert found.first_day.tolist() == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_without_treatments_there_are_no_months(source):  # noqa: F811
    after_today = replace(ALL, from_date=TODAY + timedelta(days=1))
    assert practitioner_summary.practitioner_months(source, P1, after_today).empty


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
    later = replace(ALL, from_date=TODAY + timedelta(days=1))
    assert practitioner_summary.touch_up_rate(source, P1, later) == practitioner_summary.TouchUpRate(0, 0, None)
