"""The Bernoulli CUSUM as a Markov chain on a grid: how likely is a signal, and after how many treatments?

The score climbs by one weight per event and falls by another per clean treatment, and the two have no common measure.
The chain counts in cells: a clean treatment falls a whole number of them and an event climbs a whole number, in nearly
the same proportion. The size of the cell is then set so that the score stays a likelihood ratio. So nothing is
approximated but the odds ratio: the chain is exact for one such as 2.0003 instead of 2. Grids rounded without such care
are erratic: Webster & Pettitt, Commun Stat Simul Comput 2007; 36:471.

Whenever the score is back at 0 it begins anew. So one excursion from 0 tells all; and with so many events and clean
treatments behind it, it can be in one cell alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, inf, log

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.optimize import brentq
from scipy.signal import lfilter

from models.statistics.arguments import Floats

NEGLIGIBLE = 1e-18  # the chance that an excursion is still under way
SETTLED_TOLERANCE = 2  # times the longest excursion
FOLDED_TOLERANCE = 1e-12


@dataclass(frozen=True)
class ScoreGrid:
    """Cells of `spacing` score: an event climbs `climb` of them, a clean treatment falls `fall`.

    `slack`: by what share of itself a score on the grid can differ from the true score of the same treatments, when
    these hold anything from no events to twice as many as a path to a signal usually does.
    """

    spacing: float
    climb: int
    fall: int
    slack: float


def choose_grid(baseline: float, odds_ratio: float, top: float, precision: float, most_cells: int) -> ScoreGrid:
    """The coarsest grid on which one cell and the slack of the score `top` are within `precision`, or else the closest.

    Closest of those with at most `most_cells` up to `top`; more where an odds ratio close to 1 needs them.
    """
    event, clean = score_weights(baseline, odds_ratio)
    needed = ceil(2 * clean / (event * (event + clean)))  # else rounding could turn the score's drift upwards
    fall = np.arange(1, max(needed, int(most_cells * clean / top)) + 1)
    climb = np.maximum(1, np.rint(fall * event / clean))
    # A path to a signal goes by the raised rate: so much score per event, clean treatments taken off.
    per_event = event - clean * (1 - baseline) / (odds_ratio * baseline)
    slack = np.abs(climb / fall * clean - event) / per_event
    error = np.where(baseline * climb < (1 - baseline) * fall, clean / fall + slack * top, np.inf)
    close = error <= precision
    best = int(np.argmax(close) if close.any() else np.argmin(error))
    up, down = int(climb[best]), int(fall[best])
    return ScoreGrid(_likelihood_spacing(baseline, up, down), up, down, float(slack[best]))


def score_weights(baseline: float, odds_ratio: float) -> tuple[float, float]:
    """What an event adds to the score and what a clean treatment takes away, both above 0."""
    common = np.log1p((odds_ratio - 1) * baseline)
    return float(log(odds_ratio) - common), float(common)


def _likelihood_spacing(baseline: float, climb: int, fall: int) -> float:
    """The cell for which exp(score) has mean 1 at the baseline, as a likelihood ratio has."""

    def log_mean(cell: float) -> float:
        return float(np.logaddexp(log(baseline) + cell * climb, np.log1p(-baseline) - cell * fall))

    lowest = log((1 - baseline) * fall / (baseline * climb)) / (climb + fall)
    ceiling = 2 * lowest
    while log_mean(ceiling) < 0:
        ceiling *= 2
    return float(brentq(log_mean, lowest, ceiling, xtol=1e-15))


@dataclass(frozen=True)
class Chain:
    """The score on a grid, signalling above `cells`, when each treatment has an event with probability `rate`."""

    grid: ScoreGrid
    cells: int
    rate: float

    def signal_chance(self, treatments: int) -> float:
        """The chance of a signal within so many treatments, starting at 0."""
        excursion = self._excursion(treatments)
        if excursion.signals == 0:
            return 0.0
        lasting = treatments >= SETTLED_TOLERANCE * len(excursion.under_way)
        return max(0.0, 1 - (excursion.long_quiet(treatments) if lasting else excursion.quiet(treatments)))

    def run_length(self) -> float:
        """The mean number of treatments to a signal, starting at 0."""
        excursion = self._excursion(inf)
        return float(excursion.under_way.sum() / excursion.signals)

    def _excursion(self, treatments: float) -> "Excursion":
        """From 0 on, as far as so many treatments. The cell that it is in follows from its events and its clean
        treatments: by the number of events a row of chances, by that of clean treatments, `fewest` and on."""
        clean = 1 - self.rate
        chances, fewest, events, signals = np.ones(1), 0, 0, 0.0
        rows, returns = [], []
        while len(chances) and events + fewest <= treatments and chances.sum() > NEGLIGIBLE:
            rows.append((events + fewest, chances))
            returns.append((events + fewest + len(chances), clean * chances[-1]))
            events, before = events + 1, fewest
            fewest = max(before, -((self.cells - events * self.grid.climb) // self.grid.fall))
            most = (events * self.grid.climb - 1) // self.grid.fall  # one more, and it is back at 0
            signals += self.rate * chances[: fewest - before].sum()
            staying = self.rate * chances[fewest - before :]
            arriving = np.zeros(max(0, most + 1 - fewest))
            arriving[: len(staying)] = staying
            chances = lfilter([1.0], [1.0, -clean], arriving) if len(arriving) else arriving
        return Excursion(_by_treatment(rows), _by_treatment((when, np.array([by])) for when, by in returns), signals)


@dataclass(frozen=True)
class Excursion:
    """The score from 0 until it is back there, from where everything begins anew, or signals.

    By treatments so far, `under_way`: the chance that it has done neither; `returns`: that it is back at 0 with this
    one. `signals`: the chance that it ends with a signal.
    """

    under_way: Floats
    returns: Floats
    signals: float

    def quiet(self, treatments: int) -> float:
        """The chance of no signal in so many treatments, in one excursion after the other.

        As a power series it is `under_way` divided by 1 less `returns`. It is divided on a circle within 1, so far
        within that what is left out folds back into it with a weight of FOLDED.
        """
        size = next_fast_len(4 * (treatments + 1), real=True)
        weight = FOLDED_TOLERANCE ** (np.arange(size) / size)
        under_way, returns = (rfft(part[:size] * weight[: len(part)], size) for part in (self.under_way, self.returns))
        return float(irfft(under_way / (1 - returns), size)[treatments] / weight[treatments])

    def long_quiet(self, treatments: int) -> float:
        """The same after so many treatments that each further one takes away the same share of it.

        Source: Feller, An Introduction to Probability Theory and Its Applications, vol. 1, 3rd ed., XIII.10, theorem 1.
        """
        when = np.flatnonzero(self.returns > np.finfo(float).tiny)
        returns = self.returns[when]
        excess = lambda share: float(returns @ np.expm1(share * when)) - self.signals
        # No term of the sum that must be 1 can be more; a little further, for what is rounded.
        highest = 1.001 * min(self.signals / float(returns @ when), float((-np.log(returns) / when).min()))
        share = brentq(excess, 0, highest, xtol=1e-15 * highest)
        before = np.arange(len(self.under_way)) - treatments
        return float(self.under_way @ np.exp(share * before) / ((returns * when) @ np.exp(share * when)))


def _by_treatment(parts: Iterable[tuple[int, Floats]]) -> Floats:
    """The sum of parts, each from its own treatment on."""
    parts = list(parts)
    total = np.zeros(max(start + len(part) for start, part in parts))
    for start, part in parts:
        total[start : start + len(part)] += part
    return total


def cells_below(limit: float, spacing: float) -> int:
    """The highest cell that does not reach the limit."""
    return ceil(limit / spacing) - 1
