"""Many rows into one table at once, column by column, past what an ORM would do for each of them."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint, func, insert, select

Columns = dict[str, Sequence[Any]]
Rows = Sequence[dict[str, Any]]

ROWS_PER_CHUNK = 10_000  # then a person who waits is told
ROWS_PER_STATEMENT = 50  # in one statement, where that is quicker


def free_ids(connection: Connection, table: Table, wanted: int) -> Sequence[int]:
    """Ids that nobody else will use: this writer is alone until it commits."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        return connection.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, wanted))).all()
    last = connection.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + 1 + wanted)


def insert_many(connection: Connection, table: Table, columns: Columns) -> Iterator[int]:
    """The rows straight to the driver: to have SQLAlchemy look at each takes longer than to store them (measured)."""
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(columns))
    for name, values in columns.items():
        if convert := table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect):
            meant = {value: convert(value) for value in set(values)}
            columns[name] = [meant[value] for value in values]
    if statement.positiontup:
        rows = list(zip(*(columns[name] for name in statement.positiontup), strict=True))
    else:
        rows = to_rows(columns)
    together = 1 if not statement.positiontup or _has_unique_key(table) else ROWS_PER_STATEMENT
    for first in range(0, len(rows), ROWS_PER_CHUNK):
        part = rows[first : first + ROWS_PER_CHUNK]
        whole = len(part) // together * together if together > 1 else 0
        if whole:
            _insert_statements(connection, statement.string, part[:whole], together)
        if whole < len(part):
            connection.exec_driver_sql(statement.string, part[whole:])
        yield len(part)


def _insert_statements(connection: Connection, one: str, rows: Sequence[tuple], together: int) -> None:
    several = one + f", {one.rpartition(' VALUES ')[2]}" * (together - 1)
    flat = [tuple(chain.from_iterable(rows[n : n + together])) for n in range(0, len(rows), together)]
    connection.exec_driver_sql(several, flat)


def _has_unique_key(table: Table) -> bool:
    """Beside its id. Then SQLite notes the way back from the middle of a statement, and several rows in one of them
    take longer than one (measured: 1.7 times; without such a key half as long)."""
    return any(isinstance(constraint, UniqueConstraint) for constraint in table.constraints)


def to_rows(columns: Columns) -> Rows:
    """The same as rows."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
