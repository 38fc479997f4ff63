"""Refused rows as files: their original columns and what is wrong, to be corrected and imported as they are.

They identify clients as the source did. Columns that nobody reads and that name people or their contact details are
left out.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.files import Table
from data.privacy.file_names import LONGEST_TITLE, distinct, safe_stem, safe_title
from data.privacy.identifier_removal import remove_contact_details, remove_identifiers
from data.records.neutral_records import ImportData
from data.schema.provenance import RowKey, row_keys
from data.tabular.formulas import escape_formula, unescape_formula, workbook_cell

PROBLEM_COLUMN = "What is wrong"

Rows = list[list[str]]


@dataclass(frozen=True)
class RefusedFile:
    """A CSV or XLSX file. Its content is personal data: it is given to whoever asked, and kept nowhere."""

    name: str
    content: bytes = field(repr=False)


def build_refused_files(
    tables: Sequence[Table], reasons: Mapping[RowKey, str], incoming: ImportData
) -> tuple[RefusedFile, ...]:
    """A file for each file with refused rows. Sheets that describe the source are included whole."""
    files: dict[str, dict[str | None, Rows]] = {}
    files_with_refused_rows = {file for file, _, _ in reasons}
    for table in tables:
        sheets = [
            sheet
            for sheet in incoming.sheets
            if (sheet.table_ref.table.file, sheet.table_ref.table.sheet) == (table.file, table.sheet)
        ]
        if not sheets or (table.file not in files_with_refused_rows and sheets[0].schema.holds_records):
            continue
        used = {*incoming.needed_columns, *(name for s in sheets for name in s.table_ref.column_names.values())}
        free_text = {sheet.table_ref.column_names.get("words") for sheet in sheets}
        cleaned = remove_identifiers(table, keep=used)
        rows = [[*cleaned.columns, PROBLEM_COLUMN]]
        for key, row in zip(row_keys(table), cleaned.rows, strict=True):
            if key in reasons or not sheets[0].schema.holds_records:
                named_cells = zip(cleaned.columns, row, strict=True)
                cells = [remove_contact_details(cell) if name in free_text else cell for name, cell in named_cells]
                rows.append([*cells, reasons.get(key, "")])
        if len(rows) > 1:
            files.setdefault(table.file, {})[table.sheet] = rows
    suffixes = {name: "csv" if None in parts else "xlsx" for name, parts in files.items()}
    names = distinct(f"refused-{safe_stem(name)}.{suffix}" for name, suffix in suffixes.items())
    contents = (_csv(parts[None]) if None in parts else _workbook(parts) for parts in files.values())
    return tuple(RefusedFile(name, content) for name, content in zip(names, contents, strict=True))


def restore_sent_table(table: Table) -> Table:
    """A table of refused rows without what is wrong and without escapes, as it was before it was written."""
    kept = [n for n, column in enumerate(table.columns) if column != PROBLEM_COLUMN]
    return replace(
        table,
        columns=tuple(unescape_formula(table.columns[n]) for n in kept),
        rows=tuple(tuple(unescape_formula(row[n]) for n in kept) for row in table.rows),
    )


def _csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(map(escape_formula, row) for row in rows)
    return text.getvalue().encode("utf-8-sig")  # spreadsheet programs recognize UTF-8 by the mark


def _workbook(sheets: Mapping[str | None, Rows]) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for title, rows in zip(distinct(map(safe_title, sheets), LONGEST_TITLE), sheets.values(), strict=True):
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(list(map(workbook_cell, row)))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
