"""A change between two periods: the exact conditional tail, held against scipy and against counting by hand."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from models.statistics.two_sample import compare_counts

halves = st.integers(0, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def test_the_lady_tasting_tea():
    assert compare_counts(3, 4, 1, 4).more == pytest.approx(17 / 70)
    assert compare_counts(4, 4, 0, 4).more == pytest.approx(1 / 70)


def test_a_rate_before_is_itself_uncertain():
    """9 of 61 after 6 of 140: not 1 time in 900, as if the 6 of 140 were the truth."""
    assert compare_counts(9, 61, 6, 140).more == pytest.approx(1 / 76, rel=0.01)


def test_events_after_none_before_can_be_judged():
    assert compare_counts(5, 100, 0, 100).more == pytest.approx(fisher_exact([[5, 95], [0, 100]], "greater").pvalue)


def test_nothing_treated_is_nothing_surprising():
    assert compare_counts(0, 0, 3, 10).two_sided == 1


@given(halves, halves)
def test_it_is_the_exact_test_of_the_table(now, before):
    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    found = compare_counts(*now, *before)
    assert found.more == pytest.approx(fisher_exact(table, "greater").pvalue, abs=1e-9)
    assert found.fewer == pytest.approx(fisher_exact(table, "less").pvalue, abs=1e-9)


def test_it_counts_every_way_the_events_could_have_fallen():
    """2 events among 3 treatments now and 2 before: of the 10 ways to place two events, 3 put both in the period."""
    ways = list(combinations(range(5), 2))
    both_now = [way for way in ways if set(way) <= {0, 1, 2}]
    assert compare_counts(2, 3, 0, 2).more == pytest.approx(len(both_now) / len(ways))


def test_clients_treated_several_times_make_a_change_less_surprising():
    assert compare_counts(18, 122, 12, 280, design_effect=2).more == compare_counts(9, 61, 6, 140).more


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="events_now"):
        compare_counts(5, 4, 0, 4)
    with pytest.raises(ValueError, match="design_effect"):
        compare_counts(1, 4, 0, 4, design_effect=0.5)
