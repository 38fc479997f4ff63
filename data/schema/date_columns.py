"""Text to dates, one column at a time: the column proves whether the day or the month comes first.

A value with a part above 12 proves it (23/04/2026). yyyy-mm-dd and names of months need no proof. A partial date such
as June 2026 is a span of days. Nothing is corrected: an impossible date is a problem with its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from data.as_of import as_of_date
from data.files import ValueProblem, is_missing
from data.schema.date_parser import EXPECTED, AmbiguousDate, DateOrder, DateParser, DateSpan, SerialDay, format_day

Epoch = Literal[1900, 1904]

YEARS_AHEAD = 1  # a record may name a future appointment; a two-digit year or day number beyond that is a misreading
# A spreadsheet program of another country takes 03/04 for its own date and leaves 23/04 as text. Then all its dates
# fall on days 1 to 12. That many in a row do so by chance less than one time in a hundred ((12/30)^5).
MIN_SWAPPED = 5
SWAPPED_MESSAGE = (
    "day and month were probably swapped by a spreadsheet program: all its dates fall on days 1 to 12, and the later "
    "ones stayed text. Export again with dates as yyyy-mm-dd, and do not open the file in between"
)

# Day 0 of a spreadsheet's count (ECMA-376 part 1, 18.17.4.1; valid from 1 March 1900).
DAY_ZERO = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}

Reading = DateSpan | AmbiguousDate | SerialDay | str | None


@dataclass(frozen=True)
class ParsedDates:
    """dates: one for each value, None if it is missing, wrong or ambiguous; order: the one given or proven; ambiguous:
    the values that need an order to be given, because no value of the column proves it."""

    dates: tuple[DateSpan | None, ...]
    order: DateOrder | None
    ambiguous: tuple[str, ...]
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
    parse = DateParser((today or as_of_date()).year + YEARS_AHEAD)
    readings: list[Reading] = [None if is_missing(value) else parse(value) for value in values]
    proof: dict[DateOrder, int] = {}
    for row, reading in zip(row_numbers, readings, strict=True):
        if isinstance(reading, AmbiguousDate) and reading.proves:
            proof.setdefault(reading.proves, row)
    proven = next(iter(proof)) if len(proof) == 1 else None
    order = order or proven
    days = [_resolve(reading, order, proof, epoch, parse.latest_year) for reading in readings]
    ambiguous = [value for value, reading, day in zip(values, readings, days, strict=True)
                 if isinstance(reading, AmbiguousDate) and day is None]  # fmt: skip
    for at in _find_swapped_dates(readings) if proven else ():
        days[at] = SWAPPED_MESSAGE
    problems = [ValueProblem(row, value, day)
                for row, value, day in zip(row_numbers, values, days, strict=True) if isinstance(day, str)]  # fmt: skip
    return ParsedDates(
        dates=tuple(None if isinstance(day, str) else day for day in days),
        order=order,
        ambiguous=tuple(ambiguous),
        problems=tuple(sorted(problems, key=lambda problem: problem.row)),
        notices=tuple(parse.notices),
    )


def _resolve(
    reading: Reading, order: DateOrder | None, proof: dict[DateOrder, int], epoch: Epoch | None, latest_year: int
) -> DateSpan | str | None:
    """The day or span; a message if it cannot be one; None if it is missing or nothing says which day it is."""
    if isinstance(reading, AmbiguousDate):
        return _resolve_order(reading, order, proof)
    if isinstance(reading, SerialDay):
        days = [zero + timedelta(days=reading.number) for year, zero in DAY_ZERO.items() if epoch in (None, year)]
        days = [day for day in days if day.year <= latest_year]
        if not days:
            return f"a spreadsheet's day number that lies in the future; {EXPECTED}"
        return DateSpan(days[0], days[0]) if len(days) == 1 else None
    return reading


def _resolve_order(
    reading: AmbiguousDate, order: DateOrder | None, proof: dict[DateOrder, int]
) -> DateSpan | str | None:
    day_first, month_first = reading.day_first, reading.month_first
    if order:
        day = day_first if order == "day first" else month_first
        message = f"is not a date with the {order.removesuffix(' first')} first, as in the other rows"
        return DateSpan(day, day) if day else message
    if reading.proves or day_first == month_first:
        day = day_first or month_first
        return DateSpan(day, day)
    if len(proof) < 2:
        return None
    return (
        f"may be {format_day(day_first)} or {format_day(month_first)}: row {proof['day first']} has the day first and "
        f"row {proof['month first']} the month; write it as yyyy-mm-dd"
    )


def _find_swapped_dates(readings: Sequence[Reading]) -> list[int]:
    """The indexes of dates that a spreadsheet program swapped: all of them on days 1 to 12, while every date that
    stayed text has a part above 12."""
    true_dates = [(at, reading.first) for at, reading in enumerate(readings)
                  if isinstance(reading, DateSpan) and reading.first == reading.last]  # fmt: skip
    as_text = [reading for reading in readings if isinstance(reading, AmbiguousDate)]
    if len(true_dates) < MIN_SWAPPED or not all(reading.proves for reading in as_text):
        return []
    return [at for at, _ in true_dates] if all(day.day <= 12 for _, day in true_dates) else []
