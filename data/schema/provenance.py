"""Where a record came from: a table, a row of it, and what its columns are called there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from data.files import Table
from data.problems import Problem

PRIVATE_FIELDS = frozenset({"client"})  # never repeated in a message


@dataclass(frozen=True, eq=False, slots=True)
class TableRef:
    """A table and its names for our fields; a field without an entry in `column_names` has its own name there.

    `joined_columns` lists the columns of fields that are joined from several.
    """

    table: Table
    column_names: Mapping[str, str] = field(default_factory=dict)
    joined_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def row_ref(self, index: int) -> "RowRef":
        return RowRef(self, index)

    def problems(self) -> list[Problem]:
        """Faults of the table that concern us: unreadable lines, and error values in columns we read."""
        expected = {True: "one cell for each column", False: "a value"}
        return [
            Problem(self.table.file, f.row, f.column, f.value, expected[f.column is None], f.message, self.table.sheet)
            for f in self.table.faults
            if f.column is None or f.column in self.column_names.values()
        ]


class RowRef(NamedTuple):
    """One row of a table."""

    table_ref: TableRef
    index: int

    @property
    def file(self) -> str:
        return self.table_ref.table.file

    @property
    def row(self) -> int:
        return self.table_ref.table.row_numbers[self.index]

    @property
    def key(self) -> tuple[int, int]:
        """Identifies the row, whichever fields it was read for."""
        return id(self.table_ref.table), self.index

    def column(self, name: str) -> str:
        return self.table_ref.column_names.get(name, name)

    def cell(self, name: str) -> str | None:
        columns = self.table_ref.table.columns
        column = self.column(name)
        return self.table_ref.table.rows[self.index][columns.index(column)] if column in columns else None

    def problem(self, name: str, message: str, expected: str) -> Problem:
        """A problem with one field of this row."""
        value = None if name in PRIVATE_FIELDS else self.cell(name)
        return Problem(self.file, self.row, self.column(name), value, expected, message, self.table_ref.table.sheet)
