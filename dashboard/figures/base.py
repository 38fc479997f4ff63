"""What all figures share: the chart with its text for a screen reader and its numbers, axes, labels, annotations."""

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme

TEMPLATE = theme.chart_template()
LABEL_CHARACTERS = 17  # a line of a row label: what fits beside the marks on a phone, 400 px wide
LABEL_WIDTH = 128  # px that such a line needs; the marks get the rest
LINE_HEIGHT = 17  # px of one line of text at theme.TEXT
ROUND_STEPS = (1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10)  # times a power of ten: where an axis can end

LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "traceorder": "normal"}


@dataclass(frozen=True)
class Chart:
    """`alt`: for those who cannot see it; `table`: the numbers drawn, one row per mark."""

    figure: go.Figure
    alt: str
    table: pd.DataFrame


def build_figure(traces: Iterable[go.Scatter | go.Bar], height: int, **layout: Any) -> go.Figure:
    """A figure in the project's style. Nothing drags or zooms, so that a page scrolls under a thumb."""
    axes = {name: {"fixedrange": True} | axis for name, axis in layout.items() if name[1:].startswith("axis")}
    defaults = {
        "template": TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 16, "b": 8, "pad": 0},
        "showlegend": False,
        "legend": LEGEND,
        "hovermode": "closest",
        "dragmode": False,
    }
    return go.Figure(list(traces), defaults | layout | axes)


def empty_chart(why: str, columns: Sequence[str]) -> Chart:
    """The reason in words instead of a figure: empty axes would look like zero."""
    lines = wrap_label(why, 44)
    note = {"text": "<br>".join(lines), "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
    height = 80 + LINE_HEIGHT * (len(lines) - 1)
    figure = build_figure([], height, xaxis=hidden_axis(), yaxis=hidden_axis(), annotations=[note])
    return Chart(figure, why, pd.DataFrame(columns=list(columns)))


def with_defaults(frame: pd.DataFrame, **defaults: Any) -> pd.DataFrame:
    """The frame with a default for each optional column that it lacks."""
    return frame.assign(**{name: value for name, value in defaults.items() if name not in frame})


def to_columns(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Rows as a `Chart.table`."""
    return pd.DataFrame(list(rows), columns=list(titles))


# Axes


def titled_axis(text: str, **axis: Any) -> dict[str, Any]:
    """An axis with a title that names the unit."""
    return {"title": {"text": text, "standoff": 8}, "automargin": True, "zeroline": False} | axis


def hidden_axis(**axis: Any) -> dict[str, Any]:
    """An axis that only places marks."""
    return {"visible": False} | axis


def percent_axis(text: str, end: float, **axis: Any) -> dict[str, Any]:
    """A vertical axis in percent, from 0 to `end`, with room for a dot at 0."""
    return titled_axis(text, range=[-0.03 * end, end], nticks=6, **axis)


def count_axis(text: str, n: float, **axis: Any) -> dict[str, Any]:
    """An axis from the first to the `n`-th of something: whole numbers at every size."""
    steps = {"dtick": 1} if n <= 8 else {"nticks": 6}
    return titled_axis(text, showgrid=False, tickformat=",d", **steps, **axis)


def round_up(value: float) -> float:
    """The next round number at or above `value`."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in ROUND_STEPS if step * power >= value * (1 - 1e-9))


# Text


def escape_label(text: str) -> str:
    """`text` literally: Plotly reads markup and links in every label, and a clinic's own words can contain them."""
    return html.escape(text, quote=False)


def wrap_label(label: str, characters: int = LABEL_CHARACTERS) -> list[str]:
    """`label` in lines of at most `characters`, escaped."""
    return [escape_label(line) for line in textwrap.wrap(label, characters)] or [""]


def hover_data(keys: Iterable[str], texts: Iterable[str]) -> dict[str, Any]:
    """The hover text of each point of a trace, and the key that a click on it gives."""
    return {
        "customdata": list(keys),
        "hovertext": [escape_label(text) for text in texts],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def left_annotations(text: Iterable[str], middle: Iterable[float], indent: Iterable[int] = repeat(0)) -> list[dict]:
    """The names of rows, in the margin on the left; `text` is escaped, `middle` the y of each row, `indent` in px."""
    placed = {"xref": "paper", "x": 0, "yanchor": "middle", "font": {"size": theme.TEXT}}
    rows = zip(text, middle, indent, strict=False)
    return [text_annotation(words, y=y, xshift=by - LABEL_WIDTH + 4, **placed) for words, y, by in rows]


def right_annotations(text: Iterable[str], middle: Iterable[float]) -> list[dict]:
    """The numbers of rows, in the margin on the right; `text` is escaped."""
    placed = {"xref": "paper", "x": 1, "xshift": 12, "yanchor": "middle"}
    return [text_annotation(words, y=y, **placed) for words, y in zip(text, middle, strict=True)]


def text_annotation(text: str, **placed: Any) -> dict[str, Any]:
    """Small text, placed by its left end; `text` is escaped."""
    defaults = {"showarrow": False, "xanchor": "left", "align": "left", "font": {"size": theme.SMALL}}
    return {"text": text} | defaults | placed


def horizontal_line(y: float, dash: str = "solid", color: str = theme.GREY) -> dict[str, Any]:
    """A line across the figure, behind everything."""
    line = {"color": color, "width": 1, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line, "layer": "below"}


def vertical_line(x: Any, top: float, dash: str = "dot", color: str = theme.GREY) -> dict[str, Any]:
    """A line from 0 up to `top`, behind everything."""
    line = {"color": color, "width": 1, "dash": dash}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": top, "line": line, "layer": "below"}
