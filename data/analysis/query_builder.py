"""Where counts are made from, and what every query is made of: what a viewer may see, what was asked, how effects join.

A Source is where the derived rows stand: tables of the columnar copy (data/analysis/columnar_copy.py), or subqueries
over the records
in SQLite or PostgreSQL. The expressions, and so the results, are the same. Queries: data/analysis/counts.py (counts),
data/analysis/cases.py (side effects one by one), data/analysis/treatments.py (treatments and doses).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas
from sqlalchemy import ColumnElement, Date, Engine, FromClause, Select, and_, bindparam, or_, select

from data.analysis import derived_episodes, derived_treatments
from data.analysis.frames import make_frame
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import DIMENSIONS, INJECTION_DIMENSIONS, SINCE_DIMENSION, Selection
from models import codelist


@dataclass(frozen=True)
class AnalysisTables:
    engine: Engine
    treatments: FromClause
    treated_areas: FromClause
    episodes: FromClause
    scores: FromClause
    remedies: FromClause
    terms_not_asked: FromClause
    status_notes: FromClause
    follow_ups: FromClause

    @cached_property
    def placed_effects(self) -> FromClause:
        """The side effects placed in an area that was treated, with it: `area` and `unit_id` as in `treated_area`."""
        e = self.episodes
        there = (e.c.placed_area.label("area"), e.c.placed_unit.label("unit_id"))
        return select(*e.c, *there).where(e.c.placed_area.is_not(None)).subquery("placed")

    def fetch_rows(self, statement: Select) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(statement).all()

    def fetch_columns(self, statement: Select) -> list[np.ndarray]:
        """The same column by column, where there are many rows. Of objects, None where something is not told."""
        with self.engine.connect() as connection:
            result = connection.execute(statement)
            if self.engine.dialect.name == "duckdb":
                return [_to_objects(column) for column in result.cursor.fetchnumpy().values()]
            names, rows = result.keys(), result.all()
            return [np.array([row[at] for row in rows], dtype=object) for at in range(len(names))]

    def fetch_frame(self, statement: Select) -> pandas.DataFrame:
        """The rows as a DataFrame with the column types of data/analysis/frames.py."""
        return make_frame(dict(zip(statement.selected_columns.keys(), self.fetch_columns(statement), strict=True)))

    def fetch_value(self, statement: Select) -> Any:
        """The only value of the only row."""
        with self.engine.connect() as connection:
            return connection.execute(statement).scalar_one()


def _to_objects(column: np.ndarray) -> np.ndarray:
    """Of DuckDB's arrays: days and not moments, None and not a mask."""
    if np.issubdtype(column.dtype, np.datetime64):
        column = column.astype("datetime64[D]")
    if not np.ma.is_masked(column):
        return np.asarray(column)
    plain = column.data.astype(object)
    plain[column.mask] = None
    return plain


def split_by_group(keys: Sequence[np.ndarray], *columns: np.ndarray) -> dict[tuple, list[np.ndarray]]:
    """Group -> its part of each column, in the order of the rows; groups in the order in which they come."""
    if not keys:
        return {(): list(columns)} if len(columns[0]) else {}
    number: dict[tuple, int] = {}
    every = zip(*(key.tolist() for key in keys), strict=True)
    group = np.array([number.setdefault(values, len(number)) for values in every], dtype=np.int64)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=len(number)))[:-1]
    parts = [np.split(column[order], ends) for column in columns]
    return {values: [part[at] for part in parts] for values, at in number.items()}


def records_source(engine: Engine) -> AnalysisTables:
    """Counts straight from the records: always right, slow beyond some ten thousand treatments."""
    places = _materialize(derived_treatments.select_treated_places(), "treated_places")
    effects = _materialize(derived_episodes.select_side_effects(places), "side_effects")
    treatments = _materialize(derived_treatments.select_treatments(places, effects), "treatments")
    return AnalysisTables(
        engine,
        treatments=treatments,
        treated_areas=_materialize(derived_treatments.select_treated_areas(places, treatments), "treated_areas"),
        episodes=_materialize(derived_episodes.select_episodes(effects, treatments), "episodes"),
        scores=_materialize(derived_treatments.select_scores(), "scores"),
        remedies=_materialize(derived_episodes.select_remedies(), "remedies"),
        terms_not_asked=_materialize(derived_episodes.select_not_asked(effects), "terms_not_asked"),
        status_notes=_materialize(derived_episodes.select_status_notes(), "status_notes"),
        follow_ups=_materialize(derived_treatments.select_follow_ups(), "follow_ups"),
    )


def _materialize(rows: Select, name: str) -> FromClause:
    """Rows worked out once in a statement: SQLite would else work them out anew for every row they are joined to."""
    return rows.cte(name).prefix_with("MATERIALIZED")


def require_dimensions(by: Iterable[str]) -> None:
    if unknown := [name for name in by if name not in (*DIMENSIONS, SINCE_DIMENSION)]:
        raise ValueError(f"by: {unknown[0]!r} is not one of {', '.join(DIMENSIONS)}")


