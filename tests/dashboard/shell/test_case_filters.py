"""From the address bar of the Cases page to the cases behind a figure, and to words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.shell import case_filters
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection

KNOWN = {
    "side_effect": ["bruising", "eyelid_ptosis"],
    "family": ["injection_site"],
    "area": ["glabella", "not told"],
    "product": ["botox"],
    "lot": ["L1"],
    "site": ["north"],
    "practitioner": ["ann"],
    "grade": [None, 1, 2],
}
YEAR = Selection(from_date=date(2026, 1, 15), to_date=date(2026, 12, 31), sites=("south",), as_of=date(2027, 1, 1))
SHOWN = PageView(WHOLE_CLINIC, YEAR, "2026", "at south")


def read(**parameters):
    return case_filters.parse_case_filter({name: [value] for name, value in parameters.items()}, KNOWN.get)


def test_each_parameter_narrows_what_it_names():
    narrowed = read(side_effect="bruising", area="glabella", lot="L1", grade="2", open="1", practitioner="ann")
    selection = narrowed.apply(YEAR)
    assert (selection.side_effects, selection.areas, selection.lots) == (("bruising",), ("glabella",), ("L1",))
    assert (selection.grades, selection.open, selection.practitioners) == ((2,), True, ("ann",))
    assert (selection.sites, selection.from_date) == (("south",), YEAR.from_date)
    assert narrowed.by == ("area", "lot")


def test_what_is_not_on_record_is_passed_over():
    assert (
        read(side_effect="nonsense", area="", grade="9", open="maybe", month="202613", case="12;drop") == CaseFilter()
    )
    assert read(nobody_knows="1") == CaseFilter()


def test_several_values_are_one_or_the_other():
    narrowed = case_filters.parse_case_filter({"side_effect": ["bruising", "eyelid_ptosis", "bruising"]}, KNOWN.get)
    assert narrowed.side_effect == ("bruising", "eyelid_ptosis")


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ({"month": "202602"}, date(2026, 2, 1), date(2026, 2, 28)),
        ({"month": "202612"}, date(2026, 12, 1), date(2026, 12, 31)),
        ({"month": "202601"}, date(2026, 1, 15), date(2026, 1, 31)),  # the days of it that the period holds
        ({"month": "202511"}, date(2025, 11, 1), date(2025, 11, 30)),  # outside the period: whole
        ({"quarter": "20264"}, date(2026, 10, 1), date(2026, 12, 31)),
        ({"quarter": "20265"}, date(2026, 1, 15), date(2026, 12, 31)),  # no such quarter
    ],
)
def test_a_month_or_quarter_is_part_of_the_period(period, first, last):
    selection = read(**period).apply(YEAR)
    assert (selection.from_date, selection.to_date) == (first, last)


def test_red_flags_are_those_of_all_dates_and_filters():
    selection = read(red_flag="1").apply(YEAR)
    assert selection == Selection(red_flag=True, as_of=YEAR.as_of)


def test_the_listing_says_its_filter_in_words():
    assert case_filters.describe_case_filter(CaseFilter(), SHOWN) == "All side effects. Treatments of 2026, at south."
    assert case_filters.describe_case_filter(
        read(side_effect="bruising", open="1", area="glabella", month="202602"), SHOWN
    ) == ("Bruising, open, in Glabella. Treatments of February 2026, at south.")
    assert case_filters.describe_case_filter(
        read(family="injection_site", grade="2", product="botox", lot="L1"), SHOWN
    ) == ("Injection site, worst grade 2 (moderate), after Botox, lot L1. Treatments of 2026, at south.")
    assert case_filters.describe_case_filter(read(placed="0", open="0", site="north", practitioner="ann"), SHOWN) == (
        "All side effects, ended, in no treated area, at north, treated by ann. Treatments of 2026, at south."
    )
    assert case_filters.describe_case_filter(read(red_flag="1"), SHOWN) == "Red flags not yet reviewed, of all dates"


@given(st.dictionaries(st.sampled_from(case_filters.PARAMETERS), st.lists(st.text(), min_size=1)))
def test_whatever_stands_in_the_address_bar_is_read_or_passed_over(parameters):
    narrowed = case_filters.parse_case_filter(parameters, KNOWN.get)
    narrowed.apply(YEAR)
    assert case_filters.describe_case_filter(narrowed, SHOWN)
