"""A file, whatever its program, to tables of text: every cell as a person sees its value, nothing shifted or guessed."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import python_calamine

MISSING = frozenset({"", "-", "--", "—", "–", ".", "?", "n/a", "na", "#n/a", "nan", "null", "none", "nil", "unknown",
                     "unk", "not known", "not available", "missing"})  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One sheet (or the one table of a text file): text cells, and the row each line has in the spreadsheet program."""

    file: str
    sheet: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    notices: tuple[str, ...]


class Unreadable(Exception):
    """The file can't be read at all; the message says what, where, what was expected and what to do."""


def is_missing(text: str) -> bool:
    """Does the cell say that there is no value?"""
    return text.strip().casefold() in MISSING


def read_tables(path: str | Path) -> tuple[Table, ...]:
    """Every table of a CSV, TSV, XLSX, XLS, XLSB or ODS file. Raises Unreadable."""
    path = Path(path)
    if not path.is_file():
        raise Unreadable(f"{path.name}: no such file. Choose the file again.")
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}:
        return _workbook(path)
    return _text(path)


def _text(path: Path) -> tuple[Table, ...]:
    content = path.read_bytes().decode("utf-8-sig", errors="replace")
    if not content.strip():
        raise Unreadable(f"{path.name}: the file is empty. Export it again, with its header row.")
    head = content.splitlines()[0]
    separator = max(",;\t|", key=head.count)
    reader = csv.reader(content.splitlines(keepends=True), delimiter=separator)
    lines, start = [], 1
    for cells in reader:
        lines.append((start, cells))
        start = reader.line_num + 1
    return (_table(path.name, None, lines),)


def _workbook(path: Path) -> tuple[Table, ...]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        tables = []
        for sheet in workbook.sheets_metadata:
            if sheet.visible is python_calamine.SheetVisibleEnum.Visible:
                cells = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                lines = [(number, [_as_seen(cell) for cell in row]) for number, row in enumerate(cells, start=1)]
                if any(any(row) for _, row in lines):
                    tables.append(_table(path.name, sheet.name, lines))
    except python_calamine.CalamineError as error:
        raise Unreadable(f"{path.name}: the workbook can't be read ({error}). Save it again as .xlsx.") from error
    return tuple(tables)


def _table(file: str, sheet: str | None, lines: list[tuple[int, list[str]]]) -> Table:
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in lines if any(c.strip() for c in cells)]
    (_, columns), *body = filled
    width = len(columns)
    rows = tuple(tuple((cells + [""] * width)[:width]) for _, cells in body)
    return Table(file, sheet, tuple(columns), rows, tuple(number for number, _ in body), ())


def _as_seen(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
