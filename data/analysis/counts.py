"""How many treatments, treated areas or clients there were, and how many of them had the side effect.

Every query takes the AnalysisTables to count from, a Scope and a Selection, and returns a DataFrame where it has rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas
from sqlalchemy import Subquery, and_, case, distinct, func, null, select, true, union_all

from data.analysis.frames import group_keys, rows_to_frame
from data.analysis.query_builder import (
    AnalysisTables,
    apply_selection,
    base_table,
    dimension_column,
    effect_filters,
    effect_table,
    injection_filters,
    join_episodes,
    one_row_per_unit,
    require_dimensions,
    select_episodes_of,
    unit_column,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import EFFECT_DIMENSIONS, INJECTION_DIMENSIONS, Selection
from data.analysis.sql_functions import rounded_sum, sum_if_complete


def counts(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """Counts per combination of the dimensions in `by` (data/analysis/selection.py names them).

    Columns: one per dimension, events (units with the side effect), followed_up (units with known outcome), total,
    in_follow_up (units treated less than the follow-up window ago), episodes (side effects), reports (notes on them);
    all int64.

    Side effects, families and grades that occur anywhere in the selection get a row for every group, zero included.
    An effect counts in an area when it was placed there; by product or lot, an unplaced one counts for each given.
    """
    outer, inner = split_dimensions(by)
    counted = denominators(tables, scope, selection, outer)
    affected = count_affected(tables, scope, selection, outer, inner)
    if inner:
        found = sorted(set(group_keys(affected, inner)), key=str)
        counted = counted.merge(rows_to_frame(inner, found), how="cross")
    if "side_effect" in inner:
        counted = _leave_out_not_asked(tables, scope, selection, outer, counted)
    counted = _join_groups(counted, affected, by)
    return counted[[*by, "events", "followed_up", "total", "in_follow_up", "episodes", "reports"]]


def split_dimensions(by: Sequence[str]) -> tuple[list[str], list[str]]:
    """The dimensions of treatments and injections, and those of side effects. ValueError on any other name."""
    require_dimensions(by)
    inner = [name for name in by if name in EFFECT_DIMENSIONS]
    return [name for name in by if name not in inner], inner


def _join_groups(counted: pandas.DataFrame, values: pandas.DataFrame, by: Sequence[str]) -> pandas.DataFrame:
    """`counted` with the counts in `values` of the same group, 0 where it has none."""
    joined = counted.merge(values, how="left", on=list(by)) if by else counted.join(values)
    added = [name for name in values if name not in by]
    return joined.assign(**{name: joined[name].fillna(0).astype("int64") for name in added})


def denominators(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> pandas.DataFrame:
    """Per group of treatment and injection dimensions: followed_up, total and in_follow_up units (int64)."""
    units = _units(tables, scope, selection, by)
    names = [units.c[name] for name in by]
    statement = select(
        *names,
        func.count(units.c.known).label("followed_up"),
        func.count().label("total"),
        func.count(units.c.maturing).label("in_follow_up"),
    ).group_by(*names)
    return _sort_groups(tables.fetch_frame(statement), by)


def _sort_groups(frame: pandas.DataFrame, by: Sequence[str]) -> pandas.DataFrame:
    """By the values of each group, missing ones last. Not in SQL: PostgreSQL sorts as its locale does."""
    return frame.sort_values(list(by), na_position="last", ignore_index=True) if by else frame


def count_clients(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many clients the selected treatments were given to."""
    t = tables.treatments
    return tables.fetch_value(apply_selection(tables, scope, selection, t, select(func.count(distinct(t.c.client_id)))))


def _units(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> Subquery:
    """Each selected unit once in every group that it is in: the group, client_id, known and maturing (1 or null)."""
    base = base_table(tables, selection, by)
    groups = [dimension_column(base, selection, name) for name in by]
    known, maturing = (case((is_so, 1)) for is_so in (base.c.known, base.c.date > selection.mature_until))
    columns = {"client_id": base.c.client_id, "known": known, "maturing": maturing}
    alone = one_row_per_unit(base, selection, by)
    if alone is None:
        columns = {name: func.max(column) for name, column in columns.items()}
    labelled = [column.label(name) for name, column in columns.items()]
    statement = apply_selection(tables, scope, selection, base, select(*groups, *labelled))
    once = statement.group_by(*groups, unit_column(base, selection)) if alone is None else statement.where(*alone)
    return once.subquery()


def count_affected(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str] = (), inner: Sequence[str] = ()
) -> pandas.DataFrame:
    """Per group of treatment and injection dimensions, then of side effects, that has any: events (units with the side
    effect), episodes, reports (notes on them); all int64."""
    base, e = effect_table(tables, selection, outer)
    dimensions = [dimension_column(base, selection, name) for name in outer] + [e.c[name].label(name) for name in inner]
    once = select_episodes_of(tables, scope, selection, outer, *dimensions, unit_column(base, selection).label("unit"))
    once = once.subquery()
    names = [once.c[name] for name in (*outer, *inner)]
    statement = select(
        *names,
        func.count(distinct(once.c.unit)).label("events"),
        func.count().label("episodes"),
        func.coalesce(func.sum(once.c.reports), 0).label("reports"),
    ).group_by(*names)
    affected = tables.fetch_frame(statement)
    return affected[affected.events > 0]


