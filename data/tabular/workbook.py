"""XLSX, XLSB, XLS and ODS to grids: values from calamine, errors and number formats from the cell marks."""

import io
import math
import struct
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from data.tabular import ods, xls, xlsb, xlsx
from data.tabular.cell_marks import NEVER_COMPUTED, CellMarks, MarksOf, format_number, require_within_bounds
from data.tabular.grid import CellGrid
from data.tabular.table import DAMAGED_MESSAGE, PASSWORD_MESSAGE, UnreadableFileError
from data.tabular.zip_container import repack, unpack

SIGNIFICANT_DIGITS = 15  # that spreadsheet programs keep (ECMA-376 part 1, 18.17.5.2)
FIRST_IMPRECISE_INTEGER = 10**SIGNIFICANT_DIGITS
PLAIN_EXPONENTS = range(-15, 22)  # other numbers are written with an exponent


def read_grids(file: str, content: bytes, kind: str, hidden_sheets: bool) -> list[CellGrid]:
    """The filled worksheets, in order. Raises UnreadableFileError."""
    try:
        if kind == "xls":
            epoch, marks_of = xls.open_marks(file, content)
            source = io.BytesIO(content)
        else:
            parts = unpack(file, content)
            epoch, marks_of = {"xlsx": xlsx, "xlsb": xlsb, "ods": ods}[kind].open_marks(file, parts)
            source = repack(parts)
        with CalamineWorkbook.from_filelike(source) as workbook:
            return _read_sheets(file, workbook, epoch, marks_of, hidden_sheets)
    except PasswordError as error:
        raise UnreadableFileError(f"{file}: {PASSWORD_MESSAGE}") from error
    except (CalamineError, ElementTree.ParseError, KeyError, OSError, ValueError, struct.error) as error:
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error


def _read_sheets(
    file: str, workbook: CalamineWorkbook, epoch: int, marks_of: MarksOf, hidden_sheets: bool
) -> list[CellGrid]:
    grids, hidden = [], []
    for number, about in enumerate(workbook.sheets_metadata):
        if about.typ not in (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet):
            continue
        if about.visible != SheetVisibleEnum.Visible and not hidden_sheets:
            hidden.append(repr(about.name))
            continue
        grid = CellGrid(file, about.name, epoch)
        marks = marks_of(grid.place(), number, about.name)
        _fill(grid, workbook.get_sheet_by_name(about.name), marks)
        if grid.lines:
            grids.append(grid)
    if hidden:
        grids.append(CellGrid(file, notices=[f"Hidden sheets were not read: {', '.join(hidden)}."]))
    return grids


def _fill(grid: CellGrid, sheet: CalamineSheet, marks: CellMarks) -> None:
    if sheet.start is None:
        return
    require_within_bounds(grid.place(), *sheet.end)
    lead = [""] * sheet.start[1]
    marked = {row for row, _ in (*marks.errors, *marks.uncomputed, *marks.formats)}
    for row, values in enumerate(sheet.iter_rows()):  # from the first row of the sheet, but the first used column
        cells = lead + [value if type(value) is str else _format_value(value) for value in values]
        if row in marked:
            _apply(marks, row, cells)
        grid.add(row + 1, cells)
    grid.wrong += [(row + 1, column, "", NEVER_COMPUTED) for row, column in sorted(marks.uncomputed)]
    try:
        merged = [(top, bottom, left, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    except CalamineError:  # calamine can't read them for this format; the marks have them
        merged = []
    grid.merged = [(top + 1, bottom + 1, left, right) for top, bottom, left, right in merged or marks.merged]
    if marks.hidden_rows:
        grid.notices.append(f"Hidden or filtered rows, read like the others: {marks.hidden_rows:,}.")
    if marks.hidden_columns:
        grid.notices.append(f"Hidden columns, read like the others: {marks.hidden_columns:,}.")
    if marks.unplaced_errors:
        grid.notices.append(f"Cells with errors or never computed, read as blank: {marks.unplaced_errors:,}.")


def _apply(marks: CellMarks, row: int, cells: list[str]) -> None:
    for column, cell in enumerate(cells):
        if (row, column) in marks.errors:
            cells[column] = marks.errors[row, column]
        elif cell and (row, column) in marks.formats:
            cells[column] = format_number(cell, marks.formats[row, column])


def _format_value(value: object) -> str:
    """A value as text: whole numbers without .0, dates as yyyy-mm-dd, times to the second."""
    if type(value) is float:
        return _number(value)
    if type(value) is bool:
        return "TRUE" if value else "FALSE"
    if type(value) is datetime:
        moment = value + timedelta(microseconds=500_000) if value < datetime.max - timedelta(days=1) else value
        return moment.isoformat(sep=" ", timespec="seconds" if moment.second else "minutes").removesuffix(" 00:00")
    if type(value) is date:
        return value.isoformat()
    if type(value) is time:
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if type(value) is timedelta:
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < FIRST_IMPRECISE_INTEGER:
        return str(int(value))
    text = f"{value:.{SIGNIFICANT_DIGITS}g}"
    if "e" in text and math.isfinite(value) and Decimal(text).adjusted() in PLAIN_EXPONENTS:
        return f"{Decimal(text):f}"
    return text
