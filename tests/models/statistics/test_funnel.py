"""People and lots: limits by volume, false flags, correction for many, beside two libraries and counts by hand."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import betabinom, binom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.rates import confint_poisson

from models.statistics import funnel
from tests.laws import examples

units = st.lists(
    st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=9
)

# statsmodels' test_multi.py: tails, and Holm's by R's multtest in the same order.
RAW = [0.838541367553, 0.642193923795, 0.680845947633, 0.967833824309, 0.71626938238, 0.177096952723, 5.23656777208e-05,
       0.0202732688798, 0.00028140506198, 0.0149877310796]  # fmt: skip
HOLM = [1, 1, 1, 1, 1, 1, 5.23656777208e-04, 1.4191288215860e-01, 2.53264555782e-03, 1.199018486368e-01]

# Days with alcohol in a week, 399 people, Lemmens, Knibbe & Tan 1988, as in R's fitODBOD.
DAYS = np.repeat(np.arange(8), [47, 54, 43, 40, 40, 41, 39, 95])


# Limits


def test_at_2_per_cent_units_of_20_to_300_treatments_are_flagged_from_4_to_16_events():
    limits = funnel.limits(0.02, [20, 50, 100, 200, 300])
    assert limits.flagged_from.tolist() == [4, 6, 8, 12, 16]
    assert limits.high.tolist() == [4 / 20, 6 / 50, 8 / 100, 12 / 200, 16 / 300]
    assert limits.flagged_below.tolist() == limits.low.tolist() == [0] * 5


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
@pytest.mark.parametrize("reference", [0.02, 0.3, 0.97])
def test_limits_equal_a_count_by_hand(reference, level):
    totals, outside = np.arange(1, 400, 13), (1 - level) / 2
    limits = funnel.limits(reference, totals, level)
    for n, below, from_ in zip(totals, limits.flagged_below, limits.flagged_from, strict=True):
        events = np.arange(n + 1)
        rare = events[binom.sf(events - 1, n, reference) <= outside]
        few = events[binom.cdf(events, n, reference) <= outside]
        assert from_ == (rare[0] if len(rare) else n + 1)
        assert below == (few[-1] + 1 if len(few) else 0)


def test_from_342_treatments_on_a_unit_without_any_event_is_better_than_chance():
    limits = funnel.limits(0.02, [341, 342])
    assert limits.flagged_below.tolist() == [0, 1]
    assert limits.low.tolist() == [0, 1 / 342]


@examples(60)
@given(units, st.floats(0.002, 0.6))
def test_line_and_flag_of_the_funnel_never_disagree(rows, reference):
    events, totals = (np.array(column) for column in zip(*rows, strict=True))
    limits = funnel.limits(reference, totals)
    assert ((events / totals >= limits.high) == (events >= limits.flagged_from)).all()
    assert ((events / totals < limits.low) == (events < limits.flagged_below)).all()
    assert (limits.low >= 0).all() and (limits.low <= limits.high).all()


# Observed / expected


@pytest.mark.parametrize(("count", "high"), [(15, 1.649348), (20, 1.544419), (30, 1.427562)])
def test_the_ratio_of_as_many_as_expected_has_the_exact_poisson_end(count, high):
    ratio = funnel.ratio(count, count)
    assert (ratio.estimate, ratio.high) == (1, pytest.approx(high, abs=5e-7))


def test_the_ratio_of_a_tiny_area_is_that_of_the_ukhsa():
    assert tuple(funnel.ratio(9, 835.883561)) == pytest.approx((0.010767, 0.004923, 0.020439), abs=5e-7)


def test_without_events_the_ratio_starts_at_0_and_ends_at_3_7_events():
    assert tuple(funnel.ratio(0, 1)) == pytest.approx((0, 0, 3.688879), abs=5e-7)


@given(st.integers(0, 300), st.floats(0.01, 300), st.floats(0.5, 0.999))
def test_the_ratio_equals_statsmodels_and_is_ordered(observed, expected, level):
    ratio = funnel.ratio(observed, expected, level)
    other = confint_poisson(observed, expected, method="exact-c", alpha=1 - level)
    assert (ratio.low, ratio.high) == pytest.approx(tuple(np.nan_to_num(other)), rel=1e-9)
    assert 0 <= ratio.low <= ratio.estimate <= ratio.high
    assert (ratio.low == 0) == (observed == 0)


# Shrinking


def test_the_shapes_of_the_drinking_days_are_those_of_fitodbod():
    group = funnel.shrink(DAYS, [7] * 399)
    assert (group.centre * group.pull, (1 - group.centre) * group.pull) == pytest.approx((0.722942, 0.580848), abs=5e-6)


def test_a_shrunken_rate_is_the_units_own_events_and_the_groups_put_together():
    group = funnel.shrink([1, 9, 1, 0], [50, 60, 40, 0])
    for rate, events, total in zip(group.rate, [1, 9, 1, 0], [50, 60, 40, 0], strict=True):
        assert rate == pytest.approx((events + group.centre * group.pull) / (total + group.pull))
    assert group.rate[3] == pytest.approx(group.centre)


def test_the_fit_is_the_most_likely_beta_by_another_search():
    events, totals = np.array([1, 9, 1, 4, 0]), np.array([50, 60, 40, 80, 30])
    unlikely = lambda shapes: -betabinom.logpmf(events, totals, *np.exp(shapes)).sum()
    other = minimize(unlikely, [0, 3], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000})
    group = funnel.shrink(events, totals)
    shapes = group.centre * group.pull, (1 - group.centre) * group.pull
    assert shapes == pytest.approx(tuple(np.exp(other.x)), rel=1e-5)


@pytest.mark.parametrize(("events", "pooled"), [([1, 2, 1], 4 / 150), ([0, 0, 0], 0), ([50, 60, 40], 1)])
def test_units_that_differ_no_more_than_by_chance_all_get_the_pooled_rate(events, pooled):
    group = funnel.shrink(events, [50, 60, 40])
    assert group.rate.tolist() == [pooled] * 3
    assert (group.centre, group.pull) == (pooled, np.inf)


def test_the_spread_of_single_treatments_is_never_beyond_chance():
    assert funnel.shrink([0, 1, 1, 0, 0], [1] * 5).pull == np.inf


def test_units_that_are_all_or_nothing_keep_their_own_rates():
    group = funnel.shrink([0, 0, 50], [50, 50, 50])
    assert group.rate == pytest.approx([0, 0, 1], abs=1e-5)
    assert group.centre == pytest.approx(1 / 3, abs=1e-3)


@examples(60)
@given(units)
def test_shrunken_rates_lie_between_the_units_own_and_the_groups(rows):
    events, totals = (np.array(column) for column in zip(*rows, strict=True))
    group = funnel.shrink(events, totals)
    low, high = np.minimum(events / totals, group.centre), np.maximum(events / totals, group.centre)
    assert ((low - 1e-9 <= group.rate) & (group.rate <= high + 1e-9)).all()
    assert 0 <= group.centre <= 1 and group.pull > 0


@examples(30)
@given(units)
def test_reversing_units_reverses_their_rates(rows):
    events, totals = (list(column) for column in zip(*rows, strict=True))
    here, back = funnel.shrink(events, totals), funnel.shrink(events[::-1], totals[::-1])
    assert back.rate[::-1] == pytest.approx(here.rate, abs=1e-6)


# False flags


def test_eight_alike_practitioners_raise_a_flag_34_times_in_100_at_95_per_cent_and_1_6_at_99_8():
    assert funnel.false_flags(8, 0.95) == pytest.approx(0.3366, abs=5e-5)
    assert funnel.false_flags(8, 0.998) == pytest.approx(0.0159, abs=5e-5)


def test_false_flags_equal_the_sum_over_all_ways_to_be_flagged():
    for number in (1, 2, 5):
        ways = [flags for flags in product((0, 1), repeat=number) if any(flags)]
        chance = sum(0.95 ** (number - sum(flags)) * 0.05 ** sum(flags) for flags in ways)
        assert funnel.false_flags(number, 0.95) == pytest.approx(chance)
    assert funnel.false_flags(0, 0.95) == 0


# Lots


def test_holm_gives_the_values_of_rs_multtest():
    assert funnel.holm(RAW) == pytest.approx(HOLM)


def test_holm_equals_statsmodels_also_with_ties():
    tails = [0.3, 0.01, 0.01, 0.2, 0.9, 0.004, 0.0125]
    assert funnel.holm(tails) == pytest.approx(multipletests(tails, method="holm")[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_a_lot_stands_out_only_when_every_group_of_lots_with_it_does(tails):
    among = [group for size in range(1, len(tails) + 1) for group in combinations(range(len(tails)), size)]
    worst = [max(min(1, len(g) * min(tails[i] for i in g)) for g in among if lot in g) for lot in range(len(tails))]
    adjusted = funnel.holm(tails)
    assert adjusted == pytest.approx(worst)
    assert (adjusted >= tails).all() and (adjusted <= 1).all()
