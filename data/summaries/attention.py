"""What needs attention: one item for each thing that stands out, and the topics that are quiet.

The overview lists them and the monthly meeting decides on them, so an item has a key that stays the same from one
review to the next. Each topic uses the one method that its own page uses, so that no two pages contradict each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, prod
from typing import Any

import pandas

from data.analysis import cases
from data.analysis.baselines import StatedBaseline
from data.analysis.cases import Case
from data.analysis.estimates import STILL_PRESENT_DAYS
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.summaries import call_list, data_quality, dose_response, lots, measure_states, practitioners
from data.summaries.period_changes import PRIMARY_MEASURE
from data.summaries.trends import without_filters
from data.summaries.weakness import LOCAL_WEAKNESS
from models.measure import measures
from models.statistics.control_chart import USUAL_FALSE_ALARM

LONG_DAYS = STILL_PRESENT_DAYS[-1]  # 13 weeks: "the weakness resolves within weeks or months"
FOLLOW_UP_CHECK = "known"  # among the checks of data_quality.trust_checks


@dataclass(frozen=True, kw_only=True)
class AttentionItem:
    """Something that stands out.

    `codes`: what it is about, such as a product and its lot. `observed` of `total`, where `expected` would be as
    expected. `chance` (0-1): of something so unlike the rest if all were alike, corrected for what else was looked at;
    None where chance has no part in it. `since`: the day it began. `case`: the number of the only case it is about.
    `callable_now`: treatments that clients can still be asked about. `is_target`: what is expected is a target.
    `doses`: two typical doses, in units, each with its rate (0-1).
    """

    topic: str
    codes: tuple[str, ...] = ()
    observed: int = 0
    total: int | None = None
    expected: float | None = None
    chance: float | None = None
    since: date | None = None
    case: int | None = None
    callable_now: int = 0
    is_target: bool = False
    doses: tuple[tuple[float, float], ...] = ()

    @property
    def key(self) -> str:
        """The same at every review, for as long as it is about the same thing."""
        return "/".join((self.topic, *self.codes))


@dataclass(frozen=True)
class TopicResult:
    """The items of one topic. `false_item`: the chance (0-1) of at least one in a review although nothing is unusual.
    `false_signals`: how many to expect in two years. `refused`: why the topic cannot be judged."""

    items: tuple[AttentionItem, ...] = ()
    false_item: float = 0.0
    false_signals: float = 0.0
    refused: str = ""


@dataclass(frozen=True)
class Attention:
    """`items`: red flags first, then the least likely by chance. `quiet`: topics that were checked without finding
    anything. `refused`: topic -> why it cannot be judged. `false_items`: the chance (0-1) that a review has at least
    one item by chance alone, not counting trends: `false_signals` of those are to be expected in two years."""

    items: tuple[AttentionItem, ...]
    quiet: tuple[str, ...]
    refused: dict[str, str]
    false_items: float
    false_signals: float


def needs_attention(
    tables: AnalysisTables, scope: Scope, selection: Selection, stated: Sequence[StatedBaseline] = ()
) -> Attention:
    """Every topic. `stated`: the baselines that a person set."""
    questions = topic_questions(selection, stated)
    return list_items({topic: judge(tables, scope, *asked) for topic, (judge, *asked) in questions.items()})


def topic_questions(selection: Selection, stated: Sequence[StatedBaseline] = ()) -> dict[str, tuple[Any, ...]]:
    """For each topic, the function that judges it and its arguments besides tables and scope, so that each answer can
    be kept for as long as it holds.

    Lots, practitioners, follow-up and data quality are those of the selected period; the others are of all dates. No
    other filter counts, so that none hides a finding.
    """
    period, every = lots.whole_period(selection), without_filters(selection)
    return {
        "red_flags": (_red_flags,),
        "lots": (_lots, period),
        "trends": (_trends, every, stated),
        "practitioners": (_practitioners, period),
        "dose": (_dose, every),
        "durations": (_durations, every),
        "follow_up": (_follow_up, period),
        "data_quality": (_data_quality, period),
    }


def list_items(results: Mapping[str, TopicResult]) -> Attention:
    """The items of all topics, the most surprising first."""
    items = [item for result in results.values() for item in result.items]
    items.sort(key=lambda item: (item.topic != "red_flags", inf if item.chance is None else item.chance))
    return Attention(
        tuple(items),
        tuple(topic for topic, result in results.items() if not result.items and not result.refused),
        {topic: result.refused for topic, result in results.items() if result.refused},
        1 - prod(1 - result.false_item for result in results.values()),
        sum(result.false_signals for result in results.values()),
    )


def _red_flags(tables: AnalysisTables, scope: Scope) -> TopicResult:
    """Of all dates, because a red flag waits until somebody has reviewed it."""
    by_term: dict[str, list[Case]] = {}
    for case in as_rows(cases.unreviewed_red_flags(tables, scope), Case):
        by_term.setdefault(case.side_effect, []).append(case)
    return TopicResult(
        tuple(
            AttentionItem(
                topic="red_flags",
                codes=(term,),
                observed=len(flags),
                since=flags[0].onset,
                case=flags[0].number if len(flags) == 1 else None,
            )
            for term, flags in by_term.items()
        )
    )


def _lots(tables: AnalysisTables, scope: Scope, selection: Selection) -> TopicResult:
    found = lots.compare_lots(tables, scope, selection)
    if not found.tested:
        return TopicResult(refused="no lot has enough asked treatments")
    items = tuple(
        AttentionItem(
            topic="lots",
            codes=(row.product, row.lot),
            observed=row.observed,
            total=row.comparable,
            expected=row.expected,
            chance=row.chance,
        )
        for row in found.lots[found.lots.is_flagged].itertuples()
    )
    return TopicResult(items, lots.MAX_CHANCE)


def _trends(tables: AnalysisTables, scope: Scope, every: Selection, stated: Sequence[StatedBaseline]) -> TopicResult:
    states = measure_states.measure_states(tables, scope, every, stated)
    judged = [state for state in states.values() if state.status != measure_states.TOO_FEW]
    if not judged:
        return TopicResult(refused="no measure has a baseline yet")
    items = tuple(
        AttentionItem(
            topic="trends",
            codes=(code,),
            observed=state.events,
            total=state.judged,
            expected=state.expected,
            chance=USUAL_FALSE_ALARM,
            since=state.signal,
            is_target=state.baseline.is_target,
        )
        for code, state in states.items()
        if state.is_higher
    )
    return TopicResult(items, false_signals=USUAL_FALSE_ALARM * len(judged))


def _practitioners(tables: AnalysisTables, scope: Scope, selection: Selection) -> TopicResult:
    """By the primary measure. A practitioner is compared with everyone and sees only the own result."""
    measure = measures()[PRIMARY_MEASURE]
    everyone = WHOLE_CLINIC if scope.practitioners else scope
    found = practitioners.compare_practitioners(tables, everyone, selection.for_measure(measure))
    compared = found.compared
    if compared.empty:
        return TopicResult(refused="no practitioner has enough comparable treatments")
    flagged = compared[compared.flag == "high"]
    if scope.practitioners:
        flagged = flagged[flagged.practitioner.isin(scope.practitioners)]
    items = tuple(
        AttentionItem(
            topic="practitioners",
            codes=(row.practitioner, PRIMARY_MEASURE),
            observed=row.observed,
            total=row.comparable,
            expected=row.expected,
            chance=found.false_flag,
        )
        for row in flagged.itertuples()
    )
    return TopicResult(items, found.false_flag)


def _dose(tables: AnalysisTables, scope: Scope, every: Selection) -> TopicResult:
    """Of all dates, because a link with the dose takes many treatments to show."""
    links = dose_response.dose_links(tables, scope, every, LOCAL_WEAKNESS)
    if links.chance.isna().all():
        return TopicResult(refused="too few events for any dose")
    items = tuple(
        AttentionItem(
            topic="dose",
            codes=(row.measure, row.product, row.area),
            observed=row.events,
            total=row.followed_up,
            chance=row.chance,
            doses=((row.low_dose, row.low_dose_rate), (row.high_dose, row.high_dose_rate)),
        )
        for row in links[links.verdict == dose_response.HIGHER].itertuples()
    )
    return TopicResult(items, dose_response.CHANCE)


def _durations(tables: AnalysisTables, scope: Scope, every: Selection) -> TopicResult:
    """Side effects of all dates that were recorded as present after 13 weeks and have not ended."""
    still_open = cases.all_open_cases(tables, scope, every, limit=None)
    late = still_open[still_open.days > LONG_DAYS]
    if late.empty:
        return TopicResult()
    case = int(late.number.iloc[0]) if len(late) == 1 else None
    return TopicResult((AttentionItem(topic="durations", observed=len(late), total=len(still_open), case=case),))


def _follow_up(tables: AnalysisTables, scope: Scope, selection: Selection) -> TopicResult:
    (checked,) = _checks(tables, scope, selection, of_follow_up=True).itertuples()
    if not checked.total:
        return TopicResult(refused="every treatment is still in follow-up")
    if checked.is_sufficient:
        return TopicResult()
    callable_now = sum(call_list.count_due_and_overdue(tables, scope, selection))
    item = AttentionItem(topic="follow_up", observed=checked.count, total=checked.total, callable_now=callable_now)
    return TopicResult((item,))


def _data_quality(tables: AnalysisTables, scope: Scope, selection: Selection) -> TopicResult:
    checked = _checks(tables, scope, selection, of_follow_up=False)
    failed = checked[~checked.is_sufficient]
    return TopicResult(
        tuple(
            AttentionItem(topic="data_quality", codes=(row.name,), observed=row.count, total=row.total)
            for row in failed.itertuples(index=False)
        )
    )


def _checks(tables: AnalysisTables, scope: Scope, selection: Selection, *, of_follow_up: bool) -> pandas.DataFrame:
    found = data_quality.trust_checks(tables, scope, selection)
    return found[(found.name == FOLLOW_UP_CHECK) == of_follow_up]
