"""What the data could have shown: the detection limit behind every "nothing unusual"."""

import numpy as np

from models.statistics import arguments
from models.statistics.arguments import Flags, Integers
from models.statistics.integer_search import first_where
from models.statistics.proportion import exact_tail, flagged_from

EVENT_COUNTS_AT_ONCE = 256  # critical counts that `needed` evaluates together


def floor(total: int, reference: float, alpha: float = 0.10, least: int = 3) -> int:
    """The fewest events in `total` treatments that would be flagged: a tail of at most `alpha` and at least `least`.

    A number above `total` means that no count would be flagged. `least` prevents one or two events from being called a
    pattern.
    Errors: ValueError naming the argument; `total` and `least` at least 1.
    Source: inversion of the exact binomial tail.
    """
    total = arguments.require_whole_number("total", total, least=1)
    least = arguments.require_whole_number("least", least, least=1)
    return max(least, int(flagged_from(total, arguments.require_proportion("reference", reference), alpha)))


def power(total: int, reference: float, ratio: float, alpha: float = 0.001) -> float:
    """The probability that a rate `ratio` times the reference is flagged in `total` treatments.

    Flagged means a tail of at most `alpha` at the reference rate. With `ratio` 1 it is the probability of a false flag,
    at most `alpha` and much less for small numbers.
    Errors: ValueError naming the argument; `ratio` above 0 and `ratio * reference` below 1.
    Source: exact binomial.
    """
    total = arguments.require_whole_number("total", total, least=1)
    reference = arguments.require_proportion("reference", reference)
    raised = _raised_rate(reference, ratio, least=0)
    return float(exact_tail(flagged_from(total, reference, alpha), total, raised))


def needed(reference: float, ratio: float, power: float = 0.8, alpha: float = 0.001) -> int:
    """The fewest treatments with which a rate `ratio` times the reference is flagged with probability `power`.

    Exact. Power is a sawtooth function: up to about 5% more treatments can have slightly less of it.
    Errors: ValueError naming the argument; `ratio` above 1 and `ratio * reference` below 1.
    Source: A'Hern, Stat Med 2001; 20:859.
    """
    reference = arguments.require_proportion("reference", reference)
    power = arguments.require_proportion("power", power)
    alpha = arguments.require_proportion("alpha", alpha)
    raised = _raised_rate(reference, ratio, least=1)
    # Power rises until the critical count steps up, so the last total of each step is evaluated.
    events, enough = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    while not enough.any():
        events = events[-1] + np.arange(1, EVENT_COUNTS_AT_ONCE + 1)
        last = _last_flagged(events, reference, alpha)
        enough = exact_tail(events, last, raised) >= power
    critical, last = events[enough][0], last[enough][0]
    return int(first_where(lambda total: exact_tail(critical, total, raised) >= power, critical, last))


def _last_flagged(events: Integers, reference: float, alpha: float) -> Integers:
    """The most treatments in which this number of events is still flagged."""

    def is_beyond(total: Integers) -> Flags:
        return exact_tail(events, total, reference) > alpha

    ceiling = events.copy()
    while not is_beyond(ceiling).all():
        ceiling *= 2
    return first_where(is_beyond, events, ceiling) - 1


def _raised_rate(reference: float, ratio: float, least: float) -> float:
    raised = arguments.require_above("ratio", ratio, least) * reference
    if raised >= 1:
        raise ValueError(f"ratio must keep ratio * reference below 1, found {ratio} * {reference:g}")
    return raised
