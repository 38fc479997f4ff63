"""Days until a client was treated again in the same area, and days until the treatment effect itself ended."""

from typing import Any

import numpy as np
import pandas
from sqlalchemy import FromClause, Subquery, and_, case, func, or_, select

from data.analysis import treatments
from data.analysis.derived_treatments import visit_columns
from data.analysis.query_builder import AnalysisTables, apply_selection
from data.analysis.scope import WHOLE_CLINIC, Scope, scope_filters
from data.analysis.selection import Selection
from data.analysis.sql_functions import days_between
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS
from models.statistics import step_curve, survival

WITHIN = {"3_months": 91, "4_months": FOUR_TO_SIX_MONTHS[0], "6_months": FOUR_TO_SIX_MONTHS[1]}
NO_EFFECT_SHOWN = -1  # the days until the end of an effect that no score ever showed
COLUMNS = {"product": "object", "area": "object", "days": "int64", "occurred": "bool", "treatments": "int64"}


def retreatment_times(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """How soon an area was treated again, without touch-ups, by product and area of the earlier one, in no order.

    Columns: product, area (str), days (int64: to the client's next treatment of the area, or to `as_of`), occurred
    (bool: treated again by then), treatments (int64: as many with the same). Followed to `as_of`, not to the last
    contact: a client who has not come back by then is known not to have been treated again here. It says nothing of
    treatment elsewhere.
    """
    a = _select_treated_areas(source, scope, selection)
    each = treatments.injected_units(source, scope, selection, a, a.c.date, a.c.visit, a.c.next_visit).subquery("each")
    came_back = each.c.next_visit <= selection.as_of
    until = case((came_back, each.c.next_visit), else_=selection.as_of)
    ends = (days_between(until, each.c.date).label("days"), func.coalesce(came_back, False).label("occurred"))
    keys = (each.c.product, each.c.area, *ends)
    counted = select(*keys, func.count().label("treatments")).group_by(*keys)
    return source.fetch_frame(counted.where(each.c.visit, each.c.date < selection.as_of), **COLUMNS)


def _select_treated_areas(source: AnalysisTables, scope: Scope, selection: Selection) -> FromClause:
    """Treated areas with the client's next visit for each, as far as this viewer may see them."""
    a = source.treated_areas
    if scope == WHOLE_CLINIC:
        return a
    since = [a.c.date >= selection.from_date] if selection.from_date else []
    others = [column for column in a.c if column.name not in ("visit", "next_visit")]
    return select(*others, *visit_columns(a)).where(*scope_filters(a, scope), *since).subquery("areas")


def effect_end_times(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Return of movement (or of lines, or sweating) by scale, product and area of the treatments, in no order.

    Columns: scale, product, area (str), days (int64: to the first score at which the effect counts as gone
    (models/codelists/score_scales.csv), or to the last score; `NO_EFFECT_SHOWN` where no score showed an effect, which
    therefore could not end), occurred (bool: gone by then), treatments (int64: as many with the same). A score is of
    the whole treatment: it counts for each area treated. Scores before the effect shows are passed over, because
    otherwise every treatment would have "returned" on its first day.
    """
    ends = _effect_ends(source, scope, selection)
    each = treatments.injected_units(source, scope, selection, source.treated_areas).subquery("each")
    keys = (ends.c.scale, each.c.product, each.c.area, ends.c.days, ends.c.occurred)
    counted = select(*keys, func.count().label("treatments")).group_by(*keys)
    return source.fetch_frame(counted.join(ends, ends.c.treatment_id == each.c.treatment_id), **COLUMNS)


def _effect_ends(source: AnalysisTables, scope: Scope, selection: Selection) -> Subquery:
    """Per treatment and scale: `days` to the first score of return after one that showed an effect (`occurred`), or to
    the last score; `NO_EFFECT_SHOWN` where no score showed an effect."""
    t, s = source.treatments, source.follow_ups
    wanted = apply_selection(source, scope, selection, t, select(t.c.treatment_id))
    has_returned = {
        scale.code: s.c.score >= scale.returned_from if scale.worse == "high" else s.c.score <= scale.returned_from
        for scale in codelist.score_scales().values()
        if scale.returned_from is not None
    }
    gone = or_(*(and_(s.c.scale == scale, condition) for scale, condition in has_returned.items()))
    shows = case((gone, 0), else_=1)
    earlier = {"partition_by": (s.c.treatment_id, s.c.scale), "order_by": (s.c.day, s.c.score), "rows": (None, -1)}
    shown = func.max(shows).over(**earlier)
    scores = select(s.c.treatment_id, s.c.scale, s.c.day, shows.label("shows"), shown.label("shown"))
    scores = scores.where(
        s.c.score.is_not(None), s.c.day >= 0, s.c.scale.in_(list(has_returned)), s.c.treatment_id.in_(wanted)
    )
    course = scores.subquery("scores")
    back = func.min(case((and_(course.c.shows == 0, course.c.shown == 1), course.c.day)))
    days = case((func.max(course.c.shows) == 1, func.coalesce(back, func.max(course.c.day))), else_=NO_EFFECT_SHOWN)
    keys = (course.c.treatment_id, course.c.scale)
    return select(*keys, days.label("days"), back.is_not(None).label("occurred")).group_by(*keys).subquery("ends")


def summarize_retreatment(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """`retreatment_times` by product and area, as of `summarize`."""
    return summarize(retreatment_times(source, scope, selection), ["product", "area"])


def summarize_effect_ends(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """`effect_end_times` by scale, product and area, as of `summarize`."""
    return summarize(effect_end_times(source, scope, selection), ["scale", "product", "area"])


def summarize(times: pandas.DataFrame, by: list[str]) -> pandas.DataFrame:
    """One row per group of `by`, those with the most treatments first.

    Columns: those of `by` (str), treatments, ended (int64), median, low, high (float64, whole days; NaN: not reached,
    or `refused`), refused (str: why too few were followed for a median; None), longest (int64: the most days any was
    followed), without_effect (int64: treatments that no score shows to have worked, counted nowhere else), and for 3, 4
    and 6 months within_3_months (float64, 0-1: the share that ended by then; NaN: too few were followed that long) and
    followed_3_months (int64: treatments still followed then) and so on.
    """
    columns = [times[name].to_numpy() for name in ("days", "occurred", "treatments")]
    # A single column: its values are the keys, and not tuples of one value.
    groups = sorted(times.groupby(by if len(by) > 1 else by[0]).indices.items())
    groups = groups if len(by) > 1 else [((key,), rows) for key, rows in groups]
    rows = [dict(zip(by, key, strict=True)) | _summary(*(column[rows] for column in columns)) for key, rows in groups]
    floats = ("median", "low", "high", *(f"within_{name}" for name in WITHIN))
    counts = ("treatments", "ended", "longest", "without_effect", *(f"followed_{name}" for name in WITHIN))
    types = dict.fromkeys(by, "object") | dict.fromkeys(floats, "float64") | dict.fromkeys(counts, "int64")
    order = [*by, "treatments", "ended", "median", "low", "high", "refused", "longest", "without_effect"]
    order += [f"{kind}_{name}" for name in WITHIN for kind in ("within", "followed")]
    frame = pandas.DataFrame(rows, columns=order, dtype="object").astype(types)
    return frame.sort_values("treatments", ascending=False, kind="stable", ignore_index=True)


def _summary(days: np.ndarray, ended: np.ndarray, repeats: np.ndarray) -> dict[str, Any]:
    days, ended = np.repeat(days, repeats), np.repeat(ended, repeats)
    days, ended = days[days != NO_EFFECT_SHOWN], ended[days != NO_EFFECT_SHOWN]
    summary: dict[str, Any] = {
        "treatments": len(days),
        "ended": int(ended.sum()),
        "longest": int(days.max(initial=0)),
        "without_effect": int(repeats.sum()) - len(days),
        "refused": None,
    }
    if len(days):
        curve = survival.kaplan_meier(days, ended)
        at = curve.median.estimate
        summary["refused"] = None if at is None else step_curve.too_few_followed(at, days, ended)
        if not summary["refused"]:
            summary |= dict(zip(("median", "low", "high"), curve.median, strict=True))
    for name, day in WITHIN.items():
        is_known = len(days) and not step_curve.too_few_followed(day, days, ended)
        left = curve.at(day).estimate if is_known else None
        summary[f"within_{name}"] = None if left is None else 1 - left
        summary[f"followed_{name}"] = int((days >= day).sum())
    return summary
