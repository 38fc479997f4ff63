"""How long side effects last: the share still present, and below it how many are still followed.

Open side effects stay in the curve up to the last day recorded as present, where each is drawn as an arrow. Where an
end was found at a contact the interval-censored estimate is drawn, and Kaplan-Meier as a thin line next to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting
from models.statistics import step_curve, survival
from models.statistics.interval_censored import Turnbull

MARKS = (14, 42, 91)  # days: 2, 6 and 13 weeks, "within a few weeks or months?"
MAX_CURVES = len(theme.SERIES)
MAX_DAYS_ON_AXIS = 28  # up to here the axis counts days, beyond it weeks
TICKS = 5  # spaces between the numbers still followed: what the width of a phone can hold
CURVE, AXIS, ROW = 270, 48, 17  # px: the curves, the axis below them, a line of text below that
HEADROOM = 8  # percent of the axis that each mark's name takes above 100%, where no curve can cross it
NEAR_END_SHARE = 0.65  # of the axis: a mark beyond it is named on its left, or a phone would cut its name
MAX_ARROWS = 60  # more arrows would hide the curve: they shrink to ticks
MAX_OPEN = 2_000  # of more open ones, one a day is drawn
TOO_FEW_ENDED = "too few have ended for a curve"
NOTHING = "No side effects to follow."
KAPLAN_MEIER = "Kaplan-Meier, ends on their latest possible day"
COLUMNS = ("label", "day", "still_present", "low", "high", "kaplan_meier", "ended", "at_risk")


@dataclass(frozen=True)
class SurvivalCurve:
    """The estimates of one curve and the side effects behind it.

    `episodes`, one row each: key (what a click on an open one gives), days (how long it lasted or was followed), ended.
    `between`: the interval-censored estimate, drawn where there is one. Too few ended: no curve is drawn.
    """

    label: str
    episodes: pd.DataFrame
    estimate: survival.KaplanMeier
    between: Turnbull | None = None

    @property
    def total(self) -> int:
        return len(self.episodes)

    @property
    def open(self) -> int:
        return int((~self.episodes.ended).sum())

    @property
    def longest(self) -> int:
        return int(self.episodes.days.max())

    @property
    def has_too_few(self) -> bool:
        """Too few have ended for a curve; where none has, a flat line says so."""
        return bool(self.estimate.refused and self.episodes.ended.any())

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row per day with an end: label, day, still_present (of the curve drawn), low, high (of Kaplan-Meier where
        that is drawn), kaplan_meier (0-1), ended, at_risk."""
        of = self.estimate
        limits = (of.low, of.high) if self.between is None else (np.nan, np.nan)
        columns = {"label": self.label, "day": of.days.astype(np.int64), "still_present": self.share_present(of.days)}
        columns |= {"low": limits[0], "high": limits[1], "kaplan_meier": of.share}
        columns |= {"ended": of.ended, "at_risk": of.at_risk}
        return pd.DataFrame(columns).iloc[: 0 if of.refused else None]

    def share_present(self, days: Sequence[float] | np.ndarray) -> np.ndarray:
        """The share still present after each of `days`; up to an end that nobody knows, the last one known."""
        if self.between is not None:
            return self.between.shares(np.asarray(days, dtype=float))
        if self.estimate.refused:
            return np.ones(len(days))
        before = np.searchsorted(self.estimate.days, days, side="right")
        return np.concatenate([[1.0], self.estimate.share])[before]

    @property
    def corners(self) -> np.ndarray:
        """The days between which the line of the curve is straight."""
        inner = self.steps.day
        if self.between is not None:
            inner = np.unique(np.concatenate([self.between.left, self.between.right[np.isfinite(self.between.right)]]))
        return np.concatenate([[0], inner, [self.longest]])

    def at_risk(self, days: np.ndarray) -> list[int]:
        """How many were neither over nor lost to follow-up before each of `days`."""
        return (self.total - np.searchsorted(np.sort(self.episodes.days), days, side="left")).tolist()


