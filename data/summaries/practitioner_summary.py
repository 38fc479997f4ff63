"""A practitioner's own results, asked in their order: the latest ones, before and after a change, touch-ups, months."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import case, func, select

from data.analysis import estimates, treatments
from data.analysis.baselines import Marker
from data.analysis.query_builder import AnalysisTables, apply_selection
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.treatments import OutcomeSequence
from data.summaries.overview import DOUBLED_RATIO
from data.summaries.trends import MeasureBaseline
from models.statistics import control_chart, detection, proportion
from models.statistics.interval import Interval

MAX_LATEST = 50  # "how did my last 50 go"


@dataclass(frozen=True)
class CountWindow:
    """Treatments with a side effect among those with known outcome; `first`, `last`: when they were given."""

    events: int
    known: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class LatestResults:
    """The latest treatments against the usual rate. `tail`: the chance of so many or more at that rate, `flag` as of a
    period (models/statistics/control_chart.py), `power`: the chance that a doubled rate would have been flagged. None
    where there is nothing known, no usual rate, or no doubling of it."""

    window: CountWindow
    rate: Interval | None
    tail: float | None
    flag: str
    power: float | None


def latest_results(
    source: AnalysisTables, scope: Scope, selection: Selection, baseline: MeasureBaseline
) -> LatestResults:
    """The latest treatments (at most 50) of the selection with a known outcome, maturing ones left out."""
    known = treatments.outcome_sequence(source, scope, replace(selection, unit="treatment"))
    stretch = _count_window(known, slice(-MAX_LATEST, None))
    if not stretch.known:
        return LatestResults(stretch, None, None, "", None)
    rate = proportion.wilson(stretch.events, stretch.known)
    if baseline.rate is None:
        return LatestResults(stretch, rate, None, "", None)
    flags = control_chart.period_flags([stretch.events], [stretch.known], baseline.rate)
    power = detection.power(stretch.known, baseline.rate, DOUBLED_RATIO) if DOUBLED_RATIO * baseline.rate < 1 else None
    return LatestResults(stretch, rate, float(flags.tail[0]), str(flags.flag[0]), power)


@dataclass(frozen=True)
class BeforeAfter:
    """What was noted on a day, and the treatments before and from that day on, each up to the change next to it.

    `difference`: the rate after minus the rate before (-1 to 1); None where either side has no known outcome.
    """

    date: date
    labels: tuple[str, ...]
    before: CountWindow
    after: CountWindow
    difference: Interval | None


def compare_before_after(
    source: AnalysisTables, scope: Scope, selection: Selection, markers: tuple[Marker, ...]
) -> list[BeforeAfter]:
    """Every change noted within the selected period, the latest last; maturing treatments are left out."""
    known = treatments.outcome_sequence(source, scope, replace(selection, unit="treatment"))
    noted: dict[date, tuple[str, ...]] = {}
    for marker in sorted(markers, key=lambda marker: marker.date):
        if (selection.from_date or date.min) < marker.date <= (selection.to_date or selection.as_of):
            noted[marker.date] = (*noted.get(marker.date, ()), marker.what)
    edges = [0, *np.searchsorted(known.date, np.array(list(noted), dtype="datetime64[D]")).tolist(), len(known.date)]
    stretches = [_count_window(known, slice(*ends)) for ends in zip(edges, edges[1:], strict=False)]
    pairs = zip(stretches, stretches[1:], strict=False)
    return [
        BeforeAfter(day, what, before, after, _difference(after, before))
        for (day, what), (before, after) in zip(noted.items(), pairs, strict=True)
    ]


def _count_window(known: OutcomeSequence, part: slice) -> CountWindow:
    days, affected = known.date[part].astype(object), known.affected[part]
    ends = (days[0], days[-1]) if len(days) else (None, None)
    return CountWindow(int(affected.sum()), len(affected), *ends)


def _difference(after: CountWindow, before: CountWindow) -> Interval | None:
    if not (after.known and before.known):
        return None
    return proportion.difference(after.events, after.known, before.events, before.known)


@dataclass(frozen=True)
class TouchUpRate:
    """Treatments that were a touch-up of an earlier one, among all of them; `rate` None where there are none."""

    events: int
    total: int
    rate: Interval | None


def touch_up_rate(source: AnalysisTables, scope: Scope, selection: Selection) -> TouchUpRate:
    """How many of the selected treatments were touch-ups, maturing ones too: that is known on the day."""
    t = source.treatments
    counted = select(func.count(case((t.c.touch_up, 1))), func.count())
    events, total = source.fetch_rows(apply_selection(source, scope, selection, t, counted))[0]
    return TouchUpRate(events, total, proportion.wilson(events, total) if total else None)


@dataclass(frozen=True)
class PractitionerMonth:
    """A calendar month as far as the period holds it; `rate` None: nobody was treated."""

    first: date
    rate: Any  # a row of `estimates.rates`, or None
    in_follow_up: bool


def practitioner_months(source: AnalysisTables, scope: Scope, selection: Selection) -> list[PractitionerMonth]:
    """Every calendar month of the period, those without a treatment included; without a stated beginning, from the
    month of the earliest treatment."""
    chosen = replace(selection, unit="treatment")
    rates = {rate.month: rate for rate in estimates.rates(source, scope, chosen, ("month",)).itertuples(index=False)}
    if not rates:
        return []
    start, end = selection.from_date, min(selection.to_date or selection.as_of, selection.as_of)
    first = start.replace(day=1) if start else date(*divmod(min(rates), 100), 1)
    found = []
    while first <= max(end, date(*divmod(max(rates), 100), 1)):
        following = (first + timedelta(days=31)).replace(day=1)
        found.append(
            PractitionerMonth(first, rates.get(first.year * 100 + first.month), following > selection.mature_until)
        )
        first = following
    return found
