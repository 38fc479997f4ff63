"""On a phone, 400 pixels wide, the next call needs no sideways scrolling, and filters take one line."""

from playwright.sync_api import Page, expect

from tests.browser.page_driver import CHART, clicks_point
from tests.chromium import DEBOUNCE, DESK, PHONE, at_rest

BRIGHTNESS = "Array.from(document.querySelectorAll('.js-plotly-plot .points path'), (mark) => mark.style.opacity)"


def test_the_call_list_needs_no_wide_table_on_a_phone(clinic, visit):
    page: Page = visit(PHONE)
    page.goto(f"{clinic}/call_list?period=All dates")
    at_rest(page)
    expect(page.get_by_text("Next to call")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_hidden()
    another = page.get_by_label("Another one", exact=True)
    another.scroll_into_view_if_needed()  # a list closes when the page scrolls
    page.wait_for_timeout(DEBOUNCE)
    another.click()
    page.get_by_role("option").nth(3).click()
    at_rest(page)
    expect(page.get_by_text("Chosen")).to_be_visible()

    page.set_viewport_size({"width": DESK, "height": 1000})
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(another).to_be_hidden()


def test_period_and_filters_share_one_line_on_a_phone(clinic, visit):
    page: Page = visit(PHONE)
    for name in ("products", "side_effects", "cases"):
        page.goto(f"{clinic}/{name}")
        at_rest(page)
        period = page.get_by_label("Period", exact=True).first.bounding_box()
        filters = page.get_by_role("button", name="Filters").bounding_box()
        assert period["y"] < filters["y"] + filters["height"] / 2 < period["y"] + period["height"], name


def test_the_table_behind_a_chart_fits_the_window(clinic, visit):
    for width in (DESK, PHONE):
        page: Page = visit(width)
        page.goto(f"{clinic}/side_effects")
        at_rest(page)
        page.get_by_role("button", name="Show table").first.click()
        at_rest(page)
        box = page.get_by_test_id("stPopoverBody").bounding_box()
        assert box["width"] > min(700, 0.9 * width)
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_other_marks_of_a_chart_stay_unchanged_after_a_click(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/side_effects")
    at_rest(page)
    clicks_point(page, "side_effect:bruising")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    at_rest(page)
    expect(page.locator(CHART).first).to_be_visible()
    assert set(page.evaluate(BRIGHTNESS)) <= {"1", ""}
