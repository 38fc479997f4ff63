"""Puts columns of arrays into the tables of records: in parts, as plain values, by the driver's own executemany.

Measured on SQLite with 100,000 treatments (499,000 rows): 3.5 s of processor time; by way of Core's insert 5.4 s.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, Table, func, insert, select

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class CodedColumn:
    """One of `values` per row, by its position; None where that is negative."""

    values: Sequence
    position: np.ndarray

    def part(self, rows: slice) -> list:
        values = self.values
        return [values[position] if position >= 0 else None for position in self.position[rows].tolist()]


@dataclass(frozen=True)
class SequentialIds:
    """A source's own id of each row, from 1."""

    prefix: str
    rows: int

    def part(self, rows: slice) -> list:
        return [f"{self.prefix}{number + 1:07}" for number in range(self.rows)[rows]]


Column = np.ndarray | CodedColumn | SequentialIds


def reserve_ids(connection: Connection, table: Table, rows: int) -> np.ndarray:
    """Ids for so many new rows, in order and without gaps. Whoever writes is alone, so nobody else takes them."""
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1 + np.arange(rows)


def insert_columns(
    connection: Connection, table: Table, ids: np.ndarray, columns: Mapping[str, Column], **same: object
) -> np.ndarray:
    """Adds rows under these ids, `same` in each of them; returns the ids."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = ["id", *columns, *same]
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"
    for start in range(0, ids.size, ROWS_AT_ONCE):
        rows = slice(start, min(start + ROWS_AT_ONCE, ids.size))
        values = [_column_slice(column, rows) for column in (ids, *columns.values())]
        values += [itertools.repeat(value, rows.stop - start) for value in same.values()]
        connection.exec_driver_sql(statement, list(zip(*values, strict=True)))
    _move_sequence(connection, table)
    return ids


def get_or_insert_ids(
    connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> np.ndarray:
    """The ids of rows known by their key; those that are not there yet are added."""
    columns = [table.c[name] for name in key]
    ids = {tuple(found[:-1]): found[-1] for found in connection.execute(select(*columns, table.c.id))}
    own = [tuple(row[name] for name in key) for row in rows]
    fresh = [row for row, its_key in zip(rows, own, strict=True) if its_key not in ids]
    if fresh:
        new = reserve_ids(connection, table, len(fresh)).tolist()
        connection.execute(insert(table), [{"id": number, **row} for number, row in zip(new, fresh, strict=True)])
        ids |= {tuple(row[name] for name in key): number for number, row in zip(new, fresh, strict=True)}
        _move_sequence(connection, table)
    return np.array([ids[its_key] for its_key in own])


def _column_slice(column: Column, rows: slice) -> list:
    return column[rows].tolist() if isinstance(column, np.ndarray) else column.part(rows)


def _move_sequence(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows from a sequence of its own, which does not see ids that were given."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery())))
