"""Problems of a file: where, the value found, and what was expected."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from data.refusal import RefusedError

EMPTY, NO_TERM, INCOMPLETE_NOTE = "empty", "no_term", "incomplete_note"
UNCONFIRMED_SERVICE, UNKNOWN_FORMAT = "unconfirmed_service", "unknown_format"  # a person can answer these


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in one place. `row` is the row that a spreadsheet shows, None for the whole file.

    The message follows the value, if there is one: "glabela" is not a code. `code`: one of those above, for a form that
    words the problem in its own way.
    """

    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str = ""
    message: str = ""
    sheet: str | None = None
    code: str | None = None

    def __str__(self) -> str:
        where = [self.file]
        where += [f"sheet {self.sheet}"] if self.sheet else []
        where += [f"row {self.row}"] if self.row is not None else []
        where += [f"column {self.column}"] if self.column else []
        found = f"{json.dumps(self.value, ensure_ascii=False)} " if self.value else ""
        stop = "" if self.message.endswith("?") else "."
        text = f"{', '.join(where)}: {found}{self.message}{stop} Expected: {self.expected}."
        return " ".join(text.splitlines())  # names of columns and services may contain line breaks


class ImportRefusedError(RefusedError):
    """A file was refused; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sort_by_file(problems)
        count = len(self.problems)
        super().__init__(f"{count:,} problem{'' if count == 1 else 's'}; nothing was stored")


def sort_by_file(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Distinct problems, by file (in order of appearance), sheet and row."""
    distinct = list(dict.fromkeys(problems))
    order = {place: number for number, place in enumerate(dict.fromkeys((p.file, p.sheet) for p in distinct))}
    return tuple(sorted(distinct, key=lambda problem: (order[problem.file, problem.sheet], problem.row or 0)))
