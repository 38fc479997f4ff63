"""Counts, as questions: each answered through data/analysis/counts.py, in SQL written by hand, and with pandas.

An answer is group -> the numbers named by data.analysis.counts.COUNT_COLUMNS, in their order. SQL and pandas share the
derived tables with our counts, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas

from benchmarks.contest import Answer
from benchmarks.counting import (
    ASKED_FROM,
    BY_HAND,
    COPY,
    PANDAS,
    PAST_FOLLOW_UP_UNTIL,
    PER_AREA,
    PER_CLIENT,
    PER_TREATMENT,
    SCOPE,
    SQLITE,
    Clinic,
    Frames,
)
from data.analysis import counts
from data.analysis.query_builder import AnalysisTables
from data.analysis.selection import Selection


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

    def count(self, tables: AnalysisTables) -> pandas.DataFrame:
        return counts.counts(tables, SCOPE, self.selection, self.by)

    def _ours(self, tables: AnalysisTables) -> Answer:
        rows = self.count(tables).itertuples(index=False, name=None)
        return {row[: len(self.by)]: row[len(self.by) :] for row in rows}

    def _by_hand(self, clinic: Clinic) -> Answer:
        given = {"past_until": PAST_FOLLOW_UP_UNTIL, "asked_from": ASKED_FROM}  # DuckDB takes none that is not used
        rows = clinic.by_hand.execute(self.sql, {name: given[name] for name in given if f"${name}" in self.sql})
        return {row[: len(self.by)]: row[len(self.by) :] for row in rows.fetchall()}


def _rows(frame: pandas.DataFrame, keys: int) -> Answer:
    """From the index of a frame and its columns `treated`, `total`, `followed_up`, `possible`, `known`; and, NaN where
    a group has no side effect, `events`, `affected`, `episodes`, `reports`."""
    frame = frame.fillna(0).astype(int)
    frame["volunteered"] = frame.affected - frame.events
    frame["in_follow_up"] = frame.treated - frame.total
    index = frame.index if keys > 1 else ((value,) for value in frame.index)
    return dict(zip(index, frame[list(counts.COUNT_COLUMNS)].itertuples(index=False, name=None), strict=True))


# In SQL: one row `units` per unit and group, with what is true of it, counted at the end. affected: past the follow-up
# window with the side effect; possible: affected, or may be.
COUNTED_UNITS = """
    count(*) AS treated,
    count(*) FILTER (event) AS events,
    count(*) FILTER (followed_up) AS followed_up,
    count(*) FILTER (affected AND NOT event) AS volunteered,
    count(*) FILTER (past) AS total,
    count(*) FILTER (NOT past) AS in_follow_up,
    count(*) FILTER (possible) AS possible,
    count(*) FILTER (known) AS known,
    coalesce(sum(episodes), 0) AS episodes,
    coalesce(sum(reports), 0) AS reports
"""


# With pandas: units are counted, and the side effects of units are counted apart and joined to them.


def _mark_units(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Rows with `past` (the follow-up window is over), `followed_up` and `not_asked` (past, and asked or not)."""
    past = rows.date <= pandas.Timestamp(PAST_FOLLOW_UP_UNTIL)
    asked = rows.asked_day >= ASKED_FROM
    return rows.assign(past=past, followed_up=past & asked, not_asked=past & ~asked)


def _sum_units(rows: pandas.DataFrame, keys: list[str]) -> pandas.DataFrame:
    """Of marked rows that are one unit each; `possible` says which have the side effect, or may have it."""
    return rows.groupby(keys, observed=True).agg(
        treated=("past", "size"),
        total=("past", "sum"),
        followed_up=("followed_up", "sum"),
        possible=("possible", "sum"),
        known=("known", "sum"),
    )


def _sum_effects(rows: pandas.DataFrame, keys: list[str], unit: str) -> pandas.DataFrame:
    """Of marked rows that are one side effect each."""
    rows = rows.assign(event=rows[unit].where(rows.followed_up), affected=rows[unit].where(rows.past))
    return rows.groupby(keys, observed=True).agg(
        events=("event", "nunique"),
        affected=("affected", "nunique"),
        episodes=("episode_id", "size"),
        reports=("reports", "sum"),
    )


# Month x area: a side effect without an area may be in any treated area of its treatment


