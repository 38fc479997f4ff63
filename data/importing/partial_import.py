"""Separates rows that can be stored from rows with problems and all that belongs with them.

The areas of a visit, the notes and remedies of a side effect, and all rows of a contact are stored or refused together,
because half a visit would be stored as a whole one. Rows that refer to a refused visit are refused with it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from data.database.engine import long_reading
from data.files import Table, is_missing
from data.formats.registry import ReadContext
from data.importing.contact_groups import ContactGroups, cell_reader, sheet_rows
from data.importing.rejected_rows import RefusedFile, build_refused_files
from data.importing.validation import find_problems
from data.problems import ImportRefusedError, Problem, sort_by_file
from data.records.neutral_records import ImportData, TreatmentRecord, row_refs_of
from data.records.repository import load_existing_for
from data.records.serialization import format_cell
from data.schema.date_columns import PartialDate
from data.schema.number_columns import Number
from data.schema.provenance import RowKey, row_keys
from data.schema.sheet_reader import Sheet
from data.schema.template import REMEDIES, SIDE_EFFECTS, TREATMENTS, make_treatment_id
from data.tabular.formulas import unescape_formula


def split_valid_rows(
    tables: Sequence[Table],
    read: Callable[[Sequence[Table], ReadContext], ImportData],
    context: ReadContext,
    today: date | None,
) -> tuple[ImportData, tuple[Problem, ...], tuple[RefusedFile, ...]]:
    """What is read from the valid rows, all problems of the others, and those rows as files to correct.

    Groups the rows that belong together, and reads the tables again without the groups that have problems. The second
    reading is nearly always the last: it finds further problems only where a refused row hid them. Raises
    ImportRefusedError if a problem does not concern single rows.
    """
    first = incoming = read(tables, context)
    problems = _all_problems(first, context, today)
    all_problems = list(problems)
    # Dates and numbers are written so that they can be read without the other rows.
    normalized = [_normalize_table(table, first.sheets) for table in tables]
    reasons: dict[RowKey, str] = {}
    groups = None
    while problems:
        if not first.sheets:
            raise ImportRefusedError(all_problems)
        groups = groups or _RowGroups(first, tables, normalized, context)
        if not (refused := groups.refuse(problems, without=reasons)):
            raise ImportRefusedError(all_problems)
        reasons |= refused
        incoming = read([_drop_rows(table, reasons) for table in normalized], context)
        problems = _all_problems(incoming, context, today)
        all_problems += problems
    incoming = replace(
        incoming, rows_read=first.rows_read, rows_refused=first.rows_read - incoming.rows_read,
        notices=first.notices, sheets=first.sheets,
    )  # fmt: skip
    return incoming, sort_by_file(all_problems), build_refused_files(normalized, reasons, incoming)


def _all_problems(incoming: ImportData, context: ReadContext, today: date | None) -> list[Problem]:
    """What could not be read, and violations of the rules that all records must meet."""
    with long_reading(context.records) as connection:
        return [*incoming.problems, *find_problems(incoming, load_existing_for(connection, incoming), today)]


def _drop_rows(table: Table, refused: Mapping[RowKey, str]) -> Table:
    valid = [n for n, key in enumerate(row_keys(table)) if key not in refused]
    return replace(
        table,
        rows=tuple(table.rows[n] for n in valid),
        row_numbers=tuple(table.row_numbers[n] for n in valid),
        faults=tuple(fault for fault in table.faults if (table.file, table.sheet, fault.row) not in refused),
    )


class _RowGroups:
    """Which rows belong together, by the records they make, and by their cells if they make none."""

    def __init__(
        self, incoming: ImportData, tables: Sequence[Table], normalized: Sequence[Table], context: ReadContext
    ):
        by_table = {id(table): plain for table, plain in zip(tables, normalized, strict=True)}
        about_source = [sheet.table_ref.table for sheet in incoming.sheets if not sheet.schema.holds_records]
        self.rows = {key for table in tables for key in row_keys(table)}
        self.rows.difference_update(key for table in about_source for key in row_keys(table))
        self.source, self.pseudonym = incoming.source, context.pseudonym
        self.contacts = ContactGroups(incoming, by_table, context)
        self.records_by_row: dict[RowKey, list[tuple[Any, list[RowKey]]]] = defaultdict(list)  # with all their rows
        self.dependents: dict[str, list[RowKey]] = defaultdict(list)  # rows that refer to a treatment
        for record in (*incoming.treatments, *incoming.follow_ups, *incoming.side_effects):
            keys = [row_ref.key for row_ref in row_refs_of(record)]
            for key in keys:
                self.records_by_row[key].append((record, keys))
            if treatment := record.touch_up_of if isinstance(record, TreatmentRecord) else record.treatment:
                self.dependents[treatment] += keys
        self.groups: dict[tuple, list[RowKey]] = defaultdict(list)  # ("visit" or "effect", id) or ("day", client, date)
        self.groups_by_row: dict[RowKey, list[tuple[tuple, Sheet]]] = defaultdict(list)
        for sheet in incoming.sheets:
            for key, group in _cell_groups(sheet, by_table[id(sheet.table_ref.table)]):
                self.groups[group].append(key)
                self.groups_by_row[key].append((group, sheet))

    def refuse(self, problems: Sequence[Problem], without: Mapping[RowKey, str]) -> dict[RowKey, str]:
        """The rows with problems and all that belong with them, each with the reason; rows `without` are gone already.

        Empty if a problem does not concern a row that can be refused.
        """
        reasons: dict[RowKey, list[str]] = defaultdict(list)
        wrong_columns: dict[RowKey, set[str | None]] = defaultdict(set)
        for problem in problems:
            key = problem.file, problem.sheet, problem.row
            if key not in self.rows or key in without:
                return {}
            message = str(replace(problem, file="", sheet=None, row=None))  # it will stand in that row
            reasons[key].append(message.lstrip(", :").rstrip("."))
            wrong_columns[key].add(problem.column)
        waiting = list(reasons)
        while waiting:
            key = waiting.pop()
            for other in self._linked_rows(key, wrong_columns.get(key)):
                if other not in reasons and other not in without:
                    place = "" if other[:2] == key[:2] else f" of {key[1] or key[0]}"
                    reasons[other].append(f"goes with row {key[2]}{place}")
                    waiting.append(other)
        return {key: "; ".join(messages) for key, messages in reasons.items()}

    def _linked_rows(self, key: RowKey, wrong_columns: Collection[str | None] | None) -> Iterator[RowKey]:
        yield from self.contacts.linked_rows(key, wrong_columns)
        for record, keys in self.records_by_row.get(key, ()):
            yield from keys
            if isinstance(record, TreatmentRecord):
                yield from self.dependents.get(record.source_id, ())
        for group, sheet in self.groups_by_row.get(key, ()):
            if group[0] == "day":
                yield from self._rows_of_day(group, sheet, wrong_columns or ())
            else:
                yield from self.groups[group]
            if group[0] == "visit":
                yield from self.dependents.get(group[1], ())

    def _rows_of_day(self, group: tuple, sheet: Sheet, wrong_columns: Collection[str | None]) -> Iterator[RowKey]:
        """A visit without a number is a client's visit on a day. If a row lacks one of them, it may belong to any."""
        names = sheet.table_ref.column_names
        _, client, day = group
        if wrong_columns and not {names.get("client"), names.get("client_key")}.isdisjoint(wrong_columns):
            client = None
        if names.get("date") in wrong_columns:
            day = None
        if client and day:
            yield from self.groups[group]
            for key in (client, self.pseudonym(self.source, client)):  # the cell holds a pseudonym or a number
                yield from self.dependents.get(make_treatment_id(key, day), ())
            return
        for other, keys in self.groups.items():
            if other[0] == "day" and client in (None, other[1]) and day in (None, other[2]):
                yield from keys


