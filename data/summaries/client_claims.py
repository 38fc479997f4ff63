"""Does what clients are told hold in the clinic's own records? One cautious verdict per claim (docs/methods.md)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import pandas

from data.analysis import cases, estimates, treatments
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.reference.claims import Claim, shipped_claims
from data.reference.published_rates import closest_rate
from data.summaries import dose_response, time_to_event
from data.summaries.trends import without_filters
from data.summaries.weakness import LOCAL_WEAKNESS
from models.measure import FOUR_TO_SIX_MONTHS
from models.statistics import group_difference, proportion, step_curve, survival
from models.statistics.interval import Interval

MIN_FOLLOWED_UP = 100  # treatments: a smaller clinic gets no verdict
MIN_EVENTS = 5  # for "it happens" and "it is common": a limit from fewer moves with every case
MIN_AREA_EVENTS = 10  # for a difference between areas, as for a dose effect
MIN_ENDED = 20  # resolved side effects, or treatments followed by another
MAX_FACTOR = 50  # no number is named where more than so many times the records would be needed

HOLDS, FAILS, SHORTER, LONGER, UNDECIDED = "holds", "does not hold", "shorter", "longer", "cannot tell yet"
NOT_SHOWN = "our records cannot show this"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the records say about one part of a claim.

    `codes`: the area, or measure, product and area. `events` of `total`; `estimate` with its limits: a rate or a share
    (0-1), an odds ratio (dose) or days (results). `median`: days to the end. `factor`: how many times as many records
    would decide, None where no number can be named.
    """

    verdict: str
    events: int
    total: int
    codes: tuple[str, ...] = ()
    estimate: Interval = Interval(None, None, None)
    median: Interval = Interval(None, None, None)
    factor: float | None = None


@dataclass(frozen=True, kw_only=True)
class ClaimResult:
    """`findings`: of each part. `others`: areas that are common but not in the claim. `chance`: of such differences
    between areas if all were alike. `more_treatments`: about how many more would decide a first part; None: unknown."""

    claim: Claim
    findings: tuple[Finding, ...]
    others: tuple[str, ...] = ()
    chance: float | None = None
    more_treatments: int | None = None

    @property
    def verdicts(self) -> set[str]:
        return {finding.verdict for finding in self.findings} or {UNDECIDED}


def client_claims(tables: AnalysisTables, scope: Scope, selection: Selection) -> list[ClaimResult]:
    """Every shipped claim, judged by all that the viewer may see, of all dates and whatever the filters."""
    chosen = replace(without_filters(selection), families=LOCAL_WEAKNESS)
    (every,) = estimates.rates(tables, scope, chosen).itertuples()
    by_area = estimates.rates(tables, scope, replace(chosen, unit="area"), ("area",))
    by_area = by_area[by_area.area.notna() & (by_area.followed_up > 0)]
    results = []
    for claim in shipped_claims():
        others: tuple[str, ...] = ()
        chance = None
        match claim.kind:
            case "occurs":
                findings = [_judge_occurrence(every)]
            case "resolves":
                findings = [_judge_resolution(tables, scope, chosen, claim)]
            case "dose":
                findings = _judge_doses(tables, scope, chosen)
            case "area":
                chance, findings = _judge_areas(tables, scope, chosen, by_area, claim.limit)
            case "common":
                rows = [_judge_commonness(row, claim.limit) for row in by_area.itertuples()]
                findings = [found for found in rows if found.codes[0] in claim.areas]
                others = tuple(
                    found.codes[0] for found in rows if found.verdict == HOLDS and found.codes[0] not in claim.areas
                )
            case "results":
                findings = _judge_results(tables, scope, chosen)
            case _:
                findings = _count_uses(tables, scope, chosen, claim)
        if every.followed_up < MIN_FOLLOWED_UP and claim.kind != "remedy":
            least = MIN_FOLLOWED_UP / max(every.followed_up, 1)
            findings = [replace(found, verdict=UNDECIDED, factor=max(least, found.factor or 1)) for found in findings]
            others = ()
        more = _count_more(every.treated, findings)
        results.append(
            ClaimResult(claim=claim, findings=tuple(findings), others=others, chance=chance, more_treatments=more)
        )
    return results


