"""Files in: read, checked, and stored in one transaction with all their records, or refused with every problem."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from data.database.engine import long_reading, write_transaction
from data.files import Table, UnreadableFileError, name_of, read_tables
from data.formats.registry import ReadContext, Reader, UnknownFormatError, find_format, readers
from data.importing import validation
from data.importing.partial_import import split_valid_rows
from data.importing.rejected_rows import RefusedFile, build_refused_files, restore_sent_table
from data.importing.uploads import Upload
from data.privacy.file_names import distinct, without_people
from data.privacy.pseudonyms import Pseudonymizer, key_check, make_pseudonymizer
from data.problems import ImportRefusedError, Problem, sort_by_file
from data.records.diff import ChangeSet, FieldChange, diff
from data.records.lookups import ClientLookup
from data.records.neutral_records import ImportData
from data.records.repository import load_existing_for
from data.records.writer import ProgressCallback, ignore_progress, write_change_set
from data.schema.column_types import NO_TEXT, is_storable_text, suggestion_suffix
from models.codelist import suggest_code
from models.records import ImportBatch

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".json"})


@dataclass(frozen=True)
class RecordCounts:
    """Records of one kind: added, changed, and there already."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, or with `dry_run` would do. Lines read = stored + changed + unchanged + refused.

    `batch` None: nothing was written. `rows_unchanged` counts also lines that hold nothing to store (`notices`).
    `problems` and `refused`: what is wrong with the refused lines, and these lines as files to be mended.
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
    problems: tuple[Problem, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


def import_files(
    engine: Engine,
    paths: Sequence[str | Path | Upload],
    *,
    format: str | None = None,
    mapping: str | Path | None = None,
    source: str | None = None,
    keep_refused: bool = False,
    hand_over: Callable[[Sequence[RefusedFile]], None] | None = None,
    dry_run: bool = False,
    today: date | None = None,
    report: ProgressCallback = ignore_progress,
) -> ImportSummary:
    """Files (or folders of them) of one source into the records. Raises Refused with every problem, nothing stored.

    `keep_refused`: stores what is right, and gives back the lines that are not, with all that stands or falls with
    them (data/importing/partial_import.py). Raises Refused still where a problem is not one of single lines.
    `hand_over` is given them
    before anything is stored, and nothing is where it fails: no line is lost between the records and its file.
    """
    if not is_storable_text(source or ""):
        raise ImportRefusedError([Problem("source", None, None, None, "a name in letters and digits", NO_TEXT)])
    request = ReadContext(pseudonyms_of(engine), source, Path(mapping) if mapping else None, engine)
    check = key_check(request.pseudonym)
    with _garbage_collection_paused():
        how = {"keep_refused": keep_refused, "hand_over": None if dry_run else hand_over}
        how |= {"dry_run": dry_run, "today": today, "report": report}
        return _import_tables(engine, expand_folders(paths), request, format, check, **how)


def _import_tables(
    engine, files, request: ReadContext, format, check, *, keep_refused: bool, hand_over, report, **how
) -> ImportSummary:
    tables = _read_tables(files, report)
    report("checking", 0, 0)
    read = partial(_choose_reader(tables, request, format).read, context=request)
    names = tuple(without_people(name_of(file.name)) for file in files)
    if keep_refused:
        clients = ClientLookup(engine, request.pseudonym)
        return _store_valid_rows(engine, tables, read, names, check, clients, hand_over, report=report, **how)
    reading = read(tables)
    if not reading.problems and not reading.incoming.rows_read:
        raise ImportRefusedError([_file_problem(name_of(file.name), "the sheets have no lines") for file in files])
    incoming = replace(reading.incoming, key_check=check)
    return store_records(engine, incoming, names, problems=reading.problems, report=report, **how)


def _store_valid_rows(engine, tables, read, names, check, clients, hand_over, *, today, **how) -> ImportSummary:
    def broken(incoming: ImportData) -> list[Problem]:
        with long_reading(engine) as connection:
            return validation.find_problems(incoming, load_existing_for(connection, incoming), today)

    found = split_valid_rows(tables, read, broken, clients)
    incoming = replace(found.result.incoming, key_check=check)
    files = build_refused_files(found.tables, found.reasons, found.sheets, incoming.needed_columns)
    if hand_over:
        hand_over(files)
    summary = store_records(engine, incoming, names, today=today, **how)
    return replace(summary, problems=sort_by_file(found.problems), refused=files)


def pseudonyms_of(engine: Engine) -> Pseudonymizer:
    """Pseudonyms under the key of these records; a new clinic's under a key made for it. Raises PseudonymKeyError."""
    return make_pseudonymizer(key_name(engine))


def key_name(engine: Engine) -> str | None:
    """The name of the key these records were made with; None before the first import."""
    b = ImportBatch.__table__
    names = select(b.c.key_check).where(b.c.key_check.is_not(None), b.c.undone_at.is_(None)).order_by(b.c.id.desc())
    with engine.connect() as connection:
        return connection.scalar(names.limit(1))


def _read_tables(files: Sequence[Path | Upload], report: ProgressCallback) -> list[Table]:
    """The tables of these files. Raises Refused with all that can't be read, or are empty.

    Two files of one name (one of each month's folder) are told apart by a number: a line is known by its file and row.
    """
    tables, problems = [], []
    given = [name_of(file.name) for file in files]
    for number, (file, as_given, name) in enumerate(zip(files, given, distinct(given), strict=True), start=1):
        report("reading", number, len(files))
        try:
            found = tables_in(file)
            tables += (restore_sent_table(table if name == as_given else replace(table, file=name)) for table in found)
            if not any(table.rows or table.faults for table in found):
                problems.append(_file_problem(name, "the table has no rows"))
        except UnreadableFileError as error:
            problems.append(_file_problem(name, str(error).removeprefix(f"{as_given}: ").rstrip(".")))
    if problems:
        raise ImportRefusedError(problems)
    return tables


def _choose_reader(tables: Sequence[Table], request: ReadContext, format: str | None) -> Reader:
    """What reads these tables: in the format that was named, or is recognised."""
    name = format or ("mapping" if request.mapping else find_format(tables))
    if name is None:
        raise UnknownFormatError([_unknown_format(table) for table in tables])
    if name not in readers():
        message = f"there is no format {name}{suggestion_suffix(suggest_code(name, readers()))}"
        raise ImportRefusedError([Problem("--format", None, None, None, ", ".join(readers()), message)])
    return readers()[name]


def store_records(
    engine: Engine,
    incoming: ImportData,
    files: Sequence[str],
    *,
    problems: Sequence[Problem] = (),
    dry_run: bool = False,
    today: date | None = None,
    report: ProgressCallback = ignore_progress,
) -> ImportSummary:
    """Records into the database, all or none. `problems`: what reading found; any refuses the whole."""

    def planned(connection: Connection) -> ChangeSet:
        stored = load_existing_for(connection, incoming)
        broken = [*problems, *validation.find_problems(incoming, stored, today)]
        if broken:
            raise ImportRefusedError(broken)
        return diff(incoming, stored)

    if dry_run:
        with long_reading(engine) as connection:
            return _summarize(planned(connection), files, None, dry_run)
    try:
        with write_transaction(engine) as connection:
            intended = planned(connection)
            if not intended.has_changes:
                raise _NothingToStoreError(intended)
            batch = write_change_set(connection, intended, files, report)
    except _NothingToStoreError as nothing:
        return _summarize(nothing.plan, files, None, dry_run)
    return _summarize(intended, files, batch, dry_run)


class _NothingToStoreError(Exception):
    def __init__(self, intended: ChangeSet):
        self.plan = intended


def expand_folders(paths: Sequence[str | Path | Upload]) -> list[Path | Upload]:
    """The files named, and for a folder the tables in it, in the order of their names."""
    files: list[Path | Upload] = []
    for path in (path if isinstance(path, Upload) else Path(path) for path in paths):
        is_folder = isinstance(path, Path) and path.is_dir()
        files += sorted(p for p in path.iterdir() if p.suffix.lower() in TABLE_SUFFIXES) if is_folder else [path]
    return files


def tables_in(file: Path | Upload) -> tuple[Table, ...]:
    """The tables of one file. Raises UnreadableFileError."""
    return read_tables(file.name, file.content) if isinstance(file, Upload) else read_tables(file)


def _summarize(done: ChangeSet, files: Sequence[str], batch: int | None, dry_run: bool) -> ImportSummary:
    incoming = done.incoming
    return ImportSummary(
        source=incoming.source,
        format=incoming.format,
        files=tuple(files),
        batch=batch,
        dry_run=dry_run,
        rows_read=incoming.rows_read,
        rows_stored=done.rows_stored,
        rows_changed=done.rows_changed,
        rows_unchanged=done.rows_unchanged,
        rows_refused=incoming.rows_refused,
        records={
            kind: RecordCounts(len(p.new), len(p.changed), p.unchanged) for kind, p in done.changes_by_kind().items()
        },
        changes=done.changes,
        notices=(*incoming.notices, *_notice_kept_corrections(done.kept_corrections)),
    )


def _notice_kept_corrections(records: int) -> Iterator[str]:
    if records:
        yield f"records that stay as a person corrected them, while the files say again what was wrong: {records:,}"


def _file_problem(file: str, message: str) -> Problem:
    return Problem(file, None, None, None, "a table with a header row and lines below it", message)


def _unknown_format(table: Table) -> Problem:
    expected = "; or ".join(reader.EXPECTED for reader in readers().values())
    message = f"the format is not known by its columns {', '.join(table.columns)[:200]}"
    return Problem(table.file, None, None, None, expected, message, table.sheet)


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Some million small objects live until they are stored: looking for garbage among them doubles the time. They
    are to be out of reach before it ends, in a function of their own, or they are looked through then."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
