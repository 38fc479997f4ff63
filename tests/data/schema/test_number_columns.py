"""Numbers as people type them: the decimal mark is proven by the column, or the number is not read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema.number_columns import Number


def column(*values: str, **told):
    return Number().parse_column({value: row for row, value in enumerate(values, start=2)}, **told)


def messages(read) -> dict[str, str]:
    return {text: error.message for text, error in read.errors.items()}


@pytest.mark.parametrize("text, number", [
    ("20", 20), ("2.5", 2.5), ("2,5", 2.5), ("0.125", 0.125), ("0,125", 0.125), (".5", 0.5), ("5.", 5), ("-99", -99),
    ("−4", -4), ("+3", 3), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("1'234.5", 1234.5),
    ("1,234,567", 1234567), ("1.234.567", 1234567), ("1234,567", 1234.567), ("12 000", 12000), ("1\u00a0234", 1234),
    ("1.5E+02", 150), ("007", 7),
])  # fmt: skip
def test_what_can_mean_one_number_alone(text, number):
    assert column(text).values == {text: number}


def test_one_thousand_or_one_point_two_is_read_only_if_the_mark_is_known():
    assert column("1,234").values == {}
    assert column("1,234", decimal=".").values == {"1,234": 1234}
    assert column("1,234", decimal=",").values == {"1,234": 1.234}


@pytest.mark.parametrize("text, message", [
    ("5%", "is a percentage"),
    ("<5", "is a bound and not one number"),
    ("~20", "is a bound and not one number"),
    ("5-10", "is two numbers"),
    ("114/72", "is two numbers"),
    ("20u", "is a number followed by 'u'; write the number alone"),
    ("20 U", "is a number followed by 'U'; write the number alone"),
    ("twenty", "is not a number"),
    (",", "is not a number"),
    ("inf", "is not a number"),
    ("1 2 3", "is not a number"),
    ("1e+999", "is too large"),
])  # fmt: skip
def test_what_is_not_a_number_is_reported_with_what_was_expected(text, message):
    read = column("7", text)
    assert messages(read) == {text: message}
    assert read.errors[text].expected == "a number such as 1000 or 12.5"


def test_another_decimal_mark_than_the_known_one_is_a_problem():
    assert messages(column("2,5", decimal=".")) == {"2,5": "has a comma as its decimal mark where a point was expected"}


def test_one_value_proves_the_mark_for_the_column():
    read = column("1,234", "2,5")
    assert read.values == {"1,234": 1.234, "2,5": 2.5}
    assert read.errors == {}


def test_without_proof_of_the_mark_an_ambiguous_number_is_not_read():
    read = column("1,234", "2,500", "7")
    message = "may be decimals or thousands: no cell of the column proves which"
    assert (read.values, messages(read)) == ({"7": 7}, {"1,234": message, "2,500": message})


def test_with_both_marks_in_a_column_the_unclear_value_is_a_problem():
    read = column("1,234", "2,5", "2.5")
    assert read.values == {"2,5": 2.5, "2.5": 2.5}
    assert messages(read) == {"1,234": "may be 1234 or 1.234; the column has both marks"}


@given(st.floats(0, 1e9, allow_nan=False))
def test_a_column_of_floats_written_with_comma_or_point_is_read_back_or_not_read(number):
    for mark in ".,":
        text = f"{number:.4f}".rstrip("0").rstrip(".").replace(".", mark)
        read = column(text)
        assert math.isclose(read.values.get(text, number), round(number, 4), rel_tol=1e-12, abs_tol=1e-4)


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_an_error(text):
    read = column(text)
    assert read.values.keys() ^ read.errors.keys() == {text}
    assert all(map(math.isfinite, read.values.values()))
