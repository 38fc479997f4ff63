"""Read a CSV file into frozen dataclasses: the dataclass is the schema, and an error names the first bad cell."""

import csv
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Row = TypeVar("Row")


class RowError(ValueError):
    """A shipped CSV file breaks a rule. The message names file, row (as a spreadsheet shows it) and column."""

    def __init__(self, path: Path, row: int, column: str | None, problem: str):
        place = f"{path.name}, row {row}" + (f", column {column}" if column else "")
        super().__init__(f"{place}: {problem}")


def read_csv_rows(path: Path, kind: type[Row]) -> list[Row]:
    """The rows of a CSV file whose columns are the fields of `kind`, in file order.

    A field is text, `int`, `float`, `bool` (yes/no), a `Literal`, or `tuple[str, ...]` (parts between semicolons);
    `| None` allows an empty cell. Columns without a field are ignored. Raises RowError.
    """
    hints = get_type_hints(kind)
    columns = {part.name: hints[part.name] for part in fields(kind)}  # type: ignore[arg-type]  # kind is a dataclass
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        for column in columns:
            if column not in header:
                raise RowError(path, 1, column, "the column is missing")
        for number, line in enumerate(lines, start=2):
            if len(line) != len(header):
                raise RowError(path, number, None, f"{len(line)} cells; {len(header)} expected")
            cells, values = dict(zip(header, line, strict=True)), {}
            for column, value_type in columns.items():
                try:
                    values[column] = _parse_cell(cells[column].strip(), value_type)
                except ValueError as error:
                    raise RowError(path, number, column, str(error)) from None
            rows.append(kind(**values))
    return rows


def _parse_cell(cell: str, kind: Any) -> Any:
    """The value of a cell. Raises ValueError, which says what was found and what is expected."""
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if NoneType in get_args(kind):
        if not cell:
            return None
        kind = next(part for part in get_args(kind) if part is not NoneType)
    if not cell:
        raise ValueError("empty; a value expected")
    options = ("yes", "no") if kind is bool else get_args(kind)
    if options and cell not in options:
        raise ValueError(f"{cell!r}; {' or '.join(options)} expected")
    if options:
        return cell == "yes" if kind is bool else cell
    try:
        return kind(cell)
    except ValueError:
        raise ValueError(f"{cell!r}; a number expected") from None
