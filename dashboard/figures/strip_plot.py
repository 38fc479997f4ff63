"""Values along a line, one row per area or side effect: units given, or days until onset.

Equal values share a dot whose area is their number, so ten thousand treatments are as easy to read as ten.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_ROWS = 60  # more is a list to search: the table holds all of them
MAX_DOT_SIZE, MIN_DOT_SIZE = 22, 4  # px: the dot of the most frequent value in a row, and the least a dot may be
FRAME = 16  # px above and below the middle of a row
MIN_FRAME_WIDTH = 6  # px to each side of a single value
FRAME_LINE = {"color": theme.GREY, "width": 1.5}
COLUMNS = ("label", "value", "number", "total", "median", "reference")


def draw(values: pd.DataFrame, title: str, each: str, reference: str = "", value: str = "{}") -> base.Chart:
    """A row of dots for each key, with its median as a tick. A click gives the key.

    Columns: key, label, value (rising within a key), number (how many have that value), and optionally reference_low,
    reference_high (a frame, as from a label). `title` names value and unit, `each` what is counted (singular),
    `reference` what the frames are ("labeled dose"), `value` how one is written ("day {}").
    """
    values = base.with_defaults(values[values.number > 0], reference_low=np.nan, reference_high=np.nan)
    if values.empty:
        return base.empty_chart(f"No {each} with a value to show.", COLUMNS)
    total = values.groupby("key", sort=False).number.transform("sum")
    rows = values.assign(total=total).groupby("key", sort=False, as_index=False).first()
    rows["median"] = [
        float(np.median(np.repeat(part.value, part.number.astype(int))))
        for _, part in values.groupby("key", sort=False)
    ]
    rows["reference"] = [
        "" if np.isnan(row.reference_low) else formatting.number_range(row.reference_low, row.reference_high)
        for row in rows.itertuples()
    ]
    left_out = f"; the first {MAX_ROWS} of {formatting.count(len(rows))} rows" if len(rows) > MAX_ROWS else ""
    table = values.merge(rows[["key", "total", "median", "reference"]], on="key")
    rows = rows.head(MAX_ROWS)
    labels = [[*base.wrap_label(row.label), f"n = {formatting.count(row.total)}"] for row in rows.itertuples()]
    heights = np.array([base.LINE_HEIGHT * len(lines) + 8 for lines in labels])
    height = float(heights.sum())
    rows = rows.assign(y=np.cumsum(heights) - heights / 2, name=["<br>".join(lines) for lines in labels])
    drawn = table[table.key.isin(rows.key)]
    top = base.round_up(1.04 * max(1.0, drawn[["value", "reference_low", "reference_high"]].max().max()))
    framed = rows[rows.reference_low.notna()]
    marker = {"symbol": "square", "size": 12, "color": theme.BAND, "line": FRAME_LINE}
    # The frames' entry in the legend: shapes have none.
    legend_entry = base.dot_trace([None], [None], marker, (), (), name=base.escape_label(reference))
    figure = base.build_figure(
        [
            _dot_trace(table.merge(rows[["key", "y"]], on="key"), each, value),
            _median_trace(rows, value),
            *([legend_entry] if len(framed) else []),
        ],
        height=int(height) + 106,
        showlegend=True,
        margin={"l": base.LABEL_WIDTH, "r": 16, "t": 12, "b": 8, "pad": 0},
        xaxis=base.titled_axis(
            f"{base.escape_label(title)}<br>larger dots: more {base.escape_label(each)}s{left_out}",
            range=[min(0.0, float(drawn.value.min())) - 0.02 * top, top],
            nticks=6,
            showgrid=True,
        ),
        yaxis={"visible": False, "range": [height, 0]},
        annotations=base.row_annotations(rows),
        shapes=[_frame(row.reference_low, row.reference_high, row.y) for row in framed.itertuples()],
    )
    return base.Chart(figure, _alt_text(rows, title, reference), table[list(COLUMNS)])


def _dot_trace(values: pd.DataFrame, each: str, value: str) -> go.Scatter:
    share = values.number / values.groupby("key").number.transform("max")
    hover = (
        f"{row.label}, {_format_value(row.value, value)}: {formatting.n_of_m(row.number, row.total)} {each}s"
        for row in values.itertuples()
    )
    marker = {
        "size": np.maximum(MIN_DOT_SIZE, MAX_DOT_SIZE * np.sqrt(share.to_numpy())),
        "color": theme.fade_color(theme.BLUE, 0.55),
        "opacity": 1,
        "line": {"width": 0},
    }
    return base.dot_trace(values.value.to_numpy(), values.y.to_numpy(), marker, values.key, hover, showlegend=False)


def _median_trace(rows: pd.DataFrame, value: str) -> go.Scatter:
    hover = (
        f"{row.label}: median {_format_value(row.median, value)}, n = {formatting.count(row.total)}"
        for row in rows.itertuples()
    )
    marker = {"symbol": "line-ns", "size": 26, "line": {"color": theme.BLUE, "width": 3}}
    return base.dot_trace(rows["median"].to_numpy(), rows.y.to_numpy(), marker, rows.key, hover, name="median")


def _format_value(at: float, value: str) -> str:
    """Not by `format`: a source can use braces in the names of its units."""
    return value.replace("{}", formatting.number(float(at)), 1)


def _frame(low: float, high: float, y: float) -> dict:
    """A frame around the label's range; around a single value just wide enough to leave the median's tick visible."""
    across = {"x0": low, "x1": high}
    if low == high:
        across = {"xsizemode": "pixel", "xanchor": low, "x0": -MIN_FRAME_WIDTH, "x1": MIN_FRAME_WIDTH}
    frame = {"type": "rect", "fillcolor": theme.BAND, "line": FRAME_LINE, "layer": "below"}
    return frame | across | {"y0": y - FRAME, "y1": y + FRAME}


def _alt_text(rows: pd.DataFrame, title: str, reference: str) -> str:
    parts = (
        f"{row.label}: n = {formatting.count(row.total)}, median {formatting.number(row.median)}"
        + (f", {reference} {row.reference}" if row.reference else "")
        for row in rows.itertuples()
    )
    return f"{title}. {'; '.join(parts)}."
