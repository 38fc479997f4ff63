"""What the cells of a column mean: a day, a number, a code. An unreadable cell is reported with what was expected.

Types read a whole column, because the column proves what one cell leaves open: whether the day or the month comes first
(data/schema/date_columns.py), and whether a point or a comma marks the decimals (data/schema/number_columns.py).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data.schema.date_parser import DateOrder
from data.tabular.grid import CONTROL, INVISIBLE_CHARACTERS, LINE_BREAK, ODD_SPACE
from models import codelist, records

Epoch = Literal[1900, 1904]
DecimalMark = Literal[".", ","]

ROUNDED_NUMBER = re.compile(r"[1-9]\d{14}0+")
DATE_CELL = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")  # as a date cell of a workbook is read
NO_TEXT = "has characters that are not text"


class CellError(ValueError):
    """An unreadable cell: what is wrong, and what was expected."""

    def __init__(self, message: str, expected: str):
        super().__init__(message)
        self.message, self.expected = message, expected


@dataclass
class ParsedColumn:
    """The value of each different text of a column, or its error.

    Of dates also the order that was given or proven, and the texts that may be one of two days.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, CellError] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    order: DateOrder | None = None
    undecided: tuple[str, ...] = ()


class ColumnType:
    """How the cells of a column are read. `choices` are its possible values if they are a short list."""

    choices: tuple[str, ...] = ()

    def parse_column(self, rows: Mapping[str, int], **_: Any) -> ParsedColumn:
        """Reads the different texts of a column, given with the row of each. None of them is missing.

        What a person, the workbook or the kind of file says is given as `order` and `epoch` (of dates) and `decimal`
        (of numbers); the other types ignore it.
        """
        return self.check_cells({text: text for text in rows})

    def check_cells(self, cells: Mapping[str, Any]) -> ParsedColumn:
        """Applies `check` to each cell; cells are given by their text."""
        parsed = ParsedColumn()
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

    longest: int = records.Code.length

    def check(self, cell: str) -> str:
        if len(cell) > self.longest:
            raise CellError(f"has {len(cell):,} characters", f"at most {self.longest} characters")
        return cell


@dataclass(frozen=True)
class Identifier(Text):
    """A number of a client, visit or lot. A spreadsheet turns some into dates, and rounds those of over 15 digits."""

    def parse_column(self, rows: Mapping[str, int], *, epoch: Epoch | None = None, **_: Any) -> ParsedColumn:
        parsed = self.check_cells({text: text for text in rows})
        for text in rows:
            if ROUNDED_NUMBER.fullmatch(text):
                message = "has more than 15 digits and ends in zeros: a spreadsheet program rounded it"
                parsed.errors[text] = CellError(message, "the column formatted as text, and exported again")
            elif epoch and DATE_CELL.fullmatch(text):
                message = "is a date: a spreadsheet program turned the number into one"
                parsed.errors[text] = CellError(message, "the column formatted as text, with the number typed again")
        return parsed


@dataclass(frozen=True)
class Choice(ColumnType):
    """One of a few words."""

    choices: tuple[str, ...]

    def check(self, cell: str) -> str:
        if (word := cell.casefold()) in self.choices:
            return word
        raise CellError(f"is not one of the words{suggestion_suffix(cell, self.choices)}", ", ".join(self.choices))


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
        codes = entries.find_codes(cell)
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise CellError(f"may be {' or '.join(codes)}", "one of these codes")
        hint = suggestion_suffix(cell, entries)
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


def suggestion_suffix(word: str, choices: Iterable[str]) -> str:
    """The end of a message about an unknown word."""
    nearest = codelist.suggest_code(word, choices)
    return f'; did you mean "{nearest}"?' if nearest else ""