def _leave_out_not_asked(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], counted: pandas.DataFrame
) -> pandas.DataFrame:
    """Counts without the units whose follow-up left out the side effect of the row: nobody was asked about it."""
    base = base_table(tables, selection, outer)
    effects = select(tables.terms_not_asked.c.side_effect).distinct().subquery()
    left_out = tables.terms_not_asked
    known = case((and_(base.c.known, left_out.c.treatment_id.is_(None)), unit_column(base, selection)))
    names = [dimension_column(base, selection, name) for name in outer]
    statement = (
        apply_selection(
            tables, scope, selection, base,
            select(*names, effects.c.side_effect, func.count(distinct(known)).label("asked")),
        )
        .join(effects, true())
        .outerjoin(
            left_out,
            and_(left_out.c.treatment_id == base.c.treatment_id, left_out.c.side_effect == effects.c.side_effect),
        )
        .group_by(*names, effects.c.side_effect)
    )  # fmt: skip
    asked = counted.merge(tables.fetch_frame(statement), how="left", on=[*outer, "side_effect"]).asked
    return counted.assign(followed_up=asked.fillna(counted.followed_up).astype("int64"))


def daily_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[pandas.DataFrame]:
    """Per selection one row per day with a known outcome: date, events and followed_up (int64), in order of date.

    One query for all of them, little slower than for one. Selections may differ in their unit, in areas, products and
    lots, and in their side effects.
    """
    daily: dict[int, pandas.DataFrame] = {}
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        known, events = _daily(tables, scope, [selections[at] for at in places])
        for n, at in enumerate(places):
            frame = pandas.DataFrame({"events": events[f"hit_{n}"], "followed_up": known[f"known_{n}"]})
            daily[at] = frame[frame.followed_up > 0].rename_axis("date").reset_index()
    return [daily[at] for at in range(len(selections))]


def _daily(
    tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]
) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Of selections with the same unit, by date: how many units of each have a known outcome, and the side effect."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    by = ("product",) if of_given else ()
    base, (beside, e) = base_table(tables, common, ()), effect_table(tables, common, by)
    known, hits = [], []
    for at, selection in enumerate(selections):
        alone = one_row_per_unit(base, selection, ())
        counted = and_(base.c.known, *injection_filters(tables, selection, base), *(alone or ()))
        units = case((counted, unit_column(base, common)))
        known.append(func.count(distinct(units) if alone is None else units).label(f"known_{at}"))
        hit = and_(true(), *injection_filters(tables, selection, beside), *effect_filters(e, selection))
        hits.append(func.max(case((hit, 1), else_=0)).label(f"hit_{at}"))
    each = apply_selection(tables, scope, common, base, select(base.c.date, *known)).group_by(base.c.date)
    struck = join_episodes(tables, scope, common, by, beside.c.date, *hits)
    struck = struck.group_by(beside.c.date, unit_column(beside, common)).subquery()
    summed = select(struck.c.date, *(func.sum(struck.c[hit.name]).label(hit.name) for hit in hits))
    known_frame = tables.fetch_frame(each).set_index("date").sort_index().astype("int64")
    events_frame = tables.fetch_frame(summed.group_by(struck.c.date)).set_index("date").astype("int64")
    return known_frame, events_frame.reindex(known_frame.index, fill_value=0)


@dataclass(frozen=True)
class ClientHistogram:
    """How the treatments (or treated areas) behind a count are spread over clients, as a histogram.

    `clients` of them had `known` units with known outcome, of which `events` had the side effect.
    """

    clients: np.ndarray
    known: np.ndarray
    events: np.ndarray


