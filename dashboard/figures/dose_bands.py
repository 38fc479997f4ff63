"""Is it related to the units given? The rate by band of units with its interval, for one product and one area."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, ceiling, framed, percent_axis, plain, titled, without_data

TABLE = ("Units", "With it", "Known outcome", "Rate", "Low", "High")


@dataclass(frozen=True)
class Band:
    """Treated areas given from `least` to `most` units (both counted). Proportions 0-1; None: no outcome known."""

    key: str
    least: float
    most: float
    events: int
    known: int
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Line:
    """The fitted chance (0-1) at each of `units`, where it may be drawn."""

    units: np.ndarray
    estimate: np.ndarray


def draw(
    bands: Sequence[Band], product_unit: str, line: Line | None = None, label_dose: float | None = None
) -> Chart:
    """A dot for each band at its middle, as wide as the band; `label_dose`: the labelled units, drawn as a mark.

    `product_unit` names the product's own units ("Botox units"): units of two products never share an axis.
    """
    if not bands:
        return without_data("No treated area with units and a known outcome.", TABLE)
    known = [band for band in bands if band.known]
    end = _end(known, line)
    least, most = min(band.least for band in bands), max(band.most for band in bands)
    marked = [] if label_dose is None else [label_dose]
    room = max(1.0, 0.04 * (max([most, *marked]) - min([least, *marked])))
    figure = framed(
        [*_bands(known, end), *([_fit(line)] if line else []), _dots(known, product_unit)],
        height=360,
        showlegend=True,
        xaxis=titled(f"{plain(product_unit)} per treated area", showgrid=False, nticks=8,
                     range=[min([least, *marked]) - room, max([most, *marked]) + room]),
        yaxis=percent_axis("With it, % of treated areas", range=[0, end * (1.12 if marked else 1)], nticks=6),
        shapes=[_mark(dose, end) for dose in marked],
        annotations=[_named(dose, end, least, most) for dose in marked],
    )  # fmt: skip
    return Chart(figure, _alt(bands, product_unit, line), _table(bands))


def _end(known: Sequence[Band], line: Line | None) -> float:
    highest = max([*(band.estimate for band in known), *(line.estimate if line else ())], default=0)
    widest = max((band.high for band in known), default=0.1)
    return min(100.0, ceiling(100 * (min(widest, 2.5 * highest) if highest else widest)) * 1.02)


def _bands(known: Sequence[Band], end: float) -> list[go.Scatter]:
    middle = [_middle(band) for band in known]
    return [
        go.Scatter(
            x=[x for at in middle for x in (at, at, None)],
            y=[y for band in known for y in (100 * band.low, min(100 * band.high, end), None)],
            mode="lines", line={"color": theme.faint(theme.BLUE, 0.45), "width": 4}, hoverinfo="skip", showlegend=False,
        ),
        go.Scatter(
            x=[x for band in known for x in (band.least, band.most, None)],
            y=[y for band in known for y in (100 * band.estimate, 100 * band.estimate, None)],
            mode="lines", line={"color": theme.BLUE, "width": 1.5}, hoverinfo="skip", showlegend=False,
        ),
    ]  # fmt: skip


def _dots(known: Sequence[Band], product_unit: str) -> go.Scatter:
    return go.Scatter(
        x=np.array([_middle(band) for band in known]), y=np.array([100 * band.estimate for band in known]), mode="markers",
        marker={"symbol": "circle", "color": theme.BLUE, "size": theme.MARK + 1}, name="rate in a band, with interval",
        customdata=[band.key for band in known], hovertext=[plain(_said(band, product_unit)) for band in known],
        hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
    )  # fmt: skip


def _fit(line: Line) -> go.Scatter:
    return go.Scatter(
        x=line.units, y=100 * line.estimate, mode="lines", line={"color": theme.GREY, "width": theme.LINE, "dash": "dash"},
        name="fitted line", hoverinfo="skip",
    )  # fmt: skip


def _mark(dose: float, end: float) -> dict:
    line = {"color": theme.GREY, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": dose, "x1": dose, "y0": 0, "y1": end * 1.12, "line": line, "layer": "below"}


def _named(dose: float, end: float, least: float, most: float) -> dict:
    late = dose > (least + most) / 2
    return {
        "text": f"labelled dose: {wording.number(dose)}", "x": dose, "y": end * 1.12, "showarrow": False, "yanchor": "top",
        "xanchor": "right" if late else "left", "xshift": -4 if late else 4, "font": {"size": theme.SMALL},
    }  # fmt: skip


def _middle(band: Band) -> float:
    return (band.least + band.most) / 2


def _range(band: Band) -> str:
    if band.least == band.most:
        return wording.number(band.least)
    return f"{wording.number(band.least)}{wording.DASH}{wording.number(band.most)}"


def _said(band: Band, product_unit: str) -> str:
    rate = wording.rate(band.events, band.known, band.estimate or 0, band.low or 0, band.high or 1)
    return f"{_range(band)} {product_unit}: {rate}"


def _alt(bands: Sequence[Band], product_unit: str, line: Line | None) -> str:
    drawn = "with a fitted line" if line else "without a fitted line"
    return f"Rate by band of units, {drawn}. {'. '.join(_said(band, product_unit) for band in bands)}."


def _table(bands: Sequence[Band]) -> dict[str, list]:
    return {
        TABLE[0]: [_range(band) for band in bands],
        TABLE[1]: [band.events for band in bands],
        TABLE[2]: [band.known for band in bands],
        TABLE[3]: [band.estimate for band in bands],
        TABLE[4]: [band.low for band in bands],
        TABLE[5]: [band.high for band in bands],
    }
