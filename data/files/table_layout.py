"""A grid to a table: applies the header, reports ragged rows, and skips totals, notes and blank rows."""

import re
from bisect import bisect_left
from itertools import count

from data.files.combined_columns import SEPARATOR, split_combined_columns
from data.files.group_headings import take_out_headings
from data.files.header_row import find_header
from data.files.missing_years import YEAR, complete_years
from data.tabular.grid import INVISIBLE, ODD_SPACES, UNWRAPPED, CellGrid, format_rows
from data.tabular.table import Fault, Table, UnreadableFileError

# How a total row at the end of a table begins.
TOTAL = re.compile(
    r"(?:(?:grand|sub|report|overall|column)[- ]?)?totals?(?: \w+){0,2} ?:?(?: ?[\d.,]+)?"
    r"|(?:sum|average|mean|count) ?:?"
    r"|\d+ (?:rows|records|results|entries|items|lines)\b.{0,20}|\W*end of (?:report|file|list)\W*",
    re.I,
)
LONG_ROW_MESSAGE = (
    "has {cells} cells where the header has {width}: probably a separator inside a text without quotation marks. "
    "The row was not read; correct it"
)
BROKEN_ROW_MESSAGE = (
    "has {cells} cells where the header has {width}, and makes a complete row with its neighbor: probably a line break "
    "inside a text without quotation marks. The row was not read; correct it"
)
MIN_HEADER_REPEATED = 3  # names; one or two equal cells may be a record

Lines = list[tuple[int, list[str]]]  # row number and cells


def lay_out_table(grid: CellGrid) -> Table:
    """The table of a sheet with at least one filled row. Raises UnreadableFileError if it has no header row."""
    names, body = find_header(grid)
    header_row, header = grid.lines[body - 1]
    lines = grid.lines[body:]
    if grid.merged:
        _fill_merged(grid, lines)
    lines = _drop_totals(grid, lines, len(names))
    if lines and (blank := lines[-1][0] - header_row - len(lines)) > 0:
        grid.notices.append(f"Blank rows skipped: {blank:,}.")
    repeated = [row for row, cells in lines if cells == header]
    if repeated and sum(map(bool, header)) >= MIN_HEADER_REPEATED:
        grid.notices.append(f"Repeated header rows, skipped: {format_rows(repeated)}.")
        lines = [(row, cells) for row, cells in lines if cells != header]
    if any(sum(map(bool, cells)) == 1 for _, cells in lines):
        names, lines = take_out_headings(grid, names, lines)
    if any(SEPARATOR in name for name in names):
        names, lines = split_combined_columns(grid, names, lines)
    if "Month" in names or (grid.sheet and YEAR.search(grid.sheet)):
        lines = complete_years(grid, names, lines)
    faults: list[Fault] = []
    width = len(names)
    if grid.sheet is not None:
        width = max([width, *(len(cells) for _, cells in lines)])
    elif any(len(cells) != width for _, cells in lines):
        lines, faults = _take_out_ragged_rows(grid, lines, width)
    square = [cells if len(cells) == width else cells[:width] + [""] * (width - len(cells)) for _, cells in lines]
    columns = _name_columns(grid, names + [""] * (width - len(names)), square)
    cleaned = (ODD_SPACES, UNWRAPPED, INVISIBLE)
    grid.notices += [f"{notice}: {grid.cleaned[notice]:,}." for notice in cleaned if grid.cleaned[notice]]
    if grid.wrong:
        read, filled = {row for row, _ in lines}, {row for row, _ in grid.lines}
        faults += [
            Fault(row, columns[at], value, message)
            for row, at, value, message in grid.wrong
            if row in read and at in columns
        ]
        empty = {row: message for row, _, _, message in grid.wrong if row not in filled and row > header_row}
        faults += [Fault(row, None, "", f"contains only unreadable cells: {text}") for row, text in empty.items()]
    return Table(
        file=grid.file,
        sheet=grid.sheet,
        columns=tuple(columns.values()),
        rows=tuple([tuple(cells if len(columns) == width else [cells[at] for at in columns]) for cells in square]),
        row_numbers=tuple([row for row, _ in lines]),
        notices=tuple(grid.notices),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        epoch=grid.epoch,
    )


def _name_columns(grid: CellGrid, names: list[str], rows: list[list[str]]) -> dict[int, str]:
    """The index of each column that is kept, and its unique name."""
    columns: dict[int, str] = {}
    taken: set[str] = set()
    for at, name in enumerate(names):
        if not name:
            letters = column_letters(at)
            if not any(cells[at] for cells in rows):
                grid.notices.append(f"Column {letters} is empty, without a name, and was left out.")
                continue
            name = f"column {letters}"
            grid.notices.append(f"Column {letters} has no name in the header; it is called {name!r} here.")
        if name.casefold() in taken:
            again = next(f"{name} ({n})" for n in count(2) if f"{name} ({n})".casefold() not in taken)
            grid.notices.append(
                f"The header has {name!r} more than once; in column {column_letters(at)} it is {again!r} here."
            )
            name = again
        taken.add(name.casefold())
        columns[at] = name
    return columns


