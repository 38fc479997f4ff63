"""Check the arguments of a statistic: every error names the argument, what was expected and what was found."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_EXACT = 2**53  # above it a float no longer holds every whole number
A_PROPORTION = "lie between 0 and 1, both excluded (0.02 for 2%)"

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]

is_proportion: Callable[[Floats], Flags] = lambda numbers: (numbers > 0) & (numbers < 1)


def require_whole_numbers(name: str, values: ArrayLike, least: int = 0, dimensions: int | None = None) -> Integers:
    """Whole numbers of at least `least`, in the shape they came in. 3.0 passes; 2.5, NaN and "3" do not."""
    accepts = lambda numbers: (numbers >= least) & (numbers <= MAX_EXACT) & (numbers == np.floor(numbers))
    return _require(name, values, f"be a whole number of at least {least}", accepts, dimensions).astype(np.int64)


def require_whole_number(name: str, value: ArrayLike, least: int = 0) -> int:
    """One whole number of at least `least`."""
    return int(require_whole_numbers(name, value, least, dimensions=0))


def require_counts(*, least: int = 0, dimensions: int | None = 0, **counts: ArrayLike) -> list[Any]:
    """Whole numbers that never exceed the next argument, such as events and their total, which is at least `least`.

    Single numbers by default; `dimensions` 1 for columns of equal length with at least one row, None for any shape.
    The keywords are the names in the messages.
    """
    *_, last = counts
    checked: dict[str, Any] = {
        name: require_whole_numbers(name, values, least if name == last else 0, dimensions)
        for name, values in counts.items()
    }
    if dimensions == 1:
        require_aligned(**checked)
    for (name, values), (ceiling, limits) in pairwise(checked.items()):
        over = values > limits
        if over.any():
            found, limit = (np.broadcast_to(array, over.shape)[over].flat[0] for array in (values, limits))
            raise ValueError(f"{name} must not exceed {ceiling}, found {found} of {limit}")
    return [int(values) if dimensions == 0 else values for values in checked.values()]


def require_aligned(*, may_be_empty: bool = False, **columns: NDArray[Any]) -> None:
    """Columns of equal length, with at least one row. The keywords are the names in the messages."""
    first, *_ = columns
    rows = len(columns[first])
    for name, array in columns.items():
        if len(array) != rows:
            raise ValueError(f"{name} must have as many rows as {first} ({rows}), found {len(array)}")
    if not rows and not may_be_empty:
        raise ValueError(f"{first} must hold at least one row, found none")


def require_flags(name: str, values: ArrayLike) -> Flags:
    """A list of 1 or True (it happened) and 0 or False. May be empty."""
    return _require(name, values, "be 0 or 1", lambda numbers: np.isin(numbers, (0, 1)), dimensions=1).astype(bool)


def require_amounts(name: str, values: ArrayLike, infinite: bool = False) -> Floats:
    """A list of numbers from 0 up: days, doses. `infinite` also accepts infinity. May be empty."""
    highest = np.inf if infinite else np.finfo(float).max
    accepts = lambda numbers: (numbers >= 0) & (numbers <= highest)
    return _require(name, values, "be a number of at least 0", accepts, dimensions=1)


def require_measurements(name: str, values: ArrayLike, least: int) -> Floats:
    """A list of at least `least` finite numbers."""
    numbers = _require(name, values, "be finite numbers", np.isfinite, dimensions=1)
    if len(numbers) < least:
        raise ValueError(f"{name} must be a list of at least {least} numbers, found {len(numbers)}")
    return numbers


def require_chances(name: str, values: ArrayLike) -> Floats:
    """A list of at least one number from 0 to 1, both included."""
    numbers = require_measurements(name, values, least=1)
    return _require(name, numbers, "lie between 0 and 1", lambda chances: (chances >= 0) & (chances <= 1))


def require_proportions(name: str, values: ArrayLike) -> Floats:
    """Numbers strictly between 0 and 1, in the shape they came in."""
    return _require(name, values, A_PROPORTION, is_proportion)


def require_proportion(name: str, value: ArrayLike) -> float:
    """One number strictly between 0 and 1."""
    return float(_require(name, value, A_PROPORTION, is_proportion, dimensions=0))


def require_rate_per_row(name: str, values: ArrayLike, rows: int) -> Floats:
    """Numbers strictly between 0 and 1, one per row; a single number stands for all rows."""
    rates = require_proportions(name, values)
    if rates.ndim and rates.shape != (rows,):
        raise ValueError(f"{name} must be one number or one per treatment ({rows}), found {rates.size}")
    return np.broadcast_to(rates, rows)


def require_above(name: str, value: ArrayLike, bound: float) -> float:
    """One finite number above `bound`."""
    accepts = lambda number: (number > bound) & np.isfinite(number)
    return float(_require(name, value, f"be a number above {bound:g}", accepts, dimensions=0))


def encode_labels(name: str, values: ArrayLike) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The distinct labels in order, and for each value the position of its label. None may be missing."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a list, found {array.ndim} dimensions")
    try:
        # NaN and NaT are unlike themselves; None is not.
        missing = bool((array != array).any()) or (array.dtype == object and any(value is None for value in array))
        distinct, position = np.unique(array, return_inverse=True)
    except TypeError:
        raise ValueError(f"{name} must be labels of one kind, all text or all numbers, none missing") from None
    if missing:
        raise ValueError(f"{name} must hold a label in each row, found a missing one")
    return distinct, position


def _require(
    name: str, values: ArrayLike, expected: str, accepts: Callable[[Floats], Flags], dimensions: int | None = None
) -> Floats:
    """The values as floats, if `accepts` is true of each. `dimensions`: 0 for one number, 1 for a list."""
    try:
        if np.asarray(values).dtype.kind in "US":
            raise TypeError("text is never read as a number: 1,5 and 1.5 differ by country")
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as reason:
        raise ValueError(f"{name} must be numbers: {reason}") from None
    if dimensions == 0 and numbers.ndim:
        raise ValueError(f"{name} must be one number, found a list of {numbers.size}")
    if dimensions == 1 and numbers.ndim != 1:
        raise ValueError(f"{name} must be a list, found {numbers.ndim} dimensions")
    accepted = accepts(numbers)
    if not accepted.all():
        raise ValueError(f"{name} must {expected}, found {numbers[~accepted].flat[0]:g}")
    return numbers
