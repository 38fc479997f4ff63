"""The aggregates: how many treatments, treated areas or clients, and how many of them had the side effect.

Every query takes a Source, a Scope and a Selection. SQLAlchemy Core; nothing else counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product as every_pair
from typing import Any

import numpy as np
from sqlalchemy import Subquery, and_, case, distinct, func, null, select, true, union_all

from data.analysis.derived_tables import rounded_sum, sum_if_complete
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


@dataclass(frozen=True)
class UnitCount:
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


def counts(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> list[UnitCount]:
    """Counts per combination of the dimensions in `by` (data/analysis/selection.py names them), in their order.

    Side effects, families and grades that occur anywhere in the selection get a row for every group, zero included.
    An effect counts in an area when it was placed there; by product or lot, an unplaced one counts for each given.
    """
    require_dimensions(by)
    outer = [name for name in by if name not in EFFECT_DIMENSIONS]
    inner = [name for name in by if name in EFFECT_DIMENSIONS]
    groups = denominators(source, scope, selection, outer)
    hit = count_affected(source, scope, selection, outer, inner)
    asked = _known_despite_not_asked(source, scope, selection, outer) if "side_effect" in inner else {}
    found = sorted({key[len(outer) :] for key in hit}, key=str) if inner else [()]
    counted = []
    for (group, (known, total, maturing)), effect in every_pair(groups.items(), found):
        events, episodes, reports = hit.get(group + effect, (0, 0, 0))
        values = dict(zip((*outer, *inner), group + effect, strict=True))
        known = asked.get((group, values.get("side_effect")), known)
        row = tuple((name, values[name]) for name in by)
        counted.append(UnitCount(row, events, known, total, maturing, episodes, reports))
    return counted


def denominators(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> dict[tuple, tuple]:
    """Per group of treatment and injection dimensions: (known, total, maturing) units."""
    each = _units(source, scope, selection, by)
    names = [each.c[name] for name in by]
    statement = select(*names, func.count(each.c.known), func.count(), func.count(each.c.maturing)).group_by(*names)
    return _sort_groups({tuple(row[:-3]): tuple(row[-3:]) for row in source.fetch_rows(statement)})


def count_clients(source: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many clients the selected treatments were given to."""
    t = source.treatments
    return source.fetch_rows(apply_selection(source, scope, selection, t, select(func.count(distinct(t.c.client_id)))))[
        0
    ][0]


def _sort_groups(groups: dict[tuple, Any]) -> dict[tuple, Any]:
    """By the values of each group, what is not told last. Databases differ: a PostgreSQL sorts as its locale does."""
    return dict(sorted(groups.items(), key=lambda group: [(value is None, value) for value in group[0]]))


