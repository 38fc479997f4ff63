"""Check that the tests detect changed arithmetic: `python -m benchmarks.mutation [paths] [--sample N --seed S]`.

mutmut changes one thing at a time in a copy of the tree (a comparison, an operator, a constant, an argument, a return)
and runs the tests that reach it. It needs fork, so it does not run on Windows; it leaves module constants and
properties unchanged.

A change counts as noticed when a test fails, not when its tests run out of time: an endless loop looks like a busy
machine.
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
# Changed path -> the tests that may notice: quick ones that need no disk. They count on SQLite, because neither
# DuckDB's threads nor connections to PostgreSQL survive a fork.
TESTS = {
    "models/statistics": ["tests/models/statistics"],
    "data/analysis/counts.py": ["tests/data/analysis/test_counts_by_hand.py", "tests/data/analysis/test_counts.py"],
    "data/analysis/scope.py": ["tests/data/analysis/test_counts_by_hand.py", "tests/data/analysis/test_counts.py"],
}
MIN_NOTICED_SHARE = 0.85
MAX_PROCESSES = 2

NOT_COPIED = (".git", ".venv*", ".hypothesis", ".ruff_cache", ".pytest_cache", "__pycache__", "private", "mutants")
# The exit code of each mutant, as mutmut records it. Source: mutmut 3.8.1, stats.py.
# -9 is the kill that follows an ignored timeout.
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
    """Print how many changes were noticed, and each that was not; 0 if at least 85% were for every path."""
    options = _parser().parse_args(arguments)
    return max([_test_mutants(path, options.sample, options.seed) for path in options.paths])


def _test_mutants(path: str, sample: int, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_COPIED))
        prepare(tree, path)
        chosen = _chosen(tree, sample, seed) if sample else []
        _mutmut(tree, "run", "--max-children", str(MAX_PROCESSES), *chosen)
        found = {name: fate for name, fate in fates(tree).items() if not chosen or name in chosen}
        for name in sorted(name for name, fate in found.items() if fate != "noticed"):
            print(f"\n{name}: {found[name]}")
            print("\n".join(changed_lines(_mutmut(tree, "show", name))))
    return verdict(path, found.values())


def verdict(path: str, outcomes: Iterable[str]) -> int:
    """Print the count; 0 if enough were noticed, else 1."""
    count = Counter(outcomes)
    total = count.total()
    share = count["noticed"] / total if total else 0.0
    needed = f"at least {MIN_NOTICED_SHARE:.0%} needed"
    print(f"\n{path}: {count['noticed']} of {total} changes noticed ({share:.1%}); {needed}")
    print("\n".join(f"  {fate}: {n}" for fate, n in sorted(count.items()) if fate != "noticed"))
    return 0 if share >= MIN_NOTICED_SHARE else 1


def prepare(tree: Path, path: str) -> None:
    """Write mutmut's settings into the copy: what to change and which tests to run."""
    tests = [test for changed, tests in TESTS.items() if Path(path).is_relative_to(changed) for test in tests]
    copied = sorted(entry.name for entry in tree.iterdir() if entry.name != "pyproject.toml")
    settings = SETTINGS.format(path=json.dumps(path), copied=json.dumps(copied), tests=json.dumps(tests))
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings)


def fates(tree: Path) -> dict[str, str]:
    """Outcome of every mutant by name."""
    found: dict[str, str] = {}
    for path in sorted((tree / "mutants").rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found |= {name: "not tried" if code is None else FATES.get(code, "survived") for name, code in codes.items()}
    return found


def changed_lines(shown: str) -> list[str]:
    """The removed and added lines of a diff."""
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _chosen(tree: Path, sample: int, seed: int) -> list[str]:
    """A sample of the mutants. mutmut generates them all before it reports that no name matches."""
    _mutmut(tree, "run", "--max-children", str(MAX_PROCESSES), "no such mutant", refused=True)
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
