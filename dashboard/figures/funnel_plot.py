"""What to expect by volume: observed over expected against the number of treatments, in exact limits. Not a ranking."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

BAND_RANK = 2000  # legendrank: the bands are drawn before the dots and named after them (Plotly's default is 1000)
COLUMNS = ["label", "followed_up", "observed", "expected", "ratio", "status"]

# Color and shape say the same, so that either is enough. Flag -> its name and marker.
STYLES = {
    "": ("as expected", {"symbol": "circle", "color": theme.GREY, "size": theme.MARK}),
    "high": ("higher than expected", {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 3}),
    "low": ("lower than expected", {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
}


def draw(units: pd.DataFrame, limits: pd.DataFrame) -> base.Chart:
    """A dot for each unit, the viewer's own large and named, the others alike. A click gives the key.

    `units`: key, label (str), followed_up, observed (int64), expected, ratio (float64), flag ("", "high" or "low") and
    is_own (bool). `limits`: as of `data.summaries.practitioners`, by rising volume.
    """
    if units.empty:
        return base.empty_chart("No practitioner has enough treatments to be compared.", COLUMNS)
    units = units.assign(
        status=[STYLES[flag][0] for flag in units.flag], hover=[_hover_text(row) for row in units.itertuples()]
    )
    most = 1.15 * units.followed_up.max()
    # The axis holds every dot, and the limits at the smallest volume that is drawn as a dot.
    at = min(int(np.searchsorted(limits.followed_up, units.followed_up.min())), len(limits) - 1)
    end = base.round_up(1.05 * max(2.0, limits.outer_high.iloc[at], units.ratio.max()))
    figure = base.build_figure(
        [*_band_traces(limits, end), *_dot_traces(units)],
        height=400,
        showlegend=True,
        xaxis=base.count_axis("Treatments with a follow-up", most, range=[0, most]),
        yaxis=base.titled_axis("Observed / expected side effects", range=[-0.03 * end, end], nticks=6, showgrid=False),
        shapes=[base.horizontal_line(1, "dash")],
    )
    own = "".join(f" {hover}." for hover in units.hover[units.is_own])
    outside = formatting.count(int((units.flag != "").sum()))
    alt = f"{formatting.count(len(units))} compared by volume, {outside} outside the outer limits.{own}"
    return base.Chart(figure, alt, units[COLUMNS].reset_index(drop=True))


def _hover_text(row) -> str:
    counts = f"{formatting.n_of_m(row.observed, row.followed_up)}, {formatting.number(row.expected)} expected"
    return f"{row.label}: {counts}, observed / expected {formatting.number(row.ratio, 2)}; {STYLES[row.flag][0]}"


def _band_traces(limits: pd.DataFrame, end: float) -> list[go.Scatter]:
    """The outer band and the inner one on it, cut at the end of the axis rather than stretching it."""
    volumes = limits.followed_up.to_numpy()
    edge = {"x": volumes, "mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    traces = []
    bands = ("outer", 0.14, "outer band: 99.8% of chance results"), ("inner", 0.24, "inner band: 95%")
    for band, strength, name in bands:
        filled = {"fill": "tonexty", "fillcolor": theme.fade_color(theme.GREY, strength), "legendrank": BAND_RANK}
        traces += [
            go.Scatter(y=limits[f"{band}_high"].clip(upper=end).to_numpy(), showlegend=False, **edge),
            go.Scatter(y=limits[f"{band}_low"].to_numpy(), name=name, **filled, **edge),
        ]
    return traces


def _dot_traces(units: pd.DataFrame) -> list[go.Scatter]:
    """The others by flag; last the own dot, so that no other lies over it, flagged like any other."""
    units = units.assign(x=units.followed_up, y=units.ratio)
    own = units[units.is_own]
    traces = base.flag_traces(units[~units.is_own], STYLES, whose="others " if len(own) else "")
    ring = {"width": 2, "color": theme.GREY}
    for row in own.itertuples():
        color = theme.ORANGE if row.flag == "high" else theme.BLUE
        marker = STYLES[row.flag][1] | {"color": color, "size": theme.MARK + 6, "line": ring}
        name = base.escape_label(row.label)
        traces.append(base.dot_trace(np.array([row.x]), np.array([row.y]), marker, [row.key], [row.hover], name=name))
    return traces
