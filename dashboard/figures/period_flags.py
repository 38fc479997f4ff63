"""Is this a signal? Each period against the usual rate and the line from which it would be flagged.

The line is the smallest count that would be flagged, so a flagged period stands on or above it and no other does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from dashboard import theme, wording
from dashboard.figures import months
from dashboard.figures.chart import LINE_HEIGHT, Chart, ceiling, framed, lines, percent_axis, plain, without_data
from dashboard.figures.months import Period

State = Literal["", "watch", "action", "better"]
TABLE = ("Period", "With it", "Known outcome", "Rate", "Flagged from", "State")
NUMBER = 0.06  # of the axis: room for a change's number above the drawing
NEAR = 0.06  # of the time shown: two changes closer than this have their numbers one above the other
NAME_CHARACTERS = 52  # a line of the key below: what a telephone's width can hold

# Colour and shape say the same, so that either is enough.
STYLES: dict[str, tuple[str, dict]] = {
    "": ("as usual", {"symbol": "circle", "color": theme.GREY, "size": theme.MARK}),
    "watch": ("worth watching", {"symbol": "diamond-open", "color": theme.ORANGE, "size": theme.MARK + 2, "line": {"width": 2}}),
    "action": ("look at the cases", {"symbol": "diamond", "color": theme.ORANGE, "size": theme.MARK + 4}),
    "better": ("better than usual", {"symbol": "square", "color": theme.BLUE, "size": theme.MARK + 1}),
    "maturing": ("maturing", {"symbol": "circle-open", "color": theme.GREY, "size": theme.MARK, "line": {"width": 2}}),
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A period with its state and the rate from which it would be flagged (None: no outcome known)."""

    period: Period
    limit: float | None
    state: State = ""

    @property
    def shown(self) -> str:
        return "maturing" if self.period.maturing else self.state


@dataclass(frozen=True)
class Change:
    """Something that changed on a day, as a person noted it."""

    when: date
    what: str


def draw(judged: Sequence[Judged], usual: float, changes: Sequence[Change] = (), unit: str = "treatments") -> Chart:
    """Dots by state, the usual rate, the line that flags, change markers; a click on a dot gives the period's key."""
    if not judged:
        return without_data("No treatments in this period.", TABLE)
    periods = [item.period for item in judged]
    first, last = periods[0].first, periods[-1].last
    changes = sorted((change for change in changes if first <= change.when <= last), key=lambda change: change.when)
    levels = _levels(changes, first, last)
    end, above = _end(judged, usual), 1 + NUMBER * max(levels, default=0)
    key = [line for at, change in enumerate(changes, 1) for line in _named(at, change)]
    figure = framed(
        [_line_that_flags(judged, end), _usual(first, last, usual), _course(periods), *_dots(judged)],
        height=400 + (LINE_HEIGHT * len(key) + 12) * bool(key),
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        margin={"l": 8, "r": 16, "t": 16, "b": 56 + (LINE_HEIGHT * len(key) + 12) * bool(key), "pad": 0},
        xaxis=months.dates(periods),
        yaxis=percent_axis(f"With it, % of {plain(unit)}", range=[0, end * above], nticks=6),
        shapes=[_mark(change, end * (1 + NUMBER * (level - 1))) for change, level in zip(changes, levels, strict=True)],
        annotations=[
            *(_number(at, change, end * (1 + NUMBER * (level - 0.5))) for at, (change, level) in enumerate(zip(changes, levels, strict=True), 1)),
            *([_key(key)] if key else []),
        ],
    )
    return Chart(figure, _alt(judged, usual), _table(judged))


def _levels(changes: Sequence[Change], first: date, last: date) -> list[int]:
    """How high each change's number stands, so that none covers another."""
    levels = []
    for at, change in enumerate(changes):
        near = at and change.when - changes[at - 1].when < (last - first) * NEAR
        levels.append(levels[-1] + 1 if near else 1)
    return levels


