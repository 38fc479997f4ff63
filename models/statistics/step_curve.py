"""A falling step curve of the share still present by day: its limits, its median and its value on a day."""

import math

import numpy as np
from scipy.special import ndtri

from models.statistics.arguments import Floats, Integers
from models.statistics.interval import Interval

TRANSFORMS = ("log-log", "plain", "log")

# With fewer, a curve is mostly noise and the episodes are listed instead. Source: docs/methods.md.
MIN_ENDED = 5

# Rounding in products that should be exactly one half; a million steps miss it by about 1e-10.
ROUNDING = 1e-9


def pointwise_limits(
    survival: Floats, error: Floats, at_risk: Integers, level: float, transform: str
) -> tuple[Floats, Floats]:
    """The pointwise lower and upper limit at each step, in 0-1.

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


def median_day(days: Floats, share: Floats) -> float | None:
    """The earliest day on which `share` is at most one half, or None."""
    reached = np.flatnonzero(share <= 0.5 + ROUNDING)
    return float(days[reached[0]]) if len(reached) else None


def step_position(days: Floats, day: float) -> int:
    """The position of the last step on or before `day`; -1 before the first."""
    return int(np.searchsorted(days, day, side="right")) - 1


def interval_at(step: int, *curves: Floats) -> Interval:
    """Estimate, low and high at one step, given as three curves."""
    return Interval(*(float(curve[step]) for curve in curves))


def too_few_reason(ended: int, least: int = MIN_ENDED, seen: str = "{} ended") -> str | None:
    """Why a curve or a comparison should not be shown; None if it may be."""
    return None if ended >= least else f"{seen.format(ended)}: too few; {least} needed"
