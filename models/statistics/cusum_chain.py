"""The Bernoulli CUSUM as a Markov chain on a grid: how likely is a signal, and after how many treatments?

The score climbs by one weight per event and falls by another per clean treatment, and the two have no common measure.
The chain counts in cells: a clean treatment falls a whole number of them and an event climbs a whole number, in nearly
the same proportion. The size of the cell is then set so that the score stays a likelihood ratio. So nothing is
approximated but the odds ratio: the chain is exact for one such as 2.0003 instead of 2. Grids rounded without such care
are erratic: Webster & Pettitt, Commun Stat Simul Comput 2007; 36:471.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, log

import numpy as np
from scipy import sparse
from scipy.optimize import brentq
from scipy.sparse.linalg import spsolve

BLOCK_DOUBLINGS = 4  # treatments are taken 2**4 at a time
SETTLED = 1e-8  # of the chance of a signal


@dataclass(frozen=True)
class Grid:
    """Cells of `spacing` score: an event climbs `climb` of them, a clean treatment falls `fall`.

    `slack`: by what share of itself a score on the grid can differ from the true score of the same treatments, when
    these hold anything from no events to twice as many as a path to a signal usually does.
    """

    spacing: float
    climb: int
    fall: int
    slack: float


def grid(baseline: float, odds_ratio: float, top: float, precision: float, most_cells: int) -> Grid:
    """The coarsest grid on which one cell and the slack of the score `top` are within `precision`, or else the closest.

    Closest of those with at most `most_cells` up to `top`; more where an odds ratio close to 1 needs them.
    """
    event, clean = weights(baseline, odds_ratio)
    needed = ceil(2 * clean / (event * (event + clean)))  # else rounding could turn the score's drift upwards
    fall = np.arange(1, max(needed, int(most_cells * clean / top)) + 1)
    climb = np.maximum(1, np.rint(fall * event / clean))
    # A path to a signal goes by the raised rate: so much score per event, clean treatments taken off.
    per_event = event - clean * (1 - baseline) / (odds_ratio * baseline)
    slack = np.abs(climb / fall * clean - event) / per_event
    error = np.where(baseline * climb < (1 - baseline) * fall, clean / fall + slack * top, np.inf)
    close = error <= precision
    best = int(np.argmax(close) if close.any() else np.argmin(error))
    climb, fall = int(climb[best]), int(fall[best])
    return Grid(_likelihood_spacing(baseline, climb, fall), climb, fall, float(slack[best]))


def weights(baseline: float, odds_ratio: float) -> tuple[float, float]:
    """What an event adds to the score and what a clean treatment takes away, both above 0."""
    common = np.log1p((odds_ratio - 1) * baseline)
    return float(log(odds_ratio) - common), float(common)


def _likelihood_spacing(baseline: float, climb: int, fall: int) -> float:
    """The cell for which exp(score) has mean 1 at the baseline, as a likelihood ratio has."""
    log_mean = lambda cell: float(np.logaddexp(log(baseline) + cell * climb, np.log1p(-baseline) - cell * fall))
    lowest = log((1 - baseline) * fall / (baseline * climb)) / (climb + fall)
    ceiling = 2 * lowest
    while log_mean(ceiling) < 0:
        ceiling *= 2
    return brentq(log_mean, lowest, ceiling, xtol=1e-15)


@dataclass(frozen=True)
class Chain:
    """The score on a grid, signalling above `cells`, when each treatment has an event with probability `rate`."""

    grid: Grid
    cells: int
    rate: float

    def signal_chance(self, treatments: int) -> float:
        """The chance of a signal within so many treatments, starting at 0."""
        without = np.ones(self.cells + 1)  # by starting cell: the chance to see no signal in the treatments so far
        for _ in range(treatments % 2**BLOCK_DOUBLINGS):
            without = self._step @ without
        for left in reversed(range(treatments >> BLOCK_DOUBLINGS)):
            before, without = without, self._block @ without
            alive = before > 0
            factor = without[alive] / before[alive]
            # From here on each block multiplies every entry by the same factor, to within SETTLED in the end.
            if np.ptp(factor) * left < SETTLED:
                return float(1 - without[0] * factor[0] ** left) if alive[0] else 1.0
        return float(1 - without[0])

    def run_length(self) -> float:
        """The mean number of treatments to a signal, starting at 0."""
        stay = sparse.eye_array(self.cells + 1) - self._step
        return float(spsolve(stay.tocsc(), np.ones(self.cells + 1))[0])

    @cached_property
    def _step(self) -> sparse.csr_array:
        """Row: cell before a treatment; column: cell after. What is missing from a row's sum has signalled."""
        cell = np.arange(self.cells + 1)
        climbing = cell[: max(0, self.cells + 1 - self.grid.climb)]
        rows = np.concatenate([cell, climbing])
        columns = np.concatenate([np.maximum(cell - self.grid.fall, 0), climbing + self.grid.climb])
        chances = np.repeat([1 - self.rate, self.rate], [len(cell), len(climbing)])
        return sparse.csr_array((chances, (rows, columns)), shape=(len(cell), len(cell)))

    @cached_property
    def _block(self) -> sparse.csr_array:
        block = self._step
        for _ in range(BLOCK_DOUBLINGS):
            block = block @ block
        return block


def cells_below(limit: float, spacing: float) -> int:
    """The highest cell that does not reach the limit."""
    return ceil(limit / spacing) - 1
