"""One dashboard and one browser for all tests; each test is a new visitor (or takes `page`), watched for errors."""

from collections.abc import Callable, Iterator
from contextlib import closing
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
from tests.chromium import DESK, at_rest, chromium, visitor
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


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens windows of new visitors; fails at the end on any error or request to another host."""
    yield from _windows(browser)


@pytest.fixture(scope="module")
def page(browser: Browser, clinic: str) -> Iterator[Page]:
    """One window on all dates for the tests of a file: loading the app takes as long as following five links."""
    for open_window in _windows(browser):
        window = open_window()
        window.goto(f"{clinic}/?period=All dates")
        at_rest(window)
        yield window


def _windows(browser: Browser) -> Iterator[Callable[..., Page]]:
    problems: list[str] = []
    contexts = []

    def open_window(width: int = DESK, scheme: str = "light") -> Page:
        context = visitor(browser, width, scheme)
        contexts.append(context)
        page = context.new_page()
        _watch(page, problems)
        return page

    yield open_window
    for context in contexts:
        for page in context.pages:
            problems.extend(failed(page))
        with closing(context):
            pass
    assert problems == []


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
