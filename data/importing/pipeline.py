"""From files to the database: all records of an import are stored in one transaction, or none with every problem."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from data.database.engine import long_reading, write_transaction
from data.files import Table, UnreadableFileError, name_of, read_tables
from data.formats.registry import ReadContext, find_reader
from data.importing.rejected_rows import PROBLEM_COLUMN, RefusedFile, restore_sent_table
from data.importing.similar_codes import ClientNumbers, describe_similar_codes
from data.importing.validation import find_problems
from data.privacy.file_names import distinct, without_people
from data.privacy.pseudonym_key import KEY_NAME, make_pseudonymizer
from data.problems import ImportRefusedError, Problem
from data.records.diff import ChangeSet, FieldChange, diff
from data.records.neutral_records import ImportData
from data.records.repository import load_existing_for
from data.records.writer import ProgressCallback, ignore_progress, write_change_set
from data.schema.column_types import NO_TEXT, is_storable_text
from models.records import ImportBatch, Revision

TABLE_SUFFIXES = frozenset(
    {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".json", ".ndjson", ".xpt"}
)


@dataclass(frozen=True)
class Upload:
    """A file that a browser sent. It names people: it stays in memory, and never touches the disk."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class RecordCounts:
    """Records of one kind: new, changed and unchanged."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, or would do (`dry_run`). Rows read = stored + changed + unchanged + refused.

    `batch` None: nothing was written. `rows_unchanged` includes rows that hold nothing to store; `notices` say why.
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
    rows_refused: int
    records: dict[str, RecordCounts]
    changes: tuple[FieldChange, ...]
    notices: tuple[str, ...]
    problems: tuple[Problem, ...] = ()  # with the refused rows
    refused: tuple[RefusedFile, ...] = ()  # those rows, to correct


@dataclass(frozen=True)
class PreparedImport:
    """Records that were read and checked; their rows identify clients. `summary` says what `store_import` will do."""

    incoming: ImportData
    today: date | None
    revision: int
    change_set: ChangeSet
    summary: ImportSummary


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """A million small objects live until they are stored; looking for garbage among them doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_garbage_collection_paused()
def import_files(
    engine: Engine,
    paths: Sequence[str | Path | Upload],
    *,
    save_refused: Callable[[Sequence[RefusedFile]], None] | None = None,
    dry_run: bool = False,
    report: ProgressCallback = ignore_progress,
    **options,
) -> ImportSummary:
    """Prepares an import (`options`: see `prepare_import`) and stores it, unless it is a dry run.

    `save_refused` gets the refused rows first, so that none is lost: if it fails, nothing is stored.
    """
    prepared = prepare_import(engine, paths, report=report, **options)
    if dry_run:
        return prepared.summary
    if save_refused:
        save_refused(prepared.summary.refused)
    return store_import(engine, prepared, report=report)


