"""How long side effects stay: the share still there, with those still followed beneath. The curve of Durations.

Open side effects stay in the curve up to the client's last contact, where each is drawn as an arrow: it went on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures.base import (
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hidden_axis,
    hover_data,
    round_up,
    text_annotation,
    titled_axis,
    to_columns,
    vertical_line,
)
from dashboard.text import formatting

MARKS = (14, 42, 91)  # days: 2, 6 and 13 weeks, "within a few weeks or months?"
MAX_CURVES = len(theme.SERIES)
MAX_DAYS_ON_AXIS = 28  # up to here the axis counts days, beyond it weeks
TICKS = 5  # spaces between the numbers still followed: what a telephone's width can hold
CURVE, AXIS, ROW = 270, 48, 17  # px: the curves, the axis below them, a line of words or numbers below that
HEADROOM = 8  # percent of the axis that each mark's name takes above 100%, where no curve can cross it
NEAR_END_SHARE = 0.65  # of the axis: a mark beyond it is named on its left, or a telephone would cut its name
MAX_ARROWS = 60  # more arrows would hide the curve: they shrink to ticks
MAX_OPEN = 2_000  # of more open ones, one a day is drawn
TOO_FEW_ENDED = "too few have ended for a curve"
COLUMN_TITLES = ("Side effect", "Day", "Still there", "Low", "High", "Ended", "Still followed")


@dataclass(frozen=True)
class SurvivalCurve:
    """One Kaplan-Meier curve and what it was made from.

    `days`, `still`, `low`, `high`: one entry per distinct day with an end, the share still there after it (0-1; NaN
    where the interval does not exist). `lasting`: how long each episode lasted or was followed, days; `ended`: whether
    it was over then; `keys`: what a click on an open one gives, text or number. Without `days` although some have
    ended, there are too few for a curve, and none is drawn.
    """

    label: str
    days: np.ndarray
    still_present: np.ndarray
    low: np.ndarray
    high: np.ndarray
    durations: np.ndarray
    ended: np.ndarray
    keys: Sequence[str | int]

    @property
    def has_too_few(self) -> bool:
        return not len(self.days) and bool(self.ended.any())

    def share_present(self, day: float) -> float:
        """The share still there after `day`."""
        before = np.searchsorted(self.days, day, side="right")
        return float(self.still_present[before - 1]) if before else 1.0

    def at_risk(self, day: float) -> int:
        """How many were neither over nor lost to follow-up before `day`."""
        return int(np.sum(self.durations >= day))


def draw(courses: Sequence[SurvivalCurve]) -> Chart:
    """A curve for each course, at most three; more belong in small multiples. A click on an arrow gives its key."""
    if len(courses) > MAX_CURVES:
        raise ValueError(f"{len(courses)} curves in one chart: at most {MAX_CURVES} can be told apart")
    courses = [course for course in courses if len(course.durations)]
    if not courses:
        return empty_chart("No side effects, so no durations.", COLUMN_TITLES)
    if all(course.has_too_few for course in courses):
        return empty_chart(
            f"{TOO_FEW_ENDED.capitalize()}. {'. '.join(map(short_description, courses))}.", COLUMN_TITLES
        )
    several = len(courses) > 1
    longest = int(max(course.durations.max() for course in courses))
    ticks, labels, unit = time_ticks(longest)
    marks = [day for day in MARKS if day <= longest]
    rows = 1 + len(courses) * (1 + several)
    below = ROW * rows
    inner = CURVE + AXIS + below
    figure = build_figure(
        [
            *(trace for at, course in enumerate(courses) for trace in curve_traces(course, at)),
            *(_at_risk_trace(course, ticks, (2 + 2 * at) if several else 1) for at, course in enumerate(courses)),
        ],
        height=inner + 24 + 20 * len(courses) * several,
        showlegend=several,
        margin={"l": 8, "r": 20, "t": 16, "b": 8, "pad": 0},
        xaxis=titled_axis(
            f"{unit} since it was first noticed",
            range=[-0.02 * ticks[-1], 1.02 * ticks[-1]],
            tickvals=ticks,
            ticktext=labels,
            anchor="y",
            showgrid=False,
        ),
        yaxis=titled_axis(
            "Still there, % of side effects",
            range=[0, 102 + HEADROOM * len(marks)],
            domain=[(below + AXIS) / inner, 1],
            tickvals=[0, 25, 50, 75, 100],
        ),
        yaxis2=hidden_axis(range=[rows - 0.5, -0.5], domain=[0, below / inner]),
        # Each line ends at its own name, so that it crosses no other.
        shapes=[vertical_line(day, 100 + HEADROOM * (level + 1)) for level, day in enumerate(reversed(marks))],
        annotations=[
            *(
                _mark_annotation(day, level, courses, day > NEAR_END_SHARE * ticks[-1])
                for level, day in enumerate(reversed(marks))
            ),
            _row_heading("<b>Still there and still followed</b>", 0),
            *(_row_heading(_at_risk_heading(course), 1 + 2 * at) for at, course in enumerate(courses) if several),
        ],
    )
    return Chart(figure, _alt_text(courses, marks), to_columns(COLUMN_TITLES, table_rows(courses)))


def time_ticks(longest: int) -> tuple[np.ndarray, list[str], str]:
    """Few and even places on a time axis as long as `longest` days, their labels, and the unit of these."""
    length, unit = (1, "Days") if longest <= MAX_DAYS_ON_AXIS else (7, "Weeks")
    step = int(np.ceil(round_up(max(1, longest / length / TICKS))))
    counted = np.arange(0, int(np.ceil(longest / length / step)) + 1) * step
    return counted * length, [str(n) for n in counted], unit


def curve_traces(course: SurvivalCurve, position: int = 0) -> list[go.Scatter]:
    """The band, the curve and the arrows of one course, in the `at`-th colour; nothing where there is no curve."""
    if course.has_too_few:
        return []
    colour, last = theme.SERIES[position], int(course.durations.max())
    known = np.isfinite(course.low) & np.isfinite(course.high)
    band_x = np.concatenate([[0], course.days[known], [last]])
    low, high = (100 * np.concatenate([[1], limit[known], limit[known][-1:]]) for limit in (course.low, course.high))
    edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip", "showlegend": False}
    x = np.concatenate([[0], course.days, [last]])
    return [
        go.Scatter(x=band_x[: len(high)], y=high, **edge),
        go.Scatter(x=band_x[: len(low)], y=low, fill="tonexty", fillcolor=theme.fade_color(colour, 0.18), **edge),
        go.Scatter(
            x=x,
            y=np.array([100 * course.share_present(day) for day in x]),
            mode="lines",
            name=escape_label(course.label),
            line={"color": colour, "width": theme.LINE + 0.5, "shape": "hv", "dash": theme.DASHES[position]},
            **hover_data((), (_hover_text(course, int(day)) for day in x)),
        ),
        _censored_trace(course, colour),
    ]


def _censored_trace(course: SurvivalCurve, colour: str) -> go.Scatter:
    still_open = np.flatnonzero(~course.ended)
    few = len(still_open) <= MAX_ARROWS
    if len(still_open) > MAX_OPEN:  # those of one day lie on each other
        still_open = still_open[np.unique(course.durations[still_open], return_index=True)[1]]
    until = course.durations[still_open]
    return go.Scatter(
        x=until,
        y=np.array([100 * course.share_present(day) for day in until]),
        mode="markers",
        marker={
            "symbol": "triangle-right-open" if few else "line-ns",
            "size": theme.MARK if few else 6,
            "color": colour,
            "line": {"width": 1.5 if few else 1, "color": colour},
        },
        cliponaxis=False,
        showlegend=False,
        **hover_data(
            (str(course.keys[case]) for case in still_open),
            (f"{course.label}: still there at the last contact, after {formatting.days(int(day))}" for day in until),
        ),
    )


def _at_risk_trace(course: SurvivalCurve, ticks: np.ndarray, row: int) -> go.Scatter:
    followed = [course.at_risk(day) for day in ticks]
    return go.Scatter(
        x=ticks,
        y=np.full(len(ticks), row),
        mode="text",
        text=[formatting.count(n) for n in followed],
        textfont={"size": theme.SMALL},
        yaxis="y2",
        cliponaxis=False,
        showlegend=False,
        **hover_data(
            (), (f"{formatting.n_of_m(n, len(course.durations))} still there and still followed" for n in followed)
        ),
    )


def _at_risk_heading(course: SurvivalCurve) -> str:
    return escape_label(f"{course.label}: {TOO_FEW_ENDED}" if course.has_too_few else course.label)


def _row_heading(text: str, row: int) -> dict:
    return text_annotation(text, xref="paper", yref="y2", x=0, y=row, yanchor="middle")


def _mark_annotation(day: int, level: int, courses: Sequence[SurvivalCurve], late: bool) -> dict:
    share = f": {formatting.whole_percent(courses[0].share_present(day))}" if len(courses) == 1 else ""
    side = {"xanchor": "right", "xshift": -2} if late else {"xanchor": "left", "xshift": 2}
    return text_annotation(
        escape_label(f"{formatting.weeks(day)}{share}"), x=day, y=100 + HEADROOM * (level + 0.5), **side
    )


def _hover_text(course: SurvivalCurve, day: int) -> str:
    followed = formatting.n_of_m(course.at_risk(day), len(course.durations))
    return (
        f"{course.label}, after {formatting.days(day)}: {formatting.whole_percent(course.share_present(day))} still "
        f"there, "
        f"{followed} still followed"
    )


def short_description(course: SurvivalCurve) -> str:
    """ "Bruising: 20 side effects, 3 still open"."""
    cases = formatting.pluralize(len(course.durations), "side effect")
    return f"{course.label}: {cases}, {formatting.count(int(np.sum(~course.ended)))} still open"


def _alt_text(courses: Sequence[SurvivalCurve], marks: Sequence[int]) -> str:
    said = []
    for course in courses:
        later = ", ".join(
            f"{formatting.whole_percent(course.share_present(day))} after {formatting.weeks(day)}" for day in marks
        )
        still = TOO_FEW_ENDED if course.has_too_few else f"still there: {later}" if later else ""
        said.append(f"{short_description(course)}; {still}" if still else short_description(course))
    return f"Share of side effects still there over time. {'. '.join(said)}."


def table_rows(courses: Sequence[SurvivalCurve]) -> list[tuple]:
    """The rows of TABLE: one per course and day with an end."""
    return [
        (
            course.label,
            int(day),
            float(still),
            float(low),
            float(high),
            _count_ended_on(course, day),
            course.at_risk(day),
        )
        for course in courses
        for day, still, low, high in zip(course.days, course.still_present, course.low, course.high, strict=True)
    ]


def _count_ended_on(course: SurvivalCurve, day: int) -> int:
    return int(np.sum(course.ended & (course.durations == day)))
