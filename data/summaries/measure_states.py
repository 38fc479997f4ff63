"""Is a measure as expected or higher than expected? The one verdict that every page prints.

It depends on the records and on what the viewer may see, never on the filters or the period of a page: a CUSUM of all
treatments, adjusted for case mix, that runs on from the end of a baseline and keeps its first signal (docs/methods.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from math import ceil

import numpy as np
import pandas
from numpy.typing import NDArray

from data.analysis.baselines import RecordedSignal, StatedBaseline
from data.analysis.outcomes import KnownOutcomes, known_outcomes
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.measure import Measure, measures
from models.statistics import case_mix, control_chart

MIN_EVENTS = 10  # of a counted baseline (docs/methods.md)
MIN_OUTCOMES = 200  # of one that is shorter than a year
YEAR = 365
HORIZON = 2 * YEAR  # days: the false signals within the volume of two years are limited
SHORTEST_HORIZON = 250  # treatments
LOOK_BACK = YEAR  # days before a target was set that are judged by it
LIMIT_PRECISION = 0.03  # a limit for a counted baseline is never further below the one for a known rate
AS_EXPECTED, HIGHER, ABOVE_TARGET, TOO_FEW = (
    "as expected", "higher than expected", "above the target", "too few to judge",
)  # fmt: skip

_limit_counted = lru_cache(maxsize=1000)(control_chart.cusum_limit_counted)
_limit_known = lru_cache(maxsize=1000)(control_chart.cusum_limit)


@dataclass(frozen=True)
class MeasureBaseline:
    """The rate that a measure is compared with, and where it comes from. `rate` None: `refused` says why.

    A target has a rate but no dates. `to_date`: the last treatment counted. `horizon`: units within which the chance of
    a false signal is 5%.
    """

    rate: float | None
    events: int
    followed_up: int
    from_date: date | None
    to_date: date | None
    refused: str | None
    horizon: int = SHORTEST_HORIZON

    @property
    def is_target(self) -> bool:
        return self.rate is not None and self.from_date is None

    def limit(self) -> float:
        """The CUSUM limit. Kept, because it takes up to a second."""
        if self.is_target:
            return _limit_known(self.rate, horizon=self.horizon)
        return _limit_counted(self.events, self.followed_up, horizon=self.horizon)

    def doubling_shown(self) -> float:
        """The chance that doubled odds signal within the horizon."""
        if self.is_target:
            return control_chart.cusum_detection(self.rate, self.limit(), self.horizon)
        return control_chart.cusum_detection_counted(self.events, self.followed_up, self.limit(), self.horizon)


@dataclass(frozen=True, kw_only=True)
class MeasureState:
    """The verdict on a measure. `status`: one of those above.

    `signal`: the day of the treatment at which the CUSUM first signaled; `signal_known_on`: the day on which its
    outcome was known. `judged`: units since the baseline; `events`, `expected`: among them. `months`: month
    (datetime64[M]), events and followed_up (int64) of each month with a unit followed up, baseline included.
    `only_seen_on`: the day on which a page showed the signal, if the records of today would give none.
    """

    status: str
    baseline: MeasureBaseline
    judged: int
    events: int
    expected: float
    signal: date | None
    signal_known_on: date | None
    months: pandas.DataFrame
    only_seen_on: date | None = None

    @property
    def is_higher(self) -> bool:
        return self.status in (HIGHER, ABOVE_TARGET)

    @property
    def needs_new_baseline(self) -> bool:
        """Whether more has been judged than the chance of a false signal is limited for."""
        return self.judged > self.baseline.horizon


@dataclass(frozen=True, kw_only=True)
class MeasureCourse:
    """Unit by unit since the baseline, in the order in which outcomes became known. `date` (datetime64[D]): of the
    treatment; `affected` (bool); `expected` (float64, 0-1); `signal`: the position (from 0) of the first signal."""

    state: MeasureState
    date: NDArray[np.datetime64]
    affected: NDArray[np.bool_]
    expected: NDArray[np.float64]
    signal: int | None

    @property
    def gaps(self) -> control_chart.Gaps:
        return control_chart.gaps(self.affected)

    @property
    def gap_limits(self) -> tuple[float, float, float]:
        return control_chart.gap_limits(self.state.baseline.rate)


def measure_states(
    source: AnalysisTables, scope: Scope, every: Selection, stated: Sequence[StatedBaseline] = ()
) -> dict[str, MeasureState]:
    """The state of every measure, by code. `every`: without filters, for its as-of date and follow-up window."""
    wanted = [every.for_measure(measure) for measure in measures().values()]
    by_measure = {baseline.measure: baseline for baseline in stated}
    found = zip(measures(), known_outcomes(source, scope, wanted), strict=True)
    return {code: follow_outcomes(outcomes, by_measure.get(code), every).state for code, outcomes in found}


def keep_signals(states: dict[str, MeasureState], recorded: Sequence[RecordedSignal]) -> dict[str, MeasureState]:
    """The states with the signals on record, which a correction or a late import does not take back."""
    kept = dict(states)
    for signal in recorded:
        state = states.get(signal.measure)
        if state is None or state.baseline.rate is None:
            continue
        kept[signal.measure] = replace(
            state,
            status=ABOVE_TARGET if state.baseline.is_target else HIGHER,
            signal=signal.treated_on,
            signal_known_on=signal.known_on,
            only_seen_on=None if state.is_higher else signal.seen_on,
        )
    return kept


def find_new_signals(
    states: dict[str, MeasureState], recorded: Sequence[RecordedSignal], seen_on: date
) -> list[RecordedSignal]:
    """The signals that are not on record yet."""
    known = {signal.measure for signal in recorded}
    return [
        RecordedSignal(code, state.signal, state.signal_known_on, seen_on)
        for code, state in states.items()
        if state.signal and state.signal_known_on and code not in known
    ]


def measure_course(
    source: AnalysisTables, scope: Scope, every: Selection, measure: Measure, stated: Sequence[StatedBaseline] = ()
) -> MeasureCourse:
    """One measure, unit by unit; its state is that of `measure_states`."""
    (outcomes,) = known_outcomes(source, scope, [every.for_measure(measure)])
    return follow_outcomes(outcomes, next((b for b in stated if b.measure == measure.code), None), every)


def follow_outcomes(outcomes: KnownOutcomes, stated: StatedBaseline | None, every: Selection) -> MeasureCourse:
    """The course of one measure. `outcomes`: of all dates and of everything that the viewer may see."""
    counted, judged = _split(outcomes, stated, every)
    baseline = _baseline_of(outcomes, counted, stated)
    affected, dates = outcomes.affected[judged], outcomes.date[judged]
    expected, signal, status = np.zeros(len(dates)), None, TOO_FEW
    if baseline.rate is not None:
        expected = _expected(outcomes, counted, judged, baseline)
        signal = _first_signal(affected, expected, baseline)
        if signal is not None:
            status = ABOVE_TARGET if baseline.is_target else HIGHER
        elif len(dates):
            status = AS_EXPECTED
    state = MeasureState(
        status=status,
        baseline=baseline,
        judged=len(dates),
        events=int(affected.sum()),
        expected=float(expected.sum()),
        signal=None if signal is None else dates[signal].item(),
        signal_known_on=None if signal is None else outcomes.known_on[judged][signal].item(),
        months=_months(outcomes),
    )
    return MeasureCourse(state=state, date=dates, affected=affected, expected=expected, signal=signal)


def _split(
    outcomes: KnownOutcomes, stated: StatedBaseline | None, every: Selection
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which outcomes the baseline counts, and which are judged by it. Neither changes when more become known."""
    known_on, dates = outcomes.known_on, outcomes.date
    if stated is None:
        # By the day on which they were known, so that late outcomes of the first year are appended like any other.
        counted = known_on < known_on[:1] + YEAR
        counted[:MIN_OUTCOMES] = True
        return counted, ~counted
    if stated.target is not None:
        return np.zeros(len(dates), dtype=bool), known_on > np.datetime64(stated.set_on - timedelta(LOOK_BACK))
    first, last = np.datetime64(stated.from_date), np.datetime64(stated.to_date)
    # What the period turned out to be when it was stated; one that was not over by then, when most of it was known.
    settled = max(np.datetime64(stated.set_on), last + 2 * every.follow_up_days)
    return (dates >= first) & (dates <= last) & (known_on <= settled), dates > last


