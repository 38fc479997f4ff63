"""Columns of dates: the column proves whether the day or the month comes first.

A value with a part above 12 proves it (23/04/2026). yyyy-mm-dd and names of months need no proof. A partial date such
as June 2026 is a span of days. Nothing is corrected: an impossible date is a problem with its row.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from data.as_of import as_of_date
from data.schema.column_types import CellError, ColumnType, Epoch, ParsedColumn
from data.schema.date_parser import NOT_A_DATE, DateOrder, DateSpan, DayByOrder, format_day, parse_date

YEARS_AHEAD = 1  # a record may name a future appointment; a two-digit year or day number beyond that is a misreading
# A spreadsheet program of another country takes 03/04 for its own date and leaves 23/04 as text. Then all its dates
# fall on days 1 to 12. That many in a row do so by chance less than one time in a hundred ((12/30)^5).
MIN_SWAPPED = 5
SWAPPED_MESSAGE = (
    f"{NOT_A_DATE}: day and month were probably swapped by a spreadsheet program: all its dates fall on days 1 to 12, "
    "and the later ones stayed text. Export again with dates as yyyy-mm-dd, and do not open the file in between"
)

# Day 0 of a spreadsheet's count (ECMA-376 part 1, 18.17.4.1; valid from 1 March 1900).
DAY_ZERO = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}

Readings = dict[str, DateSpan | DayByOrder | int]  # by text


class PartialDate(ColumnType):
    """A day, month or year, as its first and last possible day."""

    expected = "a date as 2025-03-31, a month as 2025-03 or a year"

    def parse_column(
        self, rows: Mapping[str, int], *, order: DateOrder | None = None, epoch: Epoch | None = None, **_: Any
    ) -> ParsedColumn:
        latest_year = as_of_date().year + YEARS_AHEAD
        notices: dict[str, None] = {}
        readings: Readings = {}
        reasons: dict[str, str] = {}
        for text in rows:
            try:
                readings[text] = parse_date(text, latest_year, notices)
            except ValueError as error:
                reasons[text] = str(error)
        proof: dict[DateOrder, int] = {}  # the first row that proves the order
        for text, reading in readings.items():
            if isinstance(reading, dict) and len(reading) == 1:
                (shown,) = reading
                proof[shown] = min(rows[text], proof.get(shown, rows[text]))
        proven = next(iter(proof)) if len(proof) == 1 else None
        order = order or proven
        spans: dict[str, DateSpan] = {}
        undecided = []
        for text, reading in readings.items():
            if isinstance(reading, DateSpan):
                spans[text] = reading
                continue
            days = _possible_days(reading, order, epoch, latest_year)
            if len(days) == 1:
                spans[text] = DateSpan(days[0], days[0])
                continue
            reasons[text] = _explain_no_day(reading, days, order, proof)
            if days and (isinstance(reading, int) or len(proof) < 2):
                undecided.append(text)
        if proven:
            reasons |= dict.fromkeys(_find_swapped_dates(readings), SWAPPED_MESSAGE)
        parsed = self.check_cells({text: span for text, span in spans.items() if text not in reasons})
        parsed.errors |= {text: CellError(reason, self.expected) for text, reason in reasons.items()}
        parsed.notices, parsed.order, parsed.undecided = tuple(notices), order, tuple(undecided)
        return parsed


class Day(PartialDate):
    """One day."""

    expected = "a date as year-month-day, such as 2025-03-31"

    def check(self, cell: tuple[date, date]) -> date:
        first, last = cell
        if first != last:
            raise CellError("is not one day", self.expected)
        return first


def _possible_days(
    reading: DayByOrder | int, order: DateOrder | None, epoch: Epoch | None, latest_year: int
) -> list[date]:
    """The days that a text may mean: one if the column decides."""
    if isinstance(reading, int):
        days = [zero + timedelta(days=reading) for year, zero in DAY_ZERO.items() if epoch in (None, year)]
        return [day for day in days if day.year <= latest_year]
    return list(dict.fromkeys(day for key, day in reading.items() if order in (None, key)))


def _explain_no_day(
    reading: DayByOrder | int, days: list[date], order: DateOrder | None, proof: dict[DateOrder, int]
) -> str:
    if isinstance(reading, int):
        if days:
            return "is a spreadsheet's day number, counted from 1900 or from 1904"
        return f"{NOT_A_DATE}: a spreadsheet's day number that lies in the future"
    if order:
        return f"{NOT_A_DATE} with the {order.removesuffix(' first')} first, as in the other rows"
    if len(proof) < 2:
        return "may be day/month or month/day: no cell of the column proves which"
    return (
        f"may be {format_day(days[0])} or {format_day(days[1])}: row {proof['day first']} has the day first and row "
        f"{proof['month first']} the month; write it as yyyy-mm-dd"
    )


def _find_swapped_dates(readings: Readings) -> list[str]:
    """The dates that a spreadsheet program swapped: all of them on days 1 to 12, while every date that stayed text has
    a part above 12."""
    true_days = {text: span.first for text, span in readings.items()
                 if isinstance(span, DateSpan) and span.first == span.last}  # fmt: skip
    as_text = [reading for reading in readings.values() if isinstance(reading, dict)]
    if len(true_days) < MIN_SWAPPED or any(len(reading) > 1 for reading in as_text):
        return []
    return list(true_days) if all(day.day <= 12 for day in true_days.values()) else []
