"""The browser's back button returns to the previous page in one press, with its filters."""

import re

from playwright.sync_api import expect

from tests.browser.page_driver import clicks_point, follows, main_text, picks
from tests.chromium import at_rest


def test_back_leads_from_a_new_record_to_its_case_in_one_press(clinic, visit):
    page = visit()
    page.goto(f"{clinic}/cases?period=All dates&case=100")
    at_rest(page)
    case = page.get_by_role("heading", name=re.compile("^Case 100: "))
    expect(case).to_be_visible()
    page.get_by_role("link", name="How is it now?").click()
    page.wait_for_url("**/new_record*")
    at_rest(page)
    page.go_back()
    expect(case).to_be_visible()


def test_back_leads_from_the_cases_of_a_month_to_the_overview_in_one_press(clinic, visit):
    page = visit()
    page.goto(f"{clinic}/?period=All dates&sites=Midtown")
    at_rest(page)
    month = page.locator(".js-plotly-plot").first.evaluate("chart => chart._fullData[1].customdata[0]")
    clicks_point(page, month)
    page.wait_for_url("**/cases*")
    expect(page.get_by_role("heading", name=re.compile("^All side effects. Treatments of"))).to_be_visible()
    at_rest(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    at_rest(page)
    expect(page.get_by_text(re.compile("at Midtown"))).to_be_visible()


def test_back_and_forward_keep_the_filters_and_show_them(clinic, visit):
    page = visit()
    page.goto(f"{clinic}/?period=All dates&sites=Midtown")
    at_rest(page)
    assert_says_midtown(page)
    follows(page, "Side effects")
    picks(page, "Period", "12 months")
    follows(page, "Products and lots")
    for way, heading in (
        (page.go_back, "Side effects"),
        (page.go_back, "Overview"),
        (page.go_forward, "Side effects"),
        (page.go_forward, "Products and lots"),
    ):
        way()
        expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
        at_rest(page)
        assert_says_midtown(page)


def assert_says_midtown(page) -> None:
    """In the address, next to the filters, and in the line that says what is counted."""
    assert "sites=Midtown" in page.url
    assert "1 selected" in main_text(page)
    assert "at Midtown. Followed up" in main_text(page)