def _baseline_of(outcomes: KnownOutcomes, counted: NDArray[np.bool_], stated: StatedBaseline | None) -> MeasureBaseline:
    if stated is not None and stated.target is not None:
        looked_back = outcomes.known_on > np.datetime64(stated.set_on - timedelta(LOOK_BACK))
        looked_back &= outcomes.known_on <= np.datetime64(stated.set_on)
        horizon = ceil(looked_back.sum() * (LOOK_BACK + HORIZON) / LOOK_BACK)
        return MeasureBaseline(stated.target, 0, 0, None, None, None, max(SHORTEST_HORIZON, horizon))
    dates = outcomes.date[counted]
    events, followed_up = int(outcomes.affected[counted].sum()), len(dates)
    first, last = (dates.min().item(), dates.max().item()) if followed_up else (None, None)
    days = (last - first).days + 1 if followed_up else 0
    if stated is not None:
        days = (stated.to_date - stated.from_date).days + 1
    elif followed_up and not counted.all():
        days = max(days, YEAR)  # the first year by the day on which outcomes were known
    refused = None
    if followed_up < MIN_OUTCOMES and days < YEAR:
        refused = f"{followed_up} of the {MIN_OUTCOMES} outcomes that a baseline needs"
    elif events < MIN_EVENTS:
        refused = f"{events} of the {MIN_EVENTS} events that a baseline needs in {followed_up}; a target can be set"
    elif events == followed_up:
        refused = f"an event in all of {followed_up}; a target can be set"
    horizon = max(SHORTEST_HORIZON, ceil(followed_up * HORIZON / max(days, 1)))
    return MeasureBaseline(
        None if refused else events / followed_up, events, followed_up, first, last, refused, horizon
    )


