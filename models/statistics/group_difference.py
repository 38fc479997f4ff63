"""Whether a rate differs between groups, such as treated areas, when the units of one client are not independent."""

import numpy as np
from numpy.typing import ArrayLike

from models.statistics import arguments


def permutation_chance(
    affected: ArrayLike, group: ArrayLike, client: ArrayLike, draws: int = 999, seed: int = 0
) -> float:
    """The chance of rates this unlike between the groups if the group made no difference. One value per unit.

    Permutation of Pearson's chi-square: what happened to a client, as a whole, is given to a client with as many units,
    and put in any order among these units. So a client who is prone to the side effect stays one client. The least
    chance is 1 / (draws + 1). With one group, or nobody or everybody affected, the chance is 1.
    Errors: ValueError naming the argument on empty, missing or unequal input.
    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 2005, chapter 3 (exchangeable blocks).
    """
    happened = arguments.require_flags("affected", affected)
    groups, of_group = arguments.encode_labels("group", group)
    clients, of_client = arguments.encode_labels("client", client)
    arguments.require_aligned(affected=happened, group=of_group, client=of_client)
    if len(groups) < 2 or happened.all() or not happened.any():
        return 1.0
    units = np.bincount(of_client)  # of each client
    order = np.lexsort((of_client, units[of_client]))
    happened, of_group = happened[order], of_group[order]
    blocks = []  # one row per client, for all clients with as many units
    for size, start in zip(*np.unique(units[of_client[order]], return_index=True), strict=True):
        blocks.append(happened[start : start + size * int((units == size).sum())].reshape(-1, size))
    expected = np.bincount(of_group) * happened.mean()

    def distance(outcomes: np.ndarray) -> float:
        observed = np.bincount(of_group, weights=outcomes)
        return float(((observed - expected) ** 2 / expected).sum())

    random = np.random.default_rng(seed)
    seen = distance(happened) * (1 - 1e-9)  # equal but for rounding
    as_large = 0
    for _ in range(draws):
        shuffled = [random.permuted(random.permutation(block), axis=1).ravel() for block in blocks]
        as_large += distance(np.concatenate(shuffled)) >= seen
    return (1 + as_large) / (draws + 1)
