"""A test that cannot run on this machine says so; in CI it fails. The tests' own server ends with the tests."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import programs
from tests.conftest import not_run

ROOT = Path(__file__).parents[1]


def test_a_test_that_cannot_run_says_which_program_it_lacks(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NOT RUN: Chromium was not found"):
        not_run("Chromium")


def test_in_ci_a_test_that_cannot_run_fails(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NOT RUN: Chromium was not found"):
        not_run("Chromium")


def test_a_program_that_stands_in_no_known_place_is_reported_as_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "CHROMIUM_APPLICATIONS", ())
    monkeypatch.setattr(programs, "POSTGRESQL_FOLDERS", ())
    assert programs.chromium() is None
    assert programs.postgresql() is None
    assert {"chromium", "postgresql"} <= set(programs.missing())


def test_a_client_without_its_server_is_not_taken_for_a_server(monkeypatch, tmp_path):
    (tmp_path / "initdb").touch()
    monkeypatch.setattr(programs.shutil, "which", lambda name: str(tmp_path / name) if name == "initdb" else None)
    monkeypatch.setattr(programs, "POSTGRESQL_FOLDERS", ())
    assert programs.postgresql() is None


START_A_SERVER_AND_WAIT = """
from tests import programs
from tests.postgresql_server import server
with server(programs.postgresql()) as running:
    print(running.folder, flush=True)
    input()
"""


@pytest.mark.postgresql
def test_the_tests_own_server_ends_even_when_the_tests_are_killed():
    if programs.postgresql() is None:
        not_run("a PostgreSQL server")
    command = [sys.executable, "-c", START_A_SERVER_AND_WAIT]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tests:
        folder = Path(tests.stdout.readline().strip())
        server = int((folder / "postmaster.pid").read_text().split()[0])
        tests.kill()
    until = time.monotonic() + 20
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
