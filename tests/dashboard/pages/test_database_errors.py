"""A database that can't be used is said on the page in one sentence, whenever it is noticed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.shell import query_cache
from data.database.engine import DatabaseAccessError, open_database
from data.records import repository
from tests.dashboard.page_text import as_read

ENTRYPOINT = Path(dashboard.__file__).parent / "entrypoint.py"
SAID = "does not answer"


def test_a_database_that_is_not_whole_is_said_on_the_page(open_page, empty_url, monkeypatch, tmp_path):
    url = f"sqlite:///{tmp_path}/sequela.db"
    open_database(url).dispose()
    with closing(sqlite3.connect(tmp_path / "sequela.db")) as connection, connection:
        connection.execute("DELETE FROM revision")
    open_page(empty_url)
    monkeypatch.undo()
    monkeypatch.setenv("DATABASE_URL", url)
    query_cache.open_records.cache_clear()
    query_cache._columnar_copy.cache_clear()
    app = AppTest.from_file(str(ENTRYPOINT), default_timeout=60).run()
    assert not app.exception
    (said,) = app.error
    assert "has 0 rows in the table revision, which must have one. Nothing was changed." in as_read(said.value)


def test_a_server_that_stops_answering_while_a_page_is_drawn_is_said_on_the_page(open_page, clinic_url, monkeypatch):
    def frozen(*_):
        raise DatabaseAccessError("clinic on db:5432", SAID, "Restart the database server.")

    monkeypatch.setattr(repository, "sources_with_treatments", frozen)
    app = open_page(clinic_url, "new_record")
    assert not app.exception
    assert [SAID in error.value for error in app.error] == [True]
