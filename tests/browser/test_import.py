"""A hand-kept sheet with a column per area, from the drop to counted records."""

import re

import pytest
from playwright.sync_api import Page, expect

from benchmarks.exports import count_records
from data.database.engine import open_database
from data.mapping.store import delete_mapping
from tests.chromium import at_rest
from tests.data.clinic_layouts import as_csv, make_clinic, wide
from tests.streamlit_server import served

SOURCE = "sheet of a browser test"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The address of a dashboard without records, and its database. The mapping that it saves is deleted."""
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "key"))
    url = f"sqlite:///{tmp_path / 'sequela.db'}"
    open_database(url).dispose()
    with served(url, tmp_path / "streamlit.log") as address:
        yield address, url
    delete_mapping(SOURCE)


def test_a_hand_kept_wide_sheet_is_dropped_mapped_and_counted(desk, visit, tmp_path):
    address, url = desk
    visits = make_clinic(seed=3)
    sheet = tmp_path / "tox log.csv"
    sheet.write_bytes(as_csv(wide(visits)))
    page: Page = visit()
    page.goto(f"{address}/import_records")
    at_rest(page)
    page.locator("input[type=file]").set_input_files(sheet)
    at_rest(page)
    clicks(page, "Check the files")
    expect(page.get_by_role("heading", name="What do the columns mean?")).to_be_visible()
    expect(page.get_by_text('Not read: "Notes" (looks like notes).')).to_be_visible()
    types(page, "Name of this source", SOURCE)
    types(page, "Which clinic is this", "North")
    clicks(page, "Save this mapping and check the files")
    expect(page.get_by_text("40 rows read: 40 would be stored")).to_be_visible()
    clicks(page, "Import all rows")
    expect(page.get_by_text("40 are stored")).to_be_visible()
    engine = open_database(url)
    counts = count_records(engine)
    engine.dispose()
    assert counts["visits"] == len({(visit.client, visit.day) for visit in visits})
    assert counts["areas"] == sum(len(visit.doses) for visit in visits)
    assert counts["units"] == sum(sum(visit.doses.values()) for visit in visits)


def clicks(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    at_rest(page)


def types(page: Page, label: str, text: str) -> None:
    box = page.get_by_role("textbox", name=re.compile(re.escape(label)))
    box.fill(text)
    box.press("Enter")
    at_rest(page)
