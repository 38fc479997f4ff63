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
COLUMNS = ["period", "events", "followed_up", "rate", "flagged_from", "status"]


def _style(name: str, symbol: str, color: str, larger: int = 0) -> tuple[str, dict]:
    outline = {"width": 2 if symbol.endswith("open") else 0}
    return name, {"symbol": symbol, "color": color, "size": theme.MARK + larger, "line": outline}


# Color and shape say the same, so that either is enough. Flag -> its name and marker.
STYLES = {
    "": _style("as expected", "circle", theme.GREY),
    "watch": _style("worth watching", "diamond-open", theme.ORANGE, larger=2),
    "action": _style("higher than expected", "diamond", theme.ORANGE, larger=4),
    "better": _style("lower than expected", "square", theme.BLUE, larger=1),
    "in follow-up": _style("in follow-up", "circle-open", theme.GREY),
}


def draw(months: pd.DataFrame, baseline: float, changes: Sequence[Change] = (), unit: str = "treatments") -> base.Chart:
    """Dots by flag, the baseline, the line that flags, changes by number; a click gives the month's key.

    `months`: those of a `data.summaries.trends.Trend`. A month in follow-up is never flagged.
    """
    if months.empty:
        return base.empty_chart("No treatments in this period.", COLUMNS)
    months = monthly_rates.add_labels(months)
    months = months.assign(flag=months.flag.where(~months.is_in_follow_up, "in follow-up"))
    months = months.assign(
        status=[STYLES[row.flag][0] if row.followed_up else "no follow-up yet" for row in months.itertuples()],
        hover=[row.hover + _flag_text(row) for row in months.itertuples()],
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
            _limit_trace(known, end),
            base.line_trace(
                [first, last],
                [100 * baseline, 100 * baseline],
                {"color": theme.GREY, "width": 1.5, "dash": "dash"},
                name=base.escape_label(f"baseline, {formatting.exact_percent(baseline)}"),
            ),
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
        ],
        height=400 + foot,
        showlegend=True,
        margin={"l": 8, "r": 16, "t": 16, "b": FOOT_HEIGHT + foot, "pad": 0},
        xaxis=monthly_rates.date_axis(months),
        yaxis=base.percent_axis(
            f"With side effect, % of {base.escape_label(unit)}", end * (1 + NUMBER_HEIGHT * max(levels, default=0))
        ),
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


def _axis_end(known: pd.DataFrame, baseline: float) -> float:
    """Above every dot, the baseline, and the line of a typical month."""
    limits = sorted(known.flagged_from.dropna())
    typical = limits[len(limits) // 2] if limits else 0
    return min(100.0, base.round_up(105 * max([baseline, 1.15 * typical, *known.rate])))


def _limit_trace(known: pd.DataFrame, end: float) -> go.Scatter:
    """One step per month. Where few treatments put it far above the others it is left to the hover: it would flatten
    every month, and no dot that reaches it is cut, because the axis holds every dot."""
    drawn = known[(100 * known.flagged_from <= end) & ~known.is_in_follow_up]
    limit = 100 * drawn.flagged_from
    line = {"color": theme.ORANGE, "width": theme.LINE}
    return base.segment_trace((drawn.first_day, drawn.last_day), (limit, limit), line, name="flagged from here")


def _alt_text(months: pd.DataFrame, baseline: float) -> str:
    when = formatting.period(months.first_day.iloc[0], months.last_day.iloc[-1])
    flagged = "; ".join(months.hover[~months.flag.isin(["", "in follow-up"])])
    total = formatting.pluralize(len(months), "month")
    return f"{total}, {when}, baseline {formatting.exact_percent(baseline)}: {flagged or 'all as expected'}."
