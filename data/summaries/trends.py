"""One measure over time: periods with exact flags, observed minus expected with the CUSUM behind it, gaps.

Everything is held against a baseline that is stated and stays: the rate of a dated period, or a target.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import ceil, log2
from typing import Any

import numpy as np
import pandas

from data.analysis import counts, estimates
from data.analysis.baselines import StatedBaseline
from data.analysis.counts import Day
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics import control_chart

MIN_BASELINE_OUTCOMES = (
    200  # known outcomes that make a baseline, over at least 12 months (docs/methods.md, change over time)
)
MIN_BASELINE_DAYS = 365
SHORTEST_HORIZON = 250  # treatments within which a false signal has a chance of 5 %
DETECTION_HORIZON = 250  # treatments: the horizon over which the chance to notice a change is stated


@dataclass(frozen=True)
class MeasureBaseline:
    """The rate that a measure is held against, and where it is from. `rate` None: `refused` says why."""

    rate: float | None
    events: int
    known: int
    from_date: date | None
    to_date: date | None
    refused: str | None


@dataclass(frozen=True)
class TrendMonth:
    """One month. `flag`: "", "watch", "action" or "better"; `limit`: the rate from which it would be flagged."""

    month: int
    rate: Any  # a row of `estimates.rates`
    flag: str
    limit: float
    tail: float
    in_follow_up: bool


@dataclass(frozen=True)
class Trend:
    """`outcomes`: known outcomes in the order of treatment, on `days`; empty where there is no usual rate."""

    baseline: MeasureBaseline
    periods: tuple[TrendMonth, ...]
    days: np.ndarray
    outcomes: np.ndarray
    signals: np.ndarray
    limit: float | None
    power_doubled: float | None
    power_tripled: float | None
    gaps: control_chart.Gaps | None
    gap_limits: tuple[float, float, float] | None

    @property
    def status(self) -> str:
        """ "too few", "look" or "steady", as of the mature periods shown."""
        if self.baseline.rate is None:
            return "too few"
        flagged = any(period.flag == "action" for period in self.periods)
        return "look" if flagged or len(self.signals) else "steady"


@dataclass(frozen=True)
class MeasureStatus:
    """How a measure stands: `state` as of `Trend`; `events` in `known` outcomes of the period, maturing ones left
    out."""

    status: str
    baseline: MeasureBaseline
    events: int
    known: int


def measure_baseline(
    source: AnalysisTables, scope: Scope, selection: Selection, stated_baseline: StatedBaseline | None = None
) -> MeasureBaseline:
    """The stated baseline; without one, the first 12 months on record, longer if they hold fewer than 200 outcomes."""
    return _baseline_of(_daily(source, scope, [selection])[0], stated_baseline)


def _baseline_of(daily: list[Day], stated: StatedBaseline | None) -> MeasureBaseline:
    """`daily`: of all dates."""
    if stated is not None and stated.target is not None:
        return MeasureBaseline(stated.target, 0, 0, None, None, None)
    if stated is None:
        taken = _first_year(daily)
    else:
        taken = [day for day in daily if stated.from_date <= day[0] <= stated.to_date]
    events, known = sum(day[1] for day in taken), sum(day[2] for day in taken)
    first, last = (taken[0][0], taken[-1][0]) if taken else (None, None)
    refused = None
    if known < MIN_BASELINE_OUTCOMES:
        refused = f"too few: {known} of the {MIN_BASELINE_OUTCOMES} known outcomes that a usual rate needs"
    elif not events:
        refused = f"none in {known}: without a single one there is no usual rate to exceed; a target can be set"
    return MeasureBaseline(None if refused else events / known, events, known, first, last, refused)


def _first_year(daily: list[Day]) -> list[Day]:
    taken, known = [], 0
    for day in daily:
        if known >= MIN_BASELINE_OUTCOMES and (day[0] - daily[0][0]).days >= MIN_BASELINE_DAYS:
            break
        taken.append(day)
        known += day[2]
    return taken


def trend(
    source: AnalysisTables, scope: Scope, selection: Selection, stated_baseline: StatedBaseline | None = None
) -> Trend:
    """The selected side effects of the selected treatments, month by month and treatment by treatment."""
    (daily,) = _daily(source, scope, [selection])
    usual = _baseline_of(daily, stated_baseline)
    months = _every_month(estimates.rates(source, scope, selection, ("month",)), selection)
    if usual.rate is None:
        plain = tuple(TrendMonth(m, rate, "", float("inf"), 1.0, _is_in_follow_up(m, selection)) for m, rate in months)
        nothing = np.zeros(0, dtype=bool)
        return Trend(usual, plain, nothing, nothing, nothing, None, None, None, None, None)
    days, outcomes = _outcomes_in_order(_days_in_period(daily, selection))
    limit, signals = None, np.zeros(0, dtype=np.int64)
    if len(outcomes):
        limit = _limit(usual.rate, _round_up_horizon(len(outcomes)))
        signals = control_chart.bernoulli_cusum(outcomes, usual.rate, limit=limit).signals
    within = min(DETECTION_HORIZON, len(outcomes))
    notices = [
        control_chart.cusum_detection(usual.rate, limit, within, true_ratio=ratio) if within else None
        for ratio in (2.0, 3.0)
    ]
    return Trend(
        usual,
        _flag_months(months, usual.rate, selection),
        days,
        outcomes,
        signals,
        limit,
        *notices,
        control_chart.gaps(outcomes),
        control_chart.gap_limits(usual.rate),
    )


def measure_statuses(
    source: AnalysisTables,
    scope: Scope,
    selections: Sequence[Selection],
    stated_baselines: Sequence[StatedBaseline | None],
) -> list[MeasureStatus]:
    """How each selection stands, without its trend. They are of one viewer, period, site and practitioner, and count
    treatments or treated areas: neither is in two months at once."""
    every = zip(_daily(source, scope, selections), selections, stated_baselines, strict=True)
    return [_measure_status(days, selection, _baseline_of(days, its)) for days, selection, its in every]


def _measure_status(daily: list[Day], selection: Selection, usual: MeasureBaseline) -> MeasureStatus:
    within = _days_in_period(daily, selection)
    events, known = sum(day[1] for day in within), sum(day[2] for day in within)
    return MeasureStatus(_state(within, usual.rate, selection), usual, events, known)


def false_alarm_chance(months: int) -> float:
    """The chance, at most, that a measure in which nothing has changed is in state "look" after so many months."""
    return 1 - (1 - control_chart.USUAL_FALSE_ALARM) * (1 - control_chart.FLAG_CHANCE) ** months


def _state(daily: list[Day], usual: float | None, selection: Selection) -> str:
    if usual is None:
        return "too few"
    return "look" if _is_flagged(daily, usual, selection) or _has_signal(daily, usual) else "steady"


def _is_flagged(daily: list[Day], usual: float, selection: Selection) -> bool:
    months: dict[int, list[int]] = {}
    for day, events, known in daily:
        month = months.setdefault(day.year * 100 + day.month, [0, 0])
        month[0] += events
        month[1] += known
    mature = [counts for month, counts in months.items() if not _is_in_follow_up(month, selection)]
    return bool(mature) and "action" in control_chart.period_flags(*zip(*mature, strict=True), usual).flag


def _has_signal(daily: list[Day], usual: float) -> bool:
    _, outcomes = _outcomes_in_order(daily)
    highest = control_chart.bernoulli_cusum(outcomes, usual).score.max(initial=0.0)
    return highest > 0 and control_chart.cusum_reaches(highest, usual, horizon=_round_up_horizon(len(outcomes)))


def _round_up_horizon(outcomes: int) -> int:
    """The next of 250, 500, 1,000, 2,000 ... at or above: never more false alarms, and a limit serves many periods."""
    return SHORTEST_HORIZON * 2 ** max(0, ceil(log2(outcomes / SHORTEST_HORIZON)))


@lru_cache(maxsize=1000)
def _limit(usual: float, horizon: int) -> float:
    return control_chart.cusum_limit(usual, horizon=horizon)


def _flag_months(months: list, usual: float, selection: Selection) -> tuple[TrendMonth, ...]:
    if not months:
        return ()
    events, known = (np.array([getattr(rate, name) for _, rate in months]) for name in ("events", "followed_up"))
    maturing = np.array([_is_in_follow_up(month, selection) for month, _ in months])
    flags = control_chart.period_flags(events, known, usual, maturing=maturing)
    fewer = control_chart.period_flags(known - events, known, 1 - usual, maturing=maturing)
    return tuple(
        TrendMonth(month, rate, "better" if better == "action" else str(flag), float(limit), float(tail), bool(young))
        for (month, rate), flag, better, limit, tail, young in zip(
            months, flags.flag, fewer.flag, flags.limit, flags.tail, maturing, strict=True
        )
    )


def _is_in_follow_up(month: int, selection: Selection) -> bool:
    """Whether any day of the month is less than the follow-up window ago."""
    return _month_after(month) > selection.mature_until


def _month_after(month: int) -> date:
    year, of_year = divmod(month, 100)
    return date(year + of_year // 12, of_year % 12 + 1, 1)


def _every_month(rates: pandas.DataFrame, selection: Selection) -> list[tuple[int, Any]]:
    """Months in order, an empty one in between included."""
    found = {rate.month: rate for rate in rates.itertuples(index=False)}
    months, month = [], min(found, default=None)
    while month is not None and month <= max(found):
        months.append((month, found.get(month) or estimates.combine_counts(selection.unit, {"month": month}, [], None)))
        after = _month_after(month)
        month = after.year * 100 + after.month
    return months


def _daily(source: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[list[Day]]:
    """Per selection, its days of all dates with a known outcome; maturing days are left out."""
    everything = [replace(selection, from_date=None, to_date=None) for selection in selections]
    until = [selection.mature_until for selection in selections]
    found = counts.daily_outcomes(source, scope, everything)
    return [[day for day in days if day[0] <= last] for days, last in zip(found, until, strict=True)]


def _days_in_period(daily: list[Day], selection: Selection) -> list[Day]:
    first, last = selection.from_date or date.min, selection.to_date or date.max
    return [day for day in daily if first <= day[0] <= last]


def _outcomes_in_order(daily: list[Day]) -> tuple[np.ndarray, np.ndarray]:
    """One entry per known outcome. Within a day nobody knows the order: its side effects are spread evenly over it, for
    heaped at its end they would look like a run."""
    events, known = (np.array([day[at] for day in daily], dtype=np.int64) for at in (1, 2))
    days = np.repeat(np.array([day for day, _, _ in daily], dtype="datetime64[D]"), known)
    its_events, its_known = np.repeat(events, known), np.repeat(known, known)
    place = np.arange(known.sum()) - np.repeat(known.cumsum() - known, known)  # within its day, from 0
    so_far, with_it = ((place + one) * its_events + its_known // 2 for one in (0, 1))
    return days, with_it // its_known > so_far // its_known
