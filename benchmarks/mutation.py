"""Do the tests notice when the arithmetic is changed? `python -m benchmarks.mutation [paths] [--sample N --seed S]`.

mutmut changes one thing at a time in a copy of the tree (a comparison, an operator, a constant, an argument, a return)
and runs the tests that reach it: a change that no test notices survives. Not run on Windows, where mutmut cannot fork;
module constants and properties are left as they are.
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
TARGETS = ("models/statistics", "data/queries.py")
LEAST_KILLED = 0.85
# The processors of a small machine, which others may be using too.
AT_ONCE = 2

NOT_COPIED = (".git", ".venv*", ".hypothesis", ".ruff_cache", ".pytest_cache", "__pycache__", "private", "mutants")
# How mutmut writes down what became of a mutant: its exit code. Source: mutmut 3.8.1, stats.py.
KILLED, SURVIVED, UNREACHED = {1, 3, -24, 24, 36, 152, 255, -11, -9}, {0}, {5, 33}

SETTINGS = """
[tool.mutmut]
source_paths = {targets}
also_copy = {copied}
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not browser and not postgresql",
]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
timeout_multiplier = 4.0
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how many changes were noticed and each that was not; 0 if at least 85 % were."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_COPIED))
        prepare(tree, given.paths)
        chosen = _chosen(tree, given.sample, given.seed) if given.sample else []
        _mutmut(tree, "run", "--max-children", str(AT_ONCE), *chosen)
        fates = {name: code for name, code in results(tree).items() if not chosen or name in chosen}
        survivors = sorted(name for name, code in fates.items() if code not in KILLED)
        for name in survivors:
            print(f"\n{name}: {'no test reaches it' if fates[name] in UNREACHED else 'survived'}")
            print("\n".join(changed_lines(_mutmut(tree, "show", name))))
    return verdict(fates.values())


def verdict(codes: Iterable[int | None]) -> int:
    """Prints the count; 0 if enough were killed, else 1."""
    count = Counter("killed" if code in KILLED else "survived" for code in codes)
    total = count.total()
    share = count["killed"] / total if total else 0.0
    print(f"\n{count['killed']} of {total} changes noticed ({share:.1%}); at least {LEAST_KILLED:.0%} needed")
    return 0 if share >= LEAST_KILLED else 1


def prepare(tree: Path, paths: Sequence[str]) -> None:
    """Says in the copy what to change and which tests may notice: those in the folders that mirror the paths."""
    tests = sorted({str(Path("tests", path if (tree / path).is_dir() else Path(path).parent)) for path in paths})
    copied = sorted(entry.name for entry in tree.iterdir() if entry.name != "pyproject.toml")
    settings = SETTINGS.format(targets=json.dumps(list(paths)), copied=json.dumps(copied), tests=json.dumps(tests))
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings)


def results(tree: Path) -> dict[str, int | None]:
    """Every mutant by name and what became of it; None if it was not tried."""
    fates: dict[str, int | None] = {}
    for path in sorted((tree / "mutants").rglob("*.py.meta")):
        fates |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return fates


def changed_lines(shown: str) -> list[str]:
    """The lines of a diff that were taken away and put in."""
    return [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _chosen(tree: Path, sample: int, seed: int) -> list[str]:
    """A few of the mutants, the same for the same seed. A first run that fits none makes them all."""
    _mutmut(tree, "run", "--max-children", str(AT_ONCE), "none of these*")
    names = sorted(results(tree))
    return random.Random(seed).sample(names, min(sample, len(names)))


def _mutmut(tree: Path, *command: str) -> str:
    called = [sys.executable, "-m", "mutmut", *command]
    run = subprocess.run(called, cwd=tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode:
        sys.exit(f"mutmut {command[0]} failed:\n{run.stdout[-4000:]}")
    return run.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__.splitlines()[0])
    existing = [path for path in TARGETS if (ROOT / path).exists()]
    parser.add_argument("paths", nargs="*", default=existing, help=f"what to change (default: {' '.join(TARGETS)})")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="try N changes instead of all")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which N (default 0)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
