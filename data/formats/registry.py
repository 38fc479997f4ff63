"""Finds the reader of a file format. A format is added by a file in data/formats/."""

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
    """How to read files. `source` None: the one that the files or the mapping name.

    `records` is the database, for files about treatments that were imported earlier.
    """

    pseudonym: Pseudonymizer
    source: str | None = None
    mapping: Path | None = None
    records: Engine | None = None


@dataclass(frozen=True)
class ReadResult:
    """What was read, and everything that could not be read."""

    incoming: ImportData
    problems: tuple[Problem, ...]


class Reader(Protocol):
    """A module of data/formats/. Its name is the name of the format."""

    EXPECTED: str  # the files it reads, in words that complete "Expected: ..."

    def recognizes(self, tables: Sequence[Table]) -> float:
        """How certain it is that these tables are in its format, from 0 to 1."""

    def read(self, tables: Sequence[Table], context: ReadContext) -> ReadResult:
        """The records of all tables together."""


class UnknownFormatError(ImportRefusedError):
    """No reader recognizes these tables. A mapping may be proposed for them (data/mapping/suggestions.py)."""


def readers() -> dict[str, Reader]:
    """Every reader by the name of its format."""
    modules = {info.name: import_module(f"{formats.__name__}.{info.name}") for info in iter_modules(formats.__path__)}
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "recognizes")}


def find_format(tables: Sequence[Table]) -> str | None:
    """The name of the format of these tables; None if no reader recognizes them."""
    scores = {name: reader.recognizes(tables) for name, reader in readers().items()}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > 0 else None
