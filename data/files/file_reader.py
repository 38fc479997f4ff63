"""Reads a file to tables: in a process of its own, which the bounds on memory and time can end without harm."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from data.files.delimited_text import grid_of
from data.files.fhir_bundle import bundle_tables
from data.files.file_type import kind_of
from data.files.table_layout import table_of
from data.files.worker_protocol import unpacked
from data.tabular.grid import Grid
from data.tabular.table import MAXIMUM_FILE_BYTES, Table, Unreadable

MAXIMUM_SECONDS = 60
# Up to here a text file is read in this process: its cells take at most some 30 times its bytes, in time proportional
# to them, and nothing in it is unpacked or executed. A process of its own costs 0.1 s.
MAXIMUM_BYTES_IN_PROCESS = 2 * 1024**2
IN_PROCESS = ("text", "fhir")

PROJECT = Path(__file__).parents[2]


def read_tables(path: str | Path, content: bytes | None = None, *, hidden_sheets: bool = False) -> tuple[Table, ...]:
    """The tables of one file: one for a text file, one for each filled worksheet of a workbook.

    content: the bytes, where they are at hand already (an upload never touches the disk); `path` then only names the
    file in messages. hidden_sheets: read sheets that are hidden in the spreadsheet program too.
    Raises Unreadable, with a message for the person who sent the file.
    """
    file = name_of(path)
    content = _content(Path(path), file) if content is None else content
    if len(content) > MAXIMUM_FILE_BYTES:
        raise Unreadable(
            f"{file}: the file has more than {MAXIMUM_FILE_BYTES // 1024**2} MB, the most that is read. "
            "Split it, for example by year."
        )
    if not content:
        raise Unreadable(f"{file}: the file is empty. Export it again, with its header row.")
    if kind_of(file, content) in IN_PROCESS and len(content) <= MAXIMUM_BYTES_IN_PROCESS:
        return tables_of(file, content, hidden_sheets)
    return _read_apart(file, content, hidden_sheets)


def name_of(path: str | Path) -> str:
    """A file's name as it is shown and stored: bytes in it that are no text stand as question marks."""
    return "".join(character if character.isprintable() else "?" for character in Path(path).name)


def tables_of(file: str, content: bytes, hidden_sheets: bool) -> tuple[Table, ...]:
    """As read_tables, in this process and without bounds on memory and time."""
    kind = kind_of(file, content)
    if kind == "text":
        return (table_of(grid_of(file, content)),)
    if kind == "fhir":
        return bundle_tables(file, content)
    from data.tabular.workbook import grids_of  # calamine is loaded where it is needed: in the process apart

    return _laid_out(file, grids_of(file, content, kind, hidden_sheets))


def _laid_out(file: str, grids: list[Grid]) -> tuple[Table, ...]:
    """The tables of a workbook; sheets passed over (hidden, without a header) are told with the table at the head."""
    tables, passed_over = [], []
    for grid in grids:
        if not grid.lines:
            passed_over += grid.notices
            continue
        try:
            tables.append(table_of(grid))
        except Unreadable as problem:
            passed_over.append(f"Not read: {problem}")
    if not tables:
        raise Unreadable(f"{file}: no sheet holds a table with a header row. {' '.join(passed_over)}".strip())
    return (replace(tables[0], notices=(*tables[0].notices, *passed_over)), *tables[1:])


def _content(path: Path, file: str) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable(f"{file}: this is a folder. Choose the files in it.")
        with path.open("rb") as source:
            return source.read(MAXIMUM_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise Unreadable(f"{file}: there is no such file. Check the name and the folder.") from error
    except OSError as error:
        raise Unreadable(f"{file}: the file can't be opened ({error.strerror}).") from error


def _read_apart(file: str, content: bytes, hidden_sheets: bool) -> tuple[Table, ...]:
    command = [sys.executable, "-m", "data.files", file, "hidden" if hidden_sheets else "visible"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, cwd=PROJECT, timeout=MAXIMUM_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(
            f"{file}: reading it took more than {MAXIMUM_SECONDS} seconds and was stopped. Split the file."
        ) from error
    if done.returncode:
        raise Unreadable(
            f"{file}: the file is damaged, or reading it takes more memory than allowed. Save it again in a "
            "spreadsheet program, without what is not part of the table, or export it as CSV."
        )
    return unpacked(done.stdout)
