"""What would have been noticed: published sample sizes, a search by brute force, and the laws of power."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from models.statistics import detection, proportion
from tests.laws import examples


def smallest_flagged(total, reference, alpha):
    return next(x for x in range(total + 2) if binom.sf(x - 1, total, reference) <= alpha)


def test_at_2_per_cent_the_floor_of_40_treatments_is_3_events_of_100_is_5_and_of_480_is_15():
    assert [detection.floor(total, 0.02) for total in (40, 100, 480)] == [3, 5, 15]


def test_150_treatments_at_2_per_cent_notice_a_doubled_rate_8_and_a_tripled_rate_41_times_in_100():
    assert detection.power(150, 0.02, 2) == pytest.approx(0.0797, abs=5e-5)
    assert detection.power(150, 0.02, 3) == pytest.approx(0.4125, abs=5e-5)


def test_a_doubling_needs_about_1050_treatments_at_2_per_cent_2100_at_1_and_410_at_5():
    assert [detection.needed(rate, 2) for rate in (0.02, 0.01, 0.05)] == [1047, 2097, 396]


def test_ten_against_twenty_per_cent_needs_the_78_patients_of_khan_2012():
    assert detection.needed(0.10, 2, power=0.8, alpha=0.05) == 78
    assert proportion.tail(13, 78, 0.10) == pytest.approx(0.0453, abs=5e-5)
    assert detection.power(78, 0.10, 2, alpha=0.05) == pytest.approx(0.8081, abs=1e-4)


@pytest.mark.parametrize("reference", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("alpha", [0.1, 0.001])
def test_floor_and_power_equal_a_count_by_hand(reference, alpha):
    for total in (1, 2, 14, 60, 150):
        critical = smallest_flagged(total, reference, alpha)
        assert detection.floor(total, reference, alpha, least=1) == max(1, critical)
        assert detection.floor(total, reference, alpha) == max(3, critical)
        by_hand = binom.sf(critical - 1, total, 2 * reference)
        assert detection.power(total, reference, 2, alpha) == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "ratio", "power", "alpha"),
    [(0.02, 5, 0.5, 0.001), (0.02, 3, 0.8, 0.001), (0.3, 2, 0.9, 0.025), (0.05, 4, 0.8, 0.1), (0.4, 2, 0.01, 0.45),
     (0.4, 2.4, 0.9, 0.6), (0.001, 50, 0.8, 0.1)],
)  # fmt: skip
def test_needed_is_the_first_total_with_enough_power(reference, ratio, power, alpha):
    totals = range(1, 400)
    first = next(n for n in totals if detection.power(n, reference, ratio, alpha) >= power)
    assert detection.needed(reference, ratio, power, alpha) == first


def test_needed_looks_on_beyond_the_first_256_critical_counts():
    needed = detection.needed(0.02, 1.2, power=0.8, alpha=0.001)
    assert detection.power(needed, 0.02, 1.2) >= 0.8 > detection.power(needed - 1, 0.02, 1.2)
    assert proportion.flagged_from(needed, 0.02, 0.001) > 256


@examples(60)
@given(st.integers(1, 400), st.floats(0.002, 0.3), st.floats(1, 3))
def test_power_rises_with_the_ratio_and_a_false_flag_is_at_most_alpha(total, reference, ratio):
    assert detection.power(total, reference, 1, 0.01) <= 0.01
    assert detection.power(total, reference, ratio) <= detection.power(total, reference, ratio * 1.1) <= 1


@examples(60)
@given(st.integers(1, 400), st.floats(0.002, 0.3))
def test_a_floor_is_flagged_and_one_event_less_is_not(total, reference):
    floor = detection.floor(total, reference, alpha=0.05, least=1)
    assert floor > total or proportion.tail(floor, total, reference) <= 0.05
    assert proportion.tail(floor - 1, total, reference) > 0.05


def test_a_floor_above_the_total_says_that_no_count_would_be_flagged():
    assert detection.floor(2, 0.02) == 3
    assert detection.floor(1, 0.5, least=1) == 2


def test_a_rate_below_the_reference_is_flagged_less_often_than_the_reference_itself():
    assert detection.power(150, 0.02, 0.5) < detection.power(150, 0.02, 1)


def test_powers_are_plain_numbers():
    assert type(detection.power(np.int64(150), 0.02, 2)) is float
    assert type(detection.needed(0.3, 2)) is int
    assert type(detection.floor(40, 0.02)) is int
