"""A short run of `python -m benchmarks.fuzz`."""

import subprocess
import sys

from benchmarks.fuzz import examine, run

SHORT_RUN = ("--most", "150", "--seed", "20261122")


def test_mangled_files_cause_only_declared_problems():
    # In a process of its own, because modules loaded here would count toward the memory limit.
    result = subprocess.run([sys.executable, "-m", "benchmarks.fuzz", *SHORT_RUN], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert result.stdout.startswith("150 files")


def test_an_error_in_the_reader_is_reported(monkeypatch):
    monkeypatch.setattr("benchmarks.fuzz.read_tables_here", lambda *_, **__: 1 / 0)
    report = run(60, seed=1, most=3)
    assert report.failures
    assert "ZeroDivisionError" in report.failures[0]


def test_an_undamaged_file_is_read():
    assert examine("visits.csv", b"client,units\nC1,20\n") == "read"
