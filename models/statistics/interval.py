"""An estimate with its interval."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the two ends of its interval; None where that value is not reached. Unpacks as three values."""

    estimate: float | None
    low: float | None
    high: float | None

    def __iter__(self) -> Iterator[float | None]:
        yield self.estimate
        yield self.low
        yield self.high
