"""Survival curves of many side effects: one small panel each, all on one scale."""

from collections.abc import Sequence

import plotly.graph_objects as go

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
    axes, names = {}, []
    for at, curve in enumerate(drawn):
        row, column = divmod(at, beside)
        left = column * (1 + GAP) / beside
        bottom = 1 - (row + 1) * (PANEL + NAME) / inner
        top = bottom + PANEL / inner
        place = (left, left + (1 + GAP) / beside - GAP), (bottom, top)
        axes |= _axes(at, *place, time, leftmost=column == 0, lowest=at + beside >= len(drawn))
        names.append(_name_annotation(curve, left, top))
        if curve.has_too_few:
            names.append(_too_few_annotation(left, (bottom + top) / 2))
    left_out = [_left_out_annotation(len(drawn), len(curves))] if len(drawn) < len(curves) else []
    foot = AXIS + 24 * len(left_out)
    figure = base.build_figure(
        [trace for at, curve in enumerate(drawn) for trace in _panel(curve, at)],
        height=inner + foot + 4,
        margin={"l": 8, "r": 12, "t": 4, "b": foot, "pad": 0},
        annotations=[*names, *left_out],
        **axes,
    )
    said = "; ".join(map(survival_curve.short_description, drawn))
    alt = f"{formatting.pluralize(len(curves), 'curve')} of the share still present, all on one scale. {said}."
    return base.Chart(figure, alt, survival_curve.steps_table(curves))


def _axes(at: int, across: tuple, upward: tuple, time: tuple, leftmost: bool, lowest: bool) -> dict[str, dict]:
    """Both axes of a panel; only the outer ones have text."""
    number = _axis_suffix(at)
    ticks, labels, unit = time
    x = {"domain": across, "anchor": f"y{number}", "range": [0, 1.02 * ticks[-1]], "tickvals": ticks, "showgrid": False}
    y = {"domain": upward, "anchor": f"x{number}", "range": [0, 104], "tickvals": [0, 50, 100]}
    wordless = {"showticklabels": False}
    return {
        f"xaxis{number}": base.titled_axis(f"{unit} since onset", ticktext=labels, **x) if lowest else x | wordless,
        f"yaxis{number}": base.titled_axis("Still present, %", **y) if leftmost else y | wordless,
    }


def _panel(curve: SurvivalCurve, at: int) -> list[go.Scatter]:
    """The traces of the large chart, on the axes of a panel."""
    number = _axis_suffix(at)
    return [trace.update(xaxis=f"x{number}", yaxis=f"y{number}") for trace in survival_curve.curve_traces(curve)]


def _axis_suffix(at: int) -> str:
    """How Plotly numbers axes: x, x2, x3."""
    return "" if at == 0 else str(at + 1)


def _name_annotation(curve: SurvivalCurve, left: float, top: float) -> dict:
    label = "<br>".join(base.wrap_label(curve.label, NAME_CHARACTERS)[:2])
    text = f"<b>{label}</b><br>{formatting.pluralize(curve.total, 'case')}, {formatting.count(curve.open)} open"
    return base.text_annotation(text, xref="paper", yref="paper", x=left, y=top, yanchor="bottom")


def _too_few_annotation(left: float, middle: float) -> dict:
    words = "<br>".join(base.wrap_label(survival_curve.TOO_FEW_ENDED, NAME_CHARACTERS))
    return base.text_annotation(words, xref="paper", yref="paper", x=left, y=middle, yanchor="middle", xshift=4)


def _left_out_annotation(drawn: int, held: int) -> dict:
    text = f"The first {drawn} of {formatting.count(held)}"
    return base.text_annotation(text, xref="paper", yref="paper", x=0, y=0, yshift=-AXIS, yanchor="top")
