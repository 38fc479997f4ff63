"""Finds the header: titles above it, a second header row, missing or repeated names."""

import re
from dataclasses import dataclass
from itertools import pairwise

from data.tabular.grid import CellGrid, format_rows
from data.tabular.table import UnreadableFileError

MAX_HEADER_ROW = 100  # filled lines: titles and filters above a table take ten or so
MIN_WIDTH_SHARE = 0.6  # of the widest line: a header names most columns, a title line fills few

NUMBER = re.compile(r"[-+(]?[€$£]?\s?\d[\d.,\s'/:%-]*\)?")
DECIMAL_OR_DATE = re.compile(r"[-+]?\d+[.,]\d+|\d{4}-\d\d-\d\d.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*")


@dataclass(frozen=True)
class Header:
    """names: one for each column, "" where the file has none; body: index of the line where the records begin."""

    names: tuple[str, ...]
    body: int
    notices: tuple[str, ...]


def find_header(grid: CellGrid) -> Header:
    """The column names of a sheet. Raises UnreadableFileError if it has no header row."""
    at = _header_line(grid)
    row, cells = grid.lines[at]
    notices = []
    body = at + 1
    if _second_header_row_below(grid, at):
        names = _join_header_rows(_fill_right(grid, at), _without_blanks(grid.lines[body][1]))
        notices.append(f"Rows {row} and {grid.lines[body][0]} were combined into the header.")
        body += 1
    elif _groups_above(grid, at):
        at -= 1
        names = _join_header_rows(_fill_right(grid, at), _without_blanks(cells))
        notices.append(f"Rows {grid.lines[at][0]} and {row} were combined into the header.")
    else:
        names = _without_blanks(cells)
    if at:
        titles = format_rows([number for number, _ in grid.lines[:at]])
        notices.append(f"The header is in row {grid.lines[at][0]}; titles above it were skipped: {titles}.")
    return Header(tuple(names), body, tuple(notices))


def _header_line(grid: CellGrid) -> int:
    """The first row that is nearly as wide as the widest. Its cells must be names."""
    counts = [_count_filled(cells) for _, cells in grid.lines[:MAX_HEADER_ROW]]
    least = MIN_WIDTH_SHARE * max(counts)
    at = next(at for at, count in enumerate(counts) if count >= least)
    row, cells = grid.lines[at]
    values = [cell for cell in cells if NUMBER.fullmatch(cell)]
    if any(map(DECIMAL_OR_DATE.fullmatch, cells)) or (
        2 * len(values) > _count_filled(cells) and not _is_numbered(cells)
    ):
        raise UnreadableFileError(
            f"{grid.place()}, row {row}: column names were expected here, but the row contains values. "
            "Add a header row above it."
        )
    return at


def _is_numbered(cells: list[str]) -> bool:
    """A name and then increasing whole numbers: a column per week or visit."""
    name, *numbers = (cell for cell in cells if cell)
    return not NUMBER.fullmatch(name) and all(
        number.isdecimal() and before.isdecimal() and int(before) < int(number) for before, number in pairwise(numbers)
    )


def _second_header_row_below(grid: CellGrid, at: int) -> bool:
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


def _groups_above(grid: CellGrid, at: int) -> bool:
    """Whether the row above names groups of columns, needed because the header repeats names."""
    if not at or grid.lines[at - 1][0] != grid.lines[at][0] - 1:
        return False
    names = [name.casefold() for name in grid.lines[at][1] if name]
    return len(set(names)) < len(names) and _count_filled(grid.lines[at - 1][1]) > 1


def _fill_right(grid: CellGrid, at: int) -> list[str]:
    """Group names for all their columns: as far as the merged cell, else up to the next name."""
    row, cells = grid.lines[at]
    width = max(len(cells) for _, cells in grid.lines[at : at + MAX_HEADER_ROW])
    names = _without_blanks(cells) + [""] * (width - len(cells))
    spans = {first: last for top, _, first, last in grid.merged if top == row}
    for column, name in enumerate(names[:]):
        if name and spans:
            for other in range(column + 1, min(spans.get(column, column), width - 1) + 1):
                names[other] = name
        elif not name and not spans and column:
            names[column] = names[column - 1]
    return names


def _join_header_rows(above: list[str], below: list[str]) -> list[str]:
    below = below + [""] * (len(above) - len(below))
    own = above[: len(below)] + [""] * (len(below) - len(above))
    names = []
    for column, (upper, lower) in enumerate(zip(own, below, strict=True)):
        inherited = column and own[column - 1] == upper and not lower
        names.append("" if inherited else f"{upper} {lower}".strip())
    return names


def _without_blanks(cells: list[str]) -> list[str]:
    return [" ".join(cell.split()) for cell in cells]


def _count_filled(cells: list[str]) -> int:
    return sum(map(bool, cells))
