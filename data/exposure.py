"""Treatments and doses: who was given what, in which order, and how soon they came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import ColumnElement, FromClause, Select, and_, case, distinct, func, null, select

from data.derived import NOT_TOLD, days_between
from data.scope import Scope
from data.selection import Selection
from data.source import Source, base_of, by_group, in_scope, selected, unit_of, with_episodes
from models import codelist


@dataclass(frozen=True)
class Outcomes:
    """Known outcomes in the order of treatment: one entry per unit with known outcome."""

    date: np.ndarray  # numpy datetime64[D]
    affected: np.ndarray
    client: np.ndarray
    units: np.ndarray  # of product in the area; NaN where not told or not counted per area


def outcomes(source: Source, scope: Scope, selection: Selection) -> Outcomes:
    """Who had the selected side effects and who did not, treatment by treatment (or treated area by treated area).

    Maturing treatments are left out, as they are in every flag: their outcomes are known too selectively.
    """
    base = base_of(source, selection, ())
    unit = unit_of(base, selection)
    affected = with_episodes(source, scope, selection, (), unit.label("unit")).subquery("episodes")
    affected = select(affected.c.unit).distinct().subquery("affected")
    dose = func.sum(base.c.units) if "units" in base.c else null()
    columns = (unit, func.min(base.c.date), func.count(affected.c.unit), func.min(base.c.client_id), dose)
    statement = (
        selected(source, scope, selection, base, select(*columns))
        .outerjoin(affected, affected.c.unit == unit)
        .where(base.c.known, base.c.date <= selection.mature_until)
        .group_by(unit)
        .order_by(func.min(base.c.date), unit)
    )
    _, day, effects, client, units = source.columns(statement)
    return Outcomes(
        day.astype("datetime64[D]"), effects.astype(np.int64) > 0, client.astype(np.int64), units.astype(float)
    )


@dataclass(frozen=True)
class Doses:
    """Units per treated area, one entry per treatment, of one product in one area."""

    product: str
    area: str
    units: np.ndarray
    treatment: np.ndarray


def doses(source: Source, scope: Scope, selection: Selection) -> list[Doses]:
    """Units given per product and area. Never added, averaged or compared across products."""
    base = source.treated_area
    total = func.sum(base.c.units)
    statement = (
        selected(source, scope, selection, base, select(base.c.product, base.c.area, total, base.c.treatment_id))
        .where(base.c.units.is_not(None))
        .group_by(base.c.product, base.c.area, base.c.treatment_id)
        .order_by(base.c.product, base.c.area, base.c.treatment_id)
    )
    product, area, units, treatment = source.columns(statement)
    return [
        Doses(*key, given.astype(float), to.astype(np.int64))
        for key, (given, to) in by_group((product, area), units, treatment).items()
    ]


@dataclass(frozen=True)
class Retreatments:
    """Days from a treatment of an area to the client's next treatment of it; `came_back` false: not by `as_of`."""

    product: str
    area: str
    days: np.ndarray
    came_back: np.ndarray


