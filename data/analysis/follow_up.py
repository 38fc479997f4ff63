"""When a client counts as asked, and so which treatments count in a rate (definitions and reasons: docs/methods.md).

Asking about a side effect counts from a day after the treatment on, the `asked_from` of its family. The day is that of
the side effect or family itself where a query counts them one by one, and otherwise the last of all that are selected.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, literal, not_, select

from data.analysis.query_builder import AnalysisTables
from data.analysis.selection import Selection
from models import codelist
from models.codelist import OTHER_ASKED_FROM


def past_follow_up(base: FromClause, selection: Selection) -> ColumnElement[bool]:
    """Whether the follow-up window of a treatment is over: only then does it count in a rate."""
    in_follow_up: ColumnElement[bool] = selection.is_in_follow_up(base.c.date)
    return not_(in_follow_up)


def asked_about(tables: AnalysisTables, selection: Selection, base: FromClause) -> ColumnElement[bool]:
    """Whether the client was asked about all of the selected side effects, and late enough. Never NULL."""
    asked = _asked_by(base, selection.asked_from)
    if not selection.checklist_terms:
        return asked
    c = tables.incomplete_checklists
    not_asked = func.coalesce(c.c.asked_day, -1) < selection.asked_from
    left_out = select(c.c.treatment_id).where(c.c.side_effect.in_(selection.checklist_terms), not_asked)
    return and_(asked, base.c.treatment_id.not_in(left_out))


def counts_one_by_one(selection: Selection, inner: Sequence[str]) -> bool:
    """Whether each side effect, or family, has its own denominator. `inner`: the dimensions of side effects."""
    return "side_effect" in inner or ("family" in inner and not selection.side_effects)


def asked_conditions(
    tables: AnalysisTables, selection: Selection, base: FromClause, inner: Sequence[str]
) -> dict[int, ColumnElement[bool]]:
    """Whether the client was asked, by the day from which asking counts. What a checklist left out is overlooked where
    side effects are counted one by one."""
    if not counts_one_by_one(selection, inner):
        return {selection.asked_from: asked_about(tables, selection, base)}
    days = sorted({OTHER_ASKED_FROM, *(family.asked_from for family in codelist.families().values())})
    return {day: _asked_by(base, day) for day in days}


def day_for_effect(selection: Selection, effect: Mapping[str, Any]) -> int:
    """The day from which asking counts, for a side effect or family as counted: a key of `asked_conditions`."""
    if not counts_one_by_one(selection, tuple(effect)):
        return selection.asked_from
    if "side_effect" in effect:
        return codelist.asked_from(effect["side_effect"])
    family = codelist.families().get(effect["family"])
    return family.asked_from if family else OTHER_ASKED_FROM


def day_for_episode(selection: Selection, episodes: FromClause, inner: Sequence[str]) -> ColumnElement[int]:
    """The same for a side effect on record."""
    if counts_one_by_one(selection, inner):
        return episodes.c.asked_from
    return literal(selection.asked_from).label("asked_from")


def asked_about_episode(
    tables: AnalysisTables, selection: Selection, base: FromClause, episodes: FromClause, inner: Sequence[str]
) -> ColumnElement[bool]:
    """Whether the client was asked about a side effect on record, or about what it is counted as. Never NULL."""
    if "side_effect" in inner:
        return episodes.c.asked
    if counts_one_by_one(selection, inner):
        return func.coalesce(base.c.asked_day >= episodes.c.asked_from, False)
    return asked_about(tables, selection, base)


def _asked_by(base: FromClause, day: int) -> ColumnElement[bool]:
    return func.coalesce(base.c.asked_day >= day, False)
