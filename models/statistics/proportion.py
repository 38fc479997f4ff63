"""Rates of side effects from counts, and how certain they are."""

from math import expm1, log1p, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, ndtri

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers
from models.statistics.integer_search import first_where
from models.statistics.interval import Interval

# Below this the correction is smaller than its own uncertainty with a clinic's 20 to 200 clients.
MIN_DESIGN_EFFECT = 1.1


def wilson(events: int, total: int, level: float = 0.95) -> Interval:
    """Rate with its Wilson score interval, all 0-1; shown with every rate.

    The low end is exactly 0 without events, the high end exactly 1 with only events.
    Errors: ValueError naming the argument; there is no rate without a treatment (`total` 0).
    Source: Wilson 1927; Brown, Cai & DasGupta, Statistical Science 2001; 16:101.
    """
    return wilson_with_effect(events, total, effect=None, level=level)


def clopper_pearson(events: int, total: int, level: float = 0.95) -> Interval:
    """Rate with the exact interval, whose coverage is never below nominal, all 0-1; wider than Wilson's.

    Errors: as `wilson`.
    Source: Clopper & Pearson, Biometrika 1934; 26:404.
    """
    events, total = arguments.require_counts(least=1, events=events, total=total)
    outside = (1 - arguments.require_proportion("level", level)) / 2
    low = float(betaincinv(events, total - events + 1, outside)) if events else 0.0
    high = float(betaincinv(events + 1, total - events, 1 - outside)) if events < total else 1.0
    return Interval(events / total, low, high)


def upper_limit_when_none(total: int, level: float = 0.95) -> float:
    """The highest rate (0-1) that still has a probability of 1 - level of no event in `total` treatments.

    Errors: ValueError naming the argument; `total` at least 1.
    Source: Hanley & Lippman-Hand, JAMA 1983; 249:1743; Eypasch et al., BMJ 1995; 311:619.
    """
    total = arguments.require_whole_number("total", total, least=1)
    return -expm1(log1p(-arguments.require_proportion("level", level)) / total)


def bounds(events: int, known: int, total: int) -> tuple[float, float]:
    """Lowest and highest possible rate (0-1) of all `total` treatments, including those with unknown outcome.

    Lowest: no unreached client was affected. Highest: every unreached client was.
    Errors: ValueError naming the argument unless events <= known <= total and total >= 1.
    Source: Manski, Am Econ Rev 1990; 80:319 (no-assumption bounds).
    """
    events, known, total = arguments.require_counts(least=1, events=events, known=known, total=total)
    return events / total, (events + total - known) / total


def difference(events_a: int, total_a: int, events_b: int, total_b: int, level: float = 0.95) -> Interval:
    """Rate a minus rate b (-1 to 1) with Newcombe's hybrid score interval.

    It stays in -1 to 1 even without events. Swapping a and b only changes the sign.
    Errors: as `wilson`, naming `events_a`, `total_a`, `events_b` or `total_b`.
    Source: Newcombe, Stat Med 1998; 17:873, method 10.
    """
    level = arguments.require_proportion("level", level)
    events_a, total_a = arguments.require_counts(least=1, events_a=events_a, total_a=total_a)
    events_b, total_b = arguments.require_counts(least=1, events_b=events_b, total_b=total_b)
    rate_a, low_a, high_a = _wilson_limits(events_a / total_a, total_a, level)
    rate_b, low_b, high_b = _wilson_limits(events_b / total_b, total_b, level)
    between = rate_a - rate_b
    low = between - sqrt((rate_a - low_a) ** 2 + (high_b - rate_b) ** 2)
    return Interval(between, low, between + sqrt((high_a - rate_a) ** 2 + (rate_b - low_b) ** 2))


def tail(events: ArrayLike, total: ArrayLike, reference: ArrayLike) -> Any:
    """The probability of at least as many events in `total` treatments at the `reference` rate.

    A float, or an array if an argument is one; 1 without events, even without treatments. Every "higher than" rests on
    it.
    Errors: ValueError naming the argument; `reference` strictly between 0 and 1 (at 0 events are impossible).
    Source: Binomial tail by the incomplete beta function.
    """
    counts, totals = arguments.require_counts(dimensions=None, events=events, total=total)
    chance = exact_tail(counts, totals, arguments.require_proportions("reference", reference))
    return chance if chance.ndim else float(chance)


def flagged_from(total: ArrayLike, reference: ArrayLike, alpha: float) -> Any:
    """The fewest events in `total` treatments whose `tail` is at most `alpha`: an int, or an array of them.

    One more than `total` if no count is that unlikely. All drawn limits and all flags come from here, so that line and
    flag cannot disagree.
    Errors: ValueError naming the argument; all but `total` strictly between 0 and 1.
    Source: inversion of the exact binomial tail.
    """
    totals, rates = np.broadcast_arrays(
        arguments.require_whole_numbers("total", total), arguments.require_proportions("reference", reference)
    )
    alpha = arguments.require_proportion("alpha", alpha)
    least = first_where(lambda events: exact_tail(events, totals, rates) <= alpha, np.ones_like(totals), totals + 1)
    return least if least.ndim else int(least)


