"""How many treatments, treated areas or clients there were, and how many of them had the side effect.

Every query takes the AnalysisTables to count from, a Scope and a Selection, and returns a DataFrame where it has rows.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    and_,
    case,
    distinct,
    exists,
    func,
    join,
    not_,
    or_,
    select,
    true,
)

from data.analysis.follow_up import (
    asked_about_episode,
    asked_conditions,
    day_for_effect,
    day_for_episode,
    past_follow_up,
)
from data.analysis.frames import rows_as_frame
from data.analysis.query_builder import (
    UNIT_COLUMNS,
    AnalysisTables,
    apply_selection,
    base_table,
    counts_per_area,
    dimension_columns,
    effect_filters,
    effect_table,
    is_visible,
    one_row_per_unit,
    same_group,
    select_episodes_of,
    split_dimensions,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import EFFECT_DIMENSIONS, INJECTION_DIMENSIONS, Selection
from data.analysis.sql_functions import rounded_sum, sum_if_complete

EFFECT_COUNTS = ("events", "affected", "episodes", "reports")
COUNT_COLUMNS = (
    "treated", "events", "followed_up", "volunteered", "total", "in_follow_up", "possible", "known", "episodes",
    "reports",
)  # fmt: skip
Counted = dict[tuple[Any, ...], dict[str, int]]  # by group


def counts(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()) -> pandas.DataFrame:
    """Counts per combination of the dimensions in `by` (data/analysis/selection.py names them).

    Columns, after one per dimension; all int64 (definitions: docs/methods.md):
    - treated: all selected units, of any age
    - events: followed-up units with the side effect
    - followed_up: units past the follow-up window whose client was asked about the side effect
    - volunteered: units past the window with the side effect that are not among the events
    - total: units past the window
    - in_follow_up: all other units
    - possible: units past the window that have the side effect, or may have it
    - known: units of any age with a completed contact or a side effect on record (for the report, which had it first)
    - episodes, reports: side effects of units of any age, and notes on them

    Side effects, families and grades that occur anywhere in the selection get a row for every group, zero included.
    An effect counts in an area when it was placed there; by product or lot, an unplaced one counts for each given.
    """
    outer, inner = split_dimensions(by)
    units = _count_units(tables, scope, selection, outer, inner)
    affected = _count_effects(tables, scope, selection, outer, inner)
    unplaced = _count_unplaced_units(tables, scope, selection, outer, inner)
    left_out = _count_left_out(tables, scope, selection, outer) if "side_effect" in inner else {}
    width = len(outer)
    effects = sorted({group[width:] for group in affected}, key=str) if inner else [()]
    none = dict.fromkeys((*EFFECT_COUNTS, "affected_unasked"), 0)
    rows = []
    for group, unit in units.items():
        for effect in effects:
            day = day_for_effect(selection, dict(zip(inner, effect, strict=True)))
            had = affected.get((*group, *effect), none)
            asked = {"followed_up": unit[f"asked_{day}"], "unasked": unit[f"unasked_{day}"], "known": unit["known"]}
            if "side_effect" in inner:
                asked |= left_out.get((*group, effect[inner.index("side_effect")]), {})
            if selection.unit == "client":
                possible = had["affected"] + asked["unasked"] - had["affected_unasked"]
            else:
                possible = had["events"] + asked["unasked"] + unplaced.get((*group, *effect), 0)
            volunteered = had["affected"] - had["events"]
            rows.append(
                (*group, *effect, unit["treated"], had["events"], asked["followed_up"], volunteered, unit["total"],
                 unit["in_follow_up"], possible, asked["known"], had["episodes"], had["reports"])
            )  # fmt: skip
    names = (*outer, *inner, *COUNT_COLUMNS)
    return rows_as_frame(names, rows)[[*by, *COUNT_COLUMNS]]


def _count_units(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], inner: Sequence[str] = ()
) -> Counted:
    """Per group, in the order of the groups and missing values last: treated, total, in_follow_up, known, and for each
    day of `asked_conditions` asked_<day> and unasked_<day> (past the window and, at least once, not asked)."""
    units = select_units(tables, scope, selection, outer, inner)
    names = [units.c[name] for name in outer]
    counted = [func.count(column).label(column.name) for column in units.c if column.name not in (*outer, "client_id")]
    statement = select(*names, *counted, func.count().label("treated")).group_by(*names)
    width = len(outer)
    found: Counted = {}
    for row in tables.fetch_sorted(statement):
        numbers = row._asdict()
        numbers["in_follow_up"] = numbers["treated"] - numbers["total"]
        found[tuple(row[:width])] = numbers
    return found


def select_units(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], inner: Sequence[str] = ()
) -> Subquery:
    """Each selected unit once in every group that it is in: the group, client_id, and 1 or null for the counts of
    `_count_units`."""
    base = base_table(tables, selection, outer)
    groups = dimension_columns(base, selection, outer)
    past = past_follow_up(base, selection)
    columns: dict[str, ColumnElement[Any]] = {
        "client_id": base.c.client_id,
        "total": case((past, 1)),
        "known": case((base.c.known, 1)),
    }
    for day, asked in asked_conditions(tables, selection, base, inner).items():
        columns |= {f"asked_{day}": case((and_(past, asked), 1)), f"unasked_{day}": case((and_(past, not_(asked)), 1))}
    once = one_row_per_unit(base, selection, outer)
    if once is None:
        columns = {name: func.max(column) for name, column in columns.items()}
    labelled = [column.label(name) for name, column in columns.items()]
    statement = apply_selection(tables, scope, selection, base, select(*groups, *labelled))
    if once is None:
        return statement.group_by(*groups, base.c[UNIT_COLUMNS[selection.unit]]).subquery()
    return statement.where(*once).subquery()


def _count_effects(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], inner: Sequence[str]
) -> Counted:
    """Per group of treatment and injection dimensions, then of side effects, that has any: events, affected (units past
    the window with the side effect), episodes, reports; of clients also affected_unasked (affected, and at least one
    treatment was not asked about)."""
    base, e = effect_table(tables, selection, outer)
    dimensions = [*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner)]
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    past = past_follow_up(base, selection)
    asked = and_(past, asked_about_episode(tables, selection, base, e, inner))
    flags = (past.label("past"), asked.label("asked"), day_for_episode(selection, e, inner))
    chosen = select_episodes_of(tables, scope, selection, outer, *dimensions, unit, *flags).subquery("chosen")
    once = select(*chosen.c, _has_worst_grade(chosen, outer, inner).label("is_worst")).cte("once")
    names = [once.c[name] for name in (*outer, *inner)]
    counted: dict[str, ColumnElement[int]] = {
        "events": func.count(distinct(case((and_(once.c.asked, once.c.is_worst), once.c.unit)))),
        "affected": func.count(distinct(case((and_(once.c.past, once.c.is_worst), once.c.unit)))),
        "episodes": func.count(once.c.episode_id),
        "reports": func.coalesce(func.sum(once.c.reports), 0),
    }
    source: FromClause = once
    if selection.unit == "client":
        units = select_units(tables, scope, selection, outer, inner)
        days = asked_conditions(tables, selection, base, inner)
        unasked = or_(*(and_(once.c.asked_from == day, units.c[f"unasked_{day}"] == 1) for day in days))
        source = join(once, units, and_(units.c.client_id == once.c.unit, same_group(units, once, outer)))
        if "side_effect" in inner:
            keys = (*outer, "side_effect")
            left = _select_left_out(tables, scope, selection, outer)
            columns = (*(left.c[name] for name in keys), left.c.unit, func.max(case((left.c.unasked, 1), else_=0)))
            clients = select(*columns[:-1], columns[-1].label("unasked")).group_by(*columns[:-1]).subquery("clients")
            source = source.outerjoin(clients, and_(clients.c.unit == once.c.unit, same_group(clients, once, keys)))
            unasked = case((clients.c.unit.is_not(None), clients.c.unasked == 1), else_=unasked)
        hit = and_(once.c.past, once.c.is_worst, unasked)
        counted["affected_unasked"] = func.count(distinct(case((hit, once.c.unit))))
    labelled = (column.label(name) for name, column in counted.items())
    statement = select(*names, *labelled).select_from(source)
    rows = tables.fetch_rows(statement.group_by(*names))
    width = len(outer) + len(inner)
    return {tuple(row[:width]): {name: int(row[width + at]) for at, name in enumerate(counted)} for row in rows}


def _has_worst_grade(episodes: Subquery, outer: Sequence[str], inner: Sequence[str]) -> ColumnElement[bool]:
    """Whether an episode has the worst grade of its unit in its group: a unit counts once by grade, at its worst. Of a
    client, first of what was asked about, then of what is past the follow-up window."""
    if "grade" not in inner:
        return true()
    c = episodes.c
    group = [c[name] for name in (*outer, *inner) if name != "grade"]
    worst_first = (*(case((flag, 0), else_=1) for flag in (c.asked, c.past)), func.coalesce(c.grade, 0).desc())
    return func.rank().over(partition_by=(*group, c.unit), order_by=worst_first) == 1


def _count_unplaced_units(
    tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str], inner: Sequence[str]
) -> dict[tuple[Any, ...], int]:
    """Per group, the followed-up treated areas without the side effect whose treatment has it in an area that is not
    recorded, or was not treated: they may have it. Empty unless areas are counted."""
    base = base_table(tables, selection, outer)
    if not counts_per_area(selection, outer):
        return {}
    e, placed = tables.episodes, tables.placed_effects
    asked = and_(past_follow_up(base, selection), asked_about_episode(tables, selection, base, e, inner))
    same_effect = and_(true(), *(placed.c[name].is_not_distinct_from(e.c[name]) for name in inner))
    has_it = exists().where(placed.c.unit_id == base.c.unit_id, same_effect, *effect_filters(placed, selection))
    names = [*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner)]
    statement = (
        apply_selection(tables, scope, selection, base, select(*names, func.count(distinct(base.c.unit_id))))
        .join(e, e.c.treatment_id == base.c.treatment_id)
        .where(e.c.placed_area.is_(None), *effect_filters(e, selection), asked, ~has_it)
        .group_by(*names)
    )
    return {tuple(row[:-1]): row[-1] for row in tables.fetch_rows(statement)}


def _select_left_out(tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str]) -> Subquery:
    """Every selected treatment, or treated area, beside every side effect that any checklist left out: the group,
    side_effect, unit, known, and whether it is past the window and was asked, or was not (asked, unasked)."""
    base, c = base_table(tables, selection, outer), tables.incomplete_checklists
    effects = select(c.c.side_effect, c.c.asked_from).distinct().subquery()
    last_asked = case((c.c.treatment_id.is_(None), base.c.asked_day), else_=c.c.asked_day)
    asked, past = func.coalesce(last_asked >= effects.c.asked_from, False), past_follow_up(base, selection)
    never = and_(c.c.treatment_id.is_not(None), c.c.asked_day.is_(None), c.c.on_record.is_(False))
    columns = (
        *dimension_columns(base, selection, outer),
        effects.c.side_effect,
        base.c[UNIT_COLUMNS[selection.unit]].label("unit"),
        and_(base.c.known, not_(func.coalesce(never, False))).label("known"),
        and_(past, asked).label("asked"),
        and_(past, not_(asked)).label("unasked"),
    )
    same = and_(c.c.treatment_id == base.c.treatment_id, c.c.side_effect == effects.c.side_effect)
    statement = apply_selection(tables, scope, selection, base, select(*columns))
    return statement.join(effects, true()).outerjoin(c, same).subquery()


def _count_left_out(tables: AnalysisTables, scope: Scope, selection: Selection, outer: Sequence[str]) -> Counted:
    """Per group and side effect that any checklist left out: followed_up, unasked and known units."""
    units = _select_left_out(tables, scope, selection, outer)
    names = [units.c[name] for name in (*outer, "side_effect")]
    flags = {"followed_up": units.c.asked, "unasked": units.c.unasked, "known": units.c.known}
    columns = (func.count(distinct(case((flag, units.c.unit)))).label(name) for name, flag in flags.items())
    width = len(names)
    rows = tables.fetch_rows(select(*names, *columns).group_by(*names))
    return {tuple(row[:width]): dict(zip(flags, row[width:], strict=True)) for row in rows}


def denominators(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> pandas.DataFrame:
    """Per group of treatment and injection dimensions: treated, followed_up, total and in_follow_up units (int64)."""
    found = _count_units(tables, scope, selection, by)
    rows = [
        (*group, unit["treated"], unit[f"asked_{selection.asked_from}"], unit["total"], unit["in_follow_up"])
        for group, unit in found.items()
    ]
    names = (*by, "treated", "followed_up", "total", "in_follow_up")
    return rows_as_frame(names, rows)


def worst_grades(tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str]) -> pandas.DataFrame:
    """The worst grade of the selected side effects of each group of side effects: those in `by`, then grade (Int64)."""
    _, e = effect_table(tables, selection, ())
    chosen = select_episodes_of(tables, scope, selection, (), *(e.c[name] for name in by), e.c.grade).subquery()
    names = [chosen.c[name] for name in by]
    return tables.fetch_frame(select(*names, func.max(chosen.c.grade).label("grade")).group_by(*names))


def count_clients(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many clients the selected treatments were given to."""
    t = tables.treatments
    statement = apply_selection(tables, scope, selection, t, select(func.count(distinct(t.c.client_id))))
    return int(tables.fetch_rows(statement)[0][0])


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


