"""Turn database errors into one plain message: what happened, where, and what to do."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import URL, ExceptionContext

from data.refusal import RefusedError

NOTHING_CHANGED = "Nothing was changed."
MAYBE_STORED = "What was being stored is stored whole or not at all: look before you repeat it."

Fault = tuple[str, str]  # what happened, and what to do


class DatabaseAccessError(RefusedError):
    """The message is ready to be shown to a person."""

    def __init__(self, where: URL | str, happened: str, to_do: str, left: str = NOTHING_CHANGED):
        place = database_label(where) if isinstance(where, URL) else where
        super().__init__(f"The database {place} {happened}. {left} {to_do}")


LOCKED = "is locked by another program", "Close the other program, or wait until it is done, and try again."
CLOSED = (
    "cannot be written: it or its folder is read-only, or this user has no right to write there",
    "Give this user the right to write, or name another database in DATABASE_URL.",
)
FULL = "has no room left: the disk is full", "Free some space and try again."
DAMAGED = "is damaged or cut short", "Restore a backup, and keep this file until that is done."
NOT_SQLITE = "is not a SQLite database", "Name another file in DATABASE_URL, or restore a backup."
FAILING_DISK = "cannot be read or written: the disk gave an error", "Check the disk and its connection, then try again."
FROZEN = "does not answer", "Try again in a minute. If it still does not answer, restart the database server."
SLOW = "took too long to answer", "Try again in a minute. If it happens again, look at what keeps the server busy."
CROWDED = "takes no more connections", "Close what else uses it, or allow it more connections, and try again."

# https://sqlite.org/rescode.html, primary result codes
SQLITE_FAULTS = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_READONLY: CLOSED,
    sqlite3.SQLITE_PERM: CLOSED,
    sqlite3.SQLITE_CANTOPEN: CLOSED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: NOT_SQLITE,
    sqlite3.SQLITE_IOERR: FAILING_DISK,
}
READ_ONLY_TRANSACTION = "25006"  # of PostgreSQL


def database_label(address: URL) -> str:
    """The database as a person knows it, without its password."""
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return f"{address.database} on {address.host or address.query.get('host', 'this machine')}:{address.port or 5432}"


def find_sqlite_fault(error: BaseException) -> Fault | None:
    """What is wrong with the file; None for an error of a statement."""
    return SQLITE_FAULTS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def translate_driver_error(
    context: ExceptionContext, address: URL, find_fault: Callable[[BaseException], Fault | None]
) -> None:
    """Handle SQLAlchemy's event "handle_error": errors of locks, rights, disk and network become ours.

    Errors of a statement, such as a broken constraint, stay as they are.
    """
    error = context.original_exception
    fault = find_fault(error)
    if fault is None or (context.is_pre_ping and fault is not FROZEN):
        return  # SQLAlchemy reconnects a lost connection; it would wait for a frozen server again
    connection = context.connection
    if fault is CLOSED and connection is not None and not connection.get_execution_options().get("writing"):
        code = getattr(error, "sqlite_errorcode", None) or getattr(error, "sqlstate", None)
        if code in (sqlite3.SQLITE_READONLY, READ_ONLY_TRANSACTION):  # our own read-only mode, not the server or disk
            raise RuntimeError("Change records inside `with write_transaction(engine)` only.") from error
    left = MAYBE_STORED if context.is_disconnect and connection is not None else NOTHING_CHANGED
    raise DatabaseAccessError(address, *fault, left=left) from error
