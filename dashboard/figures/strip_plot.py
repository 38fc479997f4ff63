"""Values along a line, one row per area or side effect: units given, or days until it was first noticed.

Equal values share a dot whose area is their number, so ten thousand treatments are as easy to read as ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    LABEL_WIDTH,
    LINE_HEIGHT,
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hidden_axis,
    hover_data,
    left_annotations,
    round_up,
    titled_axis,
    to_columns,
    wrap_label,
)
from dashboard.text import formatting

MAX_ROWS = 60  # more is a list to search: the table holds all of them
MAX_DOT_SIZE, MIN_DOT_SIZE = 22, 4  # px: the dot of the most frequent value in a row, and the least a dot may be
FRAME = 16  # px above and below the middle of a row
MIN_FRAME_WIDTH = 6  # px to each side of a single value
COLUMN_TITLES = ("What", "Value", "Number", "Of", "Median", "Reference")


@dataclass(frozen=True)
class StripRow:
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
    def reference_text(self) -> str:
        return (
            ""
            if self.reference is None
            else formatting.DASH.join(dict.fromkeys(map(formatting.number, self.reference)))
        )


def draw(rows: Sequence[StripRow], title: str, each: str, reference: str = "", value: str = "{}") -> Chart:
    """A row of dots for each, with its median as a tick. `title` names value and unit, `each` what is counted (in the
    singular), `reference` what the frames are ("labelled dose"), `value` how one is said ("day {}"). A click gives the
    row's key."""
    rows = [row for row in rows if row.total]
    if not rows:
        return empty_chart(f"No {each} with a value to show.", COLUMN_TITLES)
    drawn = rows[:MAX_ROWS]
    labels = [[*wrap_label(row.label), f"n = {formatting.count(row.total)}"] for row in drawn]
    heights = np.array([LINE_HEIGHT * len(words) + 8 for words in labels])
    middle, total = np.cumsum(heights) - heights / 2, float(heights.sum())
    framed_rows = [(row, y) for row, y in zip(drawn, middle, strict=True) if row.reference]
    left_out = "" if len(drawn) == len(rows) else f"; the first {len(drawn)} of {formatting.count(len(rows))} rows"
    figure = build_figure(
        [
            _dot_trace(drawn, middle, each, value),
            _median_trace(drawn, middle, value),
            *([_frame_legend(reference)] if framed_rows else []),
        ],
        height=int(total) + 106,
        showlegend=True,
        margin={"l": LABEL_WIDTH, "r": 16, "t": 12, "b": 8, "pad": 0},
        xaxis=titled_axis(
            f"{escape_label(title)}<br>larger dots: more {escape_label(each)}s{left_out}",
            range=_range(drawn),
            nticks=6,
            showgrid=True,
        ),
        yaxis=hidden_axis(range=[total, 0]),
        annotations=left_annotations(("<br>".join(words) for words in labels), middle),
        shapes=[_frame(*row.reference, y) for row, y in framed_rows],
    )
    values = (
        (row.label, float(value), int(number), row.total, row.median, row.reference_text)
        for row in rows
        for value, number in zip(row.values, row.counts, strict=True)
    )
    return Chart(figure, _alt_text(drawn, title, reference), to_columns(COLUMN_TITLES, values))


def _range(rows: Sequence[StripRow]) -> list[float]:
    references = [end for row in rows if row.reference for end in row.reference]
    top = round_up(1.04 * max([1.0, *references, *(float(row.values[-1]) for row in rows)]))
    return [min(0.0, *(float(row.values[0]) for row in rows)) - 0.02 * top, top]


def _dot_trace(rows: Sequence[StripRow], middle: np.ndarray, each: str, value: str) -> go.Scatter:
    share = np.concatenate([np.asarray(row.counts) / np.max(row.counts) for row in rows])
    size = np.maximum(MIN_DOT_SIZE, MAX_DOT_SIZE * np.sqrt(share))
    said = (
        f"{row.label}, {_format_value(at, value)}: {formatting.n_of_m(int(number), row.total)} {each}s"
        for row in rows
        for at, number in zip(row.values, row.counts, strict=True)
    )
    return go.Scatter(
        x=np.concatenate([row.values for row in rows]),
        y=np.repeat(middle, [len(row.values) for row in rows]),
        mode="markers",
        marker={"size": size, "color": theme.fade_color(theme.BLUE, 0.55), "opacity": 1, "line": {"width": 0}},
        cliponaxis=False,
        showlegend=False,
        **hover_data((row.key for row in rows for _ in row.values), said),
    )


def _median_trace(rows: Sequence[StripRow], middle: np.ndarray, value: str) -> go.Scatter:
    medians = (_format_value(row.median, value) for row in rows)
    said = (f"{row.label}: median {m}, n = {formatting.count(row.total)}" for row, m in zip(rows, medians, strict=True))
    return go.Scatter(
        x=np.array([row.median for row in rows]),
        y=middle,
        mode="markers",
        marker={"symbol": "line-ns", "size": 26, "line": {"color": theme.BLUE, "width": 3}},
        name="median",
        cliponaxis=False,
        **hover_data((row.key for row in rows), said),
    )


def _format_value(at: float, value: str) -> str:
    """Not by `format`: a source names its units as it likes, braces and all."""
    return value.replace("{}", formatting.number(float(at)), 1)


def _frame(low: float, high: float, y: float) -> dict:
    """A frame around what the label gives; where it gives one value, as narrow as leaves the median's tick in sight."""
    across = {"x0": low, "x1": high}
    if low == high:
        across = {"xsizemode": "pixel", "xanchor": low, "x0": -MIN_FRAME_WIDTH, "x1": MIN_FRAME_WIDTH}
    line = {"color": theme.GREY, "width": 1.5}
    frame = {"type": "rect", "fillcolor": theme.BAND, "line": line, "layer": "below"}
    return frame | across | {"y0": y - FRAME, "y1": y + FRAME}


def _frame_legend(reference: str) -> go.Scatter:
    """The frames are shapes, which have no place in a legend: this names them there."""
    marker = {"symbol": "square", "size": 12, "color": theme.BAND, "line": {"color": theme.GREY, "width": 1.5}}
    return go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=escape_label(reference), hoverinfo="skip")


def _alt_text(rows: Sequence[StripRow], title: str, reference: str) -> str:
    said = []
    for row in rows:
        given = f", {reference} {row.reference_text}" if row.reference else ""
        said.append(f"{row.label}: n = {formatting.count(row.total)}, median {formatting.number(row.median)}{given}")
    return f"{title}. {'; '.join(said)}."
