"""Who had a side effect among those followed up: unit by unit for comparisons within strata, day by day for charts over
time, and treatment by treatment for several measures at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas
from numpy.typing import NDArray
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

TREATMENT = ("date", "treatment_id", "client_id")


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


def count_volunteers_asked(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many of the events were volunteered, or found at a visit, before the client was asked."""
    base, e = effect_table(tables, selection, ())
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    chosen = select_episodes_of(tables, scope, selection, (), unit).where(
        past_follow_up(base, selection),
        asked_about(tables, selection, base),
        e.c.came_to_light.in_(("volunteered", "found")),
    )
    asked = chosen.subquery()
    return int(tables.fetch_rows(select(func.count(distinct(asked.c.unit))))[0][0])


def daily_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[pandas.DataFrame]:
    """Per selection one row per day with units followed up: date, events and followed_up (int64), in order of date.

    One query for all of them, little slower than for one. Selections may differ in their unit, in areas, products and
    lots, and in their side effects.
    """
    daily: dict[int, pandas.DataFrame] = {}
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        frame = _fetch_outcomes(tables, scope, [selections[at] for at in places], ("date",))
        columns = {name: frame[name].to_numpy() for name in frame}
        for n, at in enumerate(places):
            asked = columns[f"asked_{n}"] > 0
            names = {"date": "date", "events": f"hit_{n}", "followed_up": f"asked_{n}"}
            daily[at] = make_frame({name: columns[column][asked] for name, column in names.items()})
    return [daily[at] for at in range(len(selections))]


@dataclass(frozen=True)
class TreatmentOutcomes:
    """One row per treatment past the follow-up window whose client was asked about any of the selections.

    `client` (int64) and `date` (datetime64[D]) have one entry per treatment; `events` and `followed_up` (int64) one
    column per selection: units with the side effect, and units asked about it. A treatment has 0 or 1 of either, or
    where a selection counts treated areas, as many as it has areas.
    """

    client: NDArray[np.int64]
    date: NDArray[np.datetime64]
    events: NDArray[np.int64]
    followed_up: NDArray[np.int64]


def treatment_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> TreatmentOutcomes:
    """The outcomes of several selections, treatment by treatment, in the order of date and number.

    One query per unit of the selections, which may differ as those of `daily_outcomes` may. They have the same period.
    """
    frames = []
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        frame = _fetch_outcomes(tables, scope, [selections[at] for at in places], TREATMENT)
        renamed = {f"{kind}_{n}": f"{kind}_{at}" for kind in ("asked", "hit") for n, at in enumerate(places)}
        frames.append(frame.set_index(list(TREATMENT)).rename(columns=renamed))
    every = pandas.concat(frames, axis="columns").fillna(0).sort_index()
    events, followed_up = (
        every[[f"{kind}_{at}" for at in range(len(selections))]].to_numpy("int64") for kind in ("hit", "asked")
    )
    asked = followed_up.any(axis=1)
    date, _, client = (every.index.get_level_values(name).to_numpy() for name in TREATMENT)
    return TreatmentOutcomes(client[asked], date[asked].astype("datetime64[D]"), events[asked], followed_up[asked])


def _fetch_outcomes(
    tables: AnalysisTables, scope: Scope, selections: Sequence[Selection], by: Sequence[str]
) -> pandas.DataFrame:
    """Of selections with the same unit, by columns of the treatments: how many units of the nth selection were followed
    up (asked_n), and how many of them had the side effect (hit_n)."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    given = ("product",) if of_given else ()
    base, (beside, e) = base_table(tables, common, ()), effect_table(tables, common, given)
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
    groups = [base.c[name] for name in by]
    past = apply_selection(tables, scope, common, base, select(*groups, *asked)).where(past_follow_up(base, common))
    each = past.group_by(*groups).subquery()
    groups = [beside.c[name] for name in by]
    affected = join_episodes(tables, scope, common, given, *groups, *hits).where(past_follow_up(beside, common))
    once = affected.group_by(*groups, beside.c[unit]).subquery()
    groups = [once.c[name] for name in by]
    summed = select(*groups, *(func.sum(once.c[hit.name]).label(hit.name) for hit in hits)).group_by(*groups).subquery()
    events = (func.coalesce(summed.c[hit.name], 0).label(hit.name) for hit in hits)
    same = and_(*(summed.c[name] == each.c[name] for name in by))
    statement = select(*each.c, *events).outerjoin_from(each, summed, same).order_by(*(each.c[name] for name in by))
    numbers = [column.name for column in (*asked, *hits)] + [name for name in by if name != "date"]
    return tables.fetch_frame(statement, **dict.fromkeys(numbers, "int64"))
