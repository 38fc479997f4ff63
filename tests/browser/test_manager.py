"""The manager's journey before the monthly meeting, from the red flag to the lot table, and the figures on its way."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from dashboard.filters import bounds
from tests.browser.walking import clicks_point, follows, main_text, picks, reads_chart
from tests.chromium import at_rest
from tests.streamlit_server import PROJECT

PERIOD = "12 months"  # what the dashboard opens with


@pytest.fixture(scope="module")
def report(sample_url: str) -> list[dict]:
    """The rates of the same months from the command line."""
    first, last = bounds(PERIOD, date.today())
    command = [sys.executable, "-m", "dashboard", "report", "--from", str(first), "--to", str(last), "--format", "json"]
    said = subprocess.run(
        command, cwd=PROJECT, env=os.environ | {"DATABASE_URL": sample_url}, capture_output=True, check=True
    )
    return json.loads(said.stdout)["rates"]


def test_from_the_red_flag_to_the_worse_lot(clinic, visit):
    page: Page = visit()
    page.goto(clinic)
    at_rest(page)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()

    page.get_by_test_id("stAlert").first.wait_for()
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_text("Red flags not yet reviewed, of all dates")).to_be_visible()
    at_rest(page)
    assert "dysphagia" in main_text(page).lower()

    follows(page, "Side effects")
    picks(page, "Period", "All dates")
    page.get_by_role("button", name=re.compile("Filters")).click()
    picks(page, "Sites", "harbour")
    page.keyboard.press("Escape")
    at_rest(page)
    for title in ("Durations", "Trends", "Products and lots"):
        follows(page, title)
        kept = parse_qs(urlsplit(page.url).query)
        assert (kept.get("period"), kept.get("sites")) == (["All dates"], ["harbour"]), title
        assert "at harbour" in main_text(page), title

    page.goto(f"{clinic}/products?period=All dates")
    at_rest(page)
    expect(page.get_by_text(re.compile("Look at .*lot BC-10"))).to_be_visible()
    grid = page.get_by_test_id("stDataFrame").first
    grid.click(position={"x": 18, "y": 52})  # the box of the first row, below the heading
    expect(page.get_by_role("heading", name="Where lot BC-10 went")).to_be_visible()


def test_overview_and_side_effects_show_what_the_report_says(clinic, visit, report):
    (every,) = [row for row in report if row["by"] == {}]
    (bruising,) = [row for row in report if row["by"] == {"side_effect": "bruising"}]
    page = visit()
    page.goto(clinic)
    at_rest(page)
    overview = main_text(page)
    assert f"In {every['known']:,} treatments with known outcome {every['events']:,} had a side effect" in overview
    assert f"{every['known']:,} of {every['total']:,}" in overview

    follows(page, "Side effects")
    assert f"{bruising['events']:,} of {bruising['known']:,}" in reads_chart(page)

    clicks_point(page, "side_effect:bruising")
    page.wait_for_url("**/cases?*side_effect=bruising*")
    expect(page.get_by_text(re.compile("^Bruising. Treatments of"))).to_be_visible()
    at_rest(page)
    assert f"{bruising['episodes']:,} side effect" in main_text(page)