def _expected(
    outcomes: KnownOutcomes, counted: NDArray[np.bool_], judged: NDArray[np.bool_], baseline: MeasureBaseline
) -> NDArray[np.float64]:
    """The expected rate of each unit that is judged: by case mix, or the target."""
    if baseline.is_target:
        return np.full(judged.sum(), baseline.rate)
    events = outcomes.affected[counted].astype("int64")
    rates = case_mix.stratum_rates(events, np.ones_like(events), outcomes.stratum[counted])
    strata, of_row = np.unique(outcomes.stratum[judged], return_inverse=True)
    return rates.expected(strata)[of_row] if len(strata) else np.zeros(0)


def _first_signal(affected: NDArray[np.bool_], expected: NDArray[np.float64], baseline: MeasureBaseline) -> int | None:
    """The position of the first signal. The limit, which takes long, is sought only for a score that may reach it."""
    highest = control_chart.bernoulli_cusum(affected, expected).score.max(initial=0.0)
    if not highest or not control_chart.cusum_reaches(
        highest + LIMIT_PRECISION, baseline.rate, horizon=baseline.horizon
    ):
        return None
    return control_chart.follow_cusum(affected, expected, [0], [baseline.limit()]).signal


def _months(outcomes: KnownOutcomes) -> pandas.DataFrame:
    months, of_unit = np.unique(outcomes.date.astype("datetime64[M]"), return_inverse=True)
    followed_up = np.bincount(of_unit, minlength=len(months))
    events = np.bincount(of_unit[outcomes.affected], minlength=len(months))
    return pandas.DataFrame({"month": months.astype("datetime64[s]"), "events": events, "followed_up": followed_up})