def per_client(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple, ClientHistogram]:
    """For every group of `counts` with an event: what each client contributed. Several treatments of one client are
    not independent, and this is what their interval must allow for."""
    outer, inner = split_dimensions(by)
    base, e = effect_table(tables, selection, outer)
    unit = unit_column(base, selection)
    groups = [dimension_column(base, selection, name) for name in outer]
    units = _units(tables, scope, selection, outer)
    whose = [units.c[name] for name in (*outer, "client_id")]
    each = select(*whose, func.count().label("known")).where(units.c.known.is_not(None)).group_by(*whose).cte()
    effects = [e.c[name].label(name) for name in inner]
    once = select_episodes_of(tables, scope, selection, outer, *groups, *effects, base.c.client_id, unit.label("unit"))
    once = once.subquery()
    keys = [once.c[name] for name in (*outer, *inner)]
    hit = select(*keys, once.c.client_id, func.count(distinct(once.c.unit)).label("events"))
    hit = hit.group_by(*keys, once.c.client_id).subquery()
    same = (each.c[name].is_not_distinct_from(hit.c[name]) for name in ("client_id", *outer))
    alike = (*(hit.c[name] for name in (*outer, *inner)), each.c.known, hit.c.events)
    with_event = select(*alike, func.count()).join_from(hit, each, and_(*same)).group_by(*alike)
    group = [each.c[name] for name in outer]
    everyone = select(*group, *(null() for _ in inner), each.c.known, null(), func.count())
    everyone = everyone.group_by(*group, each.c.known)
    return _histograms(_fill_clients_without_event(len(outer), tables.fetch_rows(union_all(with_event, everyone))))


def _fill_clients_without_event(outer: int, rows: Sequence) -> Iterator[tuple]:
    """Of every group the clients with an event, as counted, and all the others of that group without one. `rows`: the
    clients with an event, and everyone of each outer group, with no number of events."""
    with_event, others = [], {}
    for *group, known, events, clients in rows:
        if events is None:
            others.setdefault(tuple(group[:outer]), Counter())[known] = clients
        else:
            with_event.append((*group, known, events, clients))
    without: dict[tuple, Counter] = {}
    for *group, known, _, clients in with_event:
        without.setdefault(tuple(group), others[tuple(group[:outer])].copy())[known] -= clients
    yield from with_event
    for group, left in without.items():
        yield from ((*group, known, 0, clients) for known, clients in left.items() if clients)


def _histograms(rows: Iterable) -> dict[tuple, ClientHistogram]:
    """From (group, known, events, clients), of the groups with an event."""
    groups: dict[tuple, list] = {}
    for *group, known, events, clients in rows:
        groups.setdefault(tuple(group), []).append((clients, known, events))
    return {
        group: ClientHistogram(*np.array(found).T)
        for group, found in groups.items()
        if any(events for *_, events in found)
    }


def scores(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Mean score per product, its units in all selected areas of the treatment, scale and day after the treatment.

    Columns: product (str), units (float64, NaN if those of some injection are not recorded), scale (str), day (int64,
    the day of injection is day 0), n (int64), mean (float64).
    """
    area, s = tables.treated_areas, tables.scores
    chosen = apply_selection(tables, scope, selection, area, select(area.c.treatment_id, area.c.product, area.c.units))
    chosen = chosen.subquery()
    dose = select(chosen.c.treatment_id, chosen.c.product, sum_if_complete(chosen.c.units).label("units"))
    dose = dose.group_by(chosen.c.treatment_id, chosen.c.product).subquery()
    keys = (dose.c.product, dose.c.units, s.c.scale, s.c.day)
    mean = rounded_sum(s.c.score) / func.count()
    statement = select(*keys, func.count().label("n"), mean.label("mean")).group_by(*keys)
    found = tables.fetch_frame(statement.join(s, s.c.treatment_id == dose.c.treatment_id))
    return _sort_groups(found, ("product", "units", "scale", "day"))


def count_unplaced_effects(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """Selected side effects without an area that was treated: in no count per area."""
    _, e = effect_table(tables, selection, ())
    statement = select_episodes_of(tables, scope, selection, ()).where(e.c.placed_area.is_(None)).subquery()
    return tables.fetch_value(select(func.count()).select_from(statement))


def followed_up_by(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """Treatments by how their outcome came to be known, or why it is not: the treatment dimensions in `by`, then heard
    (str) and treatments (int64)."""
    base, by = tables.treatments, (*by, "heard")
    names = [base.c[name] for name in by]
    statement = apply_selection(tables, scope, selection, base, select(*names, func.count().label("treatments")))
    return _sort_groups(tables.fetch_frame(statement.group_by(*names)), by)


def dimension_values(tables: AnalysisTables, scope: Scope, dimension: str) -> list:
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
    first, last = tables.fetch_rows(select(func.min(t.c.date), func.max(t.c.date)).where(*scope_filters(t, scope)))[0]
    return (first, last) if first else None
