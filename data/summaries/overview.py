"""What the overview shows: changes since the preceding period, open items, and changes that might have been missed."""

from dataclasses import dataclass, replace
from operator import itemgetter

import pandas

from data.analysis import cases, counts, estimates
from data.analysis.cases import Case
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import SINCE_DIMENSION, Selection
from data.summaries import call_list, side_effects
from data.summaries.months import month_of, monthly_rates
from data.summaries.trends import MeasureStatus
from models.measure import Measure
from models.statistics import detection, funnel, proportion, two_sample

MAX_CHANCE = 0.01  # a change is reported where chance alone gives one this large, anywhere, at most this often
DOUBLED_RATIO = 2.0
MONTHS = 12


@dataclass(frozen=True)
class PeriodChange:
    """One comparison. `subject`: ("side_effect" or "family", code), ("any", None) or ("known", None) for follow-up.

    `now`, `before`: (events, followed up); of follow-up (followed up, treatments). `adjusted_tail`: the chance that any
    of the comparisons differs this much although nothing changed.
    """

    subject: tuple[str, str | None]
    now: tuple[int, int]
    before: tuple[int, int]
    adjusted_tail: float


def compare_with_previous_period(
    source: AnalysisTables, scope: Scope, selection: Selection
) -> tuple[Selection, list[PeriodChange]] | None:
    """The preceding period and every comparison with it, the least likely by chance first; None without a comparison.

    Treatments in follow-up are left out, because they are followed up too selectively. A side effect is counted among
    the treatments that included an area where it can occur.
    """
    last = min(selection.to_date or selection.as_of, selection.past_follow_up_until)
    period = replace(selection, to_date=last, unit="treatment")
    before = side_effects.previous_period(period)
    if before is None or last < period.from_date:
        return None
    both = replace(period, from_date=before.from_date, since=period.from_date)
    now, earlier = _count_both_periods(source, scope, both)
    pairs = {key: (now[key], earlier[key]) for key in now if key in earlier}
    # Nothing can be compared without treatments in both periods and an event in one.
    pairs = {key: (a, b) for key, (a, b) in pairs.items() if a[1] and b[1] and (a[0] or b[0])}
    if not pairs:
        return None
    effect = max(1.0, estimates.design_effects(source, scope, period, ()).get((), 1.0))
    tails = [two_sample.compare_counts(*a, *b, design_effect=effect).two_sided for a, b in pairs.values()]
    ranked = sorted(zip(tails, pairs.items(), funnel.holm(tails), strict=True), key=itemgetter(0))
    return before, [PeriodChange(subject, *pair, float(chance)) for _, (subject, pair), chance in ranked]


CountsBySubject = dict[tuple[str, str | None], tuple[int, int]]  # (events, followed up)


def _count_both_periods(source: AnalysisTables, scope: Scope, both: Selection) -> list[CountsBySubject]:
    """Since the given day, and before it: (events, followed up) of any side effect, of each family and of each side
    effect, and (followed up, treatments). Empty for a period without treatments."""
    frames = (
        counts.counts(source, scope, both, (SINCE_DIMENSION,)),
        counts.counts(source, scope, both, (SINCE_DIMENSION, "family")),
        counts.counts(source, scope, both, (SINCE_DIMENSION, "area_set", "side_effect")),
    )
    areas = side_effects.areas_of_sets(source)
    periods: list[CountsBySubject] = []
    for since in (True, False):
        counted: CountsBySubject = {}
        everything, families, effects = (frame[frame[SINCE_DIMENSION] == since] for frame in frames)
        for row in everything.itertuples():
            counted["known", None] = (row.followed_up, row.total)
            counted["any", None] = (row.events, row.followed_up)
        for row in families.itertuples():
            counted["family", row.family] = (row.events, row.followed_up)
        effects = effects[side_effects.can_follow(effects.side_effect, effects.area_set, areas)]
        for code, group in effects.groupby("side_effect")[["events", "followed_up"]].sum().iterrows():
            counted["side_effect", str(code)] = (int(group.events), int(group.followed_up))
        periods.append(counted)
    return periods


@dataclass(frozen=True)
class OpenItems:
    """Open side effects, and treatments without a follow-up. `worth_calling`: those on the call list."""

    cases: int
    longest: Case | None
    unknown: int
    worth_calling: int


def open_items(source: AnalysisTables, scope: Scope, selection: Selection) -> OpenItems:
    """What is open among the selected treatments."""
    longest = next((case for case in as_rows(cases.longest_open(source, scope, selection, 1), Case) if case.days), None)
    (row,) = counts.denominators(source, scope, replace(selection, unit="treatment"), ()).itertuples()
    _, open_cases, _ = cases.count_cases(source, scope, selection)
    due = sum(call_list.count_due_and_overdue(source, scope, selection))
    return OpenItems(open_cases, longest, row.total - row.followed_up, due)


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


def detection_power(measure: Measure, status: MeasureStatus) -> DetectionPower | None:
    """None where no treatment that can show the measure has a follow-up."""
    followed_up, baseline = status.followed_up, status.baseline.rate
    if not followed_up:
        return None
    rate = status.events / followed_up if baseline is None else baseline
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
