"""The front desk of a new clinic: a treatment, a follow-up, a side effect, a correction, and undo."""

import re
import time
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.forms import form_state
from data.database.engine import open_database
from data.importing.pipeline import import_files
from tests.browser.page_driver import follows, main_text, picks
from tests.chromium import at_rest
from tests.data.factories import written
from tests.streamlit_server import served

CLIENT = "40718293"

# Seconds for a key or click (40 words a minute), pointing, moving a hand between keys and mouse, and a moment's
# thought. Card, Moran, Newell, The keystroke-level model, Communications of the ACM 23 (1980) 396.
KEYSTROKE, POINTING, HOMING, THOUGHT = 0.28, 1.1, 0.4, 1.35
MAX_SECONDS = 30  # for a follow-up with nothing to report
COUNT_ACTS = """
() => {
    window.acts = {keys: 0, clicks: 0};
    addEventListener('keydown', (key) => { window.acts.keys += key.isTrusted; }, true);
    addEventListener('pointerdown', (pressed) => { window.acts.clicks += pressed.isTrusted; }, true);
}
"""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The address of a dashboard without records, and its database."""
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "key"))
    database = tmp_path / "sequela.db"
    open_database(f"sqlite:///{database}").dispose()
    with served(f"sqlite:///{database}", tmp_path / "streamlit.log") as address:
        yield address, database


def test_the_front_desk_enters_a_treatment_a_follow_up_and_a_side_effect_and_corrects_an_error(desk, visit):
    address, database = desk
    page: Page = visit()
    page.goto(f"{address}/new_record")
    at_rest(page)
    types(page, "Your name or initials", "AB")
    _treatment(page)
    stored(page, "Saved: the treatment of")

    page.get_by_role("radio", name="How a client is doing").click()
    at_rest(page)
    _nothing_to_report(page)

    picks(page, "Side effect", "Eyelid ptosis")
    clicks(page, "Save the side effect")
    expect(page.get_by_text("Needed: the status on that day.")).to_be_visible()
    page.get_by_role("radio", name="Still present").click()
    page.get_by_role("radio", name="Mild").click()
    clicks(page, "Save the side effect")
    stored(page, "Saved: Eyelid ptosis.")
    clicks(page, "Resolved", exact=True)
    stored(page, "Saved: Eyelid ptosis, resolved")

    follows(page, "Cases")
    page.goto(f"{address}/cases?case=1")
    at_rest(page)
    assert "Worst grade: 1 (mild)" in main_text(page)
    page.get_by_role("link", name="Correct", exact=True).click()
    at_rest(page)
    types(page, "Your name or initials", "CD")
    page.get_by_role("combobox", name="Grade", exact=True).first.click()
    page.get_by_role("option", name="Severe", exact=True).click()
    expect(page.get_by_role("combobox", name="Came to light")).to_have_value("Asked")
    page.get_by_test_id("stSelectbox").filter(has_text="Came to light").get_by_label("Clear value").click()
    page.get_by_role("textbox", name="Why is it corrected?").fill("typed in the wrong row")
    clicks(page, "Save the correction")
    stored(page, "Saved: the correction.")
    expect(page.get_by_role("combobox", name="Came to light")).to_have_value("")
    clicks(page, "Undo")
    stored(page, "Undone")
    assert CLIENT.encode() not in database.read_bytes()


def test_a_button_in_the_call_list_logs_its_treatment_and_a_second_click_logs_no_other(desk, visit, tmp_path):
    address, database = desk
    engine = open_database(f"sqlite:///{database}")
    import_files(engine, written(tmp_path, treatments=_due()))
    engine.dispose()
    page: Page = visit()
    page.goto(f"{address}/call_list")
    at_rest(page)
    types(page, "Your name or initials", "AB")
    expect(page.get_by_text("3 treatments are due")).to_be_visible()
    column = page.get_by_test_id("stDataFrame").bounding_box()
    x, y = _first_button(page, column)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    page.mouse.dblclick(x, y)
    # The answer to the second click replaces that to the first.
    answered = re.compile(f"Saved: nothing to report|{re.escape(form_state.ALREADY_ON_RECORD)}")
    expect(page.get_by_test_id("stAlert").get_by_text(answered)).to_be_visible()
    page.wait_for_timeout(1_500)
    at_rest(page)
    expect(page.get_by_text("2 treatments are due")).to_be_visible()


def _nothing_to_report(page: Page) -> None:
    """The client's number, Enter, one click: about nine seconds by the keystroke-level model.

    Keys and clicks are counted, because a clock would measure how busy this machine is; the time is only printed.
    """
    begun = time.monotonic()
    page.evaluate(COUNT_ACTS)
    page.get_by_role("textbox", name="Client number", exact=True).click()
    page.keyboard.type(CLIENT)
    page.keyboard.press("Enter")
    at_rest(page)
    button = page.get_by_role("button", name="Nothing to report", exact=True)
    expect(button).to_be_in_viewport()
    clicks(page, "Nothing to report")
    stored(page, "Saved: nothing to report")
    acts = page.evaluate("window.acts")
    assert acts == {"keys": len(CLIENT) + 1, "clicks": 2}
    model_seconds = (acts["keys"] + acts["clicks"]) * KEYSTROKE + acts["clicks"] * (POINTING + HOMING) + 2 * THOUGHT
    assert model_seconds < MAX_SECONDS
    print(f"Nothing to report: {model_seconds:.1f} s by the model, {time.monotonic() - begun:.1f} s on this machine")


def _due() -> str:
    day = date.today() - timedelta(days=15)
    lines = [f"V{n} | {day} | north | {n} | glabella | botox" for n in range(3)]
    return "\n".join(["treatment_id | date | site | client | area | product", *lines])


def _first_button(page: Page, grid: dict) -> tuple[float, float]:
    """The middle of "Nothing to report" in the upper row: after the mark of the row, its day and its number."""
    return grid["x"] + 335, grid["y"] + 52


def _treatment(page: Page) -> None:
    types(page, "Client number", CLIENT)
    for name, value in (("Site", "north"), ("Practitioner", "AB")):
        box = page.get_by_role("combobox", name=name, exact=True).first
        box.click()
        box.fill(value)
        page.keyboard.press("Enter")
        at_rest(page)
    picks(page, "Product", "Botox Cosmetic")
    page.get_by_role("combobox", name="Areas", exact=True).click()
    page.get_by_role("option", name="Glabella", exact=True).click()
    page.keyboard.press("Escape")
    at_rest(page)
    units = page.get_by_label("Units", exact=True).first
    units.fill("20")
    page.keyboard.press("Tab")
    at_rest(page)
    clicks(page, "Save the treatment")


def types(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).fill(text)
    page.keyboard.press("Enter")
    at_rest(page)


def clicks(page: Page, button: str, exact: bool = True) -> None:
    page.get_by_role("button", name=button, exact=exact).first.click()
    at_rest(page)


def stored(page: Page, said: str) -> None:
    expect(page.get_by_test_id("stAlert").get_by_text(said)).to_be_visible()
    at_rest(page)
