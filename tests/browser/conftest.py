"""One dashboard and one browser for all tests; each test is a new visitor (or takes `page`), watched for errors."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from dashboard.shell.filters import period_dates
from data.database.engine import open_database
from data.sample.generator import make_sample
from tests.browser.axe_report import reported
from tests.browser.page_driver import failed
from tests.chromium import DESK, HEIGHT, at_rest, chromium, visitor
from tests.streamlit_server import served

TREATMENTS = 6_000  # with fewer, the worse lot stands out on some days only, because the sample ends today
# On a deep link, Streamlit's page looks for its server next to the page first, then at the root.
PROBES = ("/_stcore/health", "/_stcore/host-config")


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory) -> str:
    """The sample clinic, until today."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, TREATMENTS, today=date.today())
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def clinic(sample_url: str, tmp_path_factory) -> Iterator[str]:
    """The address of a dashboard with the sample clinic."""
    with served(sample_url, tmp_path_factory.mktemp("log") / "streamlit.log") as address:
        yield address


@pytest.fixture(scope="session")
def report(sample_url: str) -> dict:
    """The report of the default period, from the command line."""
    return reported(sample_url, *period_dates("12 months", date.today()))


@pytest.fixture(scope="session")
def spare_windows(browser: Browser) -> list["Window"]:
    """Windows that earlier tests closed. Loading the app again in one takes a third of the time in a new one."""
    return []


@pytest.fixture
def visit(browser: Browser, spare_windows: list["Window"]) -> Iterator[Callable[..., Page]]:
    """Opens windows of new visitors; fails at the end on any error or request to another host."""
    yield from _visits(browser, spare_windows)


@pytest.fixture(scope="module")
def page(browser: Browser, spare_windows: list["Window"], clinic: str) -> Iterator[Page]:
    """One window on all dates for the tests of a file: loading the app takes as long as following five links."""
    for open_window in _visits(browser, spare_windows):
        page = open_window()
        page.goto(f"{clinic}/?period=All dates")
        at_rest(page)
        yield page


def _visits(browser: Browser, spare: list["Window"]) -> Iterator[Callable[..., Page]]:
    used: list[Window] = []

    def open_window(width: int = DESK, scheme: str = "light") -> Page:
        window = spare.pop() if spare else Window(browser)
        used.append(window)
        return window.open(width, scheme)

    yield open_window
    problems = [problem for window in used for problem in window.close()]
    spare.extend(used)
    assert problems == []


class Window:
    """A browser window that one visitor after another uses, each without anything kept from the one before."""

    def __init__(self, browser: Browser):
        self.problems: list[str] = []
        self.page = visitor(browser).new_page()
        _watch(self.page, self.problems)

    def open(self, width: int, scheme: str) -> Page:
        self.problems.clear()
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)
        return self.page

    def close(self) -> list[str]:
        """Errors and requests to other hosts since it was opened."""
        problems = [*self.problems, *(error for page in self.page.context.pages for error in failed(page))]
        for other in self.page.context.pages[1:]:
            other.close()
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.page.goto("about:blank")
        return problems


def _watch(page: Page, problems: list[str]) -> None:
    page.on("pageerror", lambda error: problems.append(f"error in the page {page.url}: {error}"))
    page.on("console", lambda said: _is_error(said) and problems.append(f"console on {page.url}: {said.text}"))
    page.on(
        "request", lambda asked: _is_outside(asked.url) and problems.append(f"request to another host: {asked.url}")
    )


def _is_error(said) -> bool:
    return said.type == "error" and not urlsplit(said.location["url"]).path.endswith(PROBES)


def _is_outside(url: str) -> bool:
    place = urlsplit(url)
    return place.scheme in ("http", "https", "ws", "wss") and place.hostname != "127.0.0.1"
