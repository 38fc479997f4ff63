"""Who had a side effect among those followed up: unit by unit for comparisons within strata, and day by day for charts
over time."""

from collections.abc import Sequence
from dataclasses import replace

import pandas
from sqlalchemy import and_, case, distinct, func, select

from data.analysis.follow_up import asked_about, past_follow_up
from data.analysis.frames import make_frame
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
    same_group,
    select_episodes_of,
)
from data.analysis.scope import Scope
from data.analysis.selection import Selection


def unit_outcomes(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """Each unit that counts in a rate, once in every group of treatment and injection dimensions that it is in: as many
    per group as `counts.counts` has followed_up, and affected as it has events.

    Columns: those in `by`, unit, client (int64: the numbers of records), affected (bool). In the order of the units.
    """
    base, (beside, _) = base_table(tables, selection, by), effect_table(tables, selection, by)
    column = UNIT_COLUMNS[selection.unit]
    dimensions = dimension_columns(base, selection, by)
    of_effects = dimension_columns(beside, selection, by)
    chosen = select_episodes_of(tables, scope, selection, by, *of_effects, beside.c[column].label("unit"))
    # Here as well: of a client, one treatment can be asked about and another not.
    chosen = chosen.where(asked_about(tables, selection, beside), past_follow_up(beside, selection))
    episodes = chosen.subquery("episodes")
    keys = [episodes.c[name] for name in (*by, "unit")]
    affected = select(*keys).distinct().subquery("affected")
    units = (
        apply_selection(tables, scope, selection, base, select(*dimensions, base.c[column].label("unit")))
        .add_columns(func.min(base.c.client_id).label("client"))
        .where(asked_about(tables, selection, base), past_follow_up(base, selection))
        .group_by(*dimensions, base.c[column])
        .subquery("units")
    )
    same = and_(affected.c.unit == units.c.unit, same_group(affected, units, by))
    statement = select(*units.c, affected.c.unit.is_not(None).label("affected")).outerjoin_from(units, affected, same)
    frame = tables.fetch_frame(statement, unit="int64")
    return frame.sort_values(["unit", *by], ignore_index=True)


def product_sets(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.Series:
    """By unit, the codes of the selected products that it was given, joined by "+"; units without any are left out."""
    given = tables.treated_areas
    unit = given.c[UNIT_COLUMNS[selection.unit]].label("unit")
    statement = apply_selection(tables, scope, selection, given, select(unit, given.c.product).distinct())
    frame = tables.fetch_frame(statement, unit="int64").sort_values(["unit", "product"])
    is_one_of_several = frame.unit.duplicated(keep=False)
    several = frame[is_one_of_several].groupby("unit")["product"].agg("+".join)
    return pandas.concat([frame[~is_one_of_several].set_index("unit")["product"], several])


def daily_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[pandas.DataFrame]:
    """Per selection one row per day with units followed up: date, events and followed_up (int64), in order of date.

    One query for all of them, little slower than for one. Selections may differ in their unit, in areas, products and
    lots, and in their side effects.
    """
    daily: dict[int, pandas.DataFrame] = {}
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        frame = _fetch_daily(tables, scope, [selections[at] for at in places])
        columns = {name: frame[name].to_numpy() for name in frame}
        for n, at in enumerate(places):
            asked = columns[f"asked_{n}"] > 0
            names = {"date": "date", "events": f"hit_{n}", "followed_up": f"asked_{n}"}
            daily[at] = make_frame({name: columns[column][asked] for name, column in names.items()})
    return [daily[at] for at in range(len(selections))]


def _fetch_daily(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> pandas.DataFrame:
    """Of selections with the same unit, by date: how many units of the nth selection were followed up (asked_n), and
    how many of them had the side effect (hit_n)."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    by = ("product",) if of_given else ()
    base, (beside, e) = base_table(tables, common, ()), effect_table(tables, common, by)
    unit = UNIT_COLUMNS[common.unit]
    asked, hits = [], []
    for at, selection in enumerate(selections):
        single = one_row_per_unit(base, selection, ())
        about = asked_about(tables, selection, base)
        units = case((and_(about, *injection_filters(tables, selection, base), *(single or ())), base.c[unit]))
        asked.append(func.count(distinct(units) if single is None else units).label(f"asked_{at}"))
        about = asked_about(tables, selection, beside)
        hit = and_(about, *injection_filters(tables, selection, beside), *effect_filters(e, selection))
        hits.append(func.max(case((hit, 1), else_=0)).label(f"hit_{at}"))
    past = apply_selection(tables, scope, common, base, select(base.c.date, *asked)).where(past_follow_up(base, common))
    each = past.group_by(base.c.date).subquery()
    affected = join_episodes(tables, scope, common, by, beside.c.date, *hits).where(past_follow_up(beside, common))
    once = affected.group_by(beside.c.date, beside.c[unit]).subquery()
    sums = select(once.c.date, *(func.sum(once.c[hit.name]).label(hit.name) for hit in hits))
    summed = sums.group_by(once.c.date).subquery()
    events = (func.coalesce(summed.c[hit.name], 0).label(hit.name) for hit in hits)
    statement = select(*each.c, *events).outerjoin_from(each, summed, summed.c.date == each.c.date)
    return tables.fetch_frame(statement.order_by(each.c.date), **{column.name: "int64" for column in (*asked, *hits)})
