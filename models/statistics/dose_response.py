"""Dose-response: the odds ratio of a side effect per number of units, with few events and repeated clients."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtr
from scipy.stats import chi2

from models.statistics import arguments
from models.statistics.arguments import Flags, Floats
from models.statistics.firth import PenalizedLikelihood, Point
from models.statistics.interval import Interval

# With fewer treatments with the effect, or without it, or clients, a slope is mostly noise. Source: docs/methods.md.
MIN_EVENTS = 10
LEVEL = 0.95
SAME_DOSE_TOLERANCE = 1e-9  # doses closer than this share of the largest are the same, written with other digits
LARGEST_LOG_ODDS_RATIO = 700  # odds ratios beyond e^700 overflow


@dataclass(frozen=True, slots=True)
class DoseResponse:
    """The odds ratio of the effect per `per` units, or the reason why there is none."""

    odds_ratio: Interval
    events: int
    total: int
    per: float
    design_effect: float  # how much the variance was increased because clients come more than once; 1 if it was not
    tail: float | None  # the chance of so high an odds ratio if the dose made no difference (one-sided)
    refused: str | None


def fit(
    units: ArrayLike,
    outcome: ArrayLike,
    client: ArrayLike | None = None,
    per: float = 5.0,
    stratum: ArrayLike | None = None,
) -> DoseResponse:
    """The odds ratio of the effect per `per` units of one product in one area, with its 95 % interval.

    One value per treatment: `units`, `outcome` yes or no, `client` as a label if clients come repeatedly, and `stratum`
    as a label if only treatments of the same stratum are alike, such as those asked the same way. Logistic regression
    with Firth's penalty and an intercept per stratum, with the profile interval. The design effect multiplies
    the drop in log-likelihood that ends the interval, which keeps its asymmetry (Chandler & Bate 2007), and
    divides that of the tail.
    No odds ratio (three None), with the reason in `refused`: fewer than 10 treatments with the effect or without it,
    fewer than 10 clients, a single dose (in each stratum), or doses too similar for `per` units.
    Errors: ValueError naming the argument on missing, negative or unequal input, or if `per` is not above 0.
    Source: Firth 1993; Heinze & Schemper 2002.
    """
    doses, affected = arguments.require_amounts("units", units), arguments.require_flags("outcome", outcome)
    arguments.require_aligned(may_be_empty=True, units=doses, outcome=affected)
    per = arguments.require_above("per", per, 0)
    events, total = int(affected.sum()), len(affected)
    member = None
    if client is not None:
        clients, member = arguments.encode_labels("client", client)
        arguments.require_aligned(may_be_empty=True, units=doses, client=member)

    strata = None
    if stratum is not None:
        _, strata = arguments.encode_labels("stratum", stratum)
        arguments.require_aligned(may_be_empty=True, units=doses, stratum=strata)

    def refusal(reason: str) -> DoseResponse:
        return DoseResponse(Interval(None, None, None), events, total, per, 1.0, None, reason)

    if events < MIN_EVENTS:
        return refusal(too_few_events(events))
    if total - events < MIN_EVENTS:
        return refusal(f"{total - events} without the effect: too few for a slope; {MIN_EVENTS} needed")
    if member is not None and len(clients) < MIN_EVENTS:
        return refusal(f"clients: {len(clients)}; too few to allow for their repeats; {MIN_EVENTS} needed")
    if _one_dose(doses):
        return refusal(f"all treatments had {doses[0]:g} units: no slope to be seen")
    if strata is not None and all(_one_dose(doses[strata == one]) for one in range(strata.max() + 1)):
        return refusal("asked differently at each dose: no slope to be seen")

    likelihood = PenalizedLikelihood.of(doses, affected, strata)
    best = likelihood.maximum()
    design_effect = 1.0 if member is None else _design_effect(likelihood, best, doses, affected, member, strata)
    tail = _one_sided_tail(likelihood, best, design_effect)
    log_odds = [per * value for value in _profile_interval(likelihood, best, LEVEL, design_effect)]
    if max(map(abs, log_odds)) > LARGEST_LOG_ODDS_RATIO:
        return refusal(f"the doses differ too little for an odds ratio per {per:g} units")
    odds_ratio, low, high = map(math.exp, log_odds)
    return DoseResponse(Interval(odds_ratio, low, high), events, total, per, design_effect, tail, None)


def too_few_events(events: int) -> str:
    """Why there is no slope with fewer than 10 treatments with the effect."""
    return f"{events} with the effect: too few for a slope; {MIN_EVENTS} needed"


def slope(units: ArrayLike, outcome: ArrayLike, level: float = LEVEL, design_effect: float = 1.0) -> Interval:
    """The log odds ratio per unit by Firth's penalized likelihood, with its profile interval, and never refused.

    For comparison with other programs.
    Errors: ValueError unless there are two different doses.
    Source: Firth 1993; Heinze & Schemper 2002.
    """
    doses, affected = arguments.require_amounts("units", units), arguments.require_flags("outcome", outcome)
    arguments.require_aligned(units=doses, outcome=affected)
    if _one_dose(doses):
        raise ValueError("units must hold two different doses, found one")
    level = arguments.require_proportion("level", level)
    likelihood = PenalizedLikelihood.of(doses, affected)
    return Interval(*_profile_interval(likelihood, likelihood.maximum(), level, design_effect))


def _profile_interval(
    likelihood: PenalizedLikelihood, best: Point, level: float, design_effect: float
) -> tuple[float, float, float]:
    allowed = chi2.ppf(level, 1) / 2 * design_effect

    def spare(candidate: float) -> float:
        # Far away only the sign matters.
        return float(max(-allowed, likelihood.profile(candidate, best).value - best.value + allowed))

    def limit(direction: int) -> float:
        far = best.slope + direction * math.sqrt(2 * allowed) * best.error
        while spare(far) > 0:
            far += far - best.slope
        return float(brentq(spare, best.slope, far, xtol=1e-10))

    unit = likelihood.deviation
    return best.slope / unit, limit(-1) / unit, limit(1) / unit


def _one_sided_tail(likelihood: PenalizedLikelihood, best: Point, design_effect: float) -> float:
    """The signed root of the drop in penalized log-likelihood without a slope, as a tail of the normal distribution."""
    drop = max(0.0, 2 * (best.value - likelihood.profile(0.0, best).value) / design_effect)
    return float(ndtr(-math.copysign(math.sqrt(drop), best.slope)))


def _one_dose(units: Floats) -> bool:
    return float(np.ptp(units)) <= SAME_DOSE_TOLERANCE * float(units.max())


def _design_effect(
    likelihood: PenalizedLikelihood,
    best: Point,
    units: Floats,
    outcome: Flags,
    member: NDArray[np.intp],
    strata: NDArray[np.intp] | None,
) -> float:
    """The ratio of the variance of the slope summed by client to that summed by treatment; at least 1.

    Without repeated clients it is 1. Source: Kish 1965; Liang & Zeger 1986 for the sandwich.
    """
    number = (units - units.mean()) / likelihood.deviation
    intercept, centre = ((best.intercept, best.centre) if strata is None else
                         (best.intercept[strata], best.centre[strata]))  # fmt: skip
    pull = (outcome - expit(intercept + best.slope * number)) * (number - centre)
    by_client = np.bincount(member, weights=pull)
    treatments, clients = len(units), len(by_client)
    by_client_variance = float(by_client @ by_client) * clients / (clients - 1)
    by_treatment_variance = float(pull @ pull) * treatments / (treatments - 1)
    return max(1.0, by_client_variance / by_treatment_variance)
