"""The first visitor of a process: on a deep link, on an empty database, and with files to import."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_driver import downloads, follows, main_text
from tests.chromium import at_rest
from tests.streamlit_server import served

HEAD = "treatment_id,date,site,practitioner,client,area,product,units\n"
YESTERDAY = date.today() - timedelta(days=1)
TREATED = f"{YESTERDAY},Midtown,NP 1"
GOOD = f"N1,{TREATED},4711,glabella,botox_cosmetic,20\nN2,{TREATED},4712,glabella,botox_cosmetic,20\n"
BAD = f"N1,{TREATED},4711,glabela,botox_cosmetic,20\n"


@pytest.fixture
def just_started(sample_url: str, tmp_path: Path):
    """A process in which no page has been opened, with its own records."""
    copy = shutil.copy(sample_url.removeprefix("sqlite:///"), tmp_path / "copy.db")
    with served(f"sqlite:///{copy}", tmp_path / "streamlit.log") as address:
        yield address


@pytest.fixture
def empty(sqlite_url: str, tmp_path: Path):
    with served(sqlite_url, tmp_path / "streamlit.log") as address:
        yield address


def test_a_deep_link_opens_with_the_menu_and_files_are_checked_before_they_are_stored(just_started, visit):
    page: Page = visit()
    page.goto(f"{just_started}/import_records?period=All dates")
    at_rest(page)
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Durations", exact=True)).to_be_visible()
    assert "6,000 treatments of" in main_text(page)

    _uploads(page, BAD)
    expect(page.get_by_text("1 problem. Nothing was stored.")).to_be_visible()
    (problem,) = downloads(page)
    where = [problem[name] for name in ("File", "Row", "Column", "Value")]
    assert where == ["treatments.csv", "2", "area", "glabela"]
    assert "glabella" in f"{problem['Problem']} {problem['Expected']}"
    page.get_by_role("button", name="Choose corrected or other files").click()
    at_rest(page)

    _uploads(page, GOOD)
    expect(page.get_by_text("2 would be stored", exact=False)).to_be_visible()
    page.get_by_role("button", name="Import all rows").click()
    expect(page.get_by_text("2 are stored", exact=False)).to_be_visible()
    page.get_by_role("button", name="Import other files").click()
    at_rest(page)
    follows(page, "Overview")
    assert "6,002 treatments of" in main_text(page)


def test_the_overview_also_opens_at_its_own_address(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/overview?period=All dates&sites=Midtown")
    at_rest(page)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert "at Midtown" in main_text(page)


def test_an_empty_database_shows_the_welcome_page_and_the_sample_clinic_fills_it(empty, visit):
    page: Page = visit()
    page.goto(f"{empty}/trends")  # a saved address
    expect(page.get_by_role("heading", name="Welcome", exact=True)).to_be_visible()
    at_rest(page)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.goto(empty)
    at_rest(page)
    assert "There are no treatment records yet" in main_text(page)
    page.get_by_role("button", name="Create sample data").click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    expect(page.get_by_text("Sample data", exact=True)).to_be_visible()
    at_rest(page)


def _uploads(page: Page, lines: str) -> None:
    file = {"name": "treatments.csv", "mimeType": "text/csv", "buffer": (HEAD + lines).encode()}
    page.locator("input[type=file]").set_input_files(files=[file])
    check = page.get_by_role("button", name="Check the files")
    expect(check).to_be_enabled()
    check.click()
