"""Finds the reader of a file format. A format is added by a file in data/formats/.

A reader is a module with the name of its format. It defines
- `EXPECTED`: the files it reads, in words that complete "Expected: ...";
- `recognizes(tables)`: how certain it is that these tables are in its format, from 0 to 1;
- `read(tables, context)`: the records of all tables together, with everything that could not be read as `problems`;
- `lay_out(tables, context)`, if its tables need it: the same tables with every row complete in itself, because rows are
  refused one by one.

Every reader is imported to ask it about a file; what only `read` needs is in data/formats/builders/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from sqlalchemy import Engine

from data import formats
from data.files import Table
from data.files.file_type import SPONTANEOUS_REPORTS
from data.privacy.pseudonym_key import Pseudonymizer
from data.problems import UNKNOWN_FORMAT, ImportRefusedError, Problem
from data.schema.column_types import suggestion_suffix

REPORT_COLUMNS = frozenset({"primaryid", "safetyreportid", "isr"})  # of FAERS, openFDA and the former AERS


@dataclass(frozen=True)
class ReadContext:
    """How to read files. `source` None: the one that the files or the mapping name.

    `records` is the database, for files about treatments that were imported earlier.
    """

    pseudonym: Pseudonymizer
    source: str | None = None
    mapping: Path | None = None
    records: Engine | None = None


def _unknown_format(file: str, tables: Sequence[Table]) -> str:
    """One message for all sheets of a file."""
    own = [table for table in tables if table.file == file]
    sheets = f" (the first of {len(own)} sheets)" if len(own) > 1 else ""
    return f"the columns {', '.join(own[0].columns)[:200]}{sheets} belong to no known format"


def find_reader(tables: Sequence[Table], name: str | None = None) -> ModuleType:
    """The reader with this name, else the one most certain of these tables. Raises ImportRefusedError."""
    modules = [import_module(f"{formats.__name__}.{info.name}") for info in iter_modules(formats.__path__)]
    readers = {module.__name__.rpartition(".")[2]: module for module in modules if hasattr(module, "recognizes")}
    if name is None:
        scores = {name: reader.recognizes(tables) for name, reader in readers.items()}
        name = max(scores, key=scores.__getitem__)
        if not scores[name]:
            if reports := [
                table.file for table in tables if not REPORT_COLUMNS.isdisjoint(map(str.lower, table.columns))
            ]:
                raise ImportRefusedError(
                    Problem(file, expected="records of treatments", message=SPONTANEOUS_REPORTS.rstrip("."))
                    for file in reports
                )
            expected = "; or ".join(reader.EXPECTED for reader in readers.values())
            raise ImportRefusedError(
                Problem(file, expected=f"{expected}. For a mapping: python -m data propose FILE, or the Import page",
                        message=_unknown_format(file, tables), code=UNKNOWN_FORMAT)
                for file in dict.fromkeys(table.file for table in tables)
            )  # fmt: skip
    if name not in readers:
        message = f"there is no format {name}{suggestion_suffix(name, readers)}"
        raise ImportRefusedError([Problem("--format", None, None, None, ", ".join(readers), message)])
    return readers[name]
