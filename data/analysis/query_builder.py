"""Where counts are made from, and the parts of every query: what a viewer may see, what is selected, joined effects.

AnalysisTables are the derived tables: those of the columnar copy (data/analysis/columnar_copy.py), or subqueries over
the records in SQLite or PostgreSQL. The expressions, and so the results, are the same. Queries: data/analysis/counts.py
(counts), data/analysis/cases.py (side effects one by one), data/analysis/treatments.py (treatments and doses).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Engine,
    FromClause,
    Integer,
    Row,
    String,
    and_,
    case,
    literal,
    or_,
    select,
    true,
)

from data.analysis.derived_tables import derive_tables
from data.analysis.frames import make_frame, rows_as_frame
from data.analysis.scope import WHOLE_CLINIC, Scope, scope_filters
from data.analysis.selection import DIMENSIONS, EFFECT_DIMENSIONS, INJECTION_DIMENSIONS, Selection
from data.analysis.sql_functions import Statement
from models import codelist

UNIT_COLUMNS = {"treatment": "treatment_id", "area": "unit_id", "client": "client_id"}


@dataclass(frozen=True)
class AnalysisTables:
    engine: Engine
    treatments: FromClause
    treated_areas: FromClause
    area_sets: FromClause
    episodes: FromClause
    remedies: FromClause
    incomplete_checklists: FromClause
    status_notes: FromClause
    follow_ups: FromClause

    @cached_property
    def placed_effects(self) -> FromClause:
        """The side effects placed in a treated area, with it: `area` and `unit_id` as in `treated_areas`."""
        e = self.episodes
        place = (e.c.placed_area.label("area"), e.c.placed_unit.label("unit_id"))
        return select(*e.c, *place).where(e.c.placed_area.is_not(None)).subquery("placed")

    def fetch_rows(self, statement: Statement | CompoundSelect[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            return connection.execute(statement).all()

    def fetch_frame(self, statement: Statement, **types: str) -> pandas.DataFrame:
        """The rows as a DataFrame with the column types of data/analysis/frames.py, or `types`."""
        with self.engine.connect() as connection:
            result = connection.execute(statement)
            if self.engine.dialect.name == "duckdb":
                return make_frame(result.cursor.fetchnumpy(), **types)  # many rows in a tenth of the time
            return rows_as_frame(list(result.keys()), result.all(), **types)

    def fetch_sorted(self, statement: Statement) -> list[Row[*tuple[Any, ...]]]:
        """The rows in the order of their values, missing ones last. Not in SQL: PostgreSQL sorts as its locale does."""
        return sorted(self.fetch_rows(statement), key=lambda row: [(value is None, value) for value in row])


def records_source(engine: Engine) -> AnalysisTables:
    """Counts straight from the records: always right, slow beyond some ten thousand treatments."""
    # Computed once in a statement: SQLite would otherwise compute the rows again for every row they are joined to.
    return AnalysisTables(engine, **derive_tables(lambda name, rows: rows.cte(name).prefix_with("MATERIALIZED")))


def split_dimensions(by: Iterable[str]) -> tuple[list[str], list[str]]:
    """The dimensions of treatments and injections, and those of side effects. ValueError on any other name."""
    if unknown := [name for name in by if name not in DIMENSIONS]:
        raise ValueError(f"by: {unknown[0]!r} is not one of {', '.join(DIMENSIONS)}")
    inner = [name for name in by if name in EFFECT_DIMENSIONS]
    return [name for name in by if name not in inner], inner


def base_table(tables: AnalysisTables, selection: Selection, by: Iterable[str]) -> FromClause:
    per_injection = selection.unit == "area" or any(name in INJECTION_DIMENSIONS for name in by)
    return tables.treated_areas if per_injection else tables.treatments


def dimension_columns(base: FromClause, selection: Selection, names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Dimensions of treatments or injections, under their names."""
    return [(how_asked(base, selection) if name == "how_asked" else base.c[name]).label(name) for name in names]


def how_asked(base: FromClause, selection: Selection) -> ColumnElement[str | None]:
    """The best way in which the client was asked late enough: a checklist finds more than an open question."""
    # Written out and not parameters: PostgreSQL takes the same parameter, given twice, for two different ones.
    ways = {"checklist": base.c.checklist_day, "open": base.c.open_day, "not_recorded": base.c.asked_day}
    day = literal(selection.asked_from, Integer, literal_execute=True)
    return case(*((last >= day, literal(way, String, literal_execute=True)) for way, last in ways.items()))


def one_row_per_unit(base: FromClause, selection: Selection, by: Sequence[str]) -> list[ColumnElement[bool]] | None:
    """Conditions that leave each unit one row of `base` in each group; None where no condition does.

    Then rows can be counted, ten times as fast as distinct units.
    """
    if selection.unit == "client":
        return None
    if "area" not in base.c:
        return []
    per_area, per_product = _counted_per(selection, by)
    if per_product:
        return [] if per_area and {"product", "lot"} <= set(by) else None
    return [base.c.one_per_area] if per_area else None


