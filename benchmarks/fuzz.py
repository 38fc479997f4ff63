"""Feeds mangled files to the reading of tables: nothing but declared problems may come out, none may hang or swell.

    python -m benchmarks.fuzz --minutes 10 [--seed 1] [--most 1000]

Each case is read in a process of its own within the bounds of a real import. A file that fails is kept in
benchmarks/results/fuzz; the same seed makes the same cases.
"""

import argparse
import itertools
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.mangled import mangled_files
from data.files import Table, UnreadableFileError, read_tables
from data.files.__main__ import MAX_MEMORY_BYTES, set_resource_limits
from data.files.file_reader import read_tables_here
from data.privacy.identifier_removal import remove_identifiers
from data.schema.date_columns import read_dates
from data.schema.number_columns import read_numbers
from data.tabular.table import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS

KEPT = Path(__file__).parent / "results" / "fuzz"

SECONDS_A_CASE = 20  # the files are small: what takes longer hangs
BRIEFEST_MESSAGE = 30  # characters: a sentence that says what and what to do
INSIDE_OUT = frozenset("\0\x1e\x1f\r")  # characters that no cell may hold


@dataclass
class Report:
    """What became of the cases: how often each outcome, what failed, the longest in seconds."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def run(seconds: float, seed: int, keep: Path | None = None, most: int | None = None) -> Report:
    """Runs cases for so long, or so many at most. keep: a folder for the files that failed."""
    report, begun = Report(), time.monotonic()
    for number, (name, content) in enumerate(itertools.islice(mangled_files(random.Random(seed)), most)):
        started = time.monotonic()
        if started - begun > seconds:
            break
        outcome, why = in_a_process_apart(name, content)
        report.slowest = max(report.slowest, time.monotonic() - started)
        report.outcomes[f"{Path(name).suffix[1:]} {outcome}"] += 1
        if outcome == "FAILED":
            report.failures.append(f"seed {seed}, case {number}, {name}:\n{why}")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number}-{name}").write_bytes(content)
    return report


def examine(name: str, content: bytes) -> str:
    """Reads a file as an import does, and looks at what comes out. Raises AssertionError, or whatever went wrong."""
    try:
        tables = read_tables_here(name, content, hidden_sheets=True)
    except UnreadableFileError as problem:
        assert str(problem).startswith(name), str(problem)
        assert len(str(problem)) > len(name) + BRIEFEST_MESSAGE, str(problem)
        return "refused"
    for table in tables:
        expect_sound(table)
        for cells in zip(*table.rows, strict=True):
            read_dates(cells, table.row_numbers, epoch=table.epoch)
            read_numbers(cells, table.row_numbers)
        expect_sound(remove_identifiers(table))
    return "read"


def expect_sound(table: Table) -> None:
    """A table as its definition promises. Raises AssertionError."""
    assert len(set(map(str.casefold, table.columns))) == len(table.columns) <= MAX_COLUMNS, table.columns
    assert len(table.rows) == len(table.row_numbers) <= MAX_ROWS
    assert list(table.row_numbers) == sorted(set(table.row_numbers))
    for row in table.rows:
        assert len(row) == len(table.columns)
        assert all(len(cell) <= MAX_CELL_CHARACTERS and INSIDE_OUT.isdisjoint(cell) for cell in row), row
    for fault in table.faults:
        assert fault.message and (fault.column is None or fault.column in table.columns), fault


def in_a_process_apart(name: str, content: bytes) -> tuple[str, str]:
    """read, refused, ended (by a bound, which an import would tell) or FAILED; and why."""
    if not hasattr(os, "fork"):
        return _through_the_front_door(name, content)
    source, sink = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        _answer(sink, name, content)
    os.close(sink)
    with os.fdopen(source, "rb") as answer:
        outcome, _, why = answer.read().decode(errors="replace").partition("\n")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
        return "FAILED", f"took more than {SECONDS_A_CASE} seconds"
    return outcome or "ended", why


def _answer(sink: int, name: str, content: bytes) -> None:
    """In the forked process: the outcome, and on the next lines why. Never comes back."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        set_resource_limits()
        signal.alarm(SECONDS_A_CASE)
        told = examine(name, content)
    except MemoryError:
        told = "ended"
    except Exception:
        told = f"FAILED\n{traceback.format_exc(limit=-4)}"
    except BaseException:  # a panic of the parser: the process would end, and the import would say so
        told = "ended"
    os.write(sink, told.encode()[:4_000])
    os._exit(0)


def _through_the_front_door(name: str, content: bytes) -> tuple[str, str]:
    """Where processes can't be forked."""
    try:
        for table in read_tables(name, content, hidden_sheets=True):
            expect_sound(table)
    except UnreadableFileError:
        return "refused", ""
    except Exception:
        return "FAILED", traceback.format_exc(limit=-4)
    return "read", ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--most", type=int, help="so many files and no more, however fast this machine is")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    told = parser.parse_args()
    report = run(60 * told.minutes, told.seed, KEPT, told.most)
    print(f"{report.outcomes.total():,} files in {told.minutes:g} minutes, seed {told.seed}")
    print(f"each within {MAX_MEMORY_BYTES // 1024**2:,} MB of memory, the slowest in {report.slowest:.1f} s")
    for outcome, times in sorted(report.outcomes.items()):
        print(f"  {outcome}: {times:,}")
    for failure in report.failures[:20]:
        print(f"\n{failure}")
    return bool(report.failures)


if __name__ == "__main__":
    sys.exit(main())
