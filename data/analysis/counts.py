"""How many treatments, treated areas or clients there were, and how many of them had the side effect.

Every query takes the AnalysisTables to count from, a Scope and a Selection, and returns a DataFrame where it has rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas
from sqlalchemy import ColumnElement, FromClause, Row, Subquery, and_, case, distinct, func, select, true

from data.analysis.frames import make_frame, rows_as_frame
from data.analysis.query_builder import (
    UNIT_COLUMNS,
    AnalysisTables,
    apply_selection,
    base_table,
    dimension_columns,
    effect_filters,
    effect_table,
    injection_filters,
    join_episodes,
    one_row_per_unit,
    select_episodes_of,
    split_dimensions,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import EFFECT_DIMENSIONS, INJECTION_DIMENSIONS, Selection
from data.analysis.sql_functions import rounded_sum, sum_if_complete

UNIT_COUNTS = ("followed_up", "total", "in_follow_up")
EFFECT_COUNTS = ("events", "episodes", "reports")
COUNT_COLUMNS = ("events", *UNIT_COUNTS, "episodes", "reports")
CLIENT_SUMS = ("clients", "treatments", "treatments_squared", "events", "events_squared", "products")


def counts(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """Counts per combination of the dimensions in `by` (data/analysis/selection.py names them).

    Columns: one per dimension, events (units with the side effect), followed_up (units with known outcome), total,
    in_follow_up (units treated less than the follow-up window ago), episodes (side effects), reports (notes on them);
    all int64.

    Side effects, families and grades that occur anywhere in the selection get a row for every group, zero included.
    An effect counts in an area when it was placed there; by product or lot, an unplaced one counts for each given.
    """
    outer, inner = split_dimensions(by)
    width = len(outer)
    units = _count_units(tables, scope, selection, outer)
    affected: dict[tuple[Any, ...], Sequence[int]] = {
        tuple(row[:-3]): row[-3:] for row in _count_effects(tables, scope, selection, outer, inner)
    }
    effects = sorted({group[width:] for group in affected}, key=str) if inner else [()]
    # Every group beside every side effect, group by group.
    columns = {name: np.repeat(column, len(effects)) for name, column in _columns((*outer, *UNIT_COUNTS), units)}
    columns |= {name: np.tile(column, len(units)) for name, column in _columns(inner, effects)}
    columns |= {name: np.zeros(len(units) * len(effects), dtype=np.int64) for name in EFFECT_COUNTS}
    group_place = {tuple(row[:width]): place for place, row in enumerate(units)}
    effect_place = {effect: place for place, effect in enumerate(effects)}
    for group, values in affected.items():
        place = group_place[group[:width]] * len(effects) + effect_place[group[width:]]
        for name, value in zip(EFFECT_COUNTS, values, strict=True):
            columns[name][place] = value
    if "side_effect" in inner:
        asked = _count_asked(tables, scope, selection, outer)
        for place, group in enumerate(zip(*(columns[name] for name in (*outer, "side_effect")), strict=True)):
            if group in asked:
                columns["followed_up"][place] = asked[group]
    return make_frame({name: columns[name] for name in (*by, *COUNT_COLUMNS)})


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[tuple[str, np.ndarray]]:
    return [(name, np.array([row[at] for row in rows], dtype=object)) for at, name in enumerate(names)]


def denominators(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> pandas.DataFrame:
    """Per group of treatment and injection dimensions: followed_up, total and in_follow_up units (int64)."""
    return rows_as_frame((*by, *UNIT_COUNTS), _count_units(tables, scope, selection, by))


def _count_units(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]
) -> Sequence[Sequence[Any]]:
    """Rows of `denominators` in the order of their groups, missing values last."""
    units = _select_units(tables, scope, selection, by)
    names = [units.c[name] for name in by]
    counted = (func.count(units.c.known), func.count(), func.count(units.c.in_follow_up))
    return tables.fetch_sorted(select(*names, *counted).group_by(*names))


def _select_units(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> Subquery:
    """Each selected unit once in every group that it is in: the group, client_id, known and in_follow_up (1 or
    null)."""
    base = base_table(tables, selection, by)
    groups = dimension_columns(base, selection, by)
    columns = {
        "client_id": base.c.client_id,
        "known": case((base.c.known, 1)),
        "in_follow_up": case((base.c.date > selection.past_follow_up_until, 1)),
    }
    once = one_row_per_unit(base, selection, by)
    if once is None:
        columns = {name: func.max(column) for name, column in columns.items()}
    labelled = [column.label(name) for name, column in columns.items()]
    statement = apply_selection(tables, scope, selection, base, select(*groups, *labelled))
    if once is None:
        return statement.group_by(*groups, base.c[UNIT_COLUMNS[selection.unit]]).subquery()
    return statement.where(*once).subquery()


def count_affected(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str] = (), inner: Sequence[str] = ()
) -> pandas.DataFrame:
    """Per group of treatment and injection dimensions, then of side effects, that has any: events (units with the side
    effect), episodes, reports (notes on them); all int64."""
    rows = [row for row in _count_effects(tables, scope, selection, outer, inner) if row.events]
    return rows_as_frame((*outer, *inner, *EFFECT_COUNTS), rows)


def _count_effects(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], inner: Sequence[str]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows of `count_affected`; a single row of zeros where there is neither a dimension nor an event."""
    base, e = effect_table(tables, selection, outer)
    dimensions = [*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner)]
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    once = select_episodes_of(tables, scope, selection, outer, *dimensions, unit).subquery()
    names = [once.c[name] for name in (*outer, *inner)]
    statement = select(
        *names,
        func.count(distinct(once.c.unit)).label("events"),
        func.count().label("episodes"),
        func.coalesce(func.sum(once.c.reports), 0).label("reports"),
    )
    return tables.fetch_rows(statement.group_by(*names))


