"""Whether side effects last equally long in several groups: log-rank against hand counts, statsmodels and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.duration.survfunc import survdiff

from models.statistics.survival import log_rank

WITH_6MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

rows = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.sampled_from("abc")), min_size=4, max_size=30)


def columns(table):
    return [list(column) for column in zip(*table, strict=True)]


def test_the_trial_of_freireich_1963_is_reproduced():
    test = log_rank(WITH_6MP + PLACEBO, RELAPSED + [1] * 21, ["6-MP"] * 21 + ["placebo"] * 21)
    assert test.statistic == pytest.approx(16.79, abs=0.005)
    assert test.degrees == 1
    assert test.p == pytest.approx(4.17e-5, abs=5e-8)
    assert test.groups == ("6-MP", "placebo")
    assert test.observed.tolist() == [9, 21]
    assert test.expected == pytest.approx([19.3, 10.7], abs=0.05)


def test_a_comparison_small_enough_to_count_by_hand():
    # Day 1: a of {a, a, b, b} ends; day 2: b of {a, b, b}; day 3: a of {a, b}; day 4: b alone.
    test = log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"])
    expected = 2 / 4 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert test.expected.tolist() == pytest.approx([expected, 4 - expected])
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance)
    assert test.p == pytest.approx(chi2.sf(test.statistic, 1))


def test_ends_on_one_day_are_drawn_without_replacement():
    # Two of four end on day 1, both of group a: hypergeometric variance 2 x 1/2 x 1/2 x (4 - 2) / (4 - 1).
    test = log_rank([1, 1, 2, 2], [1, 1, 0, 0], ["a", "a", "b", "b"])
    assert test.statistic == pytest.approx((2 - 1) ** 2 / (1 / 3))


def test_three_groups_have_two_degrees():
    days = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    test = log_rank(days, [1] * 9, [1, 2, 3] * 3)
    assert test.degrees == 2
    assert test.p == pytest.approx(np.exp(-test.statistic / 2))


def test_a_group_never_at_risk_when_one_ends_takes_no_degree():
    # Miller 1981 with seven early open ones added: R survival, tests/difftest, prints the same 3.4 on 1 degree.
    days = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    ended = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    arm = ["maintained"] * 11 + ["not"] * 12
    plain = log_rank(days, ended, arm)
    with_early = log_rank(days + [1, 2, 2, 3, 3, 3, 4], ended + [0] * 7, arm + ["early"] * 7)
    assert (with_early.degrees, plain.degrees) == (1, 1)
    assert with_early.statistic == pytest.approx(plain.statistic)
    assert plain.statistic == pytest.approx(3.40, abs=0.005)


@pytest.mark.parametrize(
    ("days", "ended", "group"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 0], "abab"),
        ([5, 5, 5, 5], [1, 1, 1, 1], "abab"),
        # All of a is over before the watching of b begins to matter: no day has both at risk and a choice.
        ([1, 2], [0, 1], "ab"),
    ],
)
def test_where_nothing_can_be_compared_nothing_is_surprising(days, ended, group):
    test = log_rank(days, ended, list(group))
    assert (test.statistic, test.degrees, test.p) == (0, 0, 1)


def test_a_group_with_fewer_than_ten_ended_is_refused_in_words():
    test = log_rank(WITH_6MP + PLACEBO, RELAPSED + [1] * 21, [0] * 21 + [1] * 21)
    assert test.refused == "9 ended in one of the groups: too few; 10 needed"
    enough = log_rank(list(range(20)), [1] * 20, [0, 1] * 10)
    assert enough.refused is None


@given(rows)
def test_the_statistic_equals_that_of_statsmodels(table):
    days, ended, group = columns(table)
    ours = log_rank(days, ended, group) if len(set(group)) > 1 else None
    if ours is None or ours.degrees < len(set(group)) - 1:
        return
    statistic, p = survdiff(days, np.array(ended), np.array(group))
    assert ours.statistic == pytest.approx(statistic, rel=1e-6, abs=1e-9)
    assert ours.p == pytest.approx(p, rel=1e-6)


@given(rows, st.permutations("abc"))
def test_renaming_the_groups_only_renames_the_results(table, names):
    days, ended, group = columns(table)
    if len(set(group)) < 2:
        return
    renamed = dict(zip("abc", names, strict=True))
    one, other = log_rank(days, ended, group), log_rank(days, ended, [renamed[name] for name in group])
    assert other.statistic == pytest.approx(one.statistic, rel=1e-9, abs=1e-9)
    assert (other.degrees, other.p) == (one.degrees, pytest.approx(one.p, rel=1e-9))
    expected = dict(zip(other.groups, other.expected, strict=True))
    assert [expected[renamed[name]] for name in one.groups] == pytest.approx(one.expected.tolist())


@given(rows)
def test_as_many_are_expected_to_end_as_ended(table):
    days, ended, group = columns(table)
    if len(set(group)) > 1:
        test = log_rank(days, ended, group)
        assert test.expected.sum() == pytest.approx(test.observed.sum()) == pytest.approx(sum(ended))
        assert 0 <= test.p <= 1
        assert test.statistic >= 0


@pytest.mark.parametrize(
    ("days", "ended", "group", "message"),
    [
        ([], [], [], "days must hold at least one row"),
        ([1, 2], [1, 1], ["a", "a"], "group: one group only"),
        ([1, 2], [1, 1], ["a"], "group must have as many rows as days .2., found 1"),
        ([1, 2], [1], ["a", "b"], "ended must have as many rows as days .2., found 1"),
        ([1, 2], [1, 1], ["a", None], "group must "),
        ([1, 2], [1, 1], [None, None], "group must .* missing"),
        ([1, 2], [1, 1], [1.0, float("nan")], "group must hold a label in each row, found a missing one"),
        ([1, 2], [1, 1], np.array(["a", 1], dtype=object), "group must be labels of one kind"),
        ([1, 2], [1, 1], [["a", "b"]], "group must be a list, found . dimensions"),
        ([1, -2], [1, 1], ["a", "b"], "days must be a number of at least 0, found -"),
        ([1, 2], [1, 3], ["a", "b"], "ended must be 0 or 1, found "),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(days, ended, group, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        log_rank(days, ended, group)
