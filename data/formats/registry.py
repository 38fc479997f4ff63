"""What reads one file format, and how the right one is found. A format is added by a file in data/readers/."""

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
    """How files are to be read. `source` None: the one the files or the mapping name; `records`: what is stored, for
    files that tell of treatments brought in before."""

    pseudonym: Pseudonymizer
    source: str | None = None
    mapping: Path | None = None
    records: Engine | None = None


@dataclass(frozen=True)
class ReadResult:
    """What was read, and everything that could not be."""

    incoming: ImportData
    problems: tuple[Problem, ...]


class Reader(Protocol):
    """A module of data/readers/; its name is the name of the format."""

    EXPECTED: str  # the files it reads, in words that finish "Expected: ..."

    def recognizes(self, tables: Sequence[Table]) -> float:
        """How sure it is that these tables are in its format, 0 to 1."""

    def read(self, tables: Sequence[Table], context: ReadContext) -> ReadResult:
        """The records of all tables together."""


class UnknownFormatError(ImportRefusedError):
    """No reader knows these tables; a mapping may be proposed for them (data/mapping/suggestions.py)."""


def readers() -> dict[str, Reader]:
    """Every format there is, by name."""
    modules = {info.name: import_module(f"{formats.__name__}.{info.name}") for info in iter_modules(formats.__path__)}
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "recognizes")}


def find_format(tables: Sequence[Table]) -> str | None:
    """The name of the format these tables are in; None where no reader knows them."""
    sure = {name: reader.recognizes(tables) for name, reader in readers().items()}
    best = max(sure, key=sure.__getitem__)
    return best if sure[best] > 0 else None
