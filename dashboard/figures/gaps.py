"""How many treatments without one lie between two side effects, and how long the present run is.

The scale is stretched at its low end (the logarithm of the gap plus one), because short gaps are the ones that worry.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, framed, plain, titled, without_data

MANY = 100  # beyond it the dots are drawn smaller
STEPS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
TABLE = ("Side effect", "Treatments without one before it", "State")
STYLES = {
    "": ("as usual", {"symbol": "circle", "color": theme.GREY, "size": theme.MARK}),
    "short": ("unusually soon after the one before", {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 4}),
    "long": ("unusually long without one", {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
}


def draw(
    between: np.ndarray, run: int, limits: tuple[float, float, float], keys: Sequence[str]
) -> Chart:
    """`between`: event-free treatments before each side effect but the first, in order; `run`: those since the last one.

    `limits`: (low, centre, high) as models.statistics.control_chart.gap_limits gives; `keys`: what a click gives.
    """
    if not len(between) and not run:
        return without_data("No treatment with a known outcome.", TABLE)
    low, _, high = limits
    state = [_state(gap, low, high) for gap in between]
    top = _stretched(max([run, high, *between]) * 1.3)
    end = len(between) + 1.6
    figure = framed(
        [*_lines(limits, end), *_dots(between, state, keys), _present(len(between), run)],
        height=340,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        xaxis=titled("Side effects, in order of date", range=[0.4, end], nticks=8, showgrid=False, tickformat=",d"),
        yaxis=titled("Treatments without one before it<br>(stretched scale)", range=[-0.15, top], showgrid=False,
                     tickvals=_stretched(np.array(STEPS)), ticktext=[wording.count(step) for step in STEPS]),
    )  # fmt: skip
    return Chart(figure, _alt(between, run, state), _table(between, state))


def _stretched(gap):
    return np.log10(1 + np.asarray(gap, dtype=float))


def _state(gap: float, low: float, high: float) -> str:
    return "short" if gap < low else "long" if gap > high else ""


def _dots(between: np.ndarray, state: list[str], keys: Sequence[str]) -> list[go.Scatter]:
    traces = []
    for name, (words, marker) in STYLES.items():
        at = [i for i, found in enumerate(state) if found == name]
        if at:
            traces.append(
                go.Scatter(
                    x=np.array(at) + 1, y=_stretched(np.asarray(between)[at]), mode="markers", name=words,
                    marker=marker if len(between) <= MANY else marker | {"size": 0.6 * marker["size"]},
                    customdata=[keys[i] for i in at], hovertext=[plain(_said(between[i])) for i in at],
                    hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
                )
            )  # fmt: skip
    return traces


def _present(events: int, run: int) -> go.Scatter:
    return go.Scatter(
        x=[events + 1], y=[_stretched(run)], mode="markers", name=f"now: {wording.counted(run, 'treatment')} without one",
        marker={"symbol": "triangle-up-open", "size": theme.MARK + 4, "color": theme.BLUE, "line": {"width": 2}},
        hovertemplate=f"The present run: {wording.counted(run, 'treatment')} without one so far<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip


def _lines(limits: tuple[float, float, float], end: float) -> list[go.Scatter]:
    low, centre, high = (float(value) for value in _stretched(limits))
    least, usual, most = (wording.number(limit, 0) for limit in limits)
    drawn = (
        ([0, end], [centre, centre], "dash", f"usual: {usual}"),
        ([0, end, None, 0, end], [low, low, None, high, high], "dot", f"unusual: below {least} or above {most}"),
    )
    return [
        go.Scatter(x=x, y=y, mode="lines", name=name, hoverinfo="skip",
                   line={"color": theme.GREY, "width": 1.5, "dash": dash})
        for x, y, dash, name in drawn
    ]  # fmt: skip


def _said(gap: int) -> str:
    return f"{wording.counted(int(gap), 'treatment')} without one before this side effect"


def _alt(between: np.ndarray, run: int, state: list[str]) -> str:
    found = [words for name, (words, _) in STYLES.items() if name and name in state]
    unusual = wording.listing(found) if found else "none unusual"
    return (
        f"{wording.counted(len(between), 'gap')} between side effects: {unusual}. "
        f"The present run: {wording.counted(run, 'treatment')}."
    )


def _table(between: np.ndarray, state: list[str]) -> dict[str, list]:
    return {
        TABLE[0]: [at + 2 for at in range(len(between))],
        TABLE[1]: [int(gap) for gap in between],
        TABLE[2]: [STYLES[name][0] for name in state],
    }