def draw(curves: Sequence[SurvivalCurve]) -> base.Chart:
    """At most three curves; more belong in small multiples. A click on an arrow gives its key."""
    if len(curves) > MAX_CURVES:
        raise ValueError(f"{len(curves)} curves in one chart: at most {MAX_CURVES} can be distinguished")
    curves = [curve for curve in curves if curve.total]
    if not curves:
        return base.empty_chart(NOTHING, COLUMNS)
    if all(curve.has_too_few for curve in curves):
        return base.empty_chart(f"{TOO_FEW_ENDED.capitalize()}. {'. '.join(map(short_description, curves))}.", COLUMNS)
    several = len(curves) > 1
    beside = not several and curves[0].between is not None
    longest = max(curve.longest for curve in curves)
    ticks, labels, unit = time_ticks(longest)
    marks = [day for day in MARKS if day <= longest]
    leveled = list(enumerate(reversed(marks)))
    rows = 1 + len(curves) * (1 + several)
    below = ROW * rows
    inner = CURVE + AXIS + below
    figure = base.build_figure(
        [
            *(trace for at, curve in enumerate(curves) for trace in curve_traces(curve, at)),
            *(_kaplan_meier_traces(curves[0]) if beside else ()),
            *(_at_risk_trace(curve, ticks, (2 + 2 * at) if several else 1) for at, curve in enumerate(curves)),
        ],
        height=inner + 24 + 20 * len(curves) * several + 40 * beside,
        showlegend=several or beside,
        margin={"l": 8, "r": 20, "t": 16, "b": 8, "pad": 0},
        xaxis=base.titled_axis(
            f"{unit} since onset",
            range=[-0.02 * ticks[-1], 1.02 * ticks[-1]],
            tickvals=ticks,
            ticktext=labels,
            anchor="y",
            showgrid=False,
        ),
        yaxis=base.titled_axis(
            "Still present, % of side effects",
            range=[0, 102 + HEADROOM * len(marks)],
            domain=[(below + AXIS) / inner, 1],
            tickvals=[0, 25, 50, 75, 100],
        ),
        yaxis2={"visible": False, "range": [rows - 0.5, -0.5], "domain": [0, below / inner]},
        # Each line ends at its own name, so that it crosses no other.
        shapes=[base.vertical_line(day, 100 + HEADROOM * (level + 1)) for level, day in leveled],
        annotations=[
            *(_mark_annotation(day, level, curves, day > NEAR_END_SHARE * ticks[-1]) for level, day in leveled),
            _row_heading("<b>Still present and followed</b>", 0),
            *(
                _row_heading(base.escape_label(curve.label + (f": {TOO_FEW_ENDED}" * curve.has_too_few)), 1 + 2 * at)
                for at, curve in enumerate(curves)
                if several
            ),
        ],
    )
    return base.Chart(figure, _alt_text(curves, marks), pd.concat([curve.steps for curve in curves], ignore_index=True))


def time_ticks(longest: int) -> tuple[np.ndarray, list[str], str]:
    """Few and even ticks on a time axis of `longest` days, their labels, and the unit of these."""
    length, unit = (1, "Days") if longest <= MAX_DAYS_ON_AXIS else (7, "Weeks")
    step = int(np.ceil(base.round_up(max(1, longest / length / TICKS))))
    counted = np.arange(0, int(np.ceil(longest / length / step)) + 1) * step
    return counted * length, [str(n) for n in counted], unit


def curve_traces(curve: SurvivalCurve, position: int = 0) -> list[go.Scatter]:
    """The band, the curve and the arrows, in the color of this position; nothing where there is no curve."""
    if curve.has_too_few:
        return []
    color, shape = theme.SERIES[position], "hv" if curve.between is None else "linear"
    band = curve.steps[["day", "low", "high"]].dropna()
    band_x = np.concatenate([[0], band.day, [curve.longest]])
    low, high = (100 * np.concatenate([[1], limit, limit[-1:]]) for limit in (band.low, band.high))
    edge = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip", "showlegend": False}
    x = curve.corners
    if curve.between is not None:  # an end known to the day is a step
        before = np.nextafter(x, -np.inf)[1:]
        x = np.concatenate([x[:1], np.column_stack([before, x[1:]]).ravel()])
    shares = curve.share_present(x)
    hover = (
        f"{curve.label}, after {formatting.days(round(day))}: {formatting.whole_percent(share)} still present, "
        f"{formatting.n_of_m(n, curve.total)} still followed"
        for day, share, n in zip(x, shares, curve.at_risk(x), strict=True)
    )
    return [
        go.Scatter(x=band_x[: len(high)], y=high, **edge),
        go.Scatter(x=band_x[: len(low)], y=low, fill="tonexty", fillcolor=theme.fade_color(color, 0.18), **edge),
        go.Scatter(
            x=x,
            y=100 * shares,
            mode="lines",
            name=base.escape_label(curve.label),
            line={"color": color, "width": theme.LINE + 0.5, "shape": shape, "dash": theme.DASHES[position]},
            **base.hover_data((), hover),
        ),
        _censored_trace(curve, color),
    ]


