"""What the overview shows: open items, changes that might have been missed, and the last twelve months."""

from dataclasses import dataclass, replace

import pandas

from data.analysis import cases, counts
from data.analysis.cases import Case
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries import call_list
from data.summaries.months import month_of, monthly_rates
from models.measure import Measure
from models.statistics import detection, proportion

DOUBLED_RATIO = 2.0
MONTHS = 12


@dataclass(frozen=True)
class OpenItems:
    """Open side effects of all dates, as on the call list, and treatments to ask about.

    `in_period`, `unattributed`: how many of the open ones followed treatments of the period, and how many belong to no
    treatment; `longest`: the one open longest, None if no onset is recorded.
    """

    cases: int
    in_period: int
    unattributed: int
    longest: Case | None
    to_call: int


def open_items(source: AnalysisTables, scope: Scope, selection: Selection) -> OpenItems:
    """What is open: no period hides an open side effect."""
    longest = next(iter(as_rows(cases.all_open_cases(source, scope, selection, 1), Case)), None)
    open_cases, unattributed = cases.count_open(source, scope, selection)
    _, in_period, _ = cases.count_cases(source, scope, selection)
    to_call = sum(call_list.count_due_and_overdue(source, scope, selection))
    return OpenItems(open_cases, in_period, unattributed, longest if longest and longest.days else None, to_call)


@dataclass(frozen=True)
class DetectionPower:
    """How likely a doubled rate of a measure would have been flagged. `followed_up`: its treatments, or areas; `rate`:
    its baseline, as on Trends, or without one the rate of the period. `power` None: without events; then `upper_limit`
    is the highest rate at which the chance to see none is 1 in 20."""

    measure: Measure
    followed_up: int
    rate: float
    has_baseline: bool
    power: float | None
    upper_limit: float


def detection_power(
    source: AnalysisTables, scope: Scope, selection: Selection, measure: Measure, baseline: float | None
) -> DetectionPower | None:
    """For the selected treatments. None where no treatment that can show the measure has a follow-up."""
    counted = counts.counts(source, scope, selection.for_measure(measure))
    events, followed_up = int(counted.events.sum()), int(counted.followed_up.sum())
    if not followed_up:
        return None
    rate = events / followed_up if baseline is None else baseline
    power = detection.power(followed_up, rate, DOUBLED_RATIO) if 0 < rate < 1 / DOUBLED_RATIO else None
    upper_limit = proportion.upper_limit_when_none(followed_up)
    return DetectionPower(measure, followed_up, rate, baseline is not None, power, upper_limit)


def recent_months(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Any side effect in the twelve calendar months up to the end of the period, as of `months.monthly_rates`."""
    span = counts.date_range(source, scope)
    end = min(selection.to_date or selection.as_of, span[1]) if span else selection.as_of
    last = month_of(end)
    first = last - (MONTHS - 1)
    year = replace(selection, from_date=first.astype("datetime64[D]").item(), to_date=end, unit="treatment")
    # A month goes on after its latest treatment, and ends early only where the period does.
    return monthly_rates(source, scope, year, first, last, last_day=end if end == selection.to_date else None)