def _cell_groups(sheet: Sheet, table: Table) -> Iterator[tuple[RowKey, tuple]]:
    """Each row with the visit or side effect that its cells name."""
    cell = cell_reader(sheet, table)
    for key, row in sheet_rows(sheet, table):
        if sheet.schema in (SIDE_EFFECTS, REMEDIES) and "effect_id" in sheet.table_ref.column_names:
            yield key, ("effect", cell("effect_id", row))
        elif sheet.schema is TREATMENTS:
            if treatment_id := cell("treatment_id", row):
                yield key, ("visit", treatment_id)
            else:
                yield key, ("day", cell("client", row) or cell("client_key", row), cell("date", row))


def _normalize_table(table: Table, sheets: Sequence[Sheet]) -> Table:
    """The table with its readable dates and numbers written so that each means the same without the others."""
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True)) if table.rows else {}
    for sheet in sheets:
        if sheet.table_ref.table is table:
            types = {column.name: column.type for column in sheet.schema.columns}
            for name, column in sheet.table_ref.column_names.items():
                if isinstance(types.get(name), PartialDate | Number) and column in columns:
                    columns[column] = _normalize_cells(types[name], columns[column], sheet)
    return replace(table, rows=tuple(zip(*columns.values(), strict=True))) if columns else table


def _normalize_cells(column_type: PartialDate | Number, texts: Sequence[str], sheet: Sheet) -> Sequence[str]:
    """The values as our own files have them. A month or year stays as it is: it needs no proof."""
    table = sheet.table_ref.table
    first_rows = dict(zip(reversed(texts), reversed(table.row_numbers), strict=True))
    unescaped = {text: unescape_formula(text) for text in first_rows if not is_missing(text)}
    plain_rows = {plain: first_rows[text] for text, plain in unescaped.items()}
    values = column_type.parse_column(
        plain_rows, order=sheet.date_order, epoch=table.epoch, decimal=None if table.sheet is None else "."
    ).values
    normalized = {}
    for text, plain in unescaped.items():
        value = values.get(plain)
        if isinstance(value, tuple):
            value = value[0] if value[0] == value[1] else None
        normalized[text] = format_cell(value) or text
    return [normalized.get(text, text) for text in texts]
