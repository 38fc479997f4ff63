"""Compare one practitioner or lot with the others, given everyone's events and volumes: an exact conditional test."""

from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaln, logsumexp, ndtr, ndtri
from scipy.stats import binom

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers
from models.statistics.interval import Interval

ALTERNATIVES = ("two-sided", "greater")
LOG_RATIO_TOLERANCE = 1e-10
REACH = 5  # standard deviations of the counts over which power is summed


@dataclass(frozen=True, kw_only=True)
class ConditionalComparison:
    """One unit beside the others of its strata.

    `comparable`: its treatments in strata that the others share; the rest carry no information. `observed`: its events
    among them; `expected`: their mean if all are alike. Counts from `low` to `high`, both included, are as expected at
    the level; beyond, the unit is flagged. `tail`: the probability of a count as extreme if all are alike.
    """

    comparable: int
    observed: int
    expected: float
    low: int
    high: int
    tail: float

    _events: Integers = field(repr=False)  # per shared stratum with events: of the unit, and of the others
    _totals: Integers = field(repr=False)
    _counts: Integers = field(repr=False)  # that the unit can have, and the log of their chance if all are alike
    _log_chance: Floats = field(repr=False)
    _outside: float = field(repr=False)  # the tail probability at which the unit is flagged, on each side tested
    _design_effect: float = field(repr=False)
    _is_two_sided: bool = field(repr=False)

    @cached_property
    def ratio(self) -> Interval:
        """The odds of an event beside those of the others: Mantel-Haenszel, with the exact interval of the test.

        The interval leaves out 1 just where the unit is flagged. With rare events it is the ratio of the rates; at 22%,
        a rate twice as high has odds 2.8 times as high. The estimate is None where the others have no event, the upper
        end where no upper end exists or the test is one-sided, and all three if nothing can be compared.
        """
        if len(self._counts) < 2:
            return Interval(None, None, None)
        (events, other), clean = self._events, self._totals - self._events
        everyone = self._totals.sum(axis=0)
        against = float((other * clean[0] / everyone).sum())
        estimate = float((events * clean[1] / everyone).sum()) / against if against else None
        low = self._limit(upper=False) if self.observed > self._counts[0] else 0.0
        is_bounded = self._is_two_sided and self.observed < self._counts[-1]
        return Interval(estimate, low, self._limit(upper=True) if is_bounded else None)

    @cached_property
    def power_doubled(self) -> float | None:
        """The probability that this unit is flagged as high if its rate is twice that of all together.

        None without events, and where twice the rate would be 100% or more. Strata are put together into one with as
        much information; without strata it is exact. Treatments count divided by the design effect.
        """
        everyone = self._totals.sum(axis=0)
        weight = self._totals[0] * self._totals[1] / np.maximum(everyone, 1)
        if not weight.sum():
            return None
        rate = float((weight * self._events.sum(axis=0) / everyone).sum() / weight.sum())
        if not 0 < 2 * rate < 1:
            return None
        own: float = self._totals[0].sum()
        others = own * float(weight.sum()) / (own - float(weight.sum()))
        own, others = (max(1, round(volume / self._design_effect)) for volume in (own, others))
        return _power(own, others, rate, self._outside)

    def _limit(self, upper: bool) -> float:
        """The odds ratio at which the observed count, or one beyond it, has just the chance that is flagged."""
        position = self.observed - int(self._counts[0])
        part = slice(None, position + 1) if upper else slice(position, None)
        target = float(ndtri(self._outside) * sqrt(self._design_effect))

        def excess(log_ratio: float) -> float:
            weighted = self._log_chance + log_ratio * self._counts
            log_tail = logsumexp(weighted[part]) - logsumexp(weighted)
            return float(ndtri(min(np.exp(log_tail), 1.0))) - target

        reach = 1.0
        while (excess(reach) > 0) == (excess(-reach) > 0):
            reach *= 2
        return float(np.exp(brentq(excess, -reach, reach, xtol=LOG_RATIO_TOLERANCE)))


