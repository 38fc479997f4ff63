"""One line per case: from first noticed to gone, or to the last contact where it was still there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    LABEL_WIDTH,
    LINE_HEIGHT,
    Chart,
    build_figure,
    empty_chart,
    hidden_axis,
    hover_data,
    left_annotations,
    right_annotations,
    round_up,
    titled_axis,
    to_columns,
    wrap_label,
)
from dashboard.text import formatting

MAX_NAMED = 40  # beyond it the lines become a silhouette and the listing below names them
MAX_HEIGHT = 900  # px
DURATION_WIDTH = 76  # px beside the lines: "140 days"
COLUMN_TITLES = ("Case", "First noticed, day", "Last day there", "Days", "Open")


@dataclass(frozen=True)
class CaseLine:
    """An episode in days since its injection; `last` is the day it ended or, if `open`, of the last contact."""

    key: str
    label: str
    first: int
    last: int
    is_open: bool
    flagged: bool = False

    @property
    def days(self) -> int:
        """Whole days, both ends counted."""
        return self.last - self.first + 1


def draw(cases: Sequence[CaseLine]) -> Chart:
    """A line for each case, in the order given; a click on its end gives its key."""
    if not cases:
        return empty_chart("No cases to show here.", COLUMN_TITLES)
    named = len(cases) <= MAX_NAMED
    labels = [wrap_label(case.label) for case in cases] if named else []
    heights = np.array([LINE_HEIGHT * max(2, len(words)) + 4 for words in labels] or [_line_width(cases)] * len(cases))
    middle, total = np.cumsum(heights) - heights / 2, float(heights.sum())
    figure = build_figure(
        [
            *_line_traces(cases, middle, 6 if named else max(1.0, 0.6 * heights[0])),
            _end_trace(cases, middle, named),
        ],
        height=int(total) + 72,
        margin={"l": LABEL_WIDTH, "r": DURATION_WIDTH, "t": 16, "b": 8, "pad": 0}
        if named
        else {"l": 8, "r": 16, "t": 16, "b": 8},
        xaxis=titled_axis(
            "Days since the injection",
            range=[0, round_up(max(1, *(case.last for case in cases)) * 1.02)],
            nticks=5,
            showgrid=True,
        ),
        yaxis=hidden_axis(range=[total, 0]),
        annotations=_annotations(cases, labels, middle) if named else [],
    )
    rows = ((case.label, case.first, case.last, case.days, case.is_open) for case in cases)
    return Chart(figure, _alt_text(cases), to_columns(COLUMN_TITLES, rows))


def _line_width(cases: Sequence[CaseLine]) -> float:
    return min(12.0, MAX_HEIGHT / len(cases))


def _annotations(cases: Sequence[CaseLine], labels: list[list[str]], middle: np.ndarray) -> list[dict]:
    lasting = [f"{formatting.days(case.days)}{'<br>open' if case.is_open else ''}" for case in cases]
    return [*left_annotations(("<br>".join(words) for words in labels), middle), *right_annotations(lasting, middle)]


def _line_traces(cases: Sequence[CaseLine], middle: np.ndarray, width: float) -> list[go.Scatter]:
    """Two traces of broken lines, because a trace has one colour: the flagged cases, and all others."""
    traces = []
    for flagged in (False, True):
        chosen = [(case, y) for case, y in zip(cases, middle, strict=True) if case.flagged == flagged]
        traces.append(
            go.Scatter(
                x=[x for case, _ in chosen for x in (case.first, case.last, None)],
                y=[at for _, y in chosen for at in (y, y, None)],
                mode="lines",
                line={"color": theme.fade_color(_color(flagged), 0.7), "width": width},
                hoverinfo="skip",
            )
        )
    return traces


def _end_trace(cases: Sequence[CaseLine], middle: np.ndarray, named: bool) -> go.Scatter:
    seen = [1.0 if case.is_open or named else 0.0 for case in cases]  # the end of a thin bar is pointed at, not drawn
    colours = [theme.fade_color(_color(case.flagged), strength) for case, strength in zip(cases, seen, strict=True)]
    return go.Scatter(
        x=np.array([case.last for case in cases]),
        y=middle,
        mode="markers",
        marker={
            "symbol": ["triangle-right-open" if case.is_open else "line-ns" for case in cases],
            "size": theme.MARK + 2 if named else 7,
            "color": colours,
            "line": {"width": 2 if named else 1, "color": colours},
        },
        cliponaxis=False,
        **hover_data((case.key for case in cases), map(_hover_text, cases)),
    )


def _color(flagged: bool) -> str:
    return theme.ORANGE if flagged else theme.BLUE


def _hover_text(case: CaseLine) -> str:
    lasting = formatting.days(case.days)
    ending = f"still there at the last contact, after {lasting}" if case.is_open else f"gone after {lasting}"
    return f"{case.label}: first noticed on {formatting.day_number(case.first)}, {ending}"


def _alt_text(cases: Sequence[CaseLine]) -> str:
    open_ = sum(case.is_open for case in cases)
    longest = max(cases, key=lambda case: case.days)
    lines_of = f"{formatting.pluralize(len(cases), 'case')} as lines of days since the injection"
    return f"{lines_of}, {formatting.count(open_)} still open. The longest: {_hover_text(longest)}."
