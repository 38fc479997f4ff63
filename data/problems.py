"""What can be wrong with a file, and how it is said: where, what stands there, what was expected."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. `row` is the one the spreadsheet shows; None: the file as a whole.

    Where there is a value, the message says what it is: "glabela" is not a code.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    expected: str
    message: str
    sheet: str | None = None

    def __str__(self) -> str:
        where = [self.file]
        where += [f"sheet {self.sheet}"] if self.sheet else []
        where += [f"row {self.row}"] if self.row is not None else []
        where += [f"column {self.column}"] if self.column else []
        found = f"{json.dumps(self.value, ensure_ascii=False)} " if self.value else ""
        stop = "" if self.message.endswith("?") else "."
        told = f"{', '.join(where)}: {found}{self.message}{stop} Expected: {self.expected}."
        return " ".join(told.splitlines())  # the names of columns and services may go over several


class ImportRefusedError(Exception):
    """A file that is not stored, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sort_by_file(problems)
        super().__init__(f"{problem_count(self.problems)}; nothing was stored")


def sort_by_file(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file (in the order files were met), sheet and row."""
    once = list(dict.fromkeys(problems))
    met = {place: number for number, place in enumerate(dict.fromkeys((p.file, p.sheet) for p in once))}
    return tuple(sorted(once, key=lambda problem: (met[problem.file, problem.sheet], problem.row or 0)))


def problem_count(problems: tuple[Problem, ...]) -> str:
    """How many problems, in words."""
    return "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"


def problems_to_json(problems: Iterable[Problem]) -> list[dict]:
    """The problems as plain dictionaries, for a machine to read."""
    return [asdict(problem) for problem in problems]
