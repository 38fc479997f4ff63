"""Durations of episodes, some of them open: Kaplan-Meier, log-rank test, Turnbull, cumulative incidence."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from models.statistics import arguments, step_curve
from models.statistics.arguments import Floats, Integers
from models.statistics.competing_risks import CumulativeIncidence, cumulative_incidence
from models.statistics.interval import Interval
from models.statistics.interval_censored import Turnbull, turnbull

__all__ = [
    "CumulativeIncidence",
    "KaplanMeier",
    "LogRank",
    "Turnbull",
    "cumulative_incidence",
    "kaplan_meier",
    "log_rank",
    "turnbull",
]

# With fewer, a comparison is mostly noise. Source: docs/methods.md; step_curve.py has the minimum for a curve.
MIN_ENDED_PER_GROUP = 10

# A smaller share of the largest possible variance is rounding.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """The share of episodes still present, one entry per distinct day on which at least one ended."""

    days: Floats
    at_risk: Integers
    ended: Integers
    survival: Floats
    # Greenwood's standard error of the survival; 0 where the survival is 0.
    error: Floats
    low: Floats
    high: Floats

    median: Interval
    total: int
    level: float
    transform: str
    # Why the curve should not be shown; None if it may be.
    refused: str | None

    _observed: Floats = field(repr=False)

    def at(self, day: float) -> Interval:
        """The share of episodes still present after `day`, 0-1.

        Before the first end it is 1, with the exact lower limit for no end among those observed that long. Beyond the
        longest episode nothing is known if that one is open: all three are None.
        """
        (day,) = arguments.require_amounts("day", [day])
        position = step_curve.step_position(self.days, day)
        observed = self.total - int(np.searchsorted(self._observed, day))
        if position >= 0 and (observed or self.survival[-1] == 0):
            return step_curve.interval_at(position, self.survival, self.low, self.high)
        if position < 0 and observed:
            return Interval(1.0, 1 - step_curve.upper_limit_of_none(observed, self.level), 1.0)
        return Interval(None, None, None)


def kaplan_meier(days: ArrayLike, ended: ArrayLike, level: float = 0.95, transform: str = "log-log") -> KaplanMeier:
    """The product-limit estimate of how long episodes last; open ones count for as long as they were observed.

    `days` are durations (0 or more, not necessarily whole) and `ended` says which have ended; the others were last
    known to be present on that day. An episode that is censored on the day another ends was still at risk then.

    The median is the earliest day after which at most half are still present. Its limits are where the limits of the
    curve cross one half (Brookmeyer & Crowley 1982); None if not reached. Variance by Greenwood; limits on the
    `transform` "log-log" (stays in 0-1, good with few), "log" (the default of R) or "plain".

    `refused` is set if fewer than 5 have ended. Raises ValueError, naming the argument, on empty, missing, negative or
    unequal input.

    Source: Kaplan & Meier 1958; Kalbfleisch & Prentice 2002, chapter 1.
    Check: Freireich 1963, 6-MP: median 23 weeks, 0.627 after week 16.
    """
    days, ended = arguments.require_amounts("days", days), arguments.require_flags("ended", ended)
    arguments.require_aligned(days=days, ended=ended)
    level = arguments.require_proportion("level", level)
    if transform not in step_curve.TRANSFORMS:
        raise ValueError(f"transform: {transform!r}; expected one of {', '.join(step_curve.TRANSFORMS)}")

    observed = np.sort(days)
    end_days, ends = np.unique(days[ended], return_counts=True)
    at_risk = len(days) - np.searchsorted(observed, end_days)
    left = at_risk - ends
    survival = np.cumprod(left / at_risk)
    # Infinite only where the curve is 0 and needs no error.
    greenwood = np.cumsum(np.divide(ends, at_risk * left, out=np.zeros(len(ends)), where=left > 0))
    error = survival * np.sqrt(greenwood)
    low, high = step_curve.pointwise_limits(survival, error, at_risk, level, transform)
    median = Interval(*(step_curve.median_day(end_days, share) for share in (survival, low, high)))
    refused = step_curve.too_few_reason(int(ended.sum()))
    return KaplanMeier(
        end_days, at_risk, ends, survival, error, low, high, median, len(days), level, transform, refused, observed
    )


@dataclass(frozen=True, slots=True)
class LogRank:
    """The evidence that durations differ between groups."""

    statistic: float
    degrees: int
    p: float

    groups: tuple[str | float, ...]
    observed: Integers
    expected: Floats
    # Why the comparison should not be shown; None if it may be.
    refused: str | None


def log_rank(days: ArrayLike, ended: ArrayLike, group: ArrayLike) -> LogRank:
    """The log-rank test that durations do not differ between groups: chi-square, its degrees of freedom, p.

    `days` and `ended` as for `kaplan_meier`; `group` is one label per episode (text or numbers). `observed` and
    `expected` are ends per group, in the order of `groups`.

    Degrees are the number of groups minus one, minus groups never at risk on a day with an end. With nothing to compare
    (none ended, or all on one day) the statistic is 0 with 0 degrees and p is 1. `refused` is set if a group has fewer
    than 10 ended. Raises ValueError, naming the argument, on a single group and on missing or unequal input.

    Source: Mantel 1966; Peto & Peto 1972, with the hypergeometric variance.
    Check: Freireich 1963, 6-MP against placebo: 16.79 on 1 degree.
    """
    days, ended = arguments.require_amounts("days", days), arguments.require_flags("ended", ended)
    groups, member = arguments.encode_labels("group", group)
    arguments.require_aligned(days=days, ended=ended, group=member)
    if len(groups) < 2:
        raise ValueError("group: one group only; a comparison needs at least two")

    end_days, ends = np.unique(days[ended], return_counts=True)
    at_risk = np.column_stack(
        [(member == k).sum() - np.searchsorted(np.sort(days[member == k]), end_days) for k in range(len(groups))]
    )
    everyone = at_risk.sum(axis=1)
    share = at_risk / everyone[:, np.newaxis]
    observed = np.bincount(member[ended], minlength=len(groups))
    expected = ends @ share
    # Ends are drawn without replacement from those at risk.
    spread = ends * (everyone - ends) / np.maximum(everyone - 1, 1)
    alone = spread @ share
    variance = np.diag(alone) - (share * spread[:, np.newaxis]).T @ share

    size, direction = np.linalg.eigh(variance)
    informative = size > ROUNDING * alone.max()
    degrees = int(informative.sum())
    statistic = float(((direction.T @ (observed - expected))[informative] ** 2 / size[informative]).sum())
    p = float(chi2.sf(statistic, degrees)) if degrees else 1.0
    refused = step_curve.too_few_reason(int(observed.min()), MIN_ENDED_PER_GROUP, "{} ended in one of the groups")
    return LogRank(statistic, degrees, p, tuple(groups.tolist()), observed, expected, refused)
