"""Durations whose end is known only to lie between two contacts: Turnbull's estimate."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression
from scipy.sparse import csr_array
from scipy.special import xlogy

from models.statistics import arguments, step_curve
from models.statistics.arguments import Floats
from models.statistics.interval import Interval

Positions = NDArray[np.intp]

EXACT_ENOUGH = 1e-10  # the fit stops when the mean log-likelihood is provably this close to its maximum,
MAX_ROUNDS = 10_000  # or after this many rounds; 10,000 intervals needed at most 140
ENOUGH_FOR_DRAW = 1e-4  # the same for a bootstrap draw, whose median it moves by less than 0.01 days
MIN_ENDED_FOR_INTERVAL = 20
NO_MASS = 1e-9  # a smaller mass is converging to 0
NO_BEND = 1e-9  # where a draw has no end of an episode, any smaller weight lets its neighbors decide
LIFT = 100.0  # between the curves of a joint regression, whose values lie between 0 and 1
CELLS_AT_ONCE = 1_000_000  # episodes times draws: 8 MB in each of a dozen arrays


@dataclass(frozen=True, slots=True)
class Turnbull:
    """The share of episodes that end in each interval (left, right], or exactly on that day if both are equal.

    An interval up to infinity holds the episodes without a known end. The data do not say when within an interval.
    """

    left: Floats
    right: Floats
    mass: Floats
    error: float  # the proven distance of the mean log-likelihood from its maximum
    refused: str | None  # why the curve should not be shown; None if it may be

    def shares(self, days: Floats) -> Floats:
        """`at(day).estimate` of many days; within an interval up to infinity the share before it."""
        at = np.searchsorted(self.right, days, side="right")  # the interval in which each day lies, or the next
        left, right = (np.append(ends, 0)[at] for ends in (self.left, self.right))
        inside = (left < days) & (days < right) & (right < np.inf)
        part = np.divide(days - left, right - left, out=np.zeros(len(days)), where=inside)
        present: Floats = 1 - np.append(0, np.cumsum(self.mass))[at] - part * np.append(self.mass, 0)[at]
        return np.clip(present, 0, 1)

    @property
    def median(self) -> Interval:
        """The day by which half have ended, with the limits of the interval that contains it.

        Low and high are the range that the data leave open, not a confidence interval. Ends are assumed to be spread
        evenly within an interval. None if not reached.
        """
        day, left, right = _median(self.left, self.right, self.mass)
        return Interval(None, left, None) if right == np.inf else Interval(day, left, right)

    def at(self, day: float) -> Interval:
        """The share of episodes still present after `day`, 0-1.

        Low and high are the range that the data leave open (equal outside the intervals), not a confidence interval.
        Ends are assumed to be spread evenly within an interval; within one up to infinity the estimate is None.
        """
        (day,) = arguments.require_amounts("day", [day])
        over = self.right <= day
        inside = ~over & (self.left < day)
        low, high = (min(1.0, float(self.mass[part].sum())) for part in (~over & ~inside, ~over))
        if not inside.any():
            return Interval(high, high, high)
        ((left, right),) = zip(self.left[inside], self.right[inside], strict=True)
        if right == np.inf:
            return Interval(None, low, high)
        return Interval(high - (high - low) * float((day - left) / (right - left)), low, high)


def turnbull(last_present: ArrayLike, first_gone: ArrayLike) -> Turnbull:
    """The nonparametric maximum-likelihood estimate of durations whose ends lie between two contacts.

    `last_present` is the last day each episode was known to be present, and `first_gone` the first day it was known to
    be gone: infinity if it is open, equal to `last_present` if the end is exact. With exact ends this is Kaplan-Meier.
    Alternates self-consistency (EM) and iterative convex minorants until the gradient proves that no curve is more than
    1e-10 better in mean log-likelihood. `refused` is set if fewer than 5 have ended.
    Errors: ValueError naming the argument on empty, missing, negative or unequal input, and on an end before the last
    day present.
    Source: Turnbull 1976; Wellner & Zhan 1997 (EM-ICM); Gentleman & Geyer 1994 (the proof of maximum).
    """
    last = arguments.require_amounts("last_present", last_present)
    first = arguments.require_amounts("first_gone", first_gone, infinite=True)
    arguments.require_aligned(last_present=last, first_gone=first)
    if (first < last).any():
        raise ValueError("first_gone: a day before the last one present")

    left, right, start, stop = _innermost_intervals(last, first)
    runs, weight = np.unique(np.column_stack([start, stop]), axis=0, return_counts=True)
    counted = weight[:, np.newaxis].astype(float)
    gone, error = _maximize_likelihood(runs[:, 0], runs[:, 1], counted, len(left), EXACT_ENOUGH)
    mass = np.diff(gone[:, 0])
    carries = mass > NO_MASS
    refused = step_curve.too_few_reason(int(np.isfinite(first).sum()))
    return Turnbull(left[carries], right[carries], mass[carries] / mass[carries].sum(), float(error[0]), refused)


def bootstrap_median(
    last_present: ArrayLike,
    first_gone: ArrayLike,
    client: ArrayLike,
    draws: int = 999,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The median of `turnbull` with its percentile bootstrap interval, in days; None where it is not reached.

    Clients are drawn with replacement, each with all of their episodes (`client`: one label per episode), and all draws
    are estimated at once. From 20 ended on; with fewer, the median alone, because the estimate then takes few values.
    The range in which the estimate itself is not determined (`Turnbull.median`) is no interval: it held the truth in
    12 of 100 simulated clinics. The same `seed` gives the same interval, whatever the order of the episodes. It takes
    0.1 to 0.3 seconds for 50 to 5,000 episodes (1 to 4 seconds one draw after the other).
    Errors: ValueError naming the argument; as `turnbull`.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    Check: docs/calibration.md (how often it holds the truth).
    """
    curve = turnbull(last_present, first_gone)
    ends = _bootstrap(_medians, last_present, first_gone, client, draws, seed, level)
    if ends is None:
        return Interval(curve.median.estimate, None, None)
    return Interval(curve.median.estimate, *(None if day == np.inf else day for day in ends))