def design_effect(
    events_per_client: ArrayLike, treatments_per_client: ArrayLike, clients: ArrayLike = 1
) -> float | None:
    """The ratio of the rate's variance to its variance if all treatments were independent; 1 means no clustering.

    `clients` is how many clients each row stands for, if identical ones share a row.

    Ratio estimator with clients as clusters. None if clustering cannot be estimated: a single client, no events, or
    only events. Below 1 by chance if clients are more alike than independent treatments would be.
    Errors: ValueError naming the argument; each client has at least one treatment and no more events than treatments.
    Source: Rao & Scott, Biometrics 1992; 48:577.
    """
    events, treatments = arguments.require_counts(
        least=1, dimensions=1, events_per_client=events_per_client, treatments_per_client=treatments_per_client
    )
    alike = np.broadcast_to(arguments.require_whole_numbers("clients", clients, least=1), events.shape)
    return design_effect_of_sums(
        clients=int(alike.sum()),
        events=int((alike * events).sum()),
        treatments=int((alike * treatments).sum()),
        events_squared=int((alike * events**2).sum()),
        treatments_squared=int((alike * treatments**2).sum()),
        products=int((alike * events * treatments).sum()),
    )


def design_effect_of_sums(
    *, clients: int, events: int, treatments: int, events_squared: int, treatments_squared: int, products: int
) -> float | None:
    """`design_effect` from sums over clients of their events, their treatments, the squares and the products of both.

    Whole numbers until the division, because a sum of floats depends in its 15th digit on the order of clients, which
    databases do not fix.
    """
    if clients == 1 or events in (0, treatments):
        return None
    # The sum over clients of (all treatments * their events - all events * their treatments)^2, expanded.
    spread = treatments**2 * events_squared - 2 * treatments * events * products + events**2 * treatments_squared
    return clients * spread / ((clients - 1) * treatments * events * (treatments - events))


def pooled_design_effect(events: ArrayLike, totals: ArrayLike, client: ArrayLike, stratum: ArrayLike) -> float:
    """The design effect of a comparison within strata, pooled over everyone; at least 1.

    One row per client and stratum, or per treatment. `client`: the label of the cluster, such as client and
    practitioner, since a client of two practitioners does not make them differ. Each row counts by its events less
    those expected at the rate of its stratum, so that a difference between strata is not taken for clustering. With one
    stratum it is `design_effect`. 1 if it cannot be estimated.
    Errors: ValueError naming the argument.
    Source: ratio estimator, Rao & Scott, Biometrics 1992; 48:577.
    """
    counts, sizes = arguments.require_counts(dimensions=1, events=events, totals=totals)
    clients, of_client = arguments.encode_labels("client", client)
    strata, of_stratum = arguments.encode_labels("stratum", stratum)
    arguments.require_aligned(events=counts, client=of_client, stratum=of_stratum)
    happened, treated = (np.bincount(of_stratum, column, len(strata)) for column in (counts, sizes))
    rate = happened / np.maximum(treated, 1)
    independent = float((treated * rate * (1 - rate)).sum())
    if len(clients) == 1 or not independent:
        return 1.0
    beyond = np.bincount(of_client, counts - rate[of_stratum] * sizes)
    return max(1.0, len(clients) / (len(clients) - 1) * float((beyond**2).sum()) / independent)


def wilson_with_effect(events: int, total: int, effect: float | None, level: float = 0.95) -> Interval:
    """Wilson on total / effect if a design effect is known and exceeds 1.1, else plain Wilson.

    Never narrower than plain Wilson, although clients have several treatments.
    Source: Rao & Scott 1992 (effective sample size); Korn & Graubard, Surv Methodol 1998; 24:193.
    """
    events, total = arguments.require_counts(least=1, events=events, total=total)
    independent = total / effect if effect and effect > MIN_DESIGN_EFFECT else total
    limits = _wilson_limits(events / total, independent, arguments.require_proportion("level", level))
    return Interval(*map(float, limits))


def rate_columns(events: ArrayLike, total: ArrayLike, effects: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Rates and their 95% intervals as of `wilson_with_effect`, many at once; NaN where the total is 0.

    `effects` NaN: no design effect is known. Errors: ValueError naming the argument unless events <= total.
    """
    hits, everyone = arguments.require_counts(dimensions=None, events=events, total=total)
    divisor, effect = np.where(everyone > 0, everyone, np.nan), np.asarray(effects, dtype=float)
    return _wilson_limits(hits / divisor, np.where(effect > MIN_DESIGN_EFFECT, divisor / effect, divisor), 0.95)


def exact_tail(events: Integers | int, total: Integers | int, rate: Floats | float) -> Floats:
    """P(X >= events) for binomial X, elementwise and unchecked; 1 for no events, 0 for more than treatments."""
    possible = (events > 0) & (events <= total)
    chance = betainc(np.where(possible, events, 1), np.where(possible, total - events + 1, 1), rate)
    return np.where(possible, chance, events <= 0)


def _wilson_limits(rate: Any, total: Any, level: float) -> tuple[Any, Any, Any]:
    """The rate and its limits: numbers, or arrays of them."""
    z = -float(ndtri((1 - level) / 2))
    centre = (rate * total + z**2 / 2) / (total + z**2)
    reach = z / (total + z**2) * np.sqrt(rate * (1 - rate) * total + z**2 / 4)
    return (
        rate,
        np.where(np.equal(rate, 0), 0.0, centre - reach)[()],
        np.where(np.equal(rate, 1), 1.0, centre + reach)[()],
    )
