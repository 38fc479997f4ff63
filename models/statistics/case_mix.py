"""Expected rates by case mix, counted over a baseline and shrunk, because a stratum of few treatments says little."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.statistics import arguments
from models.statistics.arguments import Floats

SHRINKAGE = 50  # treatments at the overall rate added to each stratum; unshrunk, 40 strata signal 1.5 times too often


@dataclass(frozen=True)
class StratumRates:
    """The expected rate of each stratum of the baseline, and that of all its treatments together (0-1)."""

    stratum: NDArray[Any]
    rate: Floats
    overall: float

    def expected(self, stratum: ArrayLike) -> Floats:
        """The expected rate of treatments with these labels, one per treatment; new strata take the overall rate."""
        _, of_row = arguments.encode_labels("stratum", stratum)  # refuses missing labels
        rates = dict(zip(self.stratum.tolist(), self.rate.tolist(), strict=True))
        labels = np.asarray(stratum).tolist()
        return np.array([rates.get(label, self.overall) for label in labels], dtype=float)


def stratum_rates(events: ArrayLike, totals: ArrayLike, stratum: ArrayLike) -> StratumRates:
    """The expected rate of each stratum (area x product x first visit x how asked) over a baseline.

    One row per stratum, or per treatment with `totals` 1; rows with the same label are added up. If p is the rate of
    all, a stratum has (events + 50 p) / (total + 50), rescaled so that as many events are expected over the baseline as
    were observed. For `control_chart.bernoulli_cusum` and `observed_minus_expected`.
    Errors: ValueError naming the argument; at least one event and one treatment without.
    Source: Steiner et al., Biostatistics 2000; 1:441 (risk adjustment); shrinkage as of Efron & Morris, J Am Stat Assoc
    1975; 70:311, with a fixed weight.
    Check: docs/calibration.md.
    """
    counts, sizes = arguments.require_counts(dimensions=1, events=events, totals=totals)
    labels, of_row = arguments.encode_labels("stratum", stratum)
    arguments.require_aligned(events=counts, stratum=of_row)
    happened, treated = (np.bincount(of_row, column, len(labels)) for column in (counts, sizes))
    if not 0 < happened.sum() < treated.sum():
        raise ValueError(
            f"events must lie between 0 and totals, both excluded, found {counts.sum()} of {sizes.sum()} together"
        )
    overall = float(happened.sum() / treated.sum())
    shrunken = (happened + SHRINKAGE * overall) / (treated + SHRINKAGE)
    scale = happened.sum() / (treated * shrunken).sum()
    return StratumRates(labels, shrunken * scale, overall)
