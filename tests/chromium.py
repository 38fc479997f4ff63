"""A Chromium as a clinic has it, driven by Playwright, and when a page of the dashboard has come to rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

PHONE, DESK = 400, 1400  # pixels wide
HEIGHT = 1000
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]  # containers give a browser neither
DEBOUNCE = 150  # milliseconds in which Streamlit gathers what was typed or clicked
SLOWEST = 60_000  # milliseconds; a rerun takes a few hundred on an idle machine


expect.set_options(timeout=SLOWEST)


@contextmanager
def chromium(path: Path) -> Iterator[Browser]:
    """One browser for many pages: starting it costs more than opening them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        yield browser
        browser.close()


def visitor(browser: Browser, width: int = DESK, scheme: str = "light") -> BrowserContext:
    """A visitor with a window so wide, nothing kept from before."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(SLOWEST)
    return context


def at_rest(page: Page) -> None:
    """Waits until the script has run, nothing is being loaded, and every chart is drawn."""
    page.wait_for_timeout(DEBOUNCE)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.locator("[data-testid=stPlotlyChart]:not(:has(.main-svg))")).to_have_count(0)


def resize_to_content(page: Page) -> None:
    """As tall as its content: Streamlit scrolls within the page, so a picture of the page shows the window alone."""
    width = page.viewport_size["width"]
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": int(tall)})
    page.wait_for_timeout(2 * DEBOUNCE)
