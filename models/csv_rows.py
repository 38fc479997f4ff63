"""Reads a CSV file into frozen dataclasses: the dataclass is the schema, and the first row that breaks it is named."""

import csv
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Literal, TypeVar, get_args, get_origin, get_type_hints

CODE = re.compile(r"[a-z][a-z0-9_]*")

Row = TypeVar("Row")


class RowError(ValueError):
    """A shipped CSV file breaks a rule; the message names file, row (as a spreadsheet shows it) and column."""


def read_csv_rows(path: Path, kind: type[Row]) -> list[Row]:
    """The rows of a CSV file whose columns are the fields of `kind`, in file order.

    A field is text, `int`, `float`, `bool` (yes/no), a `Literal`, or `tuple[str, ...]` (parts between semicolons);
    `| None` allows an empty cell. Columns that `kind` has no field for are left alone. Raises RowError.
    """
    columns = get_type_hints(kind)
    columns = {part.name: columns[part.name] for part in fields(kind)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        for column in columns:
            if column not in header:
                raise RowError(f"{cell_location(path, 1, column)}: the column is missing")
        return [kind(**_parse_row(path, number, header, cells, columns)) for number, cells in enumerate(lines, start=2)]


def read_coded_csv_rows(path: Path, kind: type[Row]) -> list[Row]:
    """As `read`, for rows with a `code`: lower case with underscores, each there once."""
    rows = read_csv_rows(path, kind)
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if not CODE.fullmatch(row.code):
            raise RowError(
                f"{cell_location(path, number, 'code')}: {row.code!r}; lower case, digits and underscores expected"
            )
        if row.code in seen:
            raise RowError(f"{cell_location(path, number, 'code')}: {row.code!r} is already in row {seen[row.code]}")
        seen[row.code] = number
    return rows


def cell_location(path: Path, number: int, column: str) -> str:
    """A place in a file, as every message here names it."""
    return f"{path.name}, row {number}, column {column}"


def _parse_row(path: Path, number: int, header: list[str], cells: list[str], columns: Mapping[str, object]) -> dict:
    if len(cells) != len(header):
        raise RowError(f"{path.name}, row {number}: {len(cells)} cells; {len(header)} expected")
    given = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    return {
        column: _parse_cell(given[column], meant, cell_location(path, number, column))
        for column, meant in columns.items()
    }


def _parse_cell(cell: str, meant: object, place: str) -> object:
    if NoneType in get_args(meant):
        if not cell:
            return None
        meant = next(part for part in get_args(meant) if part is not NoneType)
    if get_origin(meant) is tuple:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if not cell:
        raise RowError(f"{place}: empty; a value expected")
    if get_origin(meant) is Literal:
        return _require_one_of(cell, get_args(meant), place)
    if meant is bool:
        return _require_one_of(cell, ("yes", "no"), place) == "yes"
    try:
        return meant(cell)
    except ValueError as error:
        raise RowError(f"{place}: {cell!r}; a number expected") from error


def _require_one_of(cell: str, allowed: tuple[str, ...], place: str) -> str:
    if cell not in allowed:
        raise RowError(f"{place}: {cell!r}; {' or '.join(allowed)} expected")
    return cell
