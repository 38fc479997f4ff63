"""Insert many rows into one table, from columns of values, without the per-row work of an ORM."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint, func, insert, select

Columns = dict[str, Any]  # name -> a sequence of values

ROWS_PER_CHUNK = 10_000  # between two progress reports
ROWS_PER_STATEMENT = 50  # where several rows per statement are faster


def free_ids(connection: Connection, table: Table, wanted: int) -> Sequence[int]:
    """Ids that nobody else will use, because there is only one writer at a time."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        return connection.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, wanted))).all()
    last = connection.scalar(select(func.max(table.c.id))) or 0
    return range(last + 1, last + 1 + wanted)


def insert_many(connection: Connection, table: Table, columns: Columns) -> Iterator[int]:
    """Insert rows and yield the size of each chunk. `columns` is changed.

    The rows go straight to the driver: SQLAlchemy's processing of each row takes longer than storing it (measured).
    """
    statement = insert(table).compile(dialect=connection.dialect, column_keys=list(columns))
    for name, values in columns.items():
        if convert := table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect):
            converted = {value: convert(value) for value in set(values)}
            columns[name] = [converted[value] for value in values]
    rows: Sequence[Any]
    if names := statement.positiontup:
        rows = list(zip(*(columns[name] for name in names), strict=True))
    else:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    # With a unique key besides the id, SQLite keeps a journal for undoing half a statement, and several rows per
    # statement are slower (measured: 1.7 times the time with such a key, half of it without).
    has_unique_key = any(isinstance(constraint, UniqueConstraint) for constraint in table.constraints)
    together = ROWS_PER_STATEMENT if names and not has_unique_key else 1
    several = statement.string + f", {statement.string.rpartition(' VALUES ')[2]}" * (together - 1)
    for first in range(0, len(rows), ROWS_PER_CHUNK):
        part = rows[first : first + ROWS_PER_CHUNK]
        single = part
        if together > 1:
            whole = len(part) // together * together
            flat = [tuple(chain.from_iterable(part[n : n + together])) for n in range(0, whole, together)]
            single = part[whole:]
            if flat:
                connection.exec_driver_sql(several, flat)
        if single:
            connection.exec_driver_sql(statement.string, single)
        yield len(part)
