"""A chart with decisions: the first signal is kept, later ones are internal, and late outcomes move no point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics import control_chart

treatments = st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.5)), min_size=1, max_size=60)


def follow(rows, starts=(0,), limits=(1.5,)):
    return control_chart.follow_cusum([row[0] for row in rows], [row[1] for row in rows], starts, limits)


def test_the_first_signal_is_shown_and_later_restarts_are_not():
    course = control_chart.follow_cusum([0, 1, 1, 1, 1, 0, 1, 1], 0.1, [0], [1.0])
    assert len(control_chart.bernoulli_cusum([0, 1, 1, 1, 1, 0, 1, 1], 0.1, limit=1.0).signals) == 3
    assert course.first_signals == (2,)
    assert course.signal == 2


def test_a_decision_restarts_the_score_with_a_new_limit():
    course = control_chart.follow_cusum([1, 1, 1, 0, 1, 1], 0.1, [0, 3], [1.0, 2.5])
    fresh = control_chart.bernoulli_cusum([0, 1, 1], 0.1)
    assert course.first_signals == (1, None)
    assert course.signal is None
    assert course.score[3:].tolist() == fresh.score.tolist()


def test_a_decision_after_the_last_outcome_clears_the_signal():
    assert control_chart.follow_cusum([1, 1], 0.1, [0, 2], [1.0, 1.0]).first_signals == (1, None)
    assert control_chart.follow_cusum([], 0.1, [0], [1.0]).signal is None


@given(treatments, treatments)
def test_outcomes_that_become_known_later_move_no_earlier_point_and_no_signal(rows, late):
    before, after = follow(rows), follow(rows + late)
    assert after.score[: len(rows)].tolist() == before.score.tolist()
    assert before.signal in (None, after.signal)


@given(treatments, st.data())
def test_each_part_between_decisions_is_a_chart_of_its_own(rows, data):
    decision = data.draw(st.integers(0, len(rows)))
    course = follow(rows, [0, decision], [1.5, 1.2])
    parts = [follow(part, limits=[limit]) for part, limit in ((rows[:decision], 1.5), (rows[decision:], 1.2))]
    assert course.score == pytest.approx(np.concatenate([part.score for part in parts]))
    later = None if parts[1].signal is None else decision + parts[1].signal
    assert course.first_signals == (parts[0].signal, later)


@pytest.mark.parametrize(
    ("starts", "limits", "message"),
    [
        ([1], [2.0], r"starts must rise from 0 to at most 2, found \[1\]"),
        ([0, 2, 1], [2.0] * 3, "starts must rise from 0"),
        ([0, 3], [2.0] * 2, "starts must rise from 0 to at most 2"),
        ([0, 1], [2.0], "limits must have as many rows as starts"),
        ([0], [0.0], "limit must be a number above 0"),
    ],
)
def test_decisions_that_cannot_be_are_refused(starts, limits, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        control_chart.follow_cusum([0, 1], 0.1, starts, limits)
