"""Every page on desktop and phone, in light and dark: no errors, no accessibility findings, no overflow."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard import theme
from dashboard.shell import navigation
from tests.browser.page_driver import CHART, failed, follows, main_text
from tests.chromium import DESK, HEIGHT, PHONE, at_rest

# Colors are checked after they have changed: on a busy machine a button was halfway from dark to light.
NO_ANIMATION = "* { transition: none !important; animation: none !important }"
AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
VARIANTS = ((DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light"))
FIRST_OF_ITS_WIDTH = (VARIANTS[0], VARIANTS[2])
SETTLE_MILLISECONDS = 300  # until charts and columns have their new width
# The menu is Streamlit's own: it puts section titles between a list and its items.
RUN_AXE = """runOnly => axe.run(
    {exclude: [['[data-testid=stSidebarNavItems]']]}, {runOnly, resultTypes: ['violations']},
)"""
ALL_RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
RULES_OF_COLOR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # all that a scheme can change
BACKGROUNDS = {
    scheme: f"rgb({', '.join(str(int(surface.background[at : at + 2], 16)) for at in (1, 3, 5))})"
    for scheme, surface in (("light", theme.LIGHT), ("dark", theme.DARK))
}
REPORTED_IMPACTS = ("moderate", "serious", "critical")
# On every page of Streamlit 1.67:
STREAMLIT_FINDINGS = {
    "svg-img-alt",
    "target-size",
    "empty-table-header",
    "presentation-role-conflict",
}


@pytest.mark.parametrize("section", navigation.PAGES)
def test_every_page_is_complete_and_accessible_on_desktop_and_phone_in_light_and_dark(page: Page, section):
    page.evaluate(AXE)
    page.add_style_tag(content=NO_ANIMATION)
    found = []
    for name, (title, _) in navigation.PAGES[section].items():
        for width, scheme in VARIANTS:
            _set_variant(page, width, scheme)
            if (width, scheme) == VARIANTS[0]:
                follows(page, title)
                page.mouse.move(0, 0)
                found += [(name, problem) for problem in _failed(page)]
            found += [
                (f"{name}, {scheme}, {width} px", problem)
                for problem in _accessibility_findings(page, width, scheme) + _overflow(page)
            ]
    assert found == []


def test_the_course_of_a_side_effect_is_accessible(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/side_effects?period=All dates&side_effect=bruising")
    at_rest(page)
    expect(page.get_by_role("dialog").locator(CHART).nth(1)).to_be_visible()
    page.evaluate(AXE)
    found = []
    for width, scheme in VARIANTS:
        _set_variant(page, width, scheme)
        found += [(scheme, width, problem) for problem in _accessibility_findings(page, width, scheme)]
    assert found == []


def _set_variant(page: Page, width: int, scheme: str) -> None:
    """Resize the window and change the color scheme; Streamlit follows both without a rerun."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.mouse.move(0, 0)  # a pill under the pointer is tinted by Streamlit to a contrast of 4.1
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUNDS[scheme])
    page.wait_for_timeout(SETTLE_MILLISECONDS)


def _failed(page: Page) -> list[str]:
    counted = re.search(r"[\d,]+ treatments of [\d,]+ clients", main_text(page))
    return failed(page) + ([] if counted else ["the line that says what is counted is missing"])


def _accessibility_findings(page: Page, width: int, scheme: str) -> list[str]:
    rules = ALL_RULES if (width, scheme) in FIRST_OF_ITS_WIDTH else RULES_OF_COLOR
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['target']}"
        for rule in page.evaluate(RUN_AXE, rules)["violations"]
        if rule["impact"] in REPORTED_IMPACTS and rule["id"] not in STREAMLIT_FINDINGS
    ]


def _overflow(page: Page) -> list[str]:
    wide, window = page.evaluate(
        "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])(document.querySelector('[data-testid=stMain]'))"
    )
    return [f"{wide} pixels of content in a window of {window}"] if wide > window + 1 else []
