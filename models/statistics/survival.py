"""Durations of episodes, some of them open: Kaplan-Meier, log-rank test, Turnbull, cumulative incidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from models.statistics import arguments, step_curve
from models.statistics.arguments import Floats, Integers
from models.statistics.interval import Interval
from models.statistics.interval_censored import bootstrap_median as bootstrap_median
from models.statistics.interval_censored import bootstrap_share as bootstrap_share
from models.statistics.interval_censored import turnbull as turnbull

# With fewer, a comparison is mostly noise. Source: docs/methods.md; step_curve.py has the minimum for a curve.
MIN_ENDED_PER_GROUP = 10
ROUNDING = 1e-10  # a smaller share of the largest possible variance is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeier(step_curve.StepCurve):
    """The share of episodes still present, and their median. `error` is Greenwood's, 0 where the share is 0."""

    median: Interval


def kaplan_meier(days: ArrayLike, ended: ArrayLike, level: float = 0.95, transform: str = "log-log") -> KaplanMeier:
    """The product-limit estimate of how long episodes last; open ones count for as long as they were observed.

    `days`: durations of 0 or more. `ended`: which have ended; the others were last known to be present on that day, and
    still at risk if another ended then. `transform`, of the limits: "log-log" (stays in 0-1, good with few), "log" (the
    default of R) or "plain". Variance by Greenwood. The median is the earliest day after which at most half are still
    present; its limits are where those of the curve cross one half (Brookmeyer & Crowley 1982); None if not reached.
    `refused` is set if fewer than 5 have ended.
    Errors: ValueError naming the argument on empty, missing, negative or unequal input.
    Source: Kaplan & Meier 1958; Kalbfleisch & Prentice 2002, chapter 1.
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
    halved = (np.flatnonzero(curve <= 0.5 + step_curve.ROUNDING) for curve in (survival, low, high))
    return KaplanMeier(
        days=end_days,
        at_risk=at_risk,
        ended=ends,
        share=survival,
        error=error,
        low=low,
        high=high,
        median=Interval(*(float(end_days[steps[0]]) if len(steps) else None for steps in halved)),
        total=len(days),
        level=level,
        refused=step_curve.too_few_reason(int(ended.sum())),
        _before=1.0,
        _open=np.sort(days[~ended]),
        _longest=observed[-1],
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
    refused: str | None  # why the comparison should not be shown; None if it may be


def log_rank(days: ArrayLike, ended: ArrayLike, group: ArrayLike) -> LogRank:
    """The log-rank test that durations do not differ between groups: chi-square, its degrees of freedom, p.

    `days` and `ended` as for `kaplan_meier`; `group` is one label per episode (text or numbers). `observed` and
    `expected` are ends per group, in the order of `groups`. Groups never at risk on a day with an end have no degree of
    freedom. With nothing to compare (none ended, or all on one day) the statistic is 0 with 0 degrees and p is 1.
    `refused` is set if a group has fewer than 10 ended.
    Errors: ValueError naming the argument on a single group and on missing or unequal input.
    Source: Mantel 1966; Peto & Peto 1972, with the hypergeometric variance.
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


def cumulative_incidence(
    days: ArrayLike, outcome: ArrayLike, event: int = 1, level: float = 0.95
) -> step_curve.StepCurve:
    """The Aalen-Johansen estimate of the share that reaches one end if others compete with it.

    `outcome` is one whole number per episode: 0 if it is open, `event` for the end of interest, any other for a
    competing end, after which the one of interest can no longer occur. Variance by the delta method; limits on the
    log-log scale of the share that has not reached the end, so that without competing ends everything equals
    1 - `kaplan_meier`. `refused` is set if fewer than 5 reached the end of interest.
    Errors: ValueError naming the argument on empty, missing, negative or unequal input and on an `event` of 0.
    Source: Aalen & Johansen 1978; variance: Dinse & Larson 1986, Marubini & Valsecchi 1995.
    """
    days, outcome = arguments.require_amounts("days", days), arguments.require_amounts("outcome", outcome)
    arguments.require_aligned(days=days, outcome=outcome)
    level = arguments.require_proportion("level", level)
    if event == 0:
        raise ValueError("event: 0 stands for episodes still open; name one of the ends")

    is_open = outcome == 0
    end_days, place = np.unique(days[~is_open], return_inverse=True)
    ends = np.bincount(place, minlength=len(end_days))
    asked = np.bincount(place[outcome[~is_open] == event], minlength=len(end_days))
    at_risk = len(days) - np.searchsorted(np.sort(days), end_days)
    left = at_risk - ends
    present_after = np.cumprod(left / at_risk)
    present_before = np.concatenate([np.ones(min(1, len(ends))), present_after[:-1]])
    incidence = np.cumsum(present_before * asked / at_risk)
    # Not 1 - incidence, which rounding keeps from being exactly 0 when all have reached this end.
    not_there = present_after + np.cumsum(present_before * (ends - asked) / at_risk)

    error = np.sqrt(_incidence_variance(incidence, present_before, at_risk, ends, asked))
    here = asked > 0
    low, high = step_curve.pointwise_limits(not_there[here], error[here], at_risk[here], level)
    return step_curve.StepCurve(
        days=end_days[here],
        at_risk=at_risk[here],
        ended=asked[here].astype(int),
        share=incidence[here],
        error=error[here],
        low=1 - high,
        high=1 - low,
        total=len(days),
        level=level,
        refused=step_curve.too_few_reason(int(asked.sum())),
        _before=0.0,
        _open=np.sort(days[is_open]),
        _longest=days.max(),
    )


def _incidence_variance(
    incidence: Floats, before: Floats, at_risk: Integers, ends: Integers, asked: Integers
) -> Floats:
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
