"""An estimate with its interval."""

from typing import NamedTuple


class Interval(NamedTuple):
    """An estimate and its interval; None for a value that is not reached. Unpacks into three values."""

    estimate: float | None
    low: float | None
    high: float | None
