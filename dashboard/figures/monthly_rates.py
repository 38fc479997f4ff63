"""Month by month: the rate as a dot with its interval, the volume as a bar beneath it. Two panels, never two scales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

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
    percent_axis,
    round_up,
    text_annotation,
    titled_axis,
    to_columns,
)
from dashboard.text import formatting

FEW_PERIODS = 12  # up to here every period can be named under its bar
MANY_PERIODS = 36  # beyond it dots and intervals are drawn finer
DAY_MILLISECONDS = 24 * 3600 * 1000  # Plotly measures bars on a date axis in milliseconds
COLUMN_TITLES = ("Period", "Treatments", "With it", "Known outcome", "Rate", "Low", "High", "Maturing")


@dataclass(frozen=True)
class PeriodPoint:
    """One month, quarter or year. Proportions 0-1; None where no outcome is known."""

    key: str
    first: date
    last: date
    treatments: int
    events: int
    known: int
    estimate: float | None
    low: float | None
    high: float | None
    in_follow_up: bool = False

    @property
    def middle(self) -> date:
        return self.first + (self.last - self.first) / 2

    @property
    def label(self) -> str:
        return formatting.period(self.first, self.last)

    @property
    def hover_text(self) -> str:
        """The period with its rate in words."""
        if not self.known:
            return f"{self.label}: no outcome known"
        rate = formatting.rate_with_interval(self.events, self.known, self.estimate, self.low, self.high)
        return f"{self.label}: {rate}{', still maturing' if self.in_follow_up else ''}"


def draw(periods: Sequence[PeriodPoint], unit: str = "treatments") -> Chart:
    """A dot and a bar for each period; a click on either gives its key."""
    if not periods:
        return empty_chart("No treatments in this period.", COLUMN_TITLES)
    upper = {"domain": [0.38, 1]}
    known = any(period.known for period in periods)
    figure = build_figure(
        [_intervals(periods), *_dots(periods), _bars(periods, unit)],
        height=380,
        showlegend=any(period.in_follow_up and period.known for period in periods),
        barcornerradius=2,
        xaxis=date_axis(periods, anchor="y2"),
        yaxis=percent_axis(f"With it, % of {escape_label(unit)}", _axis_end(periods), **upper)
        if known
        else hidden_axis(**upper),
        yaxis2=titled_axis(
            escape_label(unit.capitalize()), domain=[0, 0.28], rangemode="tozero", **_count_ticks(periods)
        ),
        annotations=[] if known else [_no_rate_axis()],
    )
    rows = ((p.label, p.treatments, p.events, p.known, p.estimate, p.low, p.high, p.in_follow_up) for p in periods)
    return Chart(figure, _alt_text(periods, unit), to_columns(COLUMN_TITLES, rows))


def _no_rate_axis() -> dict:
    """In place of an axis without a dot, which would read as nought."""
    return text_annotation(
        "No outcome is known in these months.", xref="paper", yref="paper", x=0.5, y=0.69, xanchor="center"
    )


def _count_ticks(periods: Sequence[PeriodPoint]) -> dict:
    """Ticks of a count: there is no half of a treatment."""
    return {"dtick": 1} if max(period.treatments for period in periods) <= 4 else {"nticks": 4}


def date_axis(periods: Sequence[PeriodPoint], **axis) -> dict:
    """A date axis from the first to the last period, an empty one included."""
    first, last = periods[0].first, periods[-1].last
    room = max(timedelta(days=12), (last - first) * 0.02)
    monthly = {"dtick": "M1"} if len(periods) <= FEW_PERIODS and (last - first).days <= 31 * FEW_PERIODS else {}
    return titled_axis(
        "Date of treatment",
        type="date",
        range=[first - room, last + room],
        tickformat="%b\n%Y",
        ticklabelmode="period",
        showgrid=False,
        **monthly,
        **axis,
    )


def _axis_end(periods: Sequence[PeriodPoint]) -> float:
    """Room for every dot and most intervals: a month of three treatments may not flatten all the others."""
    known = [period for period in periods if period.known]
    highest = max((period.estimate for period in known), default=0)
    widest = max((period.high for period in known), default=0.1)
    return min(100.0, round_up(100 * (min(widest, 2.5 * highest) if highest else widest)))


def _intervals(periods: Sequence[PeriodPoint]) -> go.Scatter:
    known = [period for period in periods if period.known]
    return go.Scatter(
        x=[day for period in known for day in (period.middle, period.middle, None)],
        y=[value for period in known for value in (100 * period.low, 100 * period.high, None)],
        mode="lines",
        line={"color": theme.fade_color(theme.GREY, 0.5), "width": 3 if len(periods) <= MANY_PERIODS else 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _dots(periods: Sequence[PeriodPoint]) -> list[go.Scatter]:
    styles = {
        False: ("follow-up complete", {"symbol": "circle", "color": theme.BLUE}),
        True: ("maturing: follow-up not over", {"symbol": "circle-open", "color": theme.GREY, "line": {"width": 2}}),
    }
    size = {"size": theme.MARK if len(periods) <= MANY_PERIODS else 6}
    traces = []
    for maturing, (name, marker) in styles.items():
        chosen = [period for period in periods if period.known and period.in_follow_up == maturing]
        traces.append(
            go.Scatter(
                x=[period.middle for period in chosen],
                y=np.array([100 * period.estimate for period in chosen]),
                mode="markers",
                marker=marker | size,
                name=name,
                cliponaxis=False,
                **hover_data((period.key for period in chosen), (period.hover_text for period in chosen)),
            )
        )
    return traces


def _bars(periods: Sequence[PeriodPoint], unit: str) -> go.Bar:
    share = 0.8 if len(periods) > 3 else 0.3
    colours = {False: theme.fade_color(theme.BLUE, 0.6), True: theme.fade_color(theme.GREY, 0.35)}
    return go.Bar(
        x=[period.middle for period in periods],
        y=np.array([period.treatments for period in periods]),
        width=[share * DAY_MILLISECONDS * ((period.last - period.first).days + 1) for period in periods],
        marker={"color": [colours[period.in_follow_up] for period in periods]},
        yaxis="y2",
        showlegend=False,
        **hover_data(
            (period.key for period in periods),
            (f"{period.label}: {formatting.count(period.treatments)} {unit}" for period in periods),
        ),
    )


def _alt_text(periods: Sequence[PeriodPoint], unit: str) -> str:
    total = sum(period.treatments for period in periods)
    here = f"{formatting.count(total)} {unit}, {formatting.period(periods[0].first, periods[-1].last)}"
    complete = [period for period in periods if period.known and not period.in_follow_up]
    if not complete:
        return f"{here}; no period's follow-up is complete."
    highest = max(complete, key=lambda period: period.estimate)
    return f"{here}. The highest rate with complete follow-up: {highest.hover_text}."
