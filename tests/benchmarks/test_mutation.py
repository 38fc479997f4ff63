"""The mutation command: how many changes of the arithmetic the tests notice."""

import json
import sys
import tomllib

import pytest

from benchmarks import mutation


@pytest.mark.parametrize(
    ("outcomes", "exit_code", "printed"),
    [
        (["noticed"] * 17 + ["survived"] * 3, 0, "17 of 20 changes noticed (85.0%)"),
        (["noticed"] * 16 + ["survived"] * 4, 1, "16 of 20 changes noticed (80.0%)"),
        (["noticed", "out of time"], 1, "1 of 2 changes noticed (50.0%); at least 85% needed\n  out of time: 1\n"),
        (["no test reaches it", "not tried"], 1, "0 of 2"),
        ([], 1, "0 of 0"),
    ],
)
def test_at_least_85_percent_of_the_changes_must_be_noticed(outcomes, exit_code, printed, capsys):
    assert mutation.verdict("data/analysis/counts.py", outcomes) == exit_code
    assert f"data/analysis/counts.py: {printed}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("models/statistics", ["tests/models/statistics"]),
        ("models/statistics/proportion.py", ["tests/models/statistics"]),
        (
            "data/analysis/counts.py",
            ["tests/data/analysis/test_counts_by_hand.py", "tests/data/analysis/test_counts.py"],
        ),
    ],
)
def test_the_settings_name_the_changed_path_and_its_tests(path, tests, tmp_path):
    for folder in ("data", "models", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    mutation.prepare(tmp_path, path)
    settings = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    assert settings["source_paths"] == [path]
    assert settings["pytest_add_cli_args_test_selection"] == tests
    assert settings["also_copy"] == ["data", "models", "tests"]


def test_every_listed_path_and_test_exists():
    named = [path for changed, tests in mutation.TESTS.items() for path in (changed, *tests)]
    assert [path for path in named if not (mutation.ROOT / path).exists()] == []


def test_a_failed_test_noticed_the_change_and_a_timeout_did_not(tmp_path):
    codes = {
        "a": {"a.failed": 1, "a.passed": 0},
        "b": {"b.too_long": -24, "b.ended": -9, "b.none": 33, "b.later": None},
    }
    for name, exit_codes in codes.items():
        path = tmp_path / "mutants" / "models" / f"{name}.py.meta"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"exit_code_by_key": exit_codes}), encoding="utf-8")
    assert mutation.fates(tmp_path) == {
        "a.failed": "noticed",
        "a.passed": "survived",
        "b.too_long": "out of time",
        "b.ended": "out of time",
        "b.none": "no test reaches it",
        "b.later": "not tried",
    }


def test_a_change_is_shown_by_its_lines():
    shown = "# name: survived\n--- a.py\n+++ a.py\n@@ -1 +1 @@\n def f():\n-    return 1\n+    return 2\n"
    assert mutation.changed_lines(shown) == ["-    return 1", "+    return 2"]


SUMS = "def added(one, other):\n    return one + other\n\n\ndef doubled(one):\n    return one * 2\n"
PROFILE = "from hypothesis import settings\n\nsettings.register_profile('mutation', max_examples=1)\n"


@pytest.mark.skipif(sys.platform == "win32", reason="mutmut forks")
def test_an_unnoticed_change_is_printed(tmp_path, monkeypatch, capsys):
    files = {
        "pyproject.toml": "[project]\nname = 'sums'\n",
        "sums.py": SUMS,
        "tests/conftest.py": PROFILE,
        "tests/test_sums.py": "import sums\n\n\ndef test_one_and_two_are_three():\n    assert sums.added(1, 2) == 3\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    monkeypatch.setattr(mutation, "TESTS", {"sums.py": ["tests/test_sums.py"]})
    assert mutation.main(["--sample", "3"]) == 1
    printed = capsys.readouterr().out
    assert "sums.x_doubled__mutmut_1: no test reaches it\n-    return one * 2\n+    return one / 2\n" in printed
    assert "sums.py: 1 of 3 changes noticed (33.3%); at least 85% needed\n  no test reaches it: 2\n" in printed
