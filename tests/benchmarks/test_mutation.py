"""The command that changes the arithmetic to see whether the tests notice."""

import json
import tomllib

import pytest

from benchmarks import mutation


@pytest.mark.parametrize(
    ("codes", "exit_code", "said"),
    [
        ([1] * 17 + [0] * 3, 0, "17 of 20 changes noticed (85.0%)"),
        ([1] * 16 + [0] * 4, 1, "16 of 20 changes noticed (80.0%)"),
        # Not reached by any test, or never tried, is not noticed; out of time is.
        ([33, None], 1, "0 of 2"),
        ([36, -24, 1], 0, "3 of 3"),
        ([], 1, "0 of 0"),
    ],
)
def test_at_least_eighty_five_percent_of_the_changes_must_be_noticed(codes, exit_code, said, capsys):
    assert mutation.verdict(codes) == exit_code
    assert said in capsys.readouterr().out


def test_the_tests_that_mirror_the_changed_paths_are_the_ones_that_may_notice(tmp_path):
    (tmp_path / "models" / "statistics").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    mutation.prepare(tmp_path, ["models/statistics", "data/queries.py"])
    settings = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    assert settings["source_paths"] == ["models/statistics", "data/queries.py"]
    assert settings["pytest_add_cli_args_test_selection"] == ["tests/data", "tests/models/statistics"]
    assert settings["also_copy"] == ["data", "models"]


def test_the_fate_of_every_change_is_gathered_from_all_files(tmp_path):
    for name, fates in (("a", {"a.one": 1}), ("b", {"b.two": 0, "b.three": None})):
        path = tmp_path / "mutants" / "models" / f"{name}.py.meta"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"exit_code_by_key": fates}), encoding="utf-8")
    assert mutation.results(tmp_path) == {"a.one": 1, "b.two": 0, "b.three": None}


def test_a_change_is_shown_by_the_lines_it_touches():
    shown = "# name: survived\n--- a.py\n+++ a.py\n@@ -1 +1 @@\n def f():\n-    return 1\n+    return 2\n"
    assert mutation.changed_lines(shown) == ["-    return 1", "+    return 2"]
