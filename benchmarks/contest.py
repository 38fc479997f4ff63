"""One question, several contenders: compare their answers, then time them in turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_SECONDS_PER_QUESTION = 20.0  # for one contender over all rounds; each has at least one round
MAX_SECONDS_PER_ANSWER = 120.0  # a contender expected to take longer is left out

Answer = dict[tuple, tuple]
Table = dict[tuple[str, str], tuple[int, float]]  # (question, contender) -> (size, median seconds) of the last timing


class AnswersDifferError(Exception):
    """Two contenders gave different answers, so nothing is timed."""


@dataclass(frozen=True)
class Result:
    """Seconds of one contender per round, empty if `why_not` says why; `ours` is the median of the copy."""

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
    """One result per contender, ours first. Raises AnswersDifferError before anything is timed."""
    participants = {
        name: answer for name, answer in contenders.items() if _is_worth_timing(question, name, size, earlier)
    }
    compare(question, participants)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, answer in participants.items():
            if sum(seconds[name]) < MAX_SECONDS_PER_QUESTION:
                start = time.perf_counter()
                answer()
                seconds[name].append(time.perf_counter() - start)
    ours = statistics.median(seconds[next(iter(contenders))])
    for name in contenders:
        why_not = "" if seconds[name] else f"more than {MAX_SECONDS_PER_ANSWER:.0f} s expected"
        yield Result(question, name, tuple(seconds[name]), ours, why_not)


def compare(question: str, contenders: dict[str, Callable[[], Answer]]) -> None:
    """Raise AnswersDifferError with the first difference from the first contender's answer."""
    (first, answer), *others = contenders.items()
    expected = answer()
    if not expected:
        raise AnswersDifferError(f"{question}: {first} has no answer")
    for name, answer in others:
        given = answer()
        for group in sorted(expected.keys() | given.keys(), key=str):
            if expected.get(group) != given.get(group):
                raise AnswersDifferError(
                    f"{question}, {group}: {first} says {expected.get(group)}, {name} says {given.get(group)}"
                )


def _is_worth_timing(question: str, contender: str, size: int, earlier: Table) -> bool:
    """Estimate from a smaller size, assuming that time grows in proportion."""
    before, seconds = earlier.get((question, contender), (size, 0.0))
    return seconds * size / before <= MAX_SECONDS_PER_ANSWER
