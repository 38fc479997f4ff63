"""Any flat table, read by a mapping specification (data/mapping/spec.py) that a person wrote or confirmed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from data.files import Table
from data.formats.registry import ReadContext
from data.formats.template import read_sheets
from data.privacy import private_folder
from data.problems import ImportRefusedError, Problem
from data.records.neutral_records import ImportData

if TYPE_CHECKING:
    from data.mapping.spec import MappingSpec

EXPECTED = "any table, with a mapping that says what its columns mean (--mapping FILE)"

CONFLICTING_CLIENT_COLUMN = (
    'the mapping "{}" of the same source identifies clients by "{}" and this one by "{}": import only one of the two '
    "exports, or each client would count as two"
)


def recognizes(tables: Sequence[Table]) -> float:
    """The share of the header that a saved mapping knows; 0 for any other foreign table."""
    if not any(private_folder.MAPPINGS.glob("*.toml")):
        return 0.0
    from data.mapping.store import find_mapping_for

    return max((find_mapping_for(table.columns)[1] for table in tables), default=0.0)


def lay_out(tables: Sequence[Table], context: ReadContext) -> list[Table]:
    """The tables without ditto marks and empty cells that stand for the cell above."""
    from data.mapping.repeated_cells import fill_down

    spec = _find_spec(tables, context)
    return [fill_down(table, spec.fill_down) for table in tables]


def read(tables: Sequence[Table], context: ReadContext) -> ImportData:
    """The records of every table, by the mapping named or saved for them. Raises ImportRefusedError if it is wrong."""
    from data.formats.builders.mapped_tables import MappedTableReader
    from data.mapping.spec import WITHOUT_LIMIT
    from data.mapping.store import conflicting_mappings

    spec = _find_spec(tables, context)
    days = None if spec.attribution_days == WITHOUT_LIMIT else spec.attribution_days
    about = ImportData(source=context.source or spec.source, format="mapping", attribution_days=days)
    reader = MappedTableReader(spec, context, about.source)
    sheets = [sheet for table in tables for sheet in reader.sheets(table, alone=len(tables) == 1)]
    incoming = read_sheets(sheets, about, context, reader.problems, is_unplaced=spec.unplaced)
    unread = [(table, [f'"{column}"' for column in table.columns if column not in spec.columns]) for table in tables]
    notices = (
        *(f"{table.file}: {notice}" for table in tables for notice in table.notices),
        *(f"{table.file}: not read: {', '.join(columns)}" for table, columns in unread if columns),
        *reader.notices,
        *(CONFLICTING_CLIENT_COLUMN.format(*other) for other in conflicting_mappings(spec)),
    )
    return replace(incoming, notices=(*notices, *incoming.notices), needed_columns=frozenset(spec.columns))


def _find_spec(tables: Sequence[Table], context: ReadContext) -> "MappingSpec":
    from data.mapping.store import find_mapping_for, load_mapping

    file = context.mapping or next((file for table in tables if (file := find_mapping_for(table.columns)[0])), None)
    if file is None:
        raise ImportRefusedError([Problem("mapping", expected="--mapping FILE", message="no mapping was named")])
    return load_mapping(file)
