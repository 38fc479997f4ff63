"""Refused lines as files of their own: the original columns and what is wrong, to be mended and sent again as they are.

They tell clients as the source did, but for columns that nobody reads and that name people or tell how to reach them.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openpyxl import Workbook

from data.files import Table
from data.privacy.file_names import LONGEST_TITLE, distinct, safe_stem, safe_title
from data.privacy.identifier_removal import remove_contact_details, remove_identifiers
from data.schema.provenance import RowKey, row_keys
from data.schema.sheet_reader import Sheet
from data.tabular.formulas import escape_formula, unescape_formula, workbook_cell

PROBLEM_COLUMN = "What is wrong"

Rows = list[list[str]]


@dataclass(frozen=True)
class RefusedFile:
    """A CSV or XLSX file. Its content is personal data: it is handed to whoever asked, and kept nowhere."""

    name: str
    content: bytes = field(repr=False)


def build_refused_files(
    tables: Sequence[Table], why: Mapping[RowKey, str], sheets: Sequence[Sheet], read: Collection[str] = ()
) -> tuple[RefusedFile, ...]:
    """One file for each that has refused lines; sheets that say whose records these are go along whole.

    `tables` as they are to be written; `read`: columns that are needed beside those that `sheets` name.
    """
    files: dict[str, dict[str | None, Rows]] = {}
    with_refused = {line[0] for line in why}
    for table in tables:
        own = [s for s in sheets if (s.table_ref.table.file, s.table_ref.table.sheet) == (table.file, table.sheet)]
        if own and (table.file in with_refused or not own[0].holds_records):
            rows = _rows(table, why, own, read)
            if len(rows) > 1:
                files.setdefault(table.file, {})[table.sheet] = rows
    kinds = {name: "csv" if None in parts else "xlsx" for name, parts in files.items()}
    names = distinct(f"refused-{safe_stem(name)}.{kind}" for name, kind in kinds.items())
    return tuple(RefusedFile(name, _content(parts)) for name, parts in zip(names, files.values(), strict=True))


def restore_sent_table(table: Table) -> Table:
    """A table of refused lines as it was before they were written: without what is wrong, and nothing escaped."""
    if PROBLEM_COLUMN not in table.columns:
        return table
    kept = [n for n, column in enumerate(table.columns) if column != PROBLEM_COLUMN]
    return replace(
        table,
        columns=tuple(unescape_formula(table.columns[n]) for n in kept),
        rows=tuple(tuple(unescape_formula(row[n]) for n in kept) for row in table.rows),
    )


def _rows(table: Table, why: Mapping[RowKey, str], sheets: Sequence[Sheet], read: Collection[str]) -> Rows:
    used = {*read, *(column for sheet in sheets for column in sheet.table_ref.column_names.values())}
    words = {sheet.table_ref.column_names.get("words") for sheet in sheets}
    left = remove_identifiers(table, keep=used)
    rows = [[*left.columns, PROBLEM_COLUMN]]
    for line, row in zip(row_keys(table), left.rows, strict=True):
        if line in why or not sheets[0].holds_records:
            cells = [
                remove_contact_details(c) if name in words else c for name, c in zip(left.columns, row, strict=True)
            ]
            rows.append([*cells, why.get(line, "")])
    return rows


def _content(parts: Mapping[str | None, Rows]) -> bytes:
    return _csv(parts[None]) if None in parts else _workbook(parts)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(escape_formula, row) for row in rows)
    return text.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet program it is UTF-8


def _workbook(parts: Mapping[str | None, Rows]) -> bytes:
    workbook = Workbook(write_only=True)
    for title, rows in zip(distinct(map(safe_title, parts), LONGEST_TITLE), parts.values(), strict=True):
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(list(map(workbook_cell, row)))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
