"""Read a CSV file into frozen dataclasses: the dataclass is the schema, and an error names the first bad cell."""

import csv
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, Protocol, TypeVar, get_args, get_origin, get_type_hints

CODE = re.compile(r"[a-z][a-z0-9_]*")


class Coded(Protocol):
    """A row with a code of its own."""

    @property
    def code(self) -> str: ...


Row = TypeVar("Row")
CodedRow = TypeVar("CodedRow", bound=Coded)


class RowError(ValueError):
    """A shipped CSV file breaks a rule. The message names file, row (as a spreadsheet shows it) and column."""


def read_csv_rows(path: Path, kind: type[Row]) -> list[Row]:
    """The rows of a CSV file whose columns are the fields of `kind`, in file order.

    A field is text, `int`, `float`, `bool` (yes/no), a `Literal`, or `tuple[str, ...]` (parts between semicolons);
    `| None` allows an empty cell. Columns without a field are ignored. Raises RowError.
    """
    hints = get_type_hints(kind)
    columns = {part.name: hints[part.name] for part in fields(kind)}  # type: ignore[arg-type]  # kind is a dataclass
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        for column in columns:
            if column not in header:
                raise RowError(f"{cell_location(path, 1, column)}: the column is missing")
        return [kind(**_parse_row(path, number, header, cells, columns)) for number, cells in enumerate(lines, start=2)]


def read_coded_csv_rows(path: Path, kind: type[CodedRow]) -> list[CodedRow]:
    """Like `read_csv_rows`, for rows with a unique `code` of lower case letters, digits and underscores."""
    rows = read_csv_rows(path, kind)
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        place = cell_location(path, number, "code")
        if not CODE.fullmatch(row.code):
            raise RowError(f"{place}: {row.code!r}; lower case, digits and underscores expected")
        if row.code in seen:
            raise RowError(f"{place}: {row.code!r} is already in row {seen[row.code]}")
        seen[row.code] = number
    return rows


def cell_location(path: Path, number: int, column: str) -> str:
    """A cell of a file as messages name it."""
    return f"{path.name}, row {number}, column {column}"


def _parse_row(
    path: Path, number: int, header: list[str], cells: list[str], columns: Mapping[str, Any]
) -> dict[str, Any]:
    if len(cells) != len(header):
        raise RowError(f"{path.name}, row {number}: {len(cells)} cells; {len(header)} expected")
    values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
    return {
        column: _parse_cell(values[column], kind, cell_location(path, number, column))
        for column, kind in columns.items()
    }


def _parse_cell(cell: str, kind: Any, place: str) -> Any:
    if NoneType in get_args(kind):
        if not cell:
            return None
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if not cell:
        raise RowError(f"{place}: empty; a value expected")
    if get_origin(kind) is Literal:
        return _require_one_of(cell, get_args(kind), place)
    if kind is bool:
        return _require_one_of(cell, ("yes", "no"), place) == "yes"
    try:
        return kind(cell)
    except ValueError as error:
        raise RowError(f"{place}: {cell!r}; a number expected") from error


def _require_one_of(cell: str, allowed: tuple[str, ...], place: str) -> str:
    if cell not in allowed:
        raise RowError(f"{place}: {cell!r}; {' or '.join(allowed)} expected")
    return cell
