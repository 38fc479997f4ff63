"""The first whole number for which something holds, for many questions at once."""

from collections.abc import Callable

import numpy as np


def first_where(holds: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Smallest whole number from `low` to `high` for which `holds`, elementwise; each `high` is known to hold.

    `holds` takes an array of candidates and must stay true once it is true. Bisection: exact, and as many rounds as
    `high - low` has binary digits.
    """
    while (low < high).any():
        middle = (low + high) // 2
        found = holds(middle)
        low, high = np.where(found, low, middle + 1), np.where(found, middle, high)
    return high
