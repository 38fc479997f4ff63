"""Columns that hold several values in one cell, as their header says: "App. Date / Customer"."""

from data.tabular.grid import CellGrid

Lines = list[tuple[int, list[str]]]  # row number and cells

SEPARATOR = " / "
MIN_SHARE = 0.95  # of the filled cells; a service named "Dermaplaning / Peel" is not two columns


def split_combined_columns(grid: CellGrid, names: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """Each part of a combined column as a column of its own. The grid gets a notice about it."""
    parts = {at: name.split(SEPARATOR) for at, name in enumerate(names) if SEPARATOR in name}
    for at in list(parts):
        filled = [cells[at] for _, cells in lines if len(cells) > at and cells[at]]
        fitting = sum(cell.count(SEPARATOR) == len(parts[at]) - 1 for cell in filled)
        if not filled or fitting < MIN_SHARE * len(filled):
            del parts[at]
    if not parts:
        return names, lines
    for at, own_names in parts.items():
        grid.notices.append(f"Column {names[at]!r} holds {len(own_names)} values in a cell; each is a column here.")
    split_names = [part for at, name in enumerate(names) for part in parts.get(at, [name])]
    return split_names, [(row, _split(cells, parts)) for row, cells in lines]


def _split(cells: list[str], parts: dict[int, list[str]]) -> list[str]:
    split: list[str] = []
    for at, cell in enumerate(cells):
        values = cell.split(SEPARATOR, len(parts[at]) - 1) if at in parts else [cell]
        split += [value.strip() for value in values] + [""] * (len(parts[at]) - len(values) if at in parts else 0)
    return split
