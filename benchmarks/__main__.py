"""python -m benchmarks: counting on the copy beside hand-written DuckDB SQL, pandas on merged frames, and plain SQLite.

Every alternative counts treatments, known outcomes and treatments with a side effect placed in the area, per month and
area. Their results must be equal before anything is timed; times are medians of one run on this machine, so read the
ratios.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import duckdb
import pandas as pd

from data import queries
from data.database import open_database
from data.mirror import fill
from data.sample import make_sample
from data.scope import WHOLE_CLINIC
from data.selection import Selection
from data.source import records_source

SIZES = (10_000, 100_000, 1_000_000)
RUNS = 5
TODAY = date(2026, 11, 22)  # the same clinic on every day
SLOWEST = 100_000  # treatments up to which plain SQLite is asked: beyond, one count takes minutes
ASKED = Selection(unit="area", as_of=TODAY)
Counted = dict[tuple[int, str], tuple[int, int, int]]

HAND_WRITTEN = """
SELECT a.month, a.area, count(DISTINCT e.unit_id), count(DISTINCT CASE WHEN a.known THEN a.unit_id END),
       count(DISTINCT a.unit_id)
FROM area a
LEFT JOIN (SELECT DISTINCT unit_id FROM area JOIN effect
           ON effect.treatment_id = area.treatment_id AND effect.placed_area = area.area) e ON e.unit_id = a.unit_id
GROUP BY a.month, a.area
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="treatments, separated by commas")
    sizes = [int(size) for size in parser.parse_args(arguments).sizes.split(",")]
    print(f"{'treatments':>12}  {'what':<34}{'median ms':>10}  of ours")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="sequela-benchmark-") as folder:
            _measure(size, Path(folder))
    return 0


def _measure(size: int, folder: Path) -> None:
    engine = open_database(f"sqlite:///{folder / 'records.db'}")
    make_sample(engine, size, seed=1, today=TODAY)
    begun = time.perf_counter()
    source = fill(engine)[1]
    filled = time.perf_counter() - begun
    frames = _frames(source)
    ways: dict[str, Callable[[], Counted]] = {
        "ours, on the copy": lambda: _ours(source),
        "DuckDB by hand, on joined tables": lambda: _by_hand(frames),
        "pandas, on merged frames": lambda: _pandas(frames),
    }
    if size <= SLOWEST:
        plain = records_source(engine)
        ways["the same expressions, on SQLite"] = lambda: _ours(plain)
    _must_agree({name: way() for name, way in ways.items()})
    ours = None
    print(f"{size:>12,}  {'filling the copy':<34}{1000 * filled:>10,.0f}")
    for name, way in ways.items():
        taken = _timed(way, 1 if "SQLite" in name else RUNS)
        ours = ours or taken
        print(f"{size:>12,}  {name:<34}{1000 * taken:>10,.1f}  {taken / ours:.1f} times", flush=True)
    engine.dispose()


def _timed(way: Callable[[], Counted], runs: int) -> float:
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        way()
        times.append(time.perf_counter() - begun)
    return median(times)


def _must_agree(counted: dict[str, Counted]) -> None:
    names = list(counted)
    for other in names[1:]:
        if counted[other] != counted[names[0]]:
            sys.exit(f"{other} counts otherwise than {names[0]}: nothing was timed.")


def _ours(source) -> Counted:
    found = queries.counts(source, WHOLE_CLINIC, ASKED, ("month", "area"))
    return {tuple(value for _, value in c.by): (c.events, c.known, c.total) for c in found}


def _frames(source) -> dict[str, pd.DataFrame]:
    """What a person would have joined beforehand."""
    area, effect = source.treated_area, source.episode
    columns = ["unit_id", "treatment_id", "month", "area", "known"]
    rows = source.rows(area.select().with_only_columns(*(area.c[name] for name in columns)))
    effects = ["treatment_id", "placed_area"]
    placed = source.rows(effect.select().with_only_columns(*(effect.c[name] for name in effects)))
    return {"area": pd.DataFrame(rows, columns=columns), "effect": pd.DataFrame(placed, columns=effects).dropna()}


def _by_hand(frames: dict[str, pd.DataFrame]) -> Counted:
    connection = _tables(id(frames), frames)
    return {(m, a): (e, k, t) for m, a, e, k, t in connection.execute(HAND_WRITTEN).fetchall()}


_connections: dict[int, duckdb.DuckDBPyConnection] = {}


def _tables(key: int, frames: dict[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    if key not in _connections:
        connection = _connections[key] = duckdb.connect()
        for name, frame in frames.items():
            connection.register("arriving", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arriving")
    return _connections[key]


def _pandas(frames: dict[str, pd.DataFrame]) -> Counted:
    area = frames["area"].drop_duplicates("unit_id")
    hit = frames["effect"].rename(columns={"placed_area": "area"}).drop_duplicates()
    merged = area.merge(hit.assign(hit=True), on=["treatment_id", "area"], how="left")
    merged["hit"] = merged["hit"].notna()
    grouped = merged.groupby(["month", "area"], sort=False).agg(
        events=("hit", "sum"), known=("known", "sum"), total=("unit_id", "size")
    )
    return {key: tuple(map(int, row)) for key, row in zip(grouped.index, grouped.to_numpy(), strict=True)}


if __name__ == "__main__":
    sys.exit(main())
