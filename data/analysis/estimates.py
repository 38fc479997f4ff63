"""Counts with their statistics, as pages show them and reports print them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas

from data.analysis import cases
from data.analysis import counts as queries
from data.analysis.frames import group_keys, rows_to_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection
from models.statistics import proportion, survival
from models.statistics.interval import Interval

MIN_EVENTS_FOR_DESIGN_EFFECT = 10  # below it a design effect is mostly chance (as for a dose slope, docs/methods.md)
INTERVAL_SHARE = 0.2  # above this share of ends found at a contact, the interval-censored estimate is stated as well
STILL_PRESENT_DAYS = (14, 42, 91)  # 2, 6 and 13 weeks: "within a few weeks or months?"
KAPLAN_MEIER = "Kaplan-Meier, log-log 95 %"
NOT_KNOWN = float("nan")

COUNT_COLUMNS = ("events", "followed_up", "total", "in_follow_up", "episodes", "reports")
RATE_COLUMNS = (
    "measure", "unit", "events", "followed_up", "total", "in_follow_up", "rate", "low", "high", "lowest", "highest",
    "episodes", "reports", "design_effect", "method",
)  # fmt: skip


def rates(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """One rate per combination of the dimensions in `by`; of any side effect unless one of them is of side effects.

    Columns: one per dimension, measure, unit (str), events, followed_up (units with known outcome), total,
    in_follow_up (treated less than the follow-up window ago) (int64), rate, low, high (95 % interval), lowest, highest
    (bounds over all units; float64, 0-1, NaN when nothing is known), episodes, reports (int64), design_effect (float64,
    NaN where it cannot be estimated), method (str).
    """
    measure = next((name for name in ("side_effect", "family", "grade") if name in by), "any_side_effect")
    counted = queries.counts(source, scope, selection, by)
    effects = design_effects(source, scope, selection, by)
    known_effects = [effects.get(group) for group in group_keys(counted, by)]
    counted = counted.assign(measure=measure, unit=selection.unit, design_effect=known_effects)
    return add_rates(counted)[[*by, *RATE_COLUMNS]]


def add_rates(counts: pandas.DataFrame) -> pandas.DataFrame:
    """Counts of any groups with the other columns of `rates`; design_effect NaN where `counts` has none."""
    if "design_effect" not in counts:
        counts = counts.assign(design_effect=NOT_KNOWN)
    counts = counts.astype({"design_effect": "float64"})
    intervals, bounds, methods = [], [], []
    columns = (counts[name].tolist() for name in ("events", "followed_up", "total", "design_effect"))
    for events, followed_up, total, effect in zip(*columns, strict=True):
        known = proportion.wilson_with_effect(events, followed_up, effect) if followed_up else (NOT_KNOWN,) * 3
        intervals.append(tuple(known))
        bounds.append(proportion.bounds(events, followed_up, total) if total else (NOT_KNOWN,) * 2)
        methods.append(_method(effect) if followed_up else "no outcome known")
    rate, low, high = np.array(intervals, dtype=np.float64).reshape(-1, 3).T
    lowest, highest = np.array(bounds, dtype=np.float64).reshape(-1, 2).T
    return counts.assign(
        rate=rate, low=low, high=high, lowest=lowest, highest=highest, method=np.array(methods, dtype=object)
    )


def design_effects(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]
) -> dict[tuple, float | None]:
    """How much more each rate varies because some clients were treated more than once; None where it cannot be seen."""
    if selection.unit == "client":
        return {}
    outer_first = sorted(by, key=lambda name: name in EFFECT_DIMENSIONS)
    place = [outer_first.index(name) for name in by]
    return {
        tuple(group[n] for n in place): _design_effect(spread)
        for group, spread in queries.per_client(source, scope, selection, by).items()
    }


def _design_effect(spread: queries.ClientHistogram) -> float | None:
    if (spread.clients * spread.events).sum() < MIN_EVENTS_FOR_DESIGN_EFFECT:
        return None
    return proportion.design_effect(spread.events, spread.known, spread.clients)


def zero_rate(rate: Any) -> Any:
    """A row as of `rates`: no events among the units of another row."""
    counts = {name: getattr(rate, name) for name in COUNT_COLUMNS} | {"events": 0, "episodes": 0, "reports": 0}
    return next(add_rates(pandas.DataFrame([counts])).itertuples(index=False))


def _method(effect: float) -> str:
    if effect > proportion.MIN_DESIGN_EFFECT:
        return f"Wilson 95 %, widened for several treatments of one client (design effect {effect:.2f})"
    return "Wilson 95 %"


def durations(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """How long side effects last, open ones included, per combination of the dimensions in `by`.

    Columns: one per dimension, measure (str), episodes, ended, open (int64), median, low, high (float64, whole days;
    NaN: not reached, or too few have ended), still_present_14, still_present_42, still_present_91 (float64, 0-1: the
    share after so many days; NaN beyond the follow-up), longest (int64: the most days any was followed),
    closed_only_median (float64), between_contacts (int64: ends found at a contact, not recorded to the day),
    between_contacts_median (float64), method (str: why there is no curve, or `KAPLAN_MEIER`).
    """
    return durations_of(cases.episode_durations(source, scope, selection, by), by)


def durations_of(episodes: pandas.DataFrame, by: Sequence[str] = ()) -> pandas.DataFrame:
    """The same from a frame as of `cases.episode_durations`."""
    groups = cases.split_episodes(episodes, by)
    return rows_to_frame(
        (*by, *DURATION_COLUMNS),
        [(*group, *_duration(part)) for group, part in groups.items()],
        **dict.fromkeys(("ended", "open"), "int64"),
    )


DURATION_COLUMNS = (
    "measure", "episodes", "ended", "open", "median", "low", "high",
    *(f"still_present_{day}" for day in STILL_PRESENT_DAYS),
    "longest", "closed_only_median", "between_contacts", "between_contacts_median", "method",
)  # fmt: skip


def _duration(episodes: pandas.DataFrame) -> tuple[Any, ...]:
    """A row of `durations`."""
    days, ended = episodes.days.to_numpy(), episodes.ended.to_numpy()
    curve = survival.kaplan_meier(days, ended)
    median = Interval(None, None, None) if curve.refused else curve.median
    at_contact = ended & ~episodes.end_exact.to_numpy()
    between = _turnbull_of_interval_ends(episodes, at_contact)
    return (
        "duration",
        len(days),
        int(ended.sum()),
        int((~ended).sum()),
        *median,
        *(None if curve.refused else curve.at(day).estimate for day in STILL_PRESENT_DAYS),
        int(days.max()),
        float(np.median(days[ended])) if ended.any() else None,
        int(at_contact.sum()),
        between.median.estimate if between and not between.refused else None,
        curve.refused or KAPLAN_MEIER,
    )


def median_interval(duration: Any) -> Interval:
    """The median and its interval of a row of `durations`; None where a value is not reached."""
    return Interval(*(None if np.isnan(days) else days for days in (duration.median, duration.low, duration.high)))


def _turnbull_of_interval_ends(episodes: pandas.DataFrame, at_contact: np.ndarray) -> survival.Turnbull | None:
    """The estimate that takes an end found at a contact as between two contacts; None where few ends are such."""
    days, ended, seen_days = (episodes[name].to_numpy() for name in ("days", "ended", "seen_days"))
    if at_contact.sum() <= INTERVAL_SHARE * ended.sum():
        return None
    last_present = np.where(at_contact, np.minimum(seen_days, days - 1), days)
    first_gone = np.where(ended, days, np.inf)
    return survival.turnbull(last_present, first_gone)
