"""A database that can't be used is said on the page in one sentence, whenever it is noticed."""

import sqlite3
from contextlib import closing

from streamlit.testing.v1 import AppTest

from dashboard import loading
from data import on_record
from data.database import DatabaseProblem, open_database
from tests.dashboard.reading import as_read

SAID = "does not answer"


def test_a_database_that_is_not_whole_is_said_on_the_page(open_page, empty_url, monkeypatch, tmp_path):
    url = f"sqlite:///{tmp_path}/sequela.db"
    open_database(url).dispose()
    with closing(sqlite3.connect(tmp_path / "sequela.db")) as connection, connection:
        connection.execute("DELETE FROM revision")
    open_page(empty_url)
    monkeypatch.undo()
    monkeypatch.setenv("DATABASE_URL", url)
    loading.records.cache_clear()
    loading._mirror.cache_clear()
    app = AppTest.from_file(loading.__file__.replace("loading.py", "menu.py"), default_timeout=60).run()
    assert not app.exception
    (said,) = app.error
    assert "has 0 rows in the table revision, which must have one. Nothing was changed." in as_read(said.value)


def test_a_server_that_stops_answering_while_a_page_is_drawn_is_said_on_the_page(open_page, clinic_url, monkeypatch):
    def frozen(*_):
        raise DatabaseProblem("clinic on db:5432", SAID, "Restart the database server.")

    monkeypatch.setattr(on_record, "sources_with_treatments", frozen)
    app = open_page(clinic_url, "new_record")
    assert not app.exception
    assert [SAID in error.value for error in app.error] == [True]
