"""Rates in rows: label, dot with its interval, numbers. The rows of the Side effects page.

Three columns in one figure, so that dots line up with their words at every width. A long interval ends in an arrow
rather than squeeze all the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    LABEL_CHARACTERS,
    LABEL_WIDTH,
    LEGEND,
    LINE_HEIGHT,
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hidden_axis,
    horizontal_line,
    hover_data,
    left_annotations,
    right_annotations,
    round_up,
    text_annotation,
    titled_axis,
    to_columns,
    wrap_label,
)
from dashboard.text import formatting

MAX_ROWS = 60  # more is a list to search, not a picture: the table holds all of them
NUMBERS_WIDTH = 118  # px beside the dots: "24.7% (21.2–28.6)"
HEADING_CHARACTERS = 15  # bold letters are wider
INDENT = 8  # px, under a heading
PUBLISHED_LABEL = "published rate"
COLUMN_TITLES = ("What", "With it", "Known outcome", "Rate", "Low", "High", "Reference")


@dataclass(frozen=True)
class RateRow:
    """One rate. Proportions 0-1; None where no outcome is known. `heading`: it stands above the rows it holds."""

    key: str
    label: str
    events: int
    known: int
    estimate: float | None
    low: float | None
    high: float | None
    is_heading: bool = False
    reference: float | None = None
    reference_text: str = ""
    flagged: bool = False


def draw(rows: Sequence[RateRow], unit: str = "treatments") -> Chart:
    """A row for each rate of `unit` with known outcome, in the order given; a click on a dot gives the row's key."""
    if not rows:
        return empty_chart("No side effects to show here.", COLUMN_TITLES)
    drawn = rows[:MAX_ROWS]
    labels = [wrap_label(row.label, HEADING_CHARACTERS if row.is_heading else LABEL_CHARACTERS) for row in drawn]
    pairs = zip(drawn, labels, strict=True)
    heights = np.array([LINE_HEIGHT * max(2, len(words)) + (14 if row.is_heading else 6) for row, words in pairs])
    middle, total = np.cumsum(heights) - heights / 2, float(heights.sum())
    known = [(row, y) for row, y in zip(drawn, middle, strict=True) if row.known]
    end = _axis_end([row for row, _ in known])
    above = [top for row, top in zip(drawn, np.cumsum(heights) - heights, strict=True) if row.is_heading and top]
    left_out = "" if len(drawn) == len(rows) else f"<br>The first {len(drawn)} of {formatting.count(len(rows))} rows"
    title = f"% of {escape_label(unit)}{left_out}"
    figure = build_figure(
        [*_intervals(known, end), _references(known), _dots(known)],
        height=int(total) + 68,
        margin={"l": LABEL_WIDTH, "r": NUMBERS_WIDTH, "t": 60, "b": 8, "pad": 0},
        showlegend=any(row.reference is not None for row, _ in known),
        legend=LEGEND | {"xref": "container", "yref": "container", "yanchor": "top"},
        xaxis=titled_axis(title, range=[0, end], side="top", nticks=6, showgrid=True),
        yaxis=hidden_axis(range=[total, 0]),
        annotations=[*_annotations(drawn, labels, middle), _numbers_heading()],
        shapes=[horizontal_line(top, color=theme.GRID) for top in above],
    )
    values = ((r.label, r.events, r.known, r.estimate, r.low, r.high, r.reference) for r in rows)
    return Chart(figure, _alt_text(rows, unit), to_columns(COLUMN_TITLES, values))


def _axis_end(known: Sequence[RateRow]) -> float:
    """Where the axis ends, in percent: wide enough for every dot, not for every interval."""
    highest_dot = max((max(row.estimate, row.reference or 0) for row in known), default=0)
    highest_end = max((row.high for row in known), default=0.01)
    return min(100.0, round_up(104 * (min(highest_end, 2.5 * highest_dot) if highest_dot else highest_end)))


def _annotations(rows: Sequence[RateRow], labels: list[list[str]], middle: np.ndarray) -> list[dict]:
    pairs = zip(rows, ("<br>".join(words) for words in labels), strict=True)
    names = [f"<b>{name}</b>" if row.is_heading else name for row, name in pairs]
    grouped = any(row.is_heading for row in rows)
    indents = [INDENT if grouped and not row.is_heading else 0 for row in rows]
    return [*left_annotations(names, middle, indents), *right_annotations(map(_numbers_text, rows), middle)]


def _numbers_text(row: RateRow) -> str:
    if not row.known:
        return "no outcome<br>known"
    rate = (
        formatting.percent_interval(row.estimate, row.low, row.high) if row.events else formatting.upper_limit(row.high)
    )
    return f"{formatting.n_of_m(row.events, row.known)}<br>{escape_label(rate)}"


def _numbers_heading() -> dict:
    text = "of known outcomes<br>rate (95% interval)"
    return text_annotation(text, xref="paper", yref="paper", x=1, xshift=12, y=1, yanchor="bottom", yshift=14)


def _intervals(known: Sequence[tuple[RateRow, float]], end: float) -> list[go.Scatter]:
    beyond = np.array([y for row, y in known if 100 * row.high > end])
    return [
        go.Scatter(
            x=[x for row, _ in known for x in (100 * row.low, min(100 * row.high, end), None)],
            y=[at for _, y in known for at in (y, y, None)],
            mode="lines",
            line={"color": theme.fade_color(theme.BLUE, 0.45), "width": 4},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter(
            x=np.full(len(beyond), end),
            y=beyond,
            mode="markers",
            marker={"symbol": "triangle-right", "size": theme.MARK, "color": theme.BLUE},
            hoverinfo="skip",
            cliponaxis=False,
            showlegend=False,
        ),
    ]


def _references(known: Sequence[tuple[RateRow, float]]) -> go.Scatter:
    marked = [(row, y) for row, y in known if row.reference is not None]
    return go.Scatter(
        x=np.array([100 * row.reference for row, _ in marked]),
        y=np.array([y for _, y in marked]),
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"color": theme.GREY, "width": 2}},
        name=PUBLISHED_LABEL,
        **hover_data((row.key for row, _ in marked), (f"{row.label}: {row.reference_text}" for row, _ in marked)),
    )


def _dots(known: Sequence[tuple[RateRow, float]]) -> go.Scatter:
    return go.Scatter(
        x=np.array([100 * row.estimate for row, _ in known]),
        y=np.array([y for _, y in known]),
        mode="markers",
        marker={
            "symbol": ["diamond" if row.flagged else "circle" if row.events else "circle-open" for row, _ in known],
            "size": [theme.MARK + (3 if row.is_heading or row.flagged else 1) for row, _ in known],
            "color": [theme.ORANGE if row.flagged else theme.BLUE for row, _ in known],
            "opacity": 1,
            "line": {"width": [0 if row.events else 2 for row, _ in known]},
        },
        cliponaxis=False,
        showlegend=False,
        **hover_data((row.key for row, _ in known), (f"{row.label}: {_hover_text(row)}" for row, _ in known)),
    )


def _hover_text(row: RateRow) -> str:
    return formatting.rate_with_interval(row.events, row.known, row.estimate, row.low, row.high)


def _alt_text(rows: Sequence[RateRow], unit: str) -> str:
    known = [row for row in rows if row.known]
    if not known:
        return f"{formatting.pluralize(len(rows), 'row')}, none with known outcome."
    most = max(known, key=lambda row: row.estimate)
    rates = formatting.pluralize(len(rows), "rate")
    return f"{rates} of {unit} with known outcome; the highest: {most.label}, {_hover_text(most)}."
