"""Rates in rows: label, dot with its interval, numbers. The rows of the Side effects page.

Label, dot and numbers are one figure, so that they line up at every width. A long interval ends in an arrow rather than
squeeze all the others.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_ROWS = 60  # more is a list to search, not a picture: the table holds all of them
NUMBERS_WIDTH = 118  # px beside the dots: "24.7% (21.2–28.6)"
HEADING_CHARACTERS = 15  # bold letters are wider
INDENT = 8  # px, under a heading
PUBLISHED_LABEL = "published rate"
COLUMNS = ("label", "events", "followed_up", "rate", "low", "high", "published_rate")


def draw(rates: pd.DataFrame, unit: str = "treatments") -> base.Chart:
    """A row for each rate, in the order given; a click on a dot gives the row's key. `unit`: what is counted, plural.

    Columns: key, label, events, followed_up, rate, low, high (as of data.analysis.estimates.rates), and optionally
    is_heading (stands above the rows it covers), published_rate (0-1, NaN: none), published_text.
    """
    if rates.empty:
        return base.empty_chart("No side effects to show here.", COLUMNS)
    rates = base.with_defaults(rates, is_heading=False, published_rate=np.nan, published_text="")
    drawn = rates.head(MAX_ROWS)
    widths = np.where(drawn.is_heading, HEADING_CHARACTERS, base.LABEL_CHARACTERS)
    labels = [base.wrap_label(label, width) for label, width in zip(drawn.label, widths, strict=True)]
    heights = base.LINE_HEIGHT * np.maximum(2, [len(lines) for lines in labels]) + np.where(drawn.is_heading, 14, 6)
    bottoms, total = np.cumsum(heights), float(heights.sum())
    drawn = drawn.assign(y=bottoms - heights / 2, top=bottoms - heights, label_text=["<br>".join(x) for x in labels])
    known = drawn[drawn.followed_up > 0]
    known = known.assign(hover=[f"{row.label}: {formatting.rate_text(row)}" for row in known.itertuples()])
    end = _axis_end(known)
    left_out = "" if len(drawn) == len(rates) else f"<br>The first {len(drawn)} of {formatting.count(len(rates))} rows"
    figure = base.build_figure(
        [*_intervals(known, end), _published(known[known.published_rate.notna()]), _dots(known)],
        height=int(total) + 68,
        margin={"l": base.LABEL_WIDTH, "r": NUMBERS_WIDTH, "t": 60, "b": 8, "pad": 0},
        showlegend=bool(known.published_rate.notna().any()),
        legend=base.LEGEND | {"xref": "container", "yref": "container", "yanchor": "top"},
        xaxis=base.titled_axis(
            f"% of {base.escape_label(unit)}{left_out}", range=[0, end], side="top", nticks=6, showgrid=True
        ),
        yaxis=base.hidden_axis(range=[total, 0]),
        annotations=_annotations(drawn),
        shapes=[base.horizontal_line(top, color=theme.GRID) for top in drawn.top[drawn.is_heading & (drawn.top > 0)]],
    )
    return base.Chart(figure, _alt_text(known, len(rates), unit), rates[list(COLUMNS)])


def _axis_end(known: pd.DataFrame) -> float:
    """Where the axis ends, in percent: wide enough for every dot, not for every interval."""
    if known.empty:
        return 1.5
    highest_dot, highest_end = known[["rate", "published_rate"]].max().max(), known.high.max()
    return min(100.0, base.round_up(104 * (min(highest_end, 2.5 * highest_dot) if highest_dot else highest_end)))


def _annotations(rows: pd.DataFrame) -> list[dict]:
    names = [f"<b>{row.label_text}</b>" if row.is_heading else row.label_text for row in rows.itertuples()]
    heading = base.text_annotation(
        "of followed up<br>rate (95% interval)",
        xref="paper", yref="paper", x=1, xshift=12, y=1, yanchor="bottom", yshift=14,
    )  # fmt: skip
    indents = np.where(rows.is_heading | ~rows.is_heading.any(), 0, INDENT)
    return [
        *base.left_annotations(names, rows.y, indents.tolist()),
        *base.right_annotations(map(_numbers_text, rows.itertuples()), rows.y),
        heading,
    ]


def _numbers_text(row) -> str:
    if not row.followed_up:
        return "none<br>followed up"
    rate = formatting.percent_interval(row.rate, row.low, row.high) if row.events else formatting.upper_limit(row.high)
    return f"{formatting.n_of_m(row.events, row.followed_up)}<br>{base.escape_label(rate)}"


def _intervals(known: pd.DataFrame, end: float) -> list[go.Scatter]:
    gap = np.full(len(known), np.nan)
    beyond = known.y[100 * known.high > end]
    return [
        go.Scatter(
            x=np.column_stack([100 * known.low, np.minimum(100 * known.high, end), gap]).ravel(),
            y=np.column_stack([known.y, known.y, gap]).ravel(),
            mode="lines",
            line={"color": theme.fade_color(theme.BLUE, 0.45), "width": 4},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter(
            x=np.full(len(beyond), end),
            y=beyond.to_numpy(),
            mode="markers",
            marker={"symbol": "triangle-right", "size": theme.MARK, "color": theme.BLUE},
            hoverinfo="skip",
            cliponaxis=False,
            showlegend=False,
        ),
    ]


def _published(marked: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=100 * marked.published_rate.to_numpy(),
        y=marked.y.to_numpy(),
        mode="markers",
        marker={"symbol": "line-ns", "size": 20, "line": {"color": theme.GREY, "width": 2}},
        name=PUBLISHED_LABEL,
        **base.hover_data(marked.key, marked.label + ": " + marked.published_text),
    )


def _dots(known: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=100 * known.rate.to_numpy(),
        y=known.y.to_numpy(),
        mode="markers",
        marker={
            "symbol": np.where(known.events > 0, "circle", "circle-open").tolist(),
            "size": theme.MARK + np.where(known.is_heading, 3, 1),
            "color": theme.BLUE,
            "opacity": 1,
            "line": {"width": np.where(known.events > 0, 0, 2)},
        },
        cliponaxis=False,
        showlegend=False,
        **base.hover_data(known.key, known.hover),
    )


def _alt_text(known: pd.DataFrame, rows: int, unit: str) -> str:
    if known.empty:
        return f"{formatting.pluralize(rows, 'row')}, none followed up."
    highest = known.hover.iloc[known.rate.argmax()]
    return f"{formatting.pluralize(rows, 'rate')} of {unit} followed up. The highest: {highest}."