def bootstrap_share(
    last_present: ArrayLike,
    first_gone: ArrayLike,
    client: ArrayLike,
    day: float,
    draws: int = 999,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """The share still present after `day` (0-1) of `turnbull`, with its percentile bootstrap interval over clients.

    As `bootstrap_median`; within an interval up to infinity it is the share before that interval. Fewer than 20 ended:
    the share alone.
    Errors: ValueError naming the argument; as `turnbull`.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    curve = turnbull(last_present, first_gone)
    (estimate,) = curve.shares(np.array(arguments.require_amounts("day", [day]))).tolist()
    shares = partial(_shares, day=day)
    ends = _bootstrap(shares, last_present, first_gone, client, draws, seed, level)
    return Interval(estimate, *(ends or (None, None)))


def _bootstrap(
    estimate: Callable[[Floats, Floats, Floats], Floats],
    last_present: ArrayLike,
    first_gone: ArrayLike,
    client: ArrayLike,
    draws: int,
    seed: int,
    level: float,
) -> tuple[float, float] | None:
    """The percentile interval of an estimate (of distinct pairs of days, and how often each draw holds them); None with
    fewer than 20 ended."""
    last, first = np.asarray(last_present, dtype=float), np.asarray(first_gone, dtype=float)
    clients, of_episode = arguments.encode_labels("client", client)
    arguments.require_aligned(last_present=last, client=of_episode)
    draws, seed = (
        arguments.require_whole_number(name, value, least)
        for name, value, least in (("draws", draws, 1), ("seed", seed, 0))
    )
    outside = (1 - arguments.require_proportion("level", level)) / 2
    if np.isfinite(first).sum() < MIN_ENDED_FOR_INTERVAL:
        return None
    random = np.random.default_rng(seed)
    pairs, pair = np.unique(np.column_stack([last, first]), axis=0, return_inverse=True)
    drawn = np.empty((len(pairs), draws))  # how often each draw holds each pair of days
    for draw in range(draws):
        times = np.bincount(random.integers(len(clients), size=len(clients)), minlength=len(clients))
        drawn[:, draw] = np.bincount(pair, times[of_episode], len(pairs))
    # Order statistics: with 999 draws, the 25th from either end.
    rank = max(1, round(outside * (draws + 1)))
    low, high = np.sort(estimate(pairs[:, 0], pairs[:, 1], drawn))[[rank - 1, draws - rank]].tolist()
    return low, high


def _shares(last: Floats, first: Floats, drawn: Floats, day: float) -> Floats:
    """The share still present after `day` in each draw."""
    left, right, start, stop = _innermost_intervals(last, first)
    at = int(np.searchsorted(right, day, side="right"))  # the interval in which the day lies, or the next
    part = (day - left[at]) / (right[at] - left[at]) if at < len(left) and left[at] < day and right[at] < np.inf else 0
    shares = []
    for draws in np.array_split(drawn, math.ceil(drawn.size / CELLS_AT_ONCE), axis=1):
        gone, _ = _maximize_likelihood(start, stop, draws, len(left), ENOUGH_FOR_DRAW)
        shares.append(1 - gone[at] - part * (gone[min(at + 1, len(left))] - gone[at]))
    return np.asarray(np.clip(np.concatenate(shares), 0, 1))  # against rounding


def _medians(last: Floats, first: Floats, drawn: Floats) -> Floats:
    """The median of each draw of distinct pairs of days, infinite if it is not reached; `drawn`: pairs by draws."""
    left, _, start, stop = _innermost_intervals(last, first)
    medians = []
    for part in np.array_split(drawn, math.ceil(drawn.size / CELLS_AT_ONCE), axis=1):
        gone, _ = _maximize_likelihood(start, stop, part, len(left), ENOUGH_FOR_DRAW)
        # A draw leaves more open than all episodes do: its own interval runs from the latest start before its median to
        # the earliest stop after it.
        held, half = part > 0, (gone < 0.5 - step_curve.ROUNDING).sum(axis=0)
        starts, stops = start[:, np.newaxis], stop[:, np.newaxis]
        opens = np.where(held & (starts < half), starts, -1).max(axis=0)
        closes = np.where(held & (stops >= half), stops, len(left)).min(axis=0)
        begin = np.where(held & (starts == opens), last[:, np.newaxis], 0).max(axis=0)
        end = np.where(held & (stops == closes), first[:, np.newaxis], np.inf).min(axis=0)
        before, after = (np.take_along_axis(gone, at[np.newaxis], axis=0)[0] for at in (opens, closes))
        length = np.where(end > begin, end - begin, 0)
        medians.append(begin + length * np.clip((0.5 - before) / (after - before), 0, 1))
    return np.concatenate(medians)


def _median(left: Floats, right: Floats, mass: Floats) -> tuple[float, float, float]:
    """The day by which half have ended, spread evenly within an interval, and the limits of that interval."""
    gone = np.cumsum(mass)
    k = int(np.flatnonzero(gone >= 0.5 - step_curve.ROUNDING)[0])
    start, end = float(left[k]), float(right[k])
    part = min(1.0, float((0.5 - (gone[k] - mass[k])) / mass[k]))
    return start + part * (end - start) if end < np.inf else end, start, end


def _innermost_intervals(last: Floats, first: Floats) -> tuple[Floats, Floats, Positions, Positions]:
    """The intervals that can have mass, and each episode as a run of them, from `start` to before `stop`.

    Mass lies where a left end is directly followed by a right end. On the same day an exact end opens first, then right
    ends close (they include the day), then left ends open (they exclude it).
    """
    days = np.unique(np.concatenate([last, first]))
    exact = last == first
    opens = 3 * np.searchsorted(days, last) + np.where(exact, 0, 2)
    closes = 3 * np.searchsorted(days, first) + 1
    lefts, rights = np.unique(opens), np.unique(closes)
    nearest = lefts[np.searchsorted(lefts, rights) - 1]
    innermost = np.concatenate([[-1], rights[:-1]]) < nearest
    lefts, rights = nearest[innermost], rights[innermost]
    start, stop = np.searchsorted(lefts, opens), np.searchsorted(rights, closes, side="right")
    return days[lefts // 3], days[rights // 3], start, stop


def _maximize_likelihood(
    start: Positions, stop: Positions, weight: Floats, intervals: int, enough: float
) -> tuple[Floats, Floats]:
    """The cumulative share gone at each end of the intervals, from 0 to 1, and the proven bound of its error.

    `weight` has a column per sample; all are fitted at once, because a round of one costs little but its calls. Each
    stops when its mean log-likelihood is provably within `enough` of its maximum.
    """
    runs, samples = weight.shape
    ones, at = np.ones(runs), np.arange(runs)
    opened, closed = (csr_array((ones, (ends, at)), (intervals + 1, runs)) for ends in (start, stop))
    gone = np.linspace(np.zeros(samples), np.ones(samples), intervals + 1)
    error, unfinished = np.full(samples, np.inf), np.arange(samples)
    total = weight.sum(axis=0)

    def log_likelihood(curve: Floats, sample: Positions) -> Floats:
        return np.asarray(xlogy(weight[:, sample], np.maximum(0, curve[stop] - curve[start])).sum(axis=0))

    def weigh_by_share(curve: Floats, sample: Positions, power: int) -> Floats:
        held = weight[:, sample]
        return np.divide(held, (curve[stop] - curve[start]) ** power, out=np.zeros_like(held), where=held > 0)

    for _ in range(MAX_ROUNDS):
        curve = gone[:, unfinished]
        # Per interval: the gain in mean likelihood from mass put there. At the maximum none exceeds 1.
        pull = weigh_by_share(curve, unfinished, 1)
        gain = np.cumsum(opened @ pull - closed @ pull, axis=0)[:-1] / total[unfinished]
        error[unfinished] = gain.max(axis=0) - 1
        going = error[unfinished] > enough
        if not going.any():
            break
        unfinished, curve, gain = unfinished[going], curve[:, going], gain[:, going]
        # Self-consistency (EM): distribute each episode over its intervals according to the current curve.
        mass = np.diff(curve, axis=0) * gain
        curve = np.vstack([np.zeros(len(unfinished)), np.cumsum(mass, axis=0) / mass.sum(axis=0)])

        # Convex minorant: the quadratic approximation with a diagonal Hessian, kept monotone.
        pull = weigh_by_share(curve, unfinished, 1)
        slope = (closed @ pull - opened @ pull)[1:-1]
        pull = weigh_by_share(curve, unfinished, 2)
        bend = np.maximum((closed @ pull + opened @ pull)[1:-1], NO_BEND)
        move = np.zeros_like(curve)
        move[1:-1] = _nearest_rising(curve[1:-1] + slope / bend, bend) - curve[1:-1]
        # The largest halving of the move with a sufficient increase of the likelihood (Armijo's rule), if any.
        present, rise = log_likelihood(curve, unfinished), (slope * move[1:-1]).sum(axis=0)
        searching = np.arange(len(unfinished))
        for halvings in range(20):
            part = 0.5**halvings
            moved = curve[:, searching] + part * move[:, searching]
            least = present[searching] + 1e-4 * part * rise[searching]
            rising = log_likelihood(moved, unfinished[searching]) > least
            gone[:, unfinished[searching[rising]]] = moved[:, rising]
            searching = searching[~rising]
            if not len(searching):
                break
        gone[:, unfinished[searching]] = curve[:, searching]
    return gone, np.maximum(0, error)


def _nearest_rising(values: Floats, weights: Floats) -> Floats:
    """The weighted least-squares fit to each column that rises from 0 to 1."""
    if not len(values):
        return values
    # One regression for all columns: each is lifted so far above the one before that they are never pooled.
    lifts = LIFT * np.arange(values.shape[1])
    lifted = (np.clip(values, -LIFT / 4, LIFT / 4) + lifts).T.ravel()
    fitted = isotonic_regression(lifted, weights=weights.T.ravel()).x.reshape(values.T.shape).T
    return np.asarray(np.clip(fitted - lifts, 0, 1))
