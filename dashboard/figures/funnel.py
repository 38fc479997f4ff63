"""What to expect by volume: observed over expected against the number of treatments, inside exact limits. No ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, ceiling, framed, plain, titled, without_data

BEHIND = 2000  # legendrank: the bands are drawn before the dots and named after them (Plotly's default is 1000)
TABLE = ("Whose", "Treatments", "Side effects", "Expected", "Observed / expected", "State")
STATES = {"": "within what is expected", "high": "above the outer limit", "low": "below the outer limit"}


@dataclass(frozen=True)
class Unit:
    """A practitioner, site or lot. `label` "" where the viewer may not see whose it is; `own`: the viewer's."""

    key: str
    label: str
    known: int
    observed: int
    expected: float
    state: str = ""
    own: bool = False

    @property
    def ratio(self) -> float:
        return self.observed / self.expected


@dataclass(frozen=True)
class Limits:
    """Exact limits of observed over expected at each volume in `known` (rising): 95 % inside, 99.8 % outside."""

    known: np.ndarray
    inner_low: np.ndarray
    inner_high: np.ndarray
    outer_low: np.ndarray
    outer_high: np.ndarray


def draw(units: Sequence[Unit], limits: Limits) -> Chart:
    """A dot for each unit: the viewer's own is named, those within the limits are grey. A click gives the key."""
    if not units:
        return without_data("Nobody has enough treatments with known outcome to be compared.", TABLE)
    most = max(unit.known for unit in units) * 1.15
    end = _end(units, limits)
    figure = framed(
        [*_bands(limits, end), *_dots(units)],
        height=400,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        xaxis=titled("Treatments with known outcome", range=[0, most], nticks=6, showgrid=False),
        yaxis=titled("Observed / expected side effects", range=[0, end], nticks=6, showgrid=False),
        shapes=[_as_expected()],
    )
    return Chart(figure, _alt(units), _table(units))


def _end(units: Sequence[Unit], limits: Limits) -> float:
    """Every dot, and the limits at the smallest volume that is drawn as a dot."""
    smallest = min(unit.known for unit in units)
    at = min(int(np.searchsorted(limits.known, smallest)), len(limits.known) - 1)
    return ceiling(max(*(unit.ratio for unit in units), float(limits.outer_high[at]), 2.0) * 1.05)


def _bands(limits: Limits, end: float) -> list[go.Scatter]:
    """The outer band and the inner one on it, cut at the end of the axis rather than stretching it."""
    traces = []
    for low, high, strength, name in (
        (limits.outer_low, limits.outer_high, 0.14, "outer band: 99.8 % of chance results"),
        (limits.inner_low, limits.inner_high, 0.24, "inner band: 95 %"),
    ):
        edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
        traces += [
            go.Scatter(x=limits.known, y=np.minimum(high, end), showlegend=False, **edge),
            go.Scatter(x=limits.known, y=low, fill="tonexty", fillcolor=theme.faint(theme.GREY, strength), name=name,
                       legendrank=BEHIND, **edge),  # fmt: skip
        ]
    return traces


def _dots(units: Sequence[Unit]) -> list[go.Scatter]:
    own = plain(wording.listing(unit.label for unit in units if unit.own))
    styles = (
        ("others", [unit for unit in units if not unit.own and not unit.state],
         {"symbol": "circle", "color": theme.faint(theme.GREY, 0.7), "size": theme.MARK}),
        ("above the outer limit", [unit for unit in units if not unit.own and unit.state == "high"],
         {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 3}),
        ("below the outer limit", [unit for unit in units if not unit.own and unit.state == "low"],
         {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
        (own, [unit for unit in units if unit.own],
         {"symbol": "circle", "color": theme.BLUE, "size": theme.MARK + 5, "line": {"width": 2, "color": theme.GREY}}),
    )  # fmt: skip
    return [
        go.Scatter(
            x=np.array([unit.known for unit in chosen]), y=np.array([unit.ratio for unit in chosen]), mode="markers",
            marker=marker, name=name, customdata=[unit.key for unit in chosen],
            hovertext=[plain(_said(unit)) for unit in chosen], hovertemplate="%{hovertext}<extra></extra>",
            cliponaxis=False,
        )
        for name, chosen, marker in styles
        if chosen
    ]  # fmt: skip


def _as_expected() -> dict:
    line = {"color": theme.GREY, "width": 1, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1, "line": line, "layer": "below"}


def _said(unit: Unit) -> str:
    whose = unit.label or "another"
    counts = f"{wording.of(unit.observed, unit.known)}, {wording.number(unit.expected)} expected"
    return f"{whose}: {counts}, observed / expected {wording.number(unit.ratio, 2)}; {STATES[unit.state]}"


def _alt(units: Sequence[Unit]) -> str:
    outside = [unit for unit in units if unit.state]
    own = "".join(f" {_said(unit)}." for unit in units if unit.own)
    return f"{wording.count(len(units))} compared by volume, {wording.count(len(outside))} outside the outer limit.{own}"


def _table(units: Sequence[Unit]) -> dict[str, list]:
    return {
        TABLE[0]: [unit.label or "another" for unit in units],
        TABLE[1]: [unit.known for unit in units],
        TABLE[2]: [unit.observed for unit in units],
        TABLE[3]: [unit.expected for unit in units],
        TABLE[4]: [unit.ratio for unit in units],
        TABLE[5]: [STATES[unit.state] for unit in units],
    }
