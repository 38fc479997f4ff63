"""What is imported before the first visitor."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]

OPEN_EVERY_PAGE = """
import functools, logging, sys
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from dashboard.shell import navigation, preload
logging.disable(logging.WARNING)
as_streamlit_makes_it = PagesManager.__init__
def pages_from_navigation_alone(self, *arguments, **named):
    as_streamlit_makes_it(self, *arguments, **named)
    PagesManager.uses_pages_directory = False
PagesManager.__init__ = pages_from_navigation_alone
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
preload.import_all()
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