MONTH_AREA = f"""
WITH effects AS (
    SELECT treatment_id, placed_area AS area, count(*) AS episodes, sum(reports) AS reports
    FROM episodes WHERE treatment_id IS NOT NULL GROUP BY ALL
), marked AS (
    SELECT month, a.area, known, date <= $past_until AS past, coalesce(asked_day >= $asked_from, false) AS asked,
        here.treatment_id IS NOT NULL AS has, nowhere.treatment_id IS NOT NULL AS may_have, here.episodes, here.reports
    FROM treated_areas a
    LEFT JOIN effects here ON here.treatment_id = a.treatment_id AND here.area = a.area
    LEFT JOIN effects nowhere ON nowhere.treatment_id = a.treatment_id AND nowhere.area IS NULL
    WHERE one_per_area
), units AS (
    SELECT *, past AND asked AS followed_up, past AND has AS affected, past AND asked AND has AS event,
        past AND (has OR may_have OR NOT asked) AS possible
    FROM marked
)
SELECT month, area, {COUNTED_UNITS} FROM units GROUP BY month, area
"""


def month_area(frames: Frames) -> pandas.DataFrame:
    keys = ["month", "area"]
    effects = frames.of_areas[frames.of_areas.one_per_area]
    placed = effects[effects.placed_area.notna()]
    unplaced = effects[effects.placed_area.isna()]
    units = _mark_units(frames.treated_areas[frames.treated_areas.one_per_area])
    may_have = units.not_asked | units.unit_id.isin(placed.unit_id) | units.unit_id.isin(unplaced.unit_id)
    units = units.assign(possible=units.past & may_have)
    return _sum_units(units, keys).join(_sum_effects(_mark_units(placed), keys, "unit_id"))


# Side effect: each has its own day from which asking counts, and checklists that left it out


SIDE_EFFECT = """
WITH affected AS (
    SELECT side_effect, asked_from, count(*) AS episodes, sum(reports) AS reports,
        count(DISTINCT treatment_id) FILTER (date <= $past_until AND asked) AS events,
        count(DISTINCT treatment_id) FILTER (date <= $past_until) AS affected
    FROM episodes WHERE treatment_id IS NOT NULL GROUP BY side_effect, asked_from
), given AS (
    SELECT count(*) AS treated, count(*) FILTER (date <= $past_until) AS total, count(*) FILTER (known) AS known
    FROM treatments
), followed_up AS (
    SELECT asked_from, count(*) AS n FROM treatments JOIN (SELECT DISTINCT asked_from FROM affected) days
        ON asked_day >= asked_from
    WHERE date <= $past_until GROUP BY asked_from
), left_out AS (
    SELECT side_effect,
        count(*) FILTER (date <= $past_until AND t.asked_day >= asked_from) AS contacted,
        count(*) FILTER (date <= $past_until AND c.asked_day >= asked_from) AS asked,
        count(*) FILTER (known AND c.asked_day IS NULL AND NOT on_record) AS unknown
    FROM incomplete_checklists c JOIN treatments t USING (treatment_id) GROUP BY side_effect
), numbers AS (
    SELECT *, coalesce(n, 0) - coalesce(contacted, 0) + coalesce(asked, 0) AS followed
    FROM affected CROSS JOIN given LEFT JOIN followed_up USING (asked_from) LEFT JOIN left_out USING (side_effect)
)
SELECT side_effect, treated, events, followed, affected - events, total, treated - total, events + total - followed,
    known - coalesce(unknown, 0), episodes, reports
FROM numbers
"""


def side_effect(frames: Frames) -> pandas.DataFrame:
    until = pandas.Timestamp(PAST_FOLLOW_UP_UNTIL)
    treatments, effects, checklists = frames.treatments, frames.of_treatments, frames.incomplete_checklists
    past = effects.date <= until
    effects = effects.assign(past=past, followed_up=past & effects.asked)
    found = _sum_effects(effects, ["side_effect"], "treatment_id")

    days_asked = treatments.asked_day[treatments.date <= until]
    first_days = effects.groupby("side_effect", observed=True).asked_from.first()
    followed_up = first_days.map({day: (days_asked >= day).sum() for day in first_days.unique()})

    contacts = treatments[["treatment_id", "date", "asked_day", "known"]]
    left_out = checklists.merge(contacts, on="treatment_id", suffixes=("", "_about_others"))
    past = left_out.date <= until
    left_out = left_out.assign(
        asked=past & (left_out.asked_day >= left_out.asked_from),
        asked_about_others=past & (left_out.asked_day_about_others >= left_out.asked_from),
        never=left_out.known & left_out.asked_day.isna() & ~left_out.on_record,
    )
    marks = ["asked", "asked_about_others", "never"]
    left_out = left_out.groupby("side_effect", observed=True)[marks].sum().reindex(found.index, fill_value=0)
    followed_up = followed_up - left_out.asked_about_others + left_out.asked
    return found.assign(
        treated=len(treatments),
        total=len(days_asked),
        followed_up=followed_up,
        possible=found.events + len(days_asked) - followed_up,
        known=treatments.known.sum() - left_out.never,
    )


