"""Where it was injected, or where it happened: areas on a face or a body seen from the front, shaded by one value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hidden_axis,
    hover_data,
    text_annotation,
    to_columns,
    wrap_label,
)
from dashboard.figures.body_outlines import BODY, FACE
from dashboard.text import formatting

HEIGHT = 480
CHOSEN_BORDER = 5  # px more of a chosen spot, and the width of its ring
SPOT_SIZE = 21  # px: as large as the closest areas, around the eye, allow on a telephone
COLUMN_TITLES = ("Area", "Side", "Value")
SIDE_WORDS = {"left": "left", "right": "right", "both": "both sides", "midline": ""}
Side = Literal["left", "right", "both", "midline"]


@dataclass(frozen=True)
class Spot:
    """An area and the client's side of it, with its value; None: nothing to show, drawn hollow.

    `x`, `y`: 0-100 from the top left of a front view, for the client's left where the area has sides. `said`: the value
    in words, with n of N. `named`: drawn beside the outline, so that its name stands over it. `chosen`: drawn larger.
    """

    key: str
    label: str
    x: float
    y: float
    side: Side
    value: float | None
    value_text: str
    show_name: bool = False
    is_chosen: bool = False

    @property
    def x_positions(self) -> list[float]:
        """The x of each mark: the client's left is the right of the picture."""
        other = 100 - self.x
        return {"left": [self.x], "right": [other], "both": [other, self.x], "midline": [self.x]}[self.side]

    @property
    def hover_text(self) -> str:
        side = SIDE_WORDS[self.side]
        return f"{self.label}{f', {side}' if side else ''}{' (chosen)' if self.is_chosen else ''}: {self.value_text}"


def draw(spots: Sequence[Spot], outline: Literal["face", "body"], title: str) -> Chart:
    """A mark for each area and side; `title` names the value and its unit. A click gives the key."""
    if not spots:
        return empty_chart(f"No area of the {outline} to show here.", COLUMN_TITLES)
    paths = FACE if outline == "face" else BODY
    figure = build_figure(
        [_hollow_trace([spot for spot in spots if spot.value is None]), _filled_trace(spots, title)],
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 4, "b": 64, "pad": 0},
        xaxis=hidden_axis(range=[-1, 101], constrain="domain"),
        yaxis=hidden_axis(range=[101, -1], scaleanchor="x", constrain="domain"),
        shapes=[_outline_shape(path, filled=at == 0) for at, path in enumerate(paths)],
        annotations=[
            *(_name_annotation(spot) for spot in spots if spot.show_name),
            text_annotation("client's<br>right", x=0, y=70, align="left", xanchor="left"),
            text_annotation("client's<br>left", x=100, y=70, align="right", xanchor="right"),
        ],
    )
    rows = ((spot.label, SIDE_WORDS[spot.side], spot.value) for spot in spots)
    return Chart(figure, _alt_text(spots, outline, title), to_columns(COLUMN_TITLES, rows))


def _filled_trace(spots: Sequence[Spot], title: str) -> go.Scatter:
    placed = [(spot, x) for spot in spots if spot.value is not None for x in spot.x_positions]
    most = max((spot.value for spot, _ in placed), default=0) or 1
    return go.Scatter(
        x=np.array([x for _, x in placed]),
        y=np.array([spot.y for spot, _ in placed]),
        mode="markers",
        marker={
            "size": [SPOT_SIZE + CHOSEN_BORDER * spot.is_chosen for spot, _ in placed],
            "opacity": 1,
            "color": np.array([spot.value for spot, _ in placed]),
            "colorscale": [[0, theme.scale_color(0)], [1, theme.scale_color(1)]],
            "cmin": 0,
            "cmax": most,
            "showscale": bool(placed),
            "colorbar": _color_scale(title),
            "line": {"color": theme.BLUE, "width": [CHOSEN_BORDER if spot.is_chosen else 1.5 for spot, _ in placed]},
        },
        **hover_data((spot.key for spot, _ in placed), (spot.hover_text for spot, _ in placed)),
    )


def _name_annotation(spot: Spot) -> dict:
    words = "<br>".join(wrap_label(spot.label))
    return text_annotation(
        words, x=spot.x, y=spot.y, xanchor="center", align="center", yanchor="bottom", yshift=SPOT_SIZE / 2
    )


def _color_scale(title: str) -> dict:
    place = {"orientation": "h", "x": 0.5, "y": 0, "yanchor": "top", "ypad": 6}
    size = {"thickness": 10, "lenmode": "pixels", "len": 220, "nticks": 4, "tickformat": ",", "outlinewidth": 0}
    return place | size | {"title": {"text": escape_label(title), "side": "top", "font": {"size": theme.SMALL}}}


def _hollow_trace(spots: Sequence[Spot]) -> go.Scatter:
    placed = [(spot, x) for spot in spots for x in spot.x_positions]
    return go.Scatter(
        x=np.array([x for _, x in placed]),
        y=np.array([spot.y for spot, _ in placed]),
        mode="markers",
        marker={"size": SPOT_SIZE - 8, "symbol": "circle-open", "color": theme.GREY, "line": {"width": 1}},
        **hover_data((spot.key for spot, _ in placed), (spot.hover_text for spot, _ in placed)),
    )


def _outline_shape(path: str, filled: bool) -> dict:
    line = {"color": theme.fade_color(theme.GREY, 0.75), "width": 1.5}
    fill = theme.fade_color(theme.GREY, 0.06 if filled else 0)
    return {"type": "path", "path": path, "line": line, "fillcolor": fill, "layer": "below"}


def _alt_text(spots: Sequence[Spot], outline: str, title: str) -> str:
    shown = sorted((spot for spot in spots if spot.value is not None), key=lambda spot: -spot.value)
    if not shown:
        return f"{title} on a {outline}: no area has a value."
    most = "; ".join(spot.hover_text for spot in shown[:3])
    return f"{title} on a {outline}, {formatting.pluralize(len(shown), 'area')}. Most: {most}."
