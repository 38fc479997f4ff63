"""Is it related to the units given? The rate by band of units with its interval, for one product and one area."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

HEADROOM = 1.12  # of the axis: where the name of the labeled dose stands clear of every interval
COLUMNS = ["units", "events", "followed_up", "rate", "low", "high"]


def draw(
    bands: pd.DataFrame,
    product_units: str,
    line: pd.DataFrame | None = None,
    label_dose: tuple[float, float] | None = None,
) -> base.Chart:
    """A dot for each band at its middle, as wide as the band; `label_dose`: the least and most labeled units, shaded.

    `bands` and `line` as of `data.summaries.dose_response.DoseEffect`. `product_units` names the product's own units
    ("Botox units"): units of two products never share an axis. A click gives the least units of the band.
    """
    if bands.empty:
        return base.empty_chart("No treated area with units and a follow-up.", COLUMNS)
    bands = bands.assign(
        units=list(map(formatting.number_range, bands.least, bands.most)),
        middle=(bands.least + bands.most) / 2,
        key=[f"{least:g}" for least in bands.least],
    )
    rates = (formatting.rate_text(row) if row.followed_up else "no follow-up" for row in bands.itertuples())
    bands = bands.assign(hover=[f"{units} units: {rate}" for units, rate in zip(bands.units, rates, strict=True)])
    known = bands[bands.followed_up > 0]
    highest = max([*known.rate, *([] if line is None else line.rate)], default=0)
    end = base.percent_end(highest, max(known.high, default=0.1))
    marked = label_dose or ()
    least, most = min([*marked, *bands.least]), max([*marked, *bands.most])
    room = max(1.0, 0.04 * (most - least))
    is_right = label_dose is not None and label_dose[1] > (least + most) / 2
    label_side = {"xanchor": "right", "xshift": -8} if is_right else {"xanchor": "left", "xshift": 8}
    figure = base.build_figure(
        _traces(known, line, end),
        height=360,
        showlegend=True,
        xaxis=base.titled_axis(
            f"{base.escape_label(product_units)} per treated area",
            range=[least - room, most + room],
            nticks=8,
            showgrid=False,
        ),
        yaxis=base.percent_axis("With side effect, % of treated areas", end * (HEADROOM if marked else 1)),
        shapes=[] if label_dose is None else [_shade(*label_dose, end * HEADROOM, room / 4)],
        annotations=[]
        if label_dose is None
        else [
            base.text_annotation(
                f"labeled dose: {formatting.number_range(*label_dose)}",
                x=label_dose[0 if is_right else 1],
                y=end * HEADROOM,
                yanchor="top",
                **label_side,
            )
        ],
    )
    drawn = "without a fitted line" if line is None else "with a fitted line"
    alt = f"Rate by band of {product_units}, {drawn}. {'. '.join(bands.hover)}."
    return base.Chart(figure, alt, bands[COLUMNS])


def _shade(low: float, high: float, top: float, room: float) -> dict[str, Any]:
    """The labeled dose, and `room` on either side so that a single dose is seen."""
    ends = {"x0": low - room, "x1": high + room, "y0": 0, "y1": top}
    return {"type": "rect", **ends, "fillcolor": theme.BAND, "line": {"width": 0}, "layer": "below"}


def _traces(known: pd.DataFrame, line: pd.DataFrame | None, end: float) -> list[go.Scatter]:
    """The intervals upright, the bands across, the fitted line, and the dots over all of them."""
    rate, high = 100 * known.rate, (100 * known.high).clip(upper=end)
    dot = {"symbol": "circle", "color": theme.BLUE, "size": theme.MARK + 1}
    name = "rate in a band, with interval"
    traces = [
        base.segment_trace((known.middle, known.middle), (100 * known.low, high), base.INTERVAL_LINE),
        base.segment_trace((known.least, known.most), (rate, rate), {"color": theme.BLUE, "width": 1.5}),
        base.dot_trace(known.middle.to_numpy(), rate.to_numpy(), dot, known.key, known.hover, name=name),
    ]
    if line is not None:
        fitted = {"color": theme.GREY, "width": theme.LINE, "dash": "dash"}
        traces.insert(2, base.line_trace(line.units.to_numpy(), 100 * line.rate.to_numpy(), fitted, name="fitted line"))
    return traces
