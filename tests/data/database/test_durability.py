"""Killed programs and crowds of writers lose nothing and leave nothing by halves."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from data.database.engine import open_database, revision
from models.records import Site

ROOT = Path(__file__).parents[3]

BEGINNING = """
import sys
from sqlalchemy import func, insert, select
from data.database.engine import open_database, write_transaction
from models.records import Site
count = select(func.count()).select_from(Site)
engine = open_database(sys.argv[1])
"""

# Each write numbers its site by counting: two that count at once would give the same code, which is refused.
COUNT_AND_ADD = """
for _ in range(20):
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code=connection.scalar(count)))
"""

ADD_TWENTY_AT_A_TIME = """
for write in range(10_000):
    with write_transaction(engine) as connection:
        before = connection.scalar(count)
        for number in range(20):
            connection.execute(insert(Site).values(code=before + number))
    print(write, flush=True)
"""

# With no room for them in memory, uncommitted rows are already in the file: what a long write could come to.
ADD_MANY_AND_WAIT = """
from sqlalchemy import event
if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA cache_spill = ON"))
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA cache_size = 10"))
    engine.dispose()
with write_transaction(engine) as connection:
    connection.execute(insert(Site), [{"code": f"{number:0100}"} for number in range(5000)])
    print("written", flush=True)
    sys.stdin.read()
"""


def program(script: str, url: str) -> subprocess.Popen:
    command = [sys.executable, "-c", BEGINNING + script, url]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill(running: subprocess.Popen) -> None:
    running.send_signal(signal.SIGKILL)
    running.communicate()


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_url(request, tmp_path):
    """The address of a database that is not made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/clinic.db"
    else:
        with request.getfixturevalue("postgresql_server").database() as url:
            yield url


def test_four_programs_that_start_at_once_and_write_at_once_lose_nothing(new_url, tmp_path):
    writers = [program(COUNT_AND_ADD, new_url) for _ in range(4)]
    assert [(writer.communicate(), writer.returncode) for writer in writers] == [(("", None), 0)] * 4
    engine = open_database(new_url)
    with engine.connect() as connection:
        codes = connection.scalars(select(Site.code)).all()
    assert sorted(map(int, codes)) == list(range(80))
    assert revision(engine) == 80
    assert not [file for file in tmp_path.iterdir() if file.is_dir()]  # the drafts of those who came second
    engine.dispose()


def test_a_program_killed_at_any_moment_leaves_whole_writes_and_every_acknowledged_one(database_url):
    chance = random.Random(20261122)
    acknowledged = 0
    for _ in range(3):
        writer = program(ADD_TWENTY_AT_A_TIME, database_url)
        for _ in range(chance.randrange(1, 10)):
            writer.stdout.readline()
            acknowledged += 1
        time.sleep(chance.uniform(0, 0.02))
        kill(writer)
        engine = open_database(database_url)
        whole_writes, rest = divmod(sites(engine), 20)
        assert rest == 0
        assert whole_writes == revision(engine) >= acknowledged
        acknowledged = whole_writes
        engine.dispose()


def test_a_program_killed_in_the_middle_of_a_long_write_leaves_no_trace_of_it(database_url):
    writer = program(ADD_MANY_AND_WAIT, database_url)
    writer.stdout.readline()
    if database_url.startswith("sqlite"):
        file = database_url.removeprefix("sqlite:///")
        assert Path(file).stat().st_size > 500_000  # half a write is in the file
        assert Path(f"{file}-journal").stat().st_size > 0  # and what it needs to be taken back lies beside it
    kill(writer)
    engine = open_database(database_url)
    assert (revision(engine), sites(engine)) == (0, 0)
    engine.dispose()


def test_a_first_start_that_is_killed_leaves_no_half_database(tmp_path):
    """The file appears at once and whole: a start that is killed before that is as if it had not been."""
    started = program("", f"sqlite:///{tmp_path}/clinic.db")
    file = tmp_path / "clinic.db"
    while not file.exists() and started.poll() is None:
        time.sleep(0.005)
    kill(started)
    engine = open_database(f"sqlite:///{file}")
    assert revision(engine) == 0
    engine.dispose()
