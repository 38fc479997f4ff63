"""How long side effects last, open ones counted: Kaplan-Meier against hand counts, statsmodels, scipy and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, beta, ecdf, norm
from statsmodels.duration.survfunc import SurvfuncRight

from models.statistics.survival import kaplan_meier

# Freireich et al. 1963, Blood 21:699-716: weeks of remission with 6-MP, 9 of 21 relapsed.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]

episodes = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25)
transforms = st.sampled_from(["log-log", "plain", "log"])


def columns(rows):
    return [row[0] for row in rows], [row[1] for row in rows]


def test_the_remissions_of_freireich_1963_are_reproduced():
    curve = kaplan_meier(WEEKS, RELAPSED)
    assert curve.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.ended.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert curve.share == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert curve.error == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5)
    assert tuple(curve.median) == (23, 13, None)
    assert (curve.total, curve.level, curve.refused) == (21, 0.95, None)


def test_an_open_side_effect_counts_for_as_long_as_it_was_watched():
    # Day 3: one of three ends. The one open since day 5 was at risk until then, so day 7 takes all of the one left.
    curve = kaplan_meier([3, 5, 7], [True, False, True])
    assert curve.days.tolist() == [3, 7]
    assert curve.at_risk.tolist() == [3, 1]
    assert curve.share == pytest.approx([2 / 3, 0])


def test_one_still_open_on_the_day_another_ends_was_at_risk_that_day():
    assert kaplan_meier([4, 4], [True, False]).share.tolist() == [0.5]


def test_dropping_open_side_effects_would_halve_the_median():
    days, ended = [2, 4, 6, 20, 20, 20], [1, 1, 1, 0, 0, 0]
    assert kaplan_meier(days, ended).median.estimate == 6
    assert kaplan_meier(days[:3], ended[:3]).median.estimate == 4


def test_the_median_is_reached_on_the_day_exactly_half_are_over():
    # Fractions that multiply to one half only up to rounding: 0.9 x 0.888... x 0.875 x 0.857... x 0.833... = 0.5.
    curve = kaplan_meier(range(1, 11), [1] * 10)
    assert curve.median.estimate == 5
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).median.estimate == 2


def test_the_limits_of_the_median_are_where_the_limits_of_the_curve_cross_a_half():
    sure = kaplan_meier(range(1, 101), [1] * 100)
    assert tuple(sure.median) == (50, sure.days[np.argmax(sure.low <= 0.5)], sure.days[np.argmax(sure.high <= 0.5)])


def test_share_still_present_is_read_off_the_last_step_on_or_before_the_day():
    curve = kaplan_meier(WEEKS, RELAPSED)
    assert curve.at(6).estimate == pytest.approx(18 / 21)
    assert curve.at(6.9) == curve.at(6)
    assert tuple(curve.at(16)) == pytest.approx((0.62745, 0.36751, 0.80491), abs=1e-5)
    assert curve.at(35) == curve.at(23)


def test_before_the_first_end_all_are_present_and_the_lower_limit_is_exact():
    assert tuple(kaplan_meier(WEEKS, RELAPSED).at(5)) == pytest.approx((1, beta.ppf(0.025, 21, 1), 1))
    # On day 9 three are still watched: those open on days 4 and 8 are not, the one open on day 9 itself is.
    assert tuple(kaplan_meier([4, 8, 9, 9, 10], [0] * 5).at(9)) == pytest.approx((1, beta.ppf(0.025, 3, 1), 1))


def test_past_the_longest_open_side_effect_nothing_is_known():
    curve = kaplan_meier(WEEKS, RELAPSED)
    assert curve.at(35).estimate is not None
    assert tuple(curve.at(35.5)) == (None, None, None)
    assert tuple(kaplan_meier([3, 8], [0, 0]).at(9)) == (None, None, None)


def test_once_all_are_over_none_is_present_however_late_the_day():
    curve = kaplan_meier([2, 3, 5], [1, 1, 1])
    assert tuple(curve.at(5)) == tuple(curve.at(500)) == (0, 0, pytest.approx(curve.high[1]))
    assert kaplan_meier([2, 3], [1, 1]).high.tolist() == pytest.approx([kaplan_meier([2, 3], [1, 0]).high[0]] * 2)


def test_when_all_end_on_one_day_the_upper_limit_is_exact():
    curve = kaplan_meier([3, 9, 9, 9, 9], [0, 1, 1, 1, 1])
    assert curve.share.tolist() == curve.error.tolist() == curve.low.tolist() == [0]
    assert curve.high.tolist() == pytest.approx([beta.ppf(0.975, 1, 4)])


def test_none_ended_has_no_curve_and_no_median():
    curve = kaplan_meier([5, 9], [0, 0])
    assert [len(part) for part in (curve.days, curve.share, curve.low, curve.high)] == [0] * 4
    assert tuple(curve.median) == (None, None, None)
    assert curve.at(5).estimate == 1


def test_one_side_effect_alone_is_computed_and_refused():
    curve = kaplan_meier([7], [True])
    assert tuple(curve.median) == (7, 7, None)
    assert curve.refused == "1 ended: too few; 5 needed"


@pytest.mark.parametrize(("ended", "refused"), [(4, True), (5, False)])
def test_fewer_than_five_ended_are_listed_rather_than_drawn(ended, refused):
    assert (kaplan_meier([8] * 9, [1] * ended + [0] * (9 - ended)).refused is not None) == refused


def test_each_transform_gives_its_own_published_limits():
    # R survival prints log limits 0.439-0.896 after week 16; the others are computed from its error of 0.1141.
    step = 4
    by_hand = {
        "plain": (0.62745 - 1.959964 * 0.114054, 0.62745 + 1.959964 * 0.114054),
        "log": (0.439394, 0.895995),
        "log-log": (0.367511, 0.804912),
    }
    for transform, expected in by_hand.items():
        curve = kaplan_meier(WEEKS, RELAPSED, transform=transform)
        assert (curve.low[step], curve.high[step]) == pytest.approx(expected, abs=1e-5)


def test_plain_and_log_limits_are_kept_within_zero_and_one():
    plain = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], transform="plain")
    assert plain.high[0] == 1
    assert plain.low[2] == 0
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], transform="log").high[0] == 1


@given(episodes)
def test_the_curve_and_its_error_equal_those_of_statsmodels(rows):
    days, ended = columns(rows)
    curve, other = kaplan_meier(days, ended), SurvfuncRight(days, ended)
    assert curve.days == pytest.approx(other.surv_times)
    assert curve.at_risk == pytest.approx(other.n_risk)
    assert curve.share == pytest.approx(other.surv_prob, abs=1e-12)
    above = curve.share > 0
    assert curve.error[above] == pytest.approx(np.asarray(other.surv_prob_se)[above], abs=1e-12)


@given(episodes, st.sampled_from(["log-log", "plain"]), st.floats(0.5, 0.99))
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined:RuntimeWarning")
def test_the_limits_equal_those_of_scipy(rows, transform, level):
    days, ended = columns(rows)
    curve = kaplan_meier(days, ended, level=level, transform=transform)
    sample = CensoredData([day for day, over in rows if over], right=[day for day, over in rows if not over])
    with np.errstate(all="ignore"):
        limits = ecdf(sample).sf.confidence_interval(level, method="linear" if transform == "plain" else transform)
    inside = curve.share > 0
    assert curve.low[inside] == pytest.approx(np.clip(limits.low.evaluate(curve.days), 0, 1)[inside], abs=1e-9)
    assert curve.high[inside] == pytest.approx(np.clip(limits.high.evaluate(curve.days), 0, 1)[inside], abs=1e-9)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_without_open_ones_it_is_one_minus_the_share_over(days):
    curve = kaplan_meier(days, [True] * len(days))
    over = [sum(other <= day for other in days) / len(days) for day in curve.days]
    assert curve.share == pytest.approx(1 - np.array(over), abs=1e-12)


@given(episodes, transforms, st.floats(0.01, 0.999))
def test_shares_fall_and_limits_are_ordered_within_zero_and_one(rows, transform, level):
    curve = kaplan_meier(*columns(rows), level=level, transform=transform)
    assert np.all(np.diff(curve.share) < 0)
    assert np.all((curve.low >= 0) & (curve.low <= curve.share + 1e-12))
    assert np.all((curve.high <= 1) & (curve.share <= curve.high + 1e-12))
    previous = 1.0
    for day in range(14):
        estimate, low, high = curve.at(day)
        if estimate is None:
            break
        assert 0 <= low <= estimate + 1e-12 <= high + 2e-12 <= 1 + 3e-12
        assert estimate <= previous
        previous = estimate


@given(episodes, st.randoms())
def test_the_order_of_the_episodes_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = kaplan_meier(*columns(rows)), kaplan_meier(*columns(shuffled))
    assert one.share.tolist() == other.share.tolist()
    assert one.median == other.median


@given(episodes, st.floats(0.1, 0.9))
def test_a_higher_level_never_narrows_the_limits(rows, level):
    narrow, wide = (kaplan_meier(*columns(rows), level=chosen) for chosen in (level, level + 0.05))
    assert np.all(wide.low <= narrow.low + 1e-12)
    assert np.all(wide.high >= narrow.high - 1e-12)


def test_counting_weeks_instead_of_days_changes_only_the_scale():
    weeks, days = kaplan_meier(WEEKS, RELAPSED), kaplan_meier(np.array(WEEKS) * 7, RELAPSED)
    assert (weeks.share == days.share).all()
    assert days.median.estimate == 7 * weeks.median.estimate


def test_at_ninety_percent_the_limits_lie_where_the_normal_quantile_says():
    curve = kaplan_meier(WEEKS, RELAPSED, level=0.9, transform="plain")
    assert curve.high[3] - curve.share[3] == pytest.approx(norm.ppf(0.95) * curve.error[3])


@pytest.mark.parametrize(
    ("days", "ended", "message"),
    [
        ([], [], "days must hold at least one row"),
        ([1, float("nan")], [1, 1], "days must be .*, found nan"),
        ([1, -1], [1, 1], "days must be a number of at least 0, found -"),
        ([1, float("inf")], [1, 1], "days must be a number of at least 0, found inf"),
        (["soon"], [1], "days must be numbers: text"),
        ([[1, 2]], [1], "days must be a list, found . dimensions"),
        (5, [1], "days must be a list, found . dimensions"),
        ([1, 2], [1], "ended must have as many rows as days .2., found 1"),
        ([1, 2], [1, 2], "ended must be 0 or 1, found "),
        ([1, 2], [1, None], "ended must be .*, found nan"),
    ],
)
def test_what_is_not_a_duration_is_refused_by_name(days, ended, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        kaplan_meier(days, ended)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, float("nan")])
def test_a_level_outside_zero_and_one_is_refused(level):
    with pytest.raises(ValueError, match="^level must "):
        kaplan_meier([1], [1], level=level)


def test_an_unknown_transform_is_refused_with_those_known():
    with pytest.raises(ValueError, match="^transform: 'logit'; expected one of log-log, plain, log"):
        kaplan_meier([1], [1], transform="logit")


@pytest.mark.parametrize("day", [-1, float("nan"), float("inf"), None])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(ValueError, match="^day must "):
        kaplan_meier([1], [1]).at(day)
