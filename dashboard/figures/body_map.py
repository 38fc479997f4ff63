"""Areas on a face or a body seen from the front, shaded by one value: where it was injected, or where it happened."""

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.figures.body_outlines import BODY, FACE
from dashboard.text import formatting

HEIGHT = 480
CHOSEN_BORDER = 5  # px more of a chosen spot, and the width of its ring
SPOT_SIZE = 21  # px: as large as the closest areas, around the eye, allow on a phone
COLUMNS = ("label", "side", "value")
SIDE_WORDS = {"left": "left", "right": "right", "both": "both sides", "midline": ""}


def draw(spots: pd.DataFrame, outline: Literal["face", "body"], title: str) -> base.Chart:
    """A mark for each area and side; `title` names the value and its unit. A click gives the key.

    Columns: key, label, x, y (0-100 from the top left of a front view, for the client's left where the area has sides),
    side (left, right, both, midline), value (NaN: nothing to show, drawn hollow), value_text (the value in words, with
    n of N), and optionally show_name (drawn beside the outline, with its name above it) and is_chosen (drawn larger).
    """
    if spots.empty:
        return base.empty_chart(f"No area of the {outline} to show here.", COLUMNS)
    spots = base.with_defaults(spots, show_name=False, is_chosen=False)
    side, chosen = spots.side.map(SIDE_WORDS), np.where(spots.is_chosen, " (chosen)", "")
    hover = spots.label + np.where(side == "", "", ", " + side) + chosen + ": " + spots.value_text
    spots = spots.assign(side_word=side, hover=hover)
    # The client's left is the right of the picture; the right side is its mirror image.
    right = spots[spots.side.isin(("right", "both"))]
    marks = pd.concat([right.assign(x=100 - right.x), spots[spots.side != "right"]]).sort_index(kind="stable")
    shape = {"type": "path", "line": {"color": theme.fade_color(theme.GREY, 0.75), "width": 1.5}, "layer": "below"}
    above = {"xanchor": "center", "align": "center", "yanchor": "bottom", "yshift": SPOT_SIZE / 2}
    figure = base.build_figure(
        _traces(marks, title),
        height=HEIGHT,
        margin={"l": 4, "r": 4, "t": 4, "b": 64, "pad": 0},
        xaxis={"visible": False, "range": [-1, 101], "constrain": "domain"},
        yaxis={"visible": False, "range": [101, -1], "scaleanchor": "x", "constrain": "domain"},
        shapes=[
            # Only the first path, the head or the whole body, is filled.
            shape | {"path": path, "fillcolor": theme.fade_color(theme.GREY, 0 if at else 0.06)}
            for at, path in enumerate(FACE if outline == "face" else BODY)
        ],
        annotations=[
            *(
                base.text_annotation("<br>".join(base.wrap_label(spot.label)), x=spot.x, y=spot.y, **above)
                for spot in spots[spots.show_name].itertuples()
            ),
            base.text_annotation("client's<br>right", x=0, y=70),
            base.text_annotation("client's<br>left", x=100, y=70, align="right", xanchor="right"),
        ],
    )
    shown = spots[spots.value.notna()]
    table = spots.assign(side=spots.side_word)[list(COLUMNS)]
    most = "; ".join(shown.sort_values("value", ascending=False, kind="stable").hover.head(3))
    alt = f"{title} on a {outline}, {formatting.pluralize(len(shown), 'area')}. Most: {most}."
    if shown.empty:
        alt = f"{title} on a {outline}: no area has a value."
    return base.Chart(figure, alt, table)


def _traces(marks: pd.DataFrame, title: str) -> list[go.Scatter]:
    """The areas with nothing to show, hollow, and those with a value."""
    hollow, filled = marks[marks.value.isna()], marks[marks.value.notna()]
    nothing = {"size": SPOT_SIZE - 8, "symbol": "circle-open", "color": theme.GREY, "line": {"width": 1}}
    place = {"orientation": "h", "x": 0.5, "y": 0, "yanchor": "top", "ypad": 6}
    size = {"thickness": 10, "lenmode": "pixels", "len": 220, "nticks": 4, "tickformat": ",", "outlinewidth": 0}
    scale_title = {"text": base.escape_label(title), "side": "top", "font": {"size": theme.SMALL}}
    shaded = {
        "size": SPOT_SIZE + np.where(filled.is_chosen, CHOSEN_BORDER, 0),
        "opacity": 1,
        "color": filled.value.to_numpy(),
        "colorscale": theme.COLOR_SCALE,
        "cmin": 0,
        "cmax": filled.value.max() if filled.value.any() else 1,
        "showscale": not filled.empty,
        "colorbar": place | size | {"title": scale_title},
        "line": {"color": theme.BLUE, "width": np.where(filled.is_chosen, CHOSEN_BORDER, 1.5)},
    }
    return [
        base.dot_trace(spots.x.to_numpy(), spots.y.to_numpy(), marker, spots.key, spots.hover, cliponaxis=None)
        for spots, marker in ((hollow, nothing), (filled, shaded))
    ]
