"""The order of day and month is proven by the column or asked; no date is put right."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema.date_columns import SWAPPED_MESSAGE, Day, PartialDate
from data.schema.date_parser import MONTHS, DateSpan

THIRD_OF_JUNE = DateSpan(date(2026, 6, 3), date(2026, 6, 3))


@pytest.fixture(autouse=True, scope="module")
def _today():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQUELA_TODAY", "2026-11-22")
        yield


def column(*values: str, **told):
    """The values as a column that begins on row 2."""
    return PartialDate().parse_column({value: row for row, value in enumerate(values, start=2)}, **told)


def days(read) -> dict[str, str]:
    """The first day of each value that was read."""
    return {text: str(span.first) for text, span in read.values.items()}


def messages(read) -> dict[str, str]:
    return {text: error.message for text, error in read.errors.items()}


def test_a_part_above_12_proves_that_the_day_comes_first():
    read = column("03/04/2026", "23/04/2026")
    assert days(read) == {"03/04/2026": "2026-04-03", "23/04/2026": "2026-04-23"}
    assert (read.order, read.undecided, read.errors) == ("day first", (), {})


def test_a_part_above_12_in_the_middle_proves_that_the_month_comes_first():
    read = column("04/03/2026", "4-23-2026")
    assert days(read) == {"04/03/2026": "2026-04-03", "4-23-2026": "2026-04-23"}
    assert read.order == "month first"


def test_without_proof_the_order_is_asked_and_nothing_is_read():
    read = column("03/04/2026", "05/06/2026", "07/07/2026")
    assert days(read) == {"07/07/2026": "2026-07-07"}
    assert (read.order, read.undecided) == (None, ("03/04/2026", "05/06/2026"))
    assert set(messages(read).values()) == {"may be day/month or month/day: no cell of the column proves which"}


def test_the_answer_of_a_person_decides():
    assert days(column("03/04/2026", order="day first")) == {"03/04/2026": "2026-04-03"}
    assert days(column("03/04/2026", order="month first")) == {"03/04/2026": "2026-03-04"}


def test_a_value_against_the_answer_is_a_problem_and_not_turned_around():
    read = column("03/04/2026", "04/23/2026", order="day first")
    assert days(read) == {"03/04/2026": "2026-04-03"}
    assert messages(read) == {"04/23/2026": "is not a date with the day first, as in the other rows"}


def test_a_column_in_both_orders_leaves_every_unclear_date_a_problem():
    read = column("03/04/2026", "23/04/2026", "04/23/2026")
    assert days(read) == {"23/04/2026": "2026-04-23", "04/23/2026": "2026-04-23"}
    assert messages(read) == {
        "03/04/2026": "may be 3 April 2026 or 4 March 2026: row 3 has the day first and row 4 the month; write it as "
        "yyyy-mm-dd"
    }
    assert read.undecided == ()


@pytest.mark.parametrize("text", [
    "2026-06-03", "2026/6/3", "2026.06.03", "20260603", "3 June 2026", "Jun-3-26", "3-Jun-26", "June 3rd, 2026",
    "03JUN2026", "3rd of June 2026", "2026-Jun-03", "Wed 3 June 2026", "Wednesday, June 3, 2026", "2026-06-03 14:30",
    "2026-06-03T14:30:00.000Z", "2026-06-03T14", "3 June 2026 2:30 pm", "3. June 2026",
])  # fmt: skip
def test_what_needs_no_proof(text):
    read = column(text)
    assert read.values == {text: THIRD_OF_JUNE}
    assert (read.order, read.undecided, read.errors) == (None, (), {})


@pytest.mark.parametrize("text, first, last", [
    ("2026-06", "2026-06-01", "2026-06-30"), ("06/2026", "2026-06-01", "2026-06-30"),
    ("June 2026", "2026-06-01", "2026-06-30"), ("2024-02", "2024-02-01", "2024-02-29"),
    ("2026", "2026-01-01", "2026-12-31"), ("UN-JUN-2026", "2026-06-01", "2026-06-30"),
    ("2026-UNK-UNK", "2026-01-01", "2026-12-31"), ("2026-06-UN", "2026-06-01", "2026-06-30"),
])  # fmt: skip
def test_a_partial_date_is_every_day_it_may_be(text, first, last):
    span = column(text).values[text]
    assert (str(span.first), str(span.last)) == (first, last)


@pytest.mark.parametrize("text, message", [
    ("31/02/2026", "February 2026 has 28 days"),
    ("2026-02-29", "February 2026 has 28 days"),
    ("31 June 2026", "June 2026 has 30 days"),
    ("2026-13-01", "that day does not exist"),
    ("45/67/2026", "that day does not exist"),
    ("2026-06-00", "day and month can't be 0; if the day is not known, write year and month, such as 2026-06"),
    ("00/06/2026", "day and month can't be 0; if the day is not known, write year and month, such as 2026-06"),
    ("Jun-26", "the year may be missing: write it with four digits, such as 2026-06-03"),
    ("3-Jun", "the year may be missing: write it with four digits, such as 2026-06-03"),
    ("3 June 62", "the year 62 is not clear: write it with four digits, such as 2026-06-03"),
    ("0026-06-03", "the year 26 is out of range"),
    ("3/4/2206", "the year 2206 is out of range"),
    ("UN-JUN-26", "the year is needed, with four digits"),
    ("2026-06-03 25:00", "that time of day does not exist"),
    ("3 Juny 2026", ""),
    ("14:30", ""),
    ("last week", ""),
    ("1234", "the year 1234 is out of range"),
    ("123456789012", ""),
])  # fmt: skip
def test_what_is_not_a_date_is_reported_with_what_was_expected(text, message):
    read = column("2026-06-03", text)
    assert messages(read) == {text: f"is not a date: {message}" if message else "is not a date"}
    assert read.errors[text].expected == "a date as 2025-03-31, a month as 2025-03 or a year"
    assert text not in read.values


def test_an_impossible_date_proves_nothing():
    read = column("03/04/2026", "31/02/2026")
    assert read.order is None
    assert read.undecided == ("03/04/2026",)


def test_a_month_is_not_one_day():
    read = Day().parse_column({"2026-06-03": 2, "2026-06": 3})
    assert read.values == {"2026-06-03": THIRD_OF_JUNE.first}
    assert (read.errors["2026-06"].message, read.errors["2026-06"].expected) == (
        "is not one day",
        "a date as year-month-day, such as 2025-03-31",
    )


def test_years_of_two_digits_are_read_by_a_rule_that_is_reported():
    read = column("23/04/26")
    assert days(read) == {"23/04/26": "2026-04-23"}
    assert read.notices == ("Two-digit years were read as 20yy, with the year last.",)


def test_times_and_time_zones_are_left_out_and_reported():
    assert column("2026-06-03 00:00").notices == ()
    assert column("2026-06-03T23:30:00+02:00").notices == (
        "Times of day were ignored; the day is kept as written.",
        "Some times name a time zone; the day is kept as written, not converted to local time.",
    )


def test_a_day_number_of_a_spreadsheet_is_read_by_the_calendar_of_its_workbook():
    assert days(column("45000", epoch=1900)) == {"45000": "2023-03-15"}
    assert days(column("45000", epoch=1904)) == {"45000": "2027-03-16"}


def test_a_day_number_that_can_only_be_of_one_calendar_needs_no_question():
    assert days(column("46000")) == {"46000": "2025-12-09"}  # counted from 1904 it would be in 2029


def test_a_day_number_of_an_unknown_calendar_is_not_read():
    read = column("43000", "2026-06-03")  # 22 September 2017 counted from 1900, 23 September 2021 from 1904
    assert (days(read), read.undecided) == ({"2026-06-03": "2026-06-03"}, ("43000",))
    assert messages(read) == {"43000": "is a spreadsheet's day number, counted from 1900 or from 1904"}


def test_an_unclear_date_with_points_is_not_called_a_day_number():
    assert messages(column("03.04.2026")) == {
        "03.04.2026": "may be day/month or month/day: no cell of the column proves which"
    }


def test_a_day_number_in_the_future_is_a_problem():
    assert messages(column("70000", epoch=1900)) == {
        "70000": "is not a date: a spreadsheet's day number that lies in the future"
    }


def test_dates_that_a_spreadsheet_program_of_another_country_turned_around_are_noticed():
    taken = [f"2026-{month:02}-05" for month in range(1, 6)]
    read = column(*taken, "23/04/2026", "24/04/2026")
    assert days(read) == {"23/04/2026": "2026-04-23", "24/04/2026": "2026-04-24"}
    assert messages(read) == dict.fromkeys(taken, SWAPPED_MESSAGE)


def test_true_dates_late_in_the_month_show_that_nothing_was_turned_around():
    taken = [f"2026-{month:02}-05" for month in range(1, 6)]
    assert column(*taken, "2026-06-25", "23/04/2026").errors == {}


ANY_DAY = st.dates(date(1950, 1, 1), date(2027, 12, 31))
WRITTEN = {
    "day first": lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    "month first": lambda day: f"{day.month}/{day.day}/{day.year}",
}


@given(st.lists(ANY_DAY, min_size=1), st.sampled_from(sorted(WRITTEN)))
def test_a_column_written_in_one_order_is_read_back_or_asked_and_never_misread(written, order):
    texts = {WRITTEN[order](day): day for day in written}
    read = column(*texts)
    for text, day in texts.items():
        assert read.values.get(text) in (None, DateSpan(day, day))
    if any(day.day > 12 for day in written):
        assert read.order == order
        assert read.values.keys() == texts.keys()
    assert read.errors.keys() == set(read.undecided)


@given(ANY_DAY)
def test_a_date_with_its_month_in_words_is_read_back(day):
    month = MONTHS[day.month - 1]
    texts = (
        f"{day.day} {month} {day.year}",
        f"{month[:3].title()} {day.day}, {day.year}",
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
    )
    assert column(*texts).values == dict.fromkeys(texts, DateSpan(day, day))


@given(st.integers(20_000, 46_000))
def test_a_day_number_agrees_with_counting_days(number):
    assert days(column(str(number), epoch=1900)) == {str(number): str(date(1899, 12, 30) + timedelta(number))}


@given(st.lists(st.text(max_size=30)))
def test_any_text_at_all_is_a_date_or_an_error(values):
    read = column(*values)
    assert read.values.keys() | read.errors.keys() == set(values)
    assert not read.values.keys() & read.errors.keys()
    assert set(read.undecided) <= read.errors.keys()
