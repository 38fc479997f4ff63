"""Is this a signal? Each period against the usual rate and the line from which it would be flagged.

The line is the smallest count that would be flagged, so a flagged period stands on or above it and no other does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import monthly_rates
from dashboard.figures.base import (
    LINE_HEIGHT,
    Chart,
    build_figure,
    empty_chart,
    escape_label,
    hover_data,
    percent_axis,
    round_up,
    text_annotation,
    to_columns,
    vertical_line,
    wrap_label,
)
from dashboard.figures.monthly_rates import PeriodPoint
from dashboard.text import formatting

State = Literal["", "watch", "action", "better"]
NUMBER_HEIGHT = 0.06  # of the axis: room for a change's number above the drawing
MIN_DISTANCE = 0.06  # of the time shown: two changes closer than this have their numbers one above the other
NAME_CHARACTERS = 52  # a line of the key below: what a telephone's width can hold
FOOT_HEIGHT = 60  # px: the axis of dates and its title
COLUMN_TITLES = ("Period", "With it", "Known outcome", "Rate", "Flagged from", "State")

# Colour and shape say the same, so that either is enough.
STYLES = {
    "": ("as usual", "circle", theme.GREY, theme.MARK),
    "watch": ("worth watching", "diamond-open", theme.ORANGE, theme.MARK + 2),
    "action": ("look at the cases", "diamond", theme.ORANGE, theme.MARK + 4),
    "better": ("better than usual", "square", theme.BLUE, theme.MARK + 1),
    "maturing": ("maturing", "circle-open", theme.GREY, theme.MARK),
}


@dataclass(frozen=True)
class FlaggedPeriod:
    """A period with its state and the rate from which it would be flagged (None: no outcome known)."""

    period: PeriodPoint
    limit: float | None
    flag: State = ""

    @property
    def shown_flag(self) -> str:
        """A maturing period is never flagged, whatever its state."""
        return "maturing" if self.period.in_follow_up else self.flag

    @property
    def hover_text(self) -> str:
        line = ""
        if self.limit is not None and not self.period.in_follow_up:
            line = f"; flagged from {formatting.count(round(self.limit * self.period.known))}"
        state = self.shown_flag if self.shown_flag != "maturing" else ""  # which a period says itself
        return f"{self.period.hover_text}{line}{f' ({STYLES[state][0]})' if state else ''}"


@dataclass(frozen=True)
class MarkedChange:
    """Something that changed on a day, as a person noted it."""

    date: date
    text: str


def draw(
    flagged_periods: Sequence[FlaggedPeriod],
    baseline: float,
    changes: Sequence[MarkedChange] = (),
    unit: str = "treatments",
) -> Chart:
    """Dots by state, the usual rate, the line that flags, changes by number; a click gives the period's key."""
    if not flagged_periods:
        return empty_chart("No treatments in this period.", COLUMN_TITLES)
    periods = [item.period for item in flagged_periods]
    first, last = periods[0].first, periods[-1].last
    changes = sorted((change for change in changes if first <= change.date <= last), key=lambda change: change.date)
    levels = _levels(changes, (last - first).days * MIN_DISTANCE)
    end = _axis_end(flagged_periods, baseline)
    key = [line for at, change in enumerate(changes, 1) for line in _change_label(at, change)]
    foot = LINE_HEIGHT * len(key) + 8 if key else 0
    figure = build_figure(
        [
            _limit_trace(flagged_periods, end),
            _baseline_trace(first, last, baseline),
            _line_trace(periods),
            *_dot_traces(flagged_periods),
        ],
        height=400 + foot,
        showlegend=True,
        margin={"l": 8, "r": 16, "t": 16, "b": FOOT_HEIGHT + foot, "pad": 0},
        xaxis=monthly_rates.date_axis(periods),
        yaxis=percent_axis(f"With it, % of {escape_label(unit)}", end * (1 + NUMBER_HEIGHT * max(levels, default=0))),
        shapes=[
            vertical_line(change.date, end * (1 + NUMBER_HEIGHT * (level - 1)), "solid", theme.BLUE)
            for change, level in zip(changes, levels, strict=True)
        ],
        annotations=[
            *(
                text_annotation(
                    f"<b>{at}</b>", x=change.date, y=end * (1 + NUMBER_HEIGHT * (level - 0.5)), xanchor="center"
                )
                for at, (change, level) in enumerate(zip(changes, levels, strict=True), 1)
            ),
            text_annotation("<br>".join(key), xref="paper", yref="paper", x=0, y=0, yshift=-FOOT_HEIGHT, yanchor="top"),
        ],
    )
    rows = (
        (i.period.label, i.period.events, i.period.known, i.period.estimate, i.limit, _state_of_period(i))
        for i in flagged_periods
    )
    return Chart(figure, _alt_text(flagged_periods, baseline), to_columns(COLUMN_TITLES, rows))


