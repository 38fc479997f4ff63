"""What leaves a page: tables as CSV without a formula in them, and the key of the mark that was clicked."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.charts import csv_text, find_clicked_key
from data.tabular.formulas import escape_formula

numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", "=A1|'C'!A"])
def test_no_text_in_a_download_is_run_as_a_formula(cell):
    assert list(csv.reader(io.StringIO(csv_text(pd.DataFrame({"word": [cell]})), newline="")))[1] == [f"'{cell}"]


def test_numbers_in_a_download_stay_numbers():
    table = pd.DataFrame({"change": [-0.5, None], "events": [1_200, 3], "days": pd.array([4, None], "Int64")})
    assert csv_text(table) == "\ufeffchange,events,days\r\n-0.5,1200,4\r\n,3,\r\n"


def test_a_heading_is_harmless_too():
    assert csv_text(pd.DataFrame({"=A1": []})) == "\ufeff'=A1\r\n"


@given(st.lists(st.tuples(st.text(), numbers, st.booleans(), st.dates()), max_size=5))
def test_a_download_holds_every_cell(rows):
    table = pd.DataFrame(rows, columns=list("abcd"))
    read = list(csv.reader(io.StringIO(csv_text(table).removeprefix("\ufeff"), newline="")))
    assert read == [list("abcd"), *([str(escape_formula(cell)) for cell in row] for row in rows)]


def test_a_click_gives_the_key_of_the_mark():
    def event(*points):
        return {"selection": {"points": list(points)}}

    assert find_clicked_key(event()) is None
    assert find_clicked_key(event({"customdata": "202610"})) == "202610"
    assert find_clicked_key(event({"customdata": ["202610", 3]})) == "202610"
    assert find_clicked_key(event({"customdata": "a"}, {"customdata": "b"})) == "b"
    assert find_clicked_key(event({"x": 1})) is None
