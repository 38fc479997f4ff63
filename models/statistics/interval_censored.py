"""How long it lasts when an end is known only to lie between two contacts: Turnbull's estimate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from models.statistics import arguments, step_curve
from models.statistics.arguments import Floats
from models.statistics.interval import Interval

Positions = NDArray[np.intp]

# The fit stops when the mean log-likelihood is proved to lie no further than this below its maximum ...
EXACT_ENOUGH = 1e-10
# ... and at the latest after so many rounds; 10,000 intervals have needed at most 140.
MAX_ROUNDS = 10_000
# Less than this is the remainder of a mass on its way to nothing.
NO_MASS = 1e-9


@dataclass(frozen=True, slots=True)
class Turnbull:
    """The share of episodes that end in each interval (left, right]; left equal to right is exactly that day.

    An interval up to infinity holds those not known ever to end. Within an interval the data do not say when.
    """

    left: Floats
    right: Floats
    mass: Floats

    # The proven distance of the mean log-likelihood from the largest possible one.
    error: float
    # Why the curve should not be shown (the numbers are there all the same, to be checked); None when it may be.
    refused: str | None

    @property
    def median(self) -> Interval:
        """The day by which half have ended, with the ends of the interval that it lies in.

        Low and high are where the data leave it open, not a confidence interval (there is no good one for this
        estimate). Within an interval the ends are taken as spread evenly. None where not reached.
        """
        gone = np.cumsum(self.mass)
        k = int(np.flatnonzero(gone >= 0.5 - step_curve.ROUNDING)[0])
        left, right = float(self.left[k]), float(self.right[k])
        if right == np.inf:
            return Interval(None, left, None)
        part = (0.5 - (gone[k] - self.mass[k])) / self.mass[k]
        return Interval(left + float(min(part, 1)) * (right - left), left, right)

    def at(self, day: float) -> Interval:
        """The share of episodes still present after `day`, 0-1.

        Low and high are where the data leave it open (they meet outside the intervals), not a confidence interval.
        Within an interval the ends are taken as spread evenly; within one up to infinity the estimate is None.
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
    """The nonparametric maximum-likelihood estimate of how long episodes last when their ends lie between contacts.

    Each episode was last seen present on day `last_present` and first seen gone on day `first_gone`: infinity if it is
    still open, equal to `last_present` if the end is known to the day. With exact ends this is Kaplan-Meier.

    Rounds of self-consistency (EM) and of iterative convex minorants, until the gradient proves that no curve is more
    than 1e-10 better in mean log-likelihood; `error` is what was proved. Where several curves fit equally well, one of
    them.

    Fewer than 5 known to have ended: `refused` says so. Empty, missing, negative or unequal input, or an end before
    the last day present: ValueError naming the argument.

    Source: Turnbull 1976; Wellner & Zhan 1997 (EM-ICM); Gentleman & Geyer 1994 (the proof of maximum).
    Check: Turnbull 1974, 44 records: still present .538 .295 .210 .095.
    """
    last, first = (
        arguments.require_amounts("last_present", last_present),
        arguments.require_amounts("first_gone", first_gone, infinite=True),
    )
    arguments.require_aligned(last_present=last, first_gone=first)
    if (first < last).any():
        raise ValueError("first_gone: a day before the last one present")

    left, right, start, stop, weight = _innermost_intervals(last, first)
    gone, error = _maximize_likelihood(start, stop, weight, len(left))
    mass = np.diff(gone)
    carries = mass > NO_MASS
    refused = step_curve.too_few_reason(int(np.isfinite(first).sum()))
    return Turnbull(left[carries], right[carries], mass[carries] / mass[carries].sum(), error, refused)


def _innermost_intervals(last: Floats, first: Floats) -> tuple[Floats, Floats, Positions, Positions, Positions]:
    """The intervals that can carry mass, and the distinct episodes as runs of them: from `start` to before `stop`.

    Mass lies where a left end is followed by a right end with no other between. On one day an exact end opens first,
    then right ends close (they include the day), then left ends open (they exclude it).
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
    runs, weight = np.unique(start * (len(lefts) + 1) + stop, return_counts=True)
    return days[lefts // 3], days[rights // 3], *np.divmod(runs, len(lefts) + 1), weight


def _maximize_likelihood(start: Positions, stop: Positions, weight: Positions, intervals: int) -> tuple[Floats, float]:
    """The cumulative share gone at each end of the intervals, from 0 to 1, and its proven distance from the best."""

    def log_likelihood(gone: Floats) -> float:
        share = gone[stop] - gone[start]
        return float(weight @ np.log(share)) if share.min() > 0 else -np.inf

    def added_up(at_stop: Floats, at_start: Floats) -> tuple[NDArray[Any], NDArray[Any]]:
        return np.bincount(stop, at_stop, intervals + 1), np.bincount(start, at_start, intervals + 1)

    gone: Floats = np.linspace(0, 1, intervals + 1)
    total = weight.sum()
    for _ in range(MAX_ROUNDS):
        per_share = weight / (gone[stop] - gone[start])
        ending, starting = added_up(per_share, per_share)
        # Per interval: by how much the mean likelihood would rise with mass put there. At the maximum none exceeds 1.
        gain = np.cumsum(starting - ending)[:-1] / total
        error = float(gain.max() - 1)
        if error <= EXACT_ENOUGH:
            break
        # Self-consistency (EM): each episode is shared out over its intervals as the present curve has it.
        mass = np.diff(gone) * gain
        gone = np.concatenate([[0], np.cumsum(mass) / mass.sum()])

        # Convex minorant: the quadratic approximation with a diagonal second derivative, made to rise.
        share = gone[stop] - gone[start]
        ending, starting = added_up(weight / share, weight / share)
        slope = (ending - starting)[1:-1]
        bend = np.add(*added_up(weight / share**2, weight / share**2))[1:-1]
        best = np.clip(isotonic_regression(gone[1:-1] + slope / bend, weights=bend).x, 0, 1)
        move = np.concatenate([[0], best - gone[1:-1], [0]])
        gone = _line_search(gone, move, float(slope @ move[1:-1]), log_likelihood)
    return gone, max(0.0, error)


def _line_search(gone: Floats, move: Floats, rise: float, log_likelihood: Callable[[Floats], float]) -> Floats:
    """As much of the move as raises the likelihood by a fair part of what its slope promises (Armijo's rule)."""
    present = log_likelihood(gone)
    for halvings in range(20):
        part = 0.5**halvings
        if log_likelihood(gone + part * move) > present + 1e-4 * part * rise:
            return gone + part * move
    return gone
