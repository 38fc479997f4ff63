"""Month by month: the rate as a dot with its interval, the volume as a bar beneath it. Two panels, never two scales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures.chart import Chart, ceiling, framed, percent_axis, plain, titled, without_data

TABLE = ("Period", "Treatments", "With it", "Known outcome", "Rate", "Low", "High", "Maturing")
FEW = 12  # up to here every period can be named under its bar
MANY = 36  # beyond it dots and intervals are drawn finer


@dataclass(frozen=True)
class Period:
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
    maturing: bool = False

    @property
    def middle(self) -> date:
        return self.first + timedelta(days=(self.last - self.first).days // 2)


def draw(periods: Sequence[Period], unit: str = "treatments") -> Chart:
    """A dot and a bar for each period; a click on either gives its key."""
    if not periods:
        return without_data("No treatments in this period.", TABLE)
    figure = framed(
        [_intervals(periods), *_dots(periods), _bars(periods)],
        height=380,
        showlegend=any(period.maturing for period in periods),
        barcornerradius=2,
        margin={"l": 8, "r": 16, "t": 16, "b": 8, "pad": 0},
        xaxis=dates(periods, anchor="y2"),
        yaxis=percent_axis(f"With it, % of {plain(unit)}", domain=[0.38, 1], range=[0, _end(periods)], nticks=5),
        yaxis2=titled(unit.capitalize(), domain=[0, 0.28], rangemode="tozero", nticks=4, fixedrange=True),
    )
    return Chart(figure, _alt(periods, unit), _table(periods))


def dates(periods: Sequence[Period], **axis) -> dict:
    """A date axis from the first to the last period, an empty one included."""
    first, last = periods[0].first, periods[-1].last
    room = max(timedelta(days=12), (last - first) * 0.02)
    monthly = {"dtick": "M1"} if len(periods) <= FEW and (last - first).days <= 31 * FEW else {}
    return titled(
        "Date of treatment", type="date", range=[first - room, last + room], tickformat="%b\n%Y", ticklabelmode="period",
        showgrid=False, **monthly, **axis,
    )  # fmt: skip


def _end(periods: Sequence[Period]) -> float:
    """Room for every dot and most intervals: a month of three treatments may not flatten all the others."""
    known = [period for period in periods if period.known]
    highest = max((period.estimate for period in known), default=0)
    widest = max((period.high for period in known), default=0.1)
    return min(100.0, ceiling(100 * (min(widest, 2.5 * highest) if highest else widest)) * 1.02)


def _intervals(periods: Sequence[Period]) -> go.Scatter:
    known = [period for period in periods if period.known]
    return go.Scatter(
        x=[day for period in known for day in (period.middle, period.middle, None)],
        y=[value for period in known for value in (100 * period.low, 100 * period.high, None)],
        mode="lines", line={"color": theme.faint(theme.GREY, 0.5), "width": 3 if len(periods) <= MANY else 1}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _dots(periods: Sequence[Period]) -> list[go.Scatter]:
    styles = {
        False: ("follow-up complete", {"symbol": "circle", "color": theme.BLUE}),
        True: ("maturing: follow-up not over", {"symbol": "circle-open", "color": theme.GREY, "line": {"width": 2}}),
    }
    traces = []
    for maturing, (name, marker) in styles.items():
        chosen = [period for period in periods if period.known and period.maturing == maturing]
        traces.append(
            go.Scatter(
                x=[period.middle for period in chosen], y=np.array([100 * period.estimate for period in chosen]),
                mode="markers", marker=marker | {"size": theme.MARK if len(periods) <= MANY else 6}, name=name,
                customdata=[period.key for period in chosen], hovertext=[plain(said(period)) for period in chosen],
                hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
            )
        )  # fmt: skip
    return traces


def _bars(periods: Sequence[Period]) -> go.Bar:
    day = 24 * 3600 * 1000  # Plotly's bar widths on a date axis are in milliseconds
    width = 0.8 if len(periods) > 3 else 0.3
    return go.Bar(
        x=[period.middle for period in periods],
        y=np.array([period.treatments for period in periods]),
        width=[width * day * ((period.last - period.first).days + 1) for period in periods],
        marker={"color": [theme.faint(theme.GREY, 0.35) if period.maturing else theme.faint(theme.BLUE, 0.6) for period in periods]},
        yaxis="y2", showlegend=False, customdata=[period.key for period in periods],
        hovertext=[f"{wording.period(period.first, period.last)}: {wording.counted(period.treatments, 'treatment')}" for period in periods],
        hovertemplate="%{hovertext}<extra></extra>", textposition="none",
    )  # fmt: skip


def said(period: Period) -> str:
    """The period in words, for a hover or a list."""
    when = wording.period(period.first, period.last)
    if not period.known:
        return f"{when}: no outcome known"
    rate = wording.rate(period.events, period.known, period.estimate, period.low, period.high)
    return f"{when}: {rate}{', still maturing' if period.maturing else ''}"


def _alt(periods: Sequence[Period], unit: str) -> str:
    total = sum(period.treatments for period in periods)
    when = wording.period(periods[0].first, periods[-1].last)
    complete = [period for period in periods if period.known and not period.maturing]
    if not complete:
        return f"{wording.count(total)} {unit}, {when}; no period's follow-up is complete."
    highest = max(complete, key=lambda period: period.estimate)
    return f"{wording.count(total)} {unit}, {when}. The highest rate with complete follow-up: {said(highest)}."


def _table(periods: Sequence[Period]) -> dict[str, list]:
    return {
        TABLE[0]: [wording.period(period.first, period.last) for period in periods],
        TABLE[1]: [period.treatments for period in periods],
        TABLE[2]: [period.events for period in periods],
        TABLE[3]: [period.known for period in periods],
        TABLE[4]: [period.estimate for period in periods],
        TABLE[5]: [period.low for period in periods],
        TABLE[6]: [period.high for period in periods],
        TABLE[7]: [period.maturing for period in periods],
    }
