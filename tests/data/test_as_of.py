"""The as-of date: today, unless a day is named."""

from datetime import date

import pytest

from data import as_of
from data.analysis.selection import Selection


class LeapDay(date):
    @classmethod
    def today(cls):
        return date(2028, 2, 29)


def test_the_as_of_date_is_today(monkeypatch):
    monkeypatch.delenv("SEQUELA_TODAY", raising=False)
    monkeypatch.setattr(as_of, "date", LeapDay)
    assert as_of.as_of_date() == Selection().as_of == date(2028, 2, 29)


def test_a_clinic_that_names_the_day_is_counted_as_on_that_day(monkeypatch):
    monkeypatch.setenv("SEQUELA_TODAY", "2026-10-31")
    assert as_of.as_of_date() == Selection().as_of == date(2026, 10, 31)


def test_a_name_of_no_day_is_refused_with_the_setting_it_came_from(monkeypatch):
    monkeypatch.setenv("SEQUELA_TODAY", "2026-02-30")
    with pytest.raises(as_of.ArgumentTypeError, match="^SEQUELA_TODAY: '2026-02-30' is not a day such as 2026-03-31$"):
        as_of.as_of_date()
