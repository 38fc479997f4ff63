"""How soon: until a client came back for the same area, until the wanted effect itself was over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Subquery, and_, case, func, or_, select

from data.derived import days_between
from data.scope import Scope
from data.selection import Selection
from data.source import Source, by_group, in_scope, selected
from models import codelist


@dataclass(frozen=True)
class Retreatments:
    """Days from a treatment of an area to the client's next treatment of it; `came_back` false: not by `as_of`."""

    product: str
    area: str
    days: np.ndarray
    came_back: np.ndarray


def retreatments(source: Source, scope: Scope, selection: Selection) -> list[Retreatments]:
    """How soon an area was treated again, touch-ups aside, per product and area of the earlier treatment, the soonest
    first.

    Followed to `as_of`, not to the last contact: a client who has not come back by then has not been treated again
    here, and that is known. It says nothing of treatment elsewhere.
    """
    a = source.treated_area
    seen = [*in_scope(a, scope), *([a.c.date >= selection.from_date] if selection.from_date else [])]
    visit = (
        select(a.c.client_id, a.c.area, a.c.date, func.min(a.c.treatment_id).label("treatment_id"))
        .where(a.c.touch_up.is_(False), *seen)
        .group_by(a.c.client_id, a.c.area, a.c.date)
        .subquery("visit")
    )
    following = func.lead(visit.c.date).over(partition_by=(visit.c.client_id, visit.c.area), order_by=visit.c.date)
    visits = select(visit, following.label("next_date")).subquery("visits")
    came_back = visits.c.next_date <= selection.as_of
    until = case((came_back, visits.c.next_date), else_=selection.as_of)
    each = selected(
        source, scope, selection, a,
        select(
            a.c.product, a.c.area, a.c.treatment_id,
            days_between(until, a.c.date).label("days"), func.coalesce(came_back, False).label("came_back"),
        ),
    ).join(visits, and_(visits.c.treatment_id == a.c.treatment_id, visits.c.area == a.c.area))  # fmt: skip
    each = each.where(a.c.date < selection.as_of).distinct().subquery("each")
    keys = (each.c.product, each.c.area, each.c.days, each.c.came_back)
    return [
        Retreatments(*key, days, came.astype(bool))
        for key, (days, came) in _spread(source, select(*keys, func.count()).group_by(*keys), 2).items()
    ]


def _spread(source: Source, counted, keys: int) -> dict[tuple, list[np.ndarray]]:
    """From rows (group, days, whether it came, how many treatments): per group one entry per treatment, in order.

    Without days nothing could come, and -1 stands for them.
    """
    rows = sorted(source.rows(counted), key=lambda row: (row[:keys], row[keys] is not None, row[keys:]))
    if not rows:
        return {}
    *groups, days, came, treatments = zip(*rows, strict=True)
    days = np.array([-1 if day is None else day for day in days], dtype=np.int64)
    found = by_group([np.array(group, dtype=object) for group in groups], days, np.array(came), np.array(treatments))
    return {key: [np.repeat(days, n), np.repeat(came, n)] for key, (days, came, n) in found.items()}


@dataclass(frozen=True)
class Returns:
    """How long the effect itself lasted by the scores of one scale: days from the treatment to the first score at which
    it counts as gone (models/codelists/score_scales.csv), `returned` false: not by the last score. `no_effect`: scored
    treatments after which no score ever showed an effect, which therefore could not end."""

    scale: str
    product: str
    area: str
    days: np.ndarray
    returned: np.ndarray
    no_effect: int


def returns(source: Source, scope: Scope, selection: Selection) -> list[Returns]:
    """Return of movement (or of lines, or sweating) per scale, product and area of the selected treatments.

    A score is of the whole treatment: it counts for each area treated. Scores before the effect shows are passed over,
    else every treatment would have "returned" on its first day. A scale without such a score tells no end.
    """
    a, ends = source.treated_area, _ends_of_effect(source, scope, selection)
    treated = selected(source, scope, selection, a, select(a.c.treatment_id, a.c.product, a.c.area))
    treated = treated.distinct().subquery("injected")
    keys = (ends.c.scale, treated.c.product, treated.c.area, ends.c.days, ends.c.returned)
    counted = select(*keys, func.count()).join(ends, ends.c.treatment_id == treated.c.treatment_id).group_by(*keys)
    return [_returns(key, *found) for key, found in _spread(source, counted, 3).items()]


def _returns(key: Sequence[str], days: np.ndarray, returned: np.ndarray) -> Returns:
    shown = days >= 0
    return Returns(*key, days[shown], returned[shown].astype(bool), int((~shown).sum()))


def _ends_of_effect(source: Source, scope: Scope, selection: Selection) -> Subquery:
    """Per treatment and scale: `days` to the first score of return after one that showed an effect (`returned`), or to
    the last score; None where no score showed an effect."""
    t, s = source.treated, source.scored
    wanted = selected(source, scope, selection, t, select(t.c.treatment_id))
    listed = [scale for scale in codelist.score_scales().values() if scale.returned_from is not None]
    gone = or_(
        *(and_(s.c.scale == scale.code, _reached(s.c.score, scale.returned_from, scale.worse)) for scale in listed)
    )
    each = {"partition_by": (s.c.treatment_id, s.c.scale)}
    place = func.row_number().over(**each, order_by=(s.c.day, s.c.score)).label("place")
    scores = select(s.c.treatment_id, s.c.scale, s.c.day, place, gone.label("gone"))
    scores = scores.where(s.c.day >= 0, s.c.scale.in_([scale.code for scale in listed]), s.c.treatment_id.in_(wanted))
    scores = scores.subquery("scores")
    shown = func.min(case((scores.c.gone.is_(False), scores.c.place)))
    shown = shown.over(partition_by=(scores.c.treatment_id, scores.c.scale)).label("shown")
    course = select(scores, shown).subquery("course")
    back = func.min(case((and_(course.c.gone, course.c.place > course.c.shown), course.c.day)))
    days = case((func.max(course.c.shown).is_not(None), func.coalesce(back, func.max(course.c.day)))).label("days")
    keys = (course.c.treatment_id, course.c.scale)
    return select(*keys, days, back.is_not(None).label("returned")).group_by(*keys).subquery("ends")


def _reached(score, returned_from: float, worse: str):
    return score >= returned_from if worse == "high" else score <= returned_from
