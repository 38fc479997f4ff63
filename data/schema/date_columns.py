"""Text to dates, one column at a time: whether the day or the month comes first is proven by the column, or asked.

What proves it: a value with a part above 12 (23/04/2026). What needs no proof: yyyy-mm-dd, names of months. A partial
date (June 2026) is a span of days. Nothing is put right: a date that can't be is a problem with its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from data.as_of import as_of_date
from data.files import ValueProblem, is_missing
from data.schema.date_parser import EXPECTED, AmbiguousDate, DateOrder, DateParser, DateSpan, SerialDay, format_day

Epoch = Literal[1900, 1904]

YEARS_AHEAD = 1  # a record may name an appointment to come; a two-digit year or a day number further on is misread
# Dates that a spreadsheet program took for its own are turned around only where both readings exist: all on days 1-12.
# By chance so many in a row fall there less than one time in a hundred ((12/30)^5).
MIN_SWAPPED = 5

# Day 0 of a spreadsheet's count (ECMA-376 part 1, 18.17.4.1; from 1 March 1900 on).
DAY_ZERO = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}


@dataclass(frozen=True)
class DateQuestion:
    """What the column can't prove and a person must say: pass the answer as `order` or `epoch`."""

    topic: Literal["order", "epoch"]
    row: int
    value: str
    text: str


@dataclass(frozen=True)
class ParsedDates:
    """dates: one for each value, None where it is missing, wrong or undecided; evidence: the row that proves the order;
    undecided: the rows that wait for an answer to a question."""

    dates: tuple[DateSpan | None, ...]
    order: DateOrder | None
    evidence: int | None
    questions: tuple[DateQuestion, ...]
    undecided: tuple[int, ...]
    problems: tuple[ValueProblem, ...]
    notices: tuple[str, ...]


def read_dates(
    values: Sequence[str],
    row_numbers: Sequence[int],
    order: DateOrder | None = None,
    epoch: Epoch | None = None,
    today: date | None = None,
) -> ParsedDates:
    """Reads one column. `order` and `epoch`: what a person, another column or the workbook says."""
    parsed = DateParser((today or as_of_date()).year + YEARS_AHEAD)
    column = [(row, value, None if is_missing(value) else parsed(value))
              for row, value in zip(row_numbers, values, strict=True)]  # fmt: skip
    proof = {}
    for row, _, reading in column:
        if isinstance(reading, AmbiguousDate) and reading.proves:
            proof.setdefault(reading.proves, row)
    proven = next(iter(proof)) if len(proof) == 1 else None
    settled = _DateColumn(order or proven, epoch, proof, parsed.latest_year)
    dates = [settled.date(row, value, reading) for row, value, reading in column]
    problems = settled.problems + _find_swapped_dates(column, proven)
    suspect = {problem.row for problem in problems}
    return ParsedDates(
        dates=tuple(None if row in suspect else span for row, span in zip(row_numbers, dates, strict=True)),
        order=order or proven,
        evidence=proof.get(order or proven),
        questions=tuple(settled.questions.values()),
        undecided=tuple(settled.undecided),
        problems=tuple(sorted(problems, key=lambda problem: problem.row)),
        notices=tuple(parsed.notices),
    )


class _DateColumn:
    """Each value under the order that holds for the column; gathers what is wrong and what must be asked."""

    def __init__(self, order: DateOrder | None, epoch: Epoch | None, proof: dict[DateOrder, int], latest_year: int):
        self.order, self.epoch, self.proof, self.latest_year = order, epoch, proof, latest_year
        self.questions: dict[str, DateQuestion] = {}
        self.undecided: list[int] = []
        self.problems: list[ValueProblem] = []

    def date(self, row: int, value: str, reading: DateSpan | AmbiguousDate | SerialDay | str | None) -> DateSpan | None:
        if isinstance(reading, str):
            self.problems.append(ValueProblem(row, value, reading))
            return None
        if isinstance(reading, AmbiguousDate):
            return self._ordered(row, value, reading)
        if isinstance(reading, SerialDay):
            return self._counted(row, value, reading.number)
        return reading

    def _ordered(self, row: int, value: str, reading: AmbiguousDate) -> DateSpan | None:
        by_order = {"day first": reading.day_first, "month first": reading.month_first}
        if self.order:
            day = by_order[self.order]
            if day is None:
                message = f"is not a date with the {self.order.removesuffix(' first')} first, which the others have"
                self.problems.append(ValueProblem(row, value, message))
            return day and DateSpan(day, day)
        if reading.proves or reading.day_first == reading.month_first:
            day = reading.day_first or reading.month_first
            return DateSpan(day, day)
        readings = f"{format_day(reading.day_first)} or {format_day(reading.month_first)}"
        if len(self.proof) == 2:
            message = (f"may be {readings}: row {self.proof['day first']} has the day first and "
                       f"row {self.proof['month first']} the month; write it as yyyy-mm-dd")  # fmt: skip
            self.problems.append(ValueProblem(row, value, message))
        else:
            text = f"Is {value} (row {row}) {readings}? No value of the column proves which part is the day."
            self.questions.setdefault("order", DateQuestion("order", row, value, text))
            self.undecided.append(row)
        return None

    def _counted(self, row: int, value: str, number: int) -> DateSpan | None:
        days = {year: zero + timedelta(days=number) for year, zero in DAY_ZERO.items()}
        possible = [day for year, day in days.items() if self.epoch in (None, year) and day.year <= self.latest_year]
        if len(possible) == 1:
            return DateSpan(possible[0], possible[0])
        if not possible:
            message = f"a spreadsheet's day number that lies in the future; {EXPECTED}"
            self.problems.append(ValueProblem(row, value, message))
            return None
        text = (
            f"{value} (row {row}) is a spreadsheet's day number: {format_day(days[1900])} where days are counted "
            f"from 1900 "
            f"(nearly everywhere), {format_day(days[1904])} where from 1904 (old Excel for Mac). Which?"
        )
        self.questions.setdefault("epoch", DateQuestion("epoch", row, value, text))
        self.undecided.append(row)
        return None


def _find_swapped_dates(column, proven: DateOrder | None) -> list[ValueProblem]:
    """A spreadsheet program of another country has taken 03/04 for its own date and left 23/04 as text.

    The trace: dates in numbers all have a part above 12, and true dates beside them all fall on the days 1 to 12.
    """
    in_numbers = [reading for _, _, reading in column if isinstance(reading, AmbiguousDate)]
    true_dates = [(row, value, reading) for row, value, reading in column
                  if isinstance(reading, DateSpan) and reading.first == reading.last]  # fmt: skip
    if not proven or len(true_dates) < MIN_SWAPPED or not all(reading.proves for reading in in_numbers):
        return []
    if any(reading.first.day > 12 for _, _, reading in true_dates):
        return []
    message = (
        "day and month were probably turned around by a spreadsheet program: all its dates fall on days 1 to 12, the "
        "later ones stayed text. Export again, with dates as yyyy-mm-dd, and do not open the file"
    )
    return [ValueProblem(row, value, message) for row, value, _ in true_dates]
