"""Month by month: the rate as a dot with its interval, and the volume as a bar in a panel of its own below."""

from datetime import timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

FEW_MONTHS = 12  # up to here every month can be named under its bar
MANY_MONTHS = 36  # beyond it dots and intervals are drawn finer
DAY_MILLISECONDS = 24 * 3600 * 1000  # Plotly measures bars on a date axis in milliseconds
COLUMNS = ["period", "treated", "events", "followed_up", "rate", "low", "high", "is_in_follow_up"]


def add_labels(months: pd.DataFrame) -> pd.DataFrame:
    """`data.summaries.months.monthly_rates` with key, period and hover (str) and middle (date) of each month."""
    rows = list(months.itertuples())
    periods = [formatting.period(row.first_day, row.last_day) for row in rows]
    return months.assign(
        key=months.month.astype(str),
        period=periods,
        hover=list(map(_hover_text, periods, rows)),
        middle=[row.first_day + (row.last_day - row.first_day) / 2 for row in rows],
    )


def _hover_text(period: str, row: Any) -> str:
    if not row.followed_up:
        return f"{period}: no follow-up yet"
    return f"{period}: {formatting.rate_text(row)}{', still in follow-up' if row.is_in_follow_up else ''}"


def draw(months: pd.DataFrame, unit: str = "treatments") -> base.Chart:
    """A dot and a bar for each month of `data.summaries.months.monthly_rates`; a click on either gives its key."""
    if months.empty:
        return base.empty_chart("No treatments in this period.", COLUMNS)
    months = add_labels(months)
    known = months[months.followed_up > 0]
    upper = {"domain": [0.38, 1]}
    # In place of an axis without a dot, which would read as zero.
    no_rate = base.text_annotation(
        "No treatment of these months has a follow-up.", xref="paper", yref="paper", x=0.5, y=0.69, xanchor="center"
    )
    whole_numbers = {"dtick": 1} if months.treated.max() <= 4 else {"nticks": 4}
    figure = base.build_figure(
        [*_rate_traces(known, len(months) > MANY_MONTHS), *_bars(months, unit)],
        barmode="overlay",
        height=380,
        showlegend=bool(known.is_in_follow_up.any()),
        barcornerradius=2,
        xaxis=date_axis(months, anchor="y2"),
        yaxis=base.percent_axis(
            f"With side effect, % of {base.escape_label(unit)}",
            base.percent_end(known.rate.max(), known.high.max()),
            **upper,
        )
        if len(known)
        else {"visible": False} | upper,
        yaxis2=base.titled_axis(
            f"{base.escape_label(unit.capitalize())}<br>(dark: followed up)",
            domain=[0, 0.28],
            rangemode="tozero",
            **whole_numbers,
        ),
        annotations=[] if len(known) else [no_rate],
    )
    when = formatting.period(months.first_day.iloc[0], months.last_day.iloc[-1])
    complete = known[~known.is_in_follow_up]
    found = "; no month's follow-up is complete"
    if not complete.empty:
        found = f". The highest rate with complete follow-up: {complete.hover[complete.rate.idxmax()]}"
    alt = f"{formatting.count(int(months.treated.sum()))} {unit}, {when}{found}."
    return base.Chart(figure, alt, months[COLUMNS])


def date_axis(months: pd.DataFrame, **axis) -> dict:
    """A date axis from the first to the last month."""
    first, last = months.first_day.iloc[0], months.last_day.iloc[-1]
    room = max(timedelta(days=12), (last - first) * 0.02)
    monthly = {"dtick": "M1"} if len(months) <= FEW_MONTHS else {}
    return base.titled_axis(
        "Date of treatment",
        type="date",
        range=[first - room, last + room],
        tickformat="%b\n%Y",
        ticklabelmode="period",
        showgrid=False,
        **monthly,
        **axis,
    )


def _rate_traces(known: pd.DataFrame, is_fine: bool) -> list[go.Scatter]:
    """The intervals, and over them the dots: those of complete months, and those still in follow-up."""
    young = known.is_in_follow_up
    interval_line = {"color": theme.fade_color(theme.GREY, 0.5), "width": 1 if is_fine else 3}
    dot = {"symbol": "circle", "color": theme.BLUE, "size": 6 if is_fine else theme.MARK}
    ring = dot | {"symbol": "circle-open", "color": theme.GREY, "line": {"width": 2}}
    styles = (known[~young], "follow-up complete", dot), (known[young], "still in follow-up", ring)
    return [
        base.segment_trace((known.middle, known.middle), (100 * known.low, 100 * known.high), interval_line),
        *(
            base.dot_trace(list(some.middle), 100 * some.rate.to_numpy(), marker, some.key, some.hover, name=name)
            for some, name, marker in styles
        ),
    ]


def _bars(months: pd.DataFrame, unit: str) -> list[go.Bar]:
    """The volume of each month, and over it the part that was followed up, on which the rate rests."""
    share = 0.8 if len(months) > 3 else 0.3
    days = [(last - first).days + 1 for first, last in zip(months.first_day, months.last_day, strict=True)]
    shades = [theme.GREY if is_young else theme.BLUE for is_young in months.is_in_follow_up]
    texts = [
        f"{row.period}: {formatting.n_of_m(row.followed_up, row.treated)} {unit} followed up"
        for row in months.itertuples()
    ]
    return [
        go.Bar(
            x=list(months.middle),
            y=heights.to_numpy(),
            width=[share * DAY_MILLISECONDS * n for n in days],
            marker={"color": [theme.fade_color(shade, strength) for shade in shades]},
            yaxis="y2",
            showlegend=False,
            **base.hover_data(months.key, texts),
        )
        for heights, strength in ((months.treated, 0.3), (months.followed_up, 0.6))
    ]
