"""Weakness by area and dose: the report's numbers, one cell open, and links that restore it."""

import pytest

from dashboard.report import build_report
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.as_of import as_of_date
from data.summaries import attention, weakness
from data.summaries.attention import AttentionItem
from data.summaries.weakness import WEAKNESS_FAMILIES
from models.statistics import survival
from models.statistics.interval import Interval
from tests.dashboard.page_text import lead, said

ALL_DATES = {"period": "All dates"}
CHOSEN = ("dose_area", "dose_family", "dose_product")


def opened_cell(app) -> list[str]:
    assert not app.exception
    return [app.selectbox(key).value for key in CHOSEN]


def test_the_matrix_is_the_report_by_family_and_area_cell_by_cell(opened, clinic_url, monkeypatch):
    monkeypatch.setattr(survival, "bootstrap_median", _median_alone)
    tables = opened(clinic_url)[1].current()[1]
    selection = Selection(unit="area", as_of=as_of_date())
    report = build_report(tables, WHOLE_CLINIC, selection, ("family", "area"))
    cells = weakness.weakness_by_area(tables, WHOLE_CLINIC, selection).cells
    shown = {(row.family, row.area): row for row in cells.itertuples()}
    printed = [row for row in report["rates"] if row["by"].get("family") in WEAKNESS_FAMILIES]
    assert len(printed) == len(shown) == 3 * cells.area.nunique() > 30
    for row in printed:
        cell = shown[row["by"]["family"], row["by"]["area"]]
        for key in ("events", "followed_up", "volunteered", "in_follow_up", "known", "episodes"):
            assert getattr(cell, key) == row[key], (row["by"], key)
        for key, column in {"estimate": "rate"}.items() | {(key, key) for key in ("low", "high", "lowest", "highest")}:
            assert getattr(cell, column) == pytest.approx(row[key], nan_ok=True), (row["by"], key)
    lasting = [row for row in report["durations"] if row["by"].get("family") in WEAKNESS_FAMILIES]
    for row in lasting:
        cell = shown[row["by"]["family"], row["by"]["area"]]
        assert (cell.median if cell.median == cell.median else None, cell.no_median) == (row["median"], row["refused"])
    assert {key for key, cell in shown.items() if cell.no_median != weakness.NO_DURATION} == {
        (row["by"]["family"], row["by"]["area"]) for row in lasting
    }


def _median_alone(last, first, client) -> Interval:
    """The interval takes seconds and is on no cell."""
    return Interval(survival.turnbull(last, first).median.estimate, None, None)


def test_the_page_opens_on_the_most_notable_cell_and_a_link_restores_another(open_page, opened, clinic_url):
    tables = opened(clinic_url)[1].current()[1]
    found = weakness.weakness_by_area(tables, WHOLE_CLINIC, Selection(as_of=as_of_date()))
    leading = found.most_notable.iloc[0]
    app = open_page(clinic_url, "dose", **ALL_DATES)
    assert opened_cell(app) == [leading.area, leading.family, leading["product"]]

    link = {"area": "masseter", "family": "injected_weakness", "product": "xeomin"}
    app = open_page(clinic_url, "dose", **ALL_DATES, **link)
    assert opened_cell(app) == list(link.values())
    (cell,) = found.cells[(found.cells.area == "masseter") & (found.cells.family == "injected_weakness")].itertuples()
    assert f"{cell.events} of {cell.followed_up} treated areas followed up" in said(app)
    opens = f"Open {cell.episodes} cases"
    (place,) = [place for text, place in lead(app) if text == opens]
    assert "family=injected_weakness" in place and "area=masseter" in place


def test_a_new_area_is_written_into_the_address_and_begins_with_its_own_product(open_page, clinic_url):
    link = {"area": "masseter", "family": "injected_weakness", "product": "xeomin"}
    app = open_page(clinic_url, "dose", **ALL_DATES, **link)
    app.selectbox("dose_area").select("glabella").run()
    assert opened_cell(app)[:2] == ["glabella", "injected_weakness"]
    assert app.query_params["area"] == "glabella" and "product" not in app.query_params


def test_a_link_that_names_something_missing_says_so(open_page, clinic_url):
    app = open_page(clinic_url, "dose", **ALL_DATES, area="moon", family="nearby_weakness")
    assert opened_cell(app)[1] == "nearby_weakness"
    assert "This link names moon, which these records do not show." in said(app)


def test_a_dose_that_needs_attention_opens_for_all_dates_on_its_measure_product_and_area(
    open_page, clinic_url, monkeypatch
):
    dose = AttentionItem(topic="dose", codes=("nearby_weakness", "botox_cosmetic", "forehead"), doses=((9, 0), (20, 0)))
    found = attention.Attention((dose,), (), {}, 0.0, 0.0)
    monkeypatch.setattr(attention, "list_items", lambda _: found)
    app = open_page(clinic_url, sites="Midtown")
    (button,) = [button for button in app.button if button.label == "Dose"]
    button.click().run()
    assert opened_cell(app) == ["forehead", "nearby_weakness", "botox_cosmetic"]
    assert (app.selectbox("period").value, app.multiselect("sites").value) == ("all", [])
