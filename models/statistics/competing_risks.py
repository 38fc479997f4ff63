"""Cumulative incidence: the share that ends in one way if another end, such as retreatment, can come first."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from models.statistics import arguments, step_curve
from models.statistics.arguments import Floats, Integers
from models.statistics.interval import Interval


@dataclass(frozen=True, slots=True)
class CumulativeIncidence:
    """The share that has reached the end of interest, one entry per distinct day on which that happened."""

    days: Floats
    at_risk: Integers
    ended: Integers
    incidence: Floats
    # The standard error of the incidence.
    error: Floats
    low: Floats
    high: Floats

    total: int
    level: float
    # Why the curve should not be shown; None if it may be.
    refused: str | None

    _open: Floats = field(repr=False)
    _last: float = field(repr=False)

    def at(self, day: float) -> Interval:
        """The share that has reached this end by `day`, 0-1.

        Before the first it is 0, with the exact upper limit for none of those known by then. Beyond the longest episode
        nothing is known if that one is open: all three are None.
        """
        (day,) = arguments.require_amounts("day", [day])
        known = self.total - int(np.searchsorted(self._open, day))
        position = step_curve.step_position(self.days, day)
        if day > self._last:
            return Interval(None, None, None)
        if position < 0:
            return Interval(0.0, 0.0, step_curve.upper_limit_of_none(known, self.level))
        return step_curve.interval_at(position, self.incidence, self.low, self.high)


def cumulative_incidence(
    days: ArrayLike, outcome: ArrayLike, event: int = 1, level: float = 0.95
) -> CumulativeIncidence:
    """The Aalen-Johansen estimate of the share that reaches one end if others compete with it.

    `outcome` is one whole number per episode: 0 if it is open, `event` for the end of interest, any other for a
    competing end, after which the one of interest can no longer occur. 1 - Kaplan-Meier with competing ends as censored
    overstates the share, because it assumes that they would have ended like the rest.

    Variance by the delta method (Greenwood's without competing ends); limits on the log-log scale of the share that has
    not reached the end, so that without competing ends everything equals 1 - `kaplan_meier`.

    `refused` is set if fewer than 5 reached the end of interest. Raises ValueError, naming the argument, on empty,
    missing, negative or unequal input and on an `event` of 0.

    Source: Aalen & Johansen 1978; variance: Dinse & Larson 1986, Marubini & Valsecchi 1995.
    """
    days, outcome = arguments.require_amounts("days", days), arguments.require_amounts("outcome", outcome)
    arguments.require_aligned(days=days, outcome=outcome)
    level = arguments.require_proportion("level", level)
    if event == 0:
        raise ValueError("event: 0 stands for episodes still open; name one of the ends")

    observed, is_open = np.sort(days), outcome == 0
    end_days, place = np.unique(days[~is_open], return_inverse=True)
    ends = np.bincount(place, minlength=len(end_days))
    asked = np.bincount(place[outcome[~is_open] == event], minlength=len(end_days))
    at_risk = len(days) - np.searchsorted(observed, end_days)
    left = at_risk - ends
    present_after = np.cumprod(left / at_risk)
    present_before = np.concatenate([np.ones(min(1, len(ends))), present_after[:-1]])
    incidence = np.cumsum(present_before * asked / at_risk)
    # Not 1 - incidence, which rounding keeps from being exactly 0 when all have reached this end.
    not_there = present_after + np.cumsum(present_before * (ends - asked) / at_risk)

    error = np.sqrt(_variance(incidence, present_before, at_risk, ends, asked))
    here = asked > 0
    low, high = step_curve.pointwise_limits(not_there[here], error[here], at_risk[here], level, "log-log")
    last = observed[-1] if (is_open & (days == observed[-1])).any() else np.inf
    return CumulativeIncidence(
        end_days[here], at_risk[here], asked[here].astype(int), incidence[here], error[here], 1 - high, 1 - low,
        len(days), level, step_curve.too_few_reason(int(asked.sum())), np.sort(days[is_open]), last,
    )  # fmt: skip


def _variance(incidence: Floats, before: Floats, at_risk: Integers, ends: Integers, asked: Integers) -> Floats:
    """The variance of the incidence after each step, from cumulative sums of the expanded squares."""
    # As floats: the cube of three million overflows an integer.
    at_risk = at_risk.astype(float)
    left = at_risk - ends
    # Infinite only on the day the last one at risk ends, where it is multiplied by 0.
    hazard = np.divide(ends, at_risk * left, out=np.zeros(len(ends)), where=left > 0)
    jump = before * asked / at_risk**2
    own = before**2 * asked * (at_risk - asked) / at_risk**3
    total: Floats = (
        incidence**2 * np.cumsum(hazard)
        - 2 * incidence * np.cumsum(hazard * incidence + jump)
        + np.cumsum(hazard * incidence**2 + 2 * jump * incidence + own)
    )
    return np.maximum(0, total)
