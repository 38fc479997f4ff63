"""A sheet is read column by column: what is missing stays empty, what is unreadable is a problem with its row."""

from data.files import read_tables
from data.problems import Problem
from data.schema.sheet_reader import read_rows, read_sheet
from data.schema.template import SIDE_EFFECTS

NOTES = (
    "effect_id,side_effect,onset,status_date\n"
    "E1,bruising,,unknown\nE2,bruising,N/A,-\nE3,bruising,2026-06,2026-06-03\nE4,bruising,soon,2026-06\n"
)


def read():
    (table,) = read_tables("side_effects.csv", NOTES.encode())
    problems: list[Problem] = []
    return read_rows(read_sheet(table, SIDE_EFFECTS), problems), problems


def test_missing_values_are_neither_dates_nor_problems():
    parsed, problems = read()
    assert [(row.effect_id, row.onset, row.status_date) for row in parsed.rows[:2]] == [
        ("E1", None, None),
        ("E2", None, None),
    ]
    assert {problem.row for problem in problems} == {5}


def test_each_unreadable_cell_is_a_problem_with_its_row_and_what_was_expected():
    parsed, problems = read()
    assert [(problem.row, problem.column, problem.message, problem.expected) for problem in problems] == [
        (5, "onset", "is not a date", "a date as 2025-03-31, a month as 2025-03 or a year"),
        (5, "status_date", "is not one day", "a date as year-month-day, such as 2025-03-31"),
    ]
    assert parsed.unreadable_ids == {"E4"}
