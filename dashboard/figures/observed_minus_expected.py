"""Observed minus expected side effects, treatment by treatment, with the signals.

The line rises at each side effect and falls between them; a lasting rise means more than expected. The signals come
from the CUSUM of the same treatments, which is not drawn.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_DOTS = 100  # with more side effects, a dot for each would only thicken the line
MAX_CORNERS = 2_000  # with more side effects, corners evenly along the line, finer than a screen can show
POINTS_BETWEEN = 400  # corners besides those at the side effects, between which the line falls nearly straight
COLUMNS = ("treatment", "date", "observed", "expected", "signal")


def draw(
    outcomes: np.ndarray,
    expected: np.ndarray,
    days: Sequence[date],
    keys: Sequence[str],
    signals: Sequence[int] = (),
    noun: str = "treatment",
) -> base.Chart:
    """`outcomes` 0 or 1 and `expected` chances (0-1), one per unit (`noun`) with a follow-up, in the order in which
    they became known; `days`: of the treatments; `keys`: what a click gives.

    `signals`: positions (from 0) at which the CUSUM signaled.
    """
    if not len(outcomes):
        return base.empty_chart("No treatment with a follow-up.", COLUMNS)
    seen, due = np.cumsum(outcomes), np.cumsum(expected)
    events, signalled = np.flatnonzero(outcomes), np.asarray(signals, dtype=int)
    dotted = events if len(events) <= MAX_DOTS else events[:0]
    corners = _drawn_positions(events, signalled, len(outcomes))

    def hover(at: int) -> str:
        treatments = formatting.pluralize(int(at) + 1, noun)
        so_far = f"{formatting.pluralize(int(seen[at]), 'side effect')} in {treatments}"
        return f"{formatting.day(days[at])}: {so_far}, {formatting.number(float(due[at]))} expected"

    def points(at: np.ndarray, name: str, **marker) -> go.Scatter:
        return base.dot_trace(at + 1, (seen - due)[at], marker, (keys[i] for i in at), map(hover, at), name=name)

    line = np.concatenate([[0.0], (seen - due)[corners]])
    reach = max(2.0, 1.1 * float(np.abs(line).max()))
    figure = base.build_figure(
        [
            go.Scatter(
                x=np.concatenate([[0], corners + 1]),
                y=line,
                mode="lines",
                name="observed minus expected",
                line={"color": theme.GREY, "width": theme.LINE},
                **base.hover_data((), ["Start", *map(hover, corners)]),
            ),
            points(dotted, "a side effect", symbol="circle", color=theme.BLUE, size=6),
            points(signalled, "signal", symbol="diamond", color=theme.ORANGE, size=theme.MARK + 5),
        ],
        height=320,
        showlegend=True,
        xaxis=base.count_axis(
            f"{noun.capitalize()}s in the order in which outcomes became known",
            len(outcomes),
            range=[0, 1.02 * len(outcomes)],
        ),
        yaxis=base.titled_axis(
            "Side effects above (+) or<br>below (\u2212) expected",
            range=[-reach, reach],
            nticks=6,
            zeroline=True,
            zerolinecolor=theme.GREY,
            zerolinewidth=1,
        ),
    )
    found = ", ".join(formatting.day(days[at]) for at in signalled)
    signals_text = f"Signals: {found}" if found else "No signal"
    alt = f"Side effects observed minus expected. {hover(len(outcomes) - 1)}. {signals_text}."
    listed = np.union1d(events, signalled) if len(events) <= MAX_CORNERS else corners
    table = {
        "treatment": listed + 1,
        "date": [days[at] for at in listed],
        "observed": seen[listed],
        "expected": due[listed],
        "signal": np.isin(listed, signalled),
    }
    return base.Chart(figure, alt, pd.DataFrame(table))


def _drawn_positions(events: np.ndarray, signalled: np.ndarray, treatments: int) -> np.ndarray:
    """The positions to draw: at and just before each side effect, at signals, and evenly between; with very many side
    effects, evenly only."""
    many = len(events) > MAX_CORNERS
    evenly = np.linspace(0, treatments - 1, min(treatments, MAX_CORNERS if many else POINTS_BETWEEN)).astype(int)
    corners = np.unique(np.concatenate([evenly, signalled, *([] if many else [events, events - 1])]))
    return corners[corners >= 0]
