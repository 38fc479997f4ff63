"""The database of records: found, made or brought up to this version, or refused with nothing changed.

SQLite and PostgreSQL behave alike. A connection reads, and all its reads in one transaction see the same moment.
Records change inside `writing` and nowhere else, by one writer at a time, and the revision moves with them. End a
reading before writing: without WAL, SQLite's writer waits for every reader, its own program's too.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text, update
from sqlalchemy.exc import ArgumentError

from data.database import postgresql
from data.database.errors import CLOSED, DAMAGED, DatabaseAccessError, database_label, translate_driver_errors
from data.database.schema_check import version_of
from data.privacy.private_folder import PRIVATE, make_private
from models.records import Record, Revision

WAIT_SECONDS = 10  # for another writer; a person is waiting
WAL_SINCE = (3, 51, 3)  # before it, a database in WAL mode can be corrupted: https://sqlite.org/wal.html#walresetbug
MIGRATING = 7_378_530  # PostgreSQL's advisory lock: two starts at once migrate one after the other

CAN_INSERT_QUERY = """
SELECT bool_and(has_table_privilege(quote_ident(name), 'INSERT')) FROM unnest(CAST(:tables AS text[])) AS name
"""

MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"


def default_url() -> str:
    """The environment's DATABASE_URL, else SQLite in data/private/, a folder for this user alone, made if need be."""
    if url := os.environ.get("DATABASE_URL"):
        return url
    file = PRIVATE / "sequela.db"
    try:
        make_private(PRIVATE)
    except OSError as error:
        happened = f"has no folder for this user alone ({error.strerror})"
        raise DatabaseAccessError(str(file), happened, "Give its folder to this user, with mode 700.") from error
    return URL.create("sqlite", database=str(file)).render_as_string()


def open_database(url: str | None = None) -> Engine:
    """An Engine on the records at this version's tables; made or migrated if need be. Without a URL: `default_url()`.

    Raises DatabaseAccessError, with nothing changed, where the database is foreign, newer, damaged, locked, read-only or
    out of reach.
    """
    address = _address(url or default_url())
    if address.get_backend_name() == "sqlite":
        _prepare_sqlite_file(Path(address.database))
    engine = _engine(address)
    try:
        _migrate(engine)
        _require_writable(engine)
        if address.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _set_journal_mode)
            engine.dispose()
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """The one way to change records: a transaction that moves the revision by one, or leaves no trace at all.

    Whatever ends the block early, BaseException too, takes everything back.
    """
    with _write_connection(engine) as connection, connection.begin():
        connection.execute(update(Revision).values(number=Revision.number + 1))  # in PostgreSQL: the writers' queue
        yield connection


def long_reading(engine: Engine) -> Connection:
    """A connection for reads that may take longer than a person waits for a page."""
    return engine.connect().execution_options(long=True)


def revision(engine: Engine) -> int:
    """How many times the records have changed."""
    with engine.connect() as connection:
        return connection.execute(select(Revision.number)).scalar_one()


def describe_database(url: str | None = None) -> str:
    """One line for a person: which database, which version, how many changes. Makes no database and changes none.

    Also from the command line: python -m data.database.engine
    """
    address = _address(url or default_url())
    if address.get_backend_name() == "sqlite" and not Path(address.database).exists():
        return f"The database {database_label(address)} is not made yet."
    engine = _engine(address)
    try:
        with engine.connect() as connection:
            version = _read_version(connection)
        changes = "no records yet" if version is None else f"changed {revision(engine)} times"
    finally:
        engine.dispose()
    return f"The database {database_label(address)}: version {version} (this program: {_latest_version()}), {changes}."


# Which database


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseAccessError("named by DATABASE_URL", "cannot be found: it is no URL", _URLS) from error
    if address.get_backend_name() in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        raise DatabaseAccessError(
            database_label(address), f"is of a kind not known here, {address.get_backend_name()}", _URLS
        )
    if address.database in (None, "", ":memory:") or address.query:
        raise DatabaseAccessError("named by DATABASE_URL", "is not a plain SQLite file", _URLS)
    return URL.create("sqlite", database=str(Path(address.database).absolute()))


_URLS = "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."


def _prepare_sqlite_file(file: Path) -> None:
    """Makes the SQLite file if there is none; refuses what SQLite itself would take for a new or whole database."""
    try:
        if not file.exists():
            _create_sqlite_file(file)
        size = file.stat().st_size
    except OSError as error:
        raise DatabaseAccessError(str(file), f"cannot be opened or made ({error.strerror})", _FOLDER) from error
    if file.is_dir():
        raise DatabaseAccessError(str(file), "is a folder", "Name a file in DATABASE_URL.")
    if size == 0:
        raise DatabaseAccessError(
            str(file), "is empty (0 bytes): its records are gone", "Restore a backup, or remove it."
        )


