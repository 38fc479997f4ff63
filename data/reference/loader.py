"""Read data/reference/*.csv and check that every code in them is on its list. Each row names its source."""

import functools
from pathlib import Path
from typing import TypeVar

from models import codelist
from models.csv_rows import RowError, read_csv_rows

FOLDER = Path(__file__).parent

ANY = "any"  # a "side effect" for sources that counted all kinds together

# The columns that hold codes.
LISTS = {
    "side_effect": codelist.side_effects,
    "product": codelist.products,
    "area": codelist.areas,
    "areas": codelist.areas,
    "part_of": codelist.areas,
    "remedies": codelist.remedies,
}

ReferenceRow = TypeVar("ReferenceRow")


@functools.cache
def read_reference(name: str, kind: type[ReferenceRow], folder: Path = FOLDER) -> tuple[ReferenceRow, ...]:
    """The rows of NAME.csv. Raises RowError at the row that breaks a rule or names an unknown code."""
    path = folder / f"{name}.csv"
    rows = tuple(read_csv_rows(path, kind))
    for number, row in enumerate(rows, start=2):
        for column in LISTS:
            try:
                require_known_codes(**{column: getattr(row, column, None)})
            except codelist.UnknownCodeError as error:
                raise RowError(path, number, column, str(error)) from None
    return rows


def require_known_codes(**columns: str | tuple[str, ...] | None) -> None:
    """Raise UnknownCodeError, with a suggestion, for a code that is not on the list of its column."""
    for column, codes in columns.items():
        listed = LISTS[column]()
        for code in (codes,) if isinstance(codes, str) else codes or ():
            if not (column == "side_effect" and code == ANY):
                listed[code]