# Product and lot: a side effect without an area counts for each that was given


PRODUCT_LOT = f"""
WITH given AS (
    SELECT DISTINCT product, lot, treatment_id, known, date <= $past_until AS past,
        coalesce(asked_day >= $asked_from, false) AS asked
    FROM treated_areas
), effects AS (
    SELECT product, lot, treatment_id, count(*) AS episodes, sum(reports) AS reports
    FROM (SELECT DISTINCT product, lot, a.treatment_id, episode_id, reports
        FROM treated_areas a JOIN episodes e USING (treatment_id) WHERE placed_area IS NULL OR placed_area = area)
    GROUP BY ALL
), units AS (
    SELECT product, lot, known, past, past AND asked AS followed_up, past AND episodes > 0 AS affected,
        past AND asked AND episodes > 0 AS event, past AND (NOT asked OR episodes > 0) AS possible, episodes, reports
    FROM given LEFT JOIN effects USING (product, lot, treatment_id)
)
SELECT product, lot, {COUNTED_UNITS} FROM units GROUP BY product, lot
"""


def product_lot(frames: Frames) -> pandas.DataFrame:
    keys = ["product", "lot"]
    units = _mark_units(frames.treated_areas.drop_duplicates([*keys, "treatment_id"]))
    effects = _mark_units(frames.of_areas.drop_duplicates([*keys, "treatment_id", "episode_id"]))
    counted = _sum_units(units.assign(possible=units.not_asked), keys).join(_sum_effects(effects, keys, "treatment_id"))
    return counted.assign(possible=counted.possible + counted.events.fillna(0))


# Per client, by practitioner: asked after any treatment, possibly affected after any that was not asked about


CLIENT_PRACTITIONER = f"""
WITH effects AS (
    SELECT treatment_id, count(*) AS episodes, sum(reports) AS reports
    FROM episodes WHERE treatment_id IS NOT NULL GROUP BY treatment_id
), marked AS (
    SELECT practitioner, client_id, known, date <= $past_until AS past, episodes IS NOT NULL AS has,
        coalesce(asked_day >= $asked_from, false) AS asked, episodes, reports
    FROM treatments LEFT JOIN effects USING (treatment_id)
), units AS (
    SELECT practitioner, bool_or(known) AS known, bool_or(past) AS past, bool_or(past AND asked) AS followed_up,
        bool_or(past AND has) AS affected, bool_or(past AND asked AND has) AS event,
        bool_or(past AND (has OR NOT asked)) AS possible, sum(episodes) AS episodes, sum(reports) AS reports
    FROM marked GROUP BY practitioner, client_id
)
SELECT practitioner, {COUNTED_UNITS} FROM units GROUP BY practitioner
"""


def client_practitioner(frames: Frames) -> pandas.DataFrame:
    keys = ["practitioner"]
    treatments = _mark_units(frames.treatments)
    has = treatments.treatment_id.isin(frames.of_treatments.treatment_id)
    treatments = treatments.assign(possible=treatments.not_asked | (treatments.past & has))
    marks = ["past", "followed_up", "possible", "known"]
    clients = treatments.groupby([*keys, "client_id"], observed=True)[marks].max().reset_index()
    return _sum_units(clients, keys).join(_sum_effects(_mark_units(frames.of_treatments), keys, "client_id"))


COUNT_QUESTIONS = (
    Counted("month x area", PER_AREA, ("month", "area"), MONTH_AREA, month_area),
    Counted("rate by side effect", PER_TREATMENT, ("side_effect",), SIDE_EFFECT, side_effect),
    Counted("rate by product and lot", PER_TREATMENT, ("product", "lot"), PRODUCT_LOT, product_lot),
    Counted("per client by practitioner", PER_CLIENT, ("practitioner",), CLIENT_PRACTITIONER, client_practitioner),
)
