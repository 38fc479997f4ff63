"""A PostgreSQL server that hangs or is slow gives a message while the person still waits; long work has its time."""

import pytest
from sqlalchemy import event, func, insert, select, text

from data.__main__ import main
from data.analysis.columnar_copy import build_copy
from data.database import postgresql
from data.database.engine import DatabaseAccessError, long_reading, open_database, revision, write_transaction
from models.records import Site

pytestmark = pytest.mark.postgresql
FROZEN = r"^The database clinic on .+ does not answer\. Nothing was changed\. .+ restart the database server\.$"


@pytest.fixture(autouse=True)
def a_second_is_long(monkeypatch):
    monkeypatch.setattr(postgresql, "CLICK_SECONDS", 1)
    monkeypatch.setattr(postgresql.WatchedConnection, "seconds", 1)


def sites(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


def test_a_click_on_a_frozen_server_says_so_and_the_next_one_works(postgresql_engine, postgresql_server):
    assert revision(postgresql_engine) == 0
    with postgresql_server.frozen(), pytest.raises(DatabaseAccessError, match=FROZEN):
        revision(postgresql_engine)
    assert revision(postgresql_engine) == 0


def test_a_start_on_a_frozen_server_says_so(postgresql_url, postgresql_server, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("DATABASE_URL", postgresql_url)
    with postgresql_server.frozen():
        with pytest.raises(DatabaseAccessError, match=FROZEN):
            open_database(postgresql_url)
        assert main(["export", str(tmp_path / "out")]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_a_server_that_freezes_within_a_read_says_so(postgresql_engine, postgresql_server):
    with postgresql_engine.connect() as connection:
        connection.execute(select(Site.id))
        with postgresql_server.frozen(), pytest.raises(DatabaseAccessError, match="does not answer"):
            connection.execute(select(Site.code))
    assert sites(postgresql_engine) == 0


def test_a_server_that_freezes_within_a_write_says_that_it_may_be_stored(
    postgresql_engine, postgresql_server, monkeypatch
):
    monkeypatch.setattr(postgresql, "LONG_SECONDS", 1)
    with (
        pytest.raises(DatabaseAccessError, match="stored whole or not at all"),
        write_transaction(postgresql_engine) as connection,
    ):
        connection.execute(insert(Site).values(code="north"))
        with postgresql_server.frozen():
            connection.execute(insert(Site).values(code="south"))
    assert sites(postgresql_engine) == 0


def test_a_statement_that_takes_too_long_is_ended_by_the_server(postgresql_engine):
    with pytest.raises(DatabaseAccessError, match="took too long to answer"), postgresql_engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))
    assert sites(postgresql_engine) == 0


LIMITS = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")


def limits(connection) -> tuple[str, str]:
    return tuple(connection.execute(LIMITS).one())


def test_an_import_and_what_reads_everything_have_longer_and_a_click_after_them_has_not(postgresql_url, monkeypatch):
    monkeypatch.undo()
    engine = open_database(postgresql_url)
    with engine.connect() as connection:
        assert limits(connection) == ("5s", "4s")
    for long in (write_transaction, long_reading):
        with long(engine) as connection:
            assert limits(connection) == ("10min", "10s")
            raw = connection.connection.driver_connection
            assert raw.seconds == postgresql.LONG_SECONDS
        with engine.connect() as connection:
            assert connection.connection.driver_connection is raw
            assert raw.seconds == postgresql.CLICK_SECONDS
            assert limits(connection) == ("5s", "4s")
    engine.dispose()


def test_the_network_is_watched_too(postgresql_engine):
    with postgresql_engine.connect() as connection:
        given = connection.connection.driver_connection.info.get_parameters()
    assert {"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"} <= given.keys()
    assert [given["keepalives_idle"], given["tcp_user_timeout"]] == ["1", "1000"]


def test_a_server_that_is_frozen_when_the_copy_for_counting_is_filled_says_so(postgresql_engine, postgresql_server):
    with postgresql_server.frozen(), pytest.raises(DatabaseAccessError, match=FROZEN):
        build_copy(postgresql_engine)
    assert build_copy(postgresql_engine)[0] == 0


def test_filling_the_copy_for_counting_may_take_longer_than_a_click(postgresql_engine):
    allowed = {}

    def note(connection, cursor, statement, *_) -> None:
        allowed[statement.split("FROM ")[-1]] = connection.connection.driver_connection.seconds

    event.listen(postgresql_engine, "before_cursor_execute", note)
    build_copy(postgresql_engine)
    assert allowed["treatment"] == postgresql.LONG_SECONDS
