"""Several measures between two periods: min-P beside every permutation of small clinics, scipy, and its laws."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from models.statistics.two_periods import min_p
from tests.laws import examples

# Per treatment: client, period, whether asked and whether affected for each of two measures.
treatments = st.tuples(
    st.integers(0, 5), st.sampled_from(["2025", "2026"]), st.sampled_from(["..", "n.", "nn", "ny", "yn", "yy"])
)
clinics = st.lists(treatments, min_size=2, max_size=14).filter(lambda rows: len({row[1] for row in rows}) == 2)


def columns(rows):
    client, period, answers = zip(*rows, strict=True)
    events = np.array([[answer == "y" for answer in both] for both in answers]).astype(int)
    totals = np.array([[answer != "." for answer in both] for both in answers]).astype(int)
    return events, totals, list(client), list(period)


def compare(rows, **settings):
    return min_p(*columns(rows), **settings)


def two_sided(now, of_now, before, of_before):
    """Fisher's test by scipy: twice the smaller tail, at most 1."""
    table = [[now, of_now - now], [before, of_before - before]]
    return min(1, 2 * min(fisher_exact(table, side).pvalue for side in ("less", "greater")))


def tails_by_scipy(events, totals, is_later):
    return [
        two_sided(happened[is_later].sum(), asked[is_later].sum(), happened[~is_later].sum(), asked[~is_later].sum())
        for happened, asked in zip(events.T, totals.T, strict=True)
        if happened.any()
    ]


def every_permutation(client, period):
    """Which treatments are in the later period, for each allowed permutation; all are equally likely."""
    client, later = np.array(client), np.array(period) == max(period)
    own = {label: np.flatnonzero(client == label) for label in dict.fromkeys(client)}
    in_both = [rows for rows in own.values() if 0 < later[rows].sum() < len(rows)]
    choices = [[list(chosen) for chosen in combinations(rows, later[rows].sum())] for rows in in_both]
    for count in {len(rows) for rows in own.values()}:
        alike = [rows for rows in own.values() if len(rows) == count and later[rows].sum() in (0, count)]
        now = sum(later[rows[0]] for rows in alike)
        choices.append([[row for rows in chosen for row in rows] for chosen in combinations(alike, now)])
    for chosen in product(*choices):
        is_later = np.zeros(len(client), dtype=bool)
        is_later[[row for rows in chosen for row in rows]] = True
        yield is_later


SMALL = [
    (1, "a", "y."), (1, "a", "nn"), (1, "b", "yn"), (2, "a", "nn"), (2, "b", "yy"), (2, "b", "ny"), (3, "b", "yy"),
    (4, "a", "nn"), (5, "a", "nn"), (6, "b", "yn"), (7, "a", "n."), (8, "a", "nn"), (8, "a", "nn"), (9, "b", "yy"),
    (9, "b", "nn"),
]  # fmt: skip


def test_a_small_clinic_has_the_chances_of_all_its_permutations():
    events, totals, client, period = columns(SMALL)
    found = compare(SMALL, draws=40_000)
    observed = tails_by_scipy(events, totals, np.array(period) == "b")
    smallest = np.array([min(tails_by_scipy(events, totals, later)) for later in every_permutation(client, period)])
    exact = [(smallest <= tail * (1 + 1e-7)).mean() for tail in observed]
    assert len(smallest) > 100
    assert found.tail == pytest.approx(observed)
    assert found.adjusted == pytest.approx(exact, abs=0.01)


@examples(25)
@given(clinics)
def test_any_small_clinic_has_the_chances_of_all_its_permutations(rows):
    events, totals, client, period = columns(rows)
    if not events.any():
        return
    found = compare(rows, draws=4000)
    smallest = [min(tails_by_scipy(events, totals, later)) for later in every_permutation(client, period)]
    observed = tails_by_scipy(events, totals, np.array(period) == max(period))
    tested = events.any(axis=0)
    assert found.tail[tested] == pytest.approx(observed)
    exact = [(np.array(smallest) <= tail * (1 + 1e-7)).mean() for tail in observed]
    assert found.adjusted[tested] == pytest.approx(exact, abs=0.05)


def test_only_treatments_of_one_stratum_are_exchanged():
    """Four clients asked by checklist and four with an open question: 6 x 6 permutations, all equally likely."""
    events = np.array([[1, 1, 0, 0, 1, 0, 0, 0]]).T
    later = np.array([1, 1, 0, 0, 1, 1, 0, 0], dtype=bool)
    stratum = ["list"] * 4 + ["open"] * 4
    found = min_p(events, np.ones_like(events), range(8), later, stratum=stratum)
    # Two of four with the event by checklist, one of four without: both sums by scipy.
    chance = np.convolve(hypergeom(4, 2, 2).pmf([0, 1, 2]), hypergeom(4, 1, 2).pmf([0, 1]))
    tails = np.minimum(1, 2 * np.minimum(chance.cumsum(), chance[::-1].cumsum()[::-1]))
    assert found.tail[0] == pytest.approx(tails[3])
    assert found.adjusted[0] == pytest.approx(chance[tails <= tails[3] * (1 + 1e-7)].sum(), abs=0.015)


def test_asking_in_another_way_is_no_change():
    """Half the clients have a side effect. A checklist hears of all, an open question of half. Then checklists came."""
    random = np.random.default_rng(3)
    is_later = np.arange(600) >= 300
    has_list = random.random(600) < np.where(is_later, 0.9, 0.1)
    events = ((random.random(600) < 0.5) & (has_list | (random.random(600) < 0.5))).astype(int)[:, np.newaxis]
    asked = np.ones_like(events)
    assert min_p(events, asked, range(600), is_later).adjusted[0] < 0.001
    assert min_p(events, asked, range(600), is_later, stratum=has_list).adjusted[0] > 0.05
    assert min_p(events, asked, range(600), is_later, stratum=is_later).adjusted[0] == 1  # no stratum in common


