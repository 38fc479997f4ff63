"""Values along a line, one row per area or side effect: units given, or days until it was first noticed.

Equal values share a dot whose area is their number, so ten thousand treatments are as easy to read as ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import LINE_HEIGHT, Chart, ceiling, framed, hidden, lines, plain, titled, without_data

MOST_ROWS = 60  # more is a list to search: the table holds all of them
LABELS, VALUES = (0.0, 0.32), (0.35, 0.97)  # shares of the width
LARGEST, SMALLEST = 22, 4  # px: the dot of the most frequent value, and the least a dot may be
TABLE = ("", "Value", "Number", "Of", "Median", "Reference")


@dataclass(frozen=True)
class Row:
    """`values` and how many of each (`counts`); `reference`: what a label gives, from and to."""

    key: str
    label: str
    values: np.ndarray
    counts: np.ndarray
    reference: tuple[float, float] | None = None

    @property
    def total(self) -> int:
        return int(np.sum(self.counts))

    @property
    def median(self) -> float:
        order = np.argsort(self.values)
        values, upto = np.asarray(self.values)[order], np.cumsum(np.asarray(self.counts)[order])
        lower, upper = (values[np.searchsorted(upto, self.total / 2, side=side)] for side in ("left", "right"))
        return float(lower + upper) / 2


def draw(rows: Sequence[Row], title: str, each: str, reference: str = "") -> Chart:
    """A row of dots for each, with its median as a tick. `title` names value and unit, `each` what is counted (in the
    singular), `reference` the band drawn behind: "labelled dose". A click gives the row's key."""
    rows = [row for row in rows if row.total]
    if not rows:
        return without_data(f"No {each} with a value to show.", TABLE)
    drawn = rows[:MOST_ROWS]
    labels = [lines(row.label) for row in drawn]
    heights = np.array([LINE_HEIGHT * max(2, len(words) + 1) + 8 for words in labels])
    middle = np.cumsum(heights) - heights / 2
    values = np.concatenate([row.values for row in drawn])
    ends = [row.reference[1] for row in drawn if row.reference]
    top = ceiling(max([float(values.max()), *ends, 1.0]) * 1.04)
    left_out = "" if len(drawn) == len(rows) else f"<br>The first {len(drawn)} of {wording.count(len(rows))} rows"
    figure = framed(
        [_names(drawn, labels, middle), _dots(drawn, middle, each), _medians(drawn, middle)],
        height=int(heights.sum()) + 66,
        margin={"l": 4, "r": 8, "t": 12, "b": 8, "pad": 0},
        xaxis=titled(f"{plain(title)}{left_out}", domain=VALUES, range=[min(0.0, float(values.min())) - 0.02 * top, top],
                     nticks=6, showgrid=True),
        xaxis2=hidden(domain=LABELS, range=[0, 1]),
        yaxis=hidden(range=[float(heights.sum()), 0]),
        shapes=[_reference(row, y) for row, y in zip(drawn, middle, strict=True) if row.reference],
    )  # fmt: skip
    return Chart(figure, _alt(rows, title, reference), _table(rows))


def _names(rows: Sequence[Row], labels: list[list[str]], middle: np.ndarray) -> go.Scatter:
    """The label, and beneath it how many there are: n is part of the name of a row."""
    text = ["<br>".join([*words, f"n = {wording.count(row.total)}"]) for row, words in zip(rows, labels, strict=True)]
    return go.Scatter(
        x=np.zeros(len(rows)), y=middle, text=text, xaxis="x2", mode="text", textposition="middle right",
        cliponaxis=False, hoverinfo="skip", textfont={"size": theme.TEXT},
    )  # fmt: skip


def _dots(rows: Sequence[Row], middle: np.ndarray, each: str) -> go.Scatter:
    share = np.concatenate([np.asarray(row.counts) / np.max(row.counts) for row in rows])
    return go.Scatter(
        x=np.concatenate([row.values for row in rows]),
        y=np.concatenate([np.full(len(row.values), y) for row, y in zip(rows, middle, strict=True)]),
        mode="markers", cliponaxis=False,
        marker={"size": np.maximum(SMALLEST, LARGEST * np.sqrt(share)), "color": theme.faint(theme.BLUE, 0.55), "opacity": 1,
                "line": {"width": 0}},
        customdata=[row.key for row in rows for _ in row.values],
        hovertext=[plain(_said(row, value, number, each)) for row in rows for value, number in zip(row.values, row.counts, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _medians(rows: Sequence[Row], middle: np.ndarray) -> go.Scatter:
    return go.Scatter(
        x=np.array([row.median for row in rows]), y=middle, mode="markers", cliponaxis=False,
        marker={"symbol": "line-ns", "size": 26, "line": {"color": theme.ORANGE, "width": 2}},
        hovertext=[plain(f"{row.label}: median {wording.number(row.median)}") for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _reference(row: Row, y: float) -> dict:
    """A frame around what the label gives; where it gives one value, a line."""
    low, high = row.reference
    line = {"color": theme.GREY, "width": 1.5}
    shape = {"x0": low, "x1": high, "y0": y - 16, "y1": y + 16, "line": line, "layer": "below"}
    return shape | ({"type": "line"} if low == high else {"type": "rect", "fillcolor": theme.BAND})


def _said(row: Row, value: float, number: int, each: str) -> str:
    return f"{row.label}, {wording.number(float(value))}: {wording.of(int(number), row.total)} {each}s"


def _alt(rows: Sequence[Row], title: str, reference: str) -> str:
    said = []
    for row in rows[:MOST_ROWS]:
        given = f", {reference} {wording.number(row.reference[0])} to {wording.number(row.reference[1])}" if row.reference else ""
        said.append(f"{row.label}: n = {wording.count(row.total)}, median {wording.number(row.median)}{given}")
    return f"{title}. {'; '.join(said)}."


def _table(rows: Sequence[Row]) -> dict[str, list]:
    flat = [
        (row.label, float(value), int(number), row.total, row.median, _given(row))
        for row in rows
        for value, number in zip(row.values, row.counts, strict=True)
    ]
    return {title: [line[at] for line in flat] for at, title in enumerate(TABLE)}


def _given(row: Row) -> str:
    return "" if row.reference is None else wording.listing(dict.fromkeys(map(wording.number, row.reference)))
