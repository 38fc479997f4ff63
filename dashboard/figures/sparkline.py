"""A small line of monthly rates for the wall of Trends, as SVG: twelve Plotly charts would take seconds to draw."""

import numpy as np
import pandas as pd

from dashboard import theme

WIDTH, HEIGHT, EDGE = 240, 56, 5
MONTHS = 24  # the latest: more would be narrower than their dots


def draw(months: pd.DataFrame, baseline: float | None, signal: np.datetime64 | None) -> str:
    """`months`: month, rate (0-1) and is_in_follow_up, in order; `signal`: the month that has the diamond.

    A dashed line is the baseline, hollow dots are months still in follow-up.
    """
    shown = months.tail(MONTHS)
    top = max([*shown.rate, baseline or 0]) * 1.1 or 1.0
    number = shown.month.to_numpy().astype("datetime64[M]").astype(int)
    across = (number - number.min()) / max(number.max() - number.min(), 1) if len(shown) else number
    x, y = EDGE + across * (WIDTH - 2 * EDGE), _height(shown.rate.to_numpy(), top)
    marks = []
    for left, down, month, is_young in zip(x, y, number, shown.is_in_follow_up, strict=True):
        if signal is not None and month == signal.astype("datetime64[M]").astype(int):
            marks.append(f'<path d="M{left:.1f} {down - 5:.1f}l5 5l-5 5l-5 -5z" fill="{theme.ORANGE}"/>')
            continue
        fill = "none" if is_young else theme.BLUE
        marks.append(f'<circle cx="{left:.1f}" cy="{down:.1f}" r="2.5" fill="{fill}" stroke="{theme.BLUE}"/>')
    points = " ".join(f"{left:.1f},{down:.1f}" for left, down in zip(x, y, strict=True))
    level = ""
    if baseline is not None:
        place = _height(np.array([baseline]), top)[0]
        level = f'<path d="M0 {place:.1f}H{WIDTH}" stroke="{theme.GREY}" stroke-dasharray="4 3"/>'
    line = f'<polyline points="{points}" fill="none" stroke="{theme.fade_color(theme.BLUE, 0.45)}"/>'
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{level}{line}{"".join(marks)}</svg>'


def _height(rate: np.ndarray, top: float) -> np.ndarray:
    return HEIGHT - EDGE - rate / top * (HEIGHT - 2 * EDGE)
