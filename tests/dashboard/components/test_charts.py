"""What leaves a page: numbers as CSV without a formula in them, and the mark that was clicked."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.charts import csv_text, find_clicked_key
from data.tabular.formulas import escape_formula

cells = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", "=A1|'C'!A"])
def test_no_text_in_a_download_is_run_as_a_formula(cell):
    assert list(csv.reader(io.StringIO(csv_text({"Word": [cell]}), newline="")))[1] == [f"'{cell}"]


def test_numbers_in_a_download_stay_numbers():
    assert csv_text({"Change": [-0.5, 2]}) == "\ufeffChange\r\n-0.5\r\n2\r\n"


def test_a_heading_is_harmless_too():
    assert csv_text({"=A1": []}) == "\ufeff'=A1\r\n"


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_a_download_holds_every_cell(rows):
    table = {"a": [row[0] for row in rows], "b": [row[1] for row in rows]}
    read = list(csv.reader(io.StringIO(csv_text(table).removeprefix("\ufeff"), newline="")))
    assert read == [["a", "b"], *([str(escape_formula(cell)) for cell in row] for row in rows)]


def test_a_click_gives_the_key_of_the_mark():
    def event(*points):
        return {"selection": {"points": list(points)}}

    assert find_clicked_key(event()) is None
    assert find_clicked_key(event({"customdata": "202610"})) == "202610"
    assert find_clicked_key(event({"customdata": ["202610", 3]})) == "202610"
    assert find_clicked_key(event({"customdata": "a"}, {"customdata": "b"})) == "b"
    assert find_clicked_key(event({"x": 1})) is None
