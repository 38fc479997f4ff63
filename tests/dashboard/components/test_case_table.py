"""The listing of cases shows labels, no free text, and says what a reviewer must not overlook."""

from dataclasses import replace
from datetime import date

from dashboard.components import case_table
from data.analysis.cases import Case

CASE = Case(
    number=17, client=1, treatment=2, treated_on=date(2026, 6, 1), site="north", practitioner="ann", area="glabella",
    placed=True, side="left", side_effect="eyelid_ptosis", family="nearby_weakness", red_flag=None,
    onset=date(2026, 6, 6), onset_day=5, came_to_light="asked", serious=False, grade=2, reports=1, ended=False,
    end_exact=False, days=51, seen_days=51, until=date(2026, 7, 26),
)  # fmt: skip


def test_a_case_is_a_row_of_words():
    row = {title: values[0] for title, values in case_table.case_table([CASE]).items()}
    assert row["Side effect"] == "Eyelid ptosis"
    assert row["Area"] == "Glabella, left"
    assert (row["State"], row["Days"], row["Worst grade"]) == ("Open", 51, "2 (moderate)")
    assert row["Came to light"] == "Asked"


def test_an_area_that_was_not_treated_says_so():
    assert case_table.area_label(replace(CASE, placed=False)) == "Glabella, left (not a treated area)"
    assert case_table.area_label(replace(CASE, area=None)) == "Not told"


def test_what_was_not_told_is_not_guessed():
    bare = replace(CASE, grade=None, came_to_light=None, ended=True, red_flag="emergency", serious=True)
    row = {title: values[0] for title, values in case_table.case_table([bare]).items()}
    assert (row["Worst grade"], row["Came to light"], row["State"]) == ("Not graded", "Not told", "Over")
    assert (row["Red flag"], row["Serious"]) == ("Emergency", "Yes")


def test_a_listing_of_nothing_keeps_its_columns():
    assert set(case_table.case_table([])) == set(case_table.case_table([CASE]))
