"""Is one practitioner, site or lot out of line? Limits by volume, case mix, and how many flags chance alone raises."""

from dataclasses import dataclass
from math import expm1, log

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammainc, gammaincc, gammaincinv

from models.statistics import count_arguments
from models.statistics.integer_search import first_where
from models.statistics.interval import Interval
from models.statistics.proportion import exact_tail, flagged_from

MIN_UNITS_FOR_OVERDISPERSION = 10
WINSORIZED_SHARE = 0.1  # share of units pulled in at each end: Spiegelhalter 2005, section 4
LOG_SHAPES = (-12.0, 25.0)  # where the shapes of the beta are looked for; beyond, the group is all alike
OPTIMIZER_TOLERANCES = {"xatol": 1e-8, "fatol": 1e-14}


@dataclass(frozen=True)
class FunnelLimits:
    """One entry per unit. As expected: from `flagged_below` events (included) to `flagged_from` (excluded).

    `low` and `high` are the same two counts as rates, or as multiples of the expected count: the lines to draw. On or
    above `high` is flagged, below `low` is flagged. `low` is 0 where not even 0 events would be unusual.
    """

    flagged_below: np.ndarray
    flagged_from: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class ExpectedEvents:
    """One entry per unit, in the order of `unit`. `comparable`: its treatments in strata that another unit shares."""

    unit: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    total: np.ndarray
    comparable: np.ndarray


@dataclass(frozen=True)
class ShrunkenRates:
    """`rate`: one per unit, pulled towards `centre`. `pull`: treatments the group's rate is worth; inf: all pooled."""

    rate: np.ndarray
    centre: float
    pull: float


@dataclass(frozen=True)
class Overdispersion:
    """`factor`: variance between units over that of chance, or None and the reason in `refused`."""

    factor: float | None
    refused: str | None


@dataclass(frozen=True)
class LotFlags:
    """One entry per lot, `tested` of them. `tail`: exact. `adjusted`: Holm's over all lots. `flag`: adjusted small."""

    tail: np.ndarray
    adjusted: np.ndarray
    flag: np.ndarray
    tested: int


def limits(reference, totals, level=0.998) -> FunnelLimits:
    """Exact binomial control limits around a reference rate for units of these volumes.

    A unit is flagged when so many events or more, or so few or fewer, have a chance of at most (1 - level) / 2.
    Why: at 2 % the usual normal and arcsine funnels flag units that chance explains; interpolated limits put the line
    where no count lies, so that line and flag disagree.
    Errors: ValueError naming the argument; each of `totals` at least 1.
    Source: Spiegelhalter, Stat Med 2005; 24:1185. Check: 2 %, 99.8 %: 20/50/100/200/300: from 4/6/8/12/16 events.
    """
    reference, outside = (
        count_arguments.require_proportion("reference", reference),
        (1 - count_arguments.require_proportion("level", level)) / 2,
    )
    totals = count_arguments.require_columns(least=1, totals=totals)[0]
    from_, below = flagged_from(totals, reference, outside), totals + 1 - flagged_from(totals, 1 - reference, outside)
    return FunnelLimits(below, from_, below / totals, from_ / totals)


def ratio_limits(expected, level=0.998) -> FunnelLimits:
    """The same for observed / expected: exact Poisson limits for units with these expected counts.

    Errors: ValueError naming the argument; each of `expected` above 0.
    Source: Spiegelhalter 2005. Check: 10 expected: as expected from 2 to 21 events.
    """
    outside = (1 - count_arguments.require_proportion("level", level)) / 2
    expected = count_arguments.require_measurements("expected", expected, least=1)
    if (expected <= 0).any():
        raise ValueError(f"expected must be above 0, found {expected.min():g}")
    none, ceiling = np.zeros(len(expected), dtype=np.int64), np.ceil(expected).astype(np.int64) + 1
    rare = lambda events: gammainc(np.maximum(events, 1), expected) <= outside
    while not (rare(ceiling)).all():
        ceiling *= 2
    from_ = first_where(rare, none + 1, ceiling)
    below = first_where(lambda events: gammaincc(events + 1, expected) > outside, none, ceiling)
    return FunnelLimits(below, from_, below / expected, from_ / expected)