def unplaced_effects(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """The side effects of the selected treatments without an area that was treated: in no count per area, so that they
    are the same in every unit. Columns: side_effect (str), episodes (int64), the most first."""
    per_treatment = replace(selection, unit="treatment")
    _, e = effect_table(tables, per_treatment, ())
    chosen = select_episodes_of(tables, scope, per_treatment, (), e.c.side_effect).where(e.c.placed_area.is_(None))
    each = chosen.subquery()
    counted = tables.fetch_frame(
        select(each.c.side_effect, func.count().label("episodes")).group_by(each.c.side_effect)
    )
    return counted.sort_values(["episodes", "side_effect"], ascending=[False, True], ignore_index=True)


def count_unplaced_effects(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many side effects of the selected treatments are in no count per area, whatever the unit."""
    return int(unplaced_effects(tables, scope, selection).episodes.sum())


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
    if dimension in EFFECT_DIMENSIONS:  # also of side effects that belong to no treatment
        statement = select(tables.episodes.c[dimension]).where(is_visible(tables, scope))
    else:
        base = tables.treated_areas if dimension in INJECTION_DIMENSIONS else tables.treatments
        statement = select(*dimension_columns(base, Selection(), (dimension,))).where(*scope_filters(base, scope))
    rows = tables.fetch_rows(statement.distinct())
    return sorted((value for (value,) in rows), key=lambda value: (value is None, value))


def date_range(tables: AnalysisTables, scope: Scope) -> tuple[date, date] | None:
    """The first and last treatment date; None without treatments."""
    t = tables.treatments
    ends = select(func.min(t.c.date), func.max(t.c.date)).where(*scope_filters(t, scope))
    first, last = tuple(tables.fetch_rows(ends)[0])
    return (first, last) if first else None
