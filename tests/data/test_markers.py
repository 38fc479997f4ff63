"""Changes that a manager notes, and takes back."""

from datetime import date

import pytest

from data import markers
from data.database import open_database
from data.markers import Marker


@pytest.fixture
def records(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'sequela.db'}")


def test_a_change_that_was_noted_by_mistake_is_taken_back_and_the_others_stay(records):
    markers.mark(records, date(2026, 6, 1), "a new product")
    markers.mark(records, date(2026, 6, 1), "new needles")
    markers.unmark(records, Marker(date(2026, 6, 1), "a new product"))
    assert markers.markers(records) == (Marker(date(2026, 6, 1), "new needles"),)
