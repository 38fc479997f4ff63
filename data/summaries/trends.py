"""One measure over time: flagged months, observed minus expected with its CUSUM signals, and gaps between events.

Everything is compared with a stated baseline that does not move: the rate of a dated period, or a target.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import ceil, log2

import numpy as np
import pandas

from data.analysis.baselines import StatedBaseline
from data.analysis.outcomes import daily_outcomes
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries.months import monthly_rates
from models.statistics import control_chart

MIN_BASELINE_OUTCOMES = 200  # followed up, over at least 12 months, make a baseline (docs/methods.md)
MIN_BASELINE_DAYS = 365
SHORTEST_HORIZON = 250  # treatments within which a false signal has a chance of 5%
DETECTION_HORIZON = 250  # treatments within which the chance to detect a change is stated
AS_EXPECTED, HIGHER, TOO_FEW = "as expected", "higher than expected", "too few to judge"

DAY = np.dtype([("date", "datetime64[D]"), ("events", "int64"), ("followed_up", "int64")])

_cusum_limit = lru_cache(maxsize=1000)(control_chart.cusum_limit)


@dataclass(frozen=True)
class MeasureBaseline:
    """The rate that a measure is compared with, and where it comes from. `rate` None: `refused` says why."""

    rate: float | None
    events: int
    followed_up: int
    from_date: date | None
    to_date: date | None
    refused: str | None


@dataclass(frozen=True)
class Trend:
    """A measure over time.

    `months`: as of `months.monthly_rates`, then flag (str: "", "watch", "action" or "better") and flagged_from
    (float64: the rate from which the month would be flagged; NaN: none). `outcomes`: True for each event, in the order
    of treatment, on `days`; empty without a baseline.
    """

    baseline: MeasureBaseline
    months: pandas.DataFrame
    days: np.ndarray
    outcomes: np.ndarray
    signals: np.ndarray
    power_doubled: float | None = None
    gaps: control_chart.Gaps | None = None
    gap_limits: tuple[float, float, float] | None = None

    @property
    def status(self) -> str:
        if self.baseline.rate is None:
            return TOO_FEW
        return HIGHER if len(self.signals) or (self.months.flag == "action").any() else AS_EXPECTED


@dataclass(frozen=True)
class MeasureStatus:
    """The status of a measure, as of `Trend`; events and followed up of the period, without those in follow-up."""

    status: str
    baseline: MeasureBaseline
    events: int
    followed_up: int


def measure_baseline(
    source: AnalysisTables, scope: Scope, selection: Selection, stated: StatedBaseline | None = None
) -> MeasureBaseline:
    """The stated baseline; without one, the first 12 months on record, longer if they hold fewer than 200 outcomes."""
    return _baseline_of(_daily_outcomes(source, scope, [selection])[0], stated)


def _baseline_of(daily: np.ndarray, stated: StatedBaseline | None) -> MeasureBaseline:
    """`daily`: outcomes of all dates."""
    if stated is not None and stated.target is not None:
        return MeasureBaseline(stated.target, 0, 0, None, None, None)
    days = _first_year(daily) if stated is None else _between(daily, stated.from_date, stated.to_date)
    events, followed_up = _totals(days)
    first, last = days["date"][[0, -1]].tolist() if len(days) else (None, None)
    refused = None
    if followed_up < MIN_BASELINE_OUTCOMES:
        refused = f"{followed_up} of the {MIN_BASELINE_OUTCOMES} treatments with a follow-up that a baseline needs"
    elif not events:
        refused = f"no event in {followed_up}, so there is no rate to exceed; a target can be set"
    return MeasureBaseline(None if refused else events / followed_up, events, followed_up, first, last, refused)


def _first_year(daily: np.ndarray) -> np.ndarray:
    earlier = daily["followed_up"].cumsum() - daily["followed_up"]
    days = (daily["date"] - daily["date"][:1]).astype(np.int64)
    enough = (earlier >= MIN_BASELINE_OUTCOMES) & (days >= MIN_BASELINE_DAYS)
    return daily[: enough.argmax()] if enough.any() else daily


def trend(source: AnalysisTables, scope: Scope, selection: Selection, stated: StatedBaseline | None = None) -> Trend:
    """The selected side effects of the selected treatments, month by month and treatment by treatment."""
    (daily,) = _daily_outcomes(source, scope, [selection])
    baseline = _baseline_of(daily, stated)
    months = monthly_rates(source, scope, selection)
    if baseline.rate is None:
        none = np.zeros(0, dtype=bool)
        return Trend(baseline, months.assign(flag="", flagged_from=np.nan), none, none, none)
    days, outcomes = _outcomes_in_order(_in_period(daily, selection))
    signals, power = np.zeros(0, dtype=np.int64), None
    if len(outcomes):
        limit = _cusum_limit(baseline.rate, horizon=_round_up_horizon(len(outcomes)))
        signals = control_chart.bernoulli_cusum(outcomes, baseline.rate, limit=limit).signals
        within = min(DETECTION_HORIZON, len(outcomes))
        power = control_chart.cusum_detection(baseline.rate, limit, within, true_ratio=2.0)
    return Trend(
        baseline, _flag_months(months, baseline.rate), days, outcomes, signals, power,
        control_chart.gaps(outcomes), control_chart.gap_limits(baseline.rate),
    )  # fmt: skip


def _flag_months(months: pandas.DataFrame, baseline: float) -> pandas.DataFrame:
    if months.empty:
        return months.assign(flag="", flagged_from=np.nan)
    events, followed_up, young = (months[name].to_numpy() for name in ("events", "followed_up", "is_in_follow_up"))
    more = control_chart.period_flags(events, followed_up, baseline, maturing=young)
    fewer = control_chart.period_flags(followed_up - events, followed_up, 1 - baseline, maturing=young)
    return months.assign(
        flag=np.where(fewer.flag == "action", "better", more.flag).astype(object),
        flagged_from=np.where(np.isfinite(more.limit), more.limit, np.nan),
    )


def measure_statuses(
    source: AnalysisTables,
    scope: Scope,
    selections: Sequence[Selection],
    stated_baselines: Sequence[StatedBaseline | None],
) -> list[MeasureStatus]:
    """The status of each selection, without its trend. All are of one period and of one unit other than the client,
    who could be in two months at once."""
    found = []
    outcomes = _daily_outcomes(source, scope, selections)
    for daily, selection, stated in zip(outcomes, selections, stated_baselines, strict=True):
        baseline, within = _baseline_of(daily, stated), _in_period(daily, selection)
        found.append(MeasureStatus(_status(within, baseline.rate, selection), baseline, *_totals(within)))
    return found


def false_alarm_chance(months: int) -> float:
    """The highest chance that a measure that has not changed is `HIGHER` after so many months."""
    return 1 - (1 - control_chart.USUAL_FALSE_ALARM) * (1 - control_chart.FLAG_CHANCE) ** months


def _status(daily: np.ndarray, baseline: float | None, selection: Selection) -> str:
    if baseline is None:
        return TOO_FEW
    months, starts = np.unique(daily["date"].astype("datetime64[M]"), return_index=True)
    is_over = ~selection.is_in_follow_up((months + 1).astype("datetime64[D]") - 1)
    if is_over.any():
        events, followed_up = (np.add.reduceat(daily[name], starts)[is_over] for name in ("events", "followed_up"))
        if "action" in control_chart.period_flags(events, followed_up, baseline).flag:
            return HIGHER
    _, outcomes = _outcomes_in_order(daily)
    highest = control_chart.bernoulli_cusum(outcomes, baseline).score.max(initial=0.0)
    if highest > 0 and control_chart.cusum_reaches(highest, baseline, horizon=_round_up_horizon(len(outcomes))):
        return HIGHER
    return AS_EXPECTED


def _round_up_horizon(outcomes: int) -> int:
    """The next of 250, 500, 1,000, 2,000 ... at or above: never more false alarms, and one limit for many periods."""
    return SHORTEST_HORIZON * 2 ** max(0, ceil(log2(outcomes / SHORTEST_HORIZON)))


def _daily_outcomes(source: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[np.ndarray]:
    """Per selection, its days of all dates with units followed up, as rows of `DAY`."""
    all_dates = [replace(selection, from_date=None, to_date=None) for selection in selections]
    found = daily_outcomes(source, scope, all_dates)
    return [days.to_records(index=False, column_dtypes=dict(DAY.descr)) for days in found]


def _in_period(daily: np.ndarray, selection: Selection) -> np.ndarray:
    return _between(daily, selection.from_date, selection.to_date)


def _between(daily: np.ndarray, first: date | None, last: date | None) -> np.ndarray:
    start, end = np.datetime64(first or date.min), np.datetime64(last or date.max)
    return daily[(daily["date"] >= start) & (daily["date"] <= end)]


def _totals(daily: np.ndarray) -> tuple[int, int]:
    return int(daily["events"].sum()), int(daily["followed_up"].sum())


def _outcomes_in_order(daily: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The day and the outcome of each unit followed up. The order within a day is unknown: its events are spread evenly
    over it, because at its end they would look like a run."""
    events, followed_up = daily["events"], daily["followed_up"]
    days = np.repeat(daily["date"], followed_up)
    day_events, day_total = np.repeat(events, followed_up), np.repeat(followed_up, followed_up)
    position = np.arange(followed_up.sum()) - np.repeat(followed_up.cumsum() - followed_up, followed_up)  # from 0
    before, after = ((position + more) * day_events + day_total // 2 for more in (0, 1))
    return days, after // day_total > before // day_total
