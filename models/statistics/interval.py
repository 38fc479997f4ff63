"""An estimate with its interval."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its interval; None for a value that is not reached. Unpacks into three values."""

    estimate: float | None
    low: float | None
    high: float | None

    def __iter__(self) -> Iterator[float | None]:
        yield self.estimate
        yield self.low
        yield self.high
