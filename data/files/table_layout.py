"""A grid to a table: applies the header, reports ragged rows, and skips totals, notes and blank rows."""

import re
from bisect import bisect_left
from itertools import count

from data.files.header_row import find_header
from data.tabular.grid import CellGrid, format_rows
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


def lay_out_table(grid: CellGrid) -> Table:
    """The table of a sheet with at least one filled row. Raises UnreadableFileError if it has no header row."""
    header = find_header(grid)
    notices = [*grid.notices, *header.notices]
    first_row = grid.lines[header.body - 1][0]
    lines = grid.lines[header.body :]

    _fill_merged(grid, lines, notices)
    lines = _drop_totals(lines, len(header.names), notices)
    _notice_blanks(lines, first_row, notices)
    lines = _drop_repeated_headers(lines, grid.lines[header.body - 1][1], notices)
    if grid.sheet is None:
        lines, width, faults = _square_rows(grid, lines, len(header.names), notices)
    else:
        width, faults = max([len(header.names), *(len(cells) for _, cells in lines)]), []
    kept, columns = _keep_columns(header.names, lines, width, notices)

    _notice_invisible(grid, notices)
    faults += _faults(grid, lines, dict(zip(kept, columns, strict=True)), first_row)
    return Table(
        file=grid.file,
        sheet=grid.sheet,
        columns=tuple(columns),
        rows=_rows(lines, kept, width),
        row_numbers=tuple([row for row, _ in lines]),
        notices=tuple(notices),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        epoch=grid.epoch,
    )


def _faults(grid: CellGrid, lines, names: dict[int, str], header_row: int) -> list[Fault]:
    """Faults of cells in rows that were read, and of rows without any readable cell."""
    if not grid.wrong:
        return []
    filled, read = {row for row, _ in grid.lines}, {row for row, _ in lines}
    cells = [
        Fault(row, names[at], value, message) for row, at, value, message in grid.wrong if row in read and at in names
    ]
    rows = {row: message for row, _, _, message in grid.wrong if row not in filled and row > header_row}
    return cells + [Fault(row, None, "", f"contains only unreadable cells: {message}") for row, message in rows.items()]


def column_letters(column: int) -> str:
    """The letters of a column in a spreadsheet: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _keep_columns(names: tuple[str, ...], lines, width: int, notices: list[str]) -> tuple[list[int], list[str]]:
    """Indexes and unique names of the columns that are kept."""
    names = names[:width] + ("",) * (width - len(names))
    nameless = [at for at, name in enumerate(names) if not name]
    used = {at for at in nameless if any(at < len(cells) and cells[at] for _, cells in lines)}
    kept, columns, taken = [], [], set()
    for at, given in enumerate(names):
        if not given and at not in used:
            notices.append(f"Column {column_letters(at)} is empty, without a name, and was left out.")
            continue
        name = given or f"column {column_letters(at)}"
        if not given:
            notices.append(f"Column {column_letters(at)} has no name in the header; it is called {name!r} here.")
        if name.casefold() in taken:
            again = next(f"{name} ({n})" for n in count(2) if f"{name} ({n})".casefold() not in taken)
            notices.append(
                f"The header has {name!r} more than once; in column {column_letters(at)} it is {again!r} here."
            )
            name = again
        taken.add(name.casefold())
        kept.append(at)
        columns.append(name)
    return kept, columns


def _rows(lines, kept: list[int], width: int) -> tuple[tuple[str, ...], ...]:
    if kept == list(range(width)):
        if all(len(cells) == width for _, cells in lines):
            return tuple([tuple(cells) for _, cells in lines])
        return tuple(tuple(cells[:width]) + ("",) * (width - len(cells)) for _, cells in lines)
    return tuple(tuple(cells[at] if at < len(cells) else "" for at in kept) for _, cells in lines)


def _square_rows(grid: CellGrid, lines, width: int, notices: list[str]):
    """Rows of a text file as wide as the header; rows that would need guessing become faults."""
    if all(len(cells) == width for _, cells in lines):
        return lines, width, []
    lengths = [len(cells) if any(cells[width:]) else min(len(cells), width) for _, cells in lines]
    if len(lines) > 1 and min(lengths) > width and len(set(lengths)) == 1:
        raise UnreadableFileError(
            f"{grid.file}: every row has {lengths[0]} cells but the header names {width} columns. Add the missing name "
            "to the header, or export the file again as .xlsx."
        )
    broken = _find_broken_rows(lines, lengths, width)
    faults, good, filled_up = [], [], []
    for at, (row, cells) in enumerate(lines):
        if lengths[at] > width:
            faults.append(Fault(row, None, "", LONG_ROW_MESSAGE.format(cells=lengths[at], width=width)))
        elif at in broken:
            faults.append(Fault(row, None, "", BROKEN_ROW_MESSAGE.format(cells=lengths[at], width=width)))
        else:
            good.append((row, cells))
            if lengths[at] < width:
                filled_up.append(row)
    if filled_up:
        notices.append(f"Fewer cells than the header's {width}, the rest read as blank: {format_rows(filled_up)}.")
    return good, width, faults


def _find_broken_rows(lines, lengths: list[int], width: int) -> set[int]:
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


def _drop_totals(lines, width: int, notices: list[str]):
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
        notices.append(f"Totals at the end, not read as records: {format_rows(sorted(totals))}.")
    if notes:
        notices.append(f"Notes below the table, not read as records: {format_rows(sorted(notes))}.")
    return lines[:end]


def _drop_repeated_headers(lines, header: list[str], notices: list[str]):
    repeated = [row for row, cells in lines if cells == header]
    if not repeated or sum(map(bool, header)) < MIN_HEADER_REPEATED:
        return lines
    notices.append(f"Repeated header rows, skipped: {format_rows(repeated)}.")
    return [(row, cells) for row, cells in lines if cells != header]


def _fill_merged(grid: CellGrid, lines, notices: list[str]) -> None:
    """Copy a merged cell to every row it covers; across columns it stays in the left one, with a notice."""
    if not grid.merged:
        return
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
        notices.append(f"Merged cells, read as the value of every row they cover: from {format_rows(down)} down.")
    if across:
        notices.append(f"Merged cells across columns, read in the left one only: {format_rows(across)}.")


def _notice_blanks(lines, header_row: int, notices: list[str]) -> None:
    if lines:
        blank = lines[-1][0] - header_row - len(lines)
        if blank > 0:
            notices.append(f"Blank rows skipped: {blank:,}.")


def _notice_invisible(grid: CellGrid, notices: list[str]) -> None:
    if grid.odd_spaces:
        notices.append(f"Cells with no-break or other special spaces, read as plain spaces: {grid.odd_spaces:,}.")
    if grid.unwrapped:
        notices.append(f'Cells written as a formula, ="text", read as the text: {grid.unwrapped:,}.')
    if grid.invisible:
        notices.append(f"Cells with invisible characters, which were removed: {grid.invisible:,}.")
