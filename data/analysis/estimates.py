"""Counts with their statistics, as pages show them and reports print them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from data.analysis import cases
from data.analysis.clustering import client_sums
from data.analysis.counts import COUNT_COLUMNS, counts
from data.analysis.frames import as_rows, make_frame, rows_as_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection
from models.statistics import proportion, step_curve, survival
from models.statistics.interval import Interval

MIN_EVENTS_FOR_DESIGN_EFFECT = 10  # below it a design effect is mostly chance (as for a dose slope, docs/methods.md)
STILL_PRESENT_DAYS = (14, 42, 91)  # 2, 6 and 13 weeks: "within a few weeks or months?"
TURNBULL, KAPLAN_MEIER = "turnbull", "kaplan_meier"  # the estimate that leads; the latter with log-log limits

RATE_COLUMNS = (
    "measure", "unit", "treated", "events", "followed_up", "volunteered", "total", "in_follow_up", "known", "rate",
    "low", "high", "lowest", "highest", "episodes", "reports", "design_effect", "method",
)  # fmt: skip


def rates(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """One rate per combination of the dimensions in `by`; of any side effect unless one of them is of side effects.

    Columns: one per dimension, measure, unit (str), treated, events, followed_up, volunteered, total, in_follow_up,
    known (int64, as of `counts.counts`), rate, low, high (events among those followed up, with the 95% interval),
    lowest, highest (bounds over the total; float64, 0-1, NaN without any), episodes, reports (int64), design_effect
    (float64, NaN where it cannot be estimated), method (str).
    """
    counted = counts(source, scope, selection, by)
    return add_rates(counted, selection.unit, by, design_effects(source, scope, selection, by))


def add_rates(
    counted: pandas.DataFrame,
    unit: str,
    by: Sequence[str] = (),
    effects: Mapping[tuple[Any, ...], float] | None = None,
) -> pandas.DataFrame:
    """Counts by the dimensions in `by` with the other columns of `rates`. `effects`: as of `design_effects`."""
    groups = as_rows(counted[list(by)], lambda *group: group) if by else [()] * len(counted)
    effect = np.array([(effects or {}).get(group, np.nan) for group in groups], dtype=np.float64)
    columns: dict[str, Any] = {name: counted[name].to_numpy() for name in (*by, *COUNT_COLUMNS)}
    events, followed_up, total = (columns[name] for name in ("events", "followed_up", "total"))
    rate, low, high = proportion.rate_columns(events, followed_up, effect)
    some = np.where(total > 0, total, np.nan)
    lowest, highest = (events + columns["volunteered"]) / some, columns["possible"] / some
    method = np.where(followed_up > 0, "Wilson 95 %", "nobody was followed up").astype(object)
    for place in np.flatnonzero((followed_up > 0) & (effect > proportion.MIN_DESIGN_EFFECT)):
        method[place] += f", widened for several treatments of one client (design effect {effect[place]:.2f})"
    measure = next((name for name in ("side_effect", "family", "grade") if name in by), "any_side_effect")
    columns |= {"measure": [measure] * len(counted), "unit": [unit] * len(counted), "design_effect": effect}
    columns |= {"rate": rate, "low": low, "high": high, "lowest": lowest, "highest": highest, "method": method}
    return make_frame({name: columns[name] for name in (*by, *RATE_COLUMNS)})


def design_effects(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]
) -> dict[tuple[Any, ...], float]:
    """How much more each rate varies because some clients were treated more than once, where it can be estimated."""
    if selection.unit == "client":
        return {}
    outer_first = sorted(by, key=lambda name: name in EFFECT_DIMENSIONS)
    place = [outer_first.index(name) for name in by]
    estimated = {}
    for group, sums in client_sums(source, scope, selection, by).items():
        if sums["events"] >= MIN_EVENTS_FOR_DESIGN_EFFECT:
            effect = proportion.design_effect_of_sums(**sums)
            if effect is not None:
                estimated[tuple(group[n] for n in place)] = effect
    return estimated


DURATION_COLUMNS = (
    "measure", "episodes", "ended", "fatal", "open", "median", "low", "high",
    *(f"still_present_{day}" for day in STILL_PRESENT_DAYS),
    "longest", "closed_only_median", "between_contacts", "between_contacts_median",
    "kaplan_meier_median", "kaplan_meier_low", "kaplan_meier_high", "open_ended_median", "method", "refused",
)  # fmt: skip
NO_MEDIAN = Interval(None, None, None)


def durations(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = (), with_intervals: bool = False
) -> pandas.DataFrame:
    """How long side effects last, open ones included, per combination of the dimensions in `by`.

    Columns: one per dimension, measure (str), episodes, ended, fatal (of those ended), open (int64), median, low, high
    (float64, days; NaN: not reached, or `refused`), still_present_14, still_present_42, still_present_91 (float64, 0-1:
    the share after so many days; NaN where too few were followed that long), longest (int64: the most days any was
    followed), closed_only_median (float64), between_contacts (int64: ends found at a contact, not recorded to the day),
    between_contacts_median (float64: the interval-censored one, with such ends), kaplan_meier_median, kaplan_meier_low,
    kaplan_meier_high (float64: with each end on its latest possible day), open_ended_median (float64: if every open one
    had ended the day after it was last recorded as present), method (str: the estimate of `median`, `TURNBULL` where an
    end was found at a contact, else `KAPLAN_MEIER`), refused (str: why there is no median; None).
    `with_intervals`: low and high of `TURNBULL`, and open_ended_median, which take 0.1 seconds a group; without it they
    are NaN.
    """
    return summarize_durations(cases.episode_durations(source, scope, selection, by), by, with_intervals)


def summarize_durations(episodes: pandas.DataFrame, by: Sequence[str], with_intervals: bool) -> pandas.DataFrame:
    """`durations` of the rows of cases.episode_durations; they have the columns `by`."""
    groups = cases.split_episodes(episodes, by)
    rows = [group + tuple(estimate_duration(part, with_intervals).values()) for group, part in groups.items()]
    return rows_as_frame((*by, *DURATION_COLUMNS), rows, ended="int64", open="int64", fatal="int64")


def presence_limits(measured: Mapping[str, Any] | pandas.DataFrame) -> tuple[np.ndarray[Any, Any], ...]:
    """Of side effects (columns of cases.MEASURED) the last day known to be present and the first known to be gone, as
    `survival.turnbull` takes them: equal if the end is exact, gone at infinity if it is open."""
    days, ended = measured["days"], measured["ended"]
    # The last day of one found gone at a contact is the last recorded as present, a day up to `days`, or one between.
    earliest = np.minimum(measured["seen_days"], days) - 1
    return np.where(ended & ~measured["end_exact"], earliest, days), np.where(ended, days, np.inf)


def estimate_duration(measured: Mapping[str, np.ndarray[Any, Any]], with_interval: bool = False) -> dict[str, Any]:
    """A row of `durations` from the columns of cases.MEASURED."""
    days, ended = measured["days"], measured["ended"]
    found_at_contact = int((ended & ~measured["end_exact"]).sum())
    last, first = presence_limits(measured)
    kaplan_meier = survival.kaplan_meier(days, ended)
    # A group with too few ended is spared the estimate that it would not show: 10 ms for each side effect of a page.
    between = survival.turnbull(last, first) if found_at_contact and not kaplan_meier.refused else None
    if between and with_interval:
        leading = survival.bootstrap_median(last, first, measured["client_id"])
    else:
        leading = Interval(between.median.estimate, None, None) if between else kaplan_meier.median
    refused = kaplan_meier.refused or _too_few_at(leading.estimate, days, ended)
    curve = between or kaplan_meier
    return {
        "measure": "duration",
        "episodes": len(days),
        "ended": int(ended.sum()),
        "fatal": int(measured["fatal"].sum()),
        "open": int((~ended).sum()),
        **dict(zip(("median", "low", "high"), NO_MEDIAN if refused else leading, strict=True)),
        **{
            f"still_present_{day}": None
            if kaplan_meier.refused or _too_few_at(day, days, ended)
            else curve.at(day).estimate
            for day in STILL_PRESENT_DAYS
        },
        "longest": int(days.max()),
        "closed_only_median": float(np.median(days[ended])) if ended.any() else None,
        "between_contacts": found_at_contact,
        "between_contacts_median": leading.estimate if between and not refused else None,
        **{
            f"kaplan_meier_{name}": value
            for name, value in zip(
                ("median", "low", "high"), NO_MEDIAN if refused else kaplan_meier.median, strict=True
            )
        },
        "open_ended_median": _open_ended_median(last, first)
        if with_interval and not (refused or ended.all())
        else None,
        "method": TURNBULL if found_at_contact else KAPLAN_MEIER,
        "refused": refused,
    }


def _too_few_at(day: float | None, days: np.ndarray[Any, Any], ended: np.ndarray[Any, Any]) -> str | None:
    return None if day is None else step_curve.too_few_followed(day, days, ended)


def _open_ended_median(last: np.ndarray[Any, Any], first: np.ndarray[Any, Any]) -> float | None:
    """The median if every open one had ended the day after it was last recorded as present."""
    is_open = np.isinf(first)
    return survival.turnbull(last + is_open, np.where(is_open, last + 1, first)).median.estimate


def median_interval(duration: Any) -> Interval:
    """The median and its interval of a row of `durations`; None where a value is not reached."""
    return Interval(*(None if np.isnan(days) else days for days in (duration.median, duration.low, duration.high)))
