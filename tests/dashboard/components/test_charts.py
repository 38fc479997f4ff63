"""What a click on a chart gives: the key of the mark that was clicked."""

from dashboard.components.charts import find_clicked_key


def test_a_click_gives_the_key_of_the_mark():
    def event(*points):
        return {"selection": {"points": list(points)}}

    assert find_clicked_key(event()) is None
    assert find_clicked_key(event({"customdata": "202610"})) == "202610"
    assert find_clicked_key(event({"customdata": ["202610", 3]})) == "202610"
    assert find_clicked_key(event({"customdata": "a"}, {"customdata": "b"})) == "b"
    assert find_clicked_key(event({"x": 1})) is None
