"""Numbers as people type them: the decimal mark is proven by the column or asked."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema.number_columns import AmbiguousNumberError, NotANumberError, read_number, read_numbers


def column(*values: str, **told):
    return read_numbers(values, range(2, 2 + len(values)), **told)


@pytest.mark.parametrize("text, number", [
    ("20", 20), ("2.5", 2.5), ("2,5", 2.5), ("0.125", 0.125), ("0,125", 0.125), (".5", 0.5), ("5.", 5), ("-99", -99),
    ("−4", -4), ("+3", 3), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("1'234.5", 1234.5),
    ("1,234,567", 1234567), ("1.234.567", 1234567), ("1234,567", 1234.567), ("12 000", 12000), ("1\u00a0234", 1234),
    ("1.5E+02", 150), ("007", 7),
])  # fmt: skip
def test_what_can_mean_one_number_alone(text, number):
    assert read_number(text) == number


def test_one_thousand_or_one_point_two_is_ambiguous_and_told():
    with pytest.raises(AmbiguousNumberError) as told:
        read_number("1,234")
    assert str(told.value) == "may be 1234 or 1.234; expected a number such as 20 or 2.5"
    assert (read_number("1,234", "."), read_number("1,234", ",")) == (1234, 1.234)


@pytest.mark.parametrize("text, message", [
    ("5%", "is a percentage; expected a number such as 20 or 2.5"),
    ("<5", "is not one number but a bound; expected a number such as 20 or 2.5"),
    ("~20", "is not one number but a bound; expected a number such as 20 or 2.5"),
    ("5-10", "is two numbers; expected a number such as 20 or 2.5"),
    ("114/72", "is two numbers; expected a number such as 20 or 2.5"),
    ("20u", "is a number with 'u' behind it; write the number alone; expected a number such as 20 or 2.5"),
    ("20 U", "is a number with 'U' behind it; write the number alone; expected a number such as 20 or 2.5"),
    ("twenty", "expected a number such as 20 or 2.5"),
    ("", "expected a number such as 20 or 2.5"),
    (".", "expected a number such as 20 or 2.5"),
    ("nan", "expected a number such as 20 or 2.5"),
    ("inf", "expected a number such as 20 or 2.5"),
    ("1 2 3", "expected a number such as 20 or 2.5"),
    ("1e+999", "is too large; expected a number such as 20 or 2.5"),
])  # fmt: skip
def test_what_is_no_number_is_told(text, message):
    with pytest.raises(NotANumberError) as told:
        read_number(text)
    assert str(told.value) == message


def test_another_decimal_mark_than_the_known_one_is_told():
    with pytest.raises(NotANumberError, match="has a comma as decimal mark where a point was expected"):
        read_number("2,5", ".")


def test_one_value_proves_the_mark_for_the_column():
    read = column("1,234", "2,5", "")
    assert read.numbers == (1.234, 2.5, None)
    assert (read.decimal, read.evidence, read.question) == (",", 3, None)


def test_without_proof_the_mark_is_asked():
    read = column("1,234", "2,500", "7")
    assert read.numbers == (None, None, 7)
    assert read.undecided == (2, 3)
    assert read.question == "1,234 (row 2) may be 1234 or 1.234: is the point or the comma the decimal mark?"


def test_with_both_marks_in_a_column_the_unclear_value_is_a_problem():
    read = column("1,234", "2,5", "2.5")
    assert read.numbers == (None, 2.5, 2.5)
    (problem,) = read.problems
    assert (problem.row, problem.message) == (
        2, "may be 1234 or 1.234; expected a number such as 20 or 2.5; the column has both marks",
    )  # fmt: skip


@given(st.floats(0, 1e9, allow_nan=False))
def test_a_column_of_floats_written_with_comma_or_point_is_read_back_or_asked(number):
    for mark in ".,":
        text = f"{number:.4f}".rstrip("0").rstrip(".").replace(".", mark)
        read = column(text)
        assert read.numbers[0] is None or math.isclose(read.numbers[0], round(number, 4), rel_tol=1e-12)


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_told(text):
    try:
        assert math.isfinite(read_number(text))
    except NotANumberError as told:
        assert "expected a number" in str(told)
