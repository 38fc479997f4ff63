"""What a cell of text means: a day, a number, a code. What can't be read is said with what was expected, never guessed.

A kind of cell gives a reader for one column: whether days stand before months, or commas before decimals, is proven by
a column, not by a cell.
"""

import calendar
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from models import codelist

Read = Callable[[str], object]

TIME = r"[T ]\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?"
ISO = re.compile(rf"(\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}})(?:{TIME})?")
PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?")
TWO_NUMBERS_AND_YEAR = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: 0{1,2}:00(?::00)?)?")
NAMED_MONTH = re.compile(r"(?:(\d{1,2})[ .-]+([A-Za-z]+)|([A-Za-z]+)[ .]+(\d{1,2})),?[ .-]+(\d{4})")
SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?")  # a spreadsheet's day number: 20000 is in 1954, 69999 in 2091
MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}

PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[eE][+-]?\d+)?")
ONE_SEPARATOR = re.compile(r"([+-]?\d+)([.,])(\d+(?:[eE][+-]?\d+)?)")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:\.\d{3})+,\d+")

DAY_EXPECTED = "a date as year-month-day, such as 2025-03-31"
PARTIAL_EXPECTED = "a date as 2025-03-31, a month as 2025-03 or a year"
NUMBER_EXPECTED = "a number such as 1000 or 12.5"


class CellError(ValueError):
    """A cell that can't be read: what is wrong, and what was expected."""

    def __init__(self, message: str, expected: str):
        super().__init__(message)
        self.message, self.expected = message, expected


class Kind:
    """How the cells of a column are read. `choices`: what may stand there, where that is a short list."""

    choices: tuple[str, ...] = ()

    def reader(self, texts: Iterable[str]) -> Read:
        """What reads one cell of the column that holds these texts; it raises CellError."""
        return self.read

    def read(self, text: str) -> object:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(Kind):
    """Any text, up to so many characters."""

    longest: int = 120  # what a code column of the records holds

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise CellError(f"has {len(text):,} characters", f"at most {self.longest} characters")
        return text


class Day(Kind):
    """One day. Day before month, or month before day, is taken where another cell of the column proves it."""

    def reader(self, texts: Iterable[str]) -> Read:
        orders = _orders_proven(texts)
        return lambda text: _day(text, *orders)


class Span(Kind):
    """A day, a month or a year, as its first and last possible day."""

    def reader(self, texts: Iterable[str]) -> Read:
        orders = _orders_proven(texts)
        return lambda text: _partial(PARTIAL.fullmatch(text)) if PARTIAL.fullmatch(text) else (_day(text, *orders),) * 2


class Number(Kind):
    """A number; "1,000" or "1.000" is read where another cell of the column proves what the separator is."""

    def reader(self, texts: Iterable[str]) -> Read:
        decimal = {parts[2] for text in texts if (parts := ONE_SEPARATOR.fullmatch(text)) and _is_decimal(parts)}
        return lambda text: _number(text, decimal)


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number from `lowest` to `highest`."""

    lowest: int
    highest: int

    def read(self, text: str) -> int:
        number = _number(text, {"."})
        if not number.is_integer() or not self.lowest <= number <= self.highest:
            raise CellError("is out of range", f"a whole number from {self.lowest} to {self.highest}")
        return int(number)


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    choices: tuple[str, ...]

    def read(self, text: str) -> str:
        if (word := text.casefold()) in self.choices:
            return word
        nearest = codelist.suggest(text, self.choices)
        raise CellError(f"is not one of the words{_did_you_mean(nearest)}", ", ".join(self.choices))


@dataclass(frozen=True)
class Code(Kind):
    """A code of a list, or its label. `own`: further codes, which the source brought along."""

    listed: Callable[[], codelist.Codelist]
    own: frozenset[str] = field(default=frozenset())

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.listed())

    def reader(self, texts: Iterable[str]) -> Read:
        entries = self.listed()
        codes = {entry.label.casefold(): entry.code for entry in entries.values()} | {code: code for code in entries}

        def read(text: str) -> str:
            if text in self.own:
                return text
            if code := codes.get(text.casefold()):
                return code
            hint = _did_you_mean(codelist.suggest(text, entries))
            some = f"{', '.join(list(entries)[:3])}; {len(entries)} are listed"
            raise CellError(f"is not a code of {entries.name}{hint}", f"a code such as {some}")

        return read


@dataclass(frozen=True)
class Several(Kind):
    """Cells of one kind with semicolons between them, as a tuple."""

    one: Kind

    def reader(self, texts: Iterable[str]) -> Read:
        read = self.one.reader(())
        return lambda text: tuple(read(part.strip()) for part in text.split(";") if part.strip())


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escaped(text: str) -> str:
    """The text so that no spreadsheet calculates it: an apostrophe before =, +, - or @."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA_STARTS) else text


