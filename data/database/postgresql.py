"""PostgreSQL: time limits, seconds for a click, minutes for an import and never forever, and the faults of a server.

Imported only for PostgreSQL, because its driver takes a tenth of a second to load.
"""

import psycopg
from psycopg.errors import ConnectionTimeout, _WaitTimeout
from sqlalchemy import Connection, Engine, event

from data.database.errors import CLOSED, CROWDED, FROZEN, FULL, LOCKED, READ_ONLY_TRANSACTION, SLOW, Fault

CLICK_SECONDS = 5  # for one statement of a page
LONG_SECONDS = 600  # for one statement of a migration, an import, an export or the filling of the columnar copy
GRACE_SECONDS = 1  # lets a working server report first that a statement took too long

# https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL_FAULTS = {
    "55P03": LOCKED,  # lock_not_available
    "40P01": LOCKED,  # deadlock_detected
    READ_ONLY_TRANSACTION: CLOSED,
    "42501": CLOSED,  # insufficient_privilege
    "53100": FULL,  # disk_full
    "53300": CROWDED,  # too_many_connections
    "57014": SLOW,  # query_canceled, by statement_timeout
}


def network_limits() -> dict[str, int]:
    """Time limits of the network, see https://www.postgresql.org/docs/current/libpq-connect.html"""
    return {
        "connect_timeout": CLICK_SECONDS,
        "keepalives": 1,
        "keepalives_idle": CLICK_SECONDS,
        "keepalives_interval": 1,
        "keepalives_count": CLICK_SECONDS,
        "tcp_user_timeout": CLICK_SECONDS * 1000,
    }


class WatchedConnection(psycopg.Connection):
    """A connection that is closed when the server stops answering.

    The kernel of a frozen server still acknowledges packets, so neither keepalives nor tcp_user_timeout notice, and the
    server itself cannot apply statement_timeout.
    """

    seconds = CLICK_SECONDS

    def wait(self, gen, interval=0.1, timeout=None):
        limit = self.seconds + GRACE_SECONDS if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except _WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()
            raise ConnectionTimeout(f"no answer within {limit} seconds") from error


def watch(engine: Engine, lock_seconds: int) -> None:
    """Limit each statement to CLICK_SECONDS, or LONG_SECONDS with the execution option `writing` or `long`.

    `lock_seconds` is how long a writer waits for another one.
    """

    def connect(dialect, record, arguments, options) -> psycopg.Connection:
        return WatchedConnection.connect(*arguments, **options)

    def set_up(connection: WatchedConnection, record) -> None:
        connection.execute(f"SET statement_timeout = '{CLICK_SECONDS}s'")
        connection.execute(f"SET lock_timeout = '{min(lock_seconds, CLICK_SECONDS - 1)}s'")  # names the reason
        connection.commit()

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writing") or options.get("long"):
            connection.connection.driver_connection.seconds = LONG_SECONDS
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{lock_seconds}s'")

    def reset(connection: WatchedConnection, record, state) -> None:
        connection.seconds = CLICK_SECONDS

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    event.listen(engine, "reset", reset)


def find_fault(error: BaseException) -> Fault | None:
    """What is wrong with the server or the way to it; None for an error of a statement."""
    if isinstance(error, psycopg.Error) and error.sqlstate in POSTGRESQL_FAULTS:
        return POSTGRESQL_FAULTS[error.sqlstate]
    if isinstance(error, ConnectionTimeout):
        return FROZEN
    if isinstance(error, psycopg.OperationalError):
        reason = " ".join(str(error).split())
        return f"cannot be reached ({reason})", "Start the server, or correct DATABASE_URL, and try again."
    return None
