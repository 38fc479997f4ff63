"""What all figures share: the chart with its text for a screen reader and its numbers, axes, labels, annotations."""

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme

LABEL_CHARACTERS = 17  # a line of a row label: what fits beside the marks on a phone, 400 px wide
LABEL_WIDTH = 128  # px that such a line needs; the marks get the rest
LINE_HEIGHT = 17  # px of one line of text at theme.TEXT
ROUND_STEPS = (1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10)  # times a power of ten: where an axis can end

INTERVAL_LINE = {"color": theme.fade_color(theme.BLUE, 0.45), "width": 4}
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
        "template": theme.CHART_TEMPLATE,
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
    figure = build_figure([], height, xaxis={"visible": False}, yaxis={"visible": False}, annotations=[note])
    return Chart(figure, why, pd.DataFrame(columns=list(columns)))


def with_defaults(frame: pd.DataFrame, **defaults: Any) -> pd.DataFrame:
    """The frame with a default for each optional column that it lacks."""
    return frame.assign(**{name: value for name, value in defaults.items() if name not in frame})


def dot_trace(x: Any, y: Any, marker: dict, keys: Iterable[str], hover: Iterable[str], **trace: Any) -> go.Scatter:
    """Dots, not cut at the end of an axis, with the hover text of each and the key that a click on it gives."""
    return go.Scatter(
        x=x, y=y, mode="markers", marker=marker, **{"cliponaxis": False} | hover_data(keys, hover) | trace
    )


def flag_traces(rows: pd.DataFrame, styles: Mapping[str, tuple[str, dict]], scale: float = 1, whose: str = "") -> list:
    """A trace of dots for each flag that occurs. `rows`: x, y, flag, key, hover; `styles`: flag -> name, marker."""
    drawn = ((name, marker, rows[rows.flag == flag]) for flag, (name, marker) in styles.items())
    return [
        dot_trace(
            chosen.x.to_numpy(), chosen.y.to_numpy(), marker | {"size": scale * marker["size"]},
            chosen.key, chosen.hover, name=f"{whose}{name}",
        )
        for name, marker, chosen in drawn
        if len(chosen)
    ]  # fmt: skip


def line_trace(x: Any, y: Any, line: dict, **trace: Any) -> go.Scatter:
    """A line that has no hover text."""
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", **trace)


def segment_trace(x: tuple, y: tuple, line: dict, **trace: Any) -> go.Scatter:
    """Separate lines in one trace. `x`, `y`: where each starts and where each ends."""
    places = ([place for ends in zip(*axis, strict=True) for place in (*ends, None)] for axis in (x, y))
    return line_trace(*places, line, showlegend="name" in trace, **trace)


def hover_data(keys: Iterable[str], texts: Iterable[str]) -> dict[str, Any]:
    """The hover text of each point of a trace, and the key that a click on it gives."""
    return {
        "customdata": list(keys),
        "hovertext": [escape_label(text) for text in texts],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def titled_axis(text: str, **axis: Any) -> dict[str, Any]:
    """An axis with a title that names the unit."""
    return {"title": {"text": text, "standoff": 8}, "automargin": True, "zeroline": False} | axis


def percent_axis(text: str, end: float, **axis: Any) -> dict[str, Any]:
    """A vertical axis in percent, from 0 to `end`, with room for a dot at 0."""
    return titled_axis(text, range=[-0.03 * end, end], nticks=6, **axis)


def count_axis(text: str, n: float, **axis: Any) -> dict[str, Any]:
    """An axis from the first to the `n`-th of something: whole numbers at every size."""
    steps = {"dtick": 1} if n <= 8 else {"nticks": 6}
    return titled_axis(text, showgrid=False, tickformat=",d", **steps, **axis)


def percent_end(highest: float, widest: float, room: float = 1) -> float:
    """Where a percent axis ends, for dots up to `highest` and intervals up to `widest` (0-1): it holds every dot and
    most intervals, because one of three treatments must not flatten all the others."""
    return min(100.0, round_up(100 * room * (max(highest, min(widest, 2.5 * highest)) if highest else widest)))


def round_up(value: float) -> float:
    """The next round number at or above `value`."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in ROUND_STEPS if step * power >= value * (1 - 1e-9))


def escape_label(text: str) -> str:
    """`text` literally: Plotly reads markup and links in every label, and a clinic's own words can contain them."""
    return html.escape(text, quote=False)


def wrap_label(label: str, characters: int = LABEL_CHARACTERS) -> list[str]:
    """`label` in lines of at most `characters`, escaped."""
    return [escape_label(line) for line in textwrap.wrap(label, characters)] or [""]


def row_annotations(rows: pd.DataFrame) -> list[dict]:
    """The `name` of each row in the left margin and, where there are any, its `numbers` in the right one, at `y`.

    The texts are escaped. `indent` of a name in px.
    """
    left = {"xref": "paper", "x": 0, "yanchor": "middle", "font": {"size": theme.TEXT}}
    right = {"xref": "paper", "x": 1, "yanchor": "middle", "xshift": 12}
    shifts = with_defaults(rows, indent=0).indent + 4 - LABEL_WIDTH
    named = zip(rows["name"], rows.y, shifts, strict=True)
    return [
        *(text_annotation(text, y=y, xshift=shift, **left) for text, y, shift in named),
        *(text_annotation(text, y=y, **right) for text, y in zip(rows.get("numbers", ()), rows.y, strict=False)),
    ]


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
