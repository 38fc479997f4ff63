"""Opening, reading and writing the records, alike on SQLite and PostgreSQL."""

import sqlite3
import time
from contextlib import suppress
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data.database import engine
from data.database.engine import (
    DatabaseAccessError,
    open_database,
    revision,
    write_transaction,
)
from models.records import Client, Record, Seal, Site, Treatment

TIME_ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Asia/Kathmandu")


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


def add_site(engine: Engine, code: str) -> None:
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code=code))


def pragma(engine: Engine, name: str):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


# Opening


def test_a_new_database_has_every_table_and_no_changes(engine):
    assert set(inspect(engine).get_table_names()) == {*Record.metadata.tables, "alembic_version"}
    assert revision(engine) == 0


def test_a_database_opened_again_keeps_its_records(engine, database_url):
    add_site(engine, "north")
    again = open_database(database_url)
    assert sites(again) == 1
    assert revision(again) == 1
    again.dispose()


def test_the_clinics_own_database_lies_in_a_folder_for_this_user_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(engine, "PRIVATE", tmp_path / "private")
    assert str(engine.database_url()) == f"sqlite:///{tmp_path}/private/sequela.db"
    open_database().dispose()
    assert [file.name for file in (tmp_path / "private").iterdir()] == ["sequela.db"]
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "private" / "sequela.db").stat().st_mode & 0o777 == 0o600


def test_another_database_is_named_by_the_environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://clinic@db/sequela")
    assert str(engine.database_url()) == "postgresql+psycopg://clinic@db/sequela"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_address_is_understood(scheme, postgresql_url):
    engine = open_database(postgresql_url.replace("postgresql:", f"{scheme}:", 1))
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_a_sqlite_address_stays_the_same_file_when_the_program_changes_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    engine = open_database("sqlite:///clinic.db")
    monkeypatch.chdir("/")
    add_site(engine, "north")
    engine.dispose()
    assert (tmp_path / "clinic.db").exists()


def test_sqlite_keeps_what_it_acknowledged_and_checks_what_points_where(sqlite_engine):
    assert pragma(sqlite_engine, "synchronous") == 2  # FULL
    assert pragma(sqlite_engine, "foreign_keys") == 1
    assert pragma(sqlite_engine, "busy_timeout") == engine.WAIT_SECONDS * 1000


@pytest.mark.parametrize(("version", "mode"), [((3, 51, 2), "truncate"), ((3, 51, 3), "wal"), ((3, 40, 1), "truncate")])
def test_the_write_ahead_log_is_used_where_sqlite_has_no_known_fault_in_it(version, mode, monkeypatch, sqlite_url):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    engine = open_database(sqlite_url)
    add_site(engine, "north")
    assert pragma(engine, "journal_mode") == mode
    engine.dispose()


def test_a_database_with_a_log_is_taken_back_from_it_by_an_older_sqlite(monkeypatch, sqlite_url):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    newer = open_database(sqlite_url)
    add_site(newer, "north")
    newer.dispose()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    older = open_database(sqlite_url)
    assert pragma(older, "journal_mode") == "truncate"
    assert sites(older) == 1
    older.dispose()


# Writing


def test_each_write_moves_the_revision_by_one(engine):
    for number in range(3):
        assert revision(engine) == number
        add_site(engine, f"site {number}")
    assert (revision(engine), sites(engine)) == (3, 3)


class StopScript(BaseException):
    """What a click elsewhere raises in a running page: `except Exception` misses it."""


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit, StopScript])
def test_whatever_ends_a_write_early_leaves_no_trace(interruption, engine):
    with pytest.raises(interruption), write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
        raise interruption
    assert (revision(engine), sites(engine)) == (0, 0)
    add_site(engine, "the next write works")


def test_a_second_site_of_the_same_code_takes_the_whole_write_back(engine):
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
        connection.execute(insert(Site).values(code="north"))
    assert (revision(engine), sites(engine)) == (0, 0)


def test_a_treatment_of_nobody_is_refused(engine):
    orphan = {"client_id": 1, "site_id": 1, "date": date(2026, 3, 1), "source": "t", "source_id": "1"}
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        connection.execute(insert(Treatment).values(import_batch_id=1, **orphan))
    assert revision(engine) == 0


