"""The curves of Durations for many side effects at once: one small panel each, all on one scale."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures import survival_curve
from dashboard.figures.base import (
    Chart,
    build_figure,
    empty_chart,
    text_annotation,
    titled_axis,
    to_columns,
    wrap_label,
)
from dashboard.figures.survival_curve import SurvivalCurve
from dashboard.text import formatting

PANELS_PER_ROW = 2  # two curves beside each other can be read on a telephone too
MAX_PANELS = 24
PANEL, NAME, AXIS = 110, 62, 60  # px: a curve, its name above it, the axis below the last row
GAP = 0.08  # share of the width between the columns
NAME_CHARACTERS = 22


def draw(courses: Sequence[SurvivalCurve]) -> Chart:
    """A panel for each course with an episode; a click on an arrow gives its key."""
    courses = [course for course in courses if len(course.durations)]
    if not courses:
        return empty_chart("No side effects, so no durations.", survival_curve.COLUMN_TITLES)
    drawn = courses[:MAX_PANELS]
    beside = min(PANELS_PER_ROW, len(drawn))
    inner = -(-len(drawn) // beside) * (PANEL + NAME)
    time = survival_curve.time_ticks(int(max(course.durations.max() for course in drawn)))
    axes, names = {}, []
    for at, course in enumerate(drawn):
        row, column = divmod(at, beside)
        left = column * (1 + GAP) / beside
        bottom = 1 - (row + 1) * (PANEL + NAME) / inner
        top = bottom + PANEL / inner
        place = (left, left + (1 + GAP) / beside - GAP), (bottom, top)
        axes |= _axes(at, *place, time, leftmost=column == 0, lowest=at + beside >= len(drawn))
        names.append(_name_annotation(course, left, top))
        if course.has_too_few:
            names.append(_too_few_annotation(left, (bottom + top) / 2))
    left_out = [_left_out_annotation(len(drawn), len(courses))] if len(drawn) < len(courses) else []
    foot = AXIS + 24 * len(left_out)
    figure = build_figure(
        [trace for at, course in enumerate(drawn) for trace in _panel(course, at)],
        height=inner + foot + 4,
        margin={"l": 8, "r": 12, "t": 4, "b": foot, "pad": 0},
        annotations=[*names, *left_out],
        **axes,
    )
    said = "; ".join(map(survival_curve.short_description, drawn))
    alt = f"{formatting.pluralize(len(courses), 'curve')} of the share still there, all on one scale. {said}."
    return Chart(figure, alt, to_columns(survival_curve.COLUMN_TITLES, survival_curve.table_rows(courses)))


def _axes(at: int, across: tuple, upward: tuple, time: tuple, leftmost: bool, lowest: bool) -> dict[str, dict]:
    """Both axes of a panel; words stand at the outer ones."""
    number = _axis_suffix(at)
    ticks, labels, unit = time
    x = {"domain": across, "anchor": f"y{number}", "range": [0, 1.02 * ticks[-1]], "tickvals": ticks, "showgrid": False}
    y = {"domain": upward, "anchor": f"x{number}", "range": [0, 104], "tickvals": [0, 50, 100]}
    wordless = {"showticklabels": False}
    return {
        f"xaxis{number}": titled_axis(f"{unit} since first noticed", ticktext=labels, **x) if lowest else x | wordless,
        f"yaxis{number}": titled_axis("Still there, %", **y) if leftmost else y | wordless,
    }


def _panel(course: SurvivalCurve, at: int) -> list[go.Scatter]:
    """The traces of the large chart, on the axes of a panel."""
    number = _axis_suffix(at)
    return [trace.update(xaxis=f"x{number}", yaxis=f"y{number}") for trace in survival_curve.curve_traces(course)]


def _axis_suffix(at: int) -> str:
    """How Plotly numbers axes: x, x2, x3."""
    return "" if at == 0 else str(at + 1)


def _name_annotation(course: SurvivalCurve, left: float, top: float) -> dict:
    label = "<br>".join(wrap_label(course.label, NAME_CHARACTERS)[:2])
    open_ = formatting.count(int((~course.ended).sum()))
    text = f"<b>{label}</b><br>{formatting.pluralize(len(course.durations), 'case')}, {open_} open"
    return text_annotation(text, xref="paper", yref="paper", x=left, y=top, yanchor="bottom")


def _too_few_annotation(left: float, middle: float) -> dict:
    words = "<br>".join(wrap_label(survival_curve.TOO_FEW_ENDED, NAME_CHARACTERS))
    return text_annotation(words, xref="paper", yref="paper", x=left, y=middle, yanchor="middle", xshift=4)


def _left_out_annotation(drawn: int, held: int) -> dict:
    text = f"The first {drawn} of {formatting.count(held)}"
    return text_annotation(text, xref="paper", yref="paper", x=0, y=0, yshift=-AXIS, yanchor="top")