def _levels(changes: Sequence[MarkedChange], near: float) -> list[int]:
    """How high each change's number stands, so that none covers another."""
    levels: list[int] = []
    for at, change in enumerate(changes):
        close = at and (change.date - changes[at - 1].date).days < near
        levels.append(levels[-1] + 1 if close else 1)
    return levels


def _change_label(at: int, change: MarkedChange) -> list[str]:
    first, *more = wrap_label(f"{change.text}, {formatting.day(change.date)}", NAME_CHARACTERS)
    return [f"<b>{at}</b>  {first}", *more]


def _axis_end(judged: Sequence[FlaggedPeriod], usual: float) -> float:
    """Above every dot, the usual rate, and the line of a typical period."""
    dots = [item.period.estimate for item in judged if item.period.known]
    limits = sorted(item.limit for item in judged if item.limit is not None)
    typical = limits[len(limits) // 2] if limits else 0
    return min(100.0, round_up(105 * max([usual, 1.15 * typical, *dots])))


def _limit_trace(judged: Sequence[FlaggedPeriod], end: float) -> go.Scatter:
    """One step per period. Where few treatments put it far above the others it is left to the hover: it would flatten
    every month, and no dot that reaches it is cut, because the axis holds every dot."""
    drawn = [i for i in judged if i.limit is not None and not i.period.in_follow_up and 100 * i.limit <= end]
    return go.Scatter(
        x=[day for item in drawn for day in (item.period.first, item.period.last, None)],
        y=[value for item in drawn for value in (100 * item.limit, 100 * item.limit, None)],
        mode="lines",
        line={"color": theme.ORANGE, "width": theme.LINE},
        name="flagged from here",
        hoverinfo="skip",
    )


def _baseline_trace(first: date, last: date, usual: float) -> go.Scatter:
    return go.Scatter(
        x=[first, last],
        y=[100 * usual, 100 * usual],
        mode="lines",
        line={"color": theme.GREY, "width": 1.5, "dash": "dash"},
        name=escape_label(f"usual, {formatting.exact_percent(usual)}"),
        hoverinfo="skip",
    )


def _line_trace(periods: Sequence[PeriodPoint]) -> go.Scatter:
    return go.Scatter(
        x=[period.middle for period in periods],
        y=[100 * period.estimate if period.known else None for period in periods],
        mode="lines",
        line={"color": theme.fade_color(theme.GREY, 0.4), "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _dot_traces(judged: Sequence[FlaggedPeriod]) -> list[go.Scatter]:
    fine = 0.7 if len(judged) > monthly_rates.MANY_PERIODS else 1
    traces = []
    for state, (name, symbol, colour, size) in STYLES.items():
        chosen = [item for item in judged if item.period.known and item.shown_flag == state]
        if chosen:
            outline = 2 if symbol.endswith("open") else 0
            traces.append(
                go.Scatter(
                    x=[item.period.middle for item in chosen],
                    y=np.array([100 * item.period.estimate for item in chosen]),
                    mode="markers",
                    marker={"symbol": symbol, "color": colour, "size": fine * size, "line": {"width": outline}},
                    name=name,
                    cliponaxis=False,
                    **hover_data((item.period.key for item in chosen), (item.hover_text for item in chosen)),
                )
            )
    return traces


def _state_of_period(item: FlaggedPeriod) -> str:
    return STYLES[item.shown_flag][0] if item.period.known else "no outcome known"


def _alt_text(judged: Sequence[FlaggedPeriod], usual: float) -> str:
    when = formatting.period(judged[0].period.first, judged[-1].period.last)
    noted = "; ".join(item.hover_text for item in judged if item.shown_flag not in ("", "maturing"))
    periods = formatting.pluralize(len(judged), "period")
    return f"{periods}, {when}, usual rate {formatting.exact_percent(usual)}: {noted or 'none stands out'}."
