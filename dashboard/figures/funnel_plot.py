"""What to expect by volume: observed over expected against the number of treatments, in exact limits. No ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
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
    to_columns,
)
from dashboard.text import formatting

MAX_UNNAMED = 2000  # legendrank: the bands are drawn before the dots and named after them (Plotly's default is 1000)
COLUMN_TITLES = ("Whose", "Treatments", "Side effects", "Expected", "Observed / expected", "State")

# Colour and shape say the same, so that either is enough.
STYLES = {
    "": ("within the outer limits", "circle", theme.GREY, theme.MARK),
    "high": ("above the outer limit", "diamond", theme.ORANGE, theme.MARK + 3),
    "low": ("below the outer limit", "square", theme.BLUE, theme.MARK + 1),
}


@dataclass(frozen=True)
class FunnelPoint:
    """A practitioner, site or lot with something expected. `label` "" where the viewer may not see whose it is."""

    key: str
    label: str
    known: int
    observed: int
    expected: float
    flag: Literal["", "high", "low"] = ""
    is_own: bool = False

    @property
    def ratio(self) -> float:
        return self.observed / self.expected

    @property
    def name(self) -> str:
        return self.label or "another"

    @property
    def hover_text(self) -> str:
        counts = f"{formatting.n_of_m(self.observed, self.known)}, {formatting.number(self.expected)} expected"
        return f"{self.name}: {counts}, observed / expected {formatting.number(self.ratio, 2)}; {STYLES[self.flag][0]}"


@dataclass(frozen=True)
class FunnelBands:
    """Exact limits of observed over expected at each volume in `known` (rising): 95% inside, 99.8% outside."""

    known: np.ndarray
    inner_low: np.ndarray
    inner_high: np.ndarray
    outer_low: np.ndarray
    outer_high: np.ndarray


def draw(units: Sequence[FunnelPoint], limits: FunnelBands) -> Chart:
    """A dot for each unit, the viewer's own large and named, the others alike. A click gives the key."""
    if not units:
        return empty_chart("Nobody has enough treatments with known outcome to be compared.", COLUMN_TITLES)
    most = 1.15 * max(unit.known for unit in units)
    end = _axis_end(units, limits)
    figure = build_figure(
        [*_band_traces(limits, end), *_other_traces(units), *_own_trace(units)],
        height=400,
        showlegend=True,
        xaxis=count_axis("Treatments with known outcome", most, range=[0, most]),
        yaxis=titled_axis("Observed / expected side effects", range=[-0.03 * end, end], nticks=6, showgrid=False),
        shapes=[horizontal_line(1, "dash")],
    )
    rows = ((u.name, u.known, u.observed, u.expected, u.ratio, STYLES[u.flag][0]) for u in units)
    return Chart(figure, _alt_text(units), to_columns(COLUMN_TITLES, rows))


def _axis_end(units: Sequence[FunnelPoint], limits: FunnelBands) -> float:
    """Every dot, and the limits at the smallest volume that is drawn as a dot."""
    smallest = min(unit.known for unit in units)
    at = min(int(np.searchsorted(limits.known, smallest)), len(limits.known) - 1)
    return round_up(1.05 * max([2.0, float(limits.outer_high[at]), *(unit.ratio for unit in units)]))


def _band_traces(limits: FunnelBands, end: float) -> list[go.Scatter]:
    """The outer band and the inner one on it, cut at the end of the axis rather than stretching it."""
    edge = {"x": limits.known, "mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    traces = []
    for low, high, strength, name in (
        (limits.outer_low, limits.outer_high, 0.14, "outer band: 99.8% of chance results"),
        (limits.inner_low, limits.inner_high, 0.24, "inner band: 95%"),
    ):
        filled = {"fill": "tonexty", "fillcolor": theme.fade_color(theme.GREY, strength), "legendrank": MAX_UNNAMED}
        traces += [
            go.Scatter(y=np.minimum(high, end), showlegend=False, **edge),
            go.Scatter(y=np.asarray(low), name=name, **filled, **edge),
        ]
    return traces


def _other_traces(units: Sequence[FunnelPoint]) -> list[go.Scatter]:
    others = "others " if any(unit.is_own for unit in units) else ""
    traces = []
    for state, (name, symbol, colour, size) in STYLES.items():
        chosen = [unit for unit in units if not unit.is_own and unit.flag == state]
        if chosen:
            traces.append(_dot_trace(chosen, f"{others}{name}", {"symbol": symbol, "color": colour, "size": size}))
    return traces


def _own_trace(units: Sequence[FunnelPoint]) -> list[go.Scatter]:
    """Last, so that no other lies over it; flagged like any other."""
    ring = {"width": 2, "color": theme.GREY}
    return [
        _dot_trace(
            [unit],
            escape_label(unit.name),
            {
                "symbol": STYLES[unit.flag][1],
                "color": theme.ORANGE if unit.flag == "high" else theme.BLUE,
                "size": theme.MARK + 6,
                "line": ring,
            },
        )
        for unit in units
        if unit.is_own
    ]


def _dot_trace(units: Sequence[FunnelPoint], name: str, marker: dict) -> go.Scatter:
    return go.Scatter(
        x=np.array([unit.known for unit in units]),
        y=np.array([unit.ratio for unit in units]),
        mode="markers",
        marker=marker,
        name=name,
        cliponaxis=False,
        **hover_data((unit.key for unit in units), (unit.hover_text for unit in units)),
    )


def _alt_text(units: Sequence[FunnelPoint]) -> str:
    outside = sum(bool(unit.flag) for unit in units)
    own = "".join(f" {unit.hover_text}." for unit in units if unit.is_own)
    return (
        f"{formatting.count(len(units))} compared by volume, {formatting.count(outside)} outside the outer limits.{own}"
    )
