"""A click on an area of the face map filters by it, on this page and the next."""

from urllib.parse import unquote_plus

from playwright.sync_api import Page, expect

from tests.browser.page_driver import clicks_point, follows, main_text
from tests.chromium import at_rest


def test_a_click_on_an_area_filters_by_it_and_a_second_click_removes_the_filter(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/treatments")
    at_rest(page)
    everyone = _counted(page)
    clicks_point(page, "masseter")
    expect(page.get_by_text("including Masseter")).to_be_visible()
    at_rest(page)
    assert "areas=Masseter" in unquote_plus(page.url)
    assert page.get_by_role("link", name="Cases in Masseter").count() == 1
    masseter = _counted(page)
    assert masseter != everyone

    follows(page, "Side effects")
    assert _counted(page) == masseter
    follows(page, "Treatments")
    clicks_point(page, "masseter")
    expect(page.get_by_text("including Masseter")).to_have_count(0)
    at_rest(page)
    assert _counted(page) == everyone


def _counted(page: Page) -> str:
    """ "2,433 treatments of 1,243 clients, ..."."""
    return next(line for line in main_text(page).splitlines() if " treatments of " in line)
