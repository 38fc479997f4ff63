"""The dashboard served on this machine for tests and pictures, as `streamlit run app.py` serves it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PROJECT = Path(__file__).parents[1]
STARTS_WITHIN = 90  # seconds; two on an idle machine


class Address(str):
    """Where a dashboard is served, and the number of the process that does."""

    process: int


@contextmanager
def served(database_url: str, log: Path, script: str = "app.py") -> Iterator[Address]:
    """The address of a dashboard on these records, in a process of its own that ends with the block."""
    port = _free_port()
    address = Address(f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "tests.one_day", "streamlit", "run", script, "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | {"DATABASE_URL": database_url},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        address.process = process.pid
        try:
            _wait_for(f"{address}/_stcore/health", process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def _wait_for(health: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The dashboard ended while it started:\n{log.read_text(errors='replace')}")
        try:
            with urlopen(health, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.2)
    raise RuntimeError(f"The dashboard did not start in {STARTS_WITHIN} s:\n{log.read_text(errors='replace')}")
