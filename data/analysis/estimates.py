"""Counts with their statistics, as pages show them and reports print them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

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
KAPLAN_MEIER = "Kaplan-Meier, log-log 95 %"
NOT_KNOWN = float("nan")

COUNT_COLUMNS = ("events", "followed_up", "total", "in_follow_up", "episodes", "reports")
DIMENSION_TYPES = {
    **dict.fromkeys(("month", "quarter", "year", "area_set"), "int64"),
    **dict.fromkeys(("first_visit", "since"), "bool"),
    "date": "datetime64[ns]",
    "units": "float64",
    "grade": "Int64",
}  # codes are plain strings, None where nothing is recorded


def rates(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """One rate per combination of the dimensions in `by`; of any side effect unless one of them is of side effects.

    Columns: one per dimension, measure, unit (str), events, followed_up (units with known outcome), total,
    in_follow_up (treated less than the follow-up window ago) (int64), rate, low, high (95 % interval), lowest, highest
    (bounds over all units; float64, 0-1, NaN when nothing is known), episodes, reports (int64), design_effect (float64,
    NaN where it cannot be estimated), method (str).
    """
    measure = next((name for name in ("side_effect", "family", "grade") if name in by), "any_side_effect")
    effects = design_effects(source, scope, selection, by)
    counted = queries.counts(source, scope, selection, by)
    groups = [tuple(value for _, value in count.by) for count in counted]
    frame = pandas.DataFrame(
        {
            **group_columns(by, groups),
            "measure": pandas.Series(measure, index=range(len(counted)), dtype=object),
            "unit": pandas.Series(selection.unit, index=range(len(counted)), dtype=object),
            **{name: np.array([getattr(c, old) for c in counted], dtype=np.int64) for name, old in _FIELDS.items()},
        }
    )
    return add_rates(frame, [effects.get(group) for group in groups])


_FIELDS = dict(zip(COUNT_COLUMNS, ("events", "known", "total", "maturing", "episodes", "reports"), strict=True))


def group_columns(by: Sequence[str], groups: Sequence[tuple]) -> dict[str, pandas.Series]:
    """A typed column per dimension from the values of each group."""
    return {
        name: pandas.Series([group[at] for group in groups], dtype=DIMENSION_TYPES.get(name, "object"))
        for at, name in enumerate(by)
    }


def add_rates(counts: pandas.DataFrame, design_effects: Sequence[float | None]) -> pandas.DataFrame:
    """A frame of counts with their rate, interval, bounds and method, the columns in the order of `rates`."""
    unknown, columns = Interval(NOT_KNOWN, NOT_KNOWN, NOT_KNOWN), (counts[name].tolist() for name in COUNT_COLUMNS[:3])
    intervals, bounds, methods = [], [], []
    for events, known, total, effect in zip(*columns, design_effects, strict=True):
        intervals.append(tuple(proportion.wilson_with_effect(events, known, effect) if known else unknown))
        bounds.append(proportion.bounds(events, known, total) if total else (NOT_KNOWN, NOT_KNOWN))
        methods.append(_method(effect) if known else "no outcome known")
    rate, low, high = np.array(intervals, dtype=np.float64).reshape(-1, 3).T
    lowest, highest = np.array(bounds, dtype=np.float64).reshape(-1, 2).T
    return counts[[name for name in counts if name not in ("episodes", "reports")]].assign(
        rate=rate, low=low, high=high, lowest=lowest, highest=highest,
        episodes=counts.episodes, reports=counts.reports,
        design_effect=np.array(design_effects, dtype=np.float64), method=pandas.Series(methods, dtype=object),
    )  # fmt: skip


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


def combine_counts(
    unit: Unit, by: dict[str, Any], counts: Sequence[queries.UnitCount], effect: float | None = None
) -> Any:
    """A row as of `rates`: the rate of groups that share no unit."""
    total = {name: sum(getattr(count, old) for count in counts) for name, old in _FIELDS.items()}
    return _only_row(pandas.DataFrame([{**by, "measure": "side_effect", "unit": unit, **total}]), effect)


def zero_rate(rate: Any) -> Any:
    """A row as of `rates`: no events among the units of another row."""
    columns = ("measure", "unit", *COUNT_COLUMNS)
    counts = {name: getattr(rate, name) for name in columns} | {"events": 0, "episodes": 0, "reports": 0}
    return _only_row(pandas.DataFrame([counts]), None)


def _only_row(counts: pandas.DataFrame, effect: float | None) -> Any:
    return next(add_rates(counts, [effect]).itertuples(index=False))


def durations(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """How long side effects last, open ones included, per combination of the dimensions in `by`.

    Columns: one per dimension, measure (str), episodes, ended, open (int64), median, low, high (float64, whole days;
    NaN: not reached, or too few have ended), still_present_14, still_present_42, still_present_91 (float64, 0-1: the
    share after so many days; NaN beyond the follow-up), longest (int64: the most days any was followed),
    closed_only_median (float64), between_contacts (int64: ends found at a contact, not recorded to the day),
    between_contacts_median (float64), method (str: why there is no curve, or `KAPLAN_MEIER`).
    """
    return durations_of(cases.episode_durations(source, scope, selection, by), by)


def durations_of(courses: Mapping[tuple, cases.EpisodeDurations], by: Sequence[str]) -> pandas.DataFrame:
    """The same from the courses of the episodes of each group."""
    rows = [_duration(course) for course in courses.values()]
    still = [f"still_present_{days}" for days in STILL_PRESENT_DAYS]
    types = {
        "measure": "object",
        **dict.fromkeys(("episodes", "ended", "open"), "int64"),
        **dict.fromkeys(("median", "low", "high", *still), "float64"),
        "longest": "int64",
        "closed_only_median": "float64",
        "between_contacts": "int64",
        "between_contacts_median": "float64",
        "method": "object",
    }
    columns = {name: pandas.Series([row[name] for row in rows], dtype=dtype) for name, dtype in types.items()}
    return pandas.DataFrame(group_columns(by, list(courses)) | columns)


def _duration(course: cases.EpisodeDurations) -> dict[str, Any]:
    curve = survival.kaplan_meier(course.days, course.ended)
    median = Interval(None, None, None) if curve.refused else curve.median
    between = _ends_between_contacts(course)
    ended, episodes = int(course.ended.sum()), len(course.days)
    return {
        "measure": "duration",
        "episodes": episodes,
        "ended": ended,
        "open": episodes - ended,
        "median": median.estimate,
        "low": median.low,
        "high": median.high,
        **{f"still_present_{day}": None if curve.refused else curve.at(day).estimate for day in STILL_PRESENT_DAYS},
        "longest": int(course.days.max()),
        "closed_only_median": float(np.median(course.days[course.ended])) if ended else None,
        "between_contacts": int((course.ended & ~course.end_exact).sum()),
        "between_contacts_median": between.median.estimate if between and not between.refused else None,
        "method": curve.refused or KAPLAN_MEIER,
    }


def median_interval(duration: Any) -> Interval:
    """The median and its interval of a row of `durations`; None where a value is not reached."""
    return Interval(*(None if np.isnan(days) else days for days in (duration.median, duration.low, duration.high)))


def _ends_between_contacts(course: cases.EpisodeDurations) -> survival.Turnbull | None:
    """The estimate that takes an end found at a contact as lying between two contacts; None where few ends are such."""
    found = course.ended & ~course.end_exact
    if found.sum() <= INTERVAL_SHARE * course.ended.sum():
        return None
    last_present = np.where(found, np.minimum(course.seen_days, course.days - 1), course.days)
    first_gone = np.where(course.ended, course.days, np.inf)
    return survival.turnbull(last_present, first_gone)
