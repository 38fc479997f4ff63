"""Filling the columnar copy leaves those alone who are writing records at that moment."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, func, insert, select

from data import mirror
from data.database import revision, writing
from models.records import Site

TRY_TO_WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0.2, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as refusal:
    print(refusal)
"""


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


def another_program_tries_to_write(engine: Engine) -> str:
    command = [sys.executable, "-c", TRY_TO_WRITE, engine.url.database]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_copy_made_during_a_write_is_of_the_records_before_it(engine):
    with writing(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
        assert mirror.fill(engine)[0] == 0
    assert mirror.fill(engine)[0] == 1
    assert (revision(engine), sites(engine)) == (1, 1)


def test_a_writer_keeps_its_lock_and_its_way_back_while_a_copy_is_made(sqlite_engine):
    """A second SQLite in this program would drop the lock, and delete the journal as that of a crashed program."""
    journal = Path(f"{sqlite_engine.url.database}-journal")
    with writing(sqlite_engine) as connection:
        connection.execute(insert(Site), [{"code": str(number)} for number in range(5000)])
        same_file = journal.stat().st_ino
        mirror.fill(sqlite_engine)
        assert journal.stat().st_ino == same_file
        assert another_program_tries_to_write(sqlite_engine) == "database is locked"
    assert sites(sqlite_engine) == 5000


def test_nothing_of_the_copy_stays_on_disk(sqlite_engine):
    with writing(sqlite_engine) as connection:
        connection.execute(insert(Site).values(code="north"))
    folder = Path(sqlite_engine.url.database).parent
    before = sorted(folder.iterdir())
    mirror.fill(sqlite_engine)
    assert sorted(folder.iterdir()) == before