def _orders_proven(texts: Iterable[str]) -> tuple[str | None, str | None]:
    """A cell that proves day before month, and one that proves month before day."""
    day_first = month_first = None
    for text in texts:
        if parts := TWO_NUMBERS_AND_YEAR.fullmatch(text):
            one, other = int(parts[1]), int(parts[2])
            if other <= 12 < one <= 31:
                day_first = day_first or text
            if one <= 12 < other <= 31:
                month_first = month_first or text
    return day_first, month_first


def _day(text: str, day_first: str | None, month_first: str | None) -> date:
    if parts := ISO.fullmatch(text):
        return _date(*map(int, parts.groups()))
    if parts := TWO_NUMBERS_AND_YEAR.fullmatch(text):
        return _ordered(*map(int, parts.groups()), day_first, month_first)
    if (parts := NAMED_MONTH.fullmatch(text)) and (month := MONTHS.get((parts[2] or parts[3]).lower())):
        return _date(int(parts[5]), month, int(parts[1] or parts[4]))
    if SERIAL.fullmatch(text):
        raise CellError("looks like a spreadsheet's day number; give the column a date format", DAY_EXPECTED)
    raise CellError("is not a date", DAY_EXPECTED)


def _ordered(one: int, other: int, year: int, day_first: str | None, month_first: str | None) -> date:
    if one > 12 or one == other:
        return _date(year, other, one)
    if other > 12:
        return _date(year, one, other)
    if bool(day_first) == bool(month_first):
        why = f"the column has {day_first} and {month_first}" if day_first else "no other cell of the column says which"
        raise CellError(f"may be day/month or month/day: {why}", DAY_EXPECTED)
    return _date(year, other, one) if day_first else _date(year, one, other)


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellError("is a date that does not exist", DAY_EXPECTED) from error


def _partial(parts: re.Match) -> tuple[date, date]:
    year, month = int(parts[1]), int(parts[2] or 0)
    if year < 1 or month > 12 or parts[2] == "00":
        raise CellError("is a date that does not exist", PARTIAL_EXPECTED)
    last_month = month or 12
    return date(year, month or 1, 1), date(year, last_month, calendar.monthrange(year, last_month)[1])


def _number(text: str, decimal: set[str]) -> float:
    parts = ONE_SEPARATOR.fullmatch(text)
    if parts and not _is_decimal(parts) and parts[2] not in decimal:
        raise CellError("may be a decimal or thousands", NUMBER_EXPECTED)
    if GROUPED.fullmatch(text):
        thousands, point = (",", ".") if text.rindex(".") > text.rindex(",") else (".", ",")
        text = text.replace(thousands, "").replace(point, ".")
    elif parts:
        text = text.replace(",", ".")
    elif not PLAIN_NUMBER.fullmatch(text):
        raise CellError("is not a number", NUMBER_EXPECTED)
    if not math.isfinite(number := float(text)):
        raise CellError("is out of range", NUMBER_EXPECTED)
    return number


def _is_decimal(parts: re.Match) -> bool:
    """Can the one separator of this number be nothing but a decimal point? Thousands come in threes."""
    before = parts[1].lstrip("+-")
    return len(parts[3]) != 3 or len(before) > 3 or before.startswith("0")


def _did_you_mean(nearest: str | None) -> str:
    return f'; did you mean "{nearest}"?' if nearest else ""
