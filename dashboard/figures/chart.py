"""What every figure is: a drawing, its words for those who cannot see it, and its numbers as a table to read or keep."""

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard import theme

TEMPLATE = theme.template()
LABEL_CHARACTERS = 18  # a line of a row label: what fits beside a drawing on a telephone, 400 px wide
LINE_HEIGHT = 17  # px of one line of text at theme.TEXT


@dataclass(frozen=True)
class Chart:
    """`table` maps column titles to values, one per thing drawn: st.dataframe and pandas.DataFrame take it as it is."""

    figure: go.Figure
    alt: str
    table: dict[str, list[Any]]


def framed(traces: Iterable[go.Scatter | go.Bar], height: int, **layout: Any) -> go.Figure:
    """A figure of `traces` in the project's look: nothing drags or zooms, so that a page still scrolls under a thumb."""
    axes = {name: {"fixedrange": True, **axis} for name, axis in layout.items() if name[1:].startswith("axis")}
    settled = {
        "template": TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 16, "b": 8, "pad": 0},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "title": {"text": ""}},
    }
    return go.Figure(list(traces), settled | layout | axes)


def titled(text: str, **axis: Any) -> dict[str, Any]:
    """An axis with its title, which names the unit."""
    return {"title": {"text": text, "standoff": 8}, "automargin": True, "zeroline": False} | axis


def hidden(**axis: Any) -> dict[str, Any]:
    """An axis that places things and is not read."""
    return {"visible": False} | axis


def percent_axis(text: str, **axis: Any) -> dict[str, Any]:
    """An axis of values in percent (0-100)."""
    return titled(text, rangemode="tozero", **axis)


def without_data(why: str, columns: Sequence[str]) -> Chart:
    """In place of a drawing, the reason in words. An empty frame would read as nought."""
    words = "<br>".join(textwrap.wrap(plain(why), 44))
    note = {"text": words, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
    figure = framed([], 80 + LINE_HEIGHT * words.count("<br>"), xaxis=hidden(), yaxis=hidden(), annotations=[note])
    return Chart(figure, why, {column: [] for column in columns})


def plain(text: str) -> str:
    """`text` as it stands: Plotly reads markup and links in every label, and a clinic's own words may hold them."""
    return html.escape(text, quote=False)


def lines(label: str, characters: int = LABEL_CHARACTERS) -> list[str]:
    """A row label broken into lines of at most `characters`, escaped."""
    return [plain(line) for line in textwrap.wrap(label, characters)] or [""]


def ceiling(value: float) -> float:
    """The next round number at or above `value`: where an axis may end."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))


def columns(rows: Iterable[Mapping[str, Any]], titles: Sequence[str]) -> dict[str, list[Any]]:
    """Rows as the columns of `Chart.table`, in the order of `titles`."""
    held = list(rows)
    return {title: [row[title] for row in held] for title in titles}
