"""Finds the header: titles above it, a second header row, missing or repeated names."""

import re
from itertools import pairwise, zip_longest

from data.tabular.grid import CellGrid, format_rows
from data.tabular.table import UnreadableFileError

MAX_HEADER_ROW = 100  # filled lines: titles and filters above a table take ten or so
MIN_WIDTH_SHARE = 0.6  # of the widest line: a header names most columns, a title line fills few

NUMBER = re.compile(r"[-+(]?[€$£]?\s?\d[\d.,\s'/:%-]*\)?")
DECIMAL_OR_DATE = re.compile(r"[-+]?\d+[.,]\d+|\d{4}-\d\d-\d\d.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*")


def find_header(grid: CellGrid) -> tuple[list[str], int]:
    """The column names, "" where the file has none, and the index of the line where the records begin.

    The grid gets the notices about it. Raises UnreadableFileError if the sheet has no header row.
    """
    # The header is the first row that is nearly as wide as the widest. Its cells must be names.
    counts = [sum(map(bool, cells)) for _, cells in grid.lines[:MAX_HEADER_ROW]]
    least = MIN_WIDTH_SHARE * max(counts)
    first = last = next(at for at, count in enumerate(counts) if count >= least)
    row, cells = grid.lines[first]
    values = [cell for cell in cells if NUMBER.fullmatch(cell)]
    if any(map(DECIMAL_OR_DATE.fullmatch, cells)) or (2 * len(values) > counts[first] and not _is_numbered(cells)):
        raise UnreadableFileError(
            f"{grid.place()}, row {row}: column names were expected here, but the row contains values. "
            "Add a header row above it."
        )
    own_names = [cell.casefold() for cell in cells if cell]
    if _continues_below(grid, first):
        last += 1
    elif first and len(set(own_names)) < len(own_names):
        row_above, cells_above = grid.lines[first - 1]  # may name the groups of columns whose names repeat
        first -= row_above == row - 1 and sum(map(bool, cells_above)) > 1
    names = [" ".join(cell.split()) for cell in grid.lines[last][1]]
    if first < last:
        pairs = list(zip_longest(_fill_right(grid, first), names, fillvalue=""))
        names = [
            "" if column and not lower and pairs[column - 1][0] == upper else f"{upper} {lower}".strip()
            for column, (upper, lower) in enumerate(pairs)
        ]
        grid.notices.append(f"Rows {grid.lines[first][0]} and {grid.lines[last][0]} were combined into the header.")
    if first:
        titles = format_rows([number for number, _ in grid.lines[:first]])
        grid.notices.append(f"The header is in row {grid.lines[first][0]}; titles above it were skipped: {titles}.")
    return names, last + 1


def _is_numbered(cells: list[str]) -> bool:
    """A name and then increasing whole numbers: a column per week or visit."""
    name, *numbers = (cell for cell in cells if cell)
    return not NUMBER.fullmatch(name) and all(
        number.isdecimal() and before.isdecimal() and int(before) < int(number) for before, number in pairwise(numbers)
    )


def _continues_below(grid: CellGrid, at: int) -> bool:
    """Whether the next row continues the header: names only, some in gaps of the header, with values below them."""
    if at + 2 >= len(grid.lines):
        return False
    (row, above), (row_below, below), *records = grid.lines[at : at + 2 + MAX_HEADER_ROW]
    if row_below != row + 1 or any(NUMBER.fullmatch(cell) or DECIMAL_OR_DATE.fullmatch(cell) for cell in below):
        return False
    fills_gaps = any(name and not (above[column : column + 1] or [""])[0] for column, name in enumerate(below))
    values_beneath = any(
        name and any(NUMBER.fullmatch(cell) for _, cells in records for cell in cells[column : column + 1])
        for column, name in enumerate(below)
    )
    return fills_gaps and values_beneath


def _fill_right(grid: CellGrid, at: int) -> list[str]:
    """Group names for all their columns: as far as the merged cell, else up to the next name."""
    row, cells = grid.lines[at]
    width = max(len(cells) for _, cells in grid.lines[at : at + MAX_HEADER_ROW])
    names = [" ".join(cell.split()) for cell in cells] + [""] * (width - len(cells))
    spans = {first: last for top, _, first, last in grid.merged if top == row}
    for column, name in enumerate(names[:]):
        if name and spans:
            for other in range(column + 1, min(spans.get(column, column), width - 1) + 1):
                names[other] = name
        elif not name and not spans and column:
            names[column] = names[column - 1]
    return names
