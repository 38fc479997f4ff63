"""What the cells of a column are: a day, a number, a code. What can't be read is said with what was expected.

Kinds read a column and not a cell, because the column proves what a cell leaves open: whether the day or the month
comes first (data/schema/date_columns.py), whether point or comma marks the decimals (data/schema/number_columns.py).
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
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
NO_TEXT = "holds characters that are no text"


class CellError(ValueError):
    """A cell that can't be read: what is wrong, and what was expected."""

    def __init__(self, message: str, expected: str):
        super().__init__(message)
        self.message, self.expected = message, expected


@dataclass(frozen=True)
class ParseHints:
    """What is known beside the column. `order`: said by a person; `epoch`, `workbook`: of the file."""

    order: DateOrder | None = None
    epoch: Epoch | None = None
    workbook: bool = False


@dataclass(frozen=True)
class ParsedColumn:
    """What each different text of a column means, or what is wrong with it."""

    values: dict[str, object] = field(default_factory=dict)
    errors: dict[str, CellError] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


class ColumnType:
    """How the cells of a column are read.

    `choices`: what may stand there, where that is a short list; `by_row`: a cell can prove what others mean.
    """

    choices: tuple[str, ...] = ()
    needs_row_numbers: ClassVar[bool] = False

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        """The meaning of each text; `texts`: the different ones of a column, and where `by_row` the row of each."""
        read, found = self.cell_parser(), ParsedColumn()
        for text in texts:
            try:
                found.values[text] = read(text)
            except CellError as error:
                found.errors[text] = error
        return found

    def cell_parser(self) -> Callable[[str], object]:
        """What reads one cell, or raises CellError."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """The value of a date span or number as the column holds it. Raises CellError."""
        return value

    def _store(self, text: str, value: Any, found: ParsedColumn) -> None:
        try:
            found.values[text] = self.check(value)
        except CellError as error:
            found.errors[text] = error


@dataclass(frozen=True)
class Text(ColumnType):
    """Any text, up to so many characters."""

    longest: int = 120  # what a code column of the records holds

    def cell_parser(self) -> Callable[[str], str]:
        def read(text: str) -> str:
            if len(text) > self.longest:
                raise CellError(f"has {len(text):,} characters", f"at most {self.longest} characters")
            return text

        return read


class PartialDate(ColumnType):
    """A day, a month or a year, as its first and last possible day."""

    needs_row_numbers = True
    expected = EXPECTED_PARTIAL_DATE

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        rows = list(texts.values())
        reading = read_dates(list(texts), rows, hints.order, hints.epoch)
        told = {p.value: _strip_expected(p.message, date_parser.EXPECTED, "date") for p in reading.problems}
        found = ParsedColumn(notices=reading.notices)
        for text, span in zip(texts, reading.dates, strict=True):
            if span:
                self._store(text, (span.first, span.last), found)
            else:
                found.errors[text] = CellError(told.get(text) or _undecided_message(text), self.expected)
        return found


class Day(PartialDate):
    """One day."""

    expected = EXPECTED_DAY

    def check(self, span: tuple[date, date]) -> date:
        if span[0] != span[1]:
            raise CellError("is not one day", self.expected)
        return span[0]


class Number(ColumnType):
    """A number."""

    needs_row_numbers = True

    def parse_column(self, texts: Mapping[str, int], hints: ParseHints) -> ParsedColumn:
        rows = list(texts.values())
        reading = read_numbers(list(texts), rows, "." if hints.workbook else None)
        told = {p.value: _strip_expected(p.message, number_columns.EXPECTED, "number") for p in reading.problems}
        found = ParsedColumn()
        for text, number in zip(texts, reading.numbers, strict=True):
            if number is None:
                message = told.get(text, "may be decimals or thousands: no cell of the column proves which")
                found.errors[text] = CellError(message, EXPECTED_NUMBER)
            else:
                self._store(text, number, found)
        return found


class DoseUnits(Number):
    """A number of units: 0 or more."""

    def check(self, number: float) -> float:
        if number < 0:
            raise CellError("is below zero", "units of 0 or more")
        return number


@dataclass(frozen=True)
class Integer(Number):
    """A whole number from `lowest` to `highest`."""

    lowest: int
    highest: int

    def check(self, number: float) -> int:
        if not (number.is_integer() and self.lowest <= number <= self.highest):
            raise CellError("is out of range", f"a whole number from {self.lowest} to {self.highest}")
        return int(number)


@dataclass(frozen=True)
class Choice(ColumnType):
    """One of a few words."""

    choices: tuple[str, ...]

    def cell_parser(self) -> Callable[[str], str]:
        def read(text: str) -> str:
            if (word := text.casefold()) in self.choices:
                return word
            hint = suggestion_suffix(codelist.suggest_code(text, self.choices))
            raise CellError(f"is not one of the words{hint}", ", ".join(self.choices))

        return read


@dataclass(frozen=True)
class Code(ColumnType):
    """A code of a list, or its label. `own`: further codes, which the source brought along."""

    entries: Callable[[], codelist.Codelist]
    source_codes: frozenset[str] = frozenset()

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.entries())

    def cell_parser(self) -> Callable[[str], str]:
        entries = self.entries()
        codes = {entry.label.casefold(): entry.code for entry in entries.values()} | {code: code for code in entries}

        def read(text: str) -> str:
            if text in self.source_codes:
                return text
            if code := codes.get(text.casefold()):
                return code
            hint = suggestion_suffix(codelist.suggest_code(text, entries))
            some = f"{', '.join(list(entries)[:3])}; {len(entries)} are listed"
            raise CellError(f"is not a code of {entries.name}{hint}", f"a code such as {some}")

        return read


@dataclass(frozen=True)
class CodeOrLabel(Code):
    """The same, with labels offered in place of codes, for sheets that people fill in; words of `own` in any case."""

    @property
    def choices(self) -> tuple[str, ...]:
        return (*sorted(self.source_codes), *(entry.label for entry in self.entries().values()))

    def cell_parser(self) -> Callable[[str], str]:
        read, own = Code.cell_parser(self), {word.casefold(): word for word in self.source_codes}
        return lambda text: own.get(text.casefold()) or read(text)


@dataclass(frozen=True)
class ListOf(ColumnType):
    """Cells of one kind with semicolons between them, as a tuple."""

    item_type: ColumnType

    def cell_parser(self) -> Callable[[str], tuple]:
        read = self.item_type.cell_parser()
        return lambda text: tuple(read(part.strip()) for part in text.split(";") if part.strip())


def normalize_text(text: str) -> str:
    """Typed or pasted text as a file would hold it: without odd spaces, invisible characters and control characters."""
    text = INVISIBLE_CHARACTERS.sub("", ODD_SPACE.sub(" ", LINE_BREAK.sub("\n", text)))
    return unicodedata.normalize("NFC", CONTROL.sub("", text)).strip()


def is_storable_text(text: str) -> bool:
    """False if the text holds a character that cannot be stored."""
    return not CONTROL.search(LINE_BREAK.sub("\n", text))


def suggestion_suffix(nearest: str | None) -> str:
    """The end of a message about a word that is not known."""
    return f'; did you mean "{nearest}"?' if nearest else ""


def _undecided_message(date: str) -> str:
    if date.replace(".", "").isdigit():
        return "is a spreadsheet's day number, counted from 1900 or from 1904"
    return "may be day/month or month/day: no cell of the column proves which"


def _strip_expected(message: str, expected: str, kind: str) -> str:
    """What a text is instead of a date or number, without what was expected, which a problem says apart."""
    said = message.replace(expected, "").strip(" ;")
    if not said:
        return f"is not a {kind}"
    return said if said.startswith(("is ", "has ", "may ")) else f"is no {kind}: {said}"
