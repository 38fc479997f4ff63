"""Read data/reference/*.csv and check that every code in them is on its list. Each row names its source."""

import functools
from pathlib import Path
from typing import TypeVar

from models import codelist
from models.csv_rows import RowError, cell_location, read_csv_rows

FOLDER = Path(__file__).parent

ANY = "any"  # a "side effect" for sources that counted all kinds together

ReferenceRow = TypeVar("ReferenceRow")


def read_reference(name: str, kind: type[ReferenceRow]) -> tuple[ReferenceRow, ...]:
    """The rows of reference/NAME.csv. Raises RowError at the row that breaks a rule or names an unknown code."""
    rows: tuple[ReferenceRow, ...] = read_checked(FOLDER / f"{name}.csv", kind)
    return rows


@functools.cache
def read_checked(path: Path, kind: type[ReferenceRow]) -> tuple[ReferenceRow, ...]:
    """The rows of a file whose columns side_effect, product, remedy, areas and part_of hold codes. Raises RowError."""
    rows = tuple(read_csv_rows(path, kind))
    for number, row in enumerate(rows, start=2):
        for column, codes in _codes(row).items():
            for code in codes:
                try:
                    _require_known_code(column, code)
                except codelist.UnknownCodeError as error:
                    raise RowError(f"{cell_location(path, number, column)}: {error}") from error
    return rows


def require_known_codes(**codes: str | None) -> None:
    """Raise UnknownCodeError, with a suggestion, for a side_effect, area, product or remedy on no list."""
    for column, code in codes.items():
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
