"""What share ends by itself when retreatment may come before it: Aalen-Johansen against the literature and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, norm
from statsmodels.duration.survfunc import CumIncidenceRight

from models.statistics.survival import cumulative_incidence, kaplan_meier

# The worked example of statsmodels, whose estimates agree with R cmprsk and whose errors agree with Stata's stcompet.
TIMES = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
CAUSES = [1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]

OPEN, ENDED, RETREATED = 0, 1, 2
episodes = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([OPEN, ENDED, RETREATED])), min_size=1, max_size=25)


def columns(rows):
    return [row[0] for row in rows], [row[1] for row in rows]


@pytest.mark.parametrize(
    ("cause", "days", "incidence", "error"),
    [
        (1, [1, 2], [0.11111111, 0.17037037], [0.07407407, 0.08976251]),
        (2, [4], [0.20740741], [0.10610391]),
        (3, [6, 7], [0.17777778, 0.26666667], [0.11196147, 0.12787781]),
    ],
)
def test_the_example_of_stata_and_r_is_reproduced(cause, days, incidence, error):
    curve = cumulative_incidence(TIMES, CAUSES, event=cause)
    assert curve.days.tolist() == days
    assert curve.share == pytest.approx(incidence, abs=5e-9)
    assert curve.error == pytest.approx(error, abs=5e-9)


def test_retreatment_takes_away_the_chance_to_end_by_itself():
    # Day 2: one of four ends. Day 3: one is retreated. Day 5: one of the two left ends, day 6 the other.
    curve = cumulative_incidence([2, 3, 5, 6], [ENDED, RETREATED, ENDED, ENDED])
    assert curve.days.tolist() == [2, 5, 6]
    assert curve.at_risk.tolist() == [4, 2, 1]
    assert curve.ended.tolist() == [1, 1, 1]
    assert curve.share == pytest.approx([0.25, 0.5, 0.75])
    # Taking the retreated one for open would promise that all end by themselves.
    assert kaplan_meier([2, 3, 5, 6], [1, 0, 1, 1]).share[-1] == 0


def test_the_limits_are_those_of_the_log_log_scale_of_the_share_not_yet_there():
    curve = cumulative_incidence(TIMES, CAUSES, event=3, level=0.9)
    share, error = 1 - curve.share, curve.error
    spread = np.exp(norm.ppf(0.95) * error / (share * -np.log(share)))
    assert curve.low == pytest.approx(1 - share ** (1 / spread))
    assert curve.high == pytest.approx(1 - share**spread)
    assert (curve.level, curve.total) == (0.9, 18)


def test_the_share_by_a_day_is_read_off_the_last_step():
    curve = cumulative_incidence(TIMES, CAUSES, event=2)
    assert curve.at(4) == curve.at(8.5)
    assert curve.at(4).estimate == pytest.approx(0.20740741)
    assert curve.at(4).low == pytest.approx(curve.low[0])
    assert curve.at(4).high == pytest.approx(curve.high[0])


def test_before_the_first_of_its_kind_the_upper_limit_is_exact():
    curve = cumulative_incidence(TIMES, CAUSES, event=2)
    assert tuple(curve.at(1)) == pytest.approx((0, 0, beta.ppf(0.975, 1, 18)))
    # By day 3 the fate of all but the three open ones of days 1 and 2 is known.
    assert tuple(curve.at(3)) == pytest.approx((0, 0, beta.ppf(0.975, 1, 15)))


def test_past_the_longest_open_side_effect_nothing_is_known():
    curve = cumulative_incidence(TIMES, CAUSES, event=1)
    assert curve.at(9).estimate is not None
    assert tuple(curve.at(9.5)) == (None, None, None)


def test_the_longest_decides_whether_later_days_are_known():
    # The longest of these is the open one: past day 9 nobody was watched.
    assert cumulative_incidence([2, 9], [ENDED, OPEN]).at(10).estimate is None
    assert cumulative_incidence([2, 9], [ENDED, OPEN]).at(9).estimate == 0.5
    # One ends and one is last heard of on the longest day: the open one may end later.
    assert cumulative_incidence([2, 9, 9], [ENDED, ENDED, OPEN]).at(10).estimate is None
    # The longest has ended, although another stayed open: of those watched so long, all have come to an end.
    assert cumulative_incidence([2, 5, 9], [ENDED, OPEN, RETREATED]).at(10).estimate == pytest.approx(1 / 3)


def test_once_all_are_over_the_share_stays_as_it_is():
    curve = cumulative_incidence([2, 3], [ENDED, RETREATED])
    assert curve.at(99) == curve.at(2)
    assert curve.at(99).estimate == 0.5


def test_a_kind_of_end_that_never_came_has_no_steps():
    curve = cumulative_incidence([2, 3, 9], [RETREATED, RETREATED, OPEN])
    assert len(curve.days) == len(curve.low) == 0
    assert tuple(curve.at(5)) == pytest.approx((0, 0, beta.ppf(0.975, 1, 3)))
    assert curve.refused == "0 ended: too few; 5 needed"
    none_over = cumulative_incidence([3, 4], [OPEN, OPEN])
    assert len(none_over.days) == 0
    assert none_over.at(4).estimate == 0


def test_when_all_come_to_this_end_the_share_is_all_of_them():
    curve = cumulative_incidence([4, 4, 4, 4, 4], [ENDED] * 5)
    assert tuple(curve.at(4)) == pytest.approx((1, 1 - beta.ppf(0.975, 1, 5), 1))
    assert curve.refused is None


def test_three_million_episodes_do_not_overflow_the_error():
    few, many = (
        cumulative_incidence(np.repeat(TIMES, times), np.repeat(CAUSES, times), event=2) for times in (1, 170_000)
    )
    assert many.error == pytest.approx(few.error / np.sqrt(170_000), rel=1e-6)


@given(episodes)
def test_estimates_and_errors_equal_those_of_statsmodels(rows):
    days, outcome = columns(rows)
    ours = cumulative_incidence(days, outcome)
    if not {ENDED, RETREATED} <= set(outcome):
        return
    with np.errstate(all="ignore"):
        other = CumIncidenceRight(np.array(days), np.array(outcome))
    steps = np.isin(other.times, ours.days)
    assert ours.share == pytest.approx(other.cinc[0][steps], abs=1e-12)
    known = np.isfinite(other.cinc_se[0][steps])
    assert ours.error[known] == pytest.approx(other.cinc_se[0][steps][known], abs=1e-7)


@given(episodes)
def test_without_competition_it_is_one_minus_kaplan_meier(rows):
    days, outcome = columns(rows)
    ended = [over != OPEN for over in outcome]
    curve, other = cumulative_incidence(days, ended), kaplan_meier(days, ended)
    assert curve.days.tolist() == other.days.tolist()
    assert curve.at_risk.tolist() == other.at_risk.tolist()
    assert curve.share == pytest.approx(1 - other.share, abs=1e-12)
    # The variance is a difference of sums: exact to about 1e-16, its root to about 1e-8.
    assert curve.error == pytest.approx(other.error, abs=1e-7)
    assert curve.low == pytest.approx(1 - other.high, abs=1e-6)
    assert curve.high == pytest.approx(1 - other.low, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([ENDED, RETREATED])), min_size=1, max_size=25))
def test_without_open_ones_it_is_a_share_with_the_error_of_a_share(rows):
    days, outcome = columns(rows)
    curve = cumulative_incidence(days, outcome)
    by_then = np.array([sum(d <= day and over == ENDED for d, over in rows) / len(rows) for day in curve.days])
    assert curve.share == pytest.approx(by_then)
    assert curve.error == pytest.approx(np.sqrt(by_then * (1 - by_then) / len(rows)), abs=1e-7)


@given(episodes)
def test_all_ends_and_those_still_present_make_one(rows):
    days, outcome = columns(rows)
    present = kaplan_meier(days, [over != OPEN for over in outcome])
    ends = [cumulative_incidence(days, outcome, event=event) for event in (ENDED, RETREATED)]
    for day, share in zip(present.days, present.share, strict=True):
        assert share + sum(curve.at(day).estimate for curve in ends) == pytest.approx(1)


@given(episodes, st.floats(0.05, 0.99))
def test_shares_rise_and_limits_are_ordered_within_zero_and_one(rows, level):
    curve = cumulative_incidence(*columns(rows), level=level)
    assert (np.diff(curve.share) > 0).all()
    assert ((curve.low >= 0) & (curve.low <= curve.share + 1e-9)).all()
    assert ((curve.high <= 1) & (curve.share <= curve.high + 1e-9)).all()


@pytest.mark.parametrize(
    ("days", "outcome", "options", "message"),
    [
        ([], [], {}, "days must hold at least one row"),
        ([1, 2], [1], {}, "outcome must have as many rows as days .2., found 1"),
        ([1, -2], [1, 2], {}, "days must be a number of at least 0, found -"),
        ([1, 2], [1, float("nan")], {}, "outcome must be .*, found nan"),
        ([1, 2], [1, 2], {"event": 0}, "event: 0 stands for episodes still open"),
        ([1, 2], [1, 2], {"level": 1}, "level must lie between 0 and 1, both excluded .*, found 1"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_name(days, outcome, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        cumulative_incidence(days, outcome, **options)


@pytest.mark.parametrize("day", [-1, float("nan")])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(ValueError, match="^day must "):
        cumulative_incidence([1], [1]).at(day)
