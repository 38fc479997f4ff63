"""SAS transport files (version 5), in which studies are submitted: one data set to a grid.

Source: SAS Institute, "The Record Layout of a Data Set in SAS Transport (XPORT) Format".
"""

import io

import pandas

from data.tabular.grid import CellGrid
from data.tabular.table import DAMAGED_MESSAGE, MAX_COLUMNS, MAX_ROWS, UnreadableFileError


def read_transport(file: str, content: bytes) -> CellGrid:
    """The data set with its header. Raises UnreadableFileError."""
    try:
        table = pandas.read_sas(io.BytesIO(content), format="xport", encoding="latin-1")
    except (ValueError, KeyError, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error
    if len(table) > MAX_ROWS or len(table.columns) > MAX_COLUMNS:
        raise UnreadableFileError(f"{file}: the data set has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns.")
    grid = CellGrid(file)
    grid.add(1, list(map(str, table.columns)))
    for number, row in enumerate(table.itertuples(index=False), start=2):
        grid.add(number, ["" if pandas.isna(cell) else _text(cell) for cell in row])
    return grid


def _text(cell: object) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
