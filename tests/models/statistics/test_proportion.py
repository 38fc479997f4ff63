"""Rates: Newcombe's and others' published intervals, two other implementations, and the laws a rate must obey."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from models.statistics import proportion
from models.statistics.interval import Interval
from tests.laws import examples

counts = st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
levels = st.floats(0.5, 0.9999)
client = st.integers(1, 6).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
clients = st.lists(client, min_size=1, max_size=30)

# Weil's litters, Rao & Scott 1992 table 1, as kept in R's aod and PF packages: survivors, pups.
CONTROL = (
    [13, 12, 9, 9, 8, 8, 12, 11, 9, 9, 8, 11, 4, 5, 7, 7],
    [13, 12, 9, 9, 8, 8, 13, 12, 10, 10, 9, 13, 5, 7, 10, 10],
)
TREATED = [12, 11, 10, 9, 10, 9, 9, 8, 8, 4, 7, 4, 5, 3, 3, 0], [12, 11, 10, 9, 11, 10, 10, 9, 9, 5, 9, 7, 10, 6, 10, 7]


def nearly(*values, digits=6):
    return pytest.approx(values, abs=0.5 * 10**-digits)


# Published examples


@pytest.mark.parametrize(
    ("events", "total", "low", "high"),
    [(81, 263, 0.255289, 0.366210), (0, 20, 0, 0.161125), (1, 29, 0.006113, 0.171755)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998(events, total, low, high):
    assert tuple(proportion.wilson(events, total)) == nearly(events / total, low, high)


def test_clopper_pearson_gives_the_interval_of_newcombe_1998():
    assert tuple(proportion.clopper_pearson(15, 148)) == nearly(15 / 148, 0.057844, 0.161650)


@pytest.mark.parametrize(
    ("group_a", "group_b", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((7, 34), (1, 34), 0.0189, 0.3404)],
)
def test_difference_gives_the_intervals_of_newcombe_1998_and_of_fagerland(group_a, group_b, low, high):
    a, b = group_a[0] / group_a[1], group_b[0] / group_b[1]
    assert tuple(proportion.difference(*group_a, *group_b)) == nearly(a - b, low, high, digits=4)


def test_the_design_effect_of_weils_litters_is_that_of_rao_and_scott():
    assert proportion.design_effect(*CONTROL) == pytest.approx(1.232495, abs=1e-6)
    assert proportion.design_effect(*TREATED) == pytest.approx(3.952861, abs=1e-6)


def test_forty_treated_of_whom_26_were_reached_with_2_events_lie_between_5_and_40_per_cent():
    assert proportion.bounds(2, 26, 40) == (0.05, 0.4)


# Independent implementations


@examples(200)
def clustered(events, treatments, level=0.95) -> Interval:
    """The interval for clients who were treated several times."""
    effect = proportion.design_effect(events, treatments)
    return proportion.wilson_with_effect(sum(events), sum(treatments), effect, level)


@given(counts, levels)
def test_wilson_and_clopper_pearson_equal_scipy_and_statsmodels(count, level):
    events, total = count
    for ours, scipys, statsmodels in (
        (proportion.wilson, "wilson", "wilson"),
        (proportion.clopper_pearson, "exact", "beta"),
    ):
        estimate, low, high = ours(events, total, level)
        other = binomtest(events, total).proportion_ci(level, scipys)
        assert (low, high) == pytest.approx((other.low, other.high), abs=1e-10)
        assert (low, high) == pytest.approx(proportion_confint(events, total, 1 - level, statsmodels), abs=1e-10)
        assert estimate == events / total


@given(counts, counts, levels)
def test_difference_equals_statsmodels(group_a, group_b, level):
    _, low, high = proportion.difference(*group_a, *group_b, level)
    other = confint_proportions_2indep(*group_a, *group_b, method="newcomb", compare="diff", alpha=1 - level)
    assert (low, high) == pytest.approx(other, abs=1e-10)


@pytest.mark.parametrize("rate", [Fraction(1, 50), Fraction(3, 10), Fraction(19, 20)])
def test_the_tail_is_the_sum_of_all_ways_to_have_so_many_events(rate):
    for total in (1, 2, 7, 20):
        for events in range(total + 1):
            ways = sum(comb(total, k) * rate**k * (1 - rate) ** (total - k) for k in range(events, total + 1))
            assert proportion.tail(events, total, float(rate)) == pytest.approx(float(ways), rel=1e-12)


@pytest.mark.parametrize("alpha", [0.1, 0.025, 0.00135, 0.001])
@pytest.mark.parametrize("reference", [0.005, 0.02, 0.3, 0.9])
def test_flagged_from_is_the_first_count_whose_tail_is_small_enough(reference, alpha):
    totals = np.arange(0, 260, 7)
    counted = [next(x for x in range(1, n + 2) if binom.sf(x - 1, n, reference) <= alpha) for n in totals]
    assert proportion.flagged_from(totals, reference, alpha).tolist() == counted


@given(clients, st.data())
def test_alike_clients_may_share_a_row(per_client, data):
    alike = [data.draw(st.integers(1, 4)) for _ in per_client]
    events, treatments = (np.array(column) for column in zip(*per_client, strict=True))
    each = proportion.design_effect(np.repeat(events, alike), np.repeat(treatments, alike))
    assert proportion.design_effect(events, treatments, alike) == pytest.approx(each)


def test_the_design_effect_is_the_same_number_in_whatever_order_the_clients_stand():
    events, treatments, alike = np.array([1, 0, 2, 1, 0, 3, 0]), np.array([1, 2, 3, 4, 5, 6, 7]), np.arange(90, 97)
    orders = [np.random.default_rng(seed).permutation(7) for seed in range(50)]
    effects = {proportion.design_effect(events[order], treatments[order], alike[order]) for order in orders}
    assert len(effects) == 1


@examples(50)
@given(clients)
def test_the_design_effect_is_the_cluster_robust_variance_of_a_mean(per_client):
    events, treatments = (np.array(column) for column in zip(*per_client, strict=True))
    rate = events.sum() / treatments.sum()
    effect = proportion.design_effect(events, treatments)
    if len(events) == 1 or rate in (0, 1):
        assert effect is None
        return
    outcomes = np.concatenate([[1] * x + [0] * (n - x) for x, n in per_client]).astype(float)
    owner = np.repeat(np.arange(len(events)), treatments)
    fit = OLS(outcomes, np.ones(len(outcomes))).fit(cov_type="cluster", cov_kwds={"groups": owner})
    assert effect == pytest.approx(fit.bse[0] ** 2 / (rate * (1 - rate) / treatments.sum()), rel=1e-8, abs=1e-12)


def test_wilson_covers_about_what_it_says_where_the_textbook_interval_does_not():
    total, rate = 60, 0.02
    chances = binom.pmf(np.arange(total + 1), total, rate)
    covers = [low <= rate <= high for _, low, high in (proportion.wilson(x, total) for x in range(total + 1))]
    textbook = [proportion_confint(x, total, method="normal") for x in range(total + 1)]
    assert chances @ covers > 0.93
    assert chances @ [low <= rate <= high for low, high in textbook] < 0.71


# Laws


@examples(200)
@given(counts, levels)
def test_intervals_are_ordered_inside_0_and_1_and_exact_at_the_ends(count, level):
    events, total = count
    for interval in (proportion.wilson, proportion.clopper_pearson):
        estimate, low, high = interval(events, total, level)
        assert 0 <= low <= estimate <= high <= 1
        assert (low == 0) == (events == 0)
        assert (high == 1) == (events == total)


@given(counts, levels)
def test_one_event_more_never_lowers_a_rate_and_one_clean_treatment_more_never_raises_it(count, level):
    events, total = count
    for interval in (proportion.wilson, proportion.clopper_pearson):
        here = interval(events, total, level)
        cleaner = interval(events, total + 1, level)
        assert all(after <= before for before, after in zip(here, cleaner, strict=True))
        if events < total:
            worse = interval(events + 1, total, level)
            assert all(after >= before for before, after in zip(here, worse, strict=True))


@given(counts)
def test_a_higher_level_gives_a_wider_interval_and_clopper_pearson_never_ends_below_wilsons_rate(count):
    narrow, wide = proportion.wilson(*count, 0.8), proportion.wilson(*count, 0.99)
    assert wide.low <= narrow.low and narrow.high <= wide.high


@given(counts, counts, levels)
def test_a_difference_is_inside_minus_1_and_1_and_turns_its_sign_with_the_groups(group_a, group_b, level):
    forth, back = proportion.difference(*group_a, *group_b, level), proportion.difference(*group_b, *group_a, level)
    assert -1 <= forth.low <= forth.estimate <= forth.high <= 1
    assert tuple(back) == pytest.approx((-forth.estimate, -forth.high, -forth.low), abs=1e-12)


@given(st.tuples(st.integers(1, 300), st.integers(0, 300), st.integers(0, 300)))
def test_the_bounds_enclose_the_rate_among_those_reached(numbers):
    total, known, events = numbers[0], min(numbers[0], numbers[1]), min(numbers)
    lowest, highest = proportion.bounds(events, known, total)
    assert 0 <= lowest <= highest <= 1
    assert known == 0 or lowest <= events / known <= highest
    assert (lowest == highest) == (known == total)


@given(counts, st.floats(0.001, 0.999))
def test_the_tail_falls_with_each_event_and_line_and_flag_agree(count, reference):
    events, total = count
    tail = proportion.tail(events, total, reference)
    assert 0 <= tail <= 1
    assert events == total or proportion.tail(events + 1, total, reference) <= tail
    assert (events >= proportion.flagged_from(total, reference, 0.001)) == (tail <= 0.001)


@given(clients, levels)
def test_the_clustered_interval_is_never_narrower_than_the_plain_one(per_client, level):
    events, treatments = zip(*per_client, strict=True)
    plain = proportion.wilson(sum(events), sum(treatments), level)
    wide = clustered(events, treatments, level)
    assert wide.estimate == plain.estimate
    assert 0 <= wide.low <= plain.low and plain.high <= wide.high <= 1


# Edges


def test_forty_treatments_without_an_event_are_at_most_7_2_per_cent():
    assert proportion.upper_limit_when_none(40) == pytest.approx(1 - 0.05 ** (1 / 40), rel=1e-12)
    assert proportion.upper_limit_when_none(1, 0.9) == pytest.approx(0.9)
    assert binom.pmf(0, 40, proportion.upper_limit_when_none(40)) == pytest.approx(0.05)


def test_no_events_have_a_tail_of_one_even_without_treatments():
    assert proportion.tail(0, 0, 0.02) == 1
    assert proportion.tail(0, 40, 0.02) == 1
    assert proportion.tail(1, 1, 0.02) == pytest.approx(0.02)


def test_a_tail_of_columns_is_a_column():
    assert proportion.tail([0, 1, 2], [1, 1, 2], 0.1).tolist() == pytest.approx([1, 0.1, 0.01])
    assert isinstance(proportion.tail(1, 2, 0.1), float)
    assert proportion.tail(1, 1, [0.1, 0.2]).tolist() == pytest.approx([0.1, 0.2])


def test_where_no_count_is_rare_enough_the_flag_begins_above_the_total():
    assert proportion.flagged_from(1, 0.02, 0.001) == 2
    assert proportion.flagged_from(0, 0.02, 0.001) == 1
    assert isinstance(proportion.flagged_from(40, 0.02, 0.001), int)
    assert proportion.flagged_from([40, 0], 0.02, 0.001).tolist() == [6, 1]


def test_a_tail_exactly_as_rare_as_asked_is_flagged():
    assert proportion.flagged_from(2, 0.5, 0.25) == 2
    assert proportion.flagged_from(1, 0.02, 0.02) == 1


def test_clients_with_one_treatment_each_are_no_clusters():
    effect = proportion.design_effect([1, 0, 0, 0], [1, 1, 1, 1])
    assert effect == pytest.approx(4 / 3)  # only the small-sample factor 4 / (4 - 1)


def test_two_clients_of_whom_one_is_always_affected_count_about_as_two_treatments():
    assert proportion.design_effect([5, 0], [5, 5]) == pytest.approx(10)
    assert tuple(clustered([5, 0], [5, 5])) == pytest.approx((0.5, *proportion_confint(0.5, 1, method="wilson")))


def test_the_design_effect_of_a_single_client_cannot_be_estimated():
    assert proportion.design_effect([1], [5]) is None


def test_without_events_or_with_nothing_else_the_clustered_interval_is_plain():
    assert proportion.design_effect([0, 0], [2, 3]) is None
    assert proportion.design_effect([2, 3], [2, 3]) is None
    assert clustered([0, 0], [2, 3]) == proportion.wilson(0, 5)
    assert clustered([2, 3], [2, 3]) == proportion.wilson(5, 5)


def test_a_design_effect_of_at_most_1_1_is_left_aside():
    ones, noughts = [1] * 6, [0] * 6  # 12 clients of one treatment: 12 / 11 = 1.0909
    assert proportion.design_effect(ones + noughts, [1] * 12) == pytest.approx(12 / 11)
    assert clustered(ones + noughts, [1] * 12) == proportion.wilson(6, 12)
    effect = proportion.design_effect([1] * 5 + [0] * 5, [1] * 10)  # 10 / 9 = 1.1111
    assert effect == pytest.approx(10 / 9)
    assert tuple(clustered([1] * 5 + [0] * 5, [1] * 10)) == pytest.approx(
        (0.5, *proportion_confint(4.5, 9, method="wilson"))
    )


def test_an_interval_unpacks_and_cannot_be_changed():
    estimate, low, high = Interval(0.1, None, 0.3)
    assert (estimate, low, high) == (0.1, None, 0.3)
    with pytest.raises(AttributeError):
        Interval(0.1, 0.0, 0.3).low = 0.2


def test_intervals_hold_plain_numbers_whatever_numbers_came_in():
    for interval in (
        proportion.wilson(np.int64(1), np.int32(29)),
        proportion.clopper_pearson(1.0, 29.0),
        proportion.difference(np.int64(1), 29, 0, 20),
        clustered(np.array([1, 0]), np.array([2, 2])),
    ):
        assert all(type(value) is float for value in interval)


# The design effect of a comparison within strata

clients_in_strata = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=25
).map(lambda rows: [(client, stratum, min(a, b), max(a, b)) for client, stratum, a, b in rows])


def pooled(rows):
    client, stratum, events, totals = zip(*rows, strict=True)
    return proportion.pooled_design_effect(events, totals, client, stratum)


@given(clients_in_strata)
def test_with_one_stratum_the_pooled_design_effect_is_the_plain_one(rows):
    rows = [(client, "all", events, total) for client, _, events, total in rows if total]
    sums = {}
    for client, _, events, total in rows:
        before = sums.get(client, (0, 0))
        sums[client] = (before[0] + events, before[1] + total)
    if sums:
        plain = proportion.design_effect(*zip(*sums.values(), strict=True))
        assert pooled(rows) == pytest.approx(max(1.0, plain or 1.0))


def test_a_difference_between_strata_is_not_taken_for_clustering():
    """Ten clients of necks, all affected but one; ten of brows, none but one: alike within each."""
    rows = [(client, "neck", int(client > 0), 1) for client in range(10)] + [
        (10 + client, "brow", int(client == 0), 1) for client in range(10)
    ]
    assert pooled([(client % 10, *rest) for client, *rest in rows]) == 1
    assert pooled([(client, "all", events, total) for client, _, events, total in rows]) == pytest.approx(20 / 19)


def test_clients_who_always_or_never_are_affected_have_the_effect_of_their_visits():
    rows = [(client, "a", 4 * (client % 2), 4) for client in range(200)]
    assert pooled(rows) == pytest.approx(4 * 200 / 199)


@given(clients_in_strata)
def test_a_pooled_design_effect_is_at_least_1(rows):
    assert pooled(rows) >= 1
