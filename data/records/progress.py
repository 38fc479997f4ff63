"""Where long work is: said by whoever does it, shown by whoever waits. Knows of nobody who listens."""

from collections.abc import Callable

Report = Callable[[str, int, int], None]  # what is being done, how many of them are done, of how many (0: not known)


def silent(doing: str, done: int, of: int) -> None:
    """For work that nobody watches."""
