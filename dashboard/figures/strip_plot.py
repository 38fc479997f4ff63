"""Values along a line, one row per area or side effect: units given, or days until it was first noticed.

Equal values share a dot whose area is their number, so ten thousand treatments are as easy to read as ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    LABELS,
    LINE_HEIGHT,
    Chart,
    ceiling,
    framed,
    hidden,
    lines,
    plain,
    spoken,
    table,
    titled,
    without_data,
    words_before,
)
from dashboard.text import formatting

MOST_ROWS = 60  # more is a list to search: the table holds all of them
LARGEST, SMALLEST = 22, 4  # px: the dot of the most frequent value in a row, and the least a dot may be
FRAME = 16  # px above and below the middle of a row
NARROW = 6  # px to each side of a single value
TABLE = ("What", "Value", "Number", "Of", "Median", "Reference")


@dataclass(frozen=True)
class Row:
    """`values`, rising, and how many of each (`counts`); `reference`: what a label gives, from and to."""

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
        upto = np.cumsum(self.counts)
        lower, upper = (np.searchsorted(upto, self.total / 2, side=side) for side in ("left", "right"))
        return float(self.values[lower] + self.values[upper]) / 2

    @property
    def referred(self) -> str:
        return (
            ""
            if self.reference is None
            else formatting.DASH.join(dict.fromkeys(map(formatting.number, self.reference)))
        )


def draw(rows: Sequence[Row], title: str, each: str, reference: str = "", value: str = "{}") -> Chart:
    """A row of dots for each, with its median as a tick. `title` names value and unit, `each` what is counted (in the
    singular), `reference` what the frames are ("labelled dose"), `value` how one is said ("day {}"). A click gives the
    row's key."""
    rows = [row for row in rows if row.total]
    if not rows:
        return without_data(f"No {each} with a value to show.", TABLE)
    drawn = rows[:MOST_ROWS]
    labels = [[*lines(row.label), f"n = {formatting.count(row.total)}"] for row in drawn]
    heights = np.array([LINE_HEIGHT * len(words) + 8 for words in labels])
    middle, total = np.cumsum(heights) - heights / 2, float(heights.sum())
    framed_rows = [(row, y) for row, y in zip(drawn, middle, strict=True) if row.reference]
    left_out = "" if len(drawn) == len(rows) else f"; the first {len(drawn)} of {formatting.count(len(rows))} rows"
    figure = framed(
        [
            _dots(drawn, middle, each, value),
            _medians(drawn, middle, value),
            *([_frame_named(reference)] if framed_rows else []),
        ],
        height=int(total) + 106,
        showlegend=True,
        margin={"l": LABELS, "r": 16, "t": 12, "b": 8, "pad": 0},
        xaxis=titled(
            f"{plain(title)}<br>larger dots: more {plain(each)}s{left_out}",
            range=_range(drawn),
            nticks=6,
            showgrid=True,
        ),
        yaxis=hidden(range=[total, 0]),
        annotations=words_before(("<br>".join(words) for words in labels), middle),
        shapes=[_frame(*row.reference, y) for row, y in framed_rows],
    )
    values = (
        (row.label, float(value), int(number), row.total, row.median, row.referred)
        for row in rows
        for value, number in zip(row.values, row.counts, strict=True)
    )
    return Chart(figure, _alt(drawn, title, reference), table(TABLE, values))


def _range(rows: Sequence[Row]) -> list[float]:
    references = [end for row in rows if row.reference for end in row.reference]
    top = ceiling(1.04 * max([1.0, *references, *(float(row.values[-1]) for row in rows)]))
    return [min(0.0, *(float(row.values[0]) for row in rows)) - 0.02 * top, top]


def _dots(rows: Sequence[Row], middle: np.ndarray, each: str, value: str) -> go.Scatter:
    share = np.concatenate([np.asarray(row.counts) / np.max(row.counts) for row in rows])
    size = np.maximum(SMALLEST, LARGEST * np.sqrt(share))
    said = (
        f"{row.label}, {_valued(at, value)}: {formatting.of(int(number), row.total)} {each}s"
        for row in rows
        for at, number in zip(row.values, row.counts, strict=True)
    )
    return go.Scatter(
        x=np.concatenate([row.values for row in rows]),
        y=np.repeat(middle, [len(row.values) for row in rows]),
        mode="markers",
        marker={"size": size, "color": theme.faint(theme.BLUE, 0.55), "opacity": 1, "line": {"width": 0}},
        cliponaxis=False,
        showlegend=False,
        **spoken((row.key for row in rows for _ in row.values), said),
    )


def _medians(rows: Sequence[Row], middle: np.ndarray, value: str) -> go.Scatter:
    medians = (_valued(row.median, value) for row in rows)
    said = (f"{row.label}: median {m}, n = {formatting.count(row.total)}" for row, m in zip(rows, medians, strict=True))
    return go.Scatter(
        x=np.array([row.median for row in rows]),
        y=middle,
        mode="markers",
        marker={"symbol": "line-ns", "size": 26, "line": {"color": theme.BLUE, "width": 3}},
        name="median",
        cliponaxis=False,
        **spoken((row.key for row in rows), said),
    )


def _valued(at: float, value: str) -> str:
    """Not by `format`: a source names its units as it likes, braces and all."""
    return value.replace("{}", formatting.number(float(at)), 1)


def _frame(low: float, high: float, y: float) -> dict:
    """A frame around what the label gives; where it gives one value, as narrow as leaves the median's tick in sight."""
    across = {"x0": low, "x1": high}
    if low == high:
        across = {"xsizemode": "pixel", "xanchor": low, "x0": -NARROW, "x1": NARROW}
    line = {"color": theme.GREY, "width": 1.5}
    frame = {"type": "rect", "fillcolor": theme.BAND, "line": line, "layer": "below"}
    return frame | across | {"y0": y - FRAME, "y1": y + FRAME}


def _frame_named(reference: str) -> go.Scatter:
    """The frames are shapes, which have no place in a legend: this names them there."""
    marker = {"symbol": "square", "size": 12, "color": theme.BAND, "line": {"color": theme.GREY, "width": 1.5}}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=plain(reference), hoverinfo="skip")


def _alt(rows: Sequence[Row], title: str, reference: str) -> str:
    said = []
    for row in rows:
        given = f", {reference} {row.referred}" if row.reference else ""
        said.append(f"{row.label}: n = {formatting.count(row.total)}, median {formatting.number(row.median)}{given}")
    return f"{title}. {'; '.join(said)}."