def conditional(
    events: ArrayLike,
    totals: ArrayLike,
    stratum: ArrayLike,
    design_effect: float = 1.0,
    level: float = 0.998,
    alternative: str = "two-sided",
) -> ConditionalComparison:
    """Compare one practitioner, site or lot with the others: are its events more, or fewer, than chance explains?

    `events` and `totals`: one row per unit, the one in question first, and one column per label of `stratum` (area x
    product x first visit x how asked). The other rows are added up, and so are columns with the same label. If all are
    alike, then given everyone's events in a stratum, those of one unit are hypergeometric, and their sum over strata is
    distributed as the convolution of these. So the test is exact although no rate is known: an expectation at the rate
    of the others, or at one that includes the unit's own results, is itself uncertain.

    `tail` is two-sided (twice the smaller, at most 1) for practitioners, or with `alternative` "greater" that of at
    least as many events, for lots (before Holm). `level` is that of the band: (1 - level) / 2 on each side, or all of
    it above. Clients return to the same practitioner: with a `design_effect` above 1 a tail p becomes
    Phi(Phi^-1(p) / sqrt(design effect)), and the band and the interval widen accordingly.
    Without a shared stratum, or without events in one, nothing can be compared: tail 1.
    Errors: ValueError naming the argument; at least two rows, events <= totals, `design_effect` at least 1.
    Source: Mantel & Haenszel, J Natl Cancer Inst 1959; 22:719; exact: Gart, Biometrika 1970; 57:471. Clustering: Rao &
    Scott, Biometrics 1992; 48:577.
    Check: scipy.stats.hypergeom, contingency.odds_ratio and every table of small strata,
    tests/models/statistics/test_conditional.py; false flags and power: docs/calibration.md.
    """
    happened, treated = _by_stratum(events, totals, stratum)
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative: {alternative!r}; expected one of {', '.join(ALTERNATIVES)}")
    design_effect = arguments.require_above("design_effect", design_effect, 0)
    if design_effect < 1:
        raise ValueError(f"design_effect must be at least 1, found {design_effect:g}")
    outside = 1 - arguments.require_proportion("level", level)
    is_two_sided = alternative == "two-sided"
    outside = outside / 2 if is_two_sided else outside

    shared = (treated > 0).all(axis=0)
    happened, treated = happened[:, shared], treated[:, shared]
    counts, log_chance = _log_chances(happened, treated)
    chance = np.exp(log_chance)
    fewer, more = np.cumsum(chance), np.cumsum(chance[::-1])[::-1]
    fewer, more = (ndtr(ndtri(np.minimum(side, 1)) / sqrt(design_effect)) for side in (fewer, more))
    observed = int(happened[0].sum())
    position = observed - int(counts[0])
    tail = min(1.0, 2 * min(fewer[position], more[position])) if is_two_sided else more[position]
    return ConditionalComparison(
        comparable=int(treated[0].sum()),
        observed=observed,
        expected=float((happened.sum(axis=0) * treated[0] / np.maximum(treated.sum(axis=0), 1)).sum()),
        low=int(counts[fewer > outside][0]) if is_two_sided else int(counts[0]),
        high=int(counts[more > outside][-1]),
        tail=float(tail),
        _events=happened,
        _totals=treated,
        _counts=counts,
        _log_chance=log_chance,
        _outside=outside,
        _design_effect=design_effect,
        _is_two_sided=is_two_sided,
    )


def _by_stratum(events: ArrayLike, totals: ArrayLike, stratum: ArrayLike) -> tuple[Integers, Integers]:
    """Events and treatments of the unit and of the others, 2 x strata."""
    happened, treated = (
        arguments.require_whole_numbers(name, values) for name, values in (("events", events), ("totals", totals))
    )
    if happened.ndim != 2 or len(happened) < 2 or happened.shape != treated.shape:
        raise ValueError(
            "events and totals must be tables of one shape, with a row for the unit and one or more for the others, "
            f"found {happened.shape} and {treated.shape}"
        )
    arguments.require_counts(dimensions=None, events=happened, totals=treated)
    strata, of_column = arguments.encode_labels("stratum", stratum)
    if len(of_column) != happened.shape[1]:
        raise ValueError(f"stratum must have one label per column ({happened.shape[1]}), found {len(of_column)}")

    def add_up(table: Integers) -> Integers:
        rows = (np.bincount(of_column, row, len(strata)) for row in (table[0], table[1:].sum(axis=0)))
        return np.array(list(rows)).astype(np.int64)

    return add_up(happened), add_up(treated)


def _log_chances(events: Integers, totals: Integers) -> tuple[Integers, Floats]:
    """The counts that the unit can have over all strata, and the log of their chance if all are alike.

    The strata are tilted half-way from no difference to the observed one before they are convolved, so that neither end
    underflows, and tilted back afterwards.
    """
    own, other = events.sum(axis=1) + 0.5
    own_clean, other_clean = (totals - events).sum(axis=1) + 0.5
    tilt = np.log(own * other_clean / (other * own_clean)) / 2
    lowest, chance = 0, np.ones(1)
    for all_events, own_total, other_total in zip(events.sum(axis=0).tolist(), *totals.tolist(), strict=True):
        low = max(0, all_events - other_total)
        counts = np.arange(low, min(all_events, own_total) + 1)
        lowest += low
        if len(counts) > 1:
            log_chance = tilt * counts - betaln(counts + 1, own_total - counts + 1)
            log_chance -= betaln(all_events - counts + 1, other_total - all_events + counts + 1)
            chance = np.convolve(chance, np.exp(log_chance - log_chance.max()))
            chance /= chance.max()
    counts = lowest + np.arange(len(chance))
    log_chance = np.log(np.maximum(chance, np.finfo(float).tiny)) - tilt * counts
    return counts, log_chance - logsumexp(log_chance)


def _power(own: int, others: int, rate: float, outside: float) -> float:
    """The chance that a unit with twice the rate of the others has a tail of at most `outside`, in one stratum."""
    counts, other_counts = _likely_counts(own, 2 * rate), _likely_counts(others, rate)
    together = np.arange(counts[0] + other_counts[0], counts[-1] + other_counts[-1] + 1)
    possible = (counts[:, np.newaxis] <= together) & (together - counts[:, np.newaxis] <= others)
    remaining = np.where(possible, together - counts[:, np.newaxis], 0)
    log_chance = -betaln(counts + 1, own - counts + 1)[:, np.newaxis]
    log_chance = log_chance - betaln(remaining + 1, others - remaining + 1)
    log_chance = log_chance + betaln(together + 1, own + others - together + 1)
    # log C(n, k) = -log(n + 1) - betaln(k + 1, n - k + 1)
    log_chance += np.log((own + others + 1) / ((own + 1) * (others + 1)))
    tails = np.cumsum(np.where(possible, np.exp(log_chance), 0)[::-1], axis=0)[::-1]
    flagged = possible & (tails <= outside)
    of_others = np.where(possible, binom.pmf(remaining, others, rate), 0)
    return float(binom.pmf(counts, own, 2 * rate) @ (flagged * of_others).sum(axis=1))


def _likely_counts(total: int, rate: float) -> Integers:
    reach = REACH * sqrt(total * rate) + REACH
    return np.arange(max(0, int(total * rate - reach)), min(total, int(total * rate + reach)) + 1)