_FOLDER = "Make its folder, with the right to write in it, or name another file in DATABASE_URL."


def _create_sqlite_file(file: Path) -> None:
    """Made whole elsewhere, then put in place: a start that is killed, or a second one, meets no half database."""
    with tempfile.TemporaryDirectory(prefix=".sequela-", dir=file.parent, ignore_cleanup_errors=True) as folder:
        draft = Path(folder) / file.name
        draft.touch(mode=0o600)
        engine = _engine(URL.create("sqlite", database=str(draft)))
        try:
            _migrate(engine)
        finally:
            engine.dispose()
        try:
            file.hardlink_to(draft)  # never in place of one that another start has made meanwhile
        except FileExistsError:
            pass
        except OSError:
            draft.rename(file)  # a disk without hard links


# How a connection behaves


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address,
            hide_parameters=True,  # a client's values never reach a log
            connect_args={"timeout": WAIT_SECONDS, "isolation_level": None},  # None: BEGIN is ours, not the driver's
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        engine = create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            connect_args=postgresql.network_limits(),
        )
        postgresql.watch(engine, lock_seconds=WAIT_SECONDS)
    event.listen(engine, "handle_error", translate_driver_errors(address))
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_spill = OFF")  # else a long write shuts readers out before it is done


def _set_journal_mode(connection: sqlite3.Connection, _) -> None:
    """TRUNCATE and not DELETE: with synchronous FULL a deleted journal can come back after a power cut and take an
    acknowledged transaction with it (https://sqlite.org/pragma.html#pragma_synchronous, EXTRA)."""
    mode = "WAL" if sqlite3.sqlite_version_info >= WAL_SINCE else "TRUNCATE"
    connection.execute(f"PRAGMA journal_mode = {mode}")


def _begin_on_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrating"):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # a rebuilt table is dropped for a moment
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if options.get('writing') else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")


@contextmanager
def _write_connection(engine: Engine, **options: bool) -> Iterator[Connection]:
    """A connection that may write; what is not committed is taken back."""
    if engine.dialect.name == "postgresql":
        # None: a server or user that is read-only stays so. READ COMMITTED: a writer that waited sees what came before.
        options |= {"postgresql_readonly": None, "isolation_level": "READ COMMITTED"}
    with engine.connect() as connection:
        yield connection.execution_options(writing=True, **options)


# Versions


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        if _read_version(connection) == _latest_version():
            return
    with _write_connection(engine, migrating=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATING})
        if _read_version(connection) == _latest_version():
            return  # another start was quicker
        command.upgrade(alembic_config(connection), "head")
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseAccessError(
                database_label(engine.url), "has records that point to nothing", "Restore a backup."
            )


def alembic_config(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _require_writable(engine: Engine) -> None:
    """A write that is taken back: file, folder, locks, disk, user and server all answer it as they would a real one."""
    with _write_connection(engine) as connection:
        connection.execute(update(Revision).values(number=Revision.number + 1))  # the same number: SQLite skips that
        if engine.dialect.name == "postgresql":
            tables = {"tables": list(Record.metadata.tables)}
            if not connection.scalar(text(CAN_INSERT_QUERY), tables):
                raise DatabaseAccessError(database_label(engine.url), *CLOSED)


def _read_version(connection: Connection) -> str | None:
    """The version of the database; None: it is empty. Refuses one that is foreign, newer, or not whole."""
    if connection.dialect.name == "sqlite" and _is_cut_short(connection):
        raise DatabaseAccessError(database_label(connection.engine.url), *DAMAGED)
    return version_of(connection, _scripts(MIGRATIONS_FOLDER), alembic_config)


def _is_cut_short(connection: Connection) -> bool:
    """SQLite itself notices missing pages, but takes the missing end of the last page for zeros."""
    if connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal":
        return False  # whole again once its log is written back
    page_size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    return Path(connection.engine.url.database).stat().st_size % page_size > 0


def _latest_version() -> str:
    return _scripts(MIGRATIONS_FOLDER).get_current_head()


@cache
def _scripts(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder))


if __name__ == "__main__":
    try:
        print(describe_database())
    except DatabaseAccessError as problem:
        raise SystemExit(str(problem)) from None
