"""Where long work is: said by whoever does it, shown by whoever waits. Knows of nobody who listens."""

from collections.abc import Callable

ProgressCallback = Callable[
    [str, int, int], None
]  # what is being done, how many of them are done, of how many (0: not known)


def ignore_progress(doing: str, done: int, of: int) -> None:
    """For work that nobody watches."""
