"""The questions that contenders are asked: counts, how long side effects lasted, and filling the copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas
from sqlalchemy import func, select

from benchmarks.contest import Answer
from benchmarks.count_questions import COUNT_QUESTIONS
from benchmarks.counting import BY_HAND, COPY, PANDAS, PER_TREATMENT, SCOPE, SQLITE, Clinic, Frames
from data.analysis import cases, columnar_copy
from data.analysis.query_builder import AnalysisTables

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
    effects = frames.of_treatments
    known = effects[effects.days.notna() & (effects.attribution != "worsened")].sort_values("episode_id")
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
    *COUNT_QUESTIONS,
    Lasting(),
    Filling(),
)