def retreatments(source: Source, scope: Scope, selection: Selection) -> list[Retreatments]:
    """How soon an area was treated again, touch-ups aside, per product and area of the earlier treatment.

    Followed to `as_of`, not to the last contact: a client who has not come back by then has not been treated again
    here, and that is known. It says nothing of treatment elsewhere.
    """
    a = source.treated_area
    visit = (
        select(a.c.client_id, a.c.area, a.c.date, func.min(a.c.treatment_id).label("treatment_id"))
        .where(a.c.touch_up.is_(False), *in_scope(a, scope))
        .group_by(a.c.client_id, a.c.area, a.c.date)
        .subquery("visit")
    )
    following = func.lead(visit.c.date).over(partition_by=(visit.c.client_id, visit.c.area), order_by=visit.c.date)
    visits = select(visit, following.label("next_date")).subquery("visits")
    came_back = visits.c.next_date <= selection.as_of
    until = case((came_back, visits.c.next_date), else_=selection.as_of)
    statement = selected(
        source, scope, selection, a,
        select(a.c.product, a.c.area, a.c.treatment_id, days_between(until, a.c.date), func.coalesce(came_back, False)),
    ).join(visits, and_(visits.c.treatment_id == a.c.treatment_id, visits.c.area == a.c.area))  # fmt: skip
    statement = statement.where(a.c.date < selection.as_of).distinct().order_by(a.c.product, a.c.area, a.c.treatment_id)
    product, area, _, days, back = source.columns(statement)
    return [
        Retreatments(*key, gap.astype(np.int64), came.astype(bool))
        for key, (gap, came) in by_group((product, area), days, back).items()
    ]


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
    a, s = source.treated_area, source.scored
    keys = (s.c.scale, a.c.product, a.c.area, a.c.treatment_id, s.c.day)
    statement = selected(source, scope, selection, a, select(*keys, s.c.score))
    statement = statement.join(s, s.c.treatment_id == a.c.treatment_id).where(s.c.day >= 0).distinct().order_by(*keys)
    courses: dict[tuple, list] = {}
    for scale, product, area, treatment, day, score in source.rows(statement):
        listed = codelist.score_scales().get(scale)
        if listed is not None and listed.returned_from is not None:
            gone = score >= listed.returned_from if listed.worse == "high" else score <= listed.returned_from
            courses.setdefault((scale, product, area, treatment), []).append((day, gone))
    groups: dict[tuple, list] = {}
    for (*key, _), scores in courses.items():
        groups.setdefault(tuple(key), []).append(_end_of_effect(scores))
    return [_returns(key, found) for key, found in groups.items()]


def _end_of_effect(scores: Sequence[tuple[int, bool]]) -> tuple[int, bool] | None:
    """(days, whether the effect was over by then) of one treatment; None where no score ever showed an effect."""
    shown = next((at for at, (_, gone) in enumerate(scores) if not gone), None)
    if shown is None:
        return None
    return next(((day, True) for day, gone in scores[shown:] if gone), (scores[-1][0], False))


def _returns(key: tuple, found: Sequence[tuple[int, bool] | None]) -> Returns:
    ends = [end for end in found if end is not None]
    days = np.array([day for day, _ in ends], dtype=np.int64)
    return Returns(*key, days, np.array([back for _, back in ends], dtype=bool), len(found) - len(ends))


@dataclass(frozen=True)
class Given:
    """One treatment as a list shows it: no client key, no free text."""

    treatment: int
    client: int
    date: date
    site: str
    practitioner: str
    areas: tuple[str, ...]
    products: tuple[str, ...]
    lots: tuple[str, ...]
    heard: str


def treatments(source: Source, scope: Scope, selection: Selection, limit: int) -> list[Given]:
    """The selected treatments, latest first; with a lot selected, where that lot went."""
    t = source.treated
    latest = selected(source, scope, selection, t, select(t)).order_by(t.c.date.desc(), t.c.treatment_id.desc())
    return _given_of(source, source.rows(latest.limit(limit)))


def _given_of(source: Source, rows: Sequence) -> list[Given]:
    a = source.treated_area
    places: dict[int, list] = {}
    wanted = select(a.c.treatment_id, a.c.area, a.c.product, a.c.lot)
    for treatment, *place in source.rows(wanted.where(a.c.treatment_id.in_([row.treatment_id for row in rows]))):
        places.setdefault(treatment, []).append(place)
    return [_given(row, places.get(row.treatment_id, [])) for row in rows]


def _given(row, places: Sequence) -> Given:
    areas, products, lots = (tuple(sorted({place[n] for place in places})) for n in range(3))
    return Given(
        row.treatment_id, row.client_id, row.date, row.site, row.practitioner, areas, products, lots, row.heard
    )


