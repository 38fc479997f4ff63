"""One question, several contenders: their answers compared, then all of them timed in turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ENOUGH = 20.0  # seconds that one contender may take of one question, over all rounds but the one that each has
PATIENCE = 120.0  # seconds: a contender expected to take longer for one answer is left out

Answer = dict[tuple, tuple]
Table = dict[tuple[str, str], tuple[int, float]]  # question, contender -> the size it was timed at last, its median


class Differ(Exception):
    """Two contenders answered differently: there is nothing to time."""


@dataclass(frozen=True)
class Result:
    """How long one contender took, round by round; empty where `why_not` says so. `ours`: the copy's median."""

    question: str
    contender: str
    seconds: tuple[float, ...]
    ours: float
    why_not: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) if self.seconds else float("inf")


def contest(
    question: str, contenders: dict[str, Callable[[], Answer]], size: int, rounds: int, earlier: Table
) -> Iterator[Result]:
    """One result per contender, ours being the first of them. Raises Differ before anything is timed."""
    taking_part = {name: answer for name, answer in contenders.items() if _expected(question, name, size, earlier)}
    compare(question, taking_part)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, answer in taking_part.items():
            if sum(seconds[name]) < ENOUGH:
                start = time.perf_counter()
                answer()
                seconds[name].append(time.perf_counter() - start)
    ours = statistics.median(seconds[next(iter(contenders))])
    for name in contenders:
        why_not = "" if seconds[name] else f"more than {PATIENCE:.0f} s expected"
        yield Result(question, name, tuple(seconds[name]), ours, why_not)


def compare(question: str, contenders: dict[str, Callable[[], Answer]]) -> None:
    """Every contender's answer equals that of the first; else Differ, with the first difference."""
    (first, answer), *others = contenders.items()
    expected = answer()
    if not expected:
        raise Differ(f"{question}: {first} has no answer")
    for name, answer in others:
        found = answer()
        for group in sorted(expected.keys() | found.keys(), key=str):
            if expected.get(group) != found.get(group):
                raise Differ(f"{question}, {group}: {first} says {expected.get(group)}, {name} says {found.get(group)}")


def _expected(question: str, contender: str, size: int, earlier: Table) -> bool:
    """Whether it is worth waiting for, going by a smaller size and no worse than in proportion to it."""
    before, seconds = earlier.get((question, contender), (size, 0.0))
    return seconds * size / before <= PATIENCE