def _count_asked(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str]
) -> dict[tuple[Any, ...], int]:
    """Per group and side effect: the followed up units, without those whose follow-up left out the side effect, because
    nobody was asked about it. Only side effects that any follow-up left out."""
    base, left_out = base_table(tables, selection, outer), tables.terms_not_asked
    effects = select(left_out.c.side_effect).distinct().subquery()
    asked = and_(base.c.known, left_out.c.treatment_id.is_(None))
    units = func.count(distinct(case((asked, base.c[UNIT_COLUMNS[selection.unit]]))))
    names = [*dimension_columns(base, selection, outer), effects.c.side_effect]
    statement = (
        apply_selection(tables, scope, selection, base, select(*names, units))
        .join(effects, true())
        .outerjoin(
            left_out,
            and_(left_out.c.treatment_id == base.c.treatment_id, left_out.c.side_effect == effects.c.side_effect),
        )
        .group_by(*names)
    )
    return {tuple(row[:-1]): row[-1] for row in tables.fetch_rows(statement)}


def count_clients(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many clients the selected treatments were given to."""
    t = tables.treatments
    statement = apply_selection(tables, scope, selection, t, select(func.count(distinct(t.c.client_id))))
    return int(tables.fetch_rows(statement)[0][0])


def daily_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[pandas.DataFrame]:
    """Per selection one row per day with a known outcome: date, events and followed_up (int64), in order of date.

    One query for all of them, little slower than for one. Selections may differ in their unit, in areas, products and
    lots, and in their side effects.
    """
    daily: dict[int, pandas.DataFrame] = {}
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        frame = _fetch_daily(tables, scope, [selections[at] for at in places])
        columns = {name: frame[name].to_numpy() for name in frame}
        for n, at in enumerate(places):
            known = columns[f"known_{n}"] > 0
            names = {"date": "date", "events": f"hit_{n}", "followed_up": f"known_{n}"}
            daily[at] = make_frame({name: columns[column][known] for name, column in names.items()})
    return [daily[at] for at in range(len(selections))]


def _fetch_daily(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> pandas.DataFrame:
    """Of selections with the same unit, by date: how many units of the nth selection have a known outcome (known_n),
    and how many of them the side effect (hit_n)."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    by = ("product",) if of_given else ()
    base, (beside, e) = base_table(tables, common, ()), effect_table(tables, common, by)
    unit = UNIT_COLUMNS[common.unit]
    known, hits = [], []
    for at, selection in enumerate(selections):
        single = one_row_per_unit(base, selection, ())
        counted = and_(base.c.known, *injection_filters(tables, selection, base), *(single or ()))
        units = case((counted, base.c[unit]))
        known.append(func.count(distinct(units) if single is None else units).label(f"known_{at}"))
        hit = and_(true(), *injection_filters(tables, selection, beside), *effect_filters(e, selection))
        hits.append(func.max(case((hit, 1), else_=0)).label(f"hit_{at}"))
    each = apply_selection(tables, scope, common, base, select(base.c.date, *known)).group_by(base.c.date).subquery()
    affected = join_episodes(tables, scope, common, by, beside.c.date, *hits)
    once = affected.group_by(beside.c.date, beside.c[unit]).subquery()
    sums = select(once.c.date, *(func.sum(once.c[hit.name]).label(hit.name) for hit in hits))
    summed = sums.group_by(once.c.date).subquery()
    events = (func.coalesce(summed.c[hit.name], 0).label(hit.name) for hit in hits)
    statement = select(*each.c, *events).outerjoin_from(each, summed, summed.c.date == each.c.date)
    return tables.fetch_frame(statement.order_by(each.c.date), **{column.name: "int64" for column in (*known, *hits)})


def client_sums(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple[Any, ...], dict[str, int]]:
    """For every group of `counts` with an event: what each client contributed. Several treatments of one client are
    not independent, and this is what their interval must allow for (proportion.design_effect_of_sums).

    Sums over the clients with known outcomes: clients, treatments (units with known outcome), events (those with the
    side effect), their squares, and products (treatments times events of each client).
    """
    outer, inner = split_dimensions(by)
    base, e = effect_table(tables, selection, outer)
    units = _select_units(tables, scope, selection, outer)
    names = [units.c[name] for name in (*outer, "client_id")]
    known = select(*names, func.count().label("n")).where(units.c.known.is_not(None)).group_by(*names).cte("known")
    columns = (*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner))
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    once = select_episodes_of(tables, scope, selection, outer, *columns, base.c.client_id, unit).subquery()
    names = [once.c[name] for name in (*outer, *inner, "client_id")]
    hit = select(*names, func.count(distinct(once.c.unit)).label("n")).group_by(*names).cte("hit")

    groups, n = [known.c[name] for name in outer], known.c.n
    totals = (
        func.count().label("clients"),
        func.sum(n).label("treatments"),
        func.sum(n * n).label("treatments_squared"),
    )
    whole = select(*groups, *totals).group_by(*groups).subquery("whole")
    keys, hits = [hit.c[name] for name in (*outer, *inner)], hit.c.n
    sums = (
        func.sum(hits).label("events"),
        func.sum(hits * hits).label("events_squared"),
        func.sum(hits * n).label("products"),
    )
    same = and_(hit.c.client_id == known.c.client_id, _same_group(hit, known, outer))
    part = select(*keys, *sums).join_from(hit, known, same).group_by(*keys).subquery("part")
    summed = [column for column in (*part.c, *whole.c) if column.name in CLIENT_SUMS]
    statement = select(*(part.c[key.name] for key in keys), *summed)
    rows = tables.fetch_rows(statement.join_from(part, whole, _same_group(part, whole, outer)).where(part.c.events > 0))
    labels, width = [column.name for column in summed], len(keys)
    # As int: a sum of whole numbers is a decimal in PostgreSQL.
    return {tuple(row[:width]): dict(zip(labels, map(int, row[width:]), strict=True)) for row in rows}


