"""What the first page tells: what changed against the period before, what is open, what could not have been noticed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from data.analysis import cases, counts, estimates
from data.analysis.cases import Case
from data.analysis.derived_tables import includes_any_area
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import SINCE_DIMENSION, Selection
from data.summaries import call_list, side_effects
from data.summaries.trends import MeasureStatus
from models import codelist
from models.measure import Measure
from models.statistics import detection, funnel, proportion, two_sample

SURPRISING_CHANCE = 0.01  # a change is told where one as far apart anywhere would come by chance at most this often
DOUBLED_RATIO = 2.0
MONTHS = 12


# What changed


@dataclass(frozen=True)
class PeriodChange:
    """One comparison. `what`: ("side_effect" or "family", code), ("any", None) or ("known", None) for known outcomes.

    `now`, `before`: (events, treatments with known outcome); of known outcomes (known, treated). `chance`: of one of
    all the comparisons being this far apart or further, were nothing changed.
    """

    subject: tuple[str, str | None]
    now: tuple[int, int]
    before: tuple[int, int]
    adjusted_tail: float

    @property
    def increased(self) -> bool:
        return self.now[0] * self.before[1] > self.before[0] * self.now[1]


def compare_with_previous_period(
    source: AnalysisTables, scope: Scope, selection: Selection
) -> tuple[Selection, list[PeriodChange]] | None:
    """The period before, and every comparison with it, the most surprising first; None where there is none to make.

    Treatments that are still maturing are left out: their outcomes are known too selectively. A side effect is counted
    among the treatments that included an area where it can happen.
    """
    last = min(selection.to_date or selection.as_of, selection.mature_until)
    mature = replace(selection, to_date=last, unit="treatment")
    before = side_effects.previous_period(mature)
    if before is None or last < mature.from_date:
        return None
    now, then = _count_both_periods(source, scope, replace(mature, from_date=before.from_date, since=mature.from_date))
    pairs = {what: (now[what], then[what]) for what in now if what in then and _is_informative(now[what], then[what])}
    if not pairs:
        return None
    effect = _design_effect(source, scope, mature)
    tails = [two_sample.compare_counts(*a, *b, design_effect=effect).two_sided for a, b in pairs.values()]
    chances = funnel.holm(tails)
    found = [
        PeriodChange(what, *pair, float(chance)) for (what, pair), chance in zip(pairs.items(), chances, strict=True)
    ]
    order = sorted(range(len(found)), key=lambda n: tails[n])
    return before, [found[n] for n in order]


def _is_informative(now: tuple[int, int], before: tuple[int, int]) -> bool:
    """Somebody in both periods, and an event in one of them: without any event there is nothing to be surprised by."""
    return bool(now[1] and before[1] and (now[0] or before[0]))


CountsBySubject = dict[tuple[str, str | None], tuple[int, int]]  # what is compared -> (events, known)


def _count_both_periods(source: AnalysisTables, scope: Scope, both: Selection) -> list[CountsBySubject]:
    """Since the given day, and before it: (events, known) of any side effect, of each family and of each side effect,
    and (known, treated). Nothing where nobody was treated."""
    place = (SINCE_DIMENSION, "area_set")
    rows = (
        counts.denominators(source, scope, both, place),
        counts.count_affected(source, scope, both, (SINCE_DIMENSION,)),
        counts.count_affected(source, scope, both, (SINCE_DIMENSION,), ("family",)),
        {tuple(dict(c.by).values()): c for c in counts.counts(source, scope, both, (*place, "side_effect"))},
    )
    return [_counts_of_period(*(_select_period(since, found) for found in rows)) for since in (True, False)]


def _select_period(since: bool, rows: dict[tuple, Any]) -> dict[tuple, Any]:
    return {tuple(group): row for (part, *group), row in rows.items() if part == since}


def _counts_of_period(treated: dict, of_any: dict, of_family: dict, of_effect: dict) -> CountsBySubject:
    known, total, _ = map(sum, zip(*treated.values(), strict=True)) if treated else (0, 0, 0)
    if not total:
        return {}
    found = {("known", None): (known, total), ("any", None): (of_any.get((), (0,))[0], known)}
    for code in [*codelist.families(), *sorted((family for (family,) in of_family), key=str)]:
        found["family", code] = (of_family.get((code,), (0,))[0], known)
    return found | _side_effects(treated, of_effect)


def _side_effects(treated: dict, of_effect: dict[tuple, counts.UnitCount]) -> CountsBySubject:
    """Those on record with their events; those of our list that nobody reported, with none. `treated`: the treatments
    by the areas that they included."""
    none = {
        ("side_effect", code): (0, sum(row[0] for (areas,), row in treated.items() if _can_follow(effect.areas, areas)))
        for code, effect in codelist.side_effects().items()
    }
    on_record = {code for (_, code), count in of_effect.items() if count.episodes}
    reported: CountsBySubject = {}
    for (areas, code), count in of_effect.items():
        effect = codelist.side_effects().get(code)
        if code in on_record and (effect is None or _can_follow(effect.areas, areas)):
            events, of_known = reported.get(("side_effect", code), (0, 0))
            reported["side_effect", code] = (events + count.events, of_known + count.known)
    return none | reported


def _can_follow(areas: Iterable[str], area_set: int) -> bool:
    return not areas or includes_any_area(areas, area_set)


def _design_effect(source: AnalysisTables, scope: Scope, selection: Selection) -> float:
    found = estimates.design_effects(source, scope, selection, ()).get(())
    return max(1.0, found or 1.0)


# What is open


@dataclass(frozen=True)
class OpenItems:
    """Side effects not known to be over, and outcomes not known. `worth_calling`: treated long enough ago to be told
    something, not so long ago that it could no longer belong to the treatment, and not declined."""

    cases: int
    longest: Case | None
    unknown: int
    worth_calling: int


def open_items(source: AnalysisTables, scope: Scope, selection: Selection) -> OpenItems:
    """What is open among the selected treatments."""
    longest = next((case for case in cases.longest_open(source, scope, selection, 1) if case.days), None)
    known, total, _ = counts.denominators(source, scope, replace(selection, unit="treatment"), ())[()]
    _, still, _ = cases.count_cases(source, scope, selection)
    return OpenItems(still, longest, total - known, call_list.count_due_treatments(source, scope, selection))


# What could not have been noticed


@dataclass(frozen=True)
class DetectionPower:
    """How likely a doubled rate of a measure would have stood out. `known`: its treatments, or areas, with known
    outcome; `rate`: its usual one, as on Trends, or where there is `no_usual`, that of the period itself. `power` None:
    nobody reported it; then `at_most` is the highest rate that leaves a chance of 1 in 20 to see none."""

    measure: Measure
    known: int
    rate: float
    without_baseline: bool
    power: float | None
    upper_limit: float


def detection_power(measure: Measure, standing: MeasureStatus) -> DetectionPower | None:
    """None without a known outcome of a treatment that can show it."""
    known, usual = standing.known, standing.baseline.rate
    if not known:
        return None
    rate = standing.events / known if usual is None else usual
    power = detection.power(known, rate, DOUBLED_RATIO) if 0 < rate < 1 / DOUBLED_RATIO else None
    return DetectionPower(measure, known, rate, usual is None, power, proportion.upper_limit_when_none(known))


# Twelve months


@dataclass(frozen=True)
class MonthlyRate:
    """One calendar month with its rate; `rate` None: nobody was treated. `last`: up to the end of the period."""

    first: date
    last: date
    rate: Any  # a row of `estimates.rates`, or None
    in_follow_up: bool


def recent_months(source: AnalysisTables, scope: Scope, selection: Selection) -> list[MonthlyRate]:
    """Any side effect in the twelve calendar months up to the end of the period, empty months included."""
    span = counts.date_range(source, scope)
    end = min(selection.to_date or selection.as_of, span[1]) if span else selection.as_of
    firsts = [_month_before(end, back) for back in range(MONTHS - 1, -1, -1)]
    year = replace(selection, from_date=firsts[0], to_date=end, unit="treatment")
    rates = {rate.month: rate for rate in estimates.rates(source, scope, year, ("month",)).itertuples(index=False)}
    lasts = [*(first - timedelta(days=1) for first in firsts[1:]), end]
    return [
        MonthlyRate(first, last, rates.get(first.year * 100 + first.month), last > selection.mature_until)
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _month_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
