"""What is imported before the first visitor; garbage is collected on a timer, and never within a click."""

import asyncio
import gc
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dashboard.shell import startup

PROJECT = Path(__file__).parents[3]
SETTINGS = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())

OPEN_EVERY_PAGE = """
import functools, logging, sys
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from dashboard.shell import navigation, startup
logging.disable(logging.WARNING)
as_streamlit_makes_it = PagesManager.__init__
def pages_from_navigation_alone(self, *arguments, **named):
    as_streamlit_makes_it(self, *arguments, **named)
    PagesManager.uses_pages_directory = False
PagesManager.__init__ = pages_from_navigation_alone
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
startup.import_all()
there = set(sys.modules)
assert not [name for name in there if name.startswith(("dashboard.entrypoint", "dashboard.pages."))]
for page in (name for section in navigation.PAGES.values() for name in section):
    app = AppTest.from_file("dashboard/entrypoint.py", default_timeout=60)
    app = app if page == "overview" else app.switch_page(navigation.page_file(page))
    raised = app.run().exception
    assert not raised, raised[0].message
heavy = ("dashboard", "data", "models", "scipy", "pandas", "duckdb", "pyarrow", "sqlalchemy", "openpyxl")
print(*(name for name in set(sys.modules) - there if name.split(".")[0] in heavy))
"""


def test_no_page_has_anything_of_ours_left_to_import(clinic_url):
    told = subprocess.run(
        [sys.executable, "-c", OPEN_EVERY_PAGE],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": clinic_url},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == ""


def test_no_click_waits_for_a_collection():
    assert SETTINGS["runner"]["postScriptGC"] is False


def test_what_stays_is_frozen_when_the_copy_is_filled_and_garbage_is_collected_again_and_again(monkeypatch):
    done, enough = [], asyncio.Event()

    def collect() -> None:
        done.append("collect")
        if done.count("collect") == 3:
            loop.call_soon_threadsafe(enough.set)

    monkeypatch.setattr(gc, "collect", collect)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(startup, "PERIOD", 0)

    async def fill_and_wait() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        collecting = asyncio.create_task(startup.collect_after(asyncio.create_task(fill())))
        await enough.wait()
        collecting.cancel()

    async def fill() -> None:
        await asyncio.sleep(0)
        done.append("fill")

    loop = None
    with ThreadPoolExecutor(1) as thread:  # the browser tests leave a loop running in this one
        thread.submit(asyncio.run, fill_and_wait()).result()
    assert done[:5] == ["fill", "collect", "freeze", "collect", "collect"]
