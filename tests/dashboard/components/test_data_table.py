"""A table looks the same on every page: counts with separators, dates in full, proportions in percent."""

import json
from datetime import date, datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest


def shown(**columns):
    """The configs of the columns as they are sent, and the values, for a table of these columns."""

    def script(table):
        from dashboard.components import data_table

        data_table.draw_table(table, "A table", "key", choose=True, bars=("share",))

    app = AppTest.from_function(script, kwargs={"table": pd.DataFrame(columns)}).run()
    assert not app.exception
    element = app.dataframe[0]
    return json.loads(element.proto.columns), element.value


def test_counts_have_separators_and_the_number_of_a_case_has_none():
    columns, values = shown(treatments=[1200, 3], case=[1200, 3], days=pd.array([None, 4], "Int64"))
    assert columns["treatments"]["type_config"]["format"] == "accounting"
    assert columns["treatments"]["type_config"]["step"] == 1
    assert columns["days"]["type_config"]["format"] == "accounting"
    assert columns["case"]["type_config"]["format"] == "%d"
    assert values["treatments"].sort_values().tolist() == [3, 1200]


def test_text_is_shown_as_it_is_and_no_column_is_hidden():
    columns, values = shown(site=["north", "hill"], nothing=[None, None])
    assert columns["site"]["type_config"] == {"type": "text"}
    assert not columns["nothing"].get("hidden")
    assert list(values["site"]) == ["north", "hill"]


def test_a_column_has_room_for_the_longest_of_its_texts():
    columns, _ = shown(flag=[""] * 9 + ["Emergency"], area=["Palm"] * 9 + ["Migraine sites, whole pattern"])
    assert columns["flag"]["width"] >= 70
    assert 190 <= columns["area"]["width"] <= 270


def test_dates_are_written_out():
    columns, _ = shown(treated=[date(2026, 6, 3)], imported=[datetime(2026, 6, 3, 12)])
    assert columns["treated"]["type_config"]["format"] == "MMM D, YYYY"
    assert columns["imported"]["type_config"]["format"] == "MMM D, YYYY, h:mm A"


def test_proportions_are_shown_in_percent():
    columns, values = shown(rate=[0.022, None], share=[0.77, 1.0])
    assert columns["rate"]["type_config"]["format"] == "%.1f%%"
    assert columns["share"]["type_config"] == {
        "type": "progress",
        "format": "%.0f%%",
        "min_value": 0,
        "max_value": 100,
    }
    assert list(values["share"]) == [77.0, 100.0]
    assert values["rate"][0] == pytest.approx(2.2)


def test_columns_are_titled_in_words():
    columns, _ = shown(worst_grade=["mild"], rate=[0.5])
    assert (columns["worst_grade"]["label"], columns["rate"]["label"]) == ("Worst grade", "Rate")
