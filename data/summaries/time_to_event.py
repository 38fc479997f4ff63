"""How soon: until a client came back for the same area, until the wanted effect itself was over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import FromClause, Select, Subquery, and_, case, func, or_, select

from data.analysis import derived_tables, treatments
from data.analysis.derived_tables import days_between
from data.analysis.query_builder import AnalysisTables, apply_selection, split_by_group
from data.analysis.scope import WHOLE_CLINIC, Scope, scope_filters
from data.analysis.selection import Selection
from models import codelist

NO_EFFECT_SHOWN = -1  # stands for the days to the end of an effect that no score ever showed


@dataclass(frozen=True)
class RetreatmentTimes:
    """Days from a treatment of an area to the client's next treatment of it; `came_back` false: not by `as_of`."""

    product: str
    area: str
    days: np.ndarray
    retreated: np.ndarray


def retreatment_times(source: AnalysisTables, scope: Scope, selection: Selection) -> list[RetreatmentTimes]:
    """How soon an area was treated again, touch-ups aside, per product and area of the earlier treatment, the soonest
    first.

    Followed to `as_of`, not to the last contact: a client who has not come back by then has not been treated again
    here, and that is known. It says nothing of treatment elsewhere.
    """
    a = _select_treated_areas(source, scope, selection)
    each = treatments.injected_units(source, scope, selection, a, a.c.date, a.c.visit, a.c.next_visit).subquery("each")
    came_back = each.c.next_visit <= selection.as_of
    until = case((came_back, each.c.next_visit), else_=selection.as_of)
    ends = (days_between(until, each.c.date).label("days"), func.coalesce(came_back, False).label("came_back"))
    counted = select(each.c.product, each.c.area, *ends, func.count())
    counted = counted.where(each.c.visit, each.c.date < selection.as_of).group_by(each.c.product, each.c.area, *ends)
    return [RetreatmentTimes(*key, *spread) for key, spread in _expand_counts(source, counted).items()]


def _select_treated_areas(source: AnalysisTables, scope: Scope, selection: Selection) -> FromClause:
    """Treated areas with the client's next visit for each, as far as this viewer may see them."""
    a = source.treated_areas
    if scope == WHOLE_CLINIC and "visit" in a.c:
        return a
    since = [a.c.date >= selection.from_date] if selection.from_date else []
    others = [column for column in a.c if column.name not in ("visit", "next_visit")]
    return select(*others, *derived_tables.visit_columns(a)).where(*scope_filters(a, scope), *since).subquery("areas")


def _expand_counts(source: AnalysisTables, counted: Select) -> dict[tuple, list[np.ndarray]]:
    """From rows (group, days, whether it came, how many treatments): per group one entry per treatment, in order."""
    *groups, days, came, treatments = source.fetch_columns(counted)
    days, came, treatments = days.astype(np.int64), came.astype(bool), treatments.astype(np.int64)
    order = np.lexsort((came, days))
    found = split_by_group([group[order] for group in groups], days[order], came[order], treatments[order])
    return {key: [np.repeat(days, n), np.repeat(came, n)] for key, (days, came, n) in sorted(found.items())}


@dataclass(frozen=True)
class EffectDuration:
    """How long the effect itself lasted by the scores of one scale: days from the treatment to the first score at which
    it counts as gone (models/codelists/score_scales.csv), `returned` false: not by the last score. `no_effect`: scored
    treatments after which no score ever showed an effect, which therefore could not end."""

    scale: str
    product: str
    area: str
    days: np.ndarray
    ended: np.ndarray
    without_effect: int


def effect_end_times(source: AnalysisTables, scope: Scope, selection: Selection) -> list[EffectDuration]:
    """Return of movement (or of lines, or sweating) per scale, product and area of the selected treatments.

    A score is of the whole treatment: it counts for each area treated. Scores before the effect shows are passed over,
    else every treatment would have "returned" on its first day. A scale without such a score tells no end.
    """
    ends = _ends_of_effect(source, scope, selection)
    each = treatments.injected_units(source, scope, selection, source.treated_areas).subquery("each")
    keys = (ends.c.scale, each.c.product, each.c.area, ends.c.days, ends.c.returned)
    counted = select(*keys, func.count()).join(ends, ends.c.treatment_id == each.c.treatment_id).group_by(*keys)
    return [_effect_duration(key, *spread) for key, spread in _expand_counts(source, counted).items()]


def _effect_duration(key: Sequence[str], days: np.ndarray, returned: np.ndarray) -> EffectDuration:
    shown = days != NO_EFFECT_SHOWN
    return EffectDuration(*key, days[shown], returned[shown], int((~shown).sum()))


def _ends_of_effect(source: AnalysisTables, scope: Scope, selection: Selection) -> Subquery:
    """Per treatment and scale: `days` to the first score of return after one that showed an effect (`returned`), or to
    the last score; NEVER_SHOWN where no score showed an effect."""
    t, s = source.treatments, source.scores
    wanted = apply_selection(source, scope, selection, t, select(t.c.treatment_id))
    listed = [scale for scale in codelist.score_scales().values() if scale.returned_from is not None]
    gone = or_(
        *(and_(s.c.scale == scale.code, _has_returned(s.c.score, scale.returned_from, scale.worse)) for scale in listed)
    )
    shows = case((gone, 0), else_=1)
    before = {"partition_by": (s.c.treatment_id, s.c.scale), "order_by": (s.c.day, s.c.score), "rows": (None, -1)}
    shown = func.max(shows).over(**before)
    scores = select(s.c.treatment_id, s.c.scale, s.c.day, shows.label("shows"), shown.label("shown"))
    scores = scores.where(s.c.day >= 0, s.c.scale.in_([scale.code for scale in listed]), s.c.treatment_id.in_(wanted))
    course = scores.subquery("scores")
    back = func.min(case((and_(course.c.shows == 0, course.c.shown == 1), course.c.day)))
    days = case((func.max(course.c.shows) == 1, func.coalesce(back, func.max(course.c.day))), else_=NO_EFFECT_SHOWN)
    keys = (course.c.treatment_id, course.c.scale)
    return select(*keys, days.label("days"), back.is_not(None).label("returned")).group_by(*keys).subquery("ends")


def _has_returned(score, returned_from: float, worse: str):
    return score >= returned_from if worse == "high" else score <= returned_from