def _same_group(left: FromClause, right: FromClause, names: Iterable[str]) -> ColumnElement[bool]:
    return and_(true(), *(left.c[name].is_not_distinct_from(right.c[name]) for name in names))


def scores(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Mean score per product, its units in all selected areas of the treatment, scale and day after the treatment.

    Columns: product (str), units (float64, NaN if those of some injection are not recorded), scale (str), day (int64,
    the day of injection is day 0), n (int64), mean (float64).
    """
    area, s = tables.treated_areas, tables.follow_ups
    given = select(area.c.treatment_id, area.c.product, sum_if_complete(area.c.units).label("units"))
    given = apply_selection(tables, scope, selection, area, given).group_by(area.c.treatment_id, area.c.product)
    dose = given.subquery()
    keys = (dose.c.product, dose.c.units, s.c.scale, s.c.day)
    mean = rounded_sum(s.c.score) / func.count()
    statement = select(*keys, func.count().label("n"), mean.label("mean")).group_by(*keys)
    statement = statement.join(s, s.c.treatment_id == dose.c.treatment_id).where(s.c.score.is_not(None))
    return tables.fetch_frame(statement).sort_values(["product", "units", "scale", "day"], ignore_index=True)


def count_unplaced_effects(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """Selected side effects without an area that was treated: in no count per area."""
    _, e = effect_table(tables, selection, ())
    statement = select_episodes_of(tables, scope, selection, ()).where(e.c.placed_area.is_(None)).subquery()
    return int(tables.fetch_rows(select(func.count()).select_from(statement))[0][0])


def followed_up_by(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """Treatments by how their outcome came to be known, or why it is not: the treatment dimensions in `by`, then heard
    (str) and treatments (int64)."""
    base, by = tables.treatments, (*by, "heard")
    names = [base.c[name] for name in by]
    statement = apply_selection(tables, scope, selection, base, select(*names, func.count().label("treatments")))
    return rows_as_frame((*by, "treatments"), tables.fetch_sorted(statement.group_by(*names)))


def dimension_values(tables: AnalysisTables, scope: Scope, dimension: str) -> list[Any]:
    """The values a filter can take, over all that this viewer may see."""
    base = tables.treated_areas if dimension in INJECTION_DIMENSIONS else tables.treatments
    if dimension in EFFECT_DIMENSIONS:
        e = tables.episodes
        statement = select(e.c[dimension]).join(base, base.c.treatment_id == e.c.treatment_id)
    else:
        statement = select(base.c[dimension])
    rows = tables.fetch_rows(statement.where(*scope_filters(base, scope)).distinct())
    return sorted((value for (value,) in rows), key=lambda value: (value is None, value))


def date_range(tables: AnalysisTables, scope: Scope) -> tuple[date, date] | None:
    """The first and last treatment date; None without treatments."""
    t = tables.treatments
    ends = select(func.min(t.c.date), func.max(t.c.date)).where(*scope_filters(t, scope))
    first, last = tuple(tables.fetch_rows(ends)[0])
    return (first, last) if first else None
