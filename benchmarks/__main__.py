"""Time the counting: `python -m benchmarks [--sizes 10000,100000] [--rounds N] [--out FILE]` (make benchmark).

Asks the same questions of the columnar copy (data/analysis/columnar_copy.py) through data/analysis/counts.py, of
DuckDB in manual SQL on the same tables, of pandas on frames merged beforehand, and of SQLite through the same
expressions. Answers are compared before any is timed; if two differ, nothing is timed and the exit code is 1.
"""

import argparse
import os
import platform
import shlex
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.contest import AnswersDifferError, Result, Table, contest
from benchmarks.counting import Clinic, made_up
from benchmarks.markdown import markdown
from benchmarks.questions import QUESTIONS

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 7
COLUMNS = ("question", "counted by", "median", "least to most", "rounds", "times ours")


def main(arguments: Sequence[str]) -> int:
    """Print a table for each size; 1 if any answers differ."""
    options = _parse(arguments)
    sections = [_head(arguments)]
    print(sections[0])
    earlier: Table = {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="sequela-benchmark-") as folder:
            clinic = made_up(Path(folder), size)
            try:
                results = list(_results(clinic, options.rounds, earlier))
            except AnswersDifferError as difference:
                print(f"{size:,} treatments: {difference}")
                return 1
            finally:
                clinic.close()
        earlier = {(result.question, result.contender): (size, result.median) for result in results}
        sections.append(f"## {size:,} treatments\n\n{clinic.said()}\n\n{markdown([COLUMNS, *map(line, results)])}")
        print(f"\n{sections[-1]}", flush=True)
    if options.out:
        options.out.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    return 0


def _results(clinic: Clinic, rounds: int, earlier: Table) -> Iterator[Result]:
    for question in QUESTIONS:
        yield from contest(question.name, question.contenders(clinic), clinic.size, rounds, earlier)


def line(result: Result) -> tuple[str, ...]:
    """One contender's row; a ratio above 1 means slower than the copy in the same rounds."""
    if not result.seconds:
        return result.question, result.contender, "not timed", result.why_not, "", ""
    spread = f"{_time(min(result.seconds))} to {_time(max(result.seconds))}"
    return (
        result.question,
        result.contender,
        _time(result.median),
        spread,
        str(len(result.seconds)),
        f"{result.median / result.ours:.2f}",
    )


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 10 else f"{1000 * seconds:,.1f} ms"


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="treatments, separated by commas")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each question; fewer if it is slow")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    return parser.parse_args(arguments)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _head(arguments: Sequence[str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "sqlalchemy"))
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"# Speed of counting\n\n`{shlex.join(['python', '-m', 'benchmarks', *arguments])}`, {date.today()}: "
        f"{os.cpu_count()} cores, load average {load} at the start; Python {platform.python_version()}, {versions}, "
        f"SQLite {sqlite3.sqlite_version}.\n\n"
        "All answers were equal before any was timed. Contenders take turns in each round; "
        "on a busy machine, trust the ratios."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
