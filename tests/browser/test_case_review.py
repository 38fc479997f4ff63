"""A red flag from the banner to reviewed, and back after a new note."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from data.database.engine import open_database
from data.importing.pipeline import import_files
from tests.browser.test_front_desk import clicks, stored, types
from tests.chromium import at_rest
from tests.data.factories import written
from tests.streamlit_server import served

BANNER = "not yet reviewed."


@pytest.fixture
def clinic_with_a_red_flag(tmp_path, monkeypatch):
    """The address of a dashboard with one client, who has trouble swallowing after a treatment by NP 1."""
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "key"))
    treated = date.today() - timedelta(days=15)
    treatments = f"""
    treatment_id | date      | site | practitioner | client | area     | product | units
    V1           | {treated} | main | NP 1         | 4711   | platysma | botox   | 30
    """
    noted = treated + timedelta(days=9)
    effects = f"""
    effect_id | treatment_id | side_effect | onset   | status_date | state   | grade
    S1        | V1           | dysphagia   | {noted} | {noted}     | present | moderate
    """
    url = f"sqlite:///{tmp_path / 'sequela.db'}"
    engine = open_database(url)
    import_files(engine, written(tmp_path, treatments=treatments, side_effects=effects))
    engine.dispose()
    with served(url, tmp_path / "streamlit.log") as address:
        yield address


def test_a_red_flag_is_reviewed_by_two_and_comes_back_with_a_new_note(clinic_with_a_red_flag, visit):
    page: Page = visit()
    page.goto(f"{clinic_with_a_red_flag}/overview?as=Practitioner: NP 1")
    at_rest(page)
    banner = page.get_by_test_id("stAlert").get_by_text(BANNER)
    expect(banner).to_be_visible()
    page.get_by_role("link", name="Open case 1", exact=True).click()
    at_rest(page)

    page.get_by_role("radio", name="Probable", exact=True).click()
    page.get_by_role("radio", name="Watch", exact=True).click()
    page.get_by_text("Mark as reviewed", exact=True).click()
    clicks(page, "Save the review")
    expect(page.get_by_text("Say why in a few words.")).to_be_visible()
    page.get_by_role("textbox", name="Why", exact=True).fill("read all notes")
    clicks(page, "Save the review")
    stored(page, "Saved: the review.")
    expect(page.get_by_text("so a second reviewer must agree")).to_be_visible()
    expect(banner).to_be_visible()

    page.goto(f"{clinic_with_a_red_flag}/cases?case=1")
    at_rest(page)
    page.get_by_role("textbox", name="Why do you agree, or not?").fill("called the client")
    clicks(page, "I agree")
    stored(page, "Saved: your opinion.")
    expect(page.get_by_text("by Whole clinic (not verified).").first).to_be_visible()
    expect(banner).to_be_hidden()

    page.get_by_role("link", name="How is it now?").click()
    at_rest(page)
    types(page, "Your name or initials", "AB")
    clicks(page, "Still present")
    stored(page, "Saved: Swallowing difficulty")
    expect(banner).to_be_visible()
