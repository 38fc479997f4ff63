"""The questions: each answered through data/analysis/counts.py, in SQL written by hand, and with pandas.

A count is answered as group -> (events, known, total, maturing, episodes, reports), as data.analysis.counts.Count has
them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas
from sqlalchemy import func, select

from benchmarks.contest import Answer
from benchmarks.counting import MATURE_UNTIL, PER_AREA, PER_CLIENT, PER_TREATMENT, SCOPE, Clinic, Frames
from data.analysis import cases, columnar_copy, counts
from data.analysis.query_builder import AnalysisTables
from data.analysis.selection import Selection

COPY, BY_HAND, PANDAS, SQLITE = "the copy", "DuckDB by hand", "pandas", "SQLite"


@dataclass(frozen=True)
class Counted:
    """A question to count: the selection and its dimensions; the same by hand and with pandas."""

    name: str
    selection: Selection
    by: tuple[str, ...]
    sql: str
    with_pandas: Callable[[Frames], pandas.DataFrame]

    def contenders(self, clinic: Clinic) -> dict[str, Callable[[], Answer]]:
        return {
            COPY: lambda: self._ours(clinic.copy),
            BY_HAND: lambda: self._by_hand(clinic),
            PANDAS: lambda: _rows(self.with_pandas(clinic.frames), len(self.by)),
            SQLITE: lambda: self._ours(clinic.in_sqlite),
        }

    def _ours(self, source: AnalysisTables) -> Answer:
        return {
            row[: len(self.by)]: row[len(self.by) :]
            for row in counts.counts(source, SCOPE, self.selection, self.by).itertuples(index=False, name=None)
        }

    def _by_hand(self, clinic: Clinic) -> Answer:
        rows = clinic.by_hand.execute(self.sql, {"mature": MATURE_UNTIL}).fetchall()
        return {row[: len(self.by)]: row[len(self.by) :] for row in rows}


def _rows(frame: pandas.DataFrame, keys: int) -> Answer:
    """From the index and columns of a frame."""
    frame = frame[["events", "known", "total", "maturing", "episodes", "reports"]].fillna(0).astype(int)
    index = frame.index if keys > 1 else ((value,) for value in frame.index)
    return dict(zip(index, frame.itertuples(index=False, name=None), strict=True))


# Month x area


MONTH_AREA = """
WITH given AS (
    SELECT month, area, count(*) FILTER (known) AS known, count(*) AS total,
        count(*) FILTER (date > $mature) AS maturing
    FROM treated_areas WHERE one_per_area GROUP BY month, area
), affected AS (
    SELECT a.month, area, count(DISTINCT unit_id) AS events, count(*) AS episodes, sum(reports) AS reports
    FROM treated_areas a JOIN episodes e ON e.treatment_id = a.treatment_id AND e.placed_area = a.area
    WHERE one_per_area GROUP BY a.month, area
)
SELECT month, area, coalesce(events, 0), known, total, maturing, coalesce(episodes, 0), coalesce(reports, 0)
FROM given LEFT JOIN affected USING (month, area)
"""


def month_area(frames: Frames) -> pandas.DataFrame:
    keys = ["month", "area"]
    placed = frames.here[frames.here.one_per_area & frames.here.placed_area.notna()]
    return _given(frames.area[frames.area.one_per_area], keys).join(_affected(placed, keys, "unit_id"))


def _given(rows: pandas.DataFrame, keys: list[str]) -> pandas.DataFrame:
    """Of rows that are one unit each."""
    rows = rows.assign(maturing=rows.date > pandas.Timestamp(MATURE_UNTIL))
    return rows.groupby(keys, observed=True).agg(
        known=("known", "sum"), total=("known", "size"), maturing=("maturing", "sum")
    )


def _affected(rows: pandas.DataFrame, keys: list[str], unit: str) -> pandas.DataFrame:
    """Of rows that are one side effect each."""
    return rows.groupby(keys, observed=True).agg(
        events=(unit, "nunique"), episodes=("episode_id", "size"), reports=("reports", "sum")
    )


# Side effect


SIDE_EFFECT = """
WITH given AS (
    SELECT count(*) FILTER (known) AS known, count(*) AS total, count(*) FILTER (date > $mature) AS maturing
    FROM treatments
), affected AS (
    SELECT side_effect, count(DISTINCT treatment_id) AS events, count(*) AS episodes, sum(reports) AS reports
    FROM episodes WHERE treatment_id IS NOT NULL GROUP BY side_effect
), left_out AS (
    SELECT side_effect, count(*) AS n FROM terms_not_asked JOIN treatments USING (treatment_id)
    WHERE known GROUP BY side_effect
)
SELECT side_effect, events, known - coalesce(n, 0), total, maturing, episodes, reports
FROM affected CROSS JOIN given LEFT JOIN left_out USING (side_effect)
"""


def side_effect(frames: Frames) -> pandas.DataFrame:
    found = _affected(frames.followed, ["side_effect"], "treatment_id")
    treated = frames.treated
    left_out = frames.unasked.merge(treated[treated.known], on="treatment_id").groupby("side_effect").size()
    return found.assign(
        known=treated.known.sum() - left_out.reindex(found.index, fill_value=0),
        total=len(treated),
        maturing=(treated.date > pandas.Timestamp(MATURE_UNTIL)).sum(),
    )


# Product and lot


PRODUCT_LOT = """
WITH given AS (
    SELECT product, lot, count(*) FILTER (known) AS known, count(*) AS total,
        count(*) FILTER (date > $mature) AS maturing
    FROM (SELECT product, lot, any_value(known) AS known, any_value(date) AS date FROM treated_areas
        GROUP BY product, lot, treatment_id)
    GROUP BY product, lot
), affected AS (
    SELECT product, lot, count(DISTINCT treatment_id) AS events, count(*) AS episodes, sum(reports) AS reports
    FROM (SELECT DISTINCT product, lot, a.treatment_id, episode_id, reports
        FROM treated_areas a JOIN episodes e USING (treatment_id) WHERE placed_area IS NULL OR placed_area = area)
    GROUP BY product, lot
)
SELECT product, lot, coalesce(events, 0), known, total, maturing, coalesce(episodes, 0), coalesce(reports, 0)
FROM given LEFT JOIN affected USING (product, lot)
"""


def product_lot(frames: Frames) -> pandas.DataFrame:
    keys = ["product", "lot"]
    given = frames.area.drop_duplicates([*keys, "treatment_id"])
    here = frames.here.drop_duplicates([*keys, "treatment_id", "episode_id"])
    return _given(given, keys).join(_affected(here, keys, "treatment_id"))


# Per client, by practitioner


CLIENT_PRACTITIONER = """
WITH given AS (
    SELECT practitioner, count(*) FILTER (known) AS known, count(*) AS total,
        count(*) FILTER (latest > $mature) AS maturing
    FROM (SELECT practitioner, bool_or(known) AS known, max(date) AS latest FROM treatments
        GROUP BY practitioner, client_id)
    GROUP BY practitioner
), affected AS (
    SELECT practitioner, count(DISTINCT client_id) AS events, count(*) AS episodes, sum(reports) AS reports
    FROM episodes WHERE treatment_id IS NOT NULL GROUP BY practitioner
)
SELECT practitioner, coalesce(events, 0), known, total, maturing, coalesce(episodes, 0), coalesce(reports, 0)
FROM given LEFT JOIN affected USING (practitioner)
"""


def client_practitioner(frames: Frames) -> pandas.DataFrame:
    keys = ["practitioner"]
    clients = frames.treated.groupby([*keys, "client_id"], observed=True)[["known", "date"]].max()
    return _given(clients.reset_index(), keys).join(_affected(frames.followed, keys, "client_id"))


# Durations


@dataclass(frozen=True)
class Lasting:
    """How long side effects lasted, one by one: side effect -> (ids, days, ended, seen, exact, onset day)."""

    name: str = "durations by side effect"

    def contenders(self, clinic: Clinic) -> dict[str, Callable[[], Answer]]:
        return {
            COPY: lambda: _lasting(clinic.copy),
            BY_HAND: lambda: _lasting_by_hand(clinic),
            PANDAS: lambda: _lasting_with_pandas(clinic.frames),
            SQLITE: lambda: _lasting(clinic.in_sqlite),
        }


COURSE = ("episode_id", "days", "ended", "seen_days", "end_exact", "onset_day")
LASTING = f"""
SELECT side_effect, {", ".join(COURSE)} FROM episodes
WHERE treatment_id IS NOT NULL AND days IS NOT NULL AND attribution <> 'worsened' ORDER BY side_effect, episode_id
"""


def _lasting(source: AnalysisTables) -> Answer:
    found = cases.episode_durations(source, SCOPE, PER_TREATMENT, ("side_effect",))
    parts = cases.split_episodes(found, ("side_effect",))
    return {group: _sealed([part[column] for column in COURSE]) for group, part in parts.items()}


def _lasting_by_hand(clinic: Clinic) -> Answer:
    columns = clinic.by_hand.execute(LASTING).fetchnumpy()
    names, starts = np.unique(columns["side_effect"], return_index=True)
    parts = [np.split(columns[name], starts[1:]) for name in COURSE]
    return {(name,): _sealed([part[at] for part in parts]) for at, name in enumerate(names)}


def _lasting_with_pandas(frames: Frames) -> Answer:
    followed = frames.followed
    known = followed[followed.days.notna() & (followed.attribution != "worsened")].sort_values("episode_id")
    groups = known.groupby("side_effect", observed=True)
    return {(name,): _sealed([rows[column].to_numpy() for column in COURSE]) for name, rows in groups}


def _sealed(columns: Sequence[np.ndarray]) -> tuple[bytes, ...]:
    """Arrays as what can be compared, at the price of a copy to everyone."""
    return tuple(np.ascontiguousarray(column, dtype=np.int64).tobytes() for column in columns)


# Filling the copy


@dataclass(frozen=True)
class Filling:
    """The copy made anew. pandas reads the same columns and derives nothing: the least it could do."""

    name: str = "filling the copy"

    def contenders(self, clinic: Clinic) -> dict[str, Callable[[], Answer]]:
        return {COPY: lambda: _filled(clinic), "pandas, read_sql alone": lambda: _read(clinic)}


FILLED = {"treatments": "treatment", "episodes": "side_effect", "follow_ups": "follow_up", "status_notes": "status"}


def _filled(clinic: Clinic) -> Answer:
    _, source = columnar_copy.build_copy(clinic.records)
    tables = {name: getattr(source, name) for name in FILLED}
    rows = {
        (name,): tuple(source.fetch_rows(select(func.count()).select_from(table))[0]) for name, table in tables.items()
    }
    source.engine.dispose()
    return rows


def _read(clinic: Clinic) -> Answer:
    frames = {
        table.name: pandas.read_sql(select(*columns), clinic.records)
        for table, columns in columnar_copy.copied_columns().items()
    }
    return {(name,): (len(frames[table]),) for name, table in FILLED.items()}


QUESTIONS = (
    Counted("month x area", PER_AREA, ("month", "area"), MONTH_AREA, month_area),
    Counted("rate by side effect", PER_TREATMENT, ("side_effect",), SIDE_EFFECT, side_effect),
    Counted("rate by product and lot", PER_TREATMENT, ("product", "lot"), PRODUCT_LOT, product_lot),
    Counted("per client by practitioner", PER_CLIENT, ("practitioner",), CLIENT_PRACTITIONER, client_practitioner),
    Lasting(),
    Filling(),
)
