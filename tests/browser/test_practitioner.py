"""Practitioners see their own name and clients; other practitioners stay anonymous."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.axe_report import row_of
from tests.browser.page_driver import CHART, downloads, follows, main_text
from tests.chromium import PHONE, at_rest

OTHERS = ("NP 1", "RN 2", "NP 4", "PA 5", "RN 6")


def test_practitioners_see_their_own_name_and_their_own_cases_only(clinic, visit):
    page = visit()
    page.goto(f"{clinic}/people?as=Practitioner: RN 3")
    at_rest(page)
    assert "by RN 3" in main_text(page)
    expect(page.get_by_role("heading", name="Urgent today")).to_be_visible()
    drawn = json.dumps(page.locator(CHART).evaluate_all("charts => charts.map((chart) => [chart.data, chart.layout])"))
    assert "RN 3" in drawn
    assert not [other for other in OTHERS if f'"{other}"' in drawn or f">{other}<" in drawn]
    assert not [other for other in OTHERS if other in main_text(page)]

    follows(page, "Cases")
    assert parse_qs(urlsplit(page.url).query)["as"] == ["Practitioner: RN 3"]
    rows = downloads(page)
    assert rows and {row["practitioner"] for row in rows} == {"RN 3"}


def test_a_practitioners_own_page_on_a_phone_shows_the_numbers_of_the_report(clinic, visit, report):
    """Urgent work, my latest treatments, where, how long, and the table for appraisal."""
    mine = row_of(report["rates"], practitioner="RN 3")
    page = visit(PHONE, "dark")
    page.goto(f"{clinic}/people?as=Practitioner: RN 3")
    at_rest(page)
    said = main_text(page)
    assert f"{mine['total']:,} treatments of" in said
    assert re.search(r"\d+ open side effects? and \d+ follow-ups? due", said)
    assert re.search(r"The latest 50 treatments with a follow-up, .* by chance", said)
    assert re.search(r"Median duration of nearby-muscle weakness: .*; all practitioners: ", said)
    headings = page.get_by_test_id("stMain").get_by_role("heading", level=2).all_inner_texts()
    assert headings.index("Urgent today") < headings.index("In which areas") < headings.index("For appraisal")

    appraisal = downloads(page)
    assert sum(int(row["treated"]) for row in appraisal) == mine["total"]
    assert sum(int(row["followed_up"]) for row in appraisal) == mine["followed_up"]
    assert sum(int(row["events"]) for row in appraisal) == mine["events"]

    page.get_by_role("button", name="All open cases").click()
    page.wait_for_url("**/cases?*open=1*")
    at_rest(page)
    kept = parse_qs(urlsplit(page.url).query)
    assert (kept["as"], kept["period"]) == (
        ["Practitioner: RN 3"],
        ["All dates"],
    )
    assert {row["status"] for row in downloads(page)} <= {"Open"}