def ratio(observed, expected, level=0.95) -> Interval:
    """Observed / expected with its exact Poisson interval; 1 means as expected for this mix of treatments.

    Errors: ValueError naming the argument; `expected` above 0.
    Source: Garwood, Biometrika 1936; 28:437; Ulm, Am J Epidemiol 1990; 131:373. Check: 15, 20, 30 of as many
    expected: high 1.649348, 1.544419, 1.427562.
    """
    observed, expected = (
        count_arguments.require_whole_number("observed", observed),
        count_arguments.require_above("expected", expected, 0),
    )
    outside = (1 - count_arguments.require_proportion("level", level)) / 2
    low = float(gammaincinv(observed, outside)) if observed else 0.0
    high = float(gammaincinv(observed + 1, 1 - outside))
    return Interval(observed / expected, low / expected, high / expected)


def expected(unit, stratum, events, totals, reference=None) -> ExpectedEvents:
    """Events each unit would have had at everyone's rates for the same kind of treatment (indirect standardisation).

    One row per unit and stratum, or per treatment with `totals` 1; rows of the same unit and stratum add up. `stratum`:
    one label per row, such as area, product, dose band and first visit joined. `reference`: the rate to expect in each
    row (a frozen period), or None for the rate of all units in that stratum; then the expected events add up to the
    observed. `comparable` counts a unit's treatments in strata that another unit has too: on the others it is only
    compared with itself. Strata without any event give 0 expected, and then no `ratio`.
    Errors: ValueError naming the argument; events <= totals, every unit with at least one treatment.
    Source: Breslow & Day, Statistical Methods in Cancer Research II, 1987, chapter 2. Check: UKHSA
    PHEindicatormethods, ISR test data: 895 observed, 835.8836 expected.
    """
    events, totals = count_arguments.require_columns(events=events, totals=totals)
    count_arguments.require_at_most("events", events, "totals", totals)
    units, of_unit = _labels("unit", unit, len(events))
    strata, of_stratum = _labels("stratum", stratum, len(events))
    observed, total = (np.bincount(of_unit, column, len(units)).astype(np.int64) for column in (events, totals))
    if not total.all():
        raise ValueError(f"totals must give each unit at least one treatment, found none for {units[total == 0][0]}")
    sizes = np.bincount(of_stratum, totals, len(strata))
    if reference is None:
        rate = (np.bincount(of_stratum, events, len(strata)) / np.maximum(sizes, 1))[of_stratum]
    else:
        rate = count_arguments.require_measurements("reference", reference, least=1)
        count_arguments.require_aligned(events=events, reference=rate)
        if ((rate < 0) | (rate > 1)).any():
            raise ValueError(f"reference must lie between 0 and 1, found {rate[(rate < 0) | (rate > 1)][0]:g}")
    own = np.zeros((len(units), len(strata)))
    np.add.at(own, (of_unit, of_stratum), totals)
    shared = (own > 0).sum(axis=0) > 1
    comparable = own[:, shared].sum(axis=1).astype(np.int64)
    return ExpectedEvents(units, observed, np.bincount(of_unit, rate * totals, len(units)), total, comparable)


def shrink(events, totals) -> ShrunkenRates:
    """Rates pulled towards the group's, the more the fewer treatments a unit has (beta-binomial empirical Bayes).

    Why: of eight alike practitioners the smallest has the highest and the lowest raw rate; pulled rates do not reward
    or blame small numbers. Shown, never used to flag.
    Special: where the units differ no more than chance makes them, the spread cannot be estimated and all get the
    pooled rate, `pull` infinite: the usual result with 3-8 practitioners. A unit without treatments gets the centre.
    Errors: ValueError naming the argument; at least two units and one treatment.
    Source: maximum likelihood, Griffiths, Biometrics 1973; 29:637; spread beyond chance: Tarone, Biometrika 1979;
    66:585. Check: days with alcohol of 399 people (Lemmens et al. 1988): shapes 0.722942 and 0.580848.
    """
    events, totals = count_arguments.require_columns(events=events, totals=totals)
    count_arguments.require_at_most("events", events, "totals", totals)
    if len(events) < 2 or not totals.any():
        raise ValueError(f"totals must hold at least two units and one treatment, found {totals.tolist()}")
    pooled = float(events.sum() / totals.sum())
    beyond_chance = ((events - totals * pooled) ** 2).sum() - totals.sum() * pooled * (1 - pooled)
    if beyond_chance <= 1e-9 * totals.sum():
        return ShrunkenRates(np.full(len(events), pooled), pooled, np.inf)
    start = np.clip(np.log([pooled * 10, (1 - pooled) * 10]), *LOG_SHAPES)
    fit = minimize(
        _unlikeliness, start, (events, totals), "Nelder-Mead", bounds=[LOG_SHAPES] * 2, options=OPTIMIZER_TOLERANCES
    )
    shape, other = np.exp(fit.x)
    pull = float(shape + other)
    return ShrunkenRates((events + shape) / (totals + pull), float(shape / pull), pull)