@_garbage_collection_paused()
def prepare_import(
    engine: Engine,
    paths: Sequence[str | Path | Upload],
    *,
    format: str | None = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    keep_refused: bool = False,
    today: date | None = None,
    report: ProgressCallback = ignore_progress,
) -> PreparedImport:
    """Reads files (or folders of files) of one source. Raises ImportRefusedError with every problem in them.

    With `keep_refused`, rows with problems are set aside with all rows that belong to them
    (data/importing/partial_import.py); then only a problem that does not concern single rows refuses the import.
    """
    if not is_storable_text(source or ""):
        raise ImportRefusedError([Problem("source", expected="a name in letters and digits", message=NO_TEXT)])
    client_numbers = ClientNumbers(make_pseudonymizer(key_name(engine)))
    context = ReadContext(client_numbers, source, Path(mapping) if mapping else None, engine)
    files = expand_folders(paths)
    tables = _read_tables(files, report)
    report("checking", 0, 0)
    reader = find_reader(tables, format or ("mapping" if mapping else None))
    if hasattr(reader, "lay_out"):
        tables = reader.lay_out(tables, context)
    names = [name_of(file.name) for file in files]
    problems: tuple[Problem, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    if keep_refused:
        from data.importing.partial_import import split_valid_rows

        incoming, problems, refused = split_valid_rows(tables, reader.read, context, today)
    else:
        incoming = reader.read(tables, context)
        if not incoming.problems and not incoming.rows_read:
            raise ImportRefusedError([_file_problem(name, "the sheets have no rows") for name in names])
    notices = (*incoming.notices, *client_numbers.describe_similar())
    incoming = replace(incoming, key_check=context.pseudonym(*KEY_NAME), notices=notices)
    prepared = prepare_records(engine, incoming, list(map(without_people, names)), today)
    return replace(prepared, summary=replace(prepared.summary, problems=problems, refused=refused))


def prepare_records(
    engine: Engine, incoming: ImportData, files: Sequence[str], today: date | None = None
) -> PreparedImport:
    """Compares records with those on record. Raises ImportRefusedError if anything is wrong with them."""
    with long_reading(engine) as connection:
        revision = connection.execute(select(Revision.number)).scalar_one()
        change_set, summary = _compare(connection, incoming, files, today)
    return PreparedImport(incoming, today, revision, change_set, summary)


def store_import(
    engine: Engine,
    prepared: PreparedImport,
    *,
    only_as_prepared: bool = False,
    report: ProgressCallback = ignore_progress,
) -> ImportSummary:
    """Stores a prepared import in one transaction.

    If the records on file have changed since, they are compared again. With `only_as_prepared`, for a summary that a
    person has confirmed, an import that would now do anything else raises ImportRefusedError.
    """
    change_set, summary = prepared.change_set, replace(prepared.summary, dry_run=False)
    if not change_set.has_changes:
        return summary
    with write_transaction(engine) as connection:
        if connection.execute(select(Revision.number)).scalar_one() != prepared.revision + 1:
            change_set, compared = _compare(connection, prepared.incoming, summary.files, prepared.today)
            summary = replace(compared, problems=summary.problems, refused=summary.refused)
            if only_as_prepared and summary != prepared.summary:
                message = "the records on file have changed since these files were checked"
                raise ImportRefusedError([Problem("records", expected="the files checked again", message=message)])
            summary = replace(summary, dry_run=False)
            if not change_set.has_changes:
                connection.rollback()  # so that the revision stays as it was
                return summary
        batch = write_change_set(connection, change_set, summary.files, report)
    return replace(summary, batch=batch)


def _compare(
    connection: Connection, incoming: ImportData, files: Sequence[str], today: date | None
) -> tuple[ChangeSet, ImportSummary]:
    """What storing these records would do. Raises ImportRefusedError if anything is wrong with them."""
    snapshot = load_existing_for(connection, incoming)
    if problems := [*incoming.problems, *find_problems(incoming, snapshot, today)]:
        raise ImportRefusedError(problems)
    change_set = diff(incoming, snapshot)
    notices = (*change_set.incoming.notices, *describe_similar_codes(connection, incoming))
    if incoming.format == "mapping":  # an export has all visits of its days; our own template may be a part
        from data.importing.missing_visits import describe_missing_visits

        notices += tuple(describe_missing_visits(connection, incoming))
    if kept := change_set.kept_corrections:
        notices += (f"records kept as a person corrected them, although the files repeat the old values: {kept:,}",)
    return change_set, ImportSummary(
        source=incoming.source,
        format=incoming.format,
        files=tuple(files),
        batch=None,
        dry_run=True,
        rows_read=incoming.rows_read,
        rows_stored=change_set.rows_stored,
        rows_changed=change_set.rows_changed,
        rows_unchanged=change_set.rows_unchanged,
        rows_refused=incoming.rows_refused,
        records={
            kind: RecordCounts(len(part.new), len(part.changed), part.unchanged)
            for kind, part in change_set.kinds.items()
        },
        changes=change_set.changes,
        notices=notices,
    )


def key_name(engine: Engine) -> str | None:
    """The name of the key that these records were made with; None before the first import."""
    b = ImportBatch.__table__
    names = select(b.c.key_check).where(b.c.key_check.is_not(None), b.c.undone_at.is_(None)).order_by(b.c.id.desc())
    with engine.connect() as connection:
        return connection.scalar(names.limit(1))


def expand_folders(paths: Sequence[str | Path | Upload]) -> list[Path | Upload]:
    """These files, with the tables of each folder by name."""
    files: list[Path | Upload] = []
    for path in (path if isinstance(path, Upload) else Path(path) for path in paths):
        is_folder = isinstance(path, Path) and path.is_dir()
        files += sorted(p for p in path.iterdir() if p.suffix.lower() in TABLE_SUFFIXES) if is_folder else [path]
    return files


def _read_tables(files: Sequence[Path | Upload], report: ProgressCallback) -> list[Table]:
    """The tables of all files. Raises ImportRefusedError with every file that is empty or cannot be read.

    Files with the same name, such as one from each month's folder, get numbers: a row is known by its file and row.
    """
    tables, problems, empty = [], [], []
    given_names = [name_of(file.name) for file in files]
    named_files = zip(files, given_names, distinct(given_names), strict=True)
    for number, (file, given_name, name) in enumerate(named_files, start=1):
        report("reading", number, len(files))
        try:
            found = read_tables(file.name, file.content) if isinstance(file, Upload) else read_tables(file)
        except UnreadableFileError as error:
            problems.append(_file_problem(name, str(error).removeprefix(f"{given_name}: ").rstrip(".")))
            continue
        found = [table if name == given_name else replace(table, file=name) for table in found]
        tables += (restore_sent_table(table) if PROBLEM_COLUMN in table.columns else table for table in found)
        if not any(table.rows or table.faults for table in found):
            empty.append(name)
    if empty and len(empty) == len(files):
        problems += [_file_problem(name, "the table has no rows") for name in empty]
    if problems:
        raise ImportRefusedError(problems)
    # A header without rows is a table: nobody had a side effect.
    return [
        replace(table, notices=(*table.notices, "The table has only its header.")) if table.file in empty else table
        for table in tables
    ]


def _file_problem(file: str, message: str) -> Problem:
    return Problem(file, expected="a table with a header row and rows below it", message=message)
