"""The Bernoulli CUSUM as a Markov chain on a grid: the probability of a signal, and the mean time to one.

The score rises by one weight per event and falls by another per event-free treatment, and their ratio is irrational.
The chain moves whole numbers of cells up and down, in nearly the same ratio, with the cell sized so that the score
stays a likelihood ratio. So only the odds ratio is approximated: the chain is exact for 2.0003, say, instead of 2.
Grids that are rounded otherwise are erratic: Webster & Pettitt, Commun Stat Simul Comput 2007; 36:471.

At 0 the score starts over, so one excursion from 0 determines everything. Within an excursion, the numbers of events
and event-free treatments determine the cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft
from scipy.optimize import brentq

from models.statistics.arguments import Floats

NEGLIGIBLE = 1e-18  # probability that an excursion is still under way
SETTLED_TOLERANCE = 2  # times the longest excursion
FOLDED_TOLERANCE = 1e-12
SMALLEST_POWER = 1e-200  # far enough from underflow for its inverse to be used


@dataclass(frozen=True)
class ScoreGrid:
    """Cells of `spacing` score: an event climbs `climb` of them, an event-free treatment falls `fall`.

    `slack` is the largest relative difference between a score on the grid and the true score, for treatments with up to
    twice as many events as a typical path to a signal.
    """

    spacing: float
    climb: int
    fall: int
    slack: float


def choose_grid(baseline: float, odds_ratio: float, top: float, precision: float, most_cells: int) -> ScoreGrid:
    """The coarsest grid on which one cell plus the slack at the score `top` is within `precision`.

    If there is none, the most precise grid with at most `most_cells` up to `top`, or more if an odds ratio near 1 needs
    them.
    """
    event, clean = score_weights(baseline, odds_ratio)
    needed = ceil(2 * clean / (event * (event + clean)))  # otherwise rounding could make the score drift upwards
    fall = np.arange(1, max(needed, int(most_cells * clean / top)) + 1)
    climb = np.maximum(1, np.rint(fall * event / clean))
    # A path to a signal has the raised rate: the score per event, net of the event-free treatments.
    per_event = event - clean * (1 - baseline) / (odds_ratio * baseline)
    slack = np.abs(climb / fall * clean - event) / per_event
    error = np.where(baseline * climb < (1 - baseline) * fall, clean / fall + slack * top, np.inf)
    close = error <= precision
    best = int(np.argmax(close) if close.any() else np.argmin(error))
    up, down = int(climb[best]), int(fall[best])
    return ScoreGrid(_likelihood_spacing(baseline, up, down), up, down, float(slack[best]))


def score_weights(baseline: Any, odds_ratio: float) -> tuple[Any, Any]:
    """What an event adds to the score and what an event-free treatment subtracts, both positive, per rate."""
    common = np.log1p((odds_ratio - 1) * baseline)
    return log(odds_ratio) - common, common


def _likelihood_spacing(baseline: float, climb: int, fall: int) -> float:
    """The cell size for which exp(score) has mean 1 at the baseline, like a likelihood ratio."""

    def log_mean(cell: float) -> float:
        return float(np.logaddexp(log(baseline) + cell * climb, np.log1p(-baseline) - cell * fall))

    lowest = log((1 - baseline) * fall / (baseline * climb)) / (climb + fall)
    ceiling = 2 * lowest
    while log_mean(ceiling) < 0:
        ceiling *= 2
    return float(brentq(log_mean, lowest, ceiling, xtol=1e-15))


@dataclass(frozen=True)
class Chain:
    """The score on a grid that signals above `cells`, if each treatment has an event with probability `rate`.

    `rate` is one number, or a list of them for one chain each, whose chances are computed together.
    """

    grid: ScoreGrid
    cells: int
    rate: ArrayLike

    def signal_chance(self, treatments: int) -> Floats:
        """The probability of a signal within this number of treatments, starting at 0: one entry per rate."""
        excursion = self._excursion(treatments)
        if not excursion.signals.any():
            return np.zeros(len(excursion.signals))
        lasting = treatments >= SETTLED_TOLERANCE * len(excursion.under_way)
        return np.maximum(0, 1 - (excursion.long_quiet(treatments) if lasting else excursion.quiet(treatments)))

    def run_length(self) -> Floats:
        """The mean number of treatments to a signal, starting at 0: one entry per rate."""
        excursion = self._excursion(inf)
        return np.asarray(excursion.under_way.sum(axis=0) / excursion.signals)

    def _excursion(self, treatments: float) -> "Excursion":
        """The excursion from 0 over at most `treatments`.

        `chances` holds the probabilities for one number of events: a row per number of event-free treatments, from
        `fewest` on, and a column per rate.
        """
        rate = np.atleast_1d(np.asarray(self.rate, dtype=float))
        clean = 1 - rate
        block = min(self.cells // self.grid.fall + 2, max(1, int(log(SMALLEST_POWER) / log(clean.min()))))
        powers: Floats = clean ** np.arange(1, block + 1)[:, np.newaxis]
        chances: Floats = np.ones((1, len(rate)))
        fewest, events, signals = 0, 0, np.zeros(len(rate))
        rows, returns = [], []
        while len(chances) and events + fewest <= treatments and chances.sum(axis=0).max() > NEGLIGIBLE:
            rows.append((events + fewest, chances))
            returns.append((events + fewest + len(chances), clean * chances[-1:]))
            events, before = events + 1, fewest
            fewest = max(before, -((self.cells - events * self.grid.climb) // self.grid.fall))
            most = (events * self.grid.climb - 1) // self.grid.fall  # one more, and it is back at 0
            signals = signals + rate * chances[: fewest - before].sum(axis=0)
            staying = rate * chances[fewest - before :]
            arriving = np.zeros((max(0, most + 1 - fewest), len(rate)))
            arriving[: len(staying)] = staying
            chances = _with_clean_runs(arriving, powers)
        return Excursion(_by_treatment(rows), _by_treatment(returns), signals)


@dataclass(frozen=True)
class Excursion:
    """The score from 0 until it returns to 0 or signals.

    Rows are treatments so far, columns rates: `under_way`, the probability that neither has happened; `returns`, the
    probability of a return with this treatment. `signals`: the probability, per rate, that it ends with a signal.
    """

    under_way: Floats
    returns: Floats
    signals: Floats

    def quiet(self, treatments: int) -> Floats:
        """The probability of no signal in this number of treatments, over successive excursions.

        Its power series is `under_way` / (1 - `returns`), evaluated on a circle of radius below 1, small enough that
        the truncated terms alias with a weight of FOLDED_TOLERANCE.
        """
        size = next_fast_len(4 * (treatments + 1), real=True)
        weight = FOLDED_TOLERANCE ** (np.arange(size) / size)
        under_way, returns = (
            rfft(part[:size] * weight[: len(part), np.newaxis], size, axis=0) for part in (self.under_way, self.returns)
        )
        return np.asarray(irfft(under_way / (1 - returns), size, axis=0)[treatments] / weight[treatments])

    def long_quiet(self, treatments: int) -> Floats:
        """The same for so many treatments that each further one reduces it by the same factor.

        Source: Feller, An Introduction to Probability Theory and Its Applications, vol. 1, 3rd ed., XIII.10, theorem 1.
        """
        columns = zip(self.under_way.T, self.returns.T, self.signals, strict=True)
        return np.array([_long_quiet(*column, treatments) for column in columns])


def _long_quiet(under_way: Floats, returns: Floats, signals: float, treatments: int) -> float:
    """`Excursion.long_quiet` of one rate."""
    if signals == 0:
        return 1.0
    when = np.flatnonzero(returns > np.finfo(float).tiny)
    returns = returns[when]
    excess = lambda share: float(returns @ np.expm1(share * when)) - signals
    # Bounds of the root: no single term may exceed the whole sum; slightly more for rounding.
    highest = 1.001 * min(signals / float(returns @ when), float((-np.log(returns) / when).min()))
    share = brentq(excess, 0, highest, xtol=1e-15 * highest)
    before = np.arange(len(under_way)) - treatments
    return float(under_way @ np.exp(share * before) / ((returns * when) @ np.exp(share * when)))


def _with_clean_runs(arriving: Floats, powers: Floats) -> Floats:
    """Row k: what arrived in row k or earlier and has had only event-free treatments since.

    `powers`: row k holds the probability of k + 1 event-free treatments, for as many rows as do not underflow; they are
    the block in which y[k] = x[k] + clean * y[k - 1] is a cumulative sum.
    """
    chances, before = np.empty_like(arriving), 0.0
    for start in range(0, len(arriving), len(powers)):
        block = arriving[start : start + len(powers)]
        weights = powers[: len(block)]
        chances[start : start + len(block)] = weights * (before + np.cumsum(block / weights, axis=0))
        before = chances[start + len(block) - 1]
    return chances


def _by_treatment(parts: Sequence[tuple[int, Floats]]) -> Floats:
    """The sum of arrays that start at different treatments."""
    total = np.zeros((max(start + len(part) for start, part in parts), parts[0][1].shape[1]))
    for start, part in parts:
        total[start : start + len(part)] += part
    return total


def cells_below(limit: float, spacing: float) -> int:
    """The highest cell below the limit."""
    return ceil(limit / spacing) - 1
