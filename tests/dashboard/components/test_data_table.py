"""A table reads alike on every page: counts with separators, dates in full, shares in percent."""

import json
from datetime import date, datetime

import pytest
from streamlit.testing.v1 import AppTest


def shown(**table):
    """The columns' configs as they are sent, and the values, for a table of these columns."""

    def script(table):
        from dashboard.components import data_table

        data_table.draw_table(table, "A table", "key", choose=True, bars=("Share",))

    app = AppTest.from_function(script, kwargs={"table": table}).run()
    assert not app.exception
    element = app.dataframe[0]
    return json.loads(element.proto.columns), element.value


def test_counts_have_separators_and_the_number_of_a_case_has_none():
    columns, _ = shown(Treatments=[1200, 3], Case=[1200, 3], Days=[None, 4])
    assert columns["Treatments"]["type_config"]["format"] == "accounting"
    assert columns["Treatments"]["type_config"]["step"] == 1
    assert columns["Days"]["type_config"]["format"] == "accounting"
    assert columns["Case"]["type_config"]["format"] == "%d"


def test_words_stand_as_they_are_and_are_not_hidden():
    columns, values = shown(Site=["north", "hill"], Nothing=[None, None])
    assert columns["Site"]["type_config"] == {"type": "text"} and "Nothing" not in columns
    assert list(values["Site"]) == ["north", "hill"]


def test_a_column_has_room_for_the_longest_of_its_words():
    columns, _ = shown(Flag=[""] * 9 + ["Emergency"], Area=["Palm"] * 9 + ["Migraine sites, whole pattern"])
    assert columns["Flag"]["width"] >= 70
    assert 190 <= columns["Area"]["width"] <= 270


def test_dates_are_written_out():
    columns, _ = shown(Treated=[date(2026, 6, 3)], On=[datetime(2026, 6, 3, 12)])
    assert columns["Treated"]["type_config"]["format"] == "D MMMM YYYY"
    assert columns["On"]["type_config"]["format"] == "D MMMM YYYY, HH:mm"


def test_proportions_are_read_in_percent():
    columns, values = shown(Rate=[0.022, None], Share=[0.77, 1.0])
    assert columns["Rate"]["type_config"]["format"] == "%.1f %%"
    assert columns["Share"]["type_config"] == {
        "type": "progress",
        "format": "%.0f %%",
        "min_value": 0,
        "max_value": 100,
    }
    assert list(values["Share"]) == [77.0, 100.0]
    assert values["Rate"][0] == pytest.approx(2.2)
