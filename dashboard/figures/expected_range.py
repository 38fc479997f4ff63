"""What to expect of each practitioner: the share with a side effect in the range that chance explains. Not a ranking.

Label, band, dot and numbers are one figure, so that they line up at every width.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_ROWS = 60  # more is a list to search, not a picture: the table holds all of them
NUMBERS_WIDTH = 118  # px beside the dots: "expected 1,103–1,210"
BANDS = (("outer", 18, 0.16, "outer band: 99.8% of chance results"), ("inner", 10, 0.3, "inner band: 95%"))
COLUMNS = [
    "label", "comparable", "observed", "expected", "inner_low", "inner_high", "outer_low", "outer_high", "status",
]  # fmt: skip

# The shape tells high from low. One color for both: neither is good or bad before its cases are read.
STYLES = {
    "": ("as expected", {"symbol": "circle", "color": theme.GREY, "size": theme.MARK}),
    "high": ("higher than expected", {"symbol": "diamond", "color": theme.BLUE, "size": theme.MARK + 3}),
    "low": ("lower than expected", {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
}


def draw(units: pd.DataFrame) -> base.Chart:
    """A row for each unit, those with most treatments first; the viewer's own dot is ringed. A click gives the key.

    `units`: key, label (str), is_own (bool), flag ("", "high" or "low"), and counts: comparable, observed, expected,
    inner_low, inner_high, outer_low, outer_high (ends included).
    """
    if units.empty:
        return base.empty_chart("No practitioner has enough treatments to be compared.", COLUMNS)
    units = units.sort_values("comparable", ascending=False, kind="stable", ignore_index=True)
    units = units.assign(
        status=[STYLES[flag][0] for flag in units.flag], hover=[_hover_text(row) for row in units.itertuples()]
    )
    drawn = _place_rows(units.head(MAX_ROWS))
    total, left_out = float(drawn.bottom.iloc[-1]), ""
    if len(drawn) < len(units):
        left_out = f"<br>The first {len(drawn)} of {formatting.count(len(units))} rows"
    widest = (np.maximum(drawn.outer_high + 0.5, drawn.observed) / drawn.comparable).max()
    end = min(100.0, base.round_up(100 * 1.04 * widest))
    heading = base.text_annotation(
        "of comparable<br>outer band", xref="paper", yref="paper", x=1, xshift=12, y=1, yanchor="bottom", yshift=14
    )
    traces = [*_band_traces(drawn), *_dot_traces(drawn)]
    legend_height = base.LINE_HEIGHT * len(traces) + 20  # on a phone, a line for each trace
    figure = base.build_figure(
        traces,
        height=int(total) + 60 + legend_height,
        margin={"l": base.LABEL_WIDTH, "r": NUMBERS_WIDTH, "t": 60, "b": legend_height, "pad": 0},
        showlegend=True,
        legend=base.LEGEND | {"xref": "container", "yref": "container", "y": 0, "yanchor": "bottom"},
        xaxis=base.titled_axis(f"% of treatments{left_out}", range=[0, end], side="top", nticks=6, showgrid=True),
        yaxis={"visible": False, "range": [total, 0]},
        annotations=[*base.row_annotations(drawn), heading],
    )
    own = "".join(f" {hover}." for hover in units.hover[units.is_own])
    outside = formatting.count(int((units.flag != "").sum()))
    alt = f"{formatting.count(len(units))} compared, {outside} outside the outer band.{own}"
    return base.Chart(figure, alt, units[COLUMNS])


def _hover_text(row) -> str:
    expected = f"{formatting.number(row.expected)} expected, {formatting.number_range(row.outer_low, row.outer_high)}"
    return f"{row.label}: {formatting.n_of_m(row.observed, row.comparable)}, {expected}; {STYLES[row.flag][0]}"


def _place_rows(units: pd.DataFrame) -> pd.DataFrame:
    """The rows below each other, as high as the lines of their labels, with the texts beside the dots."""
    lines = [base.wrap_label(label) for label in units.label]
    heights = base.LINE_HEIGHT * np.maximum(2, [len(label) for label in lines]) + 8
    bottom = np.cumsum(heights)
    return units.assign(
        bottom=bottom,
        y=bottom - heights / 2,
        x=100 * units.observed / units.comparable,
        name=["<br>".join(label) for label in lines],
        numbers=[
            f"{formatting.n_of_m(row.observed, row.comparable)}<br>"
            f"{formatting.number_range(row.outer_low, row.outer_high)}"
            for row in units.itertuples()
        ],
    )


def _band_traces(drawn: pd.DataFrame) -> list[go.Scatter]:
    """The outer bands, the inner ones on them, and what is expected. Each reaches half a count beyond its last count,
    so that a dot on an end lies inside."""
    traces = []
    for band, width, strength, name in BANDS:
        low, high = drawn[f"{band}_low"] - 0.5, drawn[f"{band}_high"] + 0.5
        ends = (100 * low.clip(lower=0) / drawn.comparable, 100 * np.minimum(high / drawn.comparable, 1))
        line = {"color": theme.fade_color(theme.GREY, strength), "width": width}
        traces.append(base.segment_trace(ends, (drawn.y, drawn.y), line, name=name))
    tick = {"symbol": "line-ns", "size": BANDS[0][1], "line": {"color": theme.GREY, "width": 1.5}}
    middle = (100 * drawn.expected / drawn.comparable).to_numpy()
    expected = go.Scatter(
        x=middle, y=drawn.y.to_numpy(), mode="markers", marker=tick, name="expected if all are alike", hoverinfo="skip"
    )
    return [*traces, expected]


def _dot_traces(drawn: pd.DataFrame) -> list[go.Scatter]:
    """The others by flag; last the own dot, flagged like any other."""
    own = drawn[drawn.is_own]
    traces = base.flag_traces(drawn[~drawn.is_own], STYLES, whose="others " if len(own) else "")
    ring = {"width": 2, "color": theme.GREY}
    for row in own.itertuples():
        marker = STYLES[row.flag][1] | {"color": theme.BLUE, "size": theme.MARK + 6, "line": ring}
        name = base.escape_label(row.label)
        traces.append(base.dot_trace(np.array([row.x]), np.array([row.y]), marker, [row.key], [row.hover], name=name))
    return traces