def _take_out_ragged_rows(grid: CellGrid, lines: Lines, width: int) -> tuple[Lines, list[Fault]]:
    """The rows of a text file that are no wider than the header. Rows that would need guessing become faults."""
    lengths = [len(cells) if any(cells[width:]) else min(len(cells), width) for _, cells in lines]
    if len(lines) > 1 and min(lengths) > width and len(set(lengths)) == 1:
        raise UnreadableFileError(
            f"{grid.file}: every row has {lengths[0]} cells but the header names {width} columns. Add the missing name "
            "to the header, or export the file again as .xlsx."
        )
    broken = _find_broken_rows(lines, lengths, width)
    faults, good, filled_up = [], [], []
    for at, (row, cells) in enumerate(lines):
        if lengths[at] > width or at in broken:
            message = LONG_ROW_MESSAGE if lengths[at] > width else BROKEN_ROW_MESSAGE
            faults.append(Fault(row, None, "", message.format(cells=lengths[at], width=width)))
            continue
        good.append((row, cells))
        if lengths[at] < width:
            filled_up.append(row)
    if filled_up:
        grid.notices.append(f"Fewer cells than the header's {width}, the rest read as blank: {format_rows(filled_up)}.")
    return good, faults


def _find_broken_rows(lines: Lines, lengths: list[int], width: int) -> set[int]:
    """Indexes of adjacent short rows that together make one complete row: a record broken by line breaks."""
    broken: set[int] = set()
    at = 0
    while at < len(lines):
        end, cells = at, 0
        while end < len(lines) and lengths[end] < width and cells < width:
            cells += lengths[end] - (end > at)  # the broken cell counts in both
            end += 1
        if end - at > 1 and cells == width:
            broken.update(range(at, end))
            at = end
        else:
            at += 1
    return broken


def _drop_totals(grid: CellGrid, lines: Lines, width: int) -> Lines:
    """Drop totals at the end, and notes: rows of one cell below a blank row."""
    end = len(lines)
    totals, notes = [], []
    while end:
        row, cells = lines[end - 1]
        filled = [cell for cell in cells if cell]
        if len(filled) < max(width, 2) and TOTAL.fullmatch(filled[0]):
            totals.append(row)
            end -= 1
            continue
        if len(filled) > 1:
            break
        start = end - 1
        while start and lines[start - 1][0] == lines[start][0] - 1:
            start -= 1
        if width < 3 or not start or any(sum(map(bool, cells)) > 1 for _, cells in lines[start:end]):
            break
        notes += [row for row, _ in lines[start:end]]
        end = start
    if totals:
        grid.notices.append(f"Totals at the end, not read as records: {format_rows(sorted(totals))}.")
    if notes:
        grid.notices.append(f"Notes below the table, not read as records: {format_rows(sorted(notes))}.")
    return lines[:end]


def _fill_merged(grid: CellGrid, lines: Lines) -> None:
    """Copy a merged cell to every row it covers; across columns it stays in the left one, with a notice."""
    numbers = [row for row, _ in lines]
    down, across = [], []
    covered: dict[int, int] = {}  # column -> last row; overlapping merged cells are ignored
    for first_row, last_row, first, last in sorted(grid.merged):
        if not numbers or first_row < numbers[0] or first_row <= covered.get(first, 0):
            continue
        covered[first] = last_row
        if last > first:
            across.append(first_row)
        begin, end = bisect_left(numbers, first_row), bisect_left(numbers, last_row + 1)
        if end - begin < 2 or numbers[begin] != first_row or len(lines[begin][1]) <= first:
            continue
        value = lines[begin][1][first]
        for _, cells in lines[begin + 1 : end]:
            cells.extend([""] * (first + 1 - len(cells)))
            cells[first] = cells[first] or value
        down.append(first_row)
    if down:
        grid.notices.append(f"Merged cells, read as the value of every row they cover: from {format_rows(down)} down.")
    if across:
        grid.notices.append(f"Merged cells across columns, read in the left one only: {format_rows(across)}.")


def column_letters(column: int) -> str:
    """The letters of a column in a spreadsheet: 0 is A, 26 is AA."""
    before, last = divmod(column, 26)
    return (column_letters(before - 1) if before else "") + chr(ord("A") + last)
