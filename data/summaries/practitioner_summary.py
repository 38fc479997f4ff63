"""A practitioner's own results: the latest ones, before and after a change, touch-ups, and month by month."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas
from sqlalchemy import case, func, select

from data.analysis import treatments
from data.analysis.baselines import Marker
from data.analysis.query_builder import AnalysisTables, apply_selection
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries.measure_states import MeasureBaseline
from data.summaries.months import month_of, monthly_rates
from data.summaries.overview import DOUBLED_RATIO
from models.statistics import control_chart, detection, proportion
from models.statistics.interval import Interval

MAX_LATEST = 50  # "how did my last 50 go?"


class CountWindow(NamedTuple):
    """Treatments with a side effect among those followed up; `first`, `last`: the dates of treatment."""

    events: int
    followed_up: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class LatestResults:
    """The latest treatments against the baseline. `tail`: the chance of so many events or more at that rate; `flag` as
    of a month (models/statistics/control_chart.py); `power`: the chance that a doubled rate would have been flagged.
    None without a follow-up, without a baseline, or where it cannot double."""

    window: CountWindow
    rate: Interval | None = None
    tail: float | None = None
    flag: str = ""
    power: float | None = None


def latest_results(
    source: AnalysisTables, scope: Scope, selection: Selection, baseline: MeasureBaseline
) -> LatestResults:
    """The latest treatments (at most 50) of the selection with a follow-up; those in follow-up are left out."""
    outcomes = treatments.outcome_sequence(source, scope, replace(selection, unit="treatment"))
    window = _count_window(outcomes, slice(-MAX_LATEST, None))
    events, followed_up = window.events, window.followed_up
    if not followed_up:
        return LatestResults(window)
    rate = proportion.wilson(events, followed_up)
    if baseline.rate is None:
        return LatestResults(window, rate)
    counted = {} if baseline.is_target else {"baseline_events": baseline.events, "baseline_total": baseline.followed_up}
    flags = control_chart.period_flags([events], [followed_up], baseline.rate, **counted)
    power = detection.power(followed_up, baseline.rate, DOUBLED_RATIO) if DOUBLED_RATIO * baseline.rate < 1 else None
    return LatestResults(window, rate, float(flags.tail[0]), str(flags.flag[0]), power)


def compare_before_after(
    source: AnalysisTables, scope: Scope, selection: Selection, markers: tuple[Marker, ...]
) -> pandas.DataFrame:
    """The treatments before and from each change noted within the period, each up to the next change; latest last.

    Columns: date (date), labels (tuple of str), events_before, followed_up_before (int64), first_before, last_before
    (date or None), the same four with _after, difference, low, high (float64: the rate after minus the rate before,
    -1 to 1; NaN where either side has no follow-up). Treatments in follow-up are left out.
    """
    outcomes = treatments.outcome_sequence(source, scope, replace(selection, unit="treatment"))
    noted: dict[date, tuple[str, ...]] = {}
    for marker in sorted(markers, key=lambda marker: marker.date):
        if (selection.from_date or date.min) < marker.date <= (selection.to_date or selection.as_of):
            noted[marker.date] = (*noted.get(marker.date, ()), marker.what)
    starts = outcomes.date.searchsorted(pandas.to_datetime(list(noted))).tolist()
    edges = pairwise([0, *starts, len(outcomes)])
    windows = [_count_window(outcomes, slice(*ends)) for ends in edges]
    rows = []
    for (day, labels), (before, after) in zip(noted.items(), pairwise(windows), strict=True):
        difference = Interval(np.nan, np.nan, np.nan)
        if after.followed_up and before.followed_up:
            difference = proportion.difference(after.events, after.followed_up, before.events, before.followed_up)
        rows.append((day, labels, *before, *after, *difference))
    sides = [f"{name}_{side}" for side in ("before", "after") for name in CountWindow._fields]
    frame = pandas.DataFrame(rows, columns=["date", "labels", *sides, "difference", "low", "high"])
    types = {f"{name}_{side}": "int64" for name in ("events", "followed_up") for side in ("before", "after")}
    return frame.astype(types | dict.fromkeys(("difference", "low", "high"), "float64"))


def _count_window(outcomes: pandas.DataFrame, part: slice) -> CountWindow:
    window = outcomes[part]
    ends = (window.date.iloc[0].date(), window.date.iloc[-1].date()) if len(window) else (None, None)
    return CountWindow(int(window.affected.sum()), len(window), *ends)


@dataclass(frozen=True)
class TouchUpRate:
    """Treatments that were a touch-up of an earlier one, among all of them; `rate` None where there are none."""

    events: int
    total: int
    rate: Interval | None


def touch_up_rate(source: AnalysisTables, scope: Scope, selection: Selection) -> TouchUpRate:
    """How many of the selected treatments were touch-ups; those in follow-up count, because a touch-up is known at
    once."""
    t = source.treatments
    counted = select(func.count(case((t.c.touch_up, 1))), func.count())
    events, total = source.fetch_rows(apply_selection(source, scope, selection, t, counted))[0]
    return TouchUpRate(events, total, proportion.wilson(events, total) if total else None)


def practitioner_months(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Every calendar month of the period, as of `months.monthly_rates`; without a start of the period, from the month
    of the earliest treatment."""
    first = month_of(selection.from_date) if selection.from_date else None
    last = month_of(min(selection.to_date or selection.as_of, selection.as_of))
    months = monthly_rates(source, scope, replace(selection, unit="treatment"), first, last)
    return months if months.total.any() else months[:0]
