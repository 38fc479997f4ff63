"""Survival curves of many side effects: one small panel each, all on one scale."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from dashboard.figures import base, survival_curve
from dashboard.figures.survival_curve import SurvivalCurve
from dashboard.text import formatting

PANELS_PER_ROW = 2  # two curves side by side can be read on a phone too
MAX_PANELS = 24
PANEL, NAME, AXIS = 110, 62, 60  # px: a curve, its name above it, the axis below the last row
GAP = 0.08  # share of the width between the columns
NAME_CHARACTERS = 22


def draw(curves: Sequence[SurvivalCurve]) -> base.Chart:
    """A panel for each curve that has side effects; a click on an arrow gives its key."""
    curves = [curve for curve in curves if curve.total]
    if not curves:
        return base.empty_chart(survival_curve.NOTHING, survival_curve.COLUMNS)
    drawn = curves[:MAX_PANELS]
    beside = min(PANELS_PER_ROW, len(drawn))
    inner = -(-len(drawn) // beside) * (PANEL + NAME)
    time = survival_curve.time_ticks(max(curve.longest for curve in drawn))
    traces, axes, texts = [], {}, []
    for at, curve in enumerate(drawn):
        row, column = divmod(at, beside)
        left = column * (1 + GAP) / beside
        bottom = 1 - (row + 1) * (PANEL + NAME) / inner
        top = bottom + PANEL / inner
        number = str(at + 1) if at else ""  # as Plotly numbers axes: x, x2, x3
        place = (left, left + (1 + GAP) / beside - GAP), (bottom, top)
        axes |= _axes(number, *place, time, leftmost=column == 0, lowest=at + beside >= len(drawn))
        panel = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        traces += [trace.update(panel) for trace in survival_curve.curve_traces(curve)]
        label = "<br>".join(base.wrap_label(curve.label, NAME_CHARACTERS)[:2])
        counted = f"{formatting.pluralize(curve.total, 'case')}, {formatting.count(curve.open)} open"
        texts.append(_annotation(f"<b>{label}</b><br>{counted}", x=left, y=top, yanchor="bottom"))
        if curve.has_too_few:
            words = "<br>".join(base.wrap_label(survival_curve.TOO_FEW_ENDED, NAME_CHARACTERS))
            texts.append(_annotation(words, x=left, y=(bottom + top) / 2, yanchor="middle", xshift=4))
    foot = AXIS
    if len(drawn) < len(curves):
        foot += 24
        counted = f"The first {len(drawn)} of {formatting.count(len(curves))}"
        texts.append(_annotation(counted, x=0, y=0, yshift=-AXIS, yanchor="top"))
    figure = base.build_figure(
        traces,
        height=inner + foot + 4,
        margin={"l": 8, "r": 12, "t": 4, "b": foot, "pad": 0},
        annotations=texts,
        **axes,
    )
    said = "; ".join(map(survival_curve.short_description, drawn))
    alt = f"{formatting.pluralize(len(curves), 'curve')} of the share still present, all on one scale. {said}."
    return base.Chart(figure, alt, pd.concat([curve.steps for curve in curves], ignore_index=True))


def _axes(number: str, across: tuple, upward: tuple, time: tuple, leftmost: bool, lowest: bool) -> dict[str, dict]:
    """Both axes of a panel; only the outer ones have text."""
    ticks, labels, unit = time
    x = {"domain": across, "anchor": f"y{number}", "range": [0, 1.02 * ticks[-1]], "tickvals": ticks, "showgrid": False}
    y = {"domain": upward, "anchor": f"x{number}", "range": [0, 104], "tickvals": [0, 50, 100]}
    wordless = {"showticklabels": False}
    return {
        f"xaxis{number}": base.titled_axis(f"{unit} since onset", ticktext=labels, **x) if lowest else x | wordless,
        f"yaxis{number}": base.titled_axis("Still present, %", **y) if leftmost else y | wordless,
    }


def _annotation(text: str, **placed: Any) -> dict:
    return base.text_annotation(text, xref="paper", yref="paper", **placed)
