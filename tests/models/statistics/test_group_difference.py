"""Whether a rate differs between treated areas: clients with one treated area each, and one client with many."""

import pytest

from models.statistics.group_difference import permutation_chance


def test_eight_of_ten_against_none_of_ten_is_no_chance():
    affected, area = [True] * 8 + [False] * 12, ["jaw"] * 10 + ["brow"] * 10
    assert permutation_chance(affected, area, range(20)) < 0.005


def test_the_same_rate_in_both_areas_is_as_unlike_as_any():
    affected, area = [True, False] * 10, ["jaw"] * 10 + ["brow"] * 10
    assert permutation_chance(affected, area, range(20)) == 1


def test_eight_weak_jaws_of_one_client_are_one_client():
    """Another client with ten treatments, of the brow, had none: which of the two is affected is a toss-up."""
    affected, area, client = [True] * 10 + [False] * 10, ["jaw"] * 10 + ["brow"] * 10, [1] * 10 + [2] * 10
    assert permutation_chance(affected, area, client) > 0.9


def test_one_area_or_nobody_affected_is_no_difference():
    assert permutation_chance([True, False], ["jaw", "jaw"], [1, 2]) == 1
    assert permutation_chance([False, False], ["jaw", "brow"], [1, 2]) == 1
    with pytest.raises(ValueError, match="group"):
        permutation_chance([True, False], ["jaw", None], [1, 2])
