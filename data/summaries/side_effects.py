"""The rows of the Side effects page: each side effect among the treatments in which it can happen, and its course."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from data.analysis import cases, counts, estimates
from data.analysis.counts import COUNT_COLUMNS
from data.analysis.frames import as_rows, make_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.reference import published_rates
from models import codelist
from models.statistics import proportion, survival

LEVEL = ["family", "side_effect"]
COUNTS = list(COUNT_COLUMNS)
COURSE = {
    "worst_grade": "Int64", "onset_day": "float64", "ended": "Int64", "open": "Int64",
    "median": "float64", "median_low": "float64", "median_high": "float64", "longest": "float64",
}  # fmt: skip
CHANGE = {
    "events_before": "Int64", "followed_up_before": "Int64",
    "change": "float64", "change_low": "float64", "change_high": "float64",
}  # fmt: skip
PUBLISHED = (
    "published_rate", "published_total", "placebo_events", "placebo_total",
    "published_of", "published_unit", "published_how_asked", "published_source",
)  # fmt: skip

Level = tuple[str | None, str | None]  # a family and its side effect; None: the family as a whole


def side_effect_rows(
    tables: AnalysisTables, scope: Scope, selection: Selection, before: Selection | None = None
) -> pd.DataFrame:
    """Families in the order of their list, each followed by its side effects, most frequent first.

    Columns: family, side_effect (missing: the family as a whole), those of estimates.rates, restricted (bool: the rate
    is among units that included an area where it can happen, by our codelist), worst_grade (Int64), onset_day (float64,
    median), ended, open (Int64), median, median_low, median_high (float64, days; missing: not reached, or too few
    ended), longest (float64, days), and those of PUBLISHED (the comparable published rate). `before` is the selection
    to compare with: it adds events_before, followed_up_before (Int64), change, change_low, change_high (float64,
    difference of rates, 0-1).
    """
    rows = _in_order(_rates(tables, scope, selection))
    levels = as_rows(rows[LEVEL], lambda *level: level)
    frames = [rows, _courses(tables, scope, selection, levels)]
    if before is not None:
        frames.append(_changes(tables, scope, before, rows))
    frames.append(pd.DataFrame([_published(code) for _, code in levels], columns=PUBLISHED))
    return pd.concat(frames, axis="columns")


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    listed = {family: place for place, family in enumerate(codelist.families())}
    levels = zip(as_rows(rows[LEVEL], lambda *level: level), rows.episodes.tolist(), strict=True)
    episodes = dict(levels)

    def place(level: Level) -> tuple[Any, ...]:
        family, side_effect = level
        of_family = (listed.get(family or "", len(listed)), -episodes[family, None], str(family))
        return *of_family, side_effect is not None, -episodes[level], str(side_effect)

    ranked = {level: at for at, level in enumerate(sorted(episodes, key=place))}
    return rows.iloc[np.argsort([ranked[level] for level in episodes])].reset_index(drop=True)


def _rates(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    families = estimates.rates(tables, scope, selection, LEVEL[:1]).assign(side_effect=None, restricted=False)
    counted = counts.counts(tables, scope, selection, LEVEL)
    possible = _counts_where_possible(tables, scope, selection)
    restricted = counted.side_effect.isin(possible.index)
    counted.loc[restricted, COUNTS] = possible.loc[counted.side_effect[restricted]].to_numpy()
    clustering = estimates.design_effects(tables, scope, selection, LEVEL)
    effects = estimates.add_rates(counted, selection.unit, LEVEL, clustering).assign(restricted=restricted)
    return pd.concat([families, effects], ignore_index=True)


def _counts_where_possible(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    """The counts of side effects that our codelist ties to areas, among treatments that included one of these.

    Left out: side effects that were reported after other areas too.
    """
    if selection.unit == "client":  # a client's treatments differ in their areas: groups add up to no number of clients
        return pd.DataFrame(columns=COUNTS, dtype="int64")
    place = "area" if selection.unit == "area" else "area_set"
    counted = counts.counts(tables, scope, selection, (place, "side_effect"))
    total = counted.groupby("side_effect").episodes.sum()
    is_possible = can_follow(counted.side_effect, counted[place], areas_of_sets(tables))
    possible = counted[is_possible].groupby("side_effect")[COUNTS].sum()
    is_tied = [bool(_areas_of(code)) for code in possible.index]
    return possible[np.array(is_tied, dtype=bool) & (possible.episodes == total.reindex(possible.index))]


def areas_of_sets(tables: AnalysisTables) -> dict[int, set[str]]:
    """The areas of each `area_set`: those of the treatment whose number it is."""
    a = tables.treated_areas
    areas: dict[int, set[str]] = {}
    for area_set, area in tables.fetch_rows(select(a.c.area_set, a.c.area).where(a.c.treatment_id == a.c.area_set)):
        areas.setdefault(area_set, set()).add(area)
    return areas


def can_follow(
    side_effects: Iterable[str], places: Iterable[Any], areas: Mapping[int, set[str]]
) -> np.ndarray[Any, Any]:
    """Whether each side effect can follow a treatment of the place beside it, an area or an `area_set`."""
    tied_to: dict[str, frozenset[str]] = {}
    answers = []
    for code, place in zip(side_effects, places, strict=True):
        if code not in tied_to:
            tied_to[code] = frozenset(_areas_of(code))
        answers.append(not tied_to[code] or not tied_to[code].isdisjoint(areas.get(place, (place,))))
    return np.array(answers, dtype=bool)


def _areas_of(side_effect: str) -> tuple[str, ...]:
    entry = codelist.side_effects().get(side_effect)
    return entry.areas if entry else ()


def _changes(tables: AnalysisTables, scope: Scope, before: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of CHANGE for each of the rows: only rates among the same kind of units are compared."""
    compared = [*LEVEL, "restricted", "events", "followed_up"]
    earlier = {row[:2]: row[2:] for row in as_rows(_rates(tables, scope, before)[compared])}
    place = [] if before.unit == "client" else ["area" if before.unit == "area" else "area_set"]
    units, areas = counts.denominators(tables, scope, before, place), areas_of_sets(tables)
    changes = []
    for row in as_rows(rows[compared]):
        if row[:2] in earlier:
            restricted, *counted = earlier[row[:2]]
        else:  # it did not occur in the earlier period
            restricted, among = row.restricted, units
            if restricted:
                among = units[can_follow([row.side_effect] * len(units), units[place[0]], areas)]
            counted = [0, int(among.followed_up.sum())]
        if restricted != row.restricted:
            counted = [None, None]
        change: Sequence[float] = (np.nan, np.nan, np.nan)
        if row.followed_up and counted[1]:
            change = proportion.difference(row.events, row.followed_up, *counted)
        changes.append((*counted, *change))
    columns = zip(*changes, strict=True) if changes else [()] * len(CHANGE)
    return make_frame(dict(zip(CHANGE, columns, strict=True)), **CHANGE)


