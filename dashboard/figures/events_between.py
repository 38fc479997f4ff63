"""The number of treatments between two side effects, and the current gap since the last one.

The scale is stretched at its low end (the logarithm of the gap plus one), because short gaps are the important ones.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import Chart, build_figure, count_axis, empty_chart, hover_data, titled_axis, to_columns
from dashboard.text import formatting

MAX_DRAWN = 1_000  # gaps; of more, the latest
MANY_GAPS = 100  # beyond it the dots are drawn smaller
STEPS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
COLUMNS = ("side_effect", "treatments_between", "status")

# Colour and shape say the same, so that either is enough.
STYLES = {
    "": ("as expected", "circle", theme.GREY, theme.MARK),
    "short": ("unusually short gap", "diamond", theme.ORANGE, theme.MARK + 4),
    "long": ("unusually long gap", "square", theme.BLUE, theme.MARK + 1),
}


def draw(between: np.ndarray, run: int, limits: tuple[float, float, float], keys: Sequence[str]) -> Chart:
    """`between`: treatments since the side effect before, for each but the first; `run`: those since the last.

    `limits`: (low, centre, high) as models.statistics.control_chart.gap_limits gives; `keys`: what a click gives.
    """
    if not len(between) and not run:
        return empty_chart("No treatment with a follow-up.", COLUMNS)
    earlier = max(0, len(between) - MAX_DRAWN)
    all_gaps, between, keys = len(between), np.asarray(between[earlier:], dtype=int), keys[earlier:]
    low, _, high = limits
    states = ["short" if gap < low else "long" if gap > high else "" for gap in between]
    end = len(between) + 1.6
    latest = f"; the latest {formatting.count(len(between))} of {formatting.count(all_gaps)}" if earlier else ""
    top = float(_log_scaled(1.3 * max([run, high, *between])))
    figure = build_figure(
        [*_limit_traces(limits, end), *_dot_traces(between, states, keys), _current_gap_trace(len(between), run)],
        height=340,
        showlegend=True,
        xaxis=count_axis(f"Side effects, in order of date{latest}", end, range=[0.4, end]),
        yaxis=titled_axis(
            "Treatments since the one before<br>(stretched scale)",
            range=[-0.15, top],
            tickvals=_log_scaled(STEPS),
            ticktext=[formatting.count(step) for step in STEPS],
            showgrid=False,
        ),
    )
    numbered = enumerate(zip(between, states, strict=True), start=earlier + 2)
    rows = ((at, int(gap), STYLES[state][0]) for at, (gap, state) in numbered)
    return Chart(figure, _alt_text(between, run, states, latest), to_columns(COLUMNS, rows))


def _log_scaled(gaps) -> np.ndarray:
    return np.log10(1 + np.asarray(gaps, dtype=float))


def _limit_traces(limits: tuple[float, float, float], end: float) -> list[go.Scatter]:
    low, centre, high = (float(value) for value in _log_scaled(limits))
    least, middle, most = (formatting.number(limit, 0) for limit in limits)
    # A lower limit of 0 is no limit: no gap is shorter.
    x, y, name = [0, end], [high, high], f"unusual: above {most}"
    if low > 0:
        x, y, name = [*x, None, *x], [*y, None, low, low], f"unusual: below {least} or above {most}"
    drawn = (([0, end], [centre, centre], "dash", f"expected: {middle}"), (x, y, "dot", name))
    return [
        go.Scatter(
            x=x, y=y, mode="lines", name=name, line={"color": theme.GREY, "width": 1.5, "dash": dash}, hoverinfo="skip"
        )
        for x, y, dash, name in drawn
    ]


def _dot_traces(between: np.ndarray, states: list[str], keys: Sequence[str]) -> list[go.Scatter]:
    fine = 0.6 if len(between) > MANY_GAPS else 1
    traces = []
    for state, (name, symbol, colour, size) in STYLES.items():
        at = [i for i, found in enumerate(states) if found == state]
        if at:
            texts = (f"{formatting.pluralize(int(between[i]), 'treatment')} since the side effect before" for i in at)
            traces.append(
                go.Scatter(
                    x=np.array(at) + 1,
                    y=_log_scaled(between[at]),
                    mode="markers",
                    marker={"symbol": symbol, "color": colour, "size": fine * size},
                    name=name,
                    cliponaxis=False,
                    **hover_data((keys[i] for i in at), texts),
                )
            )
    return traces


def _current_gap_trace(gaps: int, run: int) -> go.Scatter:
    """The current gap: a hollow arrow, because it can only grow."""
    name = f"now: {formatting.pluralize(run, 'treatment')} without one"
    return go.Scatter(
        x=[gaps + 1],
        y=_log_scaled([run]),
        mode="markers",
        marker={"symbol": "triangle-up-open", "size": theme.MARK + 4, "color": theme.BLUE, "line": {"width": 2}},
        name=name,
        cliponaxis=False,
        **hover_data((), [f"{name} so far"]),
    )


def _alt_text(between: np.ndarray, run: int, states: list[str], latest: str) -> str:
    found = [f"{states.count(state)} {STYLES[state][0]}" for state in ("short", "long") if state in states]
    unusual = formatting.join_words(found) if found else "none unusual"
    gaps = formatting.pluralize(len(between), "gap")
    return f"{gaps} between side effects{latest}, {unusual}. The current gap: {formatting.pluralize(run, 'treatment')}."
