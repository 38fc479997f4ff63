"""Counts with their statistics, as pages show them and reports print them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas

from data.analysis import cases
from data.analysis.clustering import client_sums
from data.analysis.counts import COUNT_COLUMNS, counts
from data.analysis.frames import as_rows, make_frame, rows_as_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import EFFECT_DIMENSIONS, Selection
from models.statistics import proportion, survival
from models.statistics.interval import Interval

MIN_EVENTS_FOR_DESIGN_EFFECT = 10  # below it a design effect is mostly chance (as for a dose slope, docs/methods.md)
INTERVAL_SHARE = 0.2  # above this share of ends found at a contact, the interval-censored estimate is stated as well
STILL_PRESENT_DAYS = (14, 42, 91)  # 2, 6 and 13 weeks: "within a few weeks or months?"
KAPLAN_MEIER = "Kaplan-Meier, log-log 95 %"

RATE_COLUMNS = (
    "measure", "unit", "treated", "events", "followed_up", "volunteered", "total", "in_follow_up", "known", "rate",
    "low", "high", "lowest", "highest", "episodes", "reports", "design_effect", "method",
)  # fmt: skip


def rates(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """One rate per combination of the dimensions in `by`; of any side effect unless one of them is of side effects.

    Columns: one per dimension, measure, unit (str), treated, events, followed_up, volunteered, total, in_follow_up,
    known (int64, as of `counts.counts`), rate, low, high (events among those followed up, with the 95% interval),
    lowest, highest (bounds over the total; float64, 0-1, NaN without any), episodes, reports (int64), design_effect
    (float64, NaN where it cannot be estimated), method (str).
    """
    counted = counts(source, scope, selection, by)
    return add_rates(counted, selection.unit, by, design_effects(source, scope, selection, by))


def add_rates(
    counted: pandas.DataFrame,
    unit: str,
    by: Sequence[str] = (),
    effects: Mapping[tuple[Any, ...], float] | None = None,
) -> pandas.DataFrame:
    """Counts by the dimensions in `by` with the other columns of `rates`. `effects`: as of `design_effects`."""
    groups = as_rows(counted[list(by)], lambda *group: group) if by else [()] * len(counted)
    effect = np.array([(effects or {}).get(group, np.nan) for group in groups], dtype=np.float64)
    columns: dict[str, Any] = {name: counted[name].to_numpy() for name in (*by, *COUNT_COLUMNS)}
    events, followed_up, total = (columns[name] for name in ("events", "followed_up", "total"))
    rate, low, high = proportion.rate_columns(events, followed_up, effect)
    some = np.where(total > 0, total, np.nan)
    lowest, highest = (events + columns["volunteered"]) / some, columns["possible"] / some
    method = np.where(followed_up > 0, "Wilson 95 %", "nobody was followed up").astype(object)
    for place in np.flatnonzero((followed_up > 0) & (effect > proportion.MIN_DESIGN_EFFECT)):
        method[place] += f", widened for several treatments of one client (design effect {effect[place]:.2f})"
    measure = next((name for name in ("side_effect", "family", "grade") if name in by), "any_side_effect")
    columns |= {"measure": [measure] * len(counted), "unit": [unit] * len(counted), "design_effect": effect}
    columns |= {"rate": rate, "low": low, "high": high, "lowest": lowest, "highest": highest, "method": method}
    return make_frame({name: columns[name] for name in (*by, *RATE_COLUMNS)})


def design_effects(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]
) -> dict[tuple[Any, ...], float]:
    """How much more each rate varies because some clients were treated more than once, where it can be estimated."""
    if selection.unit == "client":
        return {}
    outer_first = sorted(by, key=lambda name: name in EFFECT_DIMENSIONS)
    place = [outer_first.index(name) for name in by]
    estimated = {}
    for group, sums in client_sums(source, scope, selection, by).items():
        if sums["events"] >= MIN_EVENTS_FOR_DESIGN_EFFECT:
            effect = proportion.design_effect_of_sums(**sums)
            if effect is not None:
                estimated[tuple(group[n] for n in place)] = effect
    return estimated


DURATION_COLUMNS = (
    "measure", "episodes", "ended", "open", "median", "low", "high",
    *(f"still_present_{day}" for day in STILL_PRESENT_DAYS),
    "longest", "closed_only_median", "between_contacts", "between_contacts_median", "method",
)  # fmt: skip


def durations(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """How long side effects last, open ones included, per combination of the dimensions in `by`.

    Columns: one per dimension, measure (str), episodes, ended, open (int64), median, low, high (float64, whole days;
    NaN: not reached, or too few have ended), still_present_14, still_present_42, still_present_91 (float64, 0-1: the
    share after so many days; NaN beyond the follow-up), longest (int64: the most days any was followed),
    closed_only_median (float64), between_contacts (int64: ends found at a contact, not recorded to the day),
    between_contacts_median (float64), method (str: why there is no curve, or `KAPLAN_MEIER`).
    """
    groups = cases.split_episodes(cases.episode_durations(source, scope, selection, by), by)
    rows = [(*group, *_duration(measured)) for group, measured in groups.items()]
    return rows_as_frame((*by, *DURATION_COLUMNS), rows, ended="int64", open="int64")


def _duration(measured: Mapping[str, np.ndarray[Any, Any]]) -> tuple[Any, ...]:
    """A row of `durations` from the columns of cases.MEASURED."""
    days, ended, seen_days, end_exact = (measured[name] for name in ("days", "ended", "seen_days", "end_exact"))
    curve = survival.kaplan_meier(days, ended)
    found_at_contact = ended & ~end_exact
    between = None
    if found_at_contact.sum() > INTERVAL_SHARE * ended.sum():  # these ends lie between two contacts
        # The last day is then the last one recorded as present, a day up to `days`, or one between them.
        last_present = np.where(found_at_contact, np.minimum(seen_days, days) - 1, days)
        between = survival.turnbull(last_present, np.where(ended, days, np.inf))
    return (
        "duration",
        len(days),
        int(ended.sum()),
        int((~ended).sum()),
        *(Interval(None, None, None) if curve.refused else curve.median),
        *(None if curve.refused else curve.at(day).estimate for day in STILL_PRESENT_DAYS),
        int(days.max()),
        float(np.median(days[ended])) if ended.any() else None,
        int(found_at_contact.sum()),
        between.median.estimate if between and not between.refused else None,
        curve.refused or KAPLAN_MEIER,
    )


def median_interval(duration: Any) -> Interval:
    """The median and its interval of a row of `durations`; None where a value is not reached."""
    return Interval(*(None if np.isnan(days) else days for days in (duration.median, duration.low, duration.high)))
