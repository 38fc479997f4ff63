"""The import benchmark counts the stored rows before it prints a time."""

import pytest

from benchmarks import importing


@pytest.fixture(autouse=True)
def own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "pseudonym.key"))


def test_a_ratio_is_printed_when_both_store_the_same_rows(capsys):
    assert importing.main(["--rows", "300", "--rounds", "1"]) == 0
    assert "300 rows, 1 turns:" in capsys.readouterr().out


def test_no_ratio_is_printed_when_rows_are_lost(capsys, monkeypatch):
    clean = importing.write_clean
    monkeypatch.setattr(importing, "write_clean", lambda file, rows: clean(file, rows - 1))
    assert importing.main(["--rows", "300", "--rounds", "1"]) == 1
    assert "nothing to compare" in capsys.readouterr().out
