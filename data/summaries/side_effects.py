"""The rows of the Side effects page: each side effect among the treatments in which it can happen, and its course."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from data.analysis import cases, counts, estimates
from data.analysis.derived_treatments import includes_any_area
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.reference import published_rates
from models import codelist
from models.statistics import proportion, survival

LEVEL = ["family", "side_effect"]
COUNTS = list(estimates.COUNT_COLUMNS)
COURSE = {
    "onset_day": "float64", "ended": "Int64", "open": "Int64",
    "median": "float64", "median_low": "float64", "median_high": "float64", "longest": "float64",
}  # fmt: skip
PUBLISHED = (
    "published_rate", "published_total", "placebo_events", "placebo_total",
    "published_of", "published_unit", "published_how_asked", "published_source",
)  # fmt: skip


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
    for columns in (_worst_grades(tables, scope, selection), _courses(tables, scope, selection)):
        rows = rows.merge(columns, how="left", on=LEVEL)
    if before is not None:
        rows = _compare(rows, _rates_before(tables, scope, before, rows))
    return rows.join(pd.DataFrame([_published(code) for code in rows.side_effect], columns=PUBLISHED))


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    listed = {family: place for place, family in enumerate(codelist.families())}
    families = {
        str(row.family): (listed.get(row.family, len(listed)), -row.episodes, str(row.family))
        for row in rows[rows.side_effect.isna()].itertuples()
    }
    keys = [
        (families[str(row.family)], not pd.isna(row.side_effect), -row.episodes, str(row.side_effect))
        for row in rows.itertuples()
    ]
    return rows.iloc[sorted(range(len(rows)), key=keys.__getitem__)].reset_index(drop=True)


def _rates(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    families = estimates.rates(tables, scope, selection, LEVEL[:1]).assign(side_effect=None, restricted=False)
    effects = estimates.rates(tables, scope, selection, LEVEL).set_index("side_effect").assign(restricted=False)
    possible = _counts_where_possible(tables, scope, selection)
    effects.loc[possible.index, "restricted"] = True
    effects.loc[possible.index, COUNTS] = possible
    return pd.concat([families, estimates.add_rates(effects.reset_index())], ignore_index=True)


def _counts_where_possible(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    """The counts of side effects that our codelist ties to areas, among treatments that included one of these.

    Left out: side effects that were reported after other areas too.
    """
    if (
        selection.unit == "client"
    ):  # a client's treatments differ in their areas: area sets add up to no number of clients
        return pd.DataFrame(columns=COUNTS)
    place = "area" if selection.unit == "area" else "area_set"
    counted = counts.counts(tables, scope, selection, (place, *LEVEL))
    possible = {}
    for side_effect, places in counted.groupby("side_effect"):
        areas = _areas_of(side_effect)
        there = places[[_includes(areas, at) for at in places[place]]][COUNTS].sum()
        if areas and there.episodes == places.episodes.sum():
            possible[side_effect] = there
    return pd.DataFrame(possible, index=COUNTS).T


def _areas_of(side_effect: str) -> tuple[str, ...]:
    entry = codelist.side_effects().get(side_effect)
    return entry.areas if entry else ()


def _includes(areas: Iterable[str], place: Any) -> bool:
    """Whether a treated area, or a set of areas, includes one of these."""
    return place in areas if isinstance(place, str) else includes_any_area(areas, place)


def _rates_before(tables: AnalysisTables, scope: Scope, before: Selection, rows: pd.DataFrame) -> pd.DataFrame:
    """Events and followed up of each of the rows in the earlier period, without events where it did not occur."""
    columns = [*LEVEL, "restricted", "events", "followed_up"]
    earlier = _rates(tables, scope, before)[columns]
    known, now = (pd.MultiIndex.from_frame(frame[LEVEL].fillna("")) for frame in (earlier, rows))
    new = rows[~now.isin(known)]
    followed_up = {}
    for restricted, group in new.groupby("restricted"):
        place = ["area" if before.unit == "area" else "area_set"] if restricted else []
        units = counts.denominators(tables, scope, before, place)
        for row in group.itertuples():
            areas = _areas_of(row.side_effect) if restricted else ()
            among = units[[_includes(areas, at) for at in units[place[0]]]] if restricted else units
            followed_up[row.Index] = among.followed_up.sum()
    unseen = new[columns].assign(events=0, followed_up=pd.Series(followed_up, dtype="int64"))
    return pd.concat([earlier, unseen])


def _compare(rows: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Only rates among the same kind of units are compared."""
    rows = rows.merge(before, how="left", on=[*LEVEL, "restricted"], suffixes=("", "_before"))
    rows = rows.astype({"events_before": "Int64", "followed_up_before": "Int64"})
    known = (rows.followed_up > 0) & (rows.followed_up_before.fillna(0) > 0)
    compared = ["events", "followed_up", "events_before", "followed_up_before"]
    changes = [
        tuple(proportion.difference(*map(int, row))) if is_known else (np.nan, np.nan, np.nan)
        for row, is_known in zip(rows[compared].itertuples(index=False), known, strict=True)
    ]
    return rows.join(pd.DataFrame(changes, columns=["change", "change_low", "change_high"], dtype="float64"))


def _with_families(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows of each side effect, and again as rows of its family as a whole."""
    return pd.concat([effects, effects.assign(side_effect=None)], ignore_index=True)


def _courses(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    episodes = _with_families(cases.episode_durations(tables, scope, selection, LEVEL))
    rows = []
    for (family, side_effect), group in episodes.groupby(LEVEL, dropna=False):
        days, ended = group.days.to_numpy(), group.ended.to_numpy()
        curve = survival.kaplan_meier(days, ended)
        median = (np.nan, np.nan, np.nan) if curve.refused else curve.median
        onset = float(group.onset_day.median())
        rows.append((family, side_effect, onset, ended.sum(), (~ended).sum(), *median, days.max()))
    return pd.DataFrame(rows, columns=[*LEVEL, *COURSE]).astype(COURSE)


def _worst_grades(tables: AnalysisTables, scope: Scope, selection: Selection) -> pd.DataFrame:
    graded = _with_families(counts.count_affected(tables, scope, selection, inner=(*LEVEL, "grade")))
    return graded.groupby(LEVEL, dropna=False).grade.max().astype("Int64").rename("worst_grade").reset_index()


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
