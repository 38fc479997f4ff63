"""A columnar copy of the records, for counting: DuckDB in memory, refilled when the records' revision changes.

It is never written to disk and holds no free text. Each refill computes the derived tables (derived_treatments.py,
derived_episodes.py) once, with the same expressions that run on SQLite and PostgreSQL, and keeps them sorted by date.
"""

import atexit
import os
from functools import cache
from itertools import chain
from threading import Lock
from typing import Any

import duckdb
import pyarrow
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Engine,
    Float,
    FromClause,
    Integer,
    String,
    Table,
    column,
    create_engine,
    func,
    select,
    table,
)
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql import visitors

from data.analysis.derived_tables import derive_tables
from data.analysis.query_builder import AnalysisTables
from data.analysis.sql_functions import Statement
from data.database.engine import long_reading, revision
from models.records import Record, Revision, Treatment

# The tables that are kept, and the order of their rows. The others are needed only while these are made.
ROW_ORDER = {
    "treatments": "date, treatment_id",
    "episodes": "date, episode_id",
    "treated_areas": "date, unit_id",
    "area_sets": "area_set, area",
    "remedies": "episode_id, remedy, kind",
    "incomplete_checklists": "treatment_id",
    "status_notes": "episode_id, date",
    "follow_ups": "treatment_id, date",
}

CHUNK = 10_000  # rows on their way from the database to the copy

# Else DuckDB puts what exceeds its memory into .tmp, in plain text.
NOTHING_ON_DISK: dict[str, str | bool | int | float | list[str]] = {"temp_directory": ""}

COLUMN_TYPES = ((Boolean, "BOOLEAN"), (Date, "DATE"), (Integer, "INTEGER"), (Float, "DOUBLE"), (String, "VARCHAR"))


class ReadOnlyDuckDB(Dialect):
    """DuckDB, where nothing changes: without transactions, and with a statement put into words once, not each time."""

    supports_statement_cache = True
    do_begin = do_commit = do_rollback = DefaultDialect.do_begin  # which does nothing


registry.register("duckdb.reading", __name__, ReadOnlyDuckDB.__name__)


class ColumnarCopy:
    """The copy of one database, always of the records' present revision. Safe to share by threads."""

    def __init__(self, records: Engine):
        self._records = records
        self._filling = Lock()
        self._held: tuple[int, AnalysisTables] | None = None

    def treatments_behind(self) -> int | None:
        """How many treatments there are to read before the copy is that of the present; None where it is."""
        held = self._held
        if held is not None and held[0] == revision(self._records):
            return None
        with self._records.connect() as connection:
            return connection.execute(select(func.count()).select_from(Treatment)).scalar_one()

    def current(self) -> tuple[int, AnalysisTables]:
        """The revision and the copy of it, filled now if the records have moved on."""
        with self._filling:
            if self._held is None or self._held[0] != revision(self._records):
                self._held = build_copy(self._records)
            return self._held


def build_copy(records: Engine) -> tuple[int, AnalysisTables]:
    """Copies the records as they stand in one transaction; gives their revision and the tables to count from."""
    copy = duckdb.connect(":memory:", config=NOTHING_ON_DISK)
    copy.execute("ATTACH ':memory:' AS kept (COMPRESS)")  # an eighth of the memory, and faster to count from
    copy.execute("ATTACH ':memory:' AS passing")
    copy.execute("USE passing")
    number = _copy_tables(records, copy)
    engine = create_engine("duckdb+reading://", creator=lambda: ConnectionWrapper(copy.cursor()), poolclass=QueuePool)

    def make(name: str, rows: Statement) -> FromClause:
        schema, order = ("kept", f"ORDER BY {ROW_ORDER[name]}") if name in ROW_ORDER else ("passing", "")
        compiled = rows.compile(engine, compile_kwargs={"literal_binds": True})
        copy.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM ({compiled}) {order}")
        return table(name, *(column(c.name, c.type) for c in rows.selected_columns), schema=schema)

    tables = AnalysisTables(engine, **derive_tables(make))
    copy.execute("CHECKPOINT kept")
    copy.execute("USE memory")
    copy.execute("DETACH passing")
    return number, tables


def _copy_tables(records: Engine, copy: duckdb.DuckDBPyConnection) -> int:
    """Copies what derived rows are made of, and nothing else, into `copy`; gives the revision it stands at.

    One transaction, so that all of it is of the same moment, and no file: a kill leaves nothing behind.
    """
    in_chunks = {"stream_results": True, "max_row_buffer": CHUNK}
    with long_reading(records) as connection:
        number = connection.execute(select(Revision.number)).scalar_one()
        for copied, columns in copied_columns().items():
            types = [next(name for kind, name in COLUMN_TYPES if isinstance(c.type, kind)) for c in columns]
            typed = ", ".join(f'"{c.name}" {type_}' for c, type_ in zip(columns, types, strict=True))
            copy.execute(f'CREATE TABLE "{copied.name}" ({typed})')
            # Not as a SELECT of SQLAlchemy's: DuckDB casts dates and booleans by the chunk, SQLAlchemy one by one.
            rows = connection.exec_driver_sql(str(select(*columns).compile(records)), execution_options=in_chunks)
            for chunk in rows.partitions(CHUNK):
                values = map(pyarrow.array, zip(*chunk, strict=True))
                arriving = pyarrow.table(list(values), names=list(rows.keys()))  # noqa: F841 - DuckDB finds it
                copy.execute(f'INSERT INTO "{copied.name}" FROM arriving')
    return number


@cache
def copied_columns() -> dict[Table, list[Column[Any]]]:
    """The tables and columns of the records that derived rows are made of. Free text is never among them."""
    used: set[ColumnElement[Any]] = set()

    def make(name: str, rows: Statement) -> FromClause:
        parts = (part for part in visitors.iterate(rows) if isinstance(part, ColumnElement))
        used.update(chain.from_iterable(part.base_columns for part in parts))
        # Without its rows: tables made of tables would be searched again and again (10 s instead of 0.1 s).
        return table(name, *(column(c.name, c.type) for c in rows.selected_columns))

    derive_tables(make)
    columns = {record: [c for c in record.c if c in used] for record in Record.metadata.sorted_tables}
    return {record: found for record, found in columns.items() if found}


@atexit.register
def _silence_exit_warnings() -> None:
    """DuckDB's binding reports objects that outlive the interpreter on stderr, fifty lines that say nothing to a user.

    Nothing else writes there after this point: tracebacks and logs come before exit handlers.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
