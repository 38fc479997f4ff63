"""The list of cases shows labels, no free text, and what a reviewer must not overlook."""

from datetime import date

import pandas as pd

from dashboard.components import case_table

CASE = {
    "number": 17, "client": 1, "treatment": 2, "treated_on": date(2026, 6, 1), "site": "north", "practitioner": "ann",
    "area": "glabella", "placed": True, "side": "left", "side_effect": "eyelid_ptosis", "family": "nearby_weakness",
    "red_flag": None, "onset": date(2026, 6, 6), "onset_day": 5, "came_to_light": "asked", "serious": False, "grade": 2,
    "reports": 1, "ended": False, "fatal": False, "end_exact": False, "days": 51, "seen_days": 51,
    "until": date(2026, 7, 26), "heard_from": date(2026, 7, 26), "seen_later": False, "attribution": "named",
    "aside": None,
}  # fmt: skip


def cases(**changes):
    return pd.DataFrame([CASE | changes]).astype({"grade": "Int64"})


def row_of(**changes):
    (row,) = case_table.case_table(cases(**changes)).itertuples()
    return row


def area_of(**changes):
    (case,) = cases(**changes).itertuples()
    return case_table.area_label(case)


def test_a_case_is_a_row_of_labels():
    row = row_of()
    assert (row.side_effect, row.area) == ("Eyelid ptosis", "Glabella, left")
    assert (row.status, row.days, row.worst_grade) == ("Open", 51, "2 (moderate)")
    assert row.came_to_light == "Asked"


def test_an_area_that_was_not_treated_says_so():
    assert area_of(placed=False) == "Glabella, left (not a treated area)"
    assert area_of(area=None) == "Not recorded"


def test_what_is_not_recorded_is_not_guessed():
    row = row_of(grade=None, came_to_light=None, ended=True, red_flag="emergency", serious=True)
    assert (row.worst_grade, row.came_to_light, row.status) == ("Not graded", "Not recorded", "Resolved")
    assert (row.red_flag, row.serious) == ("Emergency", True)


def test_a_fatal_case_is_never_called_resolved():
    assert row_of(fatal=True, ended=True).status == "Fatal"


def test_a_list_without_cases_keeps_its_columns():
    assert list(case_table.case_table(cases().iloc[:0])) == list(case_table.case_table(cases()))