def treatments_of(source: Source, scope: Scope, client: int) -> list[Given]:
    """The treatments of one client that this viewer may see, latest first."""
    t = source.treated
    own = select(t).where(t.c.client_id == client, *in_scope(t, scope))
    return _given_of(source, source.rows(own.order_by(t.c.date.desc(), t.c.treatment_id.desc())))


def treatment(source: Source, scope: Scope, number: int) -> list[Given]:
    """The treatment of this number; nothing where there is none that this viewer may see."""
    t = source.treated
    return _given_of(source, source.rows(select(t).where(t.c.treatment_id == number, *in_scope(t, scope))))


def to_call(source: Source, scope: Scope, selection: Selection, limit: int | None) -> list[Given]:
    """The selected treatments without a known outcome whose client has not declined to tell, the earliest first."""
    t = source.treated
    earliest = _unheard(source, scope, selection, select(t)).order_by(t.c.date, t.c.treatment_id)
    return _given_of(source, source.rows(earliest.limit(limit)))


def how_many_to_call(source: Source, scope: Scope, selection: Selection) -> int:
    """Of these treatments, how many."""
    return source.rows(_unheard(source, scope, selection, select(func.count())))[0][0]


def _unheard(source: Source, scope: Scope, selection: Selection, statement: Select) -> Select:
    t = source.treated
    return selected(source, scope, selection, t, statement).where(t.c.known.is_(False), t.c.heard != "declined")


def lot_expiries(source: Source, scope: Scope) -> dict[tuple[str, str], date | None]:
    """When each lot that was used expires, by product and number; None where it was not told."""
    a = source.treated_area
    statement = select(a.c.product, a.c.lot, func.max(a.c.expiry)).where(*in_scope(a, scope))
    return {(product, lot): expiry for product, lot, expiry in source.rows(statement.group_by(a.c.product, a.c.lot))}


def used_after_expiry(source: Source, scope: Scope, selection: Selection) -> int:
    """Selected treatments in which a lot was used after the day it expired."""
    a = source.treated_area
    statement = selected(source, scope, selection, a, select(func.count(distinct(a.c.treatment_id))))
    return source.rows(statement.where(_faults(a)["expired"]))[0][0]


def incomplete(source: Source, scope: Scope, selection: Selection) -> dict[str, int]:
    """Selected treatments with an injection that lacks its area, lot or units, or with no injection at all."""
    a = source.treated_area
    lacks = {name: condition for name, condition in _faults(a).items() if name != "expired"}
    counted = [func.count(distinct(case((condition, a.c.treatment_id)))) for condition in lacks.values()]
    found = dict(zip(lacks, source.rows(selected(source, scope, selection, a, select(*counted)))[0], strict=True))
    none = _without_injection(source, scope, selection, select(func.count()))
    return {"injections": source.rows(none)[0][0], **found}


def faulty(source: Source, scope: Scope, selection: Selection, fault: str, limit: int) -> list[Given]:
    """The treatments behind such a count, latest first: `fault` is a key of `incomplete`, or "expired"."""
    t, a = source.treated, source.treated_area
    if fault == "injections":
        found = _without_injection(source, scope, selection, select(t))
    else:
        where = selected(source, scope, selection, a, select(a.c.treatment_id)).where(_faults(a)[fault])
        found = select(t).where(t.c.treatment_id.in_(where))
    return _given_of(source, source.rows(found.order_by(t.c.date.desc(), t.c.treatment_id.desc()).limit(limit)))


def _faults(a: FromClause) -> dict[str, ColumnElement]:
    return {
        "area": a.c.area == NOT_TOLD,
        "lot": a.c.lot == NOT_TOLD,
        "units": a.c.units.is_(None),
        "expired": a.c.expiry < a.c.date,
    }


def _without_injection(source: Source, scope: Scope, selection: Selection, statement: Select) -> Select:
    t = source.treated
    injected = select(source.treated_area.c.treatment_id)
    return selected(source, scope, selection, t, statement).where(t.c.treatment_id.not_in(injected))
