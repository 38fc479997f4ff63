"""Time an import: `python -m benchmarks.importing [--rows N] [--rounds N]`.

Reads, checks and stores a clean CSV of our Treatments sheet, and in turns has pandas read_csv and to_sql store the same
columns in SQLite under the same settings. Stored rows are counted before a time is printed. Reports elapsed and
processor seconds (the process that reads the file included).
"""

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pandas
from sqlalchemy import func, select

from data.database.engine import open_database, write_transaction
from data.importing.pipeline import import_files
from models import codelist
from models.records import Injection, Treatment

ROWS, ROUNDS = 100_000, 5
HEADINGS = (
    "treatment_id", "date", "site", "practitioner", "client", "area", "side", "product", "lot", "expiry", "units",
    "points", "year_of_birth", "sex",
)  # fmt: skip
Seconds = tuple[float, float]  # elapsed, processor


def main(arguments: Sequence[str]) -> int:
    """Print both times and their ratio; 1 if they did not store the same number of rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description="How long an import takes.")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    options = parser.parse_args(arguments)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="sequela-benchmark-") as folder:
        file = Path(folder) / "treatments.csv"
        visits = write_clean(file, options.rows)
        for turn in range(options.rounds):
            for times, store in ((ours, _ours), (theirs, _theirs)):
                database = Path(folder) / f"{turn}{store.__name__}.db"
                seconds, stored = store(file, database)
                times.append(seconds)
                expected = {"rows": options.rows} | ({"treatments": visits} if store is _ours else {})
                if stored != expected:
                    print(f"{store.__name__} stored {stored}, not {expected}: nothing to compare")
                    return 1
                database.unlink()
    for name, times in (("import", ours), ("read_csv and to_sql", theirs)):
        print(f"{name}: {_median(times, 0):.2f} s elapsed, {_median(times, 1):.2f} s of processor time")
    ratios = [tuple(a / b for a, b in zip(*turn, strict=True)) for turn in zip(ours, theirs, strict=True)]
    ratio = ", ".join(f"{_median(ratios, n):.1f} times the {of} time" for n, of in enumerate(("elapsed", "processor")))
    print(f"{options.rows:,} rows, {options.rounds} turns: {ratio} (medians of the turns).")
    return 0


def write_clean(file: Path, rows: int) -> int:
    """Write visits of one to three areas by some 15,000 clients over seven years; return the number of visits."""
    rng, areas, written, visits = Random(1), sorted(codelist.areas())[:8], 0, 0
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(HEADINGS)
        while written < rows:
            visits += 1
            client = rng.randrange(15_000)
            day = f"{rng.randrange(2019, 2026)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            for area in rng.sample(areas, min(rows - written, rng.randint(1, 3))):
                units, points = rng.choice((4, 8, 10, 12.5, 20)), rng.randint(1, 6)
                lines.writerow((
                    f"V{visits}", day, "north", f"P{visits % 7}", f"C{client}", area, "both", "botox_cosmetic",
                    f"L{visits % 200}", f"{2026 + visits % 200 % 3}-01-31", units, points, 1950 + client % 50, "female",
                ))  # fmt: skip
                written += 1
    return visits


def _ours(file: Path, database: Path) -> tuple[Seconds, dict[str, int]]:
    records = open_database(f"sqlite:///{database}")
    seconds = _timed(lambda: import_files(records, [file]))
    with records.connect() as connection:
        rows, treatments = (connection.scalar(select(func.count(t.id))) for t in (Injection, Treatment))
    records.dispose()
    return seconds, {"rows": rows, "treatments": treatments}


def _theirs(file: Path, database: Path) -> tuple[Seconds, dict[str, int]]:
    records = open_database(f"sqlite:///{database}")  # the same file settings

    def store() -> None:
        with write_transaction(records) as connection:
            pandas.read_csv(file).to_sql("plain", connection, index=False)

    seconds = _timed(store)
    with records.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM plain").scalar()
    records.dispose()
    return seconds, {"rows": rows}


def _timed(work: Callable[[], object]) -> Seconds:
    clock, before = time.perf_counter(), _processor_seconds()
    work()
    return time.perf_counter() - clock, _processor_seconds() - before


def _processor_seconds() -> float:
    """Processor seconds so far; our own from process_time, because os.times counts in hundredths."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _median(times: Sequence[Seconds], which: int) -> float:
    return statistics.median(seconds[which] for seconds in times)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as keys:
        os.environ.setdefault("SEQUELA_KEY_FILE", str(Path(keys) / "pseudonym.key"))
        sys.exit(main(sys.argv[1:]))
