"""A brief round of what `python -m benchmarks.fuzz` does for minutes."""

from benchmarks.fuzz import examine, run

SECONDS = 5


def test_mangled_files_raise_nothing_but_declared_problems():
    report = run(SECONDS, seed=20_261_122)
    assert report.outcomes.total() > SECONDS
    assert report.failures == []


def test_the_fuzzing_itself_notices_what_is_wrong(monkeypatch):
    monkeypatch.setattr("benchmarks.fuzz.tables_of", lambda *_, **__: 1 / 0)
    report = run(0.5, seed=1)
    assert report.failures
    assert "ZeroDivisionError" in report.failures[0]


def test_a_whole_file_passes_the_examination():
    assert examine("visits.csv", b"client,units\nC1,20\n") == "read"
