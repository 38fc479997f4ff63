"""A database that cannot be used is refused with one plain message, and is afterwards what it was before."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from data.database import engine
from data.database.engine import DatabaseAccessError, open_database, revision, write_transaction
from models.records import Site
from tests import programs

SENTENCES = re.compile(r"^The database .+\. (Nothing was changed|What was being stored .+)\. .+\.$")
NOBODY = 65534


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS", 1)


@contextmanager
def refused(message: str, untouched: Path | None = None):
    """The block must raise DatabaseAccessError with this in its one-line message, and leave this folder as it was."""
    before = untouched and contents(untouched)
    with pytest.raises(DatabaseAccessError, match=message) as problem:
        yield
    assert SENTENCES.match(str(problem.value)), problem.value
    assert "secret" not in str(problem.value)
    assert before == (untouched and contents(untouched))


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {file.name: (file.stat().st_mode, file.read_bytes()) for file in folder.iterdir() if file.is_file()}


@contextmanager
def refused_on_postgresql(message: str, server, url: str):
    before = dump(url)
    with refused(message):
        yield
    assert before == dump(url)


def dump(url: str) -> str:
    pg_dump = programs.postgresql() / "pg_dump"
    text = subprocess.run([pg_dump, "--inserts", url], capture_output=True, text=True, check=True).stdout
    return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)  # a random word in each dump


@pytest.fixture
def file(sqlite_url) -> Path:
    """A database at this version with one site in it."""
    engine = open_database(sqlite_url)
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
    engine.dispose()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    Path(f"{path}-journal").unlink(missing_ok=True)  # empty; it comes back with the next write
    return path


def sqlite(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# Not a database


@pytest.mark.parametrize("url", ["clinic.db", "mysql://u:secret@db/clinic", "sqlite://", "sqlite:///:memory:", "://"])
def test_an_address_of_nothing_we_can_use(url):
    with refused("URL|not known here|not a plain SQLite file"):
        open_database(url)


def test_a_folder_that_is_not_there(tmp_path):
    with refused("cannot be opened or made", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}/nowhere/clinic.db")


def test_a_folder_in_place_of_a_file(tmp_path):
    with refused("is a folder", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("content", [b"date;client\n2026-03-01;A1\n" * 50, b"PK\x03\x04" + bytes(2000), b"x"])
def test_a_file_that_is_no_database(content, tmp_path):
    (tmp_path / "clinic.db").write_bytes(content)
    with refused("is not a SQLite database|cut short", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}/clinic.db")


def test_an_empty_file_is_taken_for_lost_records_and_not_for_a_new_clinic(tmp_path):
    (tmp_path / "clinic.db").touch()
    with refused("is empty", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}/clinic.db")


@pytest.mark.parametrize("length", [1, 20, 100, 511, 4096, 4097, 0.5, -1, -4095, -4096])
def test_a_database_cut_short(length, file):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * length) if isinstance(length, float) else length])
    with refused("cut short|not a SQLite database", untouched=file.parent):
        open_database(f"sqlite:///{file}")


def test_a_database_whose_tables_were_overwritten(file):
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * 3996
    file.write_bytes(content)
    with refused("damaged", untouched=file.parent):
        open_database(f"sqlite:///{file}")


# Another's database


@pytest.mark.parametrize("wal", [False, True])
def test_the_tables_of_another_program(wal, tmp_path):
    sqlite(
        tmp_path / "places.sqlite",
        f"PRAGMA journal_mode = {'WAL' if wal else 'DELETE'}",
        "CREATE TABLE bookmark (id INTEGER PRIMARY KEY, url TEXT)",
    )
    with refused("tables of another program", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}/places.sqlite")


def test_the_tables_of_another_program_that_also_uses_alembic(tmp_path):
    sqlite(
        tmp_path / "other.db",
        "CREATE TABLE treatment (id INTEGER PRIMARY KEY)",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('0001')",
    )
    with refused("tables of another program", untouched=tmp_path):
        open_database(f"sqlite:///{tmp_path}/other.db")


def test_the_tables_of_another_program_on_postgresql(postgresql_server):
    with postgresql_server.database() as url:
        postgresql_server.run("CREATE TABLE bookmark (url text)", database=name_in(url))
        with refused_on_postgresql("tables of another program", postgresql_server, url):
            open_database(url)


def test_a_database_made_by_a_newer_version(file):
    sqlite(file, "UPDATE alembic_version SET version_num = '9999'")
    with refused("newer version of Sequela .*9999", untouched=file.parent):
        open_database(f"sqlite:///{file}")


def test_a_database_made_by_a_newer_version_on_postgresql(postgresql_server):
    with postgresql_server.database("migrated") as url:
        postgresql_server.run("UPDATE alembic_version SET version_num = '9999'", database=name_in(url))
        with refused_on_postgresql("newer version of Sequela .*9999", postgresql_server, url):
            open_database(url)


def test_a_database_that_lacks_a_table(file):
    sqlite(file, "DROP TABLE remedy")
    with refused("lacks the table remedy", untouched=file.parent):
        open_database(f"sqlite:///{file}")


# Without the right to write


@pytest.fixture
def public_folder():
    """A folder that another user can enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="sequela-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def as_an_ordinary_user():
    """No right holds back the superuser, so a test that runs as root steps down for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_file(file, public_folder):
    open_database(f"sqlite:///{file}").dispose()  # all that is imported late is imported by now
    copy = Path(shutil.copy(file, public_folder / "clinic.db"))
    copy.chmod(0o444)
    with refused("cannot be written", untouched=public_folder), as_an_ordinary_user():
        open_database(f"sqlite:///{copy}")


def test_a_writable_file_in_a_read_only_folder(file, public_folder):
    open_database(f"sqlite:///{file}").dispose()
    copy = Path(shutil.copy(file, public_folder / "clinic.db"))
    copy.chmod(0o666)
    public_folder.chmod(0o555)
    with refused("cannot be written", untouched=public_folder), as_an_ordinary_user():
        open_database(f"sqlite:///{copy}")


def test_a_new_database_in_a_read_only_folder(file, public_folder):
    open_database(f"sqlite:///{file}").dispose()
    public_folder.chmod(0o555)
    with refused("cannot be opened or made", untouched=public_folder), as_an_ordinary_user():
        open_database(f"sqlite:///{public_folder}/clinic.db")
    assert not list(public_folder.iterdir())


@pytest.mark.parametrize(
    "rights",
    [
        ["GRANT SELECT ON {tables} TO {user}"],
        ["GRANT SELECT ON {tables} TO {user}", "GRANT UPDATE ON revision TO {user}"],
        ["GRANT ALL ON {tables} TO {user}", "ALTER ROLE {user} SET default_transaction_read_only = on"],
        [],
    ],
)
def test_a_postgresql_user_who_may_not_write(rights, postgresql_server):
    with postgresql_server.database("migrated") as url:
        user = f"reader_of_{name_in(url)}"
        given = [right.format(user=user, tables="ALL TABLES IN SCHEMA public") for right in rights]
        postgresql_server.run(f"CREATE ROLE {user} LOGIN", *given, database=name_in(url))
        with refused_on_postgresql("no right to write", postgresql_server, url):
            open_database(postgresql_server.url(name_in(url), user))


def test_a_postgresql_user_who_may_not_make_tables(postgresql_server):
    with postgresql_server.database() as url:
        user = f"guest_of_{name_in(url)}"
        postgresql_server.run(
            f"CREATE ROLE {user} LOGIN", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=name_in(url)
        )
        with refused_on_postgresql("no right to write", postgresql_server, url):
            open_database(postgresql_server.url(name_in(url), user))


def name_in(url: str) -> str:
    return re.search(r"/(\w+)\?", url)[1]


# In use


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_database_that_another_program_has_locked(file, impatient):
    command = [sys.executable, "-c", HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with refused("is locked by another program", untouched=file.parent):
            open_database(f"sqlite:///{file}")
        other.stdin.close()
    open_database(f"sqlite:///{file}").dispose()


@pytest.mark.parametrize("table", ["revision", "alembic_version"])
def test_a_postgresql_table_that_another_program_has_locked(table, postgresql_url, postgresql_server, impatient):
    other = open_database(postgresql_url)
    with other.connect() as connection:
        connection = connection.execution_options(postgresql_readonly=None)
        connection.exec_driver_sql(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        with refused("is locked by another program"):
            open_database(postgresql_url)
    other.dispose()


def test_a_write_while_another_writes_is_refused_after_a_while(database_url, impatient):
    engine = open_database(database_url)
    with write_transaction(engine) as connection:
        connection.execute(insert(Site).values(code="north"))
        with refused("is locked by another program"), write_transaction(engine):
            pass
    assert (revision(engine), sites(engine)) == (1, 1)
    engine.dispose()


def sites(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Site))


# Out of room, out of reach


def test_a_full_disk_takes_the_whole_write_back(sqlite_engine):
    with refused("the disk is full"), write_transaction(sqlite_engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
        connection.execute(insert(Site), [{"code": f"{number:0100}"} for number in range(5000)])
    assert (revision(sqlite_engine), sites(sqlite_engine)) == (0, 0)


def test_a_postgresql_server_that_does_not_answer(impatient):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listened to
        port = taken.getsockname()[1]
        with refused("sequela on 127.0.0.1:[0-9]+ cannot be reached"):
            open_database(f"postgresql://clinic:secret@127.0.0.1:{port}/sequela")


def test_a_postgresql_database_that_is_not_there(postgresql_server):
    with refused('cannot be reached .*database "nowhere" does not exist'):
        open_database(postgresql_server.url("nowhere"))


def test_a_postgresql_user_who_is_not_known(postgresql_server):
    with refused('cannot be reached .*role "stranger" does not exist'):
        open_database(postgresql_server.url("clinic", "stranger"))
