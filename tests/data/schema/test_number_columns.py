"""Numbers as people type them: the decimal mark is proven by the column, or the number is not read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.schema.number_columns import read_numbers


def column(*values: str, **told):
    return read_numbers(values, range(2, 2 + len(values)), **told)


@pytest.mark.parametrize("text, number", [
    ("20", 20), ("2.5", 2.5), ("2,5", 2.5), ("0.125", 0.125), ("0,125", 0.125), (".5", 0.5), ("5.", 5), ("-99", -99),
    ("−4", -4), ("+3", 3), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1 234,5", 1234.5), ("1'234.5", 1234.5),
    ("1,234,567", 1234567), ("1.234.567", 1234567), ("1234,567", 1234.567), ("12 000", 12000), ("1\u00a0234", 1234),
    ("1.5E+02", 150), ("007", 7),
])  # fmt: skip
def test_what_can_mean_one_number_alone(text, number):
    assert column(text).numbers == (number,)


def test_one_thousand_or_one_point_two_is_read_only_if_the_mark_is_known():
    assert column("1,234").numbers == (None,)
    assert (column("1,234", decimal=".").numbers, column("1,234", decimal=",").numbers) == ((1234,), (1.234,))


@pytest.mark.parametrize("text, message", [
    ("5%", "is a percentage; expected a number such as 20 or 2.5"),
    ("<5", "is a bound and not one number; expected a number such as 20 or 2.5"),
    ("~20", "is a bound and not one number; expected a number such as 20 or 2.5"),
    ("5-10", "is two numbers; expected a number such as 20 or 2.5"),
    ("114/72", "is two numbers; expected a number such as 20 or 2.5"),
    ("20u", "is a number followed by 'u'; write the number alone; expected a number such as 20 or 2.5"),
    ("20 U", "is a number followed by 'U'; write the number alone; expected a number such as 20 or 2.5"),
    ("twenty", "expected a number such as 20 or 2.5"),
    (",", "expected a number such as 20 or 2.5"),
    ("inf", "expected a number such as 20 or 2.5"),
    ("1 2 3", "expected a number such as 20 or 2.5"),
    ("1e+999", "is too large; expected a number such as 20 or 2.5"),
])  # fmt: skip
def test_what_is_not_a_number_is_a_problem_with_its_row(text, message):
    (problem,) = column("7", text).problems
    assert (problem.row, problem.message) == (3, message)


def test_another_decimal_mark_than_the_known_one_is_a_problem():
    (problem,) = column("2,5", decimal=".").problems
    assert problem.message == "has a comma as its decimal mark where a point was expected"


def test_one_value_proves_the_mark_for_the_column():
    read = column("1,234", "2,5", "")
    assert read.numbers == (1.234, 2.5, None)
    assert read.problems == ()


def test_without_proof_of_the_mark_an_ambiguous_number_is_not_read():
    read = column("1,234", "2,500", "7")
    assert (read.numbers, read.problems) == ((None, None, 7), ())


def test_with_both_marks_in_a_column_the_unclear_value_is_a_problem():
    read = column("1,234", "2,5", "2.5")
    assert read.numbers == (None, 2.5, 2.5)
    (problem,) = read.problems
    assert (problem.row, problem.message) == (2, "may be 1234 or 1.234; the column has both marks")


@given(st.floats(0, 1e9, allow_nan=False))
def test_a_column_of_floats_written_with_comma_or_point_is_read_back_or_not_read(number):
    for mark in ".,":
        text = f"{number:.4f}".rstrip("0").rstrip(".").replace(".", mark)
        read = column(text)
        assert read.numbers[0] is None or math.isclose(read.numbers[0], round(number, 4), rel_tol=1e-12)


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_a_problem_or_neither_proven_nor_there(text):
    read = column(text)
    assert read.numbers[0] is None or (math.isfinite(read.numbers[0]) and not read.problems)
    assert all("expected a number" in problem.message for problem in read.problems)
