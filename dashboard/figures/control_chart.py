"""Is this a signal? Each month against the baseline rate and the line from which it would be flagged.

The line is the smallest count that would be flagged, so a flagged month lies on or above it and no other month does.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base, monthly_rates
from dashboard.text import formatting

Change = tuple[date, str]  # what changed, and when

NUMBER_HEIGHT = 0.06  # of the axis: room for a change's number above the drawing
MIN_DISTANCE = 0.06  # of the time shown: the numbers of two changes closer than this stand one above the other
NAME_CHARACTERS = 52  # a line of the key below: what a phone's width can hold
FOOT_HEIGHT = 60  # px: the axis of dates and its title
SHARE_PANEL = 0.18  # of the height: the share followed up, below the rates that rest on it
COLUMNS = ["period", "events", "followed_up", "rate", "flagged_from", "status", "share_followed_up"]


def _style(name: str, symbol: str, color: str, larger: int = 0) -> tuple[str, dict]:
    outline = {"width": 2 if symbol.endswith("open") else 0}
    return name, {"symbol": symbol, "color": color, "size": theme.MARK + larger, "line": outline}


# Color and shape say the same, so that either is enough. Flag -> its name and marker.
STYLES = {
    "": _style("not flagged", "circle", theme.GREY),
    "watch": _style("worth watching", "diamond-open", theme.ORANGE, larger=2),
    "action": _style("flagged: more than expected", "diamond", theme.ORANGE, larger=4),
    "better": _style("flagged: fewer than expected", "square", theme.BLUE, larger=1),
    "in follow-up": _style("in follow-up", "circle-open", theme.GREY),
}


def draw(
    months: pd.DataFrame,
    baseline: float | None,
    changes: Sequence[Change] = (),
    unit: str = "treatments",
    signal: date | None = None,
) -> base.Chart:
    """Dots by flag, the baseline, the line that flags, the signal on its month, changes by number, and the share
    followed up in a panel below; a click on a dot gives the month's key.

    `months`: of `data.summaries.trends.measure_months`. A month in follow-up is never flagged.
    """
    if months.empty:
        return base.empty_chart("No treatments in this period.", COLUMNS)
    months = monthly_rates.add_labels(months)
    months = months.assign(flag=months.flag.where(~months.is_in_follow_up, "in follow-up"))
    months = months.assign(
        status=[STYLES[row.flag][0] if row.followed_up else "no follow-up yet" for row in months.itertuples()],
        hover=[row.hover + _flag_text(row) for row in months.itertuples()],
        share_followed_up=(months.followed_up / months.total.where(months.total > 0)).fillna(0.0),
    )
    known = months[months.followed_up > 0]
    first, last = months.first_day.iloc[0], months.last_day.iloc[-1]
    changes = sorted(change for change in changes if first <= change[0] <= last)
    levels = _levels(changes, (last - first).days * MIN_DISTANCE)
    end = _axis_end(known, baseline)
    key = [line for number, change in enumerate(changes, 1) for line in _change_label(number, change)]
    foot = base.LINE_HEIGHT * len(key) + 8 if key else 0
    figure = base.build_figure(
        [
            *([] if baseline is None else [_limit_trace(known, end), _baseline_trace(first, last, baseline)]),
            base.line_trace(
                list(months.middle),
                [100 * row.rate if row.followed_up else None for row in months.itertuples()],
                {"color": theme.fade_color(theme.GREY, 0.4), "width": 1},
                showlegend=False,
            ),
            *base.flag_traces(
                known.assign(x=known.middle, y=100 * known.rate),
                STYLES,
                scale=0.7 if len(months) > monthly_rates.MANY_MONTHS else 1,
            ),
            *_signal_traces(months, signal, end),
            _share_bars(months),
        ],
        height=440 + foot,
        showlegend=True,
        margin={"l": 8, "r": 16, "t": 16, "b": FOOT_HEIGHT + foot, "pad": 0},
        xaxis=monthly_rates.date_axis(months, anchor="y2"),
        yaxis=base.percent_axis(
            f"With side effect, % of {base.escape_label(unit)}",
            end * (1 + NUMBER_HEIGHT * max(levels, default=0)),
            domain=[SHARE_PANEL + 0.1, 1],
        ),
        yaxis2=base.titled_axis("Followed<br>up, %", domain=[0, SHARE_PANEL], range=[0, 100], tickvals=[0, 50, 100]),
        shapes=[
            base.vertical_line(day, end * (1 + NUMBER_HEIGHT * (level - 1)), "solid", theme.BLUE)
            for (day, _), level in zip(changes, levels, strict=True)
        ],
        annotations=[
            *(
                base.text_annotation(
                    f"<b>{at}</b>", x=day, y=end * (1 + NUMBER_HEIGHT * (level - 0.5)), xanchor="center"
                )
                for at, ((day, _), level) in enumerate(zip(changes, levels, strict=True), 1)
            ),
            base.text_annotation(
                "<br>".join(key), xref="paper", yref="paper", x=0, y=0, yshift=-FOOT_HEIGHT, yanchor="top"
            ),
        ],
    )
    return base.Chart(figure, _alt_text(months, baseline), months[COLUMNS])


def _flag_text(month: Any) -> str:
    if month.is_in_follow_up:
        return ""  # the month says so itself
    from_text = ""
    if month.followed_up and month.flagged_from == month.flagged_from:  # not NaN
        from_text = f"; flagged from {formatting.count(round(month.flagged_from * month.followed_up))}"
    return f"{from_text} ({STYLES[month.flag][0]})" if month.flag else from_text


def _levels(changes: Sequence[Change], near: float) -> list[int]:
    """How high the number of each change stands, so that none covers another."""
    levels: list[int] = []
    for at, change in enumerate(changes):
        close = at and (change[0] - changes[at - 1][0]).days < near
        levels.append(levels[-1] + 1 if close else 1)
    return levels


def _change_label(number: int, change: Change) -> list[str]:
    day, text = change
    first, *more = base.wrap_label(f"{text}, {formatting.day(day)}", NAME_CHARACTERS)
    return [f"<b>{number}</b>  {first}", *more]


def _axis_end(known: pd.DataFrame, baseline: float | None) -> float:
    """Above every dot, the baseline, and the line of a typical month."""
    limits = sorted(known.flagged_from.dropna())
    typical = limits[len(limits) // 2] if limits else 0
    return min(100.0, base.round_up(105 * max([baseline or 0, 1.15 * typical, *known.rate])))


def _limit_trace(known: pd.DataFrame, end: float) -> go.Scatter:
    """One step per month. Where few treatments put it far above the others it is left to the hover: it would flatten
    every month, and no dot that reaches it is cut, because the axis holds every dot."""
    drawn = known[(100 * known.flagged_from <= end) & ~known.is_in_follow_up]
    limit = 100 * drawn.flagged_from
    line = {"color": theme.ORANGE, "width": theme.LINE}
    return base.segment_trace((drawn.first_day, drawn.last_day), (limit, limit), line, name="flagged from here")


def _baseline_trace(first: date, last: date, baseline: float) -> go.Scatter:
    name = base.escape_label(f"baseline, {formatting.exact_percent(baseline)}")
    line = {"color": theme.GREY, "width": 1.5, "dash": "dash"}
    return base.line_trace([first, last], [100 * baseline, 100 * baseline], line, name=name)


def _signal_traces(months: pd.DataFrame, signal: date | None, end: float) -> list[go.Scatter]:
    """A line through the month in which the measure rose above its baseline."""
    shown = months[(months.first_day <= signal) & (months.last_day >= signal)] if signal else months[:0]
    line = {"color": theme.ORANGE, "width": theme.LINE, "dash": "dot"}
    name = f"rose above baseline, {formatting.day(signal)}" if signal else ""
    return [base.segment_trace(([day], [day]), ([0], [end]), line, name=name) for day in shown.middle]


def _share_bars(months: pd.DataFrame) -> go.Bar:
    share = 100 * months.share_followed_up
    texts = zip(months.period, months.followed_up, months.total, strict=True)
    return go.Bar(
        x=list(months.middle),
        y=share.to_numpy(),
        marker={"color": theme.fade_color(theme.GREY, 0.6)},
        yaxis="y2",
        showlegend=False,
        **base.hover_data(months.key, (f"{p}: {formatting.n_of_m(k, n)} followed up" for p, k, n in texts)),
    )


def _alt_text(months: pd.DataFrame, baseline: float | None) -> str:
    when = formatting.period(months.first_day.iloc[0], months.last_day.iloc[-1])
    flagged = "; ".join(months.hover[~months.flag.isin(["", "in follow-up"])])
    total = formatting.pluralize(len(months), "month")
    if baseline is None:
        return f"{total}, {when}, without a baseline."
    return f"{total}, {when}, baseline {formatting.exact_percent(baseline)}: {flagged or 'no month flagged'}."
