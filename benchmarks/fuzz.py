"""Read mangled files: each must give a table or a declared problem, within the limits on time and memory.

    python -m benchmarks.fuzz --minutes 10 [--seed 1] [--most 1000]

Each case is read in a process of its own within the limits of a real import. A file that fails is kept in
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
from data.schema.date_columns import PartialDate
from data.schema.number_columns import Number
from data.tabular.table import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS

FAILED_FILES = Path(__file__).parent / "results" / "fuzz"

MAX_SECONDS_PER_CASE = 20  # the files are small: a longer case hangs
MIN_MESSAGE_CHARACTERS = 30  # a sentence that says what is wrong and what to do
FORBIDDEN_CHARACTERS = frozenset("\0\x1e\x1f\r")  # in any cell


@dataclass
class Report:
    """How often each outcome occurred, the failures, and the seconds of the slowest case."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def run(seconds: float, seed: int, keep: Path | None = None, most: int | None = None) -> Report:
    """Run cases for `seconds`, at most `most` of them; `keep` is a folder for the files that fail."""
    report, begun = Report(), time.monotonic()
    for number, (name, content) in enumerate(itertools.islice(mangled_files(random.Random(seed)), most)):
        started = time.monotonic()
        if started - begun > seconds:
            break
        outcome, why = examine_in_process(name, content)
        report.slowest = max(report.slowest, time.monotonic() - started)
        report.outcomes[f"{Path(name).suffix[1:]} {outcome}"] += 1
        if outcome == "FAILED":
            report.failures.append(f"seed {seed}, case {number}, {name}:\n{why}")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number}-{name}").write_bytes(content)
    return report


def examine(name: str, content: bytes) -> str:
    """Read a file as an import does and check the tables. Raises AssertionError, or any error of the reader."""
    try:
        tables = read_tables_here(name, content, hidden_sheets=True)
    except UnreadableFileError as problem:
        assert str(problem).startswith(name), str(problem)
        assert len(str(problem)) > len(name) + MIN_MESSAGE_CHARACTERS, str(problem)
        return "refused"
    for table in tables:
        require_valid_table(table)
        for cells in zip(*table.rows, strict=True):
            rows = dict(zip(cells, table.row_numbers, strict=True))
            PartialDate().parse_column(rows, epoch=table.epoch)
            Number().parse_column(rows)
        require_valid_table(remove_identifiers(table))
    return "read"


def require_valid_table(table: Table) -> None:
    """Raise AssertionError if a table breaks a promise of its definition."""
    assert len(set(map(str.casefold, table.columns))) == len(table.columns) <= MAX_COLUMNS, table.columns
    assert len(table.rows) == len(table.row_numbers) <= MAX_ROWS
    assert list(table.row_numbers) == sorted(set(table.row_numbers))
    for row in table.rows:
        assert len(row) == len(table.columns)
        assert all(len(cell) <= MAX_CELL_CHARACTERS and FORBIDDEN_CHARACTERS.isdisjoint(cell) for cell in row), row
    for fault in table.faults:
        assert fault.message and (fault.column is None or fault.column in table.columns), fault


def examine_in_process(name: str, content: bytes) -> tuple[str, str]:
    """The outcome and the reason: read, refused, ended (by a limit, which an import reports) or FAILED."""
    if not hasattr(os, "fork"):
        return _read_without_fork(name, content)
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
        return "FAILED", f"took more than {MAX_SECONDS_PER_CASE} seconds"
    return outcome or "ended", why


def _answer(sink: int, name: str, content: bytes) -> None:
    """In the forked process: write the outcome, and the reason on the next lines. Never returns."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        set_resource_limits()
        signal.alarm(MAX_SECONDS_PER_CASE)
        answer = examine(name, content)
    except MemoryError:
        answer = "ended"
    except Exception:
        answer = f"FAILED\n{traceback.format_exc(limit=-4)}"
    except BaseException:  # a panic of the parser ends the process, and an import reports it
        answer = "ended"
    os.write(sink, answer.encode()[:4_000])
    os._exit(0)


def _read_without_fork(name: str, content: bytes) -> tuple[str, str]:
    """For systems without fork."""
    try:
        for table in read_tables(name, content, hidden_sheets=True):
            require_valid_table(table)
    except UnreadableFileError:
        return "refused", ""
    except Exception:
        return "FAILED", traceback.format_exc(limit=-4)
    return "read", ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--most", type=int, help="read at most this many files")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    report = run(60 * options.minutes, options.seed, FAILED_FILES, options.most)
    print(f"{report.outcomes.total():,} files in {options.minutes:g} minutes, seed {options.seed}")
    print(f"each within {MAX_MEMORY_BYTES // 1024**2:,} MB of memory; the slowest took {report.slowest:.1f} s")
    for outcome, times in sorted(report.outcomes.items()):
        print(f"  {outcome}: {times:,}")
    for failure in report.failures[:20]:
        print(f"\n{failure}")
    return bool(report.failures)


if __name__ == "__main__":
    sys.exit(main())
