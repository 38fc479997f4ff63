"""The aggregates, and the only place that counts. Every query takes a Source, a Scope and a Selection.

A Source is where the derived rows stand: tables of the columnar copy (data/mirror.py), or subqueries over the records
in SQLite or PostgreSQL. The expressions, and so the results, are the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product as every_pair
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Engine, FromClause, Select, and_, case, distinct, func, or_, select, true

from data import derived
from data.scope import Scope
from data.selection import DIMENSIONS, EFFECT_DIMENSIONS, INJECTION_DIMENSIONS, Selection


@dataclass(frozen=True)
class Source:
    engine: Engine
    treated: FromClause
    treated_area: FromClause
    episode: FromClause
    scored: FromClause
    unasked: FromClause

    def rows(self, statement: Select) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(statement).all()


def records_source(engine: Engine) -> Source:
    """Counts straight from the records: always right, slow beyond some ten thousand treatments."""
    return Source(
        engine,
        treated=derived.treated().subquery("treated"),
        treated_area=derived.treated_area().subquery("treated_area"),
        episode=derived.episode().subquery("episode"),
        scored=derived.scored().subquery("scored"),
        unasked=derived.unasked().subquery("unasked"),
    )


@dataclass(frozen=True)
class Count:
    """One row of counts. `events`: units with the side effect; `known`: with known outcome; `total`: all.

    `maturing`: units treated less than the follow-up window ago; `episodes`: side effects; `reports`: notes on them.
    """

    by: tuple[tuple[str, Any], ...]
    events: int
    known: int
    total: int
    maturing: int
    episodes: int
    reports: int


def counts(source: Source, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> list[Count]:
    """Counts per combination of the dimensions in `by` (data/selection.py names them), in their order.

    Side effects, families and grades that occur anywhere in the selection get a row for every group, zero included.
    An effect counts in an area when it was placed there; by product or lot, an unplaced one counts for each given.
    """
    _check(by)
    outer = [name for name in by if name not in EFFECT_DIMENSIONS]
    inner = [name for name in by if name in EFFECT_DIMENSIONS]
    groups = denominators(source, scope, selection, outer)
    affected = _affected(source, scope, selection, outer, inner)
    asked = _asked(source, scope, selection, outer) if "side_effect" in inner else {}
    found = sorted({key[len(outer) :] for key in affected}, key=str) if inner else [()]
    counted = []
    for (group, (known, total, maturing)), effect in every_pair(groups.items(), found):
        events, episodes, reports = affected.get(group + effect, (0, 0, 0))
        values = dict(zip((*outer, *inner), group + effect, strict=True))
        known = asked.get((group, values.get("side_effect")), known)
        row = tuple((name, values[name]) for name in by)
        counted.append(Count(row, events, known, total, maturing, episodes, reports))
    return counted


def denominators(source: Source, scope: Scope, selection: Selection, by: Sequence[str]) -> dict[tuple, tuple]:
    """Per group of treatment and injection dimensions: (known, total, maturing) units."""
    base = _base(source, selection, by)
    unit = _unit(base, selection)
    maturing_after = selection.as_of - timedelta(days=selection.follow_up_days)
    statement = _selected(
        source, scope, selection, base,
        select(
            *(base.c[name] for name in by),
            func.count(distinct(case((base.c.known, unit)))),
            func.count(distinct(unit)),
            func.count(distinct(case((base.c.date > maturing_after, unit)))),
        ),
    ).group_by(*(base.c[name] for name in by)).order_by(*(base.c[name] for name in by))  # fmt: skip
    return {tuple(row[:-3]): tuple(row[-3:]) for row in source.rows(statement)}


def _affected(source: Source, scope: Scope, selection: Selection, outer, inner) -> dict[tuple, tuple]:
    """Per group of all dimensions: (units with the side effect, episodes, notes on them)."""
    base, e = _base(source, selection, outer), source.episode
    dimensions = [base.c[name].label(name) for name in outer] + [e.c[name].label(name) for name in inner]
    once = _with_episodes(source, scope, selection, outer, *dimensions, _unit(base, selection).label("unit"))
    once = once.subquery("once")
    names = [once.c[name] for name in (*outer, *inner)]
    statement = select(
        *names, func.count(distinct(once.c.unit)), func.count(), func.sum(once.c.reports)
    ).group_by(*names)  # fmt: skip
    return {tuple(row[:-3]): (row[-3], row[-2], int(row[-1])) for row in source.rows(statement) if row[-3]}


def _asked(source: Source, scope: Scope, selection: Selection, outer) -> dict[tuple, int]:
    """Known outcomes of those side effects that some follow-up set out to ask about and did not: ((group), effect)."""
    base = _base(source, selection, outer)
    effects = select(source.unasked.c.side_effect).distinct().subquery("effects")
    left_out = source.unasked
    known = case((and_(base.c.known, left_out.c.treatment_id.is_(None)), _unit(base, selection)))
    names = [base.c[name] for name in outer]
    statement = (
        _selected(
            source, scope, selection, base,
            select(*names, effects.c.side_effect, func.count(distinct(known))),
        )
        .join(effects, true())
        .outerjoin(
            left_out,
            and_(left_out.c.treatment_id == base.c.treatment_id, left_out.c.side_effect == effects.c.side_effect),
        )
        .group_by(*names, effects.c.side_effect)
    )  # fmt: skip
    return {(tuple(row[:-2]), row[-2]): row[-1] for row in source.rows(statement)}


# Durations and cases


@dataclass(frozen=True)
class Durations:
    """Whole days from first day to last, one entry per episode; open ones (`ended` false) run to the latest contact.

    `seen`: days to the last day it was seen present. `exact`: the last day was told, not found at a contact.
    """

    days: np.ndarray
    ended: np.ndarray
    seen: np.ndarray
    exact: np.ndarray
    onset_day: np.ndarray


def durations(source: Source, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> dict[tuple, Durations]:
    """The courses of the selected episodes with an onset, per group of dimensions, in the order of `by`."""
    _check(by)
    base, e = _base(source, selection, by), source.episode
    names = [(e if name in EFFECT_DIMENSIONS else base).c[name].label(name) for name in by]
    measured = (e.c.days, e.c.ended, e.c.seen_days, e.c.end_exact, e.c.onset_day)
    statement = _with_episodes(source, scope, selection, by, *names, *measured).where(e.c.days.is_not(None))
    statement = statement.order_by(e.c.episode_id)
    groups: dict[tuple, list] = {}
    for row in source.rows(statement):
        groups.setdefault(tuple(row[: len(by)]), []).append(row[len(by) : len(by) + 5])
    return {group: _durations(groups[group]) for group in sorted(groups, key=str)}


def _durations(rows: list) -> Durations:
    days, ended, seen, exact, onset_day = zip(*rows, strict=True)
    return Durations(
        np.array(days, dtype=np.int64),
        np.array(ended, dtype=bool),
        np.array(seen, dtype=np.int64),
        np.array(exact, dtype=bool),
        np.array(onset_day, dtype=np.int64),
    )


@dataclass(frozen=True)
class Case:
    """One side effect as a reviewer reads it. `number` is its id in the records; no free text, no client key."""

    number: int
    client: int
    treatment: int | None
    treated_on: date | None
    site: str | None
    practitioner: str | None
    area: str | None
    placed: bool
    side: str | None
    side_effect: str
    family: str | None
    red_flag: str | None
    onset: date | None
    onset_day: int | None
    came_to_light: str | None
    serious: bool
    grade: int | None
    reports: int
    ended: bool
    end_exact: bool
    days: int
    seen_days: int
    until: date | None


def cases(source: Source, scope: Scope, selection: Selection, limit: int | None = None) -> list[Case]:
    """The side effects behind a count, latest onset first."""
    statement = _with_episodes(source, scope, selection, (), *_case_columns(source))
    statement = statement.order_by(source.episode.c.onset.desc(), source.episode.c.episode_id.desc()).limit(limit)
    return [_case(row) for row in source.rows(statement)]


@dataclass(frozen=True)
class Score:
    """The scores of one scale after treatments with one product and dose, on one day after them."""

    product: str
    units: float | None
    scale: str
    day: int
    n: int
    mean: float


def scores(source: Source, scope: Scope, selection: Selection) -> list[Score]:
    """Mean score per product, total units of it at the treatment, scale and day after the treatment."""
    area, s = source.treated_area, source.scored
    chosen = _selected(source, scope, selection, area, select(area.c.treatment_id, area.c.product, area.c.units))
    chosen = chosen.subquery("chosen")
    dose = select(chosen.c.treatment_id, chosen.c.product, func.sum(chosen.c.units).label("units"))
    dose = dose.group_by(chosen.c.treatment_id, chosen.c.product).subquery("dose")
    keys = (dose.c.product, dose.c.units, s.c.scale, s.c.day)
    statement = select(*keys, func.count(), func.avg(s.c.score)).join(s, s.c.treatment_id == dose.c.treatment_id)
    return [Score(*row) for row in source.rows(statement.group_by(*keys).order_by(*keys))]


def red_flags(source: Source, scope: Scope) -> list[Case]:
    """Side effects marked emergency or urgent in the codelist and not yet reviewed, of all dates, latest first."""
    e = source.episode
    statement = _with_episodes(source, scope, Selection(), (), *_case_columns(source))
    statement = statement.where(e.c.red_flag.is_not(None), e.c.reviewed.is_(False))
    return [_case(row) for row in source.rows(statement.order_by(e.c.onset.desc(), e.c.episode_id.desc()))]


def aside(source: Source, scope: Scope) -> list[tuple[str, int, int]]:
    """Side effects that belong to no treatment: (why, episodes, clients), over the clients this viewer may see."""
    e, t = source.episode, source.treated
    seen = select(t.c.client_id).where(*_in_scope(t, scope))
    statement = (
        select(e.c.aside, func.count(), func.count(distinct(e.c.client_id)))
        .where(e.c.aside.is_not(None), e.c.client_id.in_(seen))
        .group_by(e.c.aside)
        .order_by(e.c.aside)
    )
    return [tuple(row) for row in source.rows(statement)]


def unplaced(source: Source, scope: Scope, selection: Selection) -> int:
    """Selected side effects without an area that was treated: in no count per area."""
    statement = _with_episodes(source, scope, selection, ()).where(source.episode.c.placed_area.is_(None)).subquery()
    return source.rows(select(func.count()).select_from(statement))[0][0]


def heard(source: Source, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> dict[tuple, int]:
    """Treatments by how their outcome came to be known, or why it is not; `by` treatment dimensions first."""
    base = source.treated
    names = [base.c[name] for name in (*by, "heard")]
    statement = _selected(source, scope, selection, base, select(*names, func.count())).group_by(*names)
    return {tuple(row[:-1]): row[-1] for row in source.rows(statement.order_by(*names))}


def choices(source: Source, scope: Scope, dimension: str) -> list:
    """The values a filter can take, over all that this viewer may see."""
    base = source.treated_area if dimension in INJECTION_DIMENSIONS else source.treated
    column = base.c[dimension]
    return [row[0] for row in source.rows(select(column).where(*_in_scope(base, scope)).distinct().order_by(column))]


def span(source: Source, scope: Scope) -> tuple[date, date] | None:
    """The first and last treatment date; None without treatments."""
    t = source.treated
    first, last = source.rows(select(func.min(t.c.date), func.max(t.c.date)).where(*_in_scope(t, scope)))[0]
    return (first, last) if first else None


# What every query is made of


def _check(by: Iterable[str]) -> None:
    if unknown := [name for name in by if name not in DIMENSIONS]:
        raise ValueError(f"by: {unknown[0]!r} is not one of {', '.join(DIMENSIONS)}")


def _base(source: Source, selection: Selection, by: Iterable[str]) -> FromClause:
    per_injection = selection.unit == "area" or any(name in INJECTION_DIMENSIONS for name in by)
    return source.treated_area if per_injection else source.treated


def _unit(base: FromClause, selection: Selection) -> ColumnElement:
    return base.c[{"treatment": "treatment_id", "area": "unit_id", "client": "client_id"}[selection.unit]]


def _in_scope(base: FromClause, scope: Scope) -> list[ColumnElement]:
    conditions = []
    if scope.sites is not None:
        conditions.append(base.c.site.in_(scope.sites))
    if scope.practitioners is not None:
        conditions.append(base.c.practitioner.in_(scope.practitioners))
    return conditions


def _selected(source: Source, scope: Scope, selection: Selection, base: FromClause, statement: Select) -> Select:
    """The treatments this viewer may see and asked for."""
    conditions = _in_scope(base, scope)
    if selection.from_date:
        conditions.append(base.c.date >= selection.from_date)
    if selection.to_date:
        conditions.append(base.c.date <= selection.to_date)
    if selection.sites:
        conditions.append(base.c.site.in_(selection.sites))
    if selection.practitioners:
        conditions.append(base.c.practitioner.in_(selection.practitioners))
    if selection.first_visit is not None:
        conditions.append(base.c.first_visit == selection.first_visit)
    conditions += _injected_with(source, selection, base)
    return statement.select_from(base).where(*conditions)


def _injected_with(source: Source, selection: Selection, base: FromClause) -> list[ColumnElement]:
    """Area, product and lot filters hold for one and the same injected area."""
    wanted = {"area": selection.areas, "product": selection.products, "lot": selection.lots}

    def conditions(place: FromClause) -> list[ColumnElement]:
        return [place.c[name].in_(values) for name, values in wanted.items() if values]

    if "area" in base.c or not any(wanted.values()):
        return conditions(base) if "area" in base.c else []
    place = source.treated_area
    return [base.c.treatment_id.in_(select(place.c.treatment_id).where(*conditions(place)))]


def _with_episodes(source: Source, scope: Scope, selection: Selection, by: Sequence[str], *columns) -> Select:
    """Selected treatments (or treated areas) joined to their episodes of interest, each pairing once."""
    base, e = _base(source, selection, by), source.episode
    once = (e.c.episode_id, e.c.reports)
    statement = _selected(source, scope, selection, base, select(*columns, *once))
    belongs = and_(e.c.treatment_id == base.c.treatment_id, *_placement(base, e, selection, by))
    return statement.join(e, belongs).where(*_of_interest(e, selection)).distinct()


def _placement(base: FromClause, e: FromClause, selection: Selection, by: Iterable[str]) -> list[ColumnElement]:
    if "area" not in base.c:
        return []
    here = e.c.placed_area == base.c.area
    if selection.unit == "area" or "area" in by:
        return [here]
    return [or_(e.c.placed_area.is_(None), here)]


def _of_interest(e: FromClause, selection: Selection) -> list[ColumnElement]:
    conditions = []
    if selection.side_effects:
        conditions.append(e.c.side_effect.in_(selection.side_effects))
    if selection.families:
        conditions.append(e.c.family.in_(selection.families))
    if selection.least_grade is not None:
        conditions.append(e.c.grade >= selection.least_grade)
    return conditions


def _case_columns(source: Source) -> list[ColumnElement]:
    e, t = source.episode, source.treated
    return [
        e.c.client_id, e.c.treatment_id, t.c.date.label("treated_on"), t.c.site, t.c.practitioner, e.c.placed_area,
        e.c.stated_area, e.c.side, e.c.side_effect, e.c.family, e.c.red_flag, e.c.onset, e.c.onset_day,
        e.c.came_to_light, e.c.serious, e.c.grade, e.c.ended, e.c.end_exact, e.c.days, e.c.seen_days, e.c.until,
    ]  # fmt: skip


def _case(row) -> Case:
    return Case(
        number=row.episode_id,
        client=row.client_id,
        treatment=row.treatment_id,
        area=row.placed_area or row.stated_area,
        placed=row.placed_area is not None,
        **{
            name: getattr(row, name)
            for name in (
                "treated_on", "site", "practitioner", "side", "side_effect", "family", "red_flag", "onset",
                "onset_day", "came_to_light", "serious", "grade", "reports", "ended", "end_exact", "days",
                "seen_days", "until",
            )
        },
    )  # fmt: skip