def test_one_stratum_is_none():
    alike = min_p(*columns(SMALL), stratum=["a"] * len(SMALL))
    assert min_p(*columns(SMALL)).adjusted.tolist() == alike.adjusted.tolist()


def test_one_measure_of_clients_who_came_once_has_the_chance_of_its_fisher_tail():
    totals = np.ones((120, 1), dtype=int)
    events = np.zeros((120, 1), dtype=int)
    events[[0, 1, 2, 3, 4, 5, 6, 70, 71]] = 1
    found = min_p(events, totals, range(120), ["now"] * 50 + ["before"] * 70)
    counts = np.arange(10)
    each = np.minimum(1, 2 * np.minimum(hypergeom.cdf(counts, 120, 9, 50), hypergeom.sf(counts - 1, 120, 9, 50)))
    exact = hypergeom.pmf(counts, 120, 9, 50)[each <= each[7] * (1 + 1e-7)].sum()
    assert found.tail[0] == pytest.approx(each[7])
    assert found.adjusted[0] == pytest.approx(exact, abs=0.01)


def test_the_smallest_tail_of_many_measures_is_less_surprising_than_alone():
    random = np.random.default_rng(3)
    events = (random.random((200, 10)) < 0.1).astype(int)
    events[:100, 0] |= random.random(100) < 0.12
    found = min_p(events, np.ones_like(events), range(200), [1] * 100 + [0] * 100)
    assert found.tail.argmin() == found.adjusted.argmin()
    assert found.adjusted.min() > 2 * found.tail.min()
    assert found.chance(found.tail.min()) == found.adjusted.min()


def test_the_same_measure_twice_counts_once():
    events, totals, client, period = columns(SMALL * 3)
    once = min_p(events[:, :1], totals[:, :1], client, period)
    twice = min_p(events[:, [0, 0]], totals[:, [0, 0]], client, period)
    assert twice.adjusted.tolist() == once.adjusted.tolist() * 2


def test_events_of_one_client_are_not_taken_for_those_of_many():
    """One client affected all six times in one period: 6 of 26 against 0 of 30, but it is one client of many."""
    rows = [(0, "now", "y.")] * 6 + [(client, "now", "n.") for client in range(1, 21)]
    rows += [(client, "before", "n.") for client in range(30, 60)]
    found = compare(rows)
    assert found.tail[0] < 0.02
    assert found.adjusted[0] == 1  # nobody else came six times, so that nothing can be exchanged


def test_a_measure_without_events_is_left_out_and_makes_no_other_less_surprising():
    events, totals, client, period = columns(SMALL)
    with_empty = min_p(np.column_stack([events, 0 * events]), np.column_stack([totals, totals]), client, period)
    assert np.isnan(with_empty.adjusted[2:]).all() and np.isnan(with_empty.tail[2:]).all()
    assert with_empty.adjusted[:2] == pytest.approx(compare(SMALL).adjusted, abs=0.02)
    nothing = min_p(0 * events, totals, client, period)
    assert np.isnan(nothing.adjusted).all()
    assert nothing.chance(1.0) == 1


def test_the_least_chance_is_one_in_the_permutations_and_the_observed_one():
    rows = [(client, "now", "y.") for client in range(30)] + [(client, "before", "n.") for client in range(30, 60)]
    assert compare(rows, draws=99).adjusted[0] == pytest.approx(1 / 100)


def test_several_areas_of_a_treatment_are_counted_together():
    events, totals, client, period = columns(SMALL)
    found = min_p(2 * events, 3 * totals, client, period)
    is_later = np.array(period) == "b"
    assert found.tail == pytest.approx(tails_by_scipy(2 * events, 3 * totals, is_later))


@examples(40)
@given(clinics, st.randoms())
def test_the_order_of_the_treatments_does_not_matter(rows, random):
    one, other = compare(rows, draws=200), compare(random.sample(rows, len(rows)), draws=200)
    assert one.smallest.tolist() == other.smallest.tolist()
    assert np.array_equal(one.adjusted, other.adjusted, equal_nan=True)


@examples(40)
@given(clinics)
def test_a_smaller_tail_is_never_less_surprising(rows):
    found = compare(rows, draws=200)
    assert ((found.smallest > 0) & (found.smallest <= 1)).all()
    by_tail = found.adjusted[np.argsort(found.tail)]
    by_tail = by_tail[~np.isnan(by_tail)]
    assert (np.diff(by_tail) >= 0).all()
    assert ((by_tail >= 1 / 201) & (by_tail <= 1)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events": [1, 0]}, "events must have a row per treatment and a column per measure, found 1 dimensions"),
        ({"events": [[1], [0], [0]]}, r"totals must have the shape of events \(3, 1\), found \(2, 1\)"),
        ({"events": [[2], [0]]}, "events must not exceed totals, found 2 of 1"),
        ({"events": [[-1], [0]]}, "events must be a whole number of at least 0"),
        ({"client": [1]}, r"client must have as many rows as events \(2\), found 1"),
        ({"client": [1, None]}, "client must be labels of one kind"),
        ({"period": [1, 1]}, "period must hold two periods, found 1"),
        ({"period": [1, 2, 3]}, r"period must have as many rows as events \(2\), found 3"),
        ({"draws": 0}, "draws must be a whole number of at least 1"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(change, message):
    right = {"events": [[1], [0]], "totals": [[1], [1]], "client": [1, 2], "period": [1, 2]}
    with pytest.raises(ValueError, match=f"^{message}"):
        min_p(**right | change)
