"""What each client contributed to a rate: several treatments of one client are not independent."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, distinct, func, literal, select, union_all

from data.analysis.counts import select_units
from data.analysis.follow_up import asked_about_episode, asked_conditions, day_for_episode, past_follow_up
from data.analysis.query_builder import (
    UNIT_COLUMNS,
    AnalysisTables,
    dimension_columns,
    effect_table,
    same_group,
    select_episodes_of,
    split_dimensions,
)
from data.analysis.scope import Scope
from data.analysis.selection import Selection

CLIENT_SUMS = ("clients", "treatments", "treatments_squared", "events", "events_squared", "products")


def client_sums(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple[Any, ...], dict[str, int]]:
    """For every group of `counts` with an event: what each client contributed. Several treatments of one client are
    not independent, and this is what their interval must allow for (proportion.design_effect_of_sums).

    Sums over the clients followed up: clients, treatments (units followed up), events (those with the side effect),
    their squares, and products (treatments times events of each client). A checklist that left out a side effect is
    overlooked here: the design effect hardly depends on it.
    """
    outer, inner = split_dimensions(by)
    base, e = effect_table(tables, selection, outer)
    units = select_units(tables, scope, selection, outer, inner)
    # One row per client and group, for each of the days from which asking counts.
    columns = [units.c[name] for name in (*outer, "client_id")]
    parts = [
        select(*columns, literal(day).label("asked_from"), func.count().label("n"))
        .where(units.c[f"asked_{day}"].is_not(None))
        .group_by(*columns)
        for day in asked_conditions(tables, selection, base, inner)
    ]
    followed_up = union_all(*parts).cte("followed_up")
    dimensions = (*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner))
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    asked_from = day_for_episode(selection, e, inner)
    chosen = select_episodes_of(tables, scope, selection, outer, *dimensions, asked_from, base.c.client_id, unit)
    asked = asked_about_episode(tables, selection, base, e, inner)
    once = chosen.where(past_follow_up(base, selection), asked).subquery()
    names = [once.c[name] for name in (*outer, *inner, "asked_from", "client_id")]
    hit = select(*names, func.count(distinct(once.c.unit)).label("n")).group_by(*names).cte("hit")

    groups, n = [followed_up.c[name] for name in (*outer, "asked_from")], followed_up.c.n
    totals = (
        func.count().label("clients"),
        func.sum(n).label("treatments"),
        func.sum(n * n).label("treatments_squared"),
    )
    whole = select(*groups, *totals).group_by(*groups).subquery("whole")
    group_names, hits = [hit.c[name] for name in (*outer, *inner, "asked_from")], hit.c.n
    sums = (
        func.sum(hits).label("events"),
        func.sum(hits * hits).label("events_squared"),
        func.sum(hits * n).label("products"),
    )
    same = and_(hit.c.client_id == followed_up.c.client_id, same_group(hit, followed_up, (*outer, "asked_from")))
    part = select(*group_names, *sums).join_from(hit, followed_up, same).group_by(*group_names).subquery("part")
    summed = [column for column in (*part.c, *whole.c) if column.name in CLIENT_SUMS]
    statement = select(*(part.c[name] for name in (*outer, *inner)), *summed)
    rows = tables.fetch_rows(statement.join_from(part, whole, same_group(part, whole, (*outer, "asked_from"))))
    labels, width = [column.name for column in summed], len(outer) + len(inner)
    # As int: a sum of whole numbers is a decimal in PostgreSQL.
    return {tuple(row[:width]): dict(zip(labels, map(int, row[width:]), strict=True)) for row in rows}
