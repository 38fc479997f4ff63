"""Is it related to the units given? The rate by band of units with its interval, for one product and one area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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
    to_columns,
    vertical_line,
)
from dashboard.text import formatting

HEADROOM = 1.12  # of the axis: where the name of the labelled dose stands clear of every interval
COLUMN_TITLES = ("Units", "With it", "Known outcome", "Rate", "Low", "High")


@dataclass(frozen=True)
class BandPoint:
    """Treated areas given from `least` to `most` units (both counted). Proportions 0-1; None: no outcome known."""

    key: str
    least: float
    most: float
    events: int
    known: int
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def middle(self) -> float:
        return (self.least + self.most) / 2

    @property
    def label(self) -> str:
        least, most = formatting.number(self.least), formatting.number(self.most)
        return least if least == most else f"{least}{formatting.DASH}{most}"

    @property
    def hover_text(self) -> str:
        if not self.known:
            return f"{self.label} units: no outcome known"
        return (
            f"{self.label} units: "
            f"{formatting.rate_with_interval(self.events, self.known, self.estimate, self.low, self.high)}"
        )


@dataclass(frozen=True)
class FittedLine:
    """The fitted chance (0-1) at each of `units`, where it may be drawn."""

    units: np.ndarray
    estimate: np.ndarray


def draw(
    bands: Sequence[BandPoint], product_units: str, line: FittedLine | None = None, label_dose: float | None = None
) -> Chart:
    """A dot for each band at its middle, as wide as the band; `label_dose`: the labelled units, drawn as a mark.

    `product_units` names the product's own units ("Botox units"): units of two products never share an axis. A click
    gives the band's key.
    """
    if not bands:
        return empty_chart("No treated area with units and a known outcome.", COLUMN_TITLES)
    known = [band for band in bands if band.known]
    end = _axis_end(known, line)
    marked = [] if label_dose is None else [label_dose]
    least, most = min([*marked, *(band.least for band in bands)]), max([*marked, *(band.most for band in bands)])
    room = max(1.0, 0.04 * (most - least))
    figure = build_figure(
        [*_interval_traces(known, end), *([_fitted_trace(line)] if line else []), _dot_trace(known)],
        height=360,
        showlegend=True,
        xaxis=titled_axis(
            f"{escape_label(product_units)} per treated area",
            range=[least - room, most + room],
            nticks=8,
            showgrid=False,
        ),
        yaxis=percent_axis("With it, % of treated areas", end * (HEADROOM if marked else 1)),
        shapes=[vertical_line(dose, end * HEADROOM) for dose in marked],
        annotations=[_label_dose_annotation(dose, end, dose > (least + most) / 2) for dose in marked],
    )
    rows = ((band.label, band.events, band.known, band.estimate, band.low, band.high) for band in bands)
    drawn = "with a fitted line" if line else "without a fitted line"
    alt = f"Rate by band of {product_units}, {drawn}. {'. '.join(band.hover_text for band in bands)}."
    return Chart(figure, alt, to_columns(COLUMN_TITLES, rows))


def _axis_end(known: Sequence[BandPoint], line: FittedLine | None) -> float:
    """Room for every dot and the line, and most of the intervals."""
    highest = max([*(band.estimate for band in known), *(line.estimate if line else ())], default=0)
    widest = max((band.high for band in known), default=0.1)
    return min(100.0, round_up(100 * (max(highest, min(widest, 2.5 * highest)) if highest else widest)))


def _interval_traces(known: Sequence[BandPoint], end: float) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=[x for band in known for x in (band.middle, band.middle, None)],
            y=[y for band in known for y in (100 * band.low, min(100 * band.high, end), None)],
            mode="lines",
            line={"color": theme.fade_color(theme.BLUE, 0.45), "width": 4},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter(
            x=[x for band in known for x in (band.least, band.most, None)],
            y=[y for band in known for y in (100 * band.estimate, 100 * band.estimate, None)],
            mode="lines",
            line={"color": theme.BLUE, "width": 1.5},
            hoverinfo="skip",
            showlegend=False,
        ),
    ]


def _dot_trace(known: Sequence[BandPoint]) -> go.Scatter:
    return go.Scatter(
        x=np.array([band.middle for band in known]),
        y=np.array([100 * band.estimate for band in known]),
        mode="markers",
        marker={"symbol": "circle", "color": theme.BLUE, "size": theme.MARK + 1},
        name="rate in a band, with interval",
        cliponaxis=False,
        **hover_data((band.key for band in known), (band.hover_text for band in known)),
    )


def _fitted_trace(line: FittedLine) -> go.Scatter:
    return go.Scatter(
        x=line.units,
        y=100 * line.estimate,
        mode="lines",
        line={"color": theme.GREY, "width": theme.LINE, "dash": "dash"},
        name="fitted line",
        hoverinfo="skip",
    )


def _label_dose_annotation(dose: float, end: float, late: bool) -> dict:
    side = {"xanchor": "right", "xshift": -4} if late else {"xanchor": "left", "xshift": 4}
    return text_annotation(f"labelled dose: {formatting.number(dose)}", x=dose, y=end * HEADROOM, yanchor="top", **side)
