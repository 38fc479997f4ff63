"""What the contenders count: a made-up clinic in SQLite, its columnar copy, and pandas frames merged from that copy."""

import time
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas
from sqlalchemy import Engine

from data.analysis import columnar_copy
from data.analysis.query_builder import AnalysisTables, records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.sample.generator import make_sample

DAY = date(2026, 6, 15)  # the day the sample is made for: any day does, the same one makes the same records
CODES = ("area", "product", "lot", "site", "practitioner", "heard", "side_effect", "family", "placed_area")

SCOPE: Scope = WHOLE_CLINIC
PER_TREATMENT, PER_AREA, PER_CLIENT = (Selection(unit=unit, as_of=DAY) for unit in ("treatment", "area", "client"))
MATURE_UNTIL = PER_TREATMENT.past_follow_up_until


def made_up(folder: Path, treatments: int) -> "Clinic":
    """The sample clinic in a new SQLite file in `folder`."""
    records = open_database(f"sqlite:///{folder / 'sequela.db'}")
    start = time.perf_counter()
    make_sample(records, treatments, today=DAY)
    return Clinic(treatments, records, time.perf_counter() - start)


@dataclass
class Clinic:
    """Where each contender counts. `seconds` it took to make up."""

    size: int
    records: Engine
    seconds: float

    @cached_property
    def copy(self) -> AnalysisTables:
        return columnar_copy.build_copy(self.records)[1]

    @cached_property
    def in_sqlite(self) -> AnalysisTables:
        return records_source(self.records)

    @cached_property
    def by_hand(self):
        """A connection of DuckDB's own to the tables of the copy."""
        connection = self.copy.engine.raw_connection().driver_connection.cursor().cursor()
        connection.execute(f"USE {self.copy.treatments.schema}")
        return connection

    @cached_property
    def frames(self) -> "Frames":
        names = ("treatments", "treated_areas", "episodes", "terms_not_asked")
        treated, area, episode, unasked = map(self._frame, names)
        told = ["episode_id", "treatment_id", "side_effect", "placed_area", "reports"]
        course = ["attribution", "days", "ended", "seen_days", "end_exact", "onset_day"]
        here = area.merge(episode[told], on="treatment_id")
        here = here[here.placed_area.isna() | (here.placed_area == here.area)]
        followed = treated.merge(episode[told + course], on="treatment_id")
        return Frames(*map(_as_categories, (treated, area, followed, here, unasked)))

    def _frame(self, table: str) -> pandas.DataFrame:
        return self.by_hand.execute(f"SELECT * FROM {table}").df()

    def said(self) -> str:
        """What there is to count."""
        tables = ("treatments", "treated_areas", "episodes")
        rows = [self.by_hand.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
        held = self.by_hand.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()[0]
        return (
            f"{rows[0]:,} treatments, {rows[1]:,} treated areas by product and lot, {rows[2]:,} side effects, "
            f"made up in {self.seconds:.1f} s; the copy holds {held / 1e6:,.0f} MB."
        )

    def close(self) -> None:
        self.records.dispose()


@dataclass(frozen=True)
class Frames:
    """Merged beforehand: `followed` treatments with their side effects, `here` treated areas with theirs."""

    treated: pandas.DataFrame
    area: pandas.DataFrame
    followed: pandas.DataFrame
    here: pandas.DataFrame
    unasked: pandas.DataFrame


def _as_categories(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Codes as pandas counts them fastest."""
    return frame.astype({name: "category" for name in CODES if name in frame})
