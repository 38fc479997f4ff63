"""The tables of the records, and the SQL expressions that several derived tables share, for every database engine."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, FromClause, Integer, Select, Table, case, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models import records

NOT_RECORDED = "not told"  # shown where a record has no practitioner, area or lot
MILLION = 1_000_000


class days_between(FunctionElement):  # noqa: N801 - reads as the SQL function it stands for
    """Whole days from the second date to the first, on every engine."""

    type = Integer()
    inherit_cache = True


@compiles(days_between)
def _days_between_elsewhere(element, compiler, **kw):
    later, earlier = element.clauses
    return f"({compiler.process(later, **kw)} - {compiler.process(earlier, **kw)})"


@compiles(days_between, "sqlite")
def _days_between_on_sqlite(element, compiler, **kw):
    later, earlier = element.clauses
    return f"CAST(julianday({compiler.process(later, **kw)}) - julianday({compiler.process(earlier, **kw)}) AS INTEGER)"


def later_date(one, other):
    """The later of two dates, or the other one if one is missing."""
    return case((or_(one.is_(None), other > one), other), else_=one)


def sum_if_complete(units: ColumnElement) -> ColumnElement:
    """Total units; NULL if any part is missing, because a partial sum would look like a full dose."""
    return case((func.count(units) == func.count(), rounded_sum(units)))


def rounded_sum(values: ColumnElement) -> ColumnElement:
    """The sum to a millionth: DuckDB adds in parallel, and the last digit of a float sum depends on the order."""
    return func.round(func.sum(values) * MILLION) / MILLION


def subquery_or_given(worked_out: FromClause | None, rows: Callable[[], Select]) -> FromClause:
    return rows().subquery() if worked_out is None else worked_out


def _table(record: type[records.Record]) -> Table:
    return record.__table__


SITE, PRACTITIONER, PRODUCT, LOT = map(_table, (records.Site, records.Practitioner, records.Product, records.Lot))
TREATMENT, INJECTION = _table(records.Treatment), _table(records.Injection)
FOLLOW_UP, NOT_ASKED = _table(records.FollowUp), _table(records.NotAsked)
SIDE_EFFECT, STATUS, TERM = _table(records.SideEffect), _table(records.Status), _table(records.Term)
BATCH, REVIEW, REMEDY = map(_table, (records.ImportBatch, records.CaseReview, records.Remedy))
