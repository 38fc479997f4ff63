"""What the dashboard logs and shows when something unexpected happens on a page."""

import asyncio
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.shell import navigation
from data.database.engine import open_database
from data.sample.generator import make_sample
from tests.chromium import at_rest, visitor
from tests.load.visitor import visit
from tests.streamlit_server import served

NUMBERS = re.compile(r"reference number ([0-9a-f]{8})", re.IGNORECASE)
GARBAGE = ("unknown?case=1", "durations?by=x&side_effect=%00%ff")
GARBAGE_ON_PAGES = (
    ("overview", {"period": "x", "sites": "x", "as": "x"}),
    ("overview", {"period": "own", "from": "x", "to": "2026-99-99"}),
    ("cases", {"case": "x", "open": "x"}),
    ("cases", {"case": "999999999", "area": "x"}),
    ("new_record", {"treatment": "x"}),
    ("new_record", {"treatment": "999999999", "kind": "x"}),
    ("corrections", {"kind": "x"}),
    ("corrections", {"kind": "side_effects", "number": "99999999999999999999"}),
    ("call_list", {"calls": "x", "as": "x"}),
    ("side_effects", {"side_effect": "x"}),
    ("trends", {"measure": "x"}),
    ("dose", {"area": "x", "product": "x", "measure": "x"}),
    ("durations", {"by": "x", "side_effect": "\0\N{REPLACEMENT CHARACTER}"}),
    ("products", {"lot": "x"}),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("small") / "sequela.db"


@pytest.fixture(scope="module")
def log(file) -> Path:
    return file.with_suffix(".log")


@pytest.fixture(scope="module")
def small_clinic(file, log):
    engine = open_database(f"sqlite:///{file}")
    make_sample(engine, 300, today=date.today())
    engine.dispose()
    with served(f"sqlite:///{file}", log) as address:
        yield address


@pytest.fixture(scope="module")
def page(browser: Browser):
    """A window that is not watched for errors, because these tests expect them."""
    with closing(visitor(browser)) as context:
        yield context.new_page()


def test_a_meaningless_address_logs_no_stack_trace(small_clinic, page: Page, log):
    for address in GARBAGE:
        page.goto(f"{small_clinic}/{address}")
        at_rest(page)
        assert not NUMBERS.search(page.locator("body").inner_text()), address
    with ThreadPoolExecutor(1) as thread:  # the browser leaves a loop running in this one
        said = thread.submit(asyncio.run, _texts_of_garbage(small_clinic)).result()
    assert not NUMBERS.search(said)
    assert "Traceback" not in log.read_text()
    assert not NUMBERS.search(log.read_text())


async def _texts_of_garbage(address: str) -> str:
    """What the pages say, without a browser: loading the app for each address takes twenty times as long."""
    said = []
    for page, filters in GARBAGE_ON_PAGES:
        async with visit(address) as visitor:
            await visitor.open()  # which says where the pages are
            await visitor.open("" if page == navigation.FIRST_PAGE else page, **filters)
            assert visitor.texts, (page, filters)
            said += visitor.texts
    return "\n".join(said)


def test_an_unexpected_error_shows_the_reference_number_of_its_log_entry(small_clinic, page: Page, file, log):
    with sqlite3.connect(file) as records:
        records.execute("ALTER TABLE import_batch RENAME COLUMN files TO elsewhere")
        records.execute("UPDATE revision SET number = number + 1")
    page.goto(f"{small_clinic}/data_quality")
    alert = page.get_by_test_id("stAlert").filter(has_text="reference number")
    expect(alert).to_be_visible()
    number = NUMBERS.search(alert.inner_text()).group(1)
    assert f"Reference number {number}" in log.read_text()
    assert "sqlalchemy" in log.read_text()
    assert "SELECT" not in log.read_text()
