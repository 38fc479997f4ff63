"""The rows of the Side effects page: each effect among those treatments in which it can happen, with its course."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas

from data.analysis import cases, estimates
from data.analysis import counts as queries
from data.analysis.derived_tables import includes_any_area
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.reference import published_rates
from data.reference.published_rates import PublishedRate
from models import codelist
from models.statistics import proportion
from models.statistics.interval import Interval


@dataclass(frozen=True)
class SideEffectRow:
    """One row: a side effect, or a family of them (`side_effect` None).

    `restricted`: its rate is among units that included an area where it can happen, by our codelist. `before`: its
    rate in the period compared with, `change`: the difference to it, in proportions.
    """

    family: str | None
    side_effect: str | None
    rate: Any  # a row of `estimates.rates`
    restricted: bool
    worst_grade: int | None
    onset_day: float | None
    duration: Any  # a row of `estimates.durations`, or None
    published: PublishedRate | None
    before: Any  # a row of `estimates.rates`, or None
    change: Interval | None


def side_effect_rows(
    source: AnalysisTables, scope: Scope, selection: Selection, before: Selection | None = None
) -> list[SideEffectRow]:
    """Families in the order of their list, each followed by its side effects, most frequent first.

    `before`: the selection to compare with.
    """
    now = _rates(source, scope, selection)
    earlier = _rates(source, scope, before) if before else {}
    if before:
        new = {key: restricted for key, (_, restricted) in now.items() if key not in earlier}
        earlier |= _rates_without_events(source, scope, before, new)
    courses = _courses(source, scope, selection)
    durations = {key: next(estimates.durations_of(course).itertuples(index=False)) for key, course in courses.items()}
    grades = _worst_grades(source, scope, selection)
    rows = [
        _side_effect_row(
            key,
            rate,
            restricted,
            courses,
            durations,
            grades,
            _comparable_rate(earlier.get(key), restricted),
            before is not None,
        )
        for key, (rate, restricted) in now.items()
    ]
    families = sorted((row for row in rows if row.side_effect is None), key=_list_order)
    return [
        row
        for family in families
        for row in [
            family,
            *sorted((r for r in rows if r.side_effect and r.family == family.family), key=_frequency_order),
        ]
    ]


def _comparable_rate(earlier: tuple[Any, bool] | None, restricted: bool) -> Any:
    """The earlier rate where it is among the same kind of units as the present one; else there is no comparing."""
    return earlier[0] if earlier and earlier[1] == restricted else None


_LEVEL = ("family", "side_effect")

Key = tuple[str | None, str | None]  # family and side effect; a family as a whole has no side effect


def _list_order(row: SideEffectRow) -> tuple:
    ours = list(codelist.families())
    return ours.index(row.family) if row.family in ours else len(ours), *_frequency_order(row)


def _frequency_order(row: SideEffectRow) -> tuple:
    return -row.rate.episodes, str(row.side_effect or row.family)


def _side_effect_row(key, rate, restricted, courses, durations, grades, before, compared) -> SideEffectRow:
    family, side_effect = key
    course = courses.get(key)
    change = None
    if compared and before and before.followed_up and rate.followed_up:
        change = proportion.difference(rate.events, rate.followed_up, before.events, before.followed_up)
    ours = side_effect in codelist.side_effects()
    return SideEffectRow(
        family=family,
        side_effect=side_effect,
        rate=rate,
        restricted=restricted,
        worst_grade=grades.get(key),
        onset_day=float(np.median(course.onset_day)) if course is not None else None,
        duration=durations.get(key),
        published=published_rates.comparable_rate(side_effect) if ours else None,
        before=before,
        change=change,
    )


def _rates(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[Key, tuple[Any, bool]]:
    families = {
        (rate.family, None): (rate, False)
        for rate in estimates.rates(source, scope, selection, ("family",)).itertuples(index=False)
    }
    everywhere = {
        (rate.family, rate.side_effect): (rate, False)
        for rate in estimates.rates(source, scope, selection, _LEVEL).itertuples(index=False)
    }
    return families | everywhere | _restricted_rates(source, scope, selection, everywhere)


def _restricted_rates(source: AnalysisTables, scope: Scope, selection: Selection, everywhere: dict) -> dict:
    """Rates of the effects that our codelist ties to areas. Left out: one that was reported after another area."""
    if selection.unit == "client":
        return {}  # a client's treatments differ in their areas: no sum over area sets is a number of clients
    place = "area" if selection.unit == "area" else "area_set"
    counted = queries.counts(source, scope, selection, (place, *_LEVEL))
    restricted = {}
    for side_effect, counts in counted.groupby("side_effect", sort=False):
        row = codelist.side_effects().get(side_effect)
        if row is None or not row.areas:
            continue
        possible = counts[counts[place].isin([at for at in counts[place].unique() if _is_listed(row.areas, at)])]
        if possible.episodes.sum() == counts.episodes.sum():
            key = (counts.family.iloc[0], side_effect)
            restricted[key] = {**possible[list(estimates.COUNT_COLUMNS)].sum()}
            restricted[key]["design_effect"] = everywhere[key][0].design_effect
    return _to_rates(restricted, restricted=True)


def _to_rates(counts: dict[Key, dict[str, Any]], restricted: bool) -> dict[Key, tuple[Any, bool]]:
    rates = estimates.add_rates(pandas.DataFrame(list(counts.values()))).itertuples(index=False) if counts else ()
    return {key: (rate, restricted) for key, rate in zip(counts, rates, strict=True)}


def _rates_without_events(source: AnalysisTables, scope: Scope, selection: Selection, keys: dict[Key, bool]) -> dict:
    """The rates of none of those without a side effect in the selection: among all, or where it can happen."""
    found = {}
    for restricted in set(keys.values()):
        place = ("area" if selection.unit == "area" else "area_set",) if restricted else ()
        groups = queries.denominators(source, scope, selection, place)
        counts = {}
        for key in (key for key, its in keys.items() if its == restricted):
            areas = codelist.side_effects()[key[1]].areas if restricted else ()
            among = groups[[_is_listed(areas, at) for at in groups[place[0]]]] if place else groups
            summed = among[["followed_up", "total", "in_follow_up"]].sum()
            counts[key] = {"events": 0, "episodes": 0, "reports": 0, **summed}
        found |= _to_rates(counts, restricted)
    return found


def _is_listed(areas: Iterable[str], place: str | int) -> bool:
    return place in areas if isinstance(place, str) else includes_any_area(areas, place)


def _courses(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[Key, pandas.DataFrame]:
    """The courses of each side effect, and of each family those of all its side effects."""
    episodes = cases.episode_durations(source, scope, selection, _LEVEL)
    families = cases.split_episodes(episodes, _LEVEL[:1])
    return cases.split_episodes(episodes, _LEVEL) | {(family, None): part for (family,), part in families.items()}


def _worst_grades(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[Key, int]:
    worst: dict[Key, int] = {}
    graded = queries.count_affected(source, scope, selection, inner=(*_LEVEL, "grade"))
    for family, side_effect, grade, *_ in as_rows(graded):
        for key in ((family, side_effect), (family, None)):
            worst[key] = max(worst.get(key, 0), grade or 0)
    return {key: grade for key, grade in worst.items() if grade}


def previous_period(selection: Selection) -> Selection | None:
    """The period of the same length just before; None where the selection has no first or last day."""
    if selection.from_date is None or selection.to_date is None:
        return None
    length = selection.to_date - selection.from_date
    last = selection.from_date.fromordinal(selection.from_date.toordinal() - 1)
    return replace(selection, from_date=last - length, to_date=last)
