"""The interface of a file format, and how the right one is found. A new format is one file in data/formats/."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from sqlalchemy import Engine

from data import formats
from data.files import Table
from data.privacy.pseudonyms import Pseudonymizer
from data.problems import ImportRefusedError, Problem
from data.records.neutral_records import ImportData


@dataclass(frozen=True)
class ReadContext:
    """How to read files. `source` None: the one that the files or the mapping name; `records`: the database, for files
    about treatments imported earlier."""

    pseudonym: Pseudonymizer
    source: str | None = None
    mapping: Path | None = None
    records: Engine | None = None


@dataclass(frozen=True)
class ReadResult:
    """The records, and everything that could not be read."""

    incoming: ImportData
    problems: tuple[Problem, ...]


class Reader(Protocol):
    """A module of data/formats/; its name is the name of the format."""

    EXPECTED: str  # the files it reads, as the end of "Expected: ..."

    def recognizes(self, tables: Sequence[Table]) -> float:
        """The confidence that these tables are in its format, 0 to 1."""

    def read(self, tables: Sequence[Table], context: ReadContext) -> ReadResult:
        """The records of all tables together."""


class UnknownFormatError(ImportRefusedError):
    """No format matches these tables; a mapping may be proposed for them (data/mapping/suggestions.py)."""


def readers() -> dict[str, Reader]:
    """Every format, by name."""
    modules = {info.name: import_module(f"{formats.__name__}.{info.name}") for info in iter_modules(formats.__path__)}
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "recognizes")}


def find_format(tables: Sequence[Table]) -> str | None:
    """The name of the format that these tables are in; None if no reader recognizes them."""
    confidences = {name: reader.recognizes(tables) for name, reader in readers().items()}
    best = max(confidences, key=confidences.__getitem__)
    return best if confidences[best] > 0 else None
