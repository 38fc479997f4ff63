"""Rates in rows: label, dot with its interval, numbers. The rows of the Side effects page.

Three columns in one figure, so that dots line up with their words at every width. A long interval ends in an arrow
rather than squeeze all the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import (
    LINE_HEIGHT,
    Chart,
    ceiling,
    columns,
    framed,
    hidden,
    lines,
    percent_axis,
    plain,
    without_data,
)

MOST_ROWS = 60  # more is a list to search, not a picture: the table holds all of them
LABELS, DOTS, NUMBERS = (0.0, 0.32), (0.34, 0.68), (0.73, 1.0)  # shares of the width
TABLE = ("", "With it", "Known outcome", "Rate", "Low", "High", "Reference")


@dataclass(frozen=True)
class Row:
    """One rate. Proportions 0-1; None where no outcome is known. `heading`: the sum of the rows below it."""

    key: str
    label: str
    events: int
    known: int
    estimate: float | None
    low: float | None
    high: float | None
    heading: bool = False
    reference: float | None = None
    reference_says: str = ""
    flagged: bool = False


def draw(rows: Sequence[Row], unit: str = "treatments") -> Chart:
    """A row for each rate of `unit` with known outcome, in the order given; a click on a dot gives the row's key."""
    if not rows:
        return without_data("No side effects to show here.", TABLE)
    drawn = rows[:MOST_ROWS]
    labels = [lines(row.label) for row in drawn]
    heights = [LINE_HEIGHT * max(2, len(words)) + (14 if row.heading else 6) for row, words in zip(drawn, labels, strict=True)]
    middle = np.cumsum(heights) - np.array(heights) / 2
    end = _end([row for row in drawn if row.known])
    left_out = "" if len(drawn) == len(rows) else f"<br>The first {len(drawn)} of {wording.count(len(rows))} rows"
    figure = framed(
        [*_words(drawn, labels, middle), *_intervals(drawn, middle, end), _references(drawn, middle), _dots(drawn, middle)],
        height=sum(heights) + 68,
        margin={"l": 4, "r": 4, "t": 60, "b": 8, "pad": 0},
        xaxis=percent_axis(
            f"% of {plain(unit)}{left_out}", domain=DOTS, range=[0, end], side="top", nticks=4, showgrid=True
        ),
        xaxis2=hidden(domain=LABELS, range=[0, 1]),
        xaxis3=hidden(domain=NUMBERS, range=[0, 1]),
        yaxis=hidden(range=[sum(heights), 0]),
        annotations=[_heading()],
        shapes=[_rule(top) for row, top in zip(drawn, np.cumsum(heights) - heights, strict=True) if row.heading and top],
    )
    return Chart(figure, _alt(rows, unit), columns((_as_row(row) for row in rows), TABLE))


def _end(rows: Sequence[Row]) -> float:
    """Where the axis ends, in percent: wide enough for every dot, not for every interval."""
    highest_dot = max((max(row.estimate, row.reference or 0) for row in rows), default=0)
    highest_end = max((row.high for row in rows), default=0.01)
    return min(100.0, ceiling(100 * (min(highest_end, 2.5 * highest_dot) if highest_dot else highest_end) * 1.04))


def _words(rows: Sequence[Row], labels: list[list[str]], middle: np.ndarray) -> list[go.Scatter]:
    names = [f"<b>{'<br>'.join(words)}</b>" if row.heading else "<br>".join(words) for row, words in zip(rows, labels, strict=True)]
    common = {"mode": "text", "textposition": "middle right", "cliponaxis": False, "hoverinfo": "skip"}
    return [
        go.Scatter(x=_indents(rows), y=middle, text=names, xaxis="x2", textfont={"size": theme.TEXT}, **common),
        go.Scatter(x=np.zeros(len(rows)), y=middle, text=[_numbers(row) for row in rows], xaxis="x3",
                   textfont={"size": theme.SMALL}, **common),
    ]  # fmt: skip


def _indents(rows: Sequence[Row]) -> np.ndarray:
    grouped = any(row.heading for row in rows)
    return np.array([0.03 if grouped and not row.heading else 0.0 for row in rows])


def _numbers(row: Row) -> str:
    if not row.known:
        return "no outcome<br>known"
    rate = wording.percent_interval(row.estimate, row.low, row.high) if row.events else wording.at_most(row.high)
    return f"{wording.of(row.events, row.known)}<br>{plain(rate)}"


def _intervals(rows: Sequence[Row], middle: np.ndarray, end: float) -> list[go.Scatter]:
    known = [(row, y) for row, y in zip(rows, middle, strict=True) if row.known]
    x = [value for row, _ in known for value in (100 * row.low, min(100 * row.high, end), None)]
    y = [value for _, at in known for value in (at, at, None)]
    beyond = np.array([at for row, at in known if 100 * row.high > end])
    line = {"color": theme.faint(theme.BLUE, 0.45), "width": 4}
    return [
        go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip"),
        go.Scatter(x=np.full(len(beyond), end), y=beyond, mode="markers", hoverinfo="skip", cliponaxis=False,
                   marker={"symbol": "triangle-right", "size": theme.MARK, "color": theme.BLUE}),
    ]  # fmt: skip


def _references(rows: Sequence[Row], middle: np.ndarray) -> go.Scatter:
    marked = [(row, y) for row, y in zip(rows, middle, strict=True) if row.reference is not None]
    return go.Scatter(
        x=np.array([100 * row.reference for row, _ in marked]),
        y=np.array([y for _, y in marked]),
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"color": theme.GREY, "width": 2}},
        hovertext=[plain(row.reference_says) for row, _ in marked],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _dots(rows: Sequence[Row], middle: np.ndarray) -> go.Scatter:
    known = [(row, y) for row, y in zip(rows, middle, strict=True) if row.known]
    return go.Scatter(
        x=np.array([100 * row.estimate for row, _ in known]),
        y=np.array([y for _, y in known]),
        mode="markers",
        marker={
            "symbol": ["diamond" if row.flagged else "circle" if row.events else "circle-open" for row, _ in known],
            "size": [theme.MARK + 3 if row.heading or row.flagged else theme.MARK + 1 for row, _ in known],
            "color": [theme.ORANGE if row.flagged else theme.BLUE for row, _ in known],
            "opacity": 1,
            "line": {"width": [0 if row.events else 2 for row, _ in known]},
        },
        customdata=[row.key for row, _ in known],
        hovertext=[f"{plain(row.label)}<br>{plain(_said(row))}" for row, _ in known],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def _said(row: Row) -> str:
    return wording.rate(row.events, row.known, row.estimate or 0, row.low or 0, row.high or 1)


def _heading() -> dict:
    text = "of known outcomes<br>rate (95 % interval)"
    at = {"xref": "paper", "yref": "paper", "x": NUMBERS[0], "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 14}
    return at | {"text": text, "align": "left", "showarrow": False, "font": {"size": theme.SMALL}}


def _rule(top: float) -> dict:
    line = {"color": theme.GRID, "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": top, "y1": top, "line": line, "layer": "below"}


def _alt(rows: Sequence[Row], unit: str) -> str:
    known = [row for row in rows if row.known]
    if not known:
        return f"{wording.counted(len(rows), 'row')}, none with known outcome."
    most = max(known, key=lambda row: row.estimate)
    return f"{wording.counted(len(rows), 'rate')} of {unit} with known outcome; the highest: {most.label}, {_said(most)}."


def _as_row(row: Row) -> dict:
    values = (row.label, row.events, row.known, row.estimate, row.low, row.high, row.reference)
    return dict(zip(TABLE, values, strict=True))
