"""Lines of the files that came in: which one it is, and what its cells say."""

from collections.abc import Callable, Iterator

from data.files import Table, is_missing
from data.records.neutral_records import SheetSource
from data.schema.provenance import RowRef

RowKey = tuple[str, str | None, int]  # file, sheet, row


def row_key(place: RowRef) -> RowKey:
    return place.file, place.table_ref.table.sheet, place.row


def row_keys(table: Table) -> Iterator[RowKey]:
    return ((table.file, table.sheet, row) for row in table.row_numbers)


def cell_reader(sheet: SheetSource, table: Table) -> Callable[[str, tuple[str, ...]], str | None]:
    """(field, row) -> what its cell says, or all cells it is put together of; None: empty, or the sheet has none."""
    at = {column: n for n, column in enumerate(table.columns)}
    parts = {name: (column,) for name, column in sheet.table_ref.column_names.items()} | sheet.table_ref.joined_columns

    def told(name: str, row: tuple[str, ...]) -> str | None:
        columns = parts.get(name, ())
        cells = [row[at[column]] for column in columns if column in at]
        return None if not cells or any(map(is_missing, cells)) else "\n".join(cells)

    return told
