"""Dates without a year ("6/4"), completed by the heading above them or the name of their sheet ("June 2025")."""

import re

from data.tabular.grid import CellGrid

Lines = list[tuple[int, list[str]]]  # row number and cells

DATE_HEADER = re.compile(r"date|day|datum|tag|fecha|jour|\bdt\b", re.I)
WITHOUT_YEAR = re.compile(r"\d{1,2}([/.-])\d{1,2}\1?")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
MIN_SHARE = 0.8  # of the filled cells of a column of dates


def complete_years(grid: CellGrid, names: list[str], lines: Lines) -> Lines:
    """The rows with a year in every date that has none and whose heading or sheet names one.

    The grid gets a notice with an example, because the year is an inference.
    """
    months = [at for at, name in enumerate(names) if name == "Month"]
    of_sheet = YEAR.search(grid.sheet or "")
    for at, name in enumerate(names):
        filled = [cells[at] for _, cells in lines if len(cells) > at and cells[at]] if DATE_HEADER.search(name) else []
        if not filled or sum(bool(WITHOUT_YEAR.fullmatch(cell)) for cell in filled) < MIN_SHARE * len(filled):
            continue
        example = None
        completed: Lines = []
        for row, cells in lines:
            heading = next((match for m in months if (match := YEAR.search(cells[m]))), None) or of_sheet
            match = WITHOUT_YEAR.fullmatch(cells[at]) if len(cells) > at else None
            if match and heading:
                date = f"{cells[at].rstrip('/.-')}{match[1]}{heading[1]}"
                example = example or f"{cells[at]!r} as {date!r}"
                cells = [*cells[:at], date, *cells[at + 1 :]]
            completed.append((row, cells))
        if example:
            grid.notices.append(
                f"Dates without a year in column {name!r} got that of their heading or sheet: {example}."
            )
        lines = completed
    return lines
