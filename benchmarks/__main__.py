"""Counting, measured: `python -m benchmarks [--sizes 10000,100000] [--rounds N] [--out FILE]` (make benchmark).

The same questions put to the columnar copy (data/analysis/columnar_copy.py) through data/analysis/counts.py, to DuckDB
in SQL written by hand
on the same tables, to pandas on frames merged beforehand, and to SQLite through the same expressions. All answers are
compared before any is timed; where two differ, nothing is timed and the exit code is 1. Writes nothing but --out.
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

from benchmarks.contest import Differ, Result, Table, contest
from benchmarks.counting import Clinic, made_up
from benchmarks.markdown import markdown
from benchmarks.questions import QUESTIONS

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 7
COLUMNS = ("question", "counted by", "median", "least to most", "rounds", "times ours")


def main(arguments: Sequence[str]) -> int:
    """Prints a table per size as it is measured; 1 if any answers differ."""
    asked = _asked(arguments)
    told = [_head(arguments)]
    print(told[0])
    earlier: Table = {}
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="sequela-benchmark-") as folder:
            clinic = made_up(Path(folder), size)
            try:
                results = list(_results(clinic, asked.rounds, earlier))
            except Differ as difference:
                print(f"{size:,} treatments: {difference}")
                return 1
            finally:
                clinic.close()
        earlier = {(result.question, result.contender): (size, result.median) for result in results}
        told.append(f"## {size:,} treatments\n\n{clinic.said()}\n\n{markdown([COLUMNS, *map(line, results)])}")
        print(f"\n{told[-1]}", flush=True)
    if asked.out:
        asked.out.write_text("\n\n".join(told) + "\n", encoding="utf-8")
    return 0


def _results(clinic: Clinic, rounds: int, earlier: Table) -> Iterator[Result]:
    for question in QUESTIONS:
        yield from contest(question.name, question.contenders(clinic), clinic.size, rounds, earlier)


def line(result: Result) -> tuple[str, ...]:
    """One contender of one question. A ratio above 1: it took longer than the copy did in the same rounds."""
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


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help="treatments, separated by commas")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each question, fewer where it is slow")
    parser.add_argument("--out", type=Path, help="writes the tables to this file as well")
    return parser.parse_args(arguments)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _head(arguments: Sequence[str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "sqlalchemy"))
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not told"
    return (
        f"# Counting, measured\n\n`{shlex.join(['python', '-m', 'benchmarks', *arguments])}`, {date.today()}: "
        f"{os.cpu_count()} cores, load average {busy} at the start; Python {platform.python_version()}, {versions}, "
        f"SQLite {sqlite3.sqlite_version}.\n\n"
        "Each answer was equal to all others before any was timed. Times are of the same rounds, in turn; "
        "on a busy machine trust the ratios."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
