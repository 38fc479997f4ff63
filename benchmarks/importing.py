"""Importing, measured: `python -m benchmarks.importing [--rows N] [--rounds N]`.

A clean CSV of our Treatments sheet, read, checked and stored as records, beside pandas' read_csv and to_sql of the
same columns into SQLite under the same settings, turn by turn. What both stored is counted before a time is told.
Seconds of the clock and of processors (the process that reads the file is counted in). Writes nothing that stays.
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
Seconds = tuple[float, float]  # of the clock, of processors


def main(arguments: Sequence[str]) -> int:
    """Prints both times and how many times as long ours took; 1 if they did not store the same number of rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description="How long an import takes.")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    asked = parser.parse_args(arguments)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="sequela-benchmark-") as folder:
        file = Path(folder) / "treatments.csv"
        visits = write_clean(file, asked.rows)
        for turn in range(asked.rounds):
            for times, store in ((ours, _ours), (theirs, _theirs)):
                database = Path(folder) / f"{turn}{store.__name__}.db"
                seconds, stored = store(file, database)
                times.append(seconds)
                expected = {"rows": asked.rows} | ({"treatments": visits} if store is _ours else {})
                if stored != expected:
                    print(f"{store.__name__} stored {stored}, not {expected}: nothing to compare")
                    return 1
                database.unlink()
    for name, times in (("import", ours), ("read_csv and to_sql", theirs)):
        print(f"{name}: {_median(times, 0):.2f} s, {_median(times, 1):.2f} s of processors")
    ratios = [tuple(a / b for a, b in zip(*turn, strict=True)) for turn in zip(ours, theirs, strict=True)]
    said = ", ".join(f"{_median(ratios, n):.1f} times as long {of}" for n, of in enumerate(("by the clock", "of work")))
    print(f"{asked.rows:,} rows, {asked.rounds} turns: {said} (medians of the turns).")
    return 0


def write_clean(file: Path, rows: int) -> int:
    """Visits of one to three areas by some 15,000 clients in seven years; gives how many visits."""
    chance, areas, written, visits = Random(1), sorted(codelist.areas())[:8], 0, 0
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(HEADINGS)
        while written < rows:
            visits += 1
            client = chance.randrange(15_000)
            day = f"{chance.randrange(2019, 2026)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
            for area in chance.sample(areas, min(rows - written, chance.randint(1, 3))):
                units, points = chance.choice((4, 8, 10, 12.5, 20)), chance.randint(1, 6)
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
    clock, before = time.perf_counter(), _worked()
    work()
    return time.perf_counter() - clock, _worked() - before


def _worked() -> float:
    """Seconds of processors so far, ours in fine steps: what os.times counts in hundredths can be nothing at all."""
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system


def _median(times: Sequence[Seconds], which: int) -> float:
    return statistics.median(one[which] for one in times)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as keys:
        os.environ.setdefault("SEQUELA_KEY_FILE", str(Path(keys) / "pseudonym.key"))
        sys.exit(main(sys.argv[1:]))
