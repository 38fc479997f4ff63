"""Check the arguments of a statistic: every error names the argument, what was expected and what was found."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_EXACT = 2**53  # above it a float no longer holds every whole number

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]


def require_whole_numbers(name: str, values: ArrayLike, least: int = 0) -> Integers:
    """Whole numbers of at least `least`, in the shape they came in. 3.0 passes; 2.5, NaN and "3" do not."""
    numbers = _numbers(name, values)
    wrong = ~((numbers >= least) & (numbers <= MAX_EXACT) & (numbers == np.floor(numbers)))
    _refuse(name, f"a whole number of at least {least}", numbers, wrong)
    return numbers.astype(np.int64)


def require_whole_number(name: str, value: ArrayLike, least: int = 0) -> int:
    """One whole number of at least `least`."""
    return int(_single(name, require_whole_numbers(name, value, least)))


def require_counts(events: ArrayLike, total: ArrayLike, group: str = "", least: int = 1) -> tuple[int, int]:
    """Events, and the total of at least `least` that they never exceed. `group` is appended to both names."""
    denominator = require_whole_number(f"total{group}", total, least)
    numerator = require_whole_number(f"events{group}", events)
    require_at_most(f"events{group}", numerator, f"total{group}", denominator)
    return numerator, denominator


def require_columns(*, least: int = 0, **columns: ArrayLike) -> list[Integers]:
    """Columns of whole numbers of equal length, with at least one row. The keywords are the names in the messages."""
    checked = {name: require_whole_numbers(name, values, least) for name, values in columns.items()}
    require_aligned(**checked)
    return list(checked.values())


def require_count_columns(
    events: ArrayLike, totals: ArrayLike, names: tuple[str, str] = ("events", "totals")
) -> tuple[Integers, Integers]:
    """Two columns of whole numbers; the events never exceed the totals."""
    counts = require_whole_numbers(names[0], events)
    sizes = require_whole_numbers(names[1], totals)
    require_aligned(**{names[0]: counts, names[1]: sizes})
    require_at_most(names[0], counts, names[1], sizes)
    return counts, sizes


def require_aligned(**columns: NDArray[Any]) -> None:
    """Columns of equal length, with at least one row. The keywords are the names in the messages."""
    require_same_length(**columns)
    name, first = next(iter(columns.items()))
    if not len(first):
        raise ValueError(f"{name} must hold at least one row, found none")


def require_same_length(**columns: NDArray[Any]) -> None:
    """Columns of equal length. The keywords are the names in the messages."""
    first, *_ = columns
    for name, array in columns.items():
        _require_flat(name, array)
        if len(array) != len(columns[first]):
            raise ValueError(f"{name} must have as many rows as {first} ({len(columns[first])}), found {len(array)}")


def require_flags(name: str, values: ArrayLike) -> Flags:
    """A flat list of 1 or True (it happened) and 0 or False. May be empty."""
    numbers = _require_flat(name, _numbers(name, values))
    _refuse(name, "0 or 1", numbers, ~np.isin(numbers, (0, 1)))
    return numbers.astype(bool)


def require_amounts(name: str, values: ArrayLike, infinite: bool = False) -> Floats:
    """A flat list of numbers from 0 up: days, doses. `infinite` also accepts infinity. May be empty."""
    numbers = _require_flat(name, _numbers(name, values))
    accepted = numbers >= 0 if infinite else (numbers >= 0) & np.isfinite(numbers)
    _refuse(name, "a number of at least 0", numbers, ~accepted)
    return numbers


def require_measurements(name: str, values: ArrayLike, least: int) -> Floats:
    """A list of at least `least` finite numbers."""
    numbers = _numbers(name, values)
    if numbers.ndim != 1 or len(numbers) < least:
        raise ValueError(f"{name} must be a list of at least {least} numbers, found {numbers.size}")
    _refuse(name, "finite numbers", numbers, ~np.isfinite(numbers))
    return numbers


def require_chances(name: str, values: ArrayLike) -> Floats:
    """A list of at least one number from 0 to 1, both included."""
    numbers = require_measurements(name, values, least=1)
    wrong = (numbers < 0) | (numbers > 1)
    if wrong.any():
        raise ValueError(f"{name} must lie between 0 and 1, found {numbers[wrong][0]:g}")
    return numbers


def require_proportions(name: str, values: ArrayLike) -> Floats:
    """Numbers strictly between 0 and 1, in the shape they came in."""
    numbers = _numbers(name, values)
    wrong = ~((numbers > 0) & (numbers < 1))
    if wrong.any():
        found = numbers[wrong].flat[0]
        raise ValueError(f"{name} must lie between 0 and 1, both excluded (0.02 for 2%), found {found:g}")
    return numbers


def require_proportion(name: str, value: ArrayLike) -> float:
    """One number strictly between 0 and 1."""
    return float(_single(name, require_proportions(name, value)))


def require_above(name: str, value: ArrayLike, bound: float) -> float:
    """One finite number above `bound`."""
    number = float(_single(name, _numbers(name, value)))
    if not bound < number < np.inf:
        raise ValueError(f"{name} must be a number above {bound:g}, found {number:g}")
    return number


def require_at_most(name: str, values: ArrayLike, ceiling: str, limits: ArrayLike) -> None:
    """Values that never exceed their limits; both are named in the message."""
    over = np.asarray(values) > np.asarray(limits)
    if over.any():
        found, limit = (int(np.broadcast_to(array, over.shape)[over].flat[0]) for array in (values, limits))
        raise ValueError(f"{name} must not exceed {ceiling}, found {found} of {limit}")


def encode_labels(name: str, values: ArrayLike) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The distinct labels in order, and for each value the position of its label. None may be missing."""
    array = _require_flat(name, np.asarray(values))
    try:
        # NaN and NaT are unlike themselves; None is not.
        missing = bool((array != array).any()) or (array.dtype == object and any(value is None for value in array))
        distinct, position = np.unique(array, return_inverse=True)
    except TypeError:
        raise ValueError(f"{name} must be labels of one kind, all text or all numbers, none missing") from None
    if missing:
        raise ValueError(f"{name} must hold a label in each row, found a missing one")
    return distinct, position


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        if np.asarray(values).dtype.kind in "US":
            raise TypeError("text is never read as a number: 1,5 and 1.5 differ by country")
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as reason:
        raise ValueError(f"{name} must be numbers: {reason}") from None


def _refuse(name: str, expected: str, numbers: Floats, wrong: Flags) -> None:
    if wrong.any():
        raise ValueError(f"{name} must be {expected}, found {numbers[wrong].flat[0]:g}")


def _require_flat(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim != 1:
        raise ValueError(f"{name} must be a list, found {array.ndim} dimensions")
    return array


def _single(name: str, array: NDArray[Any]) -> Any:
    if array.ndim:
        raise ValueError(f"{name} must be one number, found a list of {array.size}")
    return array[()]
