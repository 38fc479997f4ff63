"""The rows of the Side effects page: each side effect among the treatments in which it can happen, and its course."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from data.analysis import cases, counts, estimates
from data.analysis.counts import COUNT_COLUMNS
from data.analysis.frames import as_rows, rows_as_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.reference import published_rates
from models import codelist
from models.statistics import proportion

LEVEL = ["family", "side_effect"]
COUNTS = list(COUNT_COLUMNS)
COURSE = {
    "worst_grade": "Int64", "onset_day": "float64", "ended": "Int64", "open": "Int64",
    "median": "float64",
}  # fmt: skip
CHANGE = {
    "events_before": "Int64", "followed_up_before": "Int64",
    "change": "float64", "change_low": "float64", "change_high": "float64",
}  # fmt: skip
PUBLISHED = (
    "published_rate", "published_total", "published_area", "published_inferred",
    "placebo_rate", "placebo_events", "placebo_total",
    "published_of", "published_unit", "published_how_asked", "published_source",
)  # fmt: skip


def side_effect_rows(
    tables: AnalysisTables, scope: Scope, selection: Selection, before: Selection | None = None
) -> pd.DataFrame:
    """Families in the order of their list, each followed by its side effects, most frequent first.

    Columns: family, side_effect (missing: the family as a whole), those of estimates.rates, restricted (bool: the rate
    is among units that included an area where it can happen, by our codelist), worst_grade (Int64), onset_day (float64,
    median), ended, open (Int64), median (float64, days, as of estimates.durations), and those of PUBLISHED (the closest
    published rate). `before` is the selection to compare with: it adds events_before, followed_up_before (Int64),
    change, change_low, change_high (float64, difference of rates, 0-1).
    """
    rows = _rates(tables, scope, selection)
    listed = {family: place for place, family in enumerate(codelist.families())}
    order = pd.DataFrame(
        {
            "place": rows.family.map(listed).fillna(len(listed)),
            "of_family": -rows.groupby("family", dropna=False).episodes.transform("max"),
            "family": rows.family.astype(str),
            "is_effect": rows.side_effect.notna(),
            "episodes": -rows.episodes,
            "side_effect": rows.side_effect.astype(str),
        }
    )
    rows = rows.loc[order.sort_values(list(order)).index].reset_index(drop=True)
    frames = [rows, _courses(tables, scope, selection, rows[LEVEL])]
    if before is not None:
        frames.append(_changes(tables, scope, before, rows))
    frames.append(pd.DataFrame([_published(code, selection) for code in rows.side_effect], columns=PUBLISHED))
    return pd.concat(frames, axis="columns")


def _rates(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    """The rates of each family and side effect, in no order, and whether they are restricted.

    Side effects that our codelist ties to areas are counted among treatments that included one of these, unless they
    were reported after other areas too.
    """
    families = estimates.rates(tables, scope, selection, LEVEL[:1]).assign(side_effect=None, restricted=False)
    counted = counts.counts(tables, scope, selection, LEVEL)
    restricted = np.zeros(len(counted), dtype=bool)
    if selection.unit != "client":  # a client's treatments differ in their areas: groups add up to no number of clients
        place = "area" if selection.unit == "area" else "area_set"
        by_place = counts.counts(tables, scope, selection, (place, "side_effect"))
        is_possible = can_follow(by_place.side_effect, by_place[place], areas_of_sets(tables))
        possible = by_place[is_possible].groupby("side_effect")[COUNTS].sum().reindex(counted.side_effect)
        tied = [code for code, effect in codelist.side_effects().items() if effect.areas]
        restricted = (counted.side_effect.isin(tied) & (counted.episodes == possible.episodes.to_numpy())).to_numpy()
        counted.loc[restricted, COUNTS] = possible[restricted].to_numpy()
    clustering = estimates.design_effects(tables, scope, selection, LEVEL)
    effects = estimates.add_rates(counted, selection.unit, LEVEL, clustering).assign(restricted=restricted)
    return pd.concat([families, effects], ignore_index=True)


def areas_of_sets(tables: AnalysisTables) -> dict[int, set[str]]:
    """The areas of each `area_set`."""
    areas: dict[int, set[str]] = {}
    for area_set, area in tables.fetch_rows(select(tables.area_sets)):
        areas.setdefault(area_set, set()).add(area)
    return areas


def can_follow(
    side_effects: Iterable[str], places: Iterable[Any], areas: Mapping[int, set[str]]
) -> np.ndarray[Any, Any]:
    """Whether each side effect can follow a treatment of the place beside it, an area or an `area_set`."""
    tied_to = {code: effect.areas for code, effect in codelist.side_effects().items() if effect.areas}
    pairs = zip(side_effects, places, strict=True)
    answers = [code not in tied_to or bool(areas.get(place, {place}) & set(tied_to[code])) for code, place in pairs]
    return np.array(answers, dtype=bool)


def _changes(tables: AnalysisTables, scope: Scope, before: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    """The columns of CHANGE for each of the rows: only rates among the same kind of units are compared."""
    compared = [*LEVEL, "restricted", "events", "followed_up"]
    both = rows[compared].merge(_rates(tables, scope, before)[compared], "left", LEVEL, suffixes=("", "_before"))
    place = [] if before.unit == "client" else ["area" if before.unit == "area" else "area_set"]
    areas = areas_of_sets(tables)
    changes = []
    for row in both.itertuples():
        events, followed_up = row.events_before, row.followed_up_before
        if pd.isna(events):  # it did not occur in the earlier period
            one = before if pd.isna(row.side_effect) else replace(before, side_effects=(row.side_effect,))
            among = counts.denominators(tables, scope, replace(one, families=(row.family,)), place)
            if row.restricted:
                among = among[can_follow([row.side_effect] * len(among), among[place[0]], areas)]
            events, followed_up = 0, among.followed_up.sum()
        elif row.restricted != row.restricted_before:
            events = followed_up = None
        change: Sequence[float] = (np.nan, np.nan, np.nan)
        if row.followed_up and followed_up:
            change = proportion.difference(row.events, row.followed_up, int(events), int(followed_up))
        changes.append((events, followed_up, *change))
    return pd.DataFrame(changes, columns=list(CHANGE)).astype(CHANGE)


def _courses(tables: AnalysisTables, scope: Scope, selection: Selection, levels: pd.DataFrame) -> pd.DataFrame:
    """The columns of COURSE for each of the levels."""
    worst_grades: dict[tuple[Any, ...], int] = {}
    graded = counts.worst_grades(tables, scope, selection, LEVEL)
    for family, side_effect, grade in as_rows(graded[graded.grade.notna()][[*LEVEL, "grade"]]):
        for level in ((family, None), (family, side_effect)):
            worst_grades[level] = max(grade, worst_grades.get(level, grade))
    episodes = cases.episode_durations(tables, scope, selection, LEVEL)
    families = {(*family, None): group for family, group in cases.split_episodes(episodes, LEVEL[:1]).items()}
    courses = {}
    for level, group in (families | cases.split_episodes(episodes, LEVEL)).items():
        duration = estimates.estimate_duration(group)
        courses[level] = (np.median(group["onset_day"]), *(duration[name] for name in ("ended", "open", "median")))
    no_course = [None] * (len(COURSE) - 1)
    rows = [(worst_grades.get(level), *courses.get(level, no_course)) for level in as_rows(levels)]
    return rows_as_frame(COURSE, rows, **COURSE)


def _published(side_effect: str | None, selection: Selection) -> dict[str, Any]:
    if side_effect not in codelist.side_effects():
        return {}
    rate = published_rates.closest_rate(side_effect, selection.areas, selection.products)
    if rate is None:
        return {}
    with_placebo = rate.placebo_total is not None and rate.placebo_events is not None
    return {
        "published_rate": rate.proportion,
        "published_total": rate.total,
        "published_area": rate.area_as_given,
        "published_inferred": rate.inferred is not None,
        "placebo_rate": rate.placebo,
        "placebo_events": rate.placebo_events if with_placebo else None,
        "placebo_total": rate.placebo_total if with_placebo else None,
        "published_of": f"{rate.product_as_given}, {rate.area_as_given}, dose {rate.dose or 'not stated'}",
        "published_unit": rate.unit,
        "published_how_asked": rate.how_asked,
        "published_source": rate.source,
    }
