"""What a workbook says about its cells apart from their values: errors, uncomputed formulas, number formats."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from data.tabular.table import MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED_BYTES, UnreadableFileError

Cell = tuple[int, int]  # row and column, counted from 0

NEVER_COMPUTED = "the formula in this cell was never computed: open the file in a spreadsheet program and save it"

ROWS_ABOVE_A_TABLE = 100

ZEROS_FORMAT = re.compile(r"0{2,}")  # a number format that shows leading zeros: 00042
PERCENT_FORMAT = re.compile(r'[^"\\]*%[^"\\]*')
BUILT_IN_PERCENT = {9: "0%", 10: "0.00%"}  # ECMA-376 part 1, 18.8.30; [MS-XLS] 2.4.126

# [MS-XLS] 2.5.10 BErr and [MS-XLSB] 2.5.97.2: the same codes.
ERROR_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
               0x2A: "#N/A", 0x2B: "#GETTING_DATA"}  # fmt: skip


@dataclass
class CellMarks:
    """errors: what the cell shows; uncomputed: formulas without a value; formats: number formats that show more than a
    number; merged: (first row, last row, first column, last column), from 0, inclusive; hidden_rows, hidden_columns:
    how many are hidden or filtered out; unplaced_errors: errors and uncomputed formulas without a position."""

    errors: dict[Cell, str] = field(default_factory=dict)
    uncomputed: set[Cell] = field(default_factory=set)
    formats: dict[Cell, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0
    unplaced_errors: int = 0


# What every workbook format opens: the marks of a sheet, by its place in messages, its number and its name.
MarksOf = Callable[[str, int, str], CellMarks]


def formats_that_show_more(styles: list[str]) -> dict[int, str]:
    """Number of a cell style -> its number format, for formats that show something that the bare number lacks."""
    shown = (ZEROS_FORMAT, PERCENT_FORMAT)
    return {number: form for number, form in enumerate(styles) if any(show.fullmatch(form) for show in shown)}


def format_number(text: str, number_format: str) -> str:
    """A number as its format shows it: with leading zeros or as a percentage."""
    if ZEROS_FORMAT.fullmatch(number_format):
        return text.zfill(len(number_format)) if text.isdigit() else text
    return f"{float(text) * 100:.12g}%" if re.fullmatch(r"-?[\d.]+", text) else text


def require_text_within_bounds(place: str, characters: int) -> None:
    """Refuses cells that repeat long texts until they would fill the memory."""
    if characters > MAX_UNPACKED_BYTES:
        raise UnreadableFileError(
            f"{place}: the texts of all cells together have {characters / 1024**2:,.0f} MB; at most "
            f"{MAX_UNPACKED_BYTES // 1024**2} MB are read. Leave out the column of long texts."
        )


def require_within_bounds(place: str, row: int, column: int) -> None:
    """Refuses a value far out on the sheet before the sheet is laid out in memory. Row and column from 0."""
    if row > MAX_ROWS + ROWS_ABOVE_A_TABLE or column >= MAX_COLUMNS:
        raise UnreadableFileError(
            f"{place}: there is a value in row {row + 1:,}, column {column + 1:,}; at most {MAX_ROWS:,} rows and "
            f"{MAX_COLUMNS} columns are read. Delete what is far below or to the right of the table."
        )
