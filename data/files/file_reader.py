"""Reads a file to tables, in a process of its own that limits on memory and time can end safely."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from data.files.delimited_text import read_grid
from data.files.fhir_bundle import bundle_tables
from data.files.file_type import detect_file_kind
from data.files.table_layout import lay_out_table
from data.files.worker_protocol import decode_answer
from data.tabular.table import MAX_FILE_BYTES, Table, UnreadableFileError

MAX_SECONDS = 60
# Smaller text files are read in this process: their cells take at most about 30 times their bytes, in proportional
# time, and nothing in them is unpacked or executed. A process of its own costs 0.1 s.
MAX_BYTES_IN_PROCESS = 2 * 1024**2
IN_PROCESS = ("text", "fhir")

PROJECT = Path(__file__).parents[2]
FILE_NAME, HIDDEN_SHEETS = "SEQUELA_FILE_NAME", "SEQUELA_HIDDEN_SHEETS"  # what the subprocess is told


def read_tables(path: str | Path, content: bytes | None = None, *, hidden_sheets: bool = False) -> tuple[Table, ...]:
    """The tables of one file: one for a text file, one for each filled worksheet of a workbook.

    `content` is the bytes of an upload, which is never written to disk; `path` then only names the file in messages.
    `hidden_sheets` also reads hidden sheets. Raises UnreadableFileError, with a message for the person who sent it.
    """
    file = name_of(path)
    if content is None:
        try:
            if Path(path).is_dir():
                raise UnreadableFileError(f"{file}: this is a folder. Choose the files in it.")
            with Path(path).open("rb") as source:
                content = source.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError as error:
            raise UnreadableFileError(f"{file}: no such file. Check the name and the folder.") from error
        except OSError as error:
            raise UnreadableFileError(f"{file}: the file can't be opened ({error.strerror}).") from error
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFileError(
            f"{file}: the file has more than {MAX_FILE_BYTES // 1024**2} MB, the limit. Split it, for example by year."
        )
    if not content:
        raise UnreadableFileError(f"{file}: the file is empty. Export it again, with its header row.")
    if detect_file_kind(file, content) in IN_PROCESS and len(content) <= MAX_BYTES_IN_PROCESS:
        return read_tables_here(file, content, hidden_sheets)
    return _read_in_subprocess(file, content, hidden_sheets)


def name_of(path: str | Path) -> str:
    """A file's name as shown and stored, with question marks for unprintable characters."""
    return "".join(character if character.isprintable() else "?" for character in Path(path).name)


def read_tables_here(file: str, content: bytes, hidden_sheets: bool) -> tuple[Table, ...]:
    """As read_tables, in this process and without limits on memory and time."""
    kind = detect_file_kind(file, content)
    if kind == "text":
        return (lay_out_table(read_grid(file, content)),)
    if kind == "fhir":
        return bundle_tables(file, content)
    if kind == "xpt":
        from data.tabular.xpt import read_transport  # pandas is loaded only where it is needed

        return (lay_out_table(read_transport(file, content)),)
    from data.tabular.workbook import read_grids  # calamine is loaded only where it is needed, in the subprocess

    tables, skipped = [], []
    for grid in read_grids(file, content, kind, hidden_sheets):
        if not grid.lines:
            skipped += grid.notices
            continue
        try:
            tables.append(lay_out_table(grid))
        except UnreadableFileError as problem:
            skipped.append(f"Not read: {problem}")
    if not tables:
        raise UnreadableFileError(f"{file}: no sheet holds a table with a header row. {' '.join(skipped)}".strip())
    return (replace(tables[0], notices=(*tables[0].notices, *skipped)), *tables[1:])


def _read_in_subprocess(file: str, content: bytes, hidden_sheets: bool) -> tuple[Table, ...]:
    # The name can hold a person's name, and every user of this machine can read a command line.
    environment = os.environ | {FILE_NAME: file, HIDDEN_SHEETS: str(int(hidden_sheets))}
    command = [sys.executable, "-m", "data.files"]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, cwd=PROJECT, env=environment, timeout=MAX_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(
            f"{file}: reading it took more than {MAX_SECONDS} seconds and was stopped. Split the file."
        ) from error
    if done.returncode:
        raise UnreadableFileError(
            f"{file}: the file is damaged, or reading it takes more memory than allowed. Save it again in a "
            "spreadsheet program, without what is not part of the table, or export it as CSV."
        )
    return decode_answer(done.stdout)
