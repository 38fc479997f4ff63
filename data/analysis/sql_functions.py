"""The tables of the records, and the SQL expressions that several derived tables share, for every database engine."""

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Integer, Select, case, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models import records

NOT_RECORDED = "not told"  # shown where a record has no practitioner, area or lot
MILLION = 1_000_000

Statement: TypeAlias = Select[*tuple[Any, ...]]  # of any columns

SITE: FromClause = records.Site.__table__
PRACTITIONER: FromClause = records.Practitioner.__table__
PRODUCT: FromClause = records.Product.__table__
LOT: FromClause = records.Lot.__table__
TREATMENT: FromClause = records.Treatment.__table__
INJECTION: FromClause = records.Injection.__table__
FOLLOW_UP: FromClause = records.FollowUp.__table__
NOT_ASKED: FromClause = records.NotAsked.__table__
SIDE_EFFECT: FromClause = records.SideEffect.__table__
STATUS: FromClause = records.Status.__table__
TERM: FromClause = records.Term.__table__
BATCH: FromClause = records.ImportBatch.__table__
REVIEW: FromClause = records.CaseReview.__table__
REMEDY: FromClause = records.Remedy.__table__


class days_between(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it stands for
    """Whole days from the second date to the first, on every engine."""

    type = Integer()
    inherit_cache = True


@compiles(days_between)
def _days_between_elsewhere(element: days_between, compiler: SQLCompiler, **kw: Any) -> str:
    later, earlier = element.clauses
    return f"({compiler.process(later, **kw)} - {compiler.process(earlier, **kw)})"


@compiles(days_between, "sqlite")
def _days_between_on_sqlite(element: days_between, compiler: SQLCompiler, **kw: Any) -> str:
    later, earlier = element.clauses
    return f"CAST(julianday({compiler.process(later, **kw)}) - julianday({compiler.process(earlier, **kw)}) AS INTEGER)"


def sum_if_complete(units: ColumnElement[Any]) -> ColumnElement[Any]:
    """Total units; NULL if any part is missing, because a partial sum would look like a full dose."""
    return case((func.count(units) == func.count(), rounded_sum(units)))


def rounded_sum(values: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sum to a millionth: DuckDB adds in parallel, and the last digit of a float sum depends on the order."""
    return func.round(func.sum(values) * MILLION) / MILLION
