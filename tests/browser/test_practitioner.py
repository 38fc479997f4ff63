"""A practitioner looks at night: the own line is named, the own clients are listed, the others stay unnamed."""

import csv
import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.walking import CHART, follows, main_text
from tests.chromium import at_rest

OTHERS = ("P1", "P2", "P4", "P5", "P6")


def test_a_practitioner_sees_the_own_line_named_and_the_own_cases(clinic, visit):
    page = visit()
    page.goto(f"{clinic}/people?as=Practitioner: P3")
    at_rest(page)
    assert "by P3" in main_text(page)
    expect(page.get_by_role("heading", name="Who needs me today")).to_be_visible()
    drawn = json.dumps(page.locator(CHART).evaluate_all("charts => charts.map((chart) => [chart.data, chart.layout])"))
    assert "P3" in drawn
    assert not [other for other in OTHERS if f'"{other}"' in drawn or f">{other}<" in drawn]
    assert not [other for other in OTHERS if other in main_text(page)]

    follows(page, "Cases")
    assert parse_qs(urlsplit(page.url).query)["as"] == ["Practitioner: P3"]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and {row["Practitioner"] for row in rows} == {"P3"}