def _end(judged: Sequence[Judged], usual: float) -> float:
    """Above every dot, the usual rate, and the lines of periods that are not tiny."""
    dots = [item.period.estimate for item in judged if item.period.known]
    limits = sorted(item.limit for item in judged if item.limit is not None)
    typical = limits[len(limits) // 2] if limits else 0
    return min(100.0, ceiling(100 * max([usual, 1.15 * typical, *dots]) * 1.05))


def _line_that_flags(judged: Sequence[Judged], end: float) -> go.Scatter:
    drawn = [item for item in judged if item.limit is not None and not item.period.maturing]
    # A line above the axis would only be cut: there, no count that is possible would be flagged.
    y = [100 * item.limit if 100 * item.limit <= end else None for item in drawn]
    return go.Scatter(
        x=[day for item in drawn for day in (item.period.first, item.period.last, None)],
        y=[value for limit in y for value in (limit, limit, None)],
        mode="lines", line={"color": theme.ORANGE, "width": theme.LINE}, name="flagged from here", hoverinfo="skip",
    )  # fmt: skip


def _usual(first: date, last: date, usual: float) -> go.Scatter:
    return go.Scatter(
        x=[first, last], y=[100 * usual] * 2, mode="lines", line={"color": theme.GREY, "width": 1.5, "dash": "dash"},
        name=plain(f"usual, {wording.stated(usual)}"), hoverinfo="skip",
    )  # fmt: skip


def _course(periods: Sequence[Period]) -> go.Scatter:
    return go.Scatter(
        x=[period.middle for period in periods],
        y=[100 * period.estimate if period.known else None for period in periods],
        mode="lines", line={"color": theme.faint(theme.GREY, 0.4), "width": 1}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _dots(judged: Sequence[Judged]) -> list[go.Scatter]:
    traces = []
    for state, (name, marker) in STYLES.items():
        chosen = [item for item in judged if item.period.known and item.shown == state]
        if chosen:
            traces.append(
                go.Scatter(
                    x=[item.period.middle for item in chosen],
                    y=np.array([100 * item.period.estimate for item in chosen]),
                    mode="markers", marker=marker if len(judged) <= months.MANY else marker | {"size": 0.7 * marker["size"]}, name=name, cliponaxis=False,
                    customdata=[item.period.key for item in chosen],
                    hovertext=[plain(_said(item)) for item in chosen], hovertemplate="%{hovertext}<extra></extra>",
                )
            )  # fmt: skip
    return traces


def _said(item: Judged) -> str:
    flagged = round(item.limit * item.period.known) if item.limit is not None else None
    from_here = f"; flagged from {wording.count(flagged)}" if flagged is not None and not item.period.maturing else ""
    state = f" ({STYLES[item.shown][0]})" if item.shown else ""
    return f"{months.said(item.period)}{from_here}{state}"


def _mark(change: Change, top: float) -> dict:
    line = {"color": theme.BLUE, "width": 1}
    return {"type": "line", "x0": change.when, "x1": change.when, "y0": 0, "y1": top, "line": line, "layer": "below"}


def _number(at: int, change: Change, y: float) -> dict:
    return {"text": f"<b>{at}</b>", "x": change.when, "y": y, "showarrow": False, "hovertext": plain(change.what)}


def _named(at: int, change: Change) -> list[str]:
    first, *more = lines(f"{change.what}, {wording.day(change.when)}", NAME_CHARACTERS)
    return [f"<b>{at}</b>  {first}", *more]


def _key(key: Sequence[str]) -> dict:
    return {
        "text": "<br>".join(key), "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -64, "xanchor": "left",
        "yanchor": "top", "align": "left", "showarrow": False, "font": {"size": theme.SMALL},
    }  # fmt: skip


def _alt(judged: Sequence[Judged], usual: float) -> str:
    when = wording.period(judged[0].period.first, judged[-1].period.last)
    noted = [item for item in judged if item.shown not in ("", "maturing")]
    said = "; ".join(_said(item) for item in noted) if noted else "no period stands out"
    return f"{wording.counted(len(judged), 'period')}, {when}, usual rate {wording.stated(usual)}: {said}."


def _table(judged: Sequence[Judged]) -> dict[str, list]:
    return {
        TABLE[0]: [wording.period(item.period.first, item.period.last) for item in judged],
        TABLE[1]: [item.period.events for item in judged],
        TABLE[2]: [item.period.known for item in judged],
        TABLE[3]: [item.period.estimate for item in judged],
        TABLE[4]: [item.limit for item in judged],
        TABLE[5]: [STYLES[item.shown][0] for item in judged],
    }
