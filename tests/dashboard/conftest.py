"""Clinics to show pages of, and the way to open a page as a viewer would: from the front, in the frame.

`clinic_url`: the sample clinic; `empty_url`: no records; `one_treatment_url`: one treatment, nothing heard yet;
`one_practitioner_url`: the same, by somebody named.
`open_page(url, page, **address)` runs the page and gives the AppTest; `address` is what stands in the address bar.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboard
from dashboard.shell import navigation, query_cache
from data.analysis.columnar_copy import ColumnarCopy
from data.database.engine import open_database, write_transaction
from data.sample.generator import make_sample
from tests import factories

TREATMENTS = 2_000  # enough for every page to have something to say, few enough to be made in half a second
MENU = Path(dashboard.__file__).parent / "entrypoint.py"
SECONDS = 60


@pytest.fixture(scope="session", autouse=True)
def component_manifests() -> Iterator[None]:
    """Read once: every AppTest reads the metadata of all installed packages, 0.2 s, longer than most pages take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def clinic_url(tmp_path_factory) -> str:
    """The sample clinic, made today."""
    url = f"sqlite:///{tmp_path_factory.mktemp('clinic') / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, TREATMENTS, seed=1, today=date.today())
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def empty_url(tmp_path_factory) -> str:
    """A database without a record."""
    url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'sequela.db'}"
    open_database(url).dispose()
    return url


@pytest.fixture(scope="session")
def one_treatment_url(tmp_path_factory) -> str:
    """One treatment of today at one site, by nobody named: no area, no follow-up, no side effect."""
    return _one_treatment(tmp_path_factory.mktemp("one"), practitioner=None)


@pytest.fixture(scope="session")
def one_practitioner_url(tmp_path_factory) -> str:
    """The same treatment, by RN 3."""
    return _one_treatment(tmp_path_factory.mktemp("one_practitioner"), practitioner="RN 3")


def _one_treatment(folder: Path, practitioner: str | None) -> str:
    url = f"sqlite:///{folder / 'sequela.db'}"
    engine = open_database(url)
    with write_transaction(engine) as connection:
        factories.import_batch(connection, made_at=datetime.now(), files="one.xlsx")
        factories.site(connection, code="Buckhead")
        by = {"practitioner_id": factories.practitioner(connection, code=practitioner)} if practitioner else {}
        factories.treatment(connection, date=date.today(), **by)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def opened() -> Iterator[Callable]:
    """The records and the copy of a clinic, kept for the whole run."""
    engine_of = cache(open_database)
    mirror_of = cache(lambda url: ColumnarCopy(engine_of(url)))
    yield lambda url: (engine_of(url), mirror_of(url))
    st.cache_resource.clear()


@pytest.fixture
def open_page(opened, monkeypatch) -> Callable[..., AppTest]:
    """`open_page(url, page, **address)`: the page as it stands after its first run."""
    monkeypatch.setattr(PagesManager, "__init__", _pages_from_the_menu_alone)

    def run(url: str, page: str = "overview", **address: str | list[str]) -> AppTest:
        _show(url)
        app = AppTest.from_file(MENU, default_timeout=SECONDS)
        for name, value in address.items():
            app.query_params[name] = value
        if page != "overview":
            app.switch_page(navigation.page_file(page))
            app._page_hash = calc_hash(page)  # before its first run AppTest hashes the file's name, not the address
        return app.run()

    def _show(url: str) -> None:
        engine, mirror = opened(url)
        monkeypatch.setattr(query_cache, "open_records", lambda: engine)
        monkeypatch.setattr(query_cache, "_columnar_copy", lambda: mirror)
        if _shown.get("url") != url:  # answers are kept by revision, and two clinics can have the same
            st.cache_resource.clear()
            _shown["url"] = url

    return run


_shown: dict[str, str] = {}
_as_streamlit_makes_it = PagesManager.__init__


def _pages_from_the_menu_alone(self, *arguments, **named) -> None:
    """AppTest looks for a folder `pages` beside the menu anew at every run, where app.py tells Streamlit not to."""
    _as_streamlit_makes_it(self, *arguments, **named)
    PagesManager.uses_pages_directory = False
