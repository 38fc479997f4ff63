"""The keyboard reaches everything that a mouse reaches, from top to bottom, with visible focus."""

import pytest
from playwright.sync_api import Page

from tests.browser.page_driver import follows
from tests.chromium import at_rest

PAGES = ("Overview", "Side effects", "Cases", "Trends")  # sentences and links; choices and a chart; a list; forms
MAX_STEPS = 120
SETTLE_MILLISECONDS = 40  # until the focus ring is drawn
ROW_HEIGHT = 60  # pixels: controls of one row may differ in height

# The focused element, and whether the one before looked different while it had the focus. A grid draws its own focus.
STEP = """() => {
    const looks = (element) => {
        const found = [];
        for (let at = element, up = 0; at && up < 5; at = at.parentElement, up++) {
            const {outline, boxShadow, borderColor, backgroundColor} = getComputedStyle(at);
            found.push(outline, boxShadow, borderColor, backgroundColor);
        }
        return found.join('|');
    };
    const before = window.focusedBefore, element = document.activeElement;
    const invisible = before && before.element.isConnected && before.element !== element
        && !before.element.closest('[data-testid=stDataFrame]') && before.looks === looks(before.element);
    const said = before && before.element.outerHTML.slice(0, 160);
    const main = document.querySelector('[data-testid=stMain]');
    if (!element || element === main || !main.contains(element)) {
        window.focusedBefore = null;
        return {inside: element === main, invisible: invisible ? said : null};
    }
    element.dataset.reached = 'yes';
    window.focusedBefore = {element, looks: looks(element)};
    const {x, y} = element.getBoundingClientRect();
    return {inside: true, invisible: invisible ? said : null, x, y: y + main.scrollTop, tag: element.tagName};
}"""
FORGET_STEPS = "for (const element of document.querySelectorAll('[data-reached]')) delete element.dataset.reached"
# One radio button of a group is a stop; the arrow keys reach the others.
NOT_REACHED = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    const groups = new Set([...main.querySelectorAll('input[type=radio][data-reached]')].map((radio) => radio.name));
    return [...main.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]')]
        .filter((element) => element.getClientRects().length && !element.disabled && element.tabIndex >= 0)
        .filter((element) => !element.dataset.reached && !(element.type === 'radio' && groups.has(element.name)))
        .filter((element) => !(element.role === 'radio' && element.parentElement.querySelector('[data-reached]')))
        .map((element) => element.outerHTML.slice(0, 160));
}"""


@pytest.mark.parametrize("title", PAGES)
def test_the_keyboard_reaches_every_control_in_order_with_visible_focus(page: Page, title):
    follows(page, title)
    for summary in page.get_by_test_id("stMain").locator("summary").all():
        summary.click()  # collapsed parts are reached too
    at_rest(page)
    steps = _walk(page)
    assert [step["invisible"] for step in steps if step["invisible"]] == []
    assert page.evaluate(NOT_REACHED) == []
    stops = [step for step in steps if step.get("tag") and step["tag"] != "CANVAS"]
    assert len(stops) > 3
    backwards = [
        (before, after)
        for before, after in zip(stops, stops[1:], strict=False)
        if after["y"] < before["y"] - ROW_HEIGHT and after["x"] <= before["x"]
    ]
    assert backwards == []


def test_the_keyboard_can_skip_the_menu(clinic, visit):
    page: Page = visit()
    page.goto(clinic)
    at_rest(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    assert page.evaluate("document.activeElement.closest('[data-testid=stMain]') !== null")


def _walk(page: Page) -> list[dict]:
    """From the top of the page to its end by the tab key only."""
    page.evaluate(FORGET_STEPS)
    page.evaluate("document.querySelector('[data-testid=stMain]').focus()")
    steps = []
    for _ in range(MAX_STEPS):
        page.keyboard.press("Tab")
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        steps.append(page.evaluate(STEP))
        if not steps[-1]["inside"]:
            break
    return steps
