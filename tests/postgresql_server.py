"""A PostgreSQL server for the tests alone: in a temporary folder, on a socket in it, gone when the tests are."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import URL

SECONDS_TO_START = 60

# Nothing in it outlives the tests, so nothing need reach the disk.
SETTINGS = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=32MB -c listen_addresses="

# The server ends with the pipe from the tests, so also when they are killed.
KEEP = """
"$0/postgres" -D "$1" -k "$1" $2 >"$1/log" 2>&1 &
server=$!
read -r _
kill -INT $server
wait $server
rm -rf "$1"
"""

DISCONNECT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

EMPTY = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(quote_ident(name)::regclass, 1, false);
    END LOOP;
    INSERT INTO revision (number) VALUES (0);
END $$
"""


@dataclass
class Server:
    """A running server, whose superuser is `sequela`."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str = "postgres", user: str = "sequela") -> str:
        query = {"host": str(self.folder)}
        return URL.create("postgresql", user, database=database, query=query).render_as_string(hide_password=False)

    def run(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database of its own, made like the template."""
        name = f"sequela_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """A server that hangs: it takes connections and statements, and answers nothing."""
        with psycopg.connect(self.url()) as connection:
            backends = [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")]
        stopped = []
        try:
            for pid in (int((self.folder / "postmaster.pid").read_text().split()[0]), *backends):
                with suppress(ProcessLookupError):  # one that had done its work
                    os.kill(pid, signal.SIGSTOP)
                    stopped.append(pid)
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):  # one that has ended since
                    os.kill(pid, signal.SIGCONT)

    def empty(self, database: str) -> None:
        """Makes a migrated database as it was when new. Ten times faster than making another from a template."""
        self.run(DISCONNECT_OTHERS, "SET session_replication_role = replica", EMPTY, database=database)


@contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """Starts a server from the folder that holds `initdb` and `postgres`. As root, it runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="sequela-postgresql-"))
    owner = _owner(folder)
    try:
        _initialise(binaries, folder, owner)
    except BaseException:
        shutil.rmtree(folder)
        raise
    keeper = subprocess.Popen(
        ["sh", "-c", KEEP, str(binaries), str(folder), SETTINGS], stdin=subprocess.PIPE, cwd=folder, **owner
    )
    try:
        running = Server(folder)
        _wait(running, keeper)
        yield running
    finally:
        keeper.stdin.close()
        keeper.wait()


def _owner(folder: Path) -> dict:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd  # not on Windows, where the rest of this file must still be imported

    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres") or users["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(binaries: Path, folder: Path, owner: dict) -> None:
    command = [binaries / "initdb", "-D", folder, "-U", "sequela", "-A", "trust", "-E", "UTF8", "--no-sync"]
    known = subprocess.run([binaries / "initdb", "--help"], capture_output=True, text=True).stdout
    if "--icu-locale" in known:  # a clinic's server sorts like a dictionary, SQLite by code point: let tests meet both
        command += ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
    else:
        command += ["--locale=C"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **owner)
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr or done.stdout}")


def _wait(running: Server, keeper: subprocess.Popen) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return psycopg.connect(running.url()).close()
        except psycopg.OperationalError as error:
            if keeper.poll() is not None or time.monotonic() > until:
                raise RuntimeError("The tests' PostgreSQL server did not start") from error
            time.sleep(0.05)
