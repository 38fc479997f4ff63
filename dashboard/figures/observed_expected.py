"""Side effects seen minus those expected at the usual rate, treatment after treatment, with the points of signal.

It climbs at each side effect and sinks between them; a lasting climb means more than usual. The signals come from the
CUSUM computed from the same treatments, which stays in the background.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, framed, plain, titled, without_data

MOST_DOTS = 300  # more side effects than this are the line itself: a dot for each would only thicken it
BETWEEN = 400  # corners drawn besides those at the side effects: between two of them the line sinks nearly straight
TABLE = ("Treatment", "Date", "Side effects so far", "Expected so far", "Signal")


def draw(
    outcomes: np.ndarray, expected: np.ndarray, days: Sequence[date], keys: Sequence[str], signals: Sequence[int] = ()
) -> Chart:
    """`outcomes` 0 or 1 and `expected` chances (0-1), one per treatment with known outcome, in order of their `days`;
    `keys`: what a click gives. `signals`: positions (from 0) at which the CUSUM signalled."""
    if not len(outcomes):
        return without_data("No treatment with a known outcome.", TABLE)
    seen, due = np.cumsum(outcomes), np.cumsum(expected)
    corners = _corners(outcomes, signals)
    line = np.concatenate([[0.0], (seen - due)[corners]])
    events = np.flatnonzero(outcomes)
    dotted = events if len(events) <= MOST_DOTS else events[:0]
    signals = np.asarray(signals, dtype=int)
    reach = max(2.0, float(np.abs(line).max()) * 1.1)
    figure = framed(
        [
            go.Scatter(
                x=np.concatenate([[0], corners + 1]), y=line, mode="lines", name="observed minus expected",
                line={"color": theme.GREY, "width": theme.LINE},
                hovertext=["Start", *(plain(_said(at, seen, due, days)) for at in corners)],
                hovertemplate="%{hovertext}<extra></extra>",
            ),
            _points(dotted, seen, due, days, keys, "a side effect", {"symbol": "circle", "color": theme.BLUE, "size": 6}),
            _points(signals, seen, due, days, keys, "signal",
                    {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 5}),
        ],
        height=320,
        showlegend=True,
        xaxis=titled("Treatments with known outcome, in order of date", range=[0, len(outcomes) * 1.02], showgrid=False,
                     nticks=5, tickformat=",d"),
        yaxis=titled("Side effects above (+) or<br>below (−) those expected", range=[-reach, reach], nticks=6, zeroline=True,
                     zerolinecolor=theme.GREY, zerolinewidth=1),
    )  # fmt: skip
    return Chart(figure, _alt(seen, due, days, signals), _table(np.union1d(events, signals), seen, due, days, signals))


def _corners(outcomes: np.ndarray, signals: Sequence[int]) -> np.ndarray:
    """The positions worth drawing: at and just before each side effect, at signals, and evenly between."""
    events = np.flatnonzero(outcomes)
    evenly = np.linspace(0, len(outcomes) - 1, min(len(outcomes), BETWEEN)).astype(int)
    corners = np.concatenate([events, events - 1, evenly, np.asarray(signals, dtype=int)])
    return np.unique(corners[corners >= 0])


def _points(at, seen, due, days, keys, name: str, marker: dict) -> go.Scatter:
    return go.Scatter(
        x=at + 1, y=(seen - due)[at], mode="markers", name=name, marker=marker, cliponaxis=False,
        customdata=[keys[i] for i in at],
        hovertext=[plain(_said(i, seen, due, days)) for i in at], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _said(at: int, seen: np.ndarray, due: np.ndarray, days: Sequence[date]) -> str:
    so_far = f"{wording.of(int(seen[at]), int(at) + 1)} treatments, {wording.number(float(due[at]))} expected"
    return f"{wording.day(days[at])}: {so_far}"


def _alt(seen: np.ndarray, due: np.ndarray, days: Sequence[date], signals: np.ndarray) -> str:
    end = _said(len(seen) - 1, seen, due, days)
    found = ", ".join(wording.day(days[at]) for at in signals)
    return f"Side effects seen minus expected. At the end, {end}. {f'Signals: {found}' if found else 'No signal'}."


def _table(at: np.ndarray, seen: np.ndarray, due: np.ndarray, days: Sequence[date], signals: np.ndarray) -> dict[str, list]:
    return {
        TABLE[0]: [int(i) + 1 for i in at],
        TABLE[1]: [days[i] for i in at],
        TABLE[2]: [int(seen[i]) for i in at],
        TABLE[3]: [float(due[i]) for i in at],
        TABLE[4]: [bool(i in signals) for i in at],
    }
