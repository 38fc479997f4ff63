"""Counts with their statistics: the rows that pages show and reports print. A number is worked out here or nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.analysis import cases
from data.analysis import counts as queries
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection, Unit
from models.statistics import proportion, survival
from models.statistics.interval import Interval

MIN_EVENTS_FOR_DESIGN_EFFECT = 10  # below it a design effect is mostly chance (as for a dose slope, docs/methods.md)
INTERVAL_SHARE = 0.2  # above this share of ends found at a contact, the interval-censored estimate is stated as well
STILL_PRESENT_DAYS = (14, 42, 91)  # 2, 6 and 13 weeks: "within a few weeks or months?"


@dataclass(frozen=True)
class Rate:
    """Units with the side effect among those with known outcome. Proportions 0-1; None where nothing is known."""

    measure: str
    by: dict[str, Any]
    unit: Unit
    events: int
    known: int
    total: int
    maturing: int
    estimate: float | None
    low: float | None
    high: float | None
    lowest: float | None
    highest: float | None
    episodes: int
    reports: int
    design_effect: float | None
    method: str


def rates(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> list[Rate]:
    """One rate per combination of the dimensions in `by`; of any side effect where none of them is of side effects."""
    measure = next((name for name in ("side_effect", "family", "grade") if name in by), "any_side_effect")
    effects = design_effects(source, scope, selection, by)
    return [
        _rate(measure, selection.unit, count, effects.get(tuple(value for _, value in count.by)))
        for count in queries.counts(source, scope, selection, by)
    ]


def design_effects(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]
) -> dict[tuple, float | None]:
    """How much more each rate varies because some clients were treated more than once; None where it cannot be seen."""
    if selection.unit == "client":
        return {}
    outer_first = sorted(by, key=lambda name: name in EFFECT_DIMENSIONS)
    place = [outer_first.index(name) for name in by]
    return {
        tuple(group[n] for n in place): _design_effect(spread)
        for group, spread in queries.per_client(source, scope, selection, by).items()
    }


def _design_effect(spread: queries.ClientHistogram) -> float | None:
    if (spread.clients * spread.events).sum() < MIN_EVENTS_FOR_DESIGN_EFFECT:
        return None
    return proportion.design_effect(spread.events, spread.known, spread.clients)


def _method(effect: float | None) -> str:
    if effect and effect > proportion.MIN_DESIGN_EFFECT:
        return f"Wilson 95 %, widened for several treatments of one client (design effect {effect:.2f})"
    return "Wilson 95 %"


def combine_counts(unit: Unit, by: dict[str, Any], counts: Sequence[queries.UnitCount], effect: float | None) -> Rate:
    """One rate of groups that share no unit."""
    fields = ("events", "known", "total", "maturing", "episodes", "reports")
    total = {name: sum(getattr(count, name) for count in counts) for name in fields}
    return _rate("side_effect", unit, queries.UnitCount(tuple(by.items()), **total), effect)


def zero_rate(rate: Rate) -> Rate:
    """What nobody reported, among the same units."""
    count = queries.UnitCount(tuple(rate.by.items()), 0, rate.known, rate.total, rate.maturing, 0, 0)
    return _rate(rate.measure, rate.unit, count)


def _rate(measure: str, unit: Unit, count: queries.UnitCount, effect: float | None = None) -> Rate:
    interval = proportion.wilson_with_effect(count.events, count.known, effect) if count.known else None
    lowest, highest = proportion.bounds(count.events, count.known, count.total) if count.total else (None, None)
    return Rate(
        measure=measure,
        by=dict(count.by),
        unit=unit,
        events=count.events,
        known=count.known,
        total=count.total,
        maturing=count.maturing,
        estimate=interval.estimate if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        lowest=lowest,
        highest=highest,
        episodes=count.episodes,
        reports=count.reports,
        design_effect=effect,
        method=_method(effect) if interval else "no outcome known",
    )


@dataclass(frozen=True)
class Duration:
    """How long episodes last, open ones included. Whole days; `median` None: not reached, or too few have ended.

    `longest`: the most days any was followed; `between_contacts`: ends found at a contact, not told to the day.
    """

    measure: str
    by: dict[str, Any]
    episodes: int
    ended: int
    open: int
    median: float | None
    low: float | None
    high: float | None
    still_present: dict[int, float | None]
    longest: int
    closed_only_median: float | None
    between_contacts: int
    between_contacts_median: float | None
    method: str


def durations(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> list[Duration]:
    """One duration per combination of the dimensions in `by`."""
    courses = cases.episode_durations(source, scope, selection, by)
    return [duration_of_course(dict(zip(by, group, strict=True)), course) for group, course in courses.items()]


def duration_of_course(by: dict[str, Any], course: cases.EpisodeDurations) -> Duration:
    curve = survival.kaplan_meier(course.days, course.ended)
    median = Interval(None, None, None) if curve.refused else curve.median
    between = _ends_between_contacts(course)
    ended, episodes = int(course.ended.sum()), len(course.days)
    return Duration(
        measure="duration",
        by=by,
        episodes=episodes,
        ended=ended,
        open=episodes - ended,
        median=median.estimate,
        low=median.low,
        high=median.high,
        still_present={} if curve.refused else {day: curve.at(day).estimate for day in STILL_PRESENT_DAYS},
        longest=int(course.days.max()),
        closed_only_median=float(np.median(course.days[course.ended])) if ended else None,
        between_contacts=int((course.ended & ~course.end_exact).sum()),
        between_contacts_median=between.median.estimate if between and not between.refused else None,
        method=curve.refused or "Kaplan-Meier, log-log 95 %",
    )


def _ends_between_contacts(course: cases.EpisodeDurations) -> survival.Turnbull | None:
    """The estimate that takes an end found at a contact as lying between two contacts; None where few ends are such."""
    found = course.ended & ~course.end_exact
    if found.sum() <= INTERVAL_SHARE * course.ended.sum():
        return None
    last_present = np.where(found, np.minimum(course.seen_days, course.days - 1), course.days)
    first_gone = np.where(course.ended, course.days, np.inf)
    return survival.turnbull(last_present, first_gone)
