"""Where a record comes from: the row of the table that a message about it points to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from data.files import Table
from data.problems import Problem

PRIVATE_FIELDS = frozenset({"client"})  # values that no message may repeat

RowKey = tuple[str, str | None, int]  # file, sheet, row


@dataclass(frozen=True, eq=False, slots=True)
class TableRef:
    """A table, and its column for each of our fields.

    `column_names` lists the fields whose column has another name; `joined_columns` lists the columns of a field that is
    put together from several.
    """

    table: Table
    column_names: Mapping[str, str] = field(default_factory=dict)
    joined_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def problems(self) -> list[Problem]:
        """Rows that could not be read, and error values in the columns we use."""
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
    def key(self) -> RowKey:
        """Identifies the row, whichever fields it was read for."""
        table = self.table_ref.table
        return table.file, table.sheet, table.row_numbers[self.index]

    def column(self, name: str) -> str:
        return self.table_ref.column_names.get(name, name)

    def problem(self, name: str, message: str, expected: str, code: str | None = None) -> Problem:
        """A problem with one field of this row."""
        table, column = self.table_ref.table, self.column(name)
        is_shown = name not in PRIVATE_FIELDS and column in table.columns
        value = table.rows[self.index][table.columns.index(column)] if is_shown else None
        return Problem(table.file, self.row, column, value, expected, message, table.sheet, code)


def row_keys(table: Table) -> Iterator[RowKey]:
    """The key of each row of a table."""
    return ((table.file, table.sheet, row) for row in table.row_numbers)
