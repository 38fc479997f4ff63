"""The number of treatments between two side effects, and the current gap since the last one.

The scale is stretched at its low end (the logarithm of the gap plus one), because short gaps are the important ones.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_DRAWN = 1_000  # gaps; of more, the latest
MANY_GAPS = 100  # beyond it the dots are drawn smaller
STEPS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
COLUMNS = ["side_effect", "treatments_between", "status"]

# Color and shape say the same, so that either is enough. Flag -> its name and marker.
STYLES = {
    "": ("as expected", {"symbol": "circle", "color": theme.GREY, "size": theme.MARK}),
    "short": ("unusually short gap", {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 4}),
    "long": ("unusually long gap", {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
}


def draw(
    between: np.ndarray, run: int, limits: tuple[float, float, float], keys: Sequence[str], noun: str = "treatment"
) -> base.Chart:
    """`between`: units (`noun`) since the side effect before, for each but the first; `run`: those since the last.

    `limits`: (low, center, high) as models.statistics.control_chart.gap_limits gives; `keys`: what a click gives.
    """
    if not len(between) and not run:
        return base.empty_chart("No treatment with a follow-up.", COLUMNS)
    low, _, high = limits
    gaps = pd.DataFrame({"treatments_between": np.asarray(between, dtype=int), "key": keys})
    gaps = gaps.assign(side_effect=np.arange(len(gaps)) + 2).tail(MAX_DRAWN)
    gap = gaps.treatments_between
    flags = np.select([gap < low, gap > high], ["short", "long"], "")
    gaps = gaps.assign(
        flag=flags,
        status=[STYLES[flag][0] for flag in flags],
        x=np.arange(len(gaps)) + 1,
        y=_log_scaled(gap),
        hover=[f"{formatting.pluralize(n, noun)} since the side effect before" for n in gap],
    )
    end = len(gaps) + 1.6
    is_cut = len(gaps) < len(between)
    now = f"now: {formatting.pluralize(run, noun)} without one"
    # The current gap is a hollow arrow, because it can only grow.
    arrow = {"symbol": "triangle-up-open", "size": theme.MARK + 4, "color": theme.BLUE, "line": {"width": 2}}
    latest = f"; the latest {formatting.count(len(gaps))} of {formatting.count(len(between))}" if is_cut else ""
    figure = base.build_figure(
        [
            *_limit_traces(limits, end),
            *base.flag_traces(gaps, STYLES, scale=0.6 if len(gaps) > MANY_GAPS else 1),
            base.dot_trace([len(gaps) + 1], _log_scaled([run]), arrow, (), [f"{now} so far"], name=now),
        ],
        height=340,
        showlegend=True,
        xaxis=base.count_axis(f"Side effects in order{latest}", end, range=[0.4, end]),
        yaxis=base.titled_axis(
            f"{noun.capitalize()}s since the one before<br>(stretched scale)",
            range=[-0.15, float(_log_scaled(1.3 * max([run, high, *gap])))],
            tickvals=_log_scaled(STEPS),
            ticktext=[formatting.count(step) for step in STEPS],
            showgrid=False,
        ),
    )
    found = [f"{n} {STYLES[flag][0]}" for flag in ("short", "long") if (n := (flags == flag).sum())]
    unusual = formatting.join_words(found) if found else "none unusual"
    counted = f"{formatting.pluralize(len(gaps), 'gap')} between side effects{latest}, {unusual}"
    alt = f"{counted}. The current gap: {formatting.pluralize(run, noun)}."
    return base.Chart(figure, alt, gaps[COLUMNS].reset_index(drop=True))


def _log_scaled(gaps) -> np.ndarray:
    return np.log10(1 + np.asarray(gaps, dtype=float))


def _limit_traces(limits: tuple[float, float, float], end: float) -> list[go.Scatter]:
    low, center, high = (float(value) for value in _log_scaled(limits))
    least, middle, most = (formatting.number(limit, 0) for limit in limits)
    # A lower limit of 0 is no limit: no gap is shorter.
    x, y, name = [0, end], [high, high], f"unusual: above {most}"
    if low > 0:
        x, y, name = [*x, None, *x], [*y, None, low, low], f"unusual: below {least} or above {most}"
    line = {"color": theme.GREY, "width": 1.5}
    return [
        base.line_trace([0, end], [center, center], line | {"dash": "dash"}, name=f"expected: {middle}"),
        base.line_trace(x, y, line | {"dash": "dot"}, name=name),
    ]
