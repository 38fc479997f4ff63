"""Filling the columnar copy leaves those alone who are writing records at that moment."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from data.analysis import columnar_copy
from data.database.engine import revision, write_transaction
from models.records import Site
from tests import factories

TRY_TO_WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0.2, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as refusal:
    print(refusal)
"""

# DuckDB makes a table of the copy for each table of the records; the program is killed when it comes to one of them.
KILLED_WHILE_FILLING = """
import os, signal, sys
import duckdb
from data.analysis import columnar_copy
from data.database.engine import open_database

class Dying:
    def __init__(self, copy):
        self.copy = copy

    def execute(self, statement):
        if statement.startswith(f'CREATE TABLE "{sys.argv[2]}"'):
            os.kill(os.getpid(), signal.SIGKILL)
        arriving = sys._getframe(1).f_locals.get("arriving")  # DuckDB looks for it where it is called from
        return self.copy.execute(statement)

records = open_database(sys.argv[1])
connect = duckdb.connect
duckdb.connect = lambda *arguments, **options: Dying(connect(*arguments, **options))
columnar_copy.build_copy(records)
"""


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


def another_program_tries_to_write(engine: Engine) -> str:
    command = [sys.executable, "-c", TRY_TO_WRITE, engine.url.database]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_copy_made_during_a_write_is_of_the_records_before_it(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
        assert columnar_copy.build_copy(engine)[0] == 0
    assert columnar_copy.build_copy(engine)[0] == 1
    assert (revision(engine), sites(engine)) == (1, 1)


def test_a_writer_keeps_its_lock_and_its_way_back_while_a_copy_is_made(sqlite_engine):
    """A second SQLite in this program would drop the lock, and delete the journal as that of a crashed program."""
    journal = Path(f"{sqlite_engine.url.database}-journal")
    with write_transaction(sqlite_engine) as connection:
        connection.execute(insert(Site), [{"code": str(number)} for number in range(5000)])
        same_file = journal.stat().st_ino
        columnar_copy.build_copy(sqlite_engine)
        assert journal.stat().st_ino == same_file
        assert another_program_tries_to_write(sqlite_engine) == "database is locked"
    assert sites(sqlite_engine) == 5000


def test_nothing_of_the_copy_stays_on_disk(sqlite_engine):
    with write_transaction(sqlite_engine) as connection:
        connection.execute(insert(Site).values(code="north"))
    folder = Path(sqlite_engine.url.database).parent
    before = sorted(folder.iterdir())
    columnar_copy.build_copy(sqlite_engine)
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("table", ["import_batch", "treatment"])
def test_a_program_killed_while_it_fills_the_copy_leaves_no_file(sqlite_engine, tmp_path, table):
    with write_transaction(sqlite_engine) as connection:
        connection.execute(insert(Site).values(code="north"))
    work = tmp_path / "work"
    work.mkdir()
    folders = (work, Path(sqlite_engine.url.database).parent)
    before = {file for folder in folders for file in folder.iterdir()}
    command = [sys.executable, "-c", KILLED_WHILE_FILLING, str(sqlite_engine.url), table]
    surroundings = os.environ | {"TMPDIR": str(work), "PYTHONPATH": str(Path(__file__).parents[3])}
    killed = subprocess.run(command, cwd=work, env=surroundings, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert {file for folder in folders for file in folder.iterdir()} <= before


def test_what_exceeds_the_memory_of_the_copy_is_not_put_on_disk(sqlite_engine):
    _, source = columnar_copy.build_copy(sqlite_engine)
    with source.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_setting('temp_directory')").scalar_one() == ""


def test_every_row_arrives_where_there_are_more_than_a_chunk_of_them(engine, monkeypatch):
    monkeypatch.setattr(columnar_copy, "CHUNK", 2)
    with write_transaction(engine) as connection:
        for _ in range(4):  # a column that begins with more than a chunk of empty cells
            factories.treatment(connection, date=date(2026, 1, 2))
        factories.treatment(connection, date=date(2026, 1, 2), practitioner_id=factories.practitioner(connection))
    _, source = columnar_copy.build_copy(engine)
    with source.engine.connect() as connection:
        found = connection.execute(select(source.treatments.c.date, source.treatments.c.practitioner)).all()
    assert [row.date for row in found] == [date(2026, 1, 2)] * 5
    assert [row.practitioner == "P1" for row in found].count(True) == 1
