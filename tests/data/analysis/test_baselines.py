"""Changes that a manager notes, and takes back."""

from datetime import date

import pytest

from data.analysis import baselines
from data.analysis.baselines import Marker
from data.database.engine import open_database


@pytest.fixture
def records(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'sequela.db'}")


def test_a_change_that_was_noted_by_mistake_is_taken_back_and_the_others_stay(records):
    baselines.add_marker(records, date(2026, 6, 1), "a new product")
    baselines.add_marker(records, date(2026, 6, 1), "new needles")
    baselines.remove_marker(records, Marker(date(2026, 6, 1), "a new product"))
    assert baselines.markers(records) == (Marker(date(2026, 6, 1), "new needles"),)
