"""Compare practitioners, sites or lots: limits by volume, case mix, and the number of flags due to chance."""

from dataclasses import dataclass
from math import expm1, log

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaln, gammaincinv

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers
from models.statistics.conditional_comparison import ConditionalComparison as ConditionalComparison
from models.statistics.conditional_comparison import conditional as conditional
from models.statistics.interval import Interval
from models.statistics.proportion import flagged_from

LOG_SHAPES = (-12.0, 25.0)  # the range of the beta's shapes; beyond it, all units are alike
OPTIMIZER_TOLERANCES = {"xatol": 1e-8, "fatol": 1e-14}


@dataclass(frozen=True)
class FunnelLimits:
    """One entry per unit. Counts from `flagged_below` (included) to `flagged_from` (excluded) are as expected.

    `low` and `high` are the same counts as rates, or as multiples of the expected count: the lines to draw. A value on
    or above `high`, or below `low`, is flagged. `low` is 0 if not even 0 events would be unusual.
    """

    flagged_below: Integers
    flagged_from: Integers
    low: Floats
    high: Floats


@dataclass(frozen=True)
class ShrunkenRates:
    """One rate per unit, shrunk to `centre`. `pull`: the weight of the group's rate in treatments; inf: all pooled."""

    rate: Floats
    centre: float
    pull: float


def limits(reference: float, totals: ArrayLike, level: float = 0.998) -> FunnelLimits:
    """Exact binomial control limits around a reference rate for units of these volumes.

    A unit is flagged if the probability of at least as many, or at most as few, events is at most (1 - level) / 2.
    Errors: ValueError naming the argument; each of `totals` at least 1.
    Source: Spiegelhalter, Stat Med 2005; 24:1185.
    """
    reference = arguments.require_proportion("reference", reference)
    outside = (1 - arguments.require_proportion("level", level)) / 2
    (sizes,) = arguments.require_counts(least=1, dimensions=1, totals=totals)
    from_, below = flagged_from(sizes, reference, outside), sizes + 1 - flagged_from(sizes, 1 - reference, outside)
    return FunnelLimits(below, from_, below / sizes, from_ / sizes)


def ratio(observed: int, expected: float, level: float = 0.95) -> Interval:
    """Observed / expected with its exact Poisson interval; 1 is as expected for this case mix.

    Errors: ValueError naming the argument; `expected` above 0.
    Source: Garwood, Biometrika 1936; 28:437; Ulm, Am J Epidemiol 1990; 131:373.
    """
    observed = arguments.require_whole_number("observed", observed)
    expected = arguments.require_above("expected", expected, 0)
    outside = (1 - arguments.require_proportion("level", level)) / 2
    low = float(gammaincinv(observed, outside)) if observed else 0.0
    high = float(gammaincinv(observed + 1, 1 - outside))
    return Interval(observed / expected, low / expected, high / expected)


def shrink(events: ArrayLike, totals: ArrayLike) -> ShrunkenRates:
    """Rates shrunk toward the group's rate, more so for units with fewer treatments (beta-binomial empirical Bayes).

    Shown, never used to flag. If the units differ no more than by chance, all get the pooled rate and `pull` is
    infinite, as is usual with 3-8 practitioners. A unit without treatments gets the center.
    Errors: ValueError naming the argument; at least two units and one treatment.
    Source: Griffiths, Biometrics 1973; 29:637; spread beyond chance: Tarone, Biometrika 1979; 66:585.
    """
    counts, sizes = arguments.require_counts(dimensions=1, events=events, totals=totals)
    if len(counts) < 2 or not sizes.any():
        raise ValueError(f"totals must hold at least two units and one treatment, found {sizes.tolist()}")
    pooled = float(counts.sum() / sizes.sum())
    beyond_chance = ((counts - sizes * pooled) ** 2).sum() - sizes.sum() * pooled * (1 - pooled)
    if beyond_chance <= 1e-9 * sizes.sum():
        return ShrunkenRates(np.full(len(counts), pooled), pooled, np.inf)
    start = np.clip(np.log([pooled * 10, (1 - pooled) * 10]), *LOG_SHAPES)
    fit = minimize(
        _unlikeliness, start, (counts, sizes), "Nelder-Mead", bounds=[LOG_SHAPES] * 2, options=OPTIMIZER_TOLERANCES
    )
    shape, other = np.exp(fit.x)
    pull = float(shape + other)
    return ShrunkenRates((counts + shape) / (sizes + pull), float(shape / pull), pull)


def false_flags(units: int, level: float) -> float:
    """The probability that at least one of equal units is flagged: 1 - level ^ units.

    Errors: ValueError naming the argument.
    """
    units = arguments.require_whole_number("units", units)
    return -expm1(units * log(arguments.require_proportion("level", level)))


def holm(tails: ArrayLike) -> Floats:
    """Holm's adjusted tail probabilities, in the given order; equal tails stay equal.

    Errors: ValueError naming the argument; each between 0 and 1, both included.
    Source: Holm, Scand J Stat 1979; 6:65.
    """
    chances = arguments.require_chances("tails", tails)
    order = np.argsort(chances, kind="stable")
    adjusted = np.empty(len(chances))
    adjusted[order] = np.minimum(np.maximum.accumulate(chances[order] * np.arange(len(chances), 0, -1)), 1)
    return adjusted


def _unlikeliness(log_shapes: Floats, events: Integers, totals: Integers) -> float:
    """Minus the beta-binomial log-likelihood per unit, without terms that are independent of the shapes."""
    shape, other = np.exp(log_shapes)
    return -float((betaln(events + shape, totals - events + other) - betaln(shape, other)).mean())
