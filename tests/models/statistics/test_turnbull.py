"""How long side effects last when their ends lie between contacts: Turnbull against the literature and brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from models.statistics.interval_censored import EXACT_ENOUGH
from models.statistics.survival import kaplan_meier, turnbull
from tests.laws import examples

inf = np.inf

contacts = st.tuples(st.integers(0, 9), st.sampled_from([0, 1, 2, 4, inf])).map(lambda pair: (pair[0], sum(pair)))
episodes = st.lists(contacts, min_size=1, max_size=14)


def columns(rows):
    return [row[0] for row in rows], [row[1] for row in rows]


def test_the_doubly_censored_example_of_turnbull_1974_is_reproduced():
    # At each of the times 1 to 4: so many died then, so many were last seen alive then, so many had died by then.
    counts = {1: (12, 3, 2), 2: (6, 2, 4), 3: (2, 0, 2), 4: (3, 3, 5)}
    rows = []
    for time, (died, alive, dead) in counts.items():
        rows += [(time, time)] * died + [(time, inf)] * alive + [(0, time)] * dead
    curve = turnbull(*columns(rows))
    assert [curve.at(time).estimate for time in counts] == pytest.approx([0.538, 0.295, 0.210, 0.095], abs=5e-4)


def test_an_example_small_enough_to_solve_by_hand():
    # Two gone in (0, 2], one in (1, 3], one open after 2. Mass can lie in (1, 2], call it a, and in (2, 3], call it b:
    # the likelihood is a x a x (a + b) x b with a + b = 1, largest at a = 2/3.
    curve = turnbull([0, 0, 1, 2], [2, 2, 3, inf])
    assert curve.left.tolist() == [1, 2]
    assert curve.right.tolist() == [2, 3]
    assert curve.mass == pytest.approx([2 / 3, 1 / 3], abs=1e-5)


def test_an_end_between_two_contacts_lies_evenly_between_them():
    curve = turnbull([14], [28])
    assert tuple(curve.median) == (21, 14, 28)
    assert tuple(curve.at(14)) == (1, 1, 1)
    assert tuple(curve.at(17.5)) == (0.75, 0, 1)
    assert tuple(curve.at(28)) == (0, 0, 0)


def test_the_median_is_known_to_the_day_when_the_ends_are():
    assert tuple(turnbull([3, 5, 9], [3, 5, 9]).median) == (5, 5, 5)
    assert tuple(turnbull([3, 5, 9, 11], [3, 5, 9, 11]).median) == (5, 5, 5)


def test_the_median_falls_where_the_interpolated_curve_is_one_half():
    curve = turnbull([3, 7, 7, 7], [3, 11, 11, 11])
    # A quarter is over on day 3; a third of the rest, evenly over days 7 to 11, makes the half.
    assert tuple(curve.median) == pytest.approx((7 + 4 / 3, 7, 11))
    assert curve.at(curve.median.estimate).estimate == pytest.approx(0.5)


def test_a_median_among_those_still_open_is_not_reached():
    assert tuple(turnbull([2, 9, 12], [2, inf, inf]).median) == (None, 12, None)
    assert tuple(turnbull([7], [inf]).median) == (None, 7, None)


def test_among_those_still_open_nothing_is_known_but_the_bounds():
    curve = turnbull([2, 5, 5, 5], [2, inf, inf, inf])
    assert tuple(curve.at(5)) == pytest.approx((0.75, 0.75, 0.75))
    assert tuple(curve.at(60)) == (None, 0, pytest.approx(0.75))


def test_on_one_day_a_known_end_comes_before_the_watching_of_others_ends():
    # One known to end on day 5, one still present on day 5 and open since: they share no mass.
    curve = turnbull([5, 5], [5, inf])
    assert (curve.left.tolist(), curve.right.tolist()) == ([5, 5], [5, inf])
    assert curve.mass.tolist() == pytest.approx([0.5, 0.5])
    # One gone between days 3 and 5 may have ended on day 5 itself, with the one known to have.
    assert turnbull([5, 3], [5, 5]).mass.tolist() == [1]


def test_intervals_without_mass_are_left_out_and_the_rest_is_whole():
    # The two early ends pull all mass from where only the third could end.
    curve = turnbull([0, 0, 0, 2], [1, 1, 4, 4])
    assert curve.mass.sum() == pytest.approx(1, abs=1e-12)
    assert (curve.mass > 1e-9).all()


def innermost_by_definition(rows):
    """Every (left, right] between some left and some right end, containing no other end, exact days being closed."""
    lefts = sorted({(left, 0 if left == right else 2) for left, right in rows})
    rights = sorted({(right, 1) for _, right in rows})
    pairs = [(left, right) for left, right in itertools.product(lefts, rights) if left < right]
    ends = lefts + rights
    return [pair for pair in pairs if not any(pair[0] < end < pair[1] for end in ends)]


def largest_likelihood(rows):
    """The maximum found by a general optimiser over all masses on the innermost intervals."""
    inner = innermost_by_definition(rows)
    own = [((left, 0 if left == right else 2), (right, 1)) for left, right in rows]
    inside = np.array([[left <= a and b <= right for a, b in inner] for left, right in own], dtype=float)
    start = np.full(len(inner), 1 / len(inner))
    found = minimize(
        lambda mass: -np.log(np.maximum(inside @ mass, 1e-300)).sum(),
        start,
        jac=lambda mass: -(1 / np.maximum(inside @ mass, 1e-300)) @ inside,
        bounds=[(0, 1)] * len(inner),
        constraints={"type": "eq", "fun": lambda mass: mass.sum() - 1, "jac": lambda mass: np.ones(len(mass))},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    return -found.fun, inner, own


@given(episodes)
@examples(60)
def test_no_other_curve_is_more_likely(rows):
    curve = turnbull(*columns(rows))
    best, inner, own = largest_likelihood(rows)
    masses = zip(curve.left, curve.right, curve.mass, strict=True)
    kept = {((a, 0 if a == b else 2), (b, 1)): mass for a, b, mass in masses}
    assert kept.keys() <= set(inner)
    reached = sum(np.log(sum(m for (a, b), m in kept.items() if left <= a and b <= right)) for left, right in own)
    assert reached >= best - 1e-6
    assert 0 <= curve.error <= EXACT_ENOUGH


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=20))
def test_with_exact_ends_it_is_kaplan_meier(rows):
    days, ended = columns(rows)
    curve = turnbull(days, [day if over else inf for day, over in rows])
    other = kaplan_meier(days, ended)
    for day, share in zip(other.days, other.share, strict=True):
        assert tuple(curve.at(day)) == pytest.approx((share, share, share), abs=1e-8)
    assert curve.median.estimate == other.median.estimate


@given(episodes)
def test_shares_fall_from_one_and_bounds_are_ordered(rows):
    curve = turnbull(*columns(rows))
    assert (curve.left <= curve.right).all()
    assert (curve.right[:-1] <= curve.left[1:]).all()
    previous = 1.0
    for day in np.arange(0, 14, 0.5):
        estimate, low, high = curve.at(day)
        assert 0 <= low <= high <= 1
        if estimate is None:
            break
        assert low - 1e-12 <= estimate <= high + 1e-12
        assert estimate <= previous + 1e-12
        previous = estimate


@given(episodes, st.randoms())
def test_the_order_of_the_episodes_does_not_matter(rows, random):
    one, other = turnbull(*columns(rows)), turnbull(*columns(random.sample(rows, len(rows))))
    assert one.left.tolist() == other.left.tolist()
    assert one.mass.tolist() == other.mass.tolist()


@given(episodes)
def test_every_episode_twice_gives_the_same_curve(rows):
    once, twice = turnbull(*columns(rows)), turnbull(*columns(rows * 2))
    assert twice.left.tolist() == once.left.tolist()
    assert twice.mass == pytest.approx(once.mass, abs=1e-7)


def test_a_step_that_would_make_an_episode_impossible_is_not_taken():
    # Thirty episodes on which a full step along the convex minorant leaves one of them without any share.
    random = np.random.default_rng(336)
    last = random.integers(0, 30, 30).astype(float)
    curve = turnbull(last, last + random.choice([1, 2, 20, inf], 30))
    assert curve.error <= EXACT_ENOUGH


@pytest.mark.parametrize(("gone", "refused"), [(4, "4 ended: too few; 5 needed"), (5, None)])
def test_fewer_than_five_known_ends_are_listed_rather_than_drawn(gone, refused):
    assert turnbull([3] * 9, [8] * gone + [inf] * (9 - gone)).refused == refused


def test_ten_thousand_intervals_are_fitted_to_the_proof():
    random = np.random.default_rng(3)
    lasting = random.weibull(0.8, 10_000) * 40
    visits = np.sort(random.uniform(0, 180, (10_000, 4)), axis=1)
    visits = np.column_stack([np.zeros(10_000), visits, np.full(10_000, inf)])
    last = (visits < lasting[:, np.newaxis]).sum(axis=1) - 1
    row = np.arange(10_000)
    curve = turnbull(visits[row, last], visits[row, last + 1])
    assert curve.error <= EXACT_ENOUGH
    assert curve.at(40).estimate == pytest.approx(np.exp(-1), abs=0.03)


@pytest.mark.parametrize(
    ("last_present", "first_gone", "message"),
    [
        ([], [], "last_present must hold at least one row"),
        ([5], [4], "first_gone: a day before the last one present"),
        ([5, 6], [7], "first_gone must have as many rows as last_present .2., found 1"),
        ([float("nan")], [4], "last_present must be .*, found nan"),
        ([1], [float("nan")], "first_gone must be .*, found nan"),
        ([-1], [4], "last_present must be a number of at least 0, found -"),
        ([inf], [inf], "last_present must be a number of at least 0, found inf"),
    ],
)
def test_what_is_not_a_pair_of_contacts_is_refused_by_name(last_present, first_gone, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        turnbull(last_present, first_gone)


@pytest.mark.parametrize("day", [-1, float("nan"), inf])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(ValueError, match="^day must "):
        turnbull([1], [2]).at(day)
