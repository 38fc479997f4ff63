"""A step curve of a share by day, estimated from episodes of which some are open: its limits and its value on a day."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers
from models.statistics.interval import Interval

TRANSFORMS = ("log-log", "plain", "log")

# With fewer, a curve is mostly noise and the episodes are listed instead. Source: docs/methods.md.
MIN_ENDED = 5

# An estimate for a day stands if so many are still followed then, or hardly any was lost to follow-up before it. A
# median of 60 treatments, 50 of them lost, rested on the last 3.
MIN_FOLLOWED, MAX_LOST_SHARE = 5, 0.2

# Rounding in products that should be exactly one half; a million steps miss it by about 1e-10.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCurve:
    """The share of episodes still present, or that reached an end, after each day on which at least one ended so."""

    days: Floats
    at_risk: Integers
    ended: Integers
    share: Floats
    error: Floats  # the standard error of the share
    low: Floats
    high: Floats

    total: int
    level: float
    refused: str | None  # why the curve should not be shown; None if it may be

    _before: float = field(repr=False)  # the share before the first step, 0 or 1
    _open: Floats = field(repr=False)  # the days of the open episodes, in order
    _longest: float = field(repr=False)

    def at(self, day: float) -> Interval:
        """The share after `day`, 0-1, with its limits; three None beyond the longest episode if that one is open.

        Before the first step it has the exact limit for no end among those observed that long.
        """
        (day,) = arguments.require_amounts("day", [day])
        if day > self._longest and len(self._open) and self._open[-1] == self._longest:
            return Interval(None, None, None)
        step = int(np.searchsorted(self.days, day, side="right")) - 1
        if step >= 0:
            return Interval(*(float(curve[step]) for curve in (self.share, self.low, self.high)))
        highest = upper_limit_of_none(self.total - int(np.searchsorted(self._open, day)), self.level)
        return Interval(1.0, 1 - highest, 1.0) if self._before else Interval(0.0, 0.0, highest)


def pointwise_limits(
    survival: Floats, error: Floats, at_risk: Integers, level: float, transform: str = "log-log"
) -> tuple[Floats, Floats]:
    """The pointwise lower and upper limit at each step of a falling curve, in 0-1.

    `error` is the standard error of `survival`. Where the curve is 0 no transform has limits: the lower is 0 and the
    upper that of the step before (the share cannot rise), or the exact one on the first step.
    """
    z = ndtri((1 + level) / 2)
    low, high = np.zeros_like(survival), np.ones_like(survival)
    above = survival > 0
    share, error = survival[above], error[above]
    if transform == "log-log":
        spread = np.exp(z * error / (-share * np.log(share)))
        low[above], high[above] = share**spread, share ** (1 / spread)
    elif transform == "log":
        spread = np.exp(z * error / share)
        low[above], high[above] = share / spread, np.minimum(1, share * spread)
    else:
        low[above], high[above] = np.maximum(0, share - z * error), np.minimum(1, share + z * error)
    if len(survival) and survival[-1] == 0:
        high[-1] = high[-2] if len(survival) > 1 else upper_limit_of_none(at_risk[0], level)
    return low, high


def upper_limit_of_none(total: int, level: float) -> float:
    """The exact two-sided upper limit of a share after 0 of `total`. Source: Clopper & Pearson 1934."""
    return -math.expm1(math.log((1 - level) / 2) / total)


def too_few_followed(day: float, days: ArrayLike, ended: ArrayLike) -> str | None:
    """Why no median on `day` and no share after it should be shown; None if they may be. `days`, `ended`: of episodes.

    It takes 5 still followed on that day, or at most a fifth of all lost to follow-up before it.
    """
    lasting, over = np.asarray(days), np.asarray(ended)
    if (~over & (lasting < day)).sum() <= MAX_LOST_SHARE * len(lasting):
        return None
    return too_few_reason(int((lasting >= day).sum()), MIN_FOLLOWED, "{} still followed")


def too_few_reason(ended: int, least: int = MIN_ENDED, seen: str = "{} ended") -> str | None:
    """Why a curve or a comparison should not be shown; None if it may be."""
    return None if ended >= least else f"{seen.format(ended)}: too few; {least} needed"
