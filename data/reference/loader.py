"""Reads data/reference/*.csv, and checks that every code in them is on its list. Each row names its source."""

import functools
from pathlib import Path
from typing import TypeVar

from models import codelist
from models.csv_rows import RowError, cell_location, read_csv_rows

FOLDER = Path(__file__).parent

ANY = "any"  # stands for a side effect where a source counted those of any kind together

ReferenceRow = TypeVar("Row")


@functools.cache
def read_reference(name: str, kind: type[ReferenceRow]) -> tuple[ReferenceRow, ...]:
    """The rows of reference/NAME.csv. Raises RowError at the row that breaks a rule or names an unknown code."""
    return read_checked(FOLDER / f"{name}.csv", kind)


def read_checked(path: Path, kind: type[ReferenceRow]) -> tuple[ReferenceRow, ...]:
    """The rows of a file whose columns side_effect, product, remedy, areas and part_of hold codes."""
    found = tuple(read_csv_rows(path, kind))
    for number, row in enumerate(found, start=2):
        for column, codes in _codes(row).items():
            for code in codes:
                try:
                    _require_known_code(column, code)
                except codelist.UnknownCodeError as error:
                    raise RowError(f"{cell_location(path, number, column)}: {error}") from error
    return found


def require_known_codes(**given: str | None) -> None:
    """Raises UnknownCodeError, with what may be meant, where a side_effect, area, product or remedy is on no list."""
    for column, code in given.items():
        if code is not None:
            _require_known_code(column, code)


def _codes(row: object) -> dict[str, tuple[str, ...]]:
    single = {column: getattr(row, column, None) for column in ("side_effect", "product", "remedy")}
    several = {column: getattr(row, column, ()) for column in ("areas", "part_of")}
    return {column: (code,) for column, code in single.items() if code} | several


def _require_known_code(column: str, code: str) -> None:
    listed = {
        "side_effect": codelist.side_effects,
        "product": codelist.products,
        "remedy": codelist.remedies,
    }.get(column, codelist.areas)()
    if not (column == "side_effect" and code == ANY):
        listed[code]
