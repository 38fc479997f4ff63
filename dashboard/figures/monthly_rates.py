"""Month by month: the rate as a dot with its interval, and the volume as a bar in a panel of its own below."""

from datetime import timedelta
from typing import Any

import pandas as pd
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
)
from dashboard.text import formatting

FEW_MONTHS = 12  # up to here every month can be named under its bar
MANY_MONTHS = 36  # beyond it dots and intervals are drawn finer
DAY_MILLISECONDS = 24 * 3600 * 1000  # Plotly measures bars on a date axis in milliseconds
COLUMNS = ["period", "total", "events", "followed_up", "rate", "low", "high", "is_in_follow_up"]


def add_labels(months: pd.DataFrame) -> pd.DataFrame:
    """`data.summaries.months.monthly_rates` with key, period and hover (str) and middle (date) of each month."""
    rows = list(months.itertuples())
    periods = [formatting.period(row.first_day, row.last_day) for row in rows]
    return months.assign(
        key=months.month.astype(str),
        period=pd.Series(periods, dtype=object),
        hover=pd.Series([_hover_text(*row) for row in zip(periods, rows, strict=True)], dtype=object),
        middle=pd.Series([row.first_day + (row.last_day - row.first_day) / 2 for row in rows], dtype=object),
    )


def _hover_text(period: str, row: Any) -> str:
    if not row.followed_up:
        return f"{period}: no follow-up yet"
    rate = formatting.rate_with_interval(row.events, row.followed_up, row.rate, row.low, row.high)
    return f"{period}: {rate}{', still in follow-up' if row.is_in_follow_up else ''}"


def draw(months: pd.DataFrame, unit: str = "treatments") -> Chart:
    """A dot and a bar for each month of `data.summaries.months.monthly_rates`; a click on either gives its key."""
    if months.empty:
        return empty_chart("No treatments in this period.", COLUMNS)
    months = add_labels(months)
    known = months[months.followed_up > 0]
    upper = {"domain": [0.38, 1]}
    figure = build_figure(
        [_intervals(known, len(months)), *_dots(known, len(months)), _bars(months, unit)],
        height=380,
        showlegend=bool(known.is_in_follow_up.any()),
        barcornerradius=2,
        xaxis=date_axis(months, anchor="y2"),
        yaxis=percent_axis(f"With side effect, % of {escape_label(unit)}", _axis_end(known), **upper)
        if len(known)
        else hidden_axis(**upper),
        yaxis2=titled_axis(
            escape_label(unit.capitalize()), domain=[0, 0.28], rangemode="tozero", **_count_ticks(months.total.max())
        ),
        annotations=[] if len(known) else [_no_rate_note()],
    )
    return Chart(figure, _alt_text(months, unit), months[COLUMNS])


def _no_rate_note() -> dict:
    """In place of an axis without a dot, which would read as zero."""
    return text_annotation(
        "No treatment of these months has a follow-up.", xref="paper", yref="paper", x=0.5, y=0.69, xanchor="center"
    )


def _count_ticks(most: int) -> dict:
    """Whole numbers only: there is no half of a treatment."""
    return {"dtick": 1} if most <= 4 else {"nticks": 4}


def date_axis(months: pd.DataFrame, **axis) -> dict:
    """A date axis from the first to the last month."""
    first, last = months.first_day.iloc[0], months.last_day.iloc[-1]
    room = max(timedelta(days=12), (last - first) * 0.02)
    monthly = {"dtick": "M1"} if len(months) <= FEW_MONTHS else {}
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


def _axis_end(known: pd.DataFrame) -> float:
    """Room for every dot and most intervals: a month of three treatments must not flatten all the others."""
    highest, widest = known.rate.max(), known.high.max()
    return min(100.0, round_up(100 * (min(widest, 2.5 * highest) if highest else widest)))


def _intervals(known: pd.DataFrame, months: int) -> go.Scatter:
    return go.Scatter(
        x=[day for middle in known.middle for day in (middle, middle, None)],
        y=[y for low, high in zip(known.low, known.high, strict=True) for y in (100 * low, 100 * high, None)],
        mode="lines",
        line={"color": theme.fade_color(theme.GREY, 0.5), "width": 3 if months <= MANY_MONTHS else 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _dots(known: pd.DataFrame, months: int) -> list[go.Scatter]:
    size = {"size": theme.MARK if months <= MANY_MONTHS else 6}
    young = known.is_in_follow_up
    styles = (
        (~young, "follow-up complete", {"symbol": "circle", "color": theme.BLUE}),
        (young, "still in follow-up", {"symbol": "circle-open", "color": theme.GREY, "line": {"width": 2}}),
    )
    return [
        go.Scatter(
            x=list(known.middle[chosen]),
            y=100 * known.rate[chosen].to_numpy(),
            mode="markers",
            marker=marker | size,
            name=name,
            cliponaxis=False,
            **hover_data(known.key[chosen], known.hover[chosen]),
        )
        for chosen, name, marker in styles
    ]


def _bars(months: pd.DataFrame, unit: str) -> go.Bar:
    share = 0.8 if len(months) > 3 else 0.3
    complete, young = theme.fade_color(theme.BLUE, 0.6), theme.fade_color(theme.GREY, 0.35)
    days = [(last - first).days + 1 for first, last in zip(months.first_day, months.last_day, strict=True)]
    return go.Bar(
        x=list(months.middle),
        y=months.total.to_numpy(),
        width=[share * DAY_MILLISECONDS * n for n in days],
        marker={"color": [young if is_young else complete for is_young in months.is_in_follow_up]},
        yaxis="y2",
        showlegend=False,
        **hover_data(
            months.key,
            (f"{p}: {formatting.count(n)} {unit}" for p, n in zip(months.period, months.total, strict=True)),
        ),
    )


def _alt_text(months: pd.DataFrame, unit: str) -> str:
    when = formatting.period(months.first_day.iloc[0], months.last_day.iloc[-1])
    total = f"{formatting.count(int(months.total.sum()))} {unit}, {when}"
    complete = months[(months.followed_up > 0) & ~months.is_in_follow_up]
    if complete.empty:
        return f"{total}; no month's follow-up is complete."
    return f"{total}. The highest rate with complete follow-up: {complete.hover[complete.rate.idxmax()]}."
