"""Do the tests notice when the arithmetic is changed? `python -m benchmarks.mutation [paths] [--sample N --seed S]`.

mutmut changes one thing at a time in a copy of the tree (a comparison, an operator, a constant, an argument, a return)
and runs the tests that reach it: a change that no test notices survives. Not run on Windows, where mutmut cannot fork;
module constants and properties are left as they are.

A change counts as noticed when a test fails. One whose tests ran out of time does not, though its loop may well be
endless: whether it is, or this machine was busy, cannot be told apart.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
# What is changed, and the tests that may notice: quick ones that need no disk. Counts are made on SQLite, because a
# forked process can go on with neither DuckDB's threads nor the connections to a PostgreSQL server.
TESTS = {
    "models/statistics": ["tests/models/statistics"],
    "data/analysis/counts.py": ["tests/data/analysis/test_counts_by_hand.py", "tests/data/analysis/test_counts.py"],
    "data/analysis/scope.py": ["tests/data/analysis/test_counts_by_hand.py", "tests/data/analysis/test_counts.py"],
}
LEAST_NOTICED = 0.85
# The processors of a small machine, which others may be using too.
AT_ONCE = 2

NOT_COPIED = (".git", ".venv*", ".hypothesis", ".ruff_cache", ".pytest_cache", "__pycache__", "private", "mutants")
# How mutmut writes down what became of a mutant: its exit code. Source: mutmut 3.8.1, stats.py.
# -9 is the kill that follows when the end of the time allowed was not obeyed.
FATES = {
    **dict.fromkeys((1, 3, -11), "noticed"),
    **dict.fromkeys((-24, 24, 36, 152, 255, -9), "out of time"),
    **dict.fromkeys((5, 33), "no test reaches it"),
}

SETTINGS = """
[tool.mutmut]
source_paths = [{path}]
also_copy = {copied}
pytest_add_cli_args = ["-p", "no:cacheprovider", "--hypothesis-profile=mutation", "--hypothesis-seed=0"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
timeout_constant = 5.0
timeout_multiplier = 4.0
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how many changes were noticed and each that was not; 0 if at least 85 % were, of every path."""
    given = _parser().parse_args(arguments)
    return max([_tried(path, given.sample, given.seed) for path in given.paths])


def _tried(path: str, sample: int, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_COPIED))
        prepare(tree, path)
        chosen = _chosen(tree, sample, seed) if sample else []
        _mutmut(tree, "run", "--max-children", str(AT_ONCE), *chosen)
        found = {name: fate for name, fate in fates(tree).items() if not chosen or name in chosen}
        for name in sorted(name for name, fate in found.items() if fate != "noticed"):
            print(f"\n{name}: {found[name]}")
            print("\n".join(changed_lines(_mutmut(tree, "show", name))))
    return verdict(path, found.values())


def verdict(path: str, found: Iterable[str]) -> int:
    """Prints the count; 0 if enough were noticed, else 1."""
    count = Counter(found)
    total = count.total()
    share = count["noticed"] / total if total else 0.0
    print(f"\n{path}: {count['noticed']} of {total} changes noticed ({share:.1%}); at least {LEAST_NOTICED:.0%} needed")
    print("\n".join(f"  {fate}: {n}" for fate, n in sorted(count.items()) if fate != "noticed"))
    return 0 if share >= LEAST_NOTICED else 1


def prepare(tree: Path, path: str) -> None:
    """Says in the copy what to change and which tests may notice."""
    tests = [test for changed, tests in TESTS.items() if Path(path).is_relative_to(changed) for test in tests]
    copied = sorted(entry.name for entry in tree.iterdir() if entry.name != "pyproject.toml")
    settings = SETTINGS.format(path=json.dumps(path), copied=json.dumps(copied), tests=json.dumps(tests))
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings)


def fates(tree: Path) -> dict[str, str]:
    """Every mutant by name and what became of it."""
    found: dict[str, str] = {}
    for path in sorted((tree / "mutants").rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found |= {name: "not tried" if code is None else FATES.get(code, "survived") for name, code in codes.items()}
    return found


def changed_lines(shown: str) -> list[str]:
    """The lines of a diff that were taken away and put in."""
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _chosen(tree: Path, sample: int, seed: int) -> list[str]:
    """A few of the mutants, the same for the same seed. mutmut makes them all before it finds none of a name."""
    _mutmut(tree, "run", "--max-children", str(AT_ONCE), "none of these", refused=True)
    names = sorted(fates(tree))
    return random.Random(seed).sample(names, min(sample, len(names)))


def _mutmut(tree: Path, *command: str, refused: bool = False) -> str:
    called = [sys.executable, "-m", "mutmut", *command]
    run = subprocess.run(called, cwd=tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode and not refused:
        sys.exit(f"mutmut {command[0]} failed:\n{run.stdout[-4000:]}")
    return run.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=list(TESTS), help=f"of or in {', '.join(TESTS)} (default: all)")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="try N changes instead of all")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which N (default 0)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