def _units(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> Subquery:
    """Each selected unit once in every group that it is in: the group, client_id, known and maturing (1 or null)."""
    base = base_table(source, selection, by)
    groups = [dimension_column(base, selection, name) for name in by]
    known, maturing = (case((is_so, 1)) for is_so in (base.c.known, base.c.date > selection.mature_until))
    columns = {"client_id": base.c.client_id, "known": known, "maturing": maturing}
    alone = one_row_per_unit(base, selection, by)
    if alone is None:
        columns = {name: func.max(column) for name, column in columns.items()}
    labelled = [column.label(name) for name, column in columns.items()]
    statement = apply_selection(source, scope, selection, base, select(*groups, *labelled))
    once = statement.group_by(*groups, unit_column(base, selection)) if alone is None else statement.where(*alone)
    return once.subquery()


def count_affected(
    source: AnalysisTables, scope: Scope, selection: Selection, outer=(), inner=()
) -> dict[tuple, tuple]:
    """Per group of treatment and injection dimensions, then of side effects, with any: (units with the side effect,
    episodes, notes on them)."""
    base, e = effect_table(source, selection, outer)
    dimensions = [dimension_column(base, selection, name) for name in outer] + [e.c[name].label(name) for name in inner]
    once = select_episodes_of(source, scope, selection, outer, *dimensions, unit_column(base, selection).label("unit"))
    once = once.subquery()
    names = [once.c[name] for name in (*outer, *inner)]
    statement = select(
        *names, func.count(distinct(once.c.unit)), func.count(), func.sum(once.c.reports)
    ).group_by(*names)  # fmt: skip
    return {tuple(row[:-3]): (row[-3], row[-2], int(row[-1])) for row in source.fetch_rows(statement) if row[-3]}


def _known_despite_not_asked(source: AnalysisTables, scope: Scope, selection: Selection, outer) -> dict[tuple, int]:
    """Known outcomes of those side effects that some follow-up set out to ask about and did not: ((group), effect)."""
    base = base_table(source, selection, outer)
    effects = select(source.terms_not_asked.c.side_effect).distinct().subquery()
    left_out = source.terms_not_asked
    known = case((and_(base.c.known, left_out.c.treatment_id.is_(None)), unit_column(base, selection)))
    names = [dimension_column(base, selection, name) for name in outer]
    statement = (
        apply_selection(
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
    return {(tuple(row[:-2]), row[-2]): row[-1] for row in source.fetch_rows(statement)}


Day = tuple[date, int, int]  # (date, units with the side effect, units with known outcome)


def daily_outcomes(source: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[list[Day]]:
    """Per selection, its days with a known outcome in order: the counts by date of each, together for little more than
    those of one. Selections may differ in their unit, in areas, products and lots, and in their side effects."""
    found: list[list[Day]] = [[] for _ in selections]
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        known, events = _daily(source, scope, [selections[at] for at in places])
        for on, counts in known.items():
            for at, n, hit in zip(places, counts, events.get(on, [0] * len(places)), strict=True):
                if n:
                    found[at].append((on, hit, n))
    return found


def _daily(source: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> tuple[dict, dict]:
    """Of selections with the same unit: date -> how many units of each have a known outcome; -> the side effect."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    by = ("product",) if of_given else ()
    base, (beside, e) = base_table(source, common, ()), effect_table(source, common, by)
    known, hits = [], []
    for at, selection in enumerate(selections):
        alone = one_row_per_unit(base, selection, ())
        counted = and_(base.c.known, *injection_filters(source, selection, base), *(alone or ()))
        units = case((counted, unit_column(base, common)))
        known.append(func.count(distinct(units) if alone is None else units))
        hit = and_(true(), *injection_filters(source, selection, beside), *effect_filters(e, selection))
        hits.append(func.max(case((hit, 1), else_=0)).label(f"hit_{at}"))
    each = apply_selection(source, scope, common, base, select(base.c.date, *known)).group_by(base.c.date)
    struck = join_episodes(source, scope, common, by, beside.c.date, *hits)
    struck = struck.group_by(beside.c.date, unit_column(beside, common)).subquery()
    summed = select(struck.c.date, *(func.sum(struck.c[hit.name]) for hit in hits)).group_by(struck.c.date)
    counted = {on: counts for on, *counts in source.fetch_rows(each)}
    return dict(sorted(counted.items())), {on: [int(n) for n in counts] for on, *counts in source.fetch_rows(summed)}


@dataclass(frozen=True)
class ClientHistogram:
    """How the treatments (or treated areas) behind a count are spread over clients, as a histogram.

    `clients` of them had `known` units with known outcome, of which `events` had the side effect.
    """

    clients: np.ndarray
    known: np.ndarray
    events: np.ndarray


def per_client(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple, ClientHistogram]:
    """For every group of `counts` with an event: what each client contributed. Several treatments of one client are
    not independent, and this is what their interval must allow for."""
    require_dimensions(by)
    outer = [name for name in by if name not in EFFECT_DIMENSIONS]
    inner = [name for name in by if name in EFFECT_DIMENSIONS]
    base, e = effect_table(source, selection, outer)
    unit = unit_column(base, selection)
    groups = [dimension_column(base, selection, name) for name in outer]
    units = _units(source, scope, selection, outer)
    whose = [units.c[name] for name in (*outer, "client_id")]
    each = select(*whose, func.count().label("known")).where(units.c.known.is_not(None)).group_by(*whose).cte()
    effects = [e.c[name].label(name) for name in inner]
    once = select_episodes_of(source, scope, selection, outer, *groups, *effects, base.c.client_id, unit.label("unit"))
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
    return _histograms(_fill_clients_without_event(len(outer), source.fetch_rows(union_all(with_event, everyone))))


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


@dataclass(frozen=True)
class Score:
    """The scores of one scale after treatments with one product and dose, on one day after them. `units` None: of some
    injection of the product they are not told."""

    product: str
    units: float | None
    scale: str
    day: int
    n: int
    mean: float


def scores(source: AnalysisTables, scope: Scope, selection: Selection) -> list[Score]:
    """Mean score per product, its units in all selected areas of the treatment, scale and day after the treatment."""
    area, s = source.treated_areas, source.scores
    chosen = apply_selection(source, scope, selection, area, select(area.c.treatment_id, area.c.product, area.c.units))
    chosen = chosen.subquery()
    dose = select(chosen.c.treatment_id, chosen.c.product, sum_if_complete(chosen.c.units).label("units"))
    dose = dose.group_by(chosen.c.treatment_id, chosen.c.product).subquery()
    keys = (dose.c.product, dose.c.units, s.c.scale, s.c.day)
    mean = rounded_sum(s.c.score) / func.count()
    statement = select(*keys, func.count(), mean).join(s, s.c.treatment_id == dose.c.treatment_id)
    found = {tuple(row[:4]): tuple(row[4:]) for row in source.fetch_rows(statement.group_by(*keys))}
    return [Score(*key, *told) for key, told in _sort_groups(found).items()]


def count_unplaced_effects(source: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """Selected side effects without an area that was treated: in no count per area."""
    _, e = effect_table(source, selection, ())
    statement = select_episodes_of(source, scope, selection, ()).where(e.c.placed_area.is_(None)).subquery()
    return source.fetch_rows(select(func.count()).select_from(statement))[0][0]


def followed_up_by(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple, int]:
    """Treatments by how their outcome came to be known, or why it is not; `by` treatment dimensions first."""
    base = source.treatments
    names = [base.c[name] for name in (*by, "heard")]
    statement = apply_selection(source, scope, selection, base, select(*names, func.count())).group_by(*names)
    return _sort_groups({tuple(row[:-1]): row[-1] for row in source.fetch_rows(statement)})


def dimension_values(source: AnalysisTables, scope: Scope, dimension: str) -> list:
    """The values a filter can take, over all that this viewer may see."""
    base = source.treated_areas if dimension in INJECTION_DIMENSIONS else source.treatments
    if dimension in EFFECT_DIMENSIONS:
        e = source.episodes
        statement = select(e.c[dimension]).join(base, base.c.treatment_id == e.c.treatment_id)
    else:
        statement = select(base.c[dimension])
    rows = source.fetch_rows(statement.where(*scope_filters(base, scope)).distinct())
    return [value for (value,) in _sort_groups({tuple(row): None for row in rows})]


def date_range(source: AnalysisTables, scope: Scope) -> tuple[date, date] | None:
    """The first and last treatment date; None without treatments."""
    t = source.treatments
    first, last = source.fetch_rows(select(func.min(t.c.date), func.max(t.c.date)).where(*scope_filters(t, scope)))[0]
    return (first, last) if first else None
