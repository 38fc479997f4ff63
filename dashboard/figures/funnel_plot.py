"""What to expect by volume: observed over expected against the number of treatments, in exact limits. Not a ranking."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    Chart,
    build_figure,
    count_axis,
    empty_chart,
    escape_label,
    horizontal_line,
    hover_data,
    round_up,
    titled_axis,
)
from dashboard.text import formatting

BAND_RANK = 2000  # legendrank: the bands are drawn before the dots and named after them (Plotly's default is 1000)
COLUMNS = ["label", "followed_up", "observed", "expected", "ratio", "status"]

# Color and shape say the same, so that either is enough. Flag -> its name, symbol, color and size.
STYLES = {
    "": ("as expected", "circle", theme.GREY, theme.MARK),
    "high": ("higher than expected", "diamond", theme.ORANGE, theme.MARK + 3),
    "low": ("lower than expected", "square", theme.BLUE, theme.MARK + 1),
}


def draw(units: pd.DataFrame, limits: pd.DataFrame) -> Chart:
    """A dot for each unit, the viewer's own large and named, the others alike. A click gives the key.

    `units`: key, label (str), followed_up, observed (int64), expected, ratio (float64), flag ("", "high" or "low") and
    is_own (bool). `limits`: as of `data.summaries.practitioners`, by rising volume.
    """
    if units.empty:
        return empty_chart("No practitioner has enough treatments to be compared.", COLUMNS)
    units = units.assign(
        status=[STYLES[flag][0] for flag in units.flag], hover=[_hover_text(row) for row in units.itertuples()]
    )
    most, end = 1.15 * units.followed_up.max(), _axis_end(units, limits)
    figure = build_figure(
        [*_band_traces(limits, end), *_dot_traces(units)],
        height=400,
        showlegend=True,
        xaxis=count_axis("Treatments with a follow-up", most, range=[0, most]),
        yaxis=titled_axis("Observed / expected side effects", range=[-0.03 * end, end], nticks=6, showgrid=False),
        shapes=[horizontal_line(1, "dash")],
    )
    return Chart(figure, _alt_text(units), units[COLUMNS].reset_index(drop=True))


def _hover_text(row) -> str:
    counts = f"{formatting.n_of_m(row.observed, row.followed_up)}, {formatting.number(row.expected)} expected"
    return f"{row.label}: {counts}, observed / expected {formatting.number(row.ratio, 2)}; {STYLES[row.flag][0]}"


def _axis_end(units: pd.DataFrame, limits: pd.DataFrame) -> float:
    """Every dot, and the limits at the smallest volume that is drawn as a dot."""
    at = min(int(np.searchsorted(limits.followed_up, units.followed_up.min())), len(limits) - 1)
    return round_up(1.05 * max(2.0, limits.outer_high.iloc[at], units.ratio.max()))


def _band_traces(limits: pd.DataFrame, end: float) -> list[go.Scatter]:
    """The outer band and the inner one on it, cut at the end of the axis rather than stretching it."""
    volumes = limits.followed_up.to_numpy()
    edge = {"x": volumes, "mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    traces = []
    for band, strength, name in (
        ("outer", 0.14, "outer band: 99.8% of chance results"),
        ("inner", 0.24, "inner band: 95%"),
    ):
        filled = {"fill": "tonexty", "fillcolor": theme.fade_color(theme.GREY, strength), "legendrank": BAND_RANK}
        traces += [
            go.Scatter(y=limits[f"{band}_high"].clip(upper=end).to_numpy(), showlegend=False, **edge),
            go.Scatter(y=limits[f"{band}_low"].to_numpy(), name=name, **filled, **edge),
        ]
    return traces


def _dot_traces(units: pd.DataFrame) -> list[go.Scatter]:
    """The others by flag; last the own dot, so that no other lies over it, flagged like any other."""
    others, own = units[~units.is_own], units[units.is_own]
    whose = "others " if len(own) else ""
    traces = []
    for flag, (name, symbol, color, size) in STYLES.items():
        chosen = others[others.flag == flag]
        if len(chosen):
            traces.append(_dot_trace(chosen, f"{whose}{name}", {"symbol": symbol, "color": color, "size": size}))
    for at, flag in enumerate(own.flag):
        color = theme.ORANGE if flag == "high" else theme.BLUE
        ring = {"width": 2, "color": theme.GREY}
        marker = {"symbol": STYLES[flag][1], "color": color, "size": theme.MARK + 6, "line": ring}
        traces.append(_dot_trace(own.iloc[[at]], own.label.iloc[at], marker))
    return traces


def _dot_trace(units: pd.DataFrame, name: str, marker: dict) -> go.Scatter:
    return go.Scatter(
        x=units.followed_up.to_numpy(),
        y=units.ratio.to_numpy(),
        mode="markers",
        marker=marker,
        name=escape_label(name),
        cliponaxis=False,
        **hover_data(units.key, units.hover),
    )


def _alt_text(units: pd.DataFrame) -> str:
    own = "".join(f" {hover}." for hover in units.hover[units.is_own])
    outside = formatting.count(int((units.flag != "").sum()))
    return f"{formatting.count(len(units))} compared by volume, {outside} outside the outer limits.{own}"
