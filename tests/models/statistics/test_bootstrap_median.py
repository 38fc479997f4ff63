"""The interval of the interval-censored median and share: clients drawn again, beside a bootstrap written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics.survival import bootstrap_median, bootstrap_share, kaplan_meier, turnbull
from tests.laws import examples

inf = np.inf


def seen_at_visits(random, episodes, every=14):
    """Durations of mean 30 days, seen at visits so many days apart; half of the clients leave by day 120."""
    lasting = random.exponential(30, episodes)
    first = np.ceil(lasting / every) * every
    left = random.choice([120, 10_000], episodes)
    return first - every, np.where(first > left, inf, first)


def test_the_interval_is_that_of_a_bootstrap_written_out():
    last, first = seen_at_visits(np.random.default_rng(5), 60)
    found = bootstrap_median(last, first, range(60), draws=199)
    random = np.random.default_rng(99)  # other draws: the ends agree but for the simulation
    medians = []
    for _ in range(600):
        drawn = random.integers(60, size=60)
        medians.append(turnbull(last[drawn], first[drawn]).median.estimate)
    assert found.estimate == turnbull(last, first).median.estimate
    assert found.low == pytest.approx(np.quantile(medians, 0.025), abs=3)
    assert found.high == pytest.approx(np.quantile(medians, 0.975), abs=4)


@pytest.mark.parametrize("day", [14, 20, 60])
def test_the_interval_of_a_share_is_that_of_one_estimate_after_the_other(day):
    last, first = seen_at_visits(np.random.default_rng(5), 60)
    found = bootstrap_share(last, first, range(60), day, draws=199, seed=7)
    random = np.random.default_rng(7)
    drawn = [random.integers(60, size=60) for _ in range(199)]
    shares = sorted(turnbull(last[clients], first[clients]).shares(np.array([float(day)]))[0] for clients in drawn)
    assert found.estimate == pytest.approx(turnbull(last, first).at(day).estimate)
    assert (found.low, found.high) == pytest.approx((shares[4], shares[194]), abs=1e-3)  # the fifth from either end


def test_a_share_with_few_ended_stands_alone_and_all_gone_is_none():
    few = bootstrap_share([3] * 19, [8] * 19, range(19), 5, draws=99)
    assert few == (pytest.approx(0.6), None, None)  # spread evenly over (3, 8]
    gone = bootstrap_share([3] * 30, [8] * 30, range(30), 20, draws=99)
    assert gone == (0, 0, 0)


def test_with_exact_ends_it_is_close_to_the_interval_of_kaplan_meier():
    days = np.ceil(np.random.default_rng(4).exponential(30, 300))
    found, other = bootstrap_median(days, days, range(300), draws=399), kaplan_meier(days, days > 0).median
    assert found.estimate == other.estimate
    assert (found.low, found.high) == (pytest.approx(other.low, abs=3), pytest.approx(other.high, abs=3))


def test_clients_are_drawn_with_all_their_episodes():
    """Twenty clients with ten equal episodes each say less than two hundred clients."""
    days = np.repeat(np.ceil(np.random.default_rng(8).exponential(30, 20)), 10)
    alone = bootstrap_median(days, days, range(200), draws=199)
    together = bootstrap_median(days, days, np.repeat(np.arange(20), 10), draws=199)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


@pytest.mark.parametrize(("ended", "has_interval"), [(19, False), (20, True)])
def test_below_twenty_ended_the_median_stands_alone(ended, has_interval):
    found = bootstrap_median([3] * ended + [5] * 4, [8] * ended + [inf] * 4, range(ended + 4), draws=99)
    assert found.estimate == turnbull([3] * ended + [5] * 4, [8] * ended + [inf] * 4).median.estimate
    assert (found.low is not None) == has_interval


def test_an_upper_end_among_those_still_open_is_not_reached():
    last, first = [5] * 22 + [40] * 20, [9] * 22 + [inf] * 20
    found = bootstrap_median(last, first, range(42), draws=199)
    assert found.estimate is not None and found.low is not None
    assert found.high is None


@examples(10)
@given(st.integers(0, 10_000), st.randoms())
def test_the_same_seed_gives_the_same_interval(seed, random):
    last, first = seen_at_visits(np.random.default_rng(seed), 30)
    one, again = (bootstrap_median(last, first, range(30), draws=49, seed=3) for _ in range(2))
    assert one == again
    order = random.sample(range(30), 30)
    shuffled = bootstrap_median(last[order], first[order], order, draws=49, seed=3)
    assert shuffled == pytest.approx(one) if None not in one else shuffled.estimate == one.estimate


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"client": [1]}, "client must have as many rows as last_present"),
        ({"client": [1, None]}, "client must be labels of one kind"),
        ({"draws": 0}, "draws must be a whole number of at least 1"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"level": 1}, "level must lie between 0 and 1"),
        ({"first_gone": [1, 9]}, "first_gone: a day before the last one present"),
    ],
)
def test_what_cannot_be_estimated_is_refused_by_name(change, message):
    right = {"last_present": [3, 5], "first_gone": [8, 9], "client": [1, 2]}
    with pytest.raises(ValueError, match=f"^{message}"):
        bootstrap_median(**right | change)


def test_all_draws_at_once_have_the_medians_of_one_after_the_other():
    last, first = seen_at_visits(np.random.default_rng(6), 40, every=9)
    first[::5] = last[::5]
    random, medians = np.random.default_rng(0), []
    for _ in range(199):
        drawn = random.integers(40, size=40)
        median = turnbull(last[drawn], first[drawn]).median.estimate
        medians.append(np.inf if median is None else median)
    found = bootstrap_median(last, first, [f"{n:02}" for n in range(40)], draws=199, seed=0)
    assert (found.low, found.high) == pytest.approx(tuple(np.sort(medians)[[4, 194]]), abs=0.02)