def test_a_session_inside_a_write_commits_with_it_and_not_before(engine):
    with suppress(ValueError), write_transaction(engine) as connection:
        with Session(connection) as session:
            session.add(Site(code="north"))
            session.commit()
        raise ValueError
    assert (revision(engine), sites(engine)) == (0, 0)
    with write_transaction(engine) as connection, Session(connection) as session:
        session.add(Site(code="north"))
        session.commit()
    assert (revision(engine), sites(engine)) == (1, 1)


def test_nothing_is_changed_by_a_connection_that_was_opened_to_read(engine):
    """A change that does not move the revision would be missing from every figure."""
    with pytest.raises(RuntimeError, match="inside `with write_transaction"), engine.begin() as connection:
        connection.execute(insert(Site).values(code="north"))
    assert sites(engine) == 0
    add_site(engine, "and the next write works")


def test_a_reader_sees_one_moment_though_others_write(engine):
    with engine.connect() as reader:
        count = select(func.count()).select_from(Site)
        before = reader.scalar(count)
        database_waits_for_readers = engine.dialect.name == "sqlite"
        if not database_waits_for_readers:
            add_site(engine, "north")
        assert reader.scalar(count) == before == 0


def test_the_records_can_be_read_while_a_long_import_is_under_way(engine, database_url):
    reader = open_database(database_url)
    with write_transaction(engine) as connection:
        connection.execute(insert(Site), [{"code": f"{number:0100}"} for number in range(40_000)])
        assert (revision(reader), sites(reader)) == (0, 0)
    assert (revision(reader), sites(reader)) == (1, 40_000)
    reader.dispose()


def test_a_client_that_is_refused_is_not_named_in_the_message(sqlite_engine):
    with pytest.raises(IntegrityError) as refusal, write_transaction(sqlite_engine) as connection:
        connection.execute(insert(Client).values([{"key": "Jane Doe"}, {"key": "Jane Doe"}]))
    assert "Jane" not in str(refusal.value)


def test_dates_and_times_are_the_same_wherever_they_are_read(engine, monkeypatch):
    """A treatment on the day the clocks change, sealed within the hour that some clocks skip."""
    day, moment = date(2026, 3, 8), datetime(2026, 3, 8, 2, 30)
    for number, writer in enumerate(TIME_ZONES):
        in_time_zone(writer, monkeypatch)
        figures = {"period_from": day, "period_to": day, "sealed_on": moment, "figures": writer, "sha256": ""}
        with write_transaction(engine) as connection:
            connection.execute(insert(Seal).values(**figures))
        for reader in TIME_ZONES:
            in_time_zone(reader, monkeypatch)
            with engine.connect() as connection:
                read = connection.execute(select(Seal.period_from, Seal.period_to, Seal.sealed_on)).all()
            assert read == [(day, day, moment)] * (number + 1)
    monkeypatch.undo()
    time.tzset()


def in_time_zone(name: str, monkeypatch) -> None:
    monkeypatch.setenv("TZ", name)
    monkeypatch.setenv("PGTZ", name)
    time.tzset()


# PostgreSQL's server


def test_after_a_restart_of_the_server_the_next_click_works(postgresql_engine, postgresql_server):
    add_site(postgresql_engine, "before")
    postgresql_server.run(END_CONNECTIONS)
    assert sites(postgresql_engine) == 1


def test_a_server_that_goes_away_in_the_middle_of_a_write_says_so(postgresql_engine, postgresql_server):
    with (
        pytest.raises(DatabaseAccessError, match="stored whole or not at all"),
        write_transaction(postgresql_engine) as connection,
    ):
        connection.execute(insert(Site).values(code="north"))
        postgresql_server.run(END_CONNECTIONS)
        connection.execute(insert(Site).values(code="south"))
    assert (revision(postgresql_engine), sites(postgresql_engine)) == (0, 0)


END_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'clinic' AND pid <> pg_backend_pid()
"""


def test_text_is_kept_as_it_was_given(engine):
    name = "Zürich 東京 🦷 'quoted' \\ %s :x"
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="1", name=name))
    with engine.connect() as connection:
        assert connection.scalar(select(Site.name)) == name
        assert connection.scalar(text("SELECT count(*) FROM site WHERE name = :name"), {"name": name}) == 1