def _kaplan_meier_traces(curve: SurvivalCurve) -> list[go.Scatter]:
    steps = curve.steps
    x, y = np.concatenate([[0], steps.day, [curve.longest]]), np.concatenate([[1], steps.kaplan_meier])
    line = {"color": theme.GREY, "width": 1, "shape": "hv", "dash": "dot"}
    return [base.line_trace(x, 100 * np.append(y, y[-1:]), line, name=KAPLAN_MEIER)] if len(steps) else []


def _censored_trace(curve: SurvivalCurve, color: str) -> go.Scatter:
    still_open = curve.episodes[~curve.episodes.ended]
    few = len(still_open) <= MAX_ARROWS
    if len(still_open) > MAX_OPEN:  # those of one day lie on each other
        still_open = still_open.drop_duplicates("days").sort_values("days")
    marker = {
        "symbol": "triangle-right-open" if few else "line-ns",
        "size": theme.MARK if few else 6,
        "color": color,
        "line": {"width": 1.5 if few else 1, "color": color},
    }
    days, keys = still_open.days, map(str, still_open.key)
    hover = (f"{curve.label}: last recorded as present after {formatting.days(n)}" for n in days)
    return base.dot_trace(days.to_numpy(), 100 * curve.share_present(days), marker, keys, hover, showlegend=False)


def _at_risk_trace(curve: SurvivalCurve, ticks: np.ndarray, row: int) -> go.Scatter:
    followed = curve.at_risk(ticks)
    return go.Scatter(
        x=ticks,
        y=np.full(len(ticks), row),
        mode="text",
        text=[formatting.count(n) for n in followed],
        textfont={"size": theme.SMALL},
        yaxis="y2",
        cliponaxis=False,
        showlegend=False,
        **base.hover_data((), (f"{formatting.n_of_m(n, curve.total)} still present and followed" for n in followed)),
    )


def _row_heading(text: str, row: int) -> dict:
    return base.text_annotation(text, xref="paper", yref="y2", x=0, y=row, yanchor="middle")


def _mark_annotation(day: int, level: int, curves: Sequence[SurvivalCurve], late: bool) -> dict:
    share = _share_text(curves[0], day) if len(curves) == 1 else ""
    side = {"xanchor": "right", "xshift": -2} if late else {"xanchor": "left", "xshift": 2}
    return base.text_annotation(
        base.escape_label(f"{formatting.weeks(day)}{share}"), x=day, y=100 + HEADROOM * (level + 0.5), **side
    )


def _share_text(curve: SurvivalCurve, day: int) -> str:
    """Empty where too few were followed that long, as in every table."""
    if step_curve.too_few_followed(day, curve.episodes.days, curve.episodes.ended):
        return ""
    return f": {formatting.whole_percent(curve.share_present([day])[0])}"


def short_description(curve: SurvivalCurve) -> str:
    """ "Bruising: 20 side effects, 3 still open"."""
    return (
        f"{curve.label}: {formatting.pluralize(curve.total, 'side effect')}, {formatting.count(curve.open)} still open"
    )


def _alt_text(curves: Sequence[SurvivalCurve], marks: Sequence[int]) -> str:
    parts = []
    for curve in curves:
        shares = [(_share_text(curve, day), day) for day in marks]
        later = ", ".join(f"{share[2:]} after {formatting.weeks(day)}" for share, day in shares if share)
        still = TOO_FEW_ENDED if curve.has_too_few else f"still present: {later}" if later else ""
        parts.append(f"{short_description(curve)}; {still}" if still else short_description(curve))
    return f"Share of side effects still present over time. {'. '.join(parts)}."