def counts_per_area(selection: Selection, by: Iterable[str]) -> bool:
    """Whether a side effect counts only in the area that it was placed in."""
    return _counted_per(selection, by)[0]


def _counted_per(selection: Selection, by: Iterable[str]) -> tuple[bool, bool]:
    """Whether the query is per treated area, and whether it is about a product or lot given there."""
    of_given = bool(selection.products or selection.lots or {"product", "lot", "units"} & set(by))
    return selection.unit == "area" or "area" in by, of_given


def apply_selection(
    tables: AnalysisTables, scope: Scope, selection: Selection, base: FromClause, statement: Statement
) -> Statement:
    """The treatments that this viewer may see and has selected."""
    conditions = scope_filters(base, scope)
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
    conditions += injection_filters(tables, selection, base)
    return statement.select_from(base).where(*conditions)


def injection_filters(tables: AnalysisTables, selection: Selection, base: FromClause) -> list[ColumnElement[bool]]:
    """Area, product and lot filters hold for one and the same injected area."""
    place = base if "area" in base.c else tables.treated_areas
    wanted = {"area": selection.areas, "product": selection.products, "lot": selection.lots}
    conditions: list[ColumnElement[bool]] = [place.c[name].in_(values) for name, values in wanted.items() if values]
    if place is base or not conditions:
        return conditions
    if selection.areas and len(conditions) == 1 and set(selection.areas) <= codelist.areas().keys():
        sets = tables.area_sets  # a hundred rows, where treated areas would be hundreds of thousands
        return [base.c.area_set.in_(select(sets.c.area_set).where(sets.c.area.in_(selection.areas)))]
    return [base.c.treatment_id.in_(select(place.c.treatment_id).where(*conditions))]


def select_episodes_of(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str], *columns: ColumnElement[Any]
) -> Statement:
    """The episodes of interest of selected treatments, or of treated areas with each that they count in, once."""
    base, e = effect_table(tables, selection, by)
    statement = join_episodes(tables, scope, selection, by, *columns, e.c.episode_id, e.c.reports)
    statement = statement.where(*effect_filters(e, selection))
    return statement if base is e else statement.distinct()


def join_episodes(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str], *columns: ColumnElement[Any]
) -> Statement:
    """Selected treatments, or treated areas, beside all of their episodes. `columns`: those of `effect_table`."""
    base, e = effect_table(tables, selection, by)
    statement = apply_selection(tables, scope, selection, base, select(*columns))
    if base is e:
        return statement.where(e.c.treatment_id.is_not(None))
    same = e.c.treatment_id == base.c.treatment_id
    if "area" in base.c:
        same_area = e.c.placed_area == base.c.area
        per_area, _ = _counted_per(selection, by)
        same &= same_area if per_area else or_(e.c.placed_area.is_(None), same_area)
    return statement.join(e, same)


def effect_table(tables: AnalysisTables, selection: Selection, by: Sequence[str]) -> tuple[FromClause, FromClause]:
    """Where dimensions of treatments and injections are found beside episodes, and where those of side effects are: in
    one table unless the query is about what was given."""
    base = base_table(tables, selection, by)
    if base is tables.treatments:
        return tables.episodes, tables.episodes
    per_area, per_product = _counted_per(selection, by)
    if per_area and not per_product:
        return tables.placed_effects, tables.placed_effects
    return base, tables.episodes


def effect_filters(e: FromClause, selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.side_effects:
        conditions.append(e.c.side_effect.in_(selection.side_effects))
    if selection.families:
        conditions.append(e.c.family.in_(selection.families))
    if selection.least_grade is not None:
        conditions.append(e.c.grade >= selection.least_grade)
    if selection.grades:
        conditions.append(e.c.grade.in_(selection.grades))
    if selection.open is not None:
        conditions.append(e.c.ended == (not selection.open))
    if selection.placed is not None:
        conditions.append(e.c.placed_area.is_not(None) if selection.placed else e.c.placed_area.is_(None))
    if selection.red_flag:
        conditions += [e.c.red_flag.is_not(None), e.c.reviewed.is_(False)]
    return conditions


def is_visible(tables: AnalysisTables, scope: Scope) -> ColumnElement[bool]:
    """Whether this viewer may see an episode: its treatment, or if it belongs to none, a treatment of the client.
    Whoever may see the whole clinic may also see clients without a treatment."""
    e, t = tables.episodes, tables.treatments
    if scope == WHOLE_CLINIC:
        return true()
    clients = select(t.c.client_id).where(*scope_filters(t, scope))
    of_client = and_(e.c.treatment_id.is_(None), e.c.client_id.in_(clients))
    return or_(and_(e.c.treatment_id.is_not(None), *scope_filters(e, scope)), of_client)


def same_group(left: FromClause, right: FromClause, names: Iterable[str]) -> ColumnElement[bool]:
    """Whether two rows are of the same group, in which values can be missing."""
    return and_(true(), *(left.c[name].is_not_distinct_from(right.c[name]) for name in names))
