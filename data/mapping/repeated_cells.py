"""Cells that repeat the cell above: ditto marks, and cells that a person leaves empty within a group of rows."""

from collections.abc import Collection
from dataclasses import replace

from data.files import Table

DITTO_WORDS = ("ditto", "do.", "idem", "dto.")
DITTO = frozenset({'"', "''", '-"-', "\N{DITTO MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}", *DITTO_WORDS})


def fill_down(table: Table, columns: Collection[str] = ()) -> Table:
    """The table with the cell above in place of each ditto mark, and of each empty cell of these columns.

    A notice counts them. A mark with nothing above it stays, and is reported where it is read.
    """
    filled, counts = [], {}
    cells_by_column = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    for name, cells in zip(table.columns, cells_by_column, strict=True):
        if name not in columns and DITTO.isdisjoint(cells):
            filled.append(cells)
            continue
        above, repeated, count = "", [], 0
        for cell in cells:
            if above and (cell in DITTO or (not cell and name in columns)):
                cell, count = above, count + 1
            above = cell if cell not in DITTO else above
            repeated.append(cell)
        filled.append(tuple(repeated))
        if count:
            counts[name] = count
    if not counts:
        return table
    named = ", ".join(f'"{name}" {count:,}' for name, count in counts.items())
    notice = f"Empty cells and ditto marks, read as the cell above: {named}."
    return replace(table, rows=tuple(zip(*filled, strict=True)), notices=(*table.notices, notice))
