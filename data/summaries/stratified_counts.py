"""Events and volumes of practitioners or lots within strata, and the comparison of each with the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas

from models.statistics import funnel, proportion


@dataclass(frozen=True, kw_only=True)
class StratifiedCounts:
    """`groups`: the codes compared. `events`, `totals`: int64, a row per group and a column per stratum.
    `design_effect`: that of all treatments in strata that two groups share, at least 1."""

    groups: list[str]
    events: np.ndarray
    totals: np.ndarray
    design_effect: float

    def compare_with_others(self, group: str, level: float, alternative: str) -> funnel.ConditionalComparison:
        """The exact conditional test of one group against all others together, allowing for returning clients."""
        tables = [self._beside_others(table, group) for table in (self.events, self.totals)]
        return funnel.conditional(*tables, range(tables[0].shape[1]), self.design_effect, level, alternative)

    def total(self, group: str) -> int:
        return int(self.totals[self.groups.index(group)].sum())

    def _beside_others(self, table: np.ndarray, group: str) -> np.ndarray:
        own = table[self.groups.index(group)]
        return np.stack([own, table.sum(axis=0) - own])


def stratify(outcomes: pandas.DataFrame, group: str, strata: Sequence[str]) -> StratifiedCounts:
    """Counts of at least one unit: one row each, with the columns `group` and `strata`, client and affected."""
    codes, groups = pandas.factorize(outcomes[group], sort=True)
    stratum = outcomes.groupby(list(strata)).ngroup().to_numpy()
    events, totals = (np.zeros((len(groups), stratum.max() + 1), dtype=np.int64) for _ in range(2))
    affected = outcomes.affected.to_numpy().astype(np.int64)
    np.add.at(totals, (codes, stratum), 1)
    np.add.at(events, (codes, stratum), affected)
    is_shared = ((totals > 0).sum(axis=0) > 1)[stratum]
    effect = 1.0
    if is_shared.any():
        # A client of two practitioners does not make them differ: a cluster is what one of them did for one client.
        cluster = codes[is_shared] * (outcomes.client.max() + 1) + outcomes.client.to_numpy()[is_shared]
        ones = np.ones(is_shared.sum(), dtype=np.int64)
        effect = proportion.pooled_design_effect(affected[is_shared], ones, cluster, stratum[is_shared])
    return StratifiedCounts(groups=list(groups), events=events, totals=totals, design_effect=effect)
