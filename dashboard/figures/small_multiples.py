"""The curves of Durations for many side effects at once: one small panel each, all on one scale."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures import resolution
from dashboard.figures.chart import Chart, framed, lines, titled, without_data
from dashboard.figures.resolution import Course

COLUMNS = 2  # two curves beside each other can be read on a telephone too
MOST_PANELS = 24
PANEL, NAME, AXIS = 110, 44, 60  # px: a curve, its name above it, the axis below the last row
GAP = 0.08  # share of the width between the columns
NAME_CHARACTERS = 22


def draw(courses: Sequence[Course]) -> Chart:
    """A panel for each course with an episode; a click on an open one gives its key."""
    courses = [course for course in courses if len(course.lasting)]
    if not courses:
        return without_data("No side effects, so no durations.", resolution.TABLE)
    drawn = courses[:MOST_PANELS]
    rows = -(-len(drawn) // COLUMNS)
    inner = rows * (PANEL + NAME)
    time = resolution.ticks_of(int(max(course.lasting.max() for course in drawn)))
    axes, names = {}, []
    for at, course in enumerate(drawn):
        row, column = divmod(at, COLUMNS)
        left = column * (1 + GAP) / COLUMNS
        bottom = 1 - (row + 1) * (PANEL + NAME) / inner
        top = bottom + PANEL / inner
        axes |= _axes(at, (left, left + (1 + GAP) / COLUMNS - GAP), (bottom, top), time, lowest=at + COLUMNS >= len(drawn))
        names.append(_name(course, left, top))
    left_out = [] if len(drawn) == len(courses) else [_left_out(len(drawn), len(courses))]
    figure = framed(
        [trace for at, course in enumerate(drawn) for trace in _panel(course, at)],
        height=inner + AXIS + 4 + 24 * len(left_out),
        margin={"l": 8, "r": 12, "t": 4, "b": AXIS + 24 * len(left_out), "pad": 0},
        annotations=[*names, *left_out],
        **axes,
    )
    said = "; ".join(_said(course) for course in courses)
    alt = f"{wording.counted(len(courses), 'curve')} of the share still there, all on one scale. {said}."
    return Chart(figure, alt, resolution.table(courses))


def _axes(at: int, across: tuple, upward: tuple, time: tuple, lowest: bool) -> dict[str, dict]:
    """Both axes of a panel; words stand at the outer ones."""
    number = "" if at == 0 else str(at + 1)
    ticks, labels, unit = time
    across_axis = {"domain": across, "anchor": f"y{number}", "range": [0, ticks[-1] * 1.02], "tickvals": ticks, "showgrid": False}
    upward_axis = {"domain": upward, "anchor": f"x{number}", "range": [0, 104], "tickvals": [0, 50, 100]}
    return {
        f"xaxis{number}": titled(f"{unit} since first noticed", ticktext=labels, **across_axis)
        if lowest
        else across_axis | {"showticklabels": False},
        f"yaxis{number}": titled("Still there, %", **upward_axis)
        if at % COLUMNS == 0
        else upward_axis | {"showticklabels": False},
    }


def _panel(course: Course, at: int) -> list[go.Scatter]:
    """The traces of the large chart, on the axes of a panel."""
    number = "" if at == 0 else str(at + 1)
    return [trace.update(xaxis=f"x{number}", yaxis=f"y{number}") for trace in resolution.curve(course)]


def _name(course: Course, left: float, top: float) -> dict:
    open_ = int(np.sum(~course.ended))
    words = "<br>".join(lines(course.label, NAME_CHARACTERS)[:2])
    return {
        "text": f"<b>{words}</b><br>{wording.count(len(course.lasting))}, {wording.count(open_)} open", "xref": "paper",
        "yref": "paper", "x": left, "y": top, "xanchor": "left", "yanchor": "bottom", "align": "left", "showarrow": False,
        "font": {"size": theme.SMALL},
    }  # fmt: skip


def _left_out(drawn: int, held: int) -> dict:
    return {
        "text": f"The first {drawn} of {wording.count(held)}", "xref": "paper", "yref": "paper", "x": 0, "y": 0,
        "yshift": -AXIS, "xanchor": "left", "yanchor": "top", "showarrow": False, "font": {"size": theme.SMALL},
    }  # fmt: skip


def _said(course: Course) -> str:
    open_ = wording.count(int(np.sum(~course.ended)))
    return f"{course.label}: {wording.counted(len(course.lasting), 'side effect')}, {open_} open"
