"""The curves of Durations for many side effects at once: one small panel each, all on one scale."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures import survival_curve
from dashboard.figures.base import Chart, framed, lines, note, table, titled, without_data
from dashboard.figures.survival_curve import Course
from dashboard.text import formatting

BESIDE = 2  # two curves beside each other can be read on a telephone too
MOST_PANELS = 24
PANEL, NAME, AXIS = 110, 62, 60  # px: a curve, its name above it, the axis below the last row
GAP = 0.08  # share of the width between the columns
NAME_CHARACTERS = 22


def draw(courses: Sequence[Course]) -> Chart:
    """A panel for each course with an episode; a click on an arrow gives its key."""
    courses = [course for course in courses if len(course.lasting)]
    if not courses:
        return without_data("No side effects, so no durations.", survival_curve.TABLE)
    drawn = courses[:MOST_PANELS]
    beside = min(BESIDE, len(drawn))
    inner = -(-len(drawn) // beside) * (PANEL + NAME)
    time = survival_curve.ticks_of(int(max(course.lasting.max() for course in drawn)))
    axes, names = {}, []
    for at, course in enumerate(drawn):
        row, column = divmod(at, beside)
        left = column * (1 + GAP) / beside
        bottom = 1 - (row + 1) * (PANEL + NAME) / inner
        top = bottom + PANEL / inner
        place = (left, left + (1 + GAP) / beside - GAP), (bottom, top)
        axes |= _axes(at, *place, time, leftmost=column == 0, lowest=at + beside >= len(drawn))
        names.append(_name(course, left, top))
        if course.refused:
            names.append(_refused(left, (bottom + top) / 2))
    left_out = [_left_out(len(drawn), len(courses))] if len(drawn) < len(courses) else []
    foot = AXIS + 24 * len(left_out)
    figure = framed(
        [trace for at, course in enumerate(drawn) for trace in _panel(course, at)],
        height=inner + foot + 4,
        margin={"l": 8, "r": 12, "t": 4, "b": foot, "pad": 0},
        annotations=[*names, *left_out],
        **axes,
    )
    said = "; ".join(map(survival_curve.in_short, drawn))
    alt = f"{formatting.counted(len(courses), 'curve')} of the share still there, all on one scale. {said}."
    return Chart(figure, alt, table(survival_curve.TABLE, survival_curve.rows_of(courses)))


def _axes(at: int, across: tuple, upward: tuple, time: tuple, leftmost: bool, lowest: bool) -> dict[str, dict]:
    """Both axes of a panel; words stand at the outer ones."""
    number = _number(at)
    ticks, labels, unit = time
    x = {"domain": across, "anchor": f"y{number}", "range": [0, 1.02 * ticks[-1]], "tickvals": ticks, "showgrid": False}
    y = {"domain": upward, "anchor": f"x{number}", "range": [0, 104], "tickvals": [0, 50, 100]}
    wordless = {"showticklabels": False}
    return {
        f"xaxis{number}": titled(f"{unit} since first noticed", ticktext=labels, **x) if lowest else x | wordless,
        f"yaxis{number}": titled("Still there, %", **y) if leftmost else y | wordless,
    }


def _panel(course: Course, at: int) -> list[go.Scatter]:
    """The traces of the large chart, on the axes of a panel."""
    number = _number(at)
    return [trace.update(xaxis=f"x{number}", yaxis=f"y{number}") for trace in survival_curve.curve(course)]


def _number(at: int) -> str:
    """How Plotly numbers axes: x, x2, x3."""
    return "" if at == 0 else str(at + 1)


def _name(course: Course, left: float, top: float) -> dict:
    label = "<br>".join(lines(course.label, NAME_CHARACTERS)[:2])
    open_ = formatting.count(int((~course.ended).sum()))
    text = f"<b>{label}</b><br>{formatting.counted(len(course.lasting), 'case')}, {open_} open"
    return note(text, xref="paper", yref="paper", x=left, y=top, yanchor="bottom")


def _refused(left: float, middle: float) -> dict:
    words = "<br>".join(lines(survival_curve.REFUSED, NAME_CHARACTERS))
    return note(words, xref="paper", yref="paper", x=left, y=middle, yanchor="middle", xshift=4)


def _left_out(drawn: int, held: int) -> dict:
    text = f"The first {drawn} of {formatting.count(held)}"
    return note(text, xref="paper", yref="paper", x=0, y=0, yshift=-AXIS, yanchor="top")
