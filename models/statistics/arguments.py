"""What a statistic is given, checked: every error names the argument and says what was expected."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def require_numbers(values: ArrayLike, name: str, infinite: bool = False) -> NDArray[np.float64]:
    """A flat array of numbers from 0 up; ValueError on anything else. `infinite` also accepts infinity."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected numbers only") from None
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one flat list of numbers")
    if np.isnan(array).any():
        raise ValueError(f"{name}: a value is missing (NaN)")
    if (array < 0).any():
        raise ValueError(f"{name}: a value is negative")
    if not infinite and np.isinf(array).any():
        raise ValueError(f"{name}: a value is infinite")
    return array


def require_flags(values: ArrayLike, name: str) -> NDArray[np.bool_]:
    """A flat array of yes (1, True) and no (0, False); ValueError on anything else."""
    array = require_numbers(values, name)
    if not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name}: expected only yes or no (1 or 0)")
    return array.astype(bool)


def encode_labels(values: ArrayLike, name: str) -> tuple[NDArray, NDArray[np.intp]]:
    """The distinct labels in order, and for each value the position of its label; ValueError if one is missing."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one flat list of labels")
    try:
        # NaN and NaT are unlike themselves; None is not.
        missing = bool((array != array).any()) or (array.dtype == object and any(value is None for value in array))
        distinct, position = np.unique(array, return_inverse=True)
    except TypeError:
        raise ValueError(f"{name}: expected labels of one kind, all text or all numbers, none missing") from None
    if missing:
        raise ValueError(f"{name}: a label is missing")
    return distinct, position


def require_same_length(**arrays: NDArray) -> None:
    """ValueError naming the two arguments that differ in length, the first being the measure."""
    (first, reference), *others = arrays.items()
    for name, array in others:
        if len(array) != len(reference):
            raise ValueError(f"{name}: {len(array)} values, but {first} has {len(reference)}")


def require_not_empty(values: NDArray, name: str) -> None:
    """ValueError if there is nothing."""
    if len(values) == 0:
        raise ValueError(f"{name}: empty; at least one value is needed")


def require_between(value: float, name: str, above: float, below: float) -> float:
    """A number strictly between two bounds; ValueError on anything else, NaN included."""
    if not above < value < below:
        raise ValueError(f"{name}: {value!r}; expected a number above {above:g} and below {below:g}")
    return float(value)