def _count_more(treated: int, findings: Iterable[Finding]) -> int | None:
    """How many more treatments would decide the first part, rounded up to two figures."""
    factors = [found.factor for found in findings if found.verdict == UNDECIDED and found.factor]
    if not factors or not treated or min(factors) > MAX_FACTOR:
        return None
    more = max(1, int(np.ceil(treated * (min(factors) - 1))))
    step = 10 ** max(0, len(str(more)) - 2)
    return -(-more // step) * step


def _factor(estimate: float, bound: float, limit: float) -> float | None:
    """The width of an interval goes with the root of the records: how many times as many exclude the limit."""
    return None if estimate == limit else ((bound - estimate) / (limit - estimate)) ** 2


def _judge_occurrence(row) -> Finding:
    expected = row.rate if row.events else closest_rate("eyelid_ptosis").proportion
    factor = MIN_EVENTS / (expected * row.followed_up) if row.followed_up else None
    verdict = HOLDS if row.events >= MIN_EVENTS and row.low > 0 else UNDECIDED
    estimate = Interval(row.rate, row.low, row.high)
    return Finding(verdict=verdict, events=row.events, total=row.followed_up, estimate=estimate, factor=factor)


def _judge_resolution(tables: AnalysisTables, scope: Scope, selection: Selection, claim: Claim) -> Finding:
    """Holds if the whole interval of the share still present lies below the limit, and not if it lies above."""
    episodes = cases.episode_durations(tables, scope, selection)
    days, ended = episodes.days.to_numpy(), episodes.ended.to_numpy()
    counted = {"events": int(ended.sum()), "total": len(episodes)}
    if counted["events"] < MIN_ENDED:
        return Finding(verdict=UNDECIDED, factor=MIN_ENDED / max(counted["events"], 1), **counted)
    (lasting,) = estimates.summarize_durations(episodes, (), with_intervals=True).itertuples()
    still = survival.bootstrap_share(*estimates.presence_limits(episodes), episodes.client_id, claim.day)
    # Where no draw has any left, the bootstrap would be certain: not below the limit of none among those followed.
    followed = int((ended | (days > claim.day)).sum())
    still = still._replace(high=max(still.high, proportion.upper_limit_when_none(followed)))
    verdict, factor = UNDECIDED, None
    if not step_curve.too_few_followed(claim.day, days, ended):
        if still.high < claim.limit:
            verdict = HOLDS
        elif still.low > claim.limit:
            verdict = FAILS
        else:
            factor = _factor(still.estimate, still.high, claim.limit)
    median = estimates.median_interval(lasting)
    return Finding(verdict=verdict, estimate=still, median=median, factor=factor, **counted)


def _judge_doses(tables: AnalysisTables, scope: Scope, selection: Selection) -> list[Finding]:
    links = dose_response.dose_links(tables, scope, replace(selection, families=()), LOCAL_WEAKNESS)
    findings = []
    for row in links.itertuples():
        factor = None
        if row.verdict == dose_response.TOO_FEW:
            factor = MIN_AREA_EVENTS / row.events if 0 < row.events < MIN_AREA_EVENTS else None
        elif row.odds_ratio > 1:
            factor = _factor(*np.log([row.odds_ratio, row.odds_ratio_low]), 0)
        findings.append(
            Finding(
                verdict=HOLDS if row.verdict == dose_response.HIGHER else UNDECIDED,
                codes=(row.measure, row.product, row.area),
                events=row.events,
                total=row.followed_up,
                estimate=Interval(row.odds_ratio, row.odds_ratio_low, row.odds_ratio_high),
                factor=factor and max(factor, 1.1),  # corrected for the other pairs, it was not enough
            )
        )
    return findings


def _judge_areas(
    tables: AnalysisTables, scope: Scope, selection: Selection, by_area: pandas.DataFrame, limit: float
) -> tuple[float, list[Finding]]:
    """The chance of such differences between areas; one finding, of the treated areas together."""
    each = [
        treatments.outcome_sequence(tables, scope, replace(selection, unit="area", areas=(area,))).assign(area=area)
        for area in by_area.area
    ]
    events, total = int(by_area.events.sum()), int(by_area.followed_up.sum())
    if events < MIN_AREA_EVENTS:
        factor = MIN_AREA_EVENTS / max(events, 1)
        return 1.0, [Finding(verdict=UNDECIDED, events=events, total=total, factor=factor)]
    units = pandas.concat(each, ignore_index=True)
    chance = group_difference.permutation_chance(units.affected, units.area, units.client)
    return chance, [Finding(verdict=HOLDS if chance <= limit else UNDECIDED, events=events, total=total)]


def _judge_commonness(row, limit: float) -> Finding:
    verdict, factor = UNDECIDED, None
    if row.low > limit and row.events >= MIN_EVENTS:
        verdict = HOLDS
    elif row.high < limit:
        verdict = FAILS
    else:
        factor = _factor(row.rate, row.low if row.rate > limit else row.high, limit)
        if row.rate > limit:
            factor = max(factor, MIN_EVENTS / row.events)
    estimate = Interval(row.rate, row.low, row.high)
    return Finding(
        verdict=verdict, codes=(row.area,), events=row.events, total=row.followed_up, estimate=estimate, factor=factor
    )


def _judge_results(tables: AnalysisTables, scope: Scope, selection: Selection) -> list[Finding]:
    """Per area, the median time to retreatment: 4 to 6 months only if its whole interval lies there."""
    every = replace(selection, families=())
    times = time_to_event.summarize(time_to_event.retreatment_times(tables, scope, every), ["area"])
    shortest, longest = FOUR_TO_SIX_MONTHS
    findings = []
    for row in times.itertuples():
        verdict, factor = UNDECIDED, MIN_ENDED / row.ended if 0 < row.ended < MIN_ENDED else None
        if row.ended >= MIN_ENDED and not row.refused and not isnan(row.low):
            high = np.inf if isnan(row.high) else row.high
            if shortest <= row.low and high <= longest:
                verdict = HOLDS
            elif high < shortest:
                verdict = SHORTER
            elif row.low > longest:
                verdict = LONGER
        days = Interval(*(None if isnan(value) else value for value in (row.median, row.low, row.high)))
        findings.append(
            Finding(
                verdict=verdict, codes=(row.area,), events=row.ended, total=row.treatments, median=days, factor=factor
            )
        )
    return findings


def _count_uses(tables: AnalysisTables, scope: Scope, selection: Selection, claim: Claim) -> list[Finding]:
    """In how many cases of weakness each remedy was used. Nothing here says that it helped."""
    used = cases.remedy_counts(tables, scope, selection).set_index("remedy").used
    episodes, *_ = cases.count_cases(tables, scope, selection)
    return [
        Finding(verdict=NOT_SHOWN, events=int(used.get(remedy, 0)), total=episodes, codes=(remedy,))
        for remedy in claim.remedies
    ]
