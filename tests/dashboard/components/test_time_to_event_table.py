"""Days until the end or the next treatment: a share needs enough treatments that are still followed by then."""

import pandas as pd

from dashboard.components.time_to_event_table import display_table
from data.summaries.time_to_event import summarize


def table_row(days: list[int], occurred: list[bool]) -> pd.Series:
    times = pd.DataFrame({"product": "botox", "area": "glabella", "days": days, "occurred": occurred, "treatments": 1})
    return display_table(summarize(times, ["product", "area"]), "returned").iloc[0]


def test_a_share_that_rests_on_a_handful_is_not_shown():
    """Six came by day 60; of the ten others six were followed to day 150, and nobody to day 183."""
    row = table_row([30, 30, 60, 60, 60, 60, 80, 80, 80, 80, *[150] * 6], [True] * 6 + [False] * 10)
    assert (row.treatments, row.returned) == (16, 6)
    assert row.within_3_months == "38%"  # 6 of 16
    assert row.within_6_months == "not followed that long"


def test_a_share_of_four_still_followed_is_too_few():
    row = table_row([30] * 6 + [100] * 6 + [200] * 4, [True] * 6 + [False] * 10)
    assert row.within_3_months == "38%"
    assert row.within_4_months == row.within_6_months == "4 followed: too few"
