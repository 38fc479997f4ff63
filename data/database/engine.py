"""Open the database of records: create it, migrate it, or refuse it with nothing changed.

SQLite and PostgreSQL behave alike. A connection reads; all reads in one transaction see the same moment. Records
change only inside `write_transaction`, one writer at a time, and every change increases the revision. End a read
before writing: without WAL, SQLite's writer waits for every reader, even in its own program.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from alembic import command
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text, update
from sqlalchemy.exc import ArgumentError

from data.database.errors import (
    CLOSED,
    DatabaseAccessError,
    find_sqlite_fault,
    translate_driver_error,
)
from data.database.schema_version import alembic_config, read_versions
from data.privacy.private_folder import PRIVATE, make_private
from models.records import Record, Revision

WAIT_SECONDS = 10  # for another writer, while a person waits
WAL_SINCE = (3, 51, 3)  # before it, a database in WAL mode can be corrupted: https://sqlite.org/wal.html#walresetbug
MIGRATION_LOCK = 7_378_530  # PostgreSQL's advisory lock: two starts at once migrate one after the other

INCREASE_REVISION = update(Revision).values(number=Revision.number + 1)
SQLITE_SETTINGS = """
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA cache_spill = OFF; -- otherwise a long write locks readers out before it commits
"""
CAN_INSERT_QUERY = """
SELECT bool_and(has_table_privilege(quote_ident(name), 'INSERT')) FROM unnest(CAST(:tables AS text[])) AS name
"""

KNOWN_URLS = "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."


def database_url(url: str | None = None) -> URL:
    """Where the database is: `url`, or DATABASE_URL, or else SQLite in data/private/, which only this user can enter.

    Raises DatabaseAccessError for a URL of another kind, and if there can be no such folder.
    """
    url = url or os.environ.get("DATABASE_URL")
    if not url:
        file = PRIVATE / "sequela.db"
        try:
            make_private(PRIVATE)
        except OSError as error:
            happened = f"has no folder for this user alone ({error.strerror})"
            raise DatabaseAccessError(str(file), happened, "Give its folder to this user, with mode 700.") from error
        return URL.create("sqlite", database=str(file))
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise DatabaseAccessError("named by DATABASE_URL", "cannot be found: it is no URL", KNOWN_URLS) from error
    backend = address.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseAccessError(address, f"is of a kind not known here, {backend}", KNOWN_URLS)
    if address.database in (None, "", ":memory:") or address.query:
        raise DatabaseAccessError("named by DATABASE_URL", "is not a plain SQLite file", KNOWN_URLS)
    return URL.create("sqlite", database=str(Path(address.database).absolute()))


def open_database(url: str | None = None) -> Engine:
    """Open a database, at `database_url()` if no URL is given. A missing one is created, an older one is migrated.

    Raises DatabaseAccessError, with nothing changed, if the database belongs to another program or a newer version, or
    is damaged, locked, read-only or unreachable.
    """
    address = database_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    if is_sqlite:
        _prepare_sqlite_file(Path(address.database))
    engine = _create_engine(address)
    try:
        _migrate(engine)
        # Try a write and roll it back: file, folder, locks, disk, user and server all have to allow it.
        with _write_connection(engine) as connection:
            connection.execute(INCREASE_REVISION)  # SQLite would skip a change to the same number
            tables = {"tables": list(Record.metadata.tables)}
            if not is_sqlite and not connection.scalar(text(CAN_INSERT_QUERY), tables):
                raise DatabaseAccessError(address, *CLOSED)
        if is_sqlite:
            # TRUNCATE rather than DELETE: with synchronous FULL a deleted journal can reappear after a power cut and
            # undo an acknowledged transaction (https://sqlite.org/pragma.html#pragma_synchronous, EXTRA).
            mode = "WAL" if sqlite3.sqlite_version_info >= WAL_SINCE else "TRUNCATE"
            event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA journal_mode = {mode}"))
            engine.dispose()
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """The only way to change records: a transaction that increases the revision by one.

    Any exception, even a BaseException, rolls everything back.
    """
    with _write_connection(engine) as connection, connection.begin():
        connection.execute(INCREASE_REVISION)  # in PostgreSQL, writers queue here
        yield connection


def long_reading(engine: Engine) -> Connection:
    """A connection for reads that may take longer than a page may take to load."""
    return engine.connect().execution_options(long=True)


def revision(engine: Engine) -> int:
    """How many times the records have changed."""
    with engine.connect() as connection:
        return connection.execute(select(Revision.number)).scalar_one()


def _prepare_sqlite_file(file: Path) -> None:
    """Create a missing SQLite file; refuse a folder and an empty file, which SQLite itself would take for a new one."""
    try:
        if not file.exists():  # made elsewhere as a whole and then moved: no other start finds half a database
            with tempfile.TemporaryDirectory(prefix=".sequela-", dir=file.parent, ignore_cleanup_errors=True) as folder:
                draft = Path(folder) / file.name
                draft.touch(mode=0o600)
                engine = _create_engine(URL.create("sqlite", database=str(draft)))
                try:
                    _migrate(engine)
                finally:
                    engine.dispose()
                try:
                    with suppress(FileExistsError):  # another start has created one meanwhile
                        file.hardlink_to(draft)
                except OSError:
                    draft.rename(file)  # a disk without hard links
        size = file.stat().st_size
    except OSError as error:
        to_do = "Make its folder, with the right to write in it, or name another file in DATABASE_URL."
        raise DatabaseAccessError(str(file), f"cannot be opened or made ({error.strerror})", to_do) from error
    if file.is_dir():
        raise DatabaseAccessError(str(file), "is a folder", "Name a file in DATABASE_URL.")
    if size == 0:
        happened = "is empty (0 bytes) and has lost its records"
        raise DatabaseAccessError(str(file), happened, "Restore a backup, or remove it.")


def _create_engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(
            address,
            hide_parameters=True,  # a client's values never reach a log
            connect_args={"timeout": WAIT_SECONDS, "isolation_level": None},  # None: we send BEGIN, not the driver
        )
        event.listen(engine, "connect", lambda connection, _: connection.executescript(SQLITE_SETTINGS))
        event.listen(engine, "begin", _begin_on_sqlite)
        find_fault = find_sqlite_fault
    else:
        from data.database import postgresql

        engine = create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
            connect_args=postgresql.network_limits(),
        )
        postgresql.watch(engine, lock_seconds=WAIT_SECONDS)
        find_fault = postgresql.find_fault
    event.listen(engine, "handle_error", lambda context: translate_driver_error(context, address, find_fault))
    return engine


def _begin_on_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrating"):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # rebuilding a table drops it for a moment
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if options.get('writing') else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")


@contextmanager
def _write_connection(engine: Engine, **options: bool) -> Iterator[Connection]:
    """A connection that may write. What is not committed is rolled back."""
    if engine.dialect.name == "postgresql":
        # None keeps a read-only server or user read-only. READ COMMITTED: a writer that waited sees earlier writes.
        options |= {"postgresql_readonly": None, "isolation_level": "READ COMMITTED"}
    with engine.connect() as connection:
        yield connection.execution_options(writing=True, **options)


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        version, newest = read_versions(connection)
    if version == newest:
        return
    with _write_connection(engine, migrating=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        if read_versions(connection)[0] == newest:
            return  # another start was faster
        command.upgrade(alembic_config(connection), "head")
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseAccessError(engine.url, "has records that point to nothing", "Restore a backup.")
