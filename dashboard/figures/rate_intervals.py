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
    drawn = _place_rows(rates.head(MAX_ROWS))
    total = float(drawn.bottom.iloc[-1])
    known = drawn[drawn.followed_up > 0]
    known = known.assign(hover=[f"{row.label}: {formatting.rate_text(row)}" for row in known.itertuples()])
    highest = known[["rate", "published_rate"]].max().max()
    end = 1.5 if known.empty else base.percent_end(highest, known.high.max(), 1.04)
    left_out = "" if len(drawn) == len(rates) else f"<br>The first {len(drawn)} of {formatting.count(len(rates))} rows"
    heading = base.text_annotation(
        "of followed up<br>rate (95% interval)",
        xref="paper", yref="paper", x=1, xshift=12, y=1, yanchor="bottom", yshift=14,
    )  # fmt: skip
    headings = drawn[drawn.is_heading & (drawn.top > 0)]
    figure = base.build_figure(
        _traces(known, end),
        height=int(total) + 68,
        margin={"l": base.LABEL_WIDTH, "r": NUMBERS_WIDTH, "t": 60, "b": 8, "pad": 0},
        showlegend=bool(known.published_rate.notna().any()),
        legend=base.LEGEND | {"xref": "container", "yref": "container", "yanchor": "top"},
        xaxis=base.titled_axis(
            f"% of {base.escape_label(unit)}{left_out}", range=[0, end], side="top", nticks=6, showgrid=True
        ),
        yaxis={"visible": False, "range": [total, 0]},
        annotations=[*base.row_annotations(drawn), heading],
        shapes=[base.horizontal_line(top, color=theme.GRID) for top in headings.top],
    )
    alt = f"{formatting.pluralize(len(rates), 'row')}, none followed up."
    if not known.empty:
        highest = known.hover.iloc[known.rate.argmax()]
        alt = f"{formatting.pluralize(len(rates), 'rate')} of {unit} followed up. The highest: {highest}."
    return base.Chart(figure, alt, rates[list(COLUMNS)])


def _place_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows below each other, as high as the lines of their labels, with the texts beside the dots."""
    widths = np.where(rows.is_heading, HEADING_CHARACTERS, base.LABEL_CHARACTERS)
    lines = [base.wrap_label(label, width) for label, width in zip(rows.label, widths, strict=True)]
    heights = base.LINE_HEIGHT * np.maximum(2, [len(label) for label in lines]) + np.where(rows.is_heading, 14, 6)
    bottom = np.cumsum(heights)
    labels = pd.Series(["<br>".join(label) for label in lines], index=rows.index)
    return rows.assign(
        top=bottom - heights,
        y=bottom - heights / 2,
        bottom=bottom,
        name=labels.mask(rows.is_heading, "<b>" + labels + "</b>"),
        indent=np.where(rows.is_heading | ~rows.is_heading.any(), 0, INDENT),
        numbers=[
            f"{formatting.n_of_m(row.events, row.followed_up)}<br>"
            f"{base.escape_label(formatting.percent_interval(row.rate, row.low, row.high))}"
            if row.followed_up
            else "none<br>followed up"
            for row in rows.itertuples()
        ],
    )


def _traces(known: pd.DataFrame, end: float) -> list[go.Scatter]:
    """The intervals, the arrows of those beyond the axis, the published rates, and the dots over all of them."""
    high, marked = 100 * known.high, known[known.published_rate.notna()]
    beyond, published = known.y[high > end], marked.label + ": " + marked.published_text
    tick = {"symbol": "line-ns", "size": 20, "line": {"color": theme.GREY, "width": 2}}
    dot = {
        "symbol": np.where(known.events > 0, "circle", "circle-open").tolist(),
        "size": theme.MARK + np.where(known.is_heading, 3, 1),
        "color": theme.BLUE,
        "opacity": 1,
        "line": {"width": np.where(known.events > 0, 0, 2)},
    }
    return [
        base.segment_trace((100 * known.low, high.clip(upper=end)), (known.y, known.y), base.INTERVAL_LINE),
        go.Scatter(
            x=np.full(len(beyond), end),
            y=beyond.to_numpy(),
            mode="markers",
            marker={"symbol": "triangle-right", "size": theme.MARK, "color": theme.BLUE},
            hoverinfo="skip",
            cliponaxis=False,
            showlegend=False,
        ),
        base.dot_trace(
            100 * marked.published_rate.to_numpy(), marked.y.to_numpy(), tick, marked.key, published,
            name=PUBLISHED_LABEL, cliponaxis=None,
        ),
        base.dot_trace(100 * known.rate.to_numpy(), known.y.to_numpy(), dot, known.key, known.hover, showlegend=False),
    ]  # fmt: skip
