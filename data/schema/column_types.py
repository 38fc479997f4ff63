"""What the cells of a column mean: a day, a number, a code. An unreadable cell is reported with what was expected.

Types read a whole column, because the column proves what one cell leaves open: whether the day or the month comes first
(data/schema/date_columns.py), and whether a point or a comma marks the decimals (data/schema/number_columns.py).
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from data.schema import date_parser, number_columns
from data.schema.date_columns import Epoch, read_dates
from data.schema.date_parser import DateOrder
from data.schema.number_columns import read_numbers
from data.tabular.grid import CONTROL, INVISIBLE_CHARACTERS, LINE_BREAK, ODD_SPACE
from models import codelist

EXPECTED_DAY = "a date as year-month-day, such as 2025-03-31"
EXPECTED_PARTIAL_DATE = "a date as 2025-03-31, a month as 2025-03 or a year"
EXPECTED_NUMBER = "a number such as 1000 or 12.5"
NO_TEXT = "has characters that are not text"


class CellError(ValueError):
    """An unreadable cell: what is wrong, and what was expected."""

    def __init__(self, message: str, expected: str):
        super().__init__(message)
        self.message, self.expected = message, expected


@dataclass(frozen=True)
class ParseHints:
    """What is known besides the column: the order of dates if a person stated it, and properties of the file."""

    order: DateOrder | None = None
    epoch: Epoch | None = None
    workbook: bool = False


@dataclass(frozen=True)
class ParsedColumn:
    """The value of each different text of a column, or its error."""

    values: dict[str, object] = field(default_factory=dict)
    errors: dict[str, CellError] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


class ColumnType:
    """How the cells of a column are read. `choices` are its possible values if they are a short list."""

    choices: tuple[str, ...] = ()
    needs_row_numbers: ClassVar[bool] = False  # because one cell can prove what others mean

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        """Reads the different texts of a column. Their values are row numbers, if the type needs them."""
        return self.check_cells({text: text for text in texts})

    def check_cells(self, cells: Mapping[str, Any], notices: tuple[str, ...] = ()) -> ParsedColumn:
        """Applies `check` to each cell; cells are given by their text."""
        parsed = ParsedColumn(notices=notices)
        for text, cell in cells.items():
            try:
                parsed.values[text] = self.check(cell)
            except CellError as error:
                parsed.errors[text] = error
        return parsed

    def check(self, cell: Any) -> object:
        """The value of a text, date span or number as the column holds it. Raises CellError."""
        return cell


@dataclass(frozen=True)
class Text(ColumnType):
    """Any text up to `longest` characters."""

    longest: int = 120  # what a code column of the database holds

    def check(self, cell: str) -> str:
        if len(cell) > self.longest:
            raise CellError(f"has {len(cell):,} characters", f"at most {self.longest} characters")
        return cell


class PartialDate(ColumnType):
    """A day, month or year, as its first and last possible day."""

    needs_row_numbers = True
    expected = EXPECTED_PARTIAL_DATE

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        dates = read_dates(list(texts), list(texts.values()), hints.order, hints.epoch)
        parsed = self.check_cells(
            {text: (span.first, span.last) for text, span in zip(texts, dates.dates, strict=True) if span},
            dates.notices,
        )
        messages = {p.value: _strip_expected(p.message, date_parser.EXPECTED, "date") for p in dates.problems}
        for text in texts.keys() - parsed.values.keys() - parsed.errors.keys():
            parsed.errors[text] = CellError(messages.get(text) or _undecided_message(text), self.expected)
        return parsed


class Day(PartialDate):
    """One day."""

    expected = EXPECTED_DAY

    def check(self, cell: tuple) -> object:
        if cell[0] != cell[1]:
            raise CellError("is not one day", self.expected)
        return cell[0]


class Number(ColumnType):
    """A number."""

    needs_row_numbers = True

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        read = read_numbers(list(texts), list(texts.values()), "." if hints.workbook else None)
        numbers = dict(zip(texts, read.numbers, strict=True))
        parsed = self.check_cells({text: number for text, number in numbers.items() if number is not None})
        messages = {p.value: _strip_expected(p.message, number_columns.EXPECTED, "number") for p in read.problems}
        for text in texts.keys() - parsed.values.keys() - parsed.errors.keys():
            message = messages.get(text, "may be decimals or thousands: no cell of the column proves which")
            parsed.errors[text] = CellError(message, EXPECTED_NUMBER)
        return parsed


class DoseUnits(Number):
    """A number of units, 0 or more."""

    def check(self, cell: float) -> float:
        if cell < 0:
            raise CellError("is below zero", "units of 0 or more")
        return cell


@dataclass(frozen=True)
class Integer(Number):
    """A whole number from `lowest` to `highest`."""

    lowest: int
    highest: int

    def check(self, cell: float) -> int:
        if not cell.is_integer() or not self.lowest <= cell <= self.highest:
            raise CellError("is out of range", f"a whole number from {self.lowest} to {self.highest}")
        return int(cell)


@dataclass(frozen=True)
class Choice(ColumnType):
    """One of a few words."""

    choices: tuple[str, ...]

    def check(self, cell: str) -> str:
        if (word := cell.casefold()) in self.choices:
            return word
        hint = suggestion_suffix(codelist.suggest_code(cell, self.choices))
        raise CellError(f"is not one of the words{hint}", ", ".join(self.choices))


@dataclass(frozen=True)
class Code(ColumnType):
    """A code of a list, or its label. `source_codes` are further codes, which the source brought along.

    `by_label` is for sheets that people fill in: labels are offered instead of codes, and the source's codes may be in
    upper or lower case.
    """

    entries: Callable[[], codelist.Codelist]
    source_codes: frozenset[str] = frozenset()
    by_label: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        if self.by_label:
            return (*sorted(self.source_codes), *(entry.label for entry in self.entries().values()))
        return tuple(self.entries())

    def check(self, cell: str) -> str:
        entries, text = self.entries(), cell.casefold()
        if cell in self.source_codes:
            return cell
        for code in self.source_codes if self.by_label else ():
            if code.casefold() == text:
                return code
        if text in entries:
            return text
        for entry in entries.values():
            if entry.label.casefold() == text:
                return entry.code
        hint = suggestion_suffix(codelist.suggest_code(cell, entries))
        some = f"{', '.join(list(entries)[:3])}; {len(entries)} are listed"
        raise CellError(f"is not a code of {entries.name}{hint}", f"a code such as {some}")


@dataclass(frozen=True)
class ListOf(ColumnType):
    """Values of one type, separated by semicolons, as a tuple."""

    item_type: ColumnType

    def check(self, cell: str) -> tuple:
        return tuple(self.item_type.check(part.strip()) for part in cell.split(";") if part.strip())


def normalize_text(text: str) -> str:
    """Typed or pasted text as a file would hold it: without odd spaces, invisible characters and control characters."""
    text = INVISIBLE_CHARACTERS.sub("", ODD_SPACE.sub(" ", LINE_BREAK.sub("\n", text)))
    return unicodedata.normalize("NFC", CONTROL.sub("", text)).strip()


def is_storable_text(text: str) -> bool:
    """False if the text holds a character that cannot be stored."""
    return not CONTROL.search(LINE_BREAK.sub("\n", text))


def suggestion_suffix(nearest: str | None) -> str:
    """The end of a message about an unknown word."""
    return f'; did you mean "{nearest}"?' if nearest else ""


def _undecided_message(text: str) -> str:
    if text.replace(".", "").isdigit():
        return "is a spreadsheet's day number, counted from 1900 or from 1904"
    return "may be day/month or month/day: no cell of the column proves which"


def _strip_expected(message: str, expected: str, kind: str) -> str:
    """The message without what was expected, which a problem states separately."""
    stripped = message.replace(expected, "").strip(" ;")
    if not stripped:
        return f"is not a {kind}"
    return stripped if stripped.startswith(("is ", "has ", "may ")) else f"is not a {kind}: {stripped}"
