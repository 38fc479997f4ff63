"""How soon it was over, or they came back: a share stands on those who are still followed by then."""

import numpy as np

from dashboard.components.time_to_event_table import CAME_BACK_TITLE, TimeToEventGroup, summarize


def test_a_share_that_rests_on_a_handful_is_not_told():
    """Six came by day 60; of the ten others six were followed to day 150, and nobody to day 183."""
    days = np.array([30, 30, 60, 60, 60, 60, 80, 80, 80, 80, *[150] * 6])
    came = np.array([True] * 6 + [False] * 10)
    (row,) = summarize([TimeToEventGroup({"Product": "Botox"}, days, came)], CAME_BACK_TITLE).rows
    assert (row["Treatments"], row["Came back"]) == (16, 6)
    assert row["Within 3 months"] == "38%"  # 6 of 16
    assert row["Within 6 months"] == "not followed that long"


def test_what_four_were_followed_for_is_said_as_too_few():
    days = np.array([30] * 6 + [100] * 6 + [200] * 4)
    came = np.array([True] * 6 + [False] * 10)
    (row,) = summarize([TimeToEventGroup({}, days, came)], CAME_BACK_TITLE).rows
    assert row["Within 3 months"] == "38%"
    assert row["Within 4 months"] == row["Within 6 months"] == "4 followed: too few"