def base_table(source: AnalysisTables, selection: Selection, by: Iterable[str]) -> FromClause:
    per_injection = selection.unit == "area" or any(name in INJECTION_DIMENSIONS for name in by)
    return source.treated_areas if per_injection else source.treatments


def dimension_column(base: FromClause, selection: Selection, name: str) -> ColumnElement:
    """A dimension of treatments or injections, under its name."""
    if name != SINCE_DIMENSION:
        return base.c[name].label(name)
    # Written out and not a parameter: PostgreSQL takes the same parameter, said twice, for two different ones.
    return (base.c.date >= bindparam(SINCE_DIMENSION, selection.since, Date, literal_execute=True)).label(
        SINCE_DIMENSION
    )


def unit_column(base: FromClause, selection: Selection) -> ColumnElement:
    return base.c[{"treatment": "treatment_id", "area": "unit_id", "client": "client_id"}[selection.unit]]


def one_row_per_unit(base: FromClause, selection: Selection, by: Sequence[str]) -> list[ColumnElement] | None:
    """Conditions that leave each unit one row of `base` in each group; None where no condition does.

    Then rows can be counted, ten times as fast as distinct units.
    """
    if selection.unit == "client":
        return None
    if "area" not in base.c:
        return []
    if _is_per_injection(selection, by):
        return [] if _is_per_area(selection, by) and {"product", "lot"} <= set(by) else None
    return [base.c.one_per_area] if _is_per_area(selection, by) else None


def _is_per_area(selection: Selection, by: Iterable[str]) -> bool:
    """Whether it is asked in which area."""
    return selection.unit == "area" or "area" in by


def _is_per_injection(selection: Selection, by: Iterable[str]) -> bool:
    """Whether it is asked what was given there."""
    return bool(selection.products or selection.lots or {"product", "lot", "units"} & set(by))


def apply_selection(
    source: AnalysisTables, scope: Scope, selection: Selection, base: FromClause, statement: Select
) -> Select:
    """The treatments this viewer may see and asked for."""
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
    conditions += injection_filters(source, selection, base)
    return statement.select_from(base).where(*conditions)


def injection_filters(source: AnalysisTables, selection: Selection, base: FromClause) -> list[ColumnElement]:
    """Area, product and lot filters hold for one and the same injected area."""
    wanted = {"area": selection.areas, "product": selection.products, "lot": selection.lots}
    wanted = {name: values for name, values in wanted.items() if values}

    def conditions(place: FromClause) -> list[ColumnElement]:
        return [place.c[name].in_(values) for name, values in wanted.items()]

    if "area" in base.c or not wanted:
        return conditions(base)
    if wanted.keys() == {"area"} and codelist.areas().keys() >= set(selection.areas):
        return [base.c.area_set.bitwise_and(sum(map(derived_treatments.area_bit, set(selection.areas)))) != 0]
    if wanted.keys() == {"product"} and codelist.products().keys() >= set(selection.products):
        return [base.c.product_set.bitwise_and(sum(map(derived_treatments.product_bit, set(selection.products)))) != 0]
    place = source.treated_areas
    return [base.c.treatment_id.in_(select(place.c.treatment_id).where(*conditions(place)))]


def select_episodes_of(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str], *columns
) -> Select:
    """The episodes of interest of selected treatments, or of treated areas with each that they count in, once."""
    base, e = effect_table(source, selection, by)
    statement = join_episodes(source, scope, selection, by, *columns, e.c.episode_id, e.c.reports)
    statement = statement.where(*effect_filters(e, selection))
    return statement if base is e else statement.distinct()


def join_episodes(source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str], *columns) -> Select:
    """Selected treatments, or treated areas, beside all of their episodes. `columns`: of the tables of `joined`."""
    base, e = effect_table(source, selection, by)
    statement = apply_selection(source, scope, selection, base, select(*columns))
    if base is e:
        return statement.where(e.c.treatment_id.is_not(None))
    return statement.join(e, and_(e.c.treatment_id == base.c.treatment_id, *same_area(base, e, selection, by)))


def effect_table(source: AnalysisTables, selection: Selection, by: Sequence[str]) -> tuple[FromClause, FromClause]:
    """Where dimensions of treatments and injections are found beside episodes, and where those of side effects are: in
    one table unless it is asked what was given."""
    base = base_table(source, selection, by)
    if base is source.treatments:
        return source.episodes, source.episodes
    if _is_per_area(selection, by) and not _is_per_injection(selection, by):
        return source.placed_effects, source.placed_effects
    return base, source.episodes


def same_area(base: FromClause, e: FromClause, selection: Selection, by: Iterable[str]) -> list[ColumnElement]:
    if "area" not in base.c:
        return []
    here = e.c.placed_area == base.c.area
    if _is_per_area(selection, by):
        return [here]
    return [or_(e.c.placed_area.is_(None), here)]


def effect_filters(e: FromClause, selection: Selection) -> list[ColumnElement]:
    conditions = []
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
