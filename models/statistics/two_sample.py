"""Compare the counts of two periods, neither of which is known exactly."""

from dataclasses import dataclass

from scipy.stats import hypergeom

from models.statistics import arguments


@dataclass(frozen=True, slots=True)
class CountComparison:
    """Probabilities without a change: of at least (`more`) and of at most (`fewer`) as many events now.

    `two_sided` is twice the smaller of the two, at most 1.
    """

    more: float
    fewer: float

    @property
    def two_sided(self) -> float:
        return min(1.0, 2 * min(self.more, self.fewer))


def compare_counts(
    events_now: int, total_now: int, events_before: int, total_before: int, design_effect: float = 1.0
) -> CountComparison:
    """Compare the events of two periods: given all events of both, how many would fall into the period now?

    Exact, even without an event before.
    A `design_effect` above 1 (several treatments of one client) divides all four counts, rounded down.
    Errors: ValueError naming the argument; no more events than treatments; `design_effect` at least 1.
    Source: Fisher 1935, the conditional test of a 2 x 2 table.
    """
    counts = (
        *arguments.require_counts(events_now=events_now, total_now=total_now),
        *arguments.require_counts(events_before=events_before, total_before=total_before),
    )
    if not design_effect >= 1:
        raise ValueError(f"design_effect must be at least 1, found {design_effect}")
    now, of_now, before, of_before = (int(count / design_effect) for count in counts)
    if not of_now or not of_before:
        return CountComparison(1.0, 1.0)  # nothing to compare with
    together = (of_now + of_before, now + before, of_now)
    return CountComparison(float(hypergeom.sf(now - 1, *together)), float(hypergeom.cdf(now, *together)))
