"""One line per case: from first noticed to gone, or to the last contact where it was still there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import LINE_HEIGHT, Chart, ceiling, framed, hidden, lines, plain, titled, without_data

MOST_NAMED = 40  # beyond it the lines become a silhouette and the listing below names them
TALLEST = 900  # px
LABELS, LINES, LASTING = (0.0, 0.32), (0.34, 0.79), (0.82, 1.0)  # shares of the width
TABLE = ("Case", "First noticed, day", "Last day there", "Open")


@dataclass(frozen=True)
class Case:
    """An episode in days since its injection; `last` is the day it ended or, if `open`, of the last contact."""

    key: str
    label: str
    first: int
    last: int
    open: bool
    flagged: bool = False


def draw(cases: Sequence[Case]) -> Chart:
    """A line for each case, in the order given; a click gives its key."""
    if not cases:
        return without_data("No cases to show here.", TABLE)
    named = len(cases) <= MOST_NAMED
    labels = [lines(case.label) for case in cases] if named else [[] for _ in cases]
    heights = [LINE_HEIGHT * len(words) + 9 if named else min(12, TALLEST / len(cases)) for words in labels]
    middle = np.cumsum(heights) - np.array(heights) / 2
    width = 6 if named else max(1, 0.6 * heights[0])
    figure = framed(
        [*_words(cases, labels, middle, named), *_courses(cases, middle, width), _ends(cases, middle, named)],
        height=int(sum(heights)) + 72,
        margin={"l": 4, "r": 4, "t": 16, "b": 8, "pad": 0},
        xaxis=titled(
            "Days since the injection", domain=LINES if named else (0, 0.97), rangemode="tozero", nticks=5,
            range=[0, ceiling(max(case.last for case in cases) * 1.02)], showgrid=True,
        ),
        xaxis2=hidden(domain=LABELS, range=[0, 1]),
        xaxis3=hidden(domain=LASTING, range=[0, 1]),
        yaxis=hidden(range=[sum(heights), 0]),
    )  # fmt: skip
    return Chart(figure, _alt(cases), _table(cases))


def lasted(case: Case) -> int:
    """Whole days, both ends counted."""
    return case.last - case.first + 1


def _words(cases: Sequence[Case], labels: list[list[str]], middle: np.ndarray, named: bool) -> list[go.Scatter]:
    if not named:
        return []
    common = {"mode": "text", "textposition": "middle right", "cliponaxis": False, "hoverinfo": "skip"}
    nought = np.zeros(len(cases))
    lasting = [f"{wording.days(lasted(case))}{', open' if case.open else ''}".replace(", ", "<br>") for case in cases]
    return [
        go.Scatter(x=nought, y=middle, text=["<br>".join(words) for words in labels], xaxis="x2",
                   textfont={"size": theme.TEXT}, **common),
        go.Scatter(x=nought, y=middle, text=lasting, xaxis="x3", textfont={"size": theme.SMALL}, **common),
    ]  # fmt: skip


def _courses(cases: Sequence[Case], middle: np.ndarray, width: float) -> list[go.Scatter]:
    """Two traces of broken lines, because a trace has one colour: those of a flag, and all others."""
    traces = []
    for flagged, colour in ((False, theme.BLUE), (True, theme.ORANGE)):
        chosen = [(case, y) for case, y in zip(cases, middle, strict=True) if case.flagged == flagged]
        traces.append(
            go.Scatter(
                x=[x for case, _ in chosen for x in (case.first, case.last, None)],
                y=[at for _, y in chosen for at in (y, y, None)],
                mode="lines", line={"color": theme.faint(colour, 0.7), "width": width}, hoverinfo="skip",
            )
        )  # fmt: skip
    return traces


def _ends(cases: Sequence[Case], middle: np.ndarray, named: bool) -> go.Scatter:
    size = theme.MARK + 2 if named else 5
    return go.Scatter(
        x=np.array([case.last for case in cases]),
        y=middle,
        mode="markers",
        cliponaxis=False,
        marker={
            "symbol": ["triangle-right-open" if case.open else "line-ns" for case in cases],
            "size": size,
            "opacity": [1 if case.open or named else 0 for case in cases],
            "color": [theme.ORANGE if case.flagged else theme.BLUE for case in cases],
            "line": {"width": 2 if named else 1, "color": [theme.ORANGE if case.flagged else theme.BLUE for case in cases]},
        },
        customdata=[case.key for case in cases],
        hovertext=[plain(_said(case)) for case in cases],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _said(case: Case) -> str:
    lasting = wording.days(lasted(case))
    ending = f"still there at the last contact, after {lasting}" if case.open else f"gone after {lasting}"
    return f"{case.label}: first noticed on {wording.day_number(case.first)}, {ending}"


def _alt(cases: Sequence[Case]) -> str:
    open_ = [case for case in cases if case.open]
    longest = max(cases, key=lasted)
    return (
        f"{wording.counted(len(cases), 'case')} as lines of days since the injection, {wording.count(len(open_))} still "
        f"open. The longest: {_said(longest)}."
    )


def _table(cases: Sequence[Case]) -> dict[str, list]:
    return {
        TABLE[0]: [case.label for case in cases],
        TABLE[1]: [case.first for case in cases],
        TABLE[2]: [case.last for case in cases],
        TABLE[3]: [case.open for case in cases],
    }
