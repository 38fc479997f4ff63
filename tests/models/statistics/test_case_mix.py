"""Expected rates by case mix: shrunk, rescaled to what was observed, and those of new strata."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics.case_mix import stratum_rates

rows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 400)).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), st.integers(0, pair[1]), st.just(pair[1]))
    ),
    min_size=1,
    max_size=20,
).filter(lambda rows: 0 < sum(row[1] for row in rows) < sum(row[2] for row in rows))


def test_two_strata_counted_by_hand():
    # p = 30/300 = .1: (25 + 5) / (100 + 50) = .2 and (5 + 5) / (200 + 50) = .04; expected 20 + 8 = 28 of 30.
    found = stratum_rates([25, 5], [100, 200], ["lips", "brow"])
    assert found.stratum.tolist() == ["brow", "lips"]
    assert found.rate == pytest.approx([0.04 * 30 / 28, 0.2 * 30 / 28])
    assert found.overall == pytest.approx(0.1)


def test_new_strata_take_the_overall_rate():
    found = stratum_rates([25, 5], [100, 200], ["lips", "brow"])
    assert found.expected(["neck", "lips", "neck"]) == pytest.approx([0.1, 0.2 * 30 / 28, 0.1])
    assert found.expected([]).tolist() == []


@given(rows)
def test_as_many_events_are_expected_over_the_baseline_as_were_observed(rows):
    stratum, events, totals = (np.array(column) for column in zip(*rows, strict=True))
    found = stratum_rates(events, totals, stratum)
    assert (found.expected(stratum) * totals).sum() == pytest.approx(events.sum())
    assert ((found.rate > 0) & (found.rate < 1)).all()


@given(rows)
def test_treatments_one_by_one_have_the_rates_of_their_sums(rows):
    stratum, events, totals = (np.array(column) for column in zip(*rows, strict=True))
    outcomes = np.concatenate([np.arange(total) < happened for _, happened, total in rows])
    one_by_one = stratum_rates(outcomes, np.ones(len(outcomes)), np.repeat(stratum, totals))
    summed = stratum_rates(events, totals, stratum)
    assert one_by_one.expected(stratum[totals > 0]) == pytest.approx(summed.expected(stratum[totals > 0]))


def test_a_single_stratum_has_the_rate_of_all():
    assert stratum_rates([3, 4], [20, 30], ["a", "a"]).rate == pytest.approx([0.14])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([2], [1], ["a"]), "events must not exceed totals, found 2 of 1"),
        (([0], [9], ["a"]), "events must lie between 0 and totals, both excluded, found 0 of 9"),
        (([9], [9], ["a"]), "events must lie between 0 and totals, both excluded, found 9 of 9"),
        (([1], [9], ["a", "b"]), "stratum must have as many rows as events"),
        (([1], [9], [None]), "stratum must"),
    ],
)
def test_a_baseline_without_a_rate_is_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        stratum_rates(*arguments)
