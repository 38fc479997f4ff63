"""The first whole number for which something holds."""

from collections.abc import Callable

import numpy as np

from models.statistics.arguments import Flags, Integers


def first_where(holds: Callable[[Integers], Flags], low: Integers, high: Integers) -> Integers:
    """The smallest whole number from `low` to `high` for which `holds`, elementwise; it must hold at `high`.

    `holds` takes an array of candidates and must be monotone. Bisection: exact, in as many rounds as `high - low` has
    binary digits.
    """
    while (low < high).any():
        middle = (low + high) // 2
        found = holds(middle)
        low, high = np.where(found, low, middle + 1), np.where(found, middle, high)
    return high


def first_not_above(excess: Callable[[int], float], low: int, high: int) -> int:
    """The smallest whole number with an `excess` of at most 0; it falls from above 0 at `low` to that at `high`.

    False position with the Illinois rule: few rounds if `excess` is costly and almost linear.
    Source: Dowell & Jarratt, BIT 1971; 11:168.
    """
    above, not_above, moved = excess(low), excess(high), 0
    while high - low > 1:
        guess = low + (high - low) * above / (above - not_above)
        middle = int(min(max(guess, low + 1), high - 1))
        found = excess(middle)
        if found > 0:
            low, above = middle, found
            not_above /= 1 + (moved == 1)  # an end that stays twice is weighted half
            moved = 1
        else:
            high, not_above = middle, found
            above /= 1 + (moved == -1)
            moved = -1
    return high
