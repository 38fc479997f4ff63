"""Is it related to the units given? The rate by band of units with its interval, for one product and one area."""

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hover_data,
    percent_axis,
    round_up,
    text_annotation,
    titled_axis,
    vertical_line,
)
from dashboard.text import formatting

HEADROOM = 1.12  # of the axis: where the name of the labeled dose stands clear of every interval
COLUMNS = ["units", "events", "followed_up", "rate", "low", "high"]


def draw(
    bands: pd.DataFrame, product_units: str, line: pd.DataFrame | None = None, label_dose: float | None = None
) -> Chart:
    """A dot for each band at its middle, as wide as the band; `label_dose`: the labeled units, drawn as a mark.

    `bands` and `line` as of `data.summaries.dose_response.DoseEffect`. `product_units` names the product's own units
    ("Botox units"): units of two products never share an axis. A click gives the least units of the band.
    """
    if bands.empty:
        return empty_chart("No treated area with units and a follow-up.", COLUMNS)
    bands = bands.assign(
        units=[_units_text(row.least, row.most) for row in bands.itertuples()],
        middle=(bands.least + bands.most) / 2,
        key=[f"{least:g}" for least in bands.least],
    )
    bands = bands.assign(hover=[_hover_text(row) for row in bands.itertuples()])
    known = bands[bands.followed_up > 0]
    end = _axis_end(known, line)
    marked = [] if label_dose is None else [label_dose]
    least, most = min([*marked, *bands.least]), max([*marked, *bands.most])
    room = max(1.0, 0.04 * (most - least))
    figure = build_figure(
        [*_interval_traces(known, end), *([] if line is None else [_fitted_trace(line)]), _dot_trace(known)],
        height=360,
        showlegend=True,
        xaxis=titled_axis(
            f"{escape_label(product_units)} per treated area",
            range=[least - room, most + room],
            nticks=8,
            showgrid=False,
        ),
        yaxis=percent_axis("With side effect, % of treated areas", end * (HEADROOM if marked else 1)),
        shapes=[vertical_line(dose, end * HEADROOM) for dose in marked],
        annotations=[_label_dose_annotation(dose, end, dose > (least + most) / 2) for dose in marked],
    )
    drawn = "without a fitted line" if line is None else "with a fitted line"
    alt = f"Rate by band of {product_units}, {drawn}. {'. '.join(bands.hover)}."
    return Chart(figure, alt, bands[COLUMNS])


def _units_text(least: float, most: float) -> str:
    low, high = formatting.number(least), formatting.number(most)
    return low if low == high else f"{low}{formatting.DASH}{high}"


def _hover_text(band) -> str:
    if not band.followed_up:
        return f"{band.units} units: no follow-up"
    rate = formatting.rate_with_interval(band.events, band.followed_up, band.rate, band.low, band.high)
    return f"{band.units} units: {rate}"


def _axis_end(known: pd.DataFrame, line: pd.DataFrame | None) -> float:
    """Room for every dot and the line, and most of the intervals."""
    highest = max([*known.rate, *([] if line is None else line.rate)], default=0)
    widest = max(known.high, default=0.1)
    return min(100.0, round_up(100 * (max(highest, min(widest, 2.5 * highest)) if highest else widest)))


def _interval_traces(known: pd.DataFrame, end: float) -> list[go.Scatter]:
    rows = list(known.itertuples())
    upright = {"color": theme.fade_color(theme.BLUE, 0.45), "width": 4}
    common = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return [
        go.Scatter(
            x=[x for row in rows for x in (row.middle, row.middle, None)],
            y=[y for row in rows for y in (100 * row.low, min(100 * row.high, end), None)],
            line=upright,
            **common,
        ),
        go.Scatter(
            x=[x for row in rows for x in (row.least, row.most, None)],
            y=[y for row in rows for y in (100 * row.rate, 100 * row.rate, None)],
            line={"color": theme.BLUE, "width": 1.5},
            **common,
        ),
    ]


def _dot_trace(known: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=known.middle.to_numpy(),
        y=100 * known.rate.to_numpy(),
        mode="markers",
        marker={"symbol": "circle", "color": theme.BLUE, "size": theme.MARK + 1},
        name="rate in a band, with interval",
        cliponaxis=False,
        **hover_data(known.key, known.hover),
    )


def _fitted_trace(line: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=line.units.to_numpy(),
        y=100 * line.rate.to_numpy(),
        mode="lines",
        line={"color": theme.GREY, "width": theme.LINE, "dash": "dash"},
        name="fitted line",
        hoverinfo="skip",
    )


def _label_dose_annotation(dose: float, end: float, is_right: bool) -> dict:
    side = {"xanchor": "right", "xshift": -4} if is_right else {"xanchor": "left", "xshift": 4}
    return text_annotation(f"labeled dose: {formatting.number(dose)}", x=dose, y=end * HEADROOM, yanchor="top", **side)
