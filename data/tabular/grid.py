"""The filled rows of one sheet, cleaned and within the limits, before the header is known."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from data.tabular.table import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS, UnreadableFileError

# What a spreadsheet program shows for a formula that failed, and for a column that is too narrow.
ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)|Err:5\d\d")
TOO_NARROW = re.compile(r"#{3,}")
SHORTENED_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d{2,3}")  # 123456789012 shown as 1.23457E+11

TEXT_AS_FORMULA = re.compile(r'="([^"]*)"')  # how some programs keep codes from becoming numbers

# What can't be stored as text: control characters and single surrogates.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Soft hyphen, zero-width space, direction marks, byte order mark. Not the joiner U+200D, which holds emoji together.
INVISIBLE_CHARACTERS = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LINE_BREAK = re.compile("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
NOT_PLAIN = re.compile("[^\t\n\x20-\x7e]")
PLAIN_BYTES = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
ODD_MARKS = ('="', "#", "E+", "Err:")  # one is in every formula, error value and shortened number

ODD_SPACES = "Cells with no-break or other special spaces, read as plain spaces"
UNWRAPPED = 'Cells written as a formula, ="text", read as the text'
INVISIBLE = "Cells with invisible characters, which were removed"

MAX_ROWS_NAMED = 10


@dataclass
class CellGrid:
    """lines: (row number, cells) of every row with a value, as long as the file has it.

    wrong: (row number, column index, value, message) of single cells; column indexes count from 0.
    merged: (first row number, last row number, first column index, last column index), all inclusive.
    """

    file: str
    sheet: str | None = None
    epoch: int | None = None
    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    wrong: list[tuple[int, int, str, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    cleaned: Counter[str] = field(default_factory=Counter)  # how many cells, by the notice about them
    plain: bool = False  # no row of the text needs cleaning

    def add(self, row: int, cells: list[str]) -> None:
        """Cleans one row and keeps it if it has a value. Raises UnreadableFileError beyond the limits."""
        cells = list(map(str.strip, cells)) if self.plain else [cell.strip(" \t\n\r") for cell in cells]
        text = "".join(cells)
        if not self.plain and NOT_PLAIN.search(text):
            cells = [cell if cell.isascii() and not NOT_PLAIN.search(cell) else self._clean(row, at, cell)
                     for at, cell in enumerate(cells)]  # fmt: skip
        if not text or not any(cells):
            return
        if len(text) > MAX_CELL_CHARACTERS or len(cells) > MAX_COLUMNS or len(self.lines) > MAX_ROWS:
            self._hold_to_bounds(row, cells, len(text))
        if not self.plain and any(odd in text for odd in ODD_MARKS):
            self._unwrap_and_check(row, cells)
        self.lines.append((row, cells))

    def place(self) -> str:
        """The file and the sheet, if any, for the beginning of a message."""
        return self.file if self.sheet is None else f"{self.file}, sheet {self.sheet!r}"

    def _clean(self, row: int, at: int, cell: str) -> str:
        cell = LINE_BREAK.sub("\n", cell)
        if CONTROL.search(cell):
            self.wrong.append((row, at, "", "has bytes that are not text; the file may be damaged: export it again"))
            cell = CONTROL.sub("", cell)
        plain = ODD_SPACE.sub(" ", cell)
        self.cleaned[ODD_SPACES] += plain != cell
        visible = INVISIBLE_CHARACTERS.sub("", plain)
        self.cleaned[INVISIBLE] += visible != plain
        if "\ufffd" in visible:
            message = "letters were lost (�) when the file was written: export it again as UTF-8"
            self.wrong.append((row, at, visible, message))
        return unicodedata.normalize("NFC", visible).strip()

    def _hold_to_bounds(self, row: int, cells: list[str], characters: int) -> None:
        if len(self.lines) > MAX_ROWS:
            raise UnreadableFileError(
                f"{self.place()}: more than {MAX_ROWS:,} rows. Split it, for example by year, and import the parts."
            )
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise UnreadableFileError(
                f"{self.place()}, row {row}: {len(cells):,} columns; at most {MAX_COLUMNS} are read. "
                "Leave out the columns that are not needed."
            )
        if characters > MAX_CELL_CHARACTERS:
            for at, cell in enumerate(cells):
                if len(cell) > MAX_CELL_CHARACTERS:
                    message = f"holds {len(cell):,} characters; a cell may hold {MAX_CELL_CHARACTERS:,}: shorten it"
                    self.wrong.append((row, at, f"{cell[:20]}…", message))
                    cells[at] = ""

    def _unwrap_and_check(self, row: int, cells: list[str]) -> None:
        """Replaces text written as a formula, and finds what a spreadsheet program spoiled."""
        for at, cell in enumerate(cells):
            if match := TEXT_AS_FORMULA.fullmatch(cell):
                self.cleaned[UNWRAPPED] += 1
                cell = cells[at] = match[1].strip()
            if ERROR.fullmatch(cell):
                message = "the formula in this cell failed: correct it, or type the value"
            elif TOO_NARROW.fullmatch(cell):
                message = "the column was too narrow when the file was written: widen it and export again"
            elif SHORTENED_NUMBER.fullmatch(cell):
                message = "a long number was shortened and lost digits: format the column as text and export again"
            else:
                continue
            self.wrong.append((row, at, cell, message))


def format_rows(rows: list[int]) -> str:
    """ "row 4", "rows 4, 7 and 12 more", for a message."""
    shown = ", ".join(map(str, rows[:MAX_ROWS_NAMED]))
    more = len(rows) - MAX_ROWS_NAMED
    return f"row{'s' * (len(rows) > 1)} {shown}{f' and {more:,} more' if more > 0 else ''}"
