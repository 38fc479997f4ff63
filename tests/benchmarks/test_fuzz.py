"""A brief round of what `python -m benchmarks.fuzz` does for minutes."""

import subprocess
import sys

from benchmarks.fuzz import examine, run

BRIEFLY = ("--most", "150", "--seed", "20261122")


def test_mangled_files_raise_nothing_but_declared_problems():
    # In a process of its own: what this one has loaded by now would count towards the bound on memory.
    told = subprocess.run([sys.executable, "-m", "benchmarks.fuzz", *BRIEFLY], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    assert told.stdout.startswith("150 files")


def test_the_fuzzing_itself_notices_what_is_wrong(monkeypatch):
    monkeypatch.setattr("benchmarks.fuzz.tables_of", lambda *_, **__: 1 / 0)
    report = run(60, seed=1, most=3)
    assert report.failures
    assert "ZeroDivisionError" in report.failures[0]


def test_a_whole_file_passes_the_examination():
    assert examine("visits.csv", b"client,units\nC1,20\n") == "read"
