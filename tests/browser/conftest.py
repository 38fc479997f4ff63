"""One dashboard and one browser for all walks; each walk is a visitor of its own, watched for errors on the way."""

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
from tests.chromium import DESK, chromium, visitor
from tests.streamlit_server import served

TREATMENTS = 6_000  # with fewer the worse lot stands out on some days only: the sample is of today
# On a deep link Streamlit's own page first looks for its server beside the page, then at the root where it is.
PROBES = ("/_stcore/health", "/_stcore/host-config")


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with chromium(chromium_path) as running:
        yield running


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory) -> str:
    """The made-up clinic, of today."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, TREATMENTS, today=date.today())
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def clinic(sample_url: str, tmp_path_factory) -> Iterator[str]:
    """The address of the dashboard on the made-up clinic."""
    with served(sample_url, tmp_path_factory.mktemp("log") / "streamlit.log") as address:
        yield address


@pytest.fixture(scope="session")
def report(sample_url: str) -> dict:
    """The months that the dashboard opens with, from the command line."""
    return reported(sample_url, *period_dates("12 months", date.today()))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the window of a new visitor; when the walk is over, fails on any error or outside request on its way."""
    met: list[str] = []
    contexts = []

    def open_window(width: int = DESK, scheme: str = "light") -> Page:
        context = visitor(browser, width, scheme)
        contexts.append(context)
        page = context.new_page()
        _watch(page, met)
        return page

    yield open_window
    for context in contexts:
        for page in context.pages:
            met.extend(failed(page))
        with closing(context):
            pass
    assert met == []


def _watch(page: Page, met: list[str]) -> None:
    page.on("pageerror", lambda error: met.append(f"error in the page {page.url}: {error}"))
    page.on("console", lambda said: _is_error(said) and met.append(f"console on {page.url}: {said.text}"))
    page.on("request", lambda asked: _is_outside(asked.url) and met.append(f"request to the outside: {asked.url}"))


def _is_error(said) -> bool:
    return said.type == "error" and not urlsplit(said.location["url"]).path.endswith(PROBES)


def _is_outside(url: str) -> bool:
    place = urlsplit(url)
    return place.scheme in ("http", "https", "ws", "wss") and place.hostname != "127.0.0.1"
