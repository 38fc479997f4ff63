"""What changed between two periods: the one comparison, with its chances, that Overview and Side effects print.

It describes a chosen pair of periods. Whether a measure is as expected or higher than expected is the verdict of its
CUSUM alone (data/summaries/measure_states.py).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from operator import attrgetter

import numpy as np

from data.analysis.outcomes import treatment_outcomes
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.measure import Measure, measures
from models.statistics import two_periods

# Tested alone, so that it need not allow for the others. The same for every clinic as long as there is no setting: a
# measure chosen after a look at the results would make its chance wrong.
PRIMARY_MEASURE = "nearby_weakness"


@dataclass(frozen=True)
class MeasureChange:
    """One measure in two periods: (events, units followed up) in each.

    `p`: the probability of a gap at least this large if nothing changed: for the primary measure in it alone, for each
    other one in any of the others. The smaller its two-sided Fisher probability, the larger the gap. Periods are
    permuted so that each client's treatments stay together, and only among those asked in the same way
    (`two_periods.min_p`).
    """

    measure: Measure
    now: tuple[int, int]
    before: tuple[int, int]
    p: float


@dataclass(frozen=True)
class PeriodChanges:
    """Two adjacent periods of equal length. `primary`: None without an event, or with nobody followed up in one of the
    periods. `others`: all other measures that can be compared, the least probable gap first. `asked_differently`: those
    that cannot be, because nobody was asked about them in the same way in both periods."""

    now: Selection
    before: Selection
    primary: MeasureChange | None
    others: tuple[MeasureChange, ...]
    asked_differently: tuple[Measure, ...]


def compare_periods(tables: AnalysisTables, scope: Scope, selection: Selection) -> PeriodChanges | None:
    """Every measure in the selected period and in the one before it, among the selected treatments.

    None where `compared_periods` gives no periods, or a period has no treatment with a follow-up.
    """
    periods = compared_periods(selection)
    if periods is None:
        return None
    now, before = periods
    both = replace(now, from_date=before.from_date)
    outcomes = treatment_outcomes(tables, scope, [both.for_measure(measure) for measure in measures().values()])
    is_now = outcomes.date >= np.datetime64(now.from_date)
    if is_now.all() or not is_now.any():
        return None
    is_primary = np.array([code == PRIMARY_MEASURE for code in measures()])
    chances = np.empty(len(is_primary))
    for tested in (is_primary, ~is_primary):
        counted = outcomes.events[:, tested], outcomes.followed_up[:, tested]
        found = two_periods.min_p(*counted, outcomes.client, is_now, stratum=outcomes.how_asked)
        chances[tested] = found.adjusted
    _, way = np.unique(outcomes.how_asked, return_inverse=True)
    changes, asked_differently = [], []
    for measure, events, followed_up, p in zip(
        measures().values(), outcomes.events.T, outcomes.followed_up.T, chances.tolist(), strict=True
    ):
        in_now, in_before = (
            (int(events[period].sum()), int(followed_up[period].sum())) for period in (is_now, ~is_now)
        )
        if in_now[1] and in_before[1] and (in_now[0] or in_before[0]):
            ways_now, ways_before = (np.bincount(way, followed_up * period) > 0 for period in (is_now, ~is_now))
            if (ways_now & ways_before).any():
                changes.append(MeasureChange(measure, in_now, in_before, p))
            else:
                asked_differently.append(measure)
    primary = next((change for change in changes if change.measure.code == PRIMARY_MEASURE), None)
    others = (change for change in changes if change is not primary)
    by_chance = tuple(sorted(others, key=attrgetter("p")))
    return PeriodChanges(now, before, primary, by_chance, tuple(asked_differently))


def compared_periods(selection: Selection) -> tuple[Selection, Selection] | None:
    """The selected period, without the treatments still in follow-up, and the period of the same length just before.

    None where the selection has no first day, or is still in follow-up as a whole.
    """
    if selection.from_date is None or is_in_follow_up(selection):
        return None
    last = min(selection.to_date or selection.as_of, selection.past_follow_up_until)
    now = replace(selection, to_date=last)
    before = previous_period(now)
    return before and (now, before)


def is_in_follow_up(selection: Selection) -> bool:
    """Whether every treatment of the selected period is still in follow-up."""
    return selection.from_date is not None and selection.from_date > selection.past_follow_up_until


def previous_period(selection: Selection) -> Selection | None:
    """The period of the same length just before; None where the selection has no first or last day."""
    if selection.from_date is None or selection.to_date is None:
        return None
    last = selection.from_date - timedelta(days=1)
    return replace(selection, from_date=last - (selection.to_date - selection.from_date), to_date=last)