def _courses(tables: AnalysisTables, scope: Scope, selection: Selection, levels: Sequence[Level]) -> pd.DataFrame:
    """The columns of COURSE for each of the levels."""
    worst_grades: dict[Level, int] = {}
    for row in as_rows(counts.count_affected(tables, scope, selection, inner=(*LEVEL, "grade"))):
        for level in ((row.family, row.side_effect), (row.family, None)):
            if row.grade is not None:
                worst_grades[level] = max(row.grade, worst_grades.get(level, row.grade))
    episodes = cases.episode_durations(tables, scope, selection, LEVEL)
    episodes = pd.concat([episodes, episodes.assign(side_effect=None)], ignore_index=True)
    groups = cases.split_episodes(episodes, LEVEL)
    courses: list[tuple[Any, ...]] = []
    for level in levels:
        measured = groups.get(level)
        if measured is None:
            courses.append((worst_grades.get(level), *[None] * (len(COURSE) - 1)))
            continue
        days, ended = measured["days"], measured["ended"]
        curve = survival.kaplan_meier(days, ended)
        median = (None, None, None) if curve.refused else curve.median
        onset_day = float(np.median(measured["onset_day"]))
        courses.append((worst_grades.get(level), onset_day, ended.sum(), (~ended).sum(), *median, days.max()))
    columns = zip(*courses, strict=True) if courses else [()] * len(COURSE)
    return make_frame(dict(zip(COURSE, columns, strict=True)), **COURSE)


def _published(side_effect: str | None) -> dict[str, Any]:
    rate = published_rates.comparable_rate(side_effect) if side_effect in codelist.side_effects() else None
    if rate is None:
        return {}
    with_placebo = rate.placebo_total is not None and rate.placebo_events is not None
    return {
        "published_rate": rate.proportion,
        "published_total": rate.total,
        "placebo_events": rate.placebo_events if with_placebo else None,
        "placebo_total": rate.placebo_total if with_placebo else None,
        "published_of": f"{rate.product_as_given}, {rate.area_as_given}, dose {rate.dose or 'not stated'}",
        "published_unit": rate.unit,
        "published_how_asked": rate.how_asked,
        "published_source": rate.source,
    }


def previous_period(selection: Selection) -> Selection | None:
    """The period of the same length just before; None where the selection has no first or last day."""
    if selection.from_date is None or selection.to_date is None:
        return None
    last = selection.from_date - timedelta(days=1)
    return replace(selection, from_date=last - (selection.to_date - selection.from_date), to_date=last)
