"""The Bernoulli CUSUM as a Markov chain on a grid: how likely is a signal, and after how many treatments?

The score climbs by one weight per event and falls by another per clean treatment; the two have no common measure, so
the chain counts in cells of a fraction of the fall, and an event climbs a whole number of them. What that rounding can
do to the score is bounded and handed back (`error`), because a chain rounded without care is erratic: Webster &
Pettitt, Commun Stat Simul Comput 2007; 36:471.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

BLOCK_DOUBLINGS = 4  # treatments are taken 2**4 at a time
SETTLED = 1e-8  # of the chance of a signal


@dataclass(frozen=True)
class Grid:
    """Cells of `spacing` score: an event climbs `climb` of them, a clean treatment falls `fall`.

    `drift`: by how much an event climbs too far (or, negative, too little). `error`: how far the score can be off
    after the stated number of events, in either direction, half a cell included.
    """

    spacing: float
    climb: int
    fall: int
    drift: float
    error: float


def grid(event: float, clean: float, top: float, events: float, precision: float, most_cells: int) -> Grid:
    """The coarsest grid that keeps the score within `precision` over `events` events; else the best of `most_cells`.

    `event`: what an event adds. `clean`: what a clean treatment takes away. Both above 0. `top`: the highest score.
    """
    fall = np.arange(1, max(1, int(most_cells * clean / top)) + 1)
    climb = np.maximum(1, np.rint(fall * event / clean))
    drift = climb / fall * clean - event
    error = clean / fall / 2 + np.abs(drift) * events
    close = error <= precision
    best = int(np.argmax(close) if close.any() else np.argmin(error))
    return Grid(clean / int(fall[best]), int(climb[best]), int(fall[best]), float(drift[best]), float(error[best]))


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
