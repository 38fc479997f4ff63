"""One practitioner or lot against the others: every table of small strata, scipy, statsmodels, and its laws."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binom, hypergeom
from scipy.stats.contingency import odds_ratio
from statsmodels.stats.contingency_tables import StratifiedTable

from models.statistics import funnel
from tests.laws import examples

cells = st.integers(0, 25).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
strata = st.lists(st.tuples(cells, cells), min_size=1, max_size=5)
small_cells = st.integers(0, 7).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
small_strata = st.lists(st.tuples(small_cells, small_cells), min_size=1, max_size=4)


def compare(strata, **settings):
    """Strata as ((events, treatments) of the unit, the same of the others)."""
    table = np.array(strata).transpose(2, 1, 0)
    return funnel.conditional(table[0], table[1], range(len(strata)), **settings)


def chances_by_hand(strata):
    """The chance of each count of the unit, from every table with the margins of the strata."""
    chances = {}
    parts = [
        {x: hypergeom.pmf(x, n + others, m + other, n) for x in range(min(n, m + other) + 1)}
        for (m, n), (other, others) in strata
        if n and others
    ]
    for table in product(*(part.items() for part in parts)):
        count = sum(x for x, _ in table)
        chances[count] = chances.get(count, 0) + np.prod([chance for _, chance in table])
    return {count: chance for count, chance in chances.items() if chance > 0}


SMALL = [((3, 7), (2, 9)), ((2, 4), (0, 6)), ((0, 5), (1, 8))]


def test_three_small_strata_have_the_chances_of_all_their_tables():
    found = compare(SMALL, level=0.9)
    chances = chances_by_hand(SMALL)
    at_least = sum(chance for count, chance in chances.items() if count >= 5)
    at_most = sum(chance for count, chance in chances.items() if count <= 5)
    assert (found.observed, found.comparable) == (5, 16)
    assert found.expected == pytest.approx(sum(count * chance for count, chance in chances.items()))
    assert found.tail == pytest.approx(2 * min(at_least, at_most))
    assert compare(SMALL, alternative="greater").tail == pytest.approx(at_least)


@examples(60)
@given(small_strata, st.sampled_from([0.8, 0.95, 0.998]))
def test_band_and_tail_are_those_of_all_tables(strata, level):
    chances = chances_by_hand(strata)
    found, one_sided = compare(strata, level=level), compare(strata, level=level, alternative="greater")
    more = {count: sum(c for x, c in chances.items() if x >= count) for count in chances}
    fewer = {count: sum(c for x, c in chances.items() if x <= count) for count in chances}
    sides = [more[found.observed], fewer[found.observed]]
    assert found.tail == pytest.approx(min(1, 2 * min(sides)), abs=1e-9)
    assert one_sided.tail == pytest.approx(sides[0], abs=1e-9)
    outside = 1 - level
    if all(
        abs(side - chance) > 1e-9 for side in [*more.values(), *fewer.values()] for chance in (outside, outside / 2)
    ):
        assert found.high == max(count for count in chances if more[count] > outside / 2)
        assert found.low == min(count for count in chances if fewer[count] > outside / 2)
        assert one_sided.high == max(count for count in chances if more[count] > outside)


@examples(60)
@given(strata, st.floats(1, 2), st.sampled_from([0.8, 0.998]))
def test_flag_band_and_interval_never_disagree(strata, effect, level):
    found = compare(strata, design_effect=effect, level=level)
    assume(abs(found.tail - (1 - level)) > 1e-9)
    flagged = found.tail < 1 - level
    assert flagged == (not found.low <= found.observed <= found.high)
    assert found.low <= found.expected + 1 and found.expected - 1 <= found.high
    low, high = found.ratio.low, found.ratio.high
    assert flagged == bool((low is not None and low > 1) or (high is not None and high < 1))


@pytest.mark.parametrize("table", [((9, 40), (12, 160)), ((2, 55), (31, 300)), ((0, 20), (9, 80)), ((6, 6), (3, 12))])
def test_one_stratum_is_the_exact_test_and_interval_of_scipy(table):
    (a, n), (b, m) = table
    found = compare([table], level=0.95)
    assert found.tail == pytest.approx(
        min(1, 2 * min(hypergeom.sf(a - 1, n + m, a + b, n), hypergeom.cdf(a, n + m, a + b, n)))
    )
    exact = odds_ratio([[a, n - a], [b, m - b]], kind="conditional").confidence_interval(0.95)
    assert found.ratio.low == pytest.approx(exact.low, rel=1e-5)
    assert found.ratio.high == (None if np.isinf(exact.high) else pytest.approx(exact.high, rel=1e-5))
    one_sided = odds_ratio([[a, n - a], [b, m - b]], kind="conditional").confidence_interval(0.95, "greater")
    greater = compare([table], level=0.95, alternative="greater").ratio
    assert (greater.low, greater.high) == (pytest.approx(one_sided.low, rel=1e-5), None)


def test_the_ratio_is_that_of_mantel_and_haenszel():
    strata = [((12, 60), (20, 190)), ((4, 33), (9, 120)), ((1, 9), (0, 30))]
    tables = [[[a, n - a], [b, m - b]] for (a, n), (b, m) in strata]
    assert compare(strata).ratio.estimate == pytest.approx(StratifiedTable(tables).oddsratio_pooled)


def test_without_events_among_the_others_the_ratio_is_not_estimable_but_its_lower_end_is():
    ratio = compare([((3, 30), (0, 90))], level=0.95).ratio
    assert (ratio.estimate, ratio.high) == (None, None)
    assert ratio.low == pytest.approx(odds_ratio([[3, 27], [0, 90]]).confidence_interval(0.95).low, rel=1e-5)


def test_a_stratum_of_one_unit_carries_no_information():
    alone = [((9, 40), (0, 0)), ((0, 0), (5, 80))]
    assert compare([*SMALL, *alone]).tail == compare(SMALL).tail
    assert compare([*SMALL, *alone]).comparable == compare(SMALL).comparable == 16
    nothing = compare(alone)
    assert (nothing.comparable, nothing.observed, nothing.low, nothing.high, nothing.tail) == (0, 0, 0, 0, 1)
    assert tuple(nothing.ratio) == (None, None, None)
    assert nothing.power_doubled is None


def test_other_units_are_added_up_and_so_are_columns_of_one_stratum():
    by_unit = funnel.conditional([[3, 2], [1, 0], [1, 0]], [[7, 4], [5, 6], [4, 0]], ["a", "b"])
    by_row = funnel.conditional([[1, 2, 2], [2, 0, 0]], [[3, 4, 4], [9, 3, 3]], ["a", "a", "b"])
    together = compare([((3, 7), (2, 9)), ((2, 4), (0, 6))])
    assert (by_unit.tail, by_unit.low, by_unit.high) == (together.tail, together.low, together.high)
    assert by_row.tail == compare([((3, 7), (2, 12)), ((2, 4), (0, 3))]).tail


def test_clustering_divides_the_normal_deviate_of_each_side():
    plain, clustered = (compare(SMALL, alternative="greater", design_effect=effect) for effect in (1, 1.3))
    assert clustered.tail == pytest.approx(ndtr(ndtri(plain.tail) / np.sqrt(1.3)))


@examples(60)
@given(strata, st.floats(1, 2))
def test_clustering_never_narrows_the_band_or_makes_a_rare_count_rarer(strata, effect):
    plain, clustered = compare(strata), compare(strata, design_effect=effect)
    assert clustered.low <= plain.low and plain.high <= clustered.high
    assert clustered.tail >= plain.tail - 1e-9


@examples(60)
@given(strata, st.randoms())
def test_the_order_of_the_strata_does_not_matter(strata, random):
    assert compare(random.sample(strata, len(strata))).tail == pytest.approx(compare(strata).tail, abs=1e-12)


@examples(60)
@given(strata)
def test_two_units_are_one_comparison(strata):
    one, other = compare(strata), compare([(others, own) for own, others in strata])
    assert one.tail == pytest.approx(other.tail, abs=1e-12)
    everyone = sum(own[0] + others[0] for own, others in strata if own[1] and others[1])
    assert (one.observed, one.low, one.high) == (
        everyone - other.observed,
        everyone - other.high,
        everyone - other.low,
    )


def power_by_hand(own, others, rate, outside):
    total = 0.0
    for b, chance in enumerate(binom.pmf(np.arange(others + 1), others, rate)):
        a = np.arange(own + 1)
        flagged = hypergeom.sf(a - 1, own + others, a + b, own) <= outside
        total += chance * (binom.pmf(a, own, 2 * rate) @ flagged)
    return total


@pytest.mark.parametrize(("own", "others", "events"), [(20, 60, (1, 5)), (40, 40, (10, 12)), (60, 25, (3, 1))])
def test_the_power_of_one_stratum_is_a_sum_over_all_outcomes(own, others, events):
    found = compare([((events[0], own), (events[1], others))], level=0.95)
    rate = sum(events) / (own + others)
    assert found.power_doubled == pytest.approx(power_by_hand(own, others, rate, 0.025), abs=1e-5)


@pytest.mark.parametrize(
    ("own", "others", "rate", "power"),
    # Method notes: a doubled rate outside the outer band, by simulation.
    [(174, 936, 0.22, 1.0), (200, 200, 0.22, 0.95), (400, 240, 0.05, 0.17), (120, 240, 0.03, 0.02)],
)
def test_a_doubled_rate_is_seen_as_often_as_in_the_method_notes(own, others, rate, power):
    found = compare([((round(own * rate), own), (round(others * rate), others))])
    assert found.power_doubled == pytest.approx(power, abs=0.015)


def test_the_power_of_strata_of_the_same_mix_is_that_of_one_and_clustering_lowers_it():
    one = compare([((12, 80), (36, 240))], level=0.95).power_doubled
    split = compare([((6, 40), (18, 120)), ((6, 40), (18, 120))], level=0.95).power_doubled
    assert split == pytest.approx(one)
    assert compare([((12, 80), (36, 240))], level=0.95, design_effect=1.5).power_doubled < one


def test_a_rate_that_cannot_double_has_no_power():
    assert compare([((30, 40), (70, 100))]).power_doubled is None
    assert compare([((0, 40), (0, 100))]).power_doubled is None


def test_counts_far_beyond_chance_do_not_underflow():
    found = compare([((1000, 1000), (0, 1000))])
    assert found.tail < 1e-100
    assert found.high < 600
    assert found.ratio.low > 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1]], [[2]], ["a"]), "events and totals must be tables of one shape"),
        (([[1], [0]], [[2], [1], [1]], ["a"]), "events and totals must be tables of one shape"),
        (([1, 0], [2, 1], ["a"]), "events and totals must be tables of one shape"),
        (([[3], [0]], [[2], [1]], ["a"]), "events must not exceed totals, found 3 of 2"),
        (([[1], [0]], [[2], [1]], ["a", "b"]), r"stratum must have one label per column \(1\), found 2"),
        (([[1], [0]], [[2], [1]], [None]), "stratum must"),
        (([[1], [0]], [[2], [1]], ["a"], 0.9), "design_effect must be at least 1, found 0.9"),
        (([[1], [0]], [[2], [1]], ["a"], 1, 1), "level must lie between 0 and 1"),
        (([[1], [0]], [[2], [1]], ["a"], 1, 0.9, "less"), "alternative: 'less'; expected one of two-sided, greater"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        funnel.conditional(*arguments)