def overdispersion(events, totals, reference) -> Overdispersion:
    """How much more the units vary than chance would have it, around the reference rate; 1 is chance alone.

    Mean squared z score, the most extreme tenth at each end pulled in to the next, so that one unit that is out of line
    does not stretch the funnel over itself.
    Special: with fewer than 10 units it is not assessed; `refused` says so.
    Errors: ValueError naming the argument; each unit has at least one treatment.
    Source: Spiegelhalter, Stat Med 2005; 24:1185.
    """
    events, totals = count_arguments.require_columns(events=events, totals=totals)
    count_arguments.require_whole_numbers("totals", totals, least=1)
    count_arguments.require_at_most("events", events, "totals", totals)
    reference, units = count_arguments.require_proportion("reference", reference), len(events)
    if units < MIN_UNITS_FOR_OVERDISPERSION:
        return Overdispersion(None, f"not assessed: {units} units, {MIN_UNITS_FOR_OVERDISPERSION} needed")
    z = np.sort((events - totals * reference) / np.sqrt(totals * reference * (1 - reference)))
    pulled = int(WINSORIZED_SHARE * units)
    return Overdispersion(float((np.clip(z, z[pulled], z[units - 1 - pulled]) ** 2).mean()), None)


def false_flags(units, level) -> float:
    """The chance (0-1) that at least one of so many units is flagged although all are alike: 1 - level ^ units.

    Errors: ValueError naming the argument. Check: 8 units: 34 % at 95 %, 1.6 % at 99.8 %.
    """
    return -expm1(
        count_arguments.require_whole_number("units", units) * log(count_arguments.require_proportion("level", level))
    )


def expected_false_flags(units, level) -> float:
    """How many of so many units are flagged on average although all are alike: printed under every funnel."""
    return count_arguments.require_whole_number("units", units) * (
        1 - count_arguments.require_proportion("level", level)
    )


def lots(events, totals, reference, alpha=0.05) -> LotFlags:
    """Which lots have more events than the reference rate explains, allowing for how many lots are looked at.

    Exact tail for each lot, Holm's correction over all of them, flagged where the adjusted tail is at most `alpha`: the
    chance to flag any lot while none differs stays at most `alpha`.
    Errors: ValueError naming the argument. A lot without treatments has tail 1 and counts as tested.
    Source: exact binomial; Holm, Scand J Stat 1979; 6:65.
    """
    events, totals = count_arguments.require_columns(events=events, totals=totals)
    count_arguments.require_at_most("events", events, "totals", totals)
    tail = exact_tail(events, totals, np.float64(count_arguments.require_proportion("reference", reference)))
    adjusted = holm(tail)
    return LotFlags(tail, adjusted, adjusted <= count_arguments.require_proportion("alpha", alpha), len(tail))


def holm(tails) -> np.ndarray:
    """Holm's adjusted tail probabilities, in the order given; equal tails get equal results.

    Errors: ValueError naming the argument; each between 0 and 1, both included.
    Source: Holm, Scand J Stat 1979; 6:65. Check: the values of R's multtest in statsmodels' tests.
    """
    tails = count_arguments.require_measurements("tails", tails, least=1)
    if ((tails < 0) | (tails > 1)).any():
        raise ValueError(f"tails must lie between 0 and 1, found {tails[(tails < 0) | (tails > 1)][0]:g}")
    order = np.argsort(tails, kind="stable")
    adjusted = np.empty(len(tails))
    adjusted[order] = np.minimum(np.maximum.accumulate(tails[order] * np.arange(len(tails), 0, -1)), 1)
    return adjusted


def _unlikeliness(log_shapes: np.ndarray, events: np.ndarray, totals: np.ndarray) -> float:
    """Minus the beta-binomial log-likelihood per unit, without what does not depend on the shapes."""
    shape, other = np.exp(log_shapes)
    return -(betaln(events + shape, totals - events + other) - betaln(shape, other)).mean()


def _labels(name: str, labels, rows: int) -> tuple[np.ndarray, np.ndarray]:
    labels = np.asarray(labels)
    if labels.shape != (rows,):
        raise ValueError(f"{name} must have one label per row of events ({rows}), found shape {labels.shape}")
    try:
        return np.unique(labels, return_inverse=True)
    except TypeError as reason:
        raise ValueError(f"{name} must be labels of one kind: {reason}") from None
