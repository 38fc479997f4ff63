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
from models import codelist

DAY = date(2026, 6, 15)  # the day the sample is made for: any day does, the same one makes the same records
CODES = ("area", "product", "lot", "site", "practitioner", "heard", "side_effect", "family", "placed_area")
COPY, BY_HAND, PANDAS, SQLITE = "the copy", "DuckDB by hand", "pandas", "SQLite"

SCOPE: Scope = WHOLE_CLINIC
PER_TREATMENT, PER_AREA, PER_CLIENT = (Selection(unit=unit, as_of=DAY) for unit in ("treatment", "area", "client"))
PAST_FOLLOW_UP_UNTIL = PER_TREATMENT.past_follow_up_until
# The day from which asking counts for every side effect, as questions about all of them together need it.
ASKED_FROM = max(family.asked_from for family in codelist.families().values())


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
        names = ("treatments", "treated_areas", "episodes", "incomplete_checklists")
        treatments, treated_areas, episodes, incomplete_checklists = map(self._frame, names)
        columns = ["episode_id", "treatment_id", "side_effect", "asked_from", "asked", "placed_area", "reports"]
        course = ["attribution", "days", "ended", "seen_days", "end_exact", "onset_day"]
        of_areas = treated_areas.merge(episodes[columns], on="treatment_id")
        of_areas = of_areas[of_areas.placed_area.isna() | (of_areas.placed_area == of_areas.area)]
        of_treatments = treatments.merge(episodes[columns + course], on="treatment_id")
        frames = (treatments, treated_areas, of_treatments, of_areas, incomplete_checklists)
        return Frames(*map(_as_categories, frames))

    def _frame(self, table: str) -> pandas.DataFrame:
        frame = self.by_hand.execute(f"SELECT * FROM {table}").df()
        # NaN where the client was not asked: a comparison with <NA> would be neither true nor false.
        return frame.astype({"asked_day": "float64"}) if "asked_day" in frame else frame

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
    """The derived tables, merged beforehand: a row of `of_treatments` is a treatment with one of its side effects; a
    row of `of_areas` a treated area, product and lot with a side effect that was placed there, or nowhere."""

    treatments: pandas.DataFrame
    treated_areas: pandas.DataFrame
    of_treatments: pandas.DataFrame
    of_areas: pandas.DataFrame
    incomplete_checklists: pandas.DataFrame


def _as_categories(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Codes as pandas counts them fastest."""
    return frame.astype({name: "category" for name in CODES if name in frame})
