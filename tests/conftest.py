"""Databases and programs that tests ask for by name. What a machine lacks is reported as not run; in CI it fails."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import Engine
from xdist.scheduler import LoadScopeScheduling

from data.database import schema_version
from data.database.engine import open_database
from tests import one_day, programs
from tests.postgresql_server import Server, server


def not_run(lacking: str) -> None:
    """Reports a test as not run; fails it where CI=true, because there a test that is not run is no test."""
    message = f"NOT RUN: {lacking} was not found on this machine (tests/system_packages.sh installs it on Debian)"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


# What `make quick` leaves out, beside the browser and PostgreSQL: files whose tests start programs of their own or
# fill databases with whole clinics, and tests by a fixture that takes long: the run of a page, or a database for every
# example of a law.
SLOW_FILES = {
    "test_additions", "test_bounds", "test_clinic", "test_columnar_copy_beside_writers", "test_command_line",
    "test_contest", "test_durability", "test_export", "test_fuzz", "test_generator", "test_importing",
    "test_migrations", "test_mutation", "test_programs", "test_real_data", "test_report", "test_startup",
    "test_visitors", "test_workbooks",
}  # fmt: skip
# Files that take long. Workers take one file after another, so long ones must not come last.
LONG = (
    "test_additions", "test_payloads", "test_counts", "test_counts_on_every_database", "test_forms", "test_report",
    "test_all_pages", "test_pipeline", "test_attribution",
)  # fmt: skip
POSTGRESQL = {"postgresql_engine", "postgresql_server", "postgresql_url"}
RUN_PAGES = {"open_page"}
HOLD_RECORDS = {"database", "engine", "sqlite_engine", "migrated_file", "clinic"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & POSTGRESQL:
            item.add_marker(pytest.mark.postgresql)
        if Path(__file__).parent / "browser" in item.path.parents:
            item.add_marker(pytest.mark.browser)
        is_law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if item.path.stem in SLOW_FILES or fixtures & RUN_PAGES or (is_law and fixtures & HOLD_RECORDS):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_how_late)


def _how_late(item: pytest.Item) -> int:
    """What takes long begins first."""
    if item.get_closest_marker("browser"):
        return -1
    return LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG)


class FileByFile(LoadScopeScheduling):
    """All tests of a file run in one worker, and so do all that need a browser.

    Browser tests mostly wait. One worker runs them all while others compute, which keeps two cores busy.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "browser" if Path(file).parent.name == "browser" else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> FileByFile:
    return FileByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory) -> Iterator[Path]:
    """No test, and no server it starts, reads or makes the keys of whoever runs it: their keyring, their folders."""
    file = tmp_path_factory.mktemp("key") / "pseudonym.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQUELA_KEY_FILE", str(file))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield file


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The Chromium of this machine."""
    return programs.chromium() or not_run("Chromium")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    """An empty SQLite database at this version, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "sequela.db"
    open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """A database of its own at this version, without records."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'sequela.db')}"


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    yield from _opened(sqlite_url)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server for this run (for each worker). Databases at this version: `clinic` to use, `migrated` to copy."""
    binaries = programs.postgresql() or not_run("a PostgreSQL server")
    with server(binaries) as running:
        running.run("CREATE DATABASE migrated")
        open_database(running.url("migrated")).dispose()
        running.run("CREATE DATABASE clinic TEMPLATE migrated")
        yield running


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> str:
    """A database at this version, without records. To change its tables, take `postgresql_server.database()`."""
    postgresql_server.empty("clinic")
    return postgresql_server.url("clinic")


@pytest.fixture
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    yield from _opened(postgresql_url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """One test, both databases: a fresh one of each."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """One test, both databases: a fresh one of each, opened."""
    yield from _opened(database_url)


def _opened(url: str) -> Iterator[Engine]:
    """Opened without looking at every table again, which takes longer than many tests: all were in the original."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema_version, "_require_all_parts", lambda *_: None)
        engine = open_database(url)
    yield engine
    engine.dispose()


one_day.begin()

# How fast an example runs says nothing of the clinic, and much of what else this machine is doing.
# Forty examples of each law, always the same ones: with a hundred, the laws alone took minutes.
settings.register_profile(
    "clinic",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    derandomize=True,
    database=None,
)
# For `make quick`, while writing.
settings.register_profile("quick", settings.get_profile("clinic"), max_examples=10)
# For `make fuzz`, which looks for what no example has met yet.
settings.register_profile(
    "fuzz", settings.get_profile("clinic"), derandomize=False, max_examples=2_000, print_blob=True
)
# For benchmarks/mutation.py, which asks thousands of times whether a test fails, and not what the least failure is.
settings.register_profile(
    "mutation", settings.get_profile("clinic"), max_examples=40, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "clinic"))
