"""Every page, on a desk and on a phone: nothing fails, nothing is barred, nothing runs out of the window."""

import re
from pathlib import Path

from playwright.sync_api import Page

from dashboard import links
from tests.browser.walking import follows, main_text
from tests.chromium import DESK, HEIGHT, PHONE, at_rest

AXE = Path(__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# The menu is Streamlit's: its sections stand between a list and its items.
RULES = """axe.run(
    {exclude: [['[data-testid=stSidebarNavItems]']]},
    {
        runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']},
        resultTypes: ['violations'],
    },
)"""
STREAMLITS_OWN = {"svg-img-alt", "target-size", "empty-table-header", "presentation-role-conflict"}  # in any 1.67 page


def test_every_page_is_whole_and_within_reach_on_a_desk_and_on_a_phone(clinic, visit):
    page: Page = visit()
    page.goto(f"{clinic}/?period=All dates")
    at_rest(page)
    page.evaluate(AXE)
    found = []
    for name, title in _titles().items():
        page.set_viewport_size({"width": DESK, "height": HEIGHT})
        follows(page, title)
        found += [(name, problem) for problem in _problems(page)]
        page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        page.wait_for_timeout(300)
        found += [(name, problem) for problem in _overflow(page)]
    assert found == []


def _titles() -> dict[str, str]:
    return {name: look[0] for listed in links.PAGES.values() for name, look in listed.items()}


def _problems(page: Page) -> list[str]:
    failed = page.get_by_test_id("stException").all_inner_texts()
    is_said = re.search(r"[\d,]+ treatments of [\d,]+ clients", main_text(page))
    counted = [] if is_said else ["what is counted is not said"]
    barred = [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['target']}"
        for rule in page.evaluate(RULES)["violations"]
        if rule["impact"] in ("serious", "critical") and rule["id"] not in STREAMLITS_OWN
    ]
    return failed + counted + barred + _overflow(page)


def _overflow(page: Page) -> list[str]:
    wide, window = page.evaluate(
        "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])(document.querySelector('[data-testid=stMain]'))"
    )
    return [f"{wide} pixels of content in a window of {window}"] if wide > window + 1 else []
