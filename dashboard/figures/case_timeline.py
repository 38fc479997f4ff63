"""One line per case: from first noticed to gone, or to the last contact where it was still there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    LABELS,
    LINE_HEIGHT,
    Chart,
    ceiling,
    framed,
    hidden,
    lines,
    spoken,
    table,
    titled,
    without_data,
    words_after,
    words_before,
)
from dashboard.text import formatting

MOST_NAMED = 40  # beyond it the lines become a silhouette and the listing below names them
TALLEST = 900  # px
LASTING = 76  # px beside the lines: "140 days"
TABLE = ("Case", "First noticed, day", "Last day there", "Days", "Open")


@dataclass(frozen=True)
class Case:
    """An episode in days since its injection; `last` is the day it ended or, if `open`, of the last contact."""

    key: str
    label: str
    first: int
    last: int
    open: bool
    flagged: bool = False

    @property
    def lasted(self) -> int:
        """Whole days, both ends counted."""
        return self.last - self.first + 1


def draw(cases: Sequence[Case]) -> Chart:
    """A line for each case, in the order given; a click on its end gives its key."""
    if not cases:
        return without_data("No cases to show here.", TABLE)
    named = len(cases) <= MOST_NAMED
    labels = [lines(case.label) for case in cases] if named else []
    heights = np.array([LINE_HEIGHT * max(2, len(words)) + 4 for words in labels] or [_thin(cases)] * len(cases))
    middle, total = np.cumsum(heights) - heights / 2, float(heights.sum())
    figure = framed(
        [
            *_courses(cases, middle, 6 if named else max(1.0, 0.6 * heights[0])),
            _ends(cases, middle, named),
        ],
        height=int(total) + 72,
        margin={"l": LABELS, "r": LASTING, "t": 16, "b": 8, "pad": 0} if named else {"l": 8, "r": 16, "t": 16, "b": 8},
        xaxis=titled(
            "Days since the injection",
            range=[0, ceiling(max(1, *(case.last for case in cases)) * 1.02)],
            nticks=5,
            showgrid=True,
        ),
        yaxis=hidden(range=[total, 0]),
        annotations=_words(cases, labels, middle) if named else [],
    )
    rows = ((case.label, case.first, case.last, case.lasted, case.open) for case in cases)
    return Chart(figure, _alt(cases), table(TABLE, rows))


def _thin(cases: Sequence[Case]) -> float:
    return min(12.0, TALLEST / len(cases))


def _words(cases: Sequence[Case], labels: list[list[str]], middle: np.ndarray) -> list[dict]:
    lasting = [f"{formatting.days(case.lasted)}{'<br>open' if case.open else ''}" for case in cases]
    return [*words_before(("<br>".join(words) for words in labels), middle), *words_after(lasting, middle)]


def _courses(cases: Sequence[Case], middle: np.ndarray, width: float) -> list[go.Scatter]:
    """Two traces of broken lines, because a trace has one colour: the flagged cases, and all others."""
    traces = []
    for flagged in (False, True):
        chosen = [(case, y) for case, y in zip(cases, middle, strict=True) if case.flagged == flagged]
        traces.append(
            go.Scatter(
                x=[x for case, _ in chosen for x in (case.first, case.last, None)],
                y=[at for _, y in chosen for at in (y, y, None)],
                mode="lines",
                line={"color": theme.faint(_colour(flagged), 0.7), "width": width},
                hoverinfo="skip",
            )
        )
    return traces


def _ends(cases: Sequence[Case], middle: np.ndarray, named: bool) -> go.Scatter:
    seen = [1.0 if case.open or named else 0.0 for case in cases]  # the end of a thin bar is pointed at, not drawn
    colours = [theme.faint(_colour(case.flagged), strength) for case, strength in zip(cases, seen, strict=True)]
    return go.Scatter(
        x=np.array([case.last for case in cases]),
        y=middle,
        mode="markers",
        marker={
            "symbol": ["triangle-right-open" if case.open else "line-ns" for case in cases],
            "size": theme.MARK + 2 if named else 7,
            "color": colours,
            "line": {"width": 2 if named else 1, "color": colours},
        },
        cliponaxis=False,
        **spoken((case.key for case in cases), map(_said, cases)),
    )


def _colour(flagged: bool) -> str:
    return theme.ORANGE if flagged else theme.BLUE


def _said(case: Case) -> str:
    lasting = formatting.days(case.lasted)
    ending = f"still there at the last contact, after {lasting}" if case.open else f"gone after {lasting}"
    return f"{case.label}: first noticed on {formatting.day_number(case.first)}, {ending}"


def _alt(cases: Sequence[Case]) -> str:
    open_ = sum(case.open for case in cases)
    longest = max(cases, key=lambda case: case.lasted)
    lines_of = f"{formatting.counted(len(cases), 'case')} as lines of days since the injection"
    return f"{lines_of}, {formatting.count(open_)} still open. The longest: {_said(longest)}."
