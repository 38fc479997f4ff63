"""How soon something came, as a table: the client for the same area, or the movement of the treated muscle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard import drawing, grid, sentences, wording
from models.measure import FOUR_TO_SIX_MONTHS
from models.statistics import survival

BY_DAYS = {"3 months": 91, "4 months": FOUR_TO_SIX_MONTHS[0], "6 months": FOUR_TO_SIX_MONTHS[1]}


@dataclass(frozen=True)
class Line:
    """One row: what it is of (its cells by title), and per treatment the days until it came, or was not there yet."""

    of: dict[str, str]
    days: np.ndarray
    came: np.ndarray


def draw(lines: Sequence[Line], came: str, key: str, alt: str) -> None:
    """The table, those with most treatments on top. `came`: the title of what came, as in "Came back"."""
    enough = [line for line in lines if line.came.sum() >= sentences.LEAST_ENDED]
    rows = [row(line, came) for line in sorted(enough, key=lambda line: -len(line.days))]
    if rows:
        table = {title: [cells[title] for cells in rows] for title in rows[0]}
        grid.draw(table, alt, key)
        drawing.download(table, key)
    if few := [line for line in lines if line.came.sum() < sentences.LEAST_ENDED]:
        treatments, ended = (sum(map(int, found)) for found in zip(*map(_size, few), strict=True))
        st.caption(sentences.too_few_came(came, ended, treatments, len(few), further=bool(rows)))


def _size(line: Line) -> tuple[int, int]:
    return len(line.days), int(line.came.sum())


def row(line: Line, came: str) -> dict[str, str | int]:
    """Its cells, for a line in which at least five came; the others count as far as they were followed."""
    curve = survival.kaplan_meier(line.days, line.came)
    median = (curve.median.estimate, curve.median.low, curve.median.high)
    longest = float(np.max(line.days))
    return {
        **line.of,
        "Treatments": len(line.days),
        came: int(line.came.sum()),
        "Half within": wording.median(*median, longest),
        **{f"Within {name}": _within(curve, day) for name, day in BY_DAYS.items()},
    }


def _within(curve: survival.KaplanMeier, day: int) -> str:
    there = curve.at(day).estimate
    return "not followed that long" if there is None else wording.share(1 - there)
