"""Files in: read, checked, and stored in one transaction with all their records, or refused with every problem."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from data import validation
from data.database import writing
from data.incoming import Incoming
from data.plan import Change, Plan, plan
from data.privacy import Pseudonyms, pseudonyms
from data.problem import Problem, Refused
from data.reader import Reading, Request, readers, recognised
from data.stored import stored_beside
from data.storing import write
from data.tables import Table, Unreadable, read_tables


@dataclass(frozen=True)
class Counted:
    """Records of one kind: added, changed, and there already."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, or with `dry_run` would do. Lines read = stored + changed + unchanged.

    `batch` None: nothing was written. `rows_unchanged` counts also lines that hold nothing to store (`notices`).
    """

    source: str
    format: str
    files: tuple[str, ...]
    batch: int | None
    dry_run: bool

    rows_read: int
    rows_stored: int
    rows_changed: int
    rows_unchanged: int
    records: dict[str, Counted]
    changes: tuple[Change, ...]
    notices: tuple[str, ...]


def import_files(
    engine: Engine,
    paths: Sequence[str | Path],
    *,
    format: str | None = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    dry_run: bool = False,
    today: date | None = None,
) -> ImportSummary:
    """Files (or folders of them) of one source into the records. Raises Refused with every problem, nothing stored."""
    request = Request(pseudonyms(), source, Path(mapping) if mapping else None)
    files = expanded(paths)
    with _no_collection():
        reading = read_files(files, request, format)
        names = tuple(path.name for path in files)
        return store(engine, reading.incoming, names, problems=reading.problems, dry_run=dry_run, today=today)


def read_files(paths: Sequence[Path], request: Request, format: str | None = None) -> Reading:
    """The records of these files, and what could not be read of them. Raises Refused where nothing can be."""
    tables, problems = [], []
    for path in paths:
        try:
            found = read_tables(path)
            tables += found
            problems += [_no_rows(path.name)] if not any(table.rows for table in found) else []
        except Unreadable as error:
            problems.append(Problem(path.name, None, None, None, "a table with its header row", str(error)))
    if problems:
        raise Refused(problems)
    name = format or ("mapping" if request.mapping else recognised(tables))
    if name is None:
        raise Refused([_unknown_format(table) for table in tables])
    reading = readers()[name].read(tables, request)
    if not reading.problems and not (reading.incoming.treatments or reading.incoming.rows):
        raise Refused([_no_rows(path.name) for path in paths])
    return reading


def store(
    engine: Engine,
    incoming: Incoming,
    files: Sequence[str],
    *,
    problems: Sequence[Problem] = (),
    dry_run: bool = False,
    today: date | None = None,
) -> ImportSummary:
    """Records into the database, all or none. `problems`: what reading found; any refuses the whole."""

    def planned(connection: Connection) -> Plan:
        stored = stored_beside(connection, incoming)
        broken = [*problems, *validation.problems(incoming, stored, today)]
        if broken:
            raise Refused(broken)
        return plan(incoming, stored)

    with engine.connect() as connection:
        intended = planned(connection)
    if dry_run or not intended.does_anything:
        return _summary(intended, files, None, dry_run)
    with writing(engine) as connection:
        intended = planned(connection)
        batch = write(connection, intended, files)
    return _summary(intended, files, batch, dry_run)


def expanded(paths: Sequence[str | Path]) -> list[Path]:
    """The files named, and for a folder the tables in it, in the order of their names."""
    files: list[Path] = []
    for path in map(Path, paths):
        files += sorted(p for p in path.iterdir() if p.suffix.lower() in TABLE_SUFFIXES) if path.is_dir() else [path]
    return files
