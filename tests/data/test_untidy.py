"""A clinician's untidy spreadsheet lists what is wrong with it; what it lists is found.

tests/fixtures/messy/messy_uc.xlsx, sheet "Problems" (higgi13425/medicaldata, MIT licence).
"""

from pathlib import Path

import pytest

from data.identifying import identifying_columns
from data.tables import Table, read_tables
from data.untidy import findings

MESSY = Path(__file__).parents[1] / "fixtures" / "messy" / "messy_uc.xlsx"


@pytest.fixture(scope="module")
def sheets() -> dict[str, Table]:
    return {table.sheet: table for table in read_tables(MESSY)}


@pytest.fixture(scope="module")
def data(sheets) -> Table:
    return sheets["Data"]


@pytest.fixture(scope="module")
def found(data) -> set[tuple[str, str, tuple[int, ...]]]:
    return {(finding.kind, column, finding.rows) for finding in findings(data) for column in finding.columns}


def test_the_list_of_problems_is_read_from_below_its_title(sheets):
    assert sheets["Problems"].columns == ("Problem", "Variables")
    assert ("Categories with typos", "ethnic, race") in sheets["Problems"].rows
    assert len(sheets["Problems"].rows) == 13


def test_categories_with_typos(found):
    assert {(column, rows) for kind, column, rows in found if kind == "spelling"} == {
        ("ethnic", (15,)), ("ethnic", (16,)), ("ethnic", (17,)), ("race", (15, 29)),
    }  # fmt: skip


def test_text_in_numeric_data(found):
    assert {("words among numbers", "start_k", (34,)), ("words among numbers", "start_plt", (29,))} <= found


def test_reading_in_excel_dates(data):
    assert data.rows[0][data.columns.index("start_date")] == "2021-01-12"
    assert data.rows[0][data.columns.index("dob")] == "2005-01-07"


def test_unifying_split_columns(found, data):
    split = {column for kind, column, _ in found if kind == "split date"}
    assert split == {"end_year", "end_month", "end_day"}
    address = [column.column for column in identifying_columns(data) if column.kind == "address"]
    assert address == ["fake_street", "fake_city", "fake_state", "fake_zip"]


def test_separating_data(found):
    assert {column for kind, column, _ in found if kind == "two values in one cell"} == {"start_bp", "pre/post_wt_kg"}


def test_extra_header_lines_at_top_of_sheet(data):
    assert "The header stands on row 7; titles above it were passed over: rows 1, 2, 3." in data.notices
    assert data.row_numbers[0] == 8


def test_names_that_are_not_like_the_others(found):
    assert {column for kind, column, _ in found if kind == "header"} == {
        "Start Abd score", "Daily Life impact score at start", "pre/post_wt_kg",
    }  # fmt: skip


def test_units_stand_in_the_codebook_and_nowhere_in_the_data(sheets):
    units = {row[0]: row[2] for row in sheets["Codebook"].rows}
    assert (units["start_bp"], units["start_wbc"]) == ("mm Hg", "10^9/L")


def test_encoded_meaning_99_for_not_collected(found):
    assert {("number for a missing value", "end_na", (25,)), ("number for a missing value", "end_k", (25,))} <= found


def test_out_of_range_values(found):
    assert {("far out", "start_wbc", (21,)), ("far out", "start_plt", (33,))} <= found


def test_missing_values(found):
    assert {("words among numbers", "end_emo", (22,)), ("words among numbers", "end_dl", (22,))} <= found


def test_empty_rows_and_columns(data):
    assert "Column G is empty, without a name, and was left out." in data.notices
    assert "Blank rows passed over: 1." in data.notices
    assert 23 not in data.row_numbers


def table(**columns: list[str]) -> Table:
    rows = tuple(zip(*columns.values(), strict=True))
    return Table("visits.csv", None, tuple(columns), rows, tuple(range(2, 2 + len(rows))), ())


def test_a_tidy_table_has_no_findings():
    assert (
        findings(table(client=["C1", "C2", "C3"], units=["20", "25", "18"], area=["glabella", "masseter", "glabella"]))
        == ()
    )


def test_values_that_differ_on_purpose_are_not_called_misspelt():
    areas = ["masseter left", "masseter right", "site1", "site2", "male", "female", "eyelid ptosis", "brow ptosis"] * 3
    assert findings(table(x=[*areas, "masseter left", "site1", "male", "eyelid ptosis"] * 2)) == ()


def test_a_misspelt_area_is_told_with_its_row():
    (finding,) = findings(table(area=["forehead", "forehead", "forhead", "glabella"]))
    assert (finding.kind, finding.rows, finding.message) == ("spelling", (4,), "area: 'forhead' is perhaps 'forehead'")


def test_spread_out_numbers_are_no_slips():
    assert findings(table(units=[str(4**power) for power in range(10)])) == ()


def test_an_empty_table_has_no_findings():
    assert findings(table(client=[], units=[])) == ()
