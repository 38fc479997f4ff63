"""How long side effects stay: the share still there, with those still followed beneath. The curve of Durations.

Open side effects stay in the curve up to the client's last contact, where each is drawn as an arrow: it went on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, ceiling, framed, hidden, percent_axis, plain, titled, without_data

MARKS = (14, 42, 91)  # days: 2, 6 and 13 weeks, "within a few weeks or months?"
MOST_CURVES = len(theme.SERIES)
LONGEST_IN_DAYS = 28  # up to here the axis counts days, beyond it weeks
TICKS = 5  # spaces between the numbers still followed: what a telephone's width can hold
CURVE, AXIS, ROW = 270, 48, 17  # px: the curves, the axis below them, a line of words or numbers below that
HEADROOM = 8  # percent of the axis that each mark's name takes above 100 %, where no curve can cross it
MOST_ARROWS = 60  # more arrows would hide the curve: they shrink to ticks
TABLE = ("Side effect", "Day", "Still there", "Low", "High", "Ended", "Still followed")


@dataclass(frozen=True)
class Course:
    """One Kaplan-Meier curve and what it was made from.

    `days`, `still`, `low`, `high`: one entry per distinct day with an end, the share still there after it (0-1; NaN where
    the interval does not exist). `lasting`: how long each episode lasted or was followed, days; `ended`: whether it was
    over then; `keys`: what a click on an open one gives.
    """

    label: str
    days: np.ndarray
    still: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lasting: np.ndarray
    ended: np.ndarray
    keys: Sequence[str]

    def at(self, day: float) -> float:
        """The share still there after `day`."""
        before = np.searchsorted(self.days, day, side="right")
        return float(self.still[before - 1]) if before else 1.0

    def followed(self, day: float) -> int:
        """How many were neither over nor lost to follow-up before `day`."""
        return int(np.sum(self.lasting >= day))


def draw(courses: Sequence[Course]) -> Chart:
    """A curve for each course, at most three; more belong in small multiples."""
    if len(courses) > MOST_CURVES:
        raise ValueError(f"{len(courses)} curves in one chart: at most {MOST_CURVES} can be told apart")
    courses = [course for course in courses if len(course.lasting)]
    if not courses:
        return without_data("No side effects, so no durations.", TABLE)
    longest = int(max(course.lasting.max() for course in courses))
    ticks, labels, unit = ticks_of(longest)
    marks = [day for day in MARKS if day <= longest]
    several = len(courses) > 1
    rows = 1 + len(courses) * (1 + several)
    below = ROW * rows
    inner = CURVE + AXIS + below
    figure = framed(
        [
            *(trace for at, course in enumerate(courses) for trace in curve(course, at)),
            *(_followed(course, ticks, (2 + 2 * at) if several else 1) for at, course in enumerate(courses)),
        ],
        height=inner + 24 + 20 * len(courses) * several,
        showlegend=several,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 8, "r": 20, "t": 16, "b": 8, "pad": 0},
        xaxis=titled(f"{unit} since it was first noticed", range=[-0.02 * ticks[-1], ticks[-1] * 1.02], tickvals=ticks,
                     ticktext=labels, anchor="y", showgrid=False),
        yaxis=percent_axis("Still there, % of side effects", range=[0, 100 + HEADROOM * len(marks)],
                           domain=[(below + AXIS) / inner, 1], tickvals=[0, 25, 50, 75, 100]),
        yaxis2=hidden(range=[rows - 0.5, -0.5], domain=[0, below / inner]),
        shapes=[_mark(day, level) for level, day in enumerate(reversed(marks))],
        annotations=[
            *(_named(day, level, courses) for level, day in enumerate(reversed(marks))),
            _row_heading("<b>Still there and still followed</b>", 0),
            *(_row_heading(plain(course.label), 1 + 2 * at) for at, course in enumerate(courses) if several),
        ],
    )  # fmt: skip
    return Chart(figure, _alt(courses, marks), table(courses))


def ticks_of(longest: int) -> tuple[np.ndarray, list[str], str]:
    """Few and even places on a time axis as long as `longest` days, their labels, and whether these are days or weeks."""
    length, unit = (1, "Days") if longest <= LONGEST_IN_DAYS else (7, "Weeks")
    step = max(1, int(np.ceil(ceiling(longest / length / TICKS))))
    counted = np.arange(0, int(np.ceil(longest / length / step)) + 1) * step
    return counted * length, [str(n) for n in counted], unit


def curve(course: Course, at: int = 0) -> list[go.Scatter]:
    """The band, the curve and the arrows of one course, in the `at`-th colour."""
    last = int(course.lasting.max())
    x = np.concatenate([[0], course.days, [last]])
    share = 100 * np.concatenate([[1], course.still, [course.still[-1] if len(course.still) else 1]])
    colour = theme.SERIES[at]
    edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip", "showlegend": False}
    low, high = (100 * np.concatenate([[1], limit, limit[-1:]]) for limit in _carried(course))
    open_ = ~course.ended
    few = open_.sum() <= MOST_ARROWS
    arrow = {"symbol": "triangle-right-open" if few else "line-ns", "size": theme.MARK if few else 6, "color": colour}
    return [
        go.Scatter(x=x[: len(high)], y=high, **edge),
        go.Scatter(x=x[: len(low)], y=low, fill="tonexty", fillcolor=theme.faint(colour, 0.18), **edge),
        go.Scatter(
            x=x, y=share, mode="lines", name=plain(course.label),
            line={"color": colour, "width": theme.LINE + 0.5, "shape": "hv", "dash": theme.DASHES[at]},
            hovertext=[plain(_said(course, day)) for day in x], hovertemplate="%{hovertext}<extra></extra>",
        ),
        go.Scatter(
            x=course.lasting[open_], y=100 * np.array([course.at(day) for day in course.lasting[open_]]), mode="markers",
            marker=arrow | {"line": {"width": 1.5 if few else 1, "color": colour}},
            customdata=[key for key, still in zip(course.keys, open_, strict=True) if still],
            hovertemplate="Still there at the last contact, after %{x} days<extra></extra>", showlegend=False,
            cliponaxis=False,
        ),
    ]  # fmt: skip


def _carried(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """The limits, carried on over days where they do not exist, so that the band has no holes."""
    held = []
    for limit, start in ((course.low, 0.0), (course.high, 1.0)):
        known = np.where(np.isnan(limit), -1, np.arange(len(limit)))
        before = np.maximum.accumulate(known) if len(known) else known
        held.append(np.where(before < 0, start, limit[np.maximum(before, 0)]) if len(limit) else limit)
    return held[0], held[1]


def _followed(course: Course, ticks: np.ndarray, row: int) -> go.Scatter:
    return go.Scatter(
        x=ticks, y=np.full(len(ticks), row), mode="text", yaxis="y2", cliponaxis=False, showlegend=False,
        text=[wording.count(course.followed(day)) for day in ticks], textfont={"size": theme.SMALL},
        hovertext=[f"{wording.of(course.followed(day), len(course.lasting))} still followed" for day in ticks],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip


def _row_heading(text: str, row: int) -> dict:
    return {
        "text": text, "xref": "paper", "yref": "y2", "x": 0, "y": row, "xanchor": "left", "yanchor": "middle",
        "showarrow": False, "font": {"size": theme.SMALL},
    }  # fmt: skip


def _mark(day: int, level: int) -> dict:
    """A line up to its own name and no further, so that it crosses no other name."""
    line = {"color": theme.GREY, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 100 + HEADROOM * (level + 1), "line": line, "layer": "below"}


def _named(day: int, level: int, courses: Sequence[Course]) -> dict:
    share = f": {wording.share(courses[0].at(day))} still there" if len(courses) == 1 else ""
    return {
        "text": f"{wording.weeks(day)}{plain(share)}", "x": day, "y": 100 + HEADROOM * (level + 0.5), "xanchor": "left",
        "yanchor": "middle", "xshift": 2, "showarrow": False, "font": {"size": theme.SMALL},
    }  # fmt: skip


def _said(course: Course, day: float) -> str:
    return (
        f"{course.label}, after {wording.days(int(day))}: {wording.share(course.at(day))} still there, "
        f"{wording.of(course.followed(day), len(course.lasting))} still followed"
    )


def _alt(courses: Sequence[Course], marks: Sequence[int]) -> str:
    said = []
    for course in courses:
        later = ", ".join(f"{wording.share(course.at(day))} after {wording.weeks(day)}" for day in marks)
        open_ = int(np.sum(~course.ended))
        said.append(
            f"{course.label}: {wording.counted(len(course.lasting), 'side effect')}, {wording.count(open_)} still open"
            + (f"; still there: {later}" if later else "")
        )
    return f"Share of side effects still there over time. {'. '.join(said)}."


def table(courses: Sequence[Course]) -> dict[str, list]:
    rows = [
        (course.label, int(day), float(still), float(low), float(high), int(np.sum(course.ended & (course.lasting == day))),
         course.followed(day))
        for course in courses
        for day, still, low, high in zip(course.days, course.still, course.low, course.high, strict=True)
    ]  # fmt: skip
    return {title: [row[at] for row in rows] for at, title in enumerate(TABLE)}
