"""What an argument of a statistic of counts must be; anything else is a ValueError that names the argument."""

import numpy as np

LARGEST_EXACT = 2**53  # above it a float no longer holds every whole number


def require_whole_numbers(name: str, values, least: int = 0) -> np.ndarray:
    """`values` as whole numbers of at least `least`, in the shape they came in. 3.0 passes; 2.5, NaN, "3" do not."""
    numbers = _numbers(name, values)
    wrong = ~((numbers >= least) & (numbers <= LARGEST_EXACT) & (numbers == np.floor(numbers)))
    if wrong.any():
        found = numbers[wrong].flat[0]
        raise ValueError(f"{name} must be a whole number of at least {least}, found {found:g}")
    return numbers.astype(np.int64)


def require_whole_number(name: str, value, least: int = 0) -> int:
    """One whole number of at least `least`."""
    return int(_single(name, require_whole_numbers(name, value, least)))


def require_columns(least: int = 0, **values) -> list[np.ndarray]:
    """Columns of whole numbers of one length, at least one row; the keywords are the names used in the messages."""
    return require_aligned(**{name: require_whole_numbers(name, value, least) for name, value in values.items()})


def require_aligned(**values) -> list[np.ndarray]:
    """Columns of one length, at least one row; the keywords are the names used in the messages."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    first = next(iter(arrays))
    for name, array in arrays.items():
        if array.ndim != 1:
            raise ValueError(f"{name} must be a list of numbers, found {array.ndim} dimensions")
        if len(array) != len(arrays[first]):
            raise ValueError(f"{name} must have as many rows as {first} ({len(arrays[first])}), found {len(array)}")
    if not len(arrays[first]):
        raise ValueError(f"{first} must hold at least one row, found none")
    return list(arrays.values())


def require_outcomes(name: str, values) -> np.ndarray:
    """One entry per treatment, True where the event happened. May be empty."""
    numbers = _numbers(name, values)
    if numbers.ndim != 1:
        raise ValueError(f"{name} must be a list of 0 and 1, found {numbers.ndim} dimensions")
    wrong = ~np.isin(numbers, (0, 1))
    if wrong.any():
        raise ValueError(f"{name} must be 0 or 1 for each treatment, found {numbers[wrong][0]:g}")
    return numbers.astype(bool)


def require_measurements(name: str, values, least: int) -> np.ndarray:
    """A list of at least `least` finite numbers."""
    numbers = _numbers(name, values)
    if numbers.ndim != 1 or len(numbers) < least:
        raise ValueError(f"{name} must be a list of at least {least} numbers, found {numbers.size}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite numbers, found {numbers[~np.isfinite(numbers)][0]:g}")
    return numbers


def require_proportions(name: str, values) -> np.ndarray:
    """Numbers strictly between 0 and 1, in the shape they came in."""
    numbers = _numbers(name, values)
    wrong = ~((numbers > 0) & (numbers < 1))
    if wrong.any():
        found = numbers[wrong].flat[0]
        raise ValueError(f"{name} must lie between 0 and 1, both excluded (0.02 for 2 %), found {found:g}")
    return numbers


def require_proportion(name: str, value) -> float:
    """One number strictly between 0 and 1."""
    return float(_single(name, require_proportions(name, value)))


def require_above(name: str, value, bound: float) -> float:
    """One finite number above `bound`."""
    number = float(_single(name, _numbers(name, value)))
    if not bound < number < np.inf:
        raise ValueError(f"{name} must be a number above {bound:g}, found {number:g}")
    return number


def require_at_most(name: str, values, ceiling: str, limits) -> None:
    """`values` never exceed `limits`; both are named in the message."""
    over = np.asarray(values) > np.asarray(limits)
    if over.any():
        found, limit = (int(np.broadcast_to(array, over.shape)[over].flat[0]) for array in (values, limits))
        raise ValueError(f"{name} must not exceed {ceiling}, found {found} of {limit}")


def _numbers(name: str, values) -> np.ndarray:
    try:
        if np.asarray(values).dtype.kind in "US":
            raise TypeError("text is never read as a number: 1,5 and 1.5 differ by country")
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as reason:
        raise ValueError(f"{name} must be numbers: {reason}") from None


def _single(name: str, array: np.ndarray):
    if array.ndim:
        raise ValueError(f"{name} must be one number, found a list of {array.size}")
    return array[()]
