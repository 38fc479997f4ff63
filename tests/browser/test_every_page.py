"""Every page, on a desk and on a telephone, in light and in dark: nothing fails, nothing is barred, nothing runs out of
the window."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard import theme
from dashboard.shell import navigation
from tests.browser.page_driver import CHART, failed, follows, main_text
from tests.chromium import DESK, HEIGHT, PHONE, at_rest

# A color is judged as it stays: on a busy machine a button was met halfway through its change from dark to light.
STILL = "* { transition: none !important; animation: none !important }"
AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
LOOKS = ((DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light"))
SETTLED = 300  # milliseconds until charts and columns have taken the new width
# The menu is Streamlit's: its sections stand between a list and its items.
RULES = """axe.run(
    {exclude: [['[data-testid=stSidebarNavItems]']]},
    {
        runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']},
        resultTypes: ['violations'],
    },
)"""
GROUNDS = {
    scheme: f"rgb({', '.join(str(int(surface.background[at : at + 2], 16)) for at in (1, 3, 5))})"
    for scheme, surface in (("light", theme.LIGHT), ("dark", theme.DARK))
}
BARRED = ("moderate", "serious", "critical")
STREAMLITS_OWN = {"svg-img-alt", "target-size", "empty-table-header", "presentation-role-conflict"}  # in any 1.67 page


@pytest.mark.parametrize("section", navigation.PAGES)
def test_every_page_is_whole_and_within_reach_on_a_desk_and_on_a_telephone_in_light_and_in_dark(clinic, visit, section):
    page: Page = visit()
    page.goto(f"{clinic}/?period=All dates")
    at_rest(page)
    page.evaluate(AXE)
    page.add_style_tag(content=STILL)
    found = []
    for name, (title, _) in navigation.PAGES[section].items():
        _look(page, DESK, "light")
        follows(page, title)
        found += [(name, problem) for problem in _failed(page)]
        for width, scheme in LOOKS:
            _look(page, width, scheme)
            found += [(f"{name}, {scheme}, {width} px", problem) for problem in _barred(page) + _overflow(page)]
    assert found == []


def test_the_course_of_a_side_effect_is_within_reach(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/side_effects?period=All dates&side_effect=bruising")
    at_rest(page)
    expect(page.get_by_role("dialog").locator(CHART).nth(1)).to_be_visible()
    page.evaluate(AXE)
    found = []
    for width, scheme in LOOKS:
        _look(page, width, scheme)
        found += [(scheme, width, problem) for problem in _barred(page)]
    assert found == []


def _look(page: Page, width: int, scheme: str) -> None:
    """The same page in another window and another light: Streamlit follows both without running the page again."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", GROUNDS[scheme])
    page.wait_for_timeout(SETTLED)


def _failed(page: Page) -> list[str]:
    is_said = re.search(r"[\d,]+ treatments of [\d,]+ clients", main_text(page))
    return failed(page) + ([] if is_said else ["what is counted is not said"])


def _barred(page: Page) -> list[str]:
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['target']}"
        for rule in page.evaluate(RULES)["violations"]
        if rule["impact"] in BARRED and rule["id"] not in STREAMLITS_OWN
    ]


def _overflow(page: Page) -> list[str]:
    wide, window = page.evaluate(
        "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])(document.querySelector('[data-testid=stMain]'))"
    )
    return [f"{wide} pixels of content in a window of {window}"] if wide > window + 1 else []
