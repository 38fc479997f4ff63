"""Lines that can be stored, apart from those that can't and all that stands or falls with them.

The areas of a visit stand or fall together, the notes and remedies of a side effect, and what was told at a contact:
half a visit would be stored as a whole one. What refers to a refused visit is refused with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from data.files import Table, is_missing
from data.formats.registry import ReadResult
from data.importing.contact_groups import ContactGroups, cell_reader
from data.problems import ImportRefusedError, Problem
from data.records.lookups import ClientLookup
from data.records.neutral_records import ImportData, TreatmentRecord
from data.records.serialization import format_cell
from data.schema.column_types import Number, ParseHints, PartialDate
from data.schema.provenance import RowKey, row_keys
from data.schema.sheet_reader import Sheet
from data.schema.template import REMEDIES, SIDE_EFFECTS, TREATMENTS
from data.tabular.formulas import unescape_formula

ROW_KEY = attrgetter("key")
VISIT_SHEETS, EFFECT_SHEETS = (TREATMENTS,), (SIDE_EFFECTS, REMEDIES)


@dataclass(frozen=True)
class SplitResult:
    """`reading`: what is left without the refused lines, without a problem. `why`: for each of those, what is wrong.

    `tables`: as they were read, with dates and numbers written so that they can be read without the other lines.
    """

    result: ReadResult
    reasons: Mapping[RowKey, str]
    problems: tuple[Problem, ...]
    tables: tuple[Table, ...]
    sheets: tuple[Sheet, ...]


def split_valid_rows(
    tables: Sequence[Table],
    read: Callable[[Sequence[Table]], ReadResult],
    check: Callable[[ImportData], Sequence[Problem]],
    clients: ClientLookup,
) -> SplitResult:
    """Reads the tables without the lines that have problems, as often as it takes until none is left.

    `broken`: the rules that records must meet; `clients`: those whom lines may name. Raises Refused where a problem is
    not one of single lines.
    """
    reading = first = read(tables)
    problems = told = [*reading.problems, *check(reading.incoming)]
    plain = tuple(_normalize_table(table, first.incoming.sheets) for table in tables)
    left, as_read, why = plain, tables, {}
    while problems:
        plain_of = {id(table): meant for table, meant in zip(as_read, left, strict=True)}
        new = _find_refused_rows(left, reading.incoming, problems, plain_of, clients)
        if not new or not first.incoming.sheets:
            raise ImportRefusedError(told)
        why |= new
        left = as_read = tuple(_drop_rows(table, why) for table in plain)
        reading = read(left)
        problems = [*reading.problems, *check(reading.incoming)]
        told = [*told, *problems]
    read_by_now, refused = first.incoming.rows_read, first.incoming.rows_read - reading.incoming.rows_read
    incoming = replace(reading.incoming, rows_read=read_by_now, rows_refused=refused, notices=first.incoming.notices)
    return SplitResult(replace(reading, incoming=incoming), why, tuple(told), plain, first.incoming.sheets)


def _drop_rows(table: Table, refused: Mapping[RowKey, str]) -> Table:
    if not refused:
        return table
    kept = [n for n, line in enumerate(row_keys(table)) if line not in refused]
    return replace(
        table,
        rows=tuple(table.rows[n] for n in kept),
        row_numbers=tuple(table.row_numbers[n] for n in kept),
        faults=tuple(f for f in table.faults if (table.file, table.sheet, f.row) not in refused),
    )


def _find_refused_rows(
    tables: Sequence[Table], incoming: ImportData, problems: Sequence[Problem], plain_of: Mapping[int, Table],
    clients: ClientLookup,
) -> dict[RowKey, str]:  # fmt: skip
    """The lines with problems, and those that go with them. Empty where a problem is not one of a line."""
    there = {line for table in tables for line in row_keys(table)}
    context = {(s.table_ref.table.file, s.table_ref.table.sheet) for s in incoming.sheets if not s.holds_records}
    why: dict[RowKey, list[str]] = defaultdict(list)
    for problem in problems:
        line = problem.file, problem.sheet, problem.row
        if line not in there or line[:2] in context:
            return {}
        why[line].append(_message_without_place(problem))
    companions = _LinkedRows(incoming, problems, plain_of, clients)
    waiting = list(why)
    while waiting:
        line = waiting.pop()
        for other in companions.linked_rows(line):
            if other not in why:
                where = "" if other[:2] == line[:2] else f" of {line[1] or line[0]}"
                why[other].append(f"goes with row {line[2]}{where}")
                waiting.append(other)
    return {line: "; ".join(reasons) for line, reasons in why.items()}


def _message_without_place(problem: Problem) -> str:
    """The problem without the file and row that it stands beside."""
    return str(replace(problem, file="", sheet=None, row=None)).lstrip(", :").rstrip(".")


class _LinkedRows:
    """Which lines stand or fall with a line: by the records they make, and by what their cells say where they make
    none."""

    def __init__(
        self, incoming: ImportData, problems: Sequence[Problem], plain_of: Mapping[int, Table], clients: ClientLookup
    ):
        self.records_by_row: dict[RowKey, list[int]] = defaultdict(list)
        self.records = [*incoming.treatments, *incoming.follow_ups, *incoming.side_effects]
        self.dependents: dict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            for place in record.all_row_refs():
                self.records_by_row[place.key].append(number)
            named = record.touch_up_of if isinstance(record, TreatmentRecord) else record.treatment
            if named:
                self.dependents[named].append(number)
        self.families: dict[tuple, list[RowKey]] = defaultdict(list)
        self.families_by_row: dict[RowKey, list[tuple]] = defaultdict(list)
        wrong = defaultdict(set)
        for problem in problems:
            wrong[problem.file, problem.sheet, problem.row].add(problem.column)
        for sheet in incoming.sheets:
            for line, family in _row_families(sheet, plain_of[id(sheet.table_ref.table)], wrong):
                self.families[family].append(line)
                self.families_by_row[line].append(family)
        self.contacts = ContactGroups(incoming, plain_of, wrong, clients)
        self.day_families = [family for family in self.families if family[0] == "day"]

    def linked_rows(self, line: RowKey) -> Iterator[RowKey]:
        yield from self.contacts.linked_rows(line)
        for number in self.records_by_row.get(line, ()):
            yield from self._rows_of_record(number)
        for family in self.families_by_row.get(line, ()):
            for alike in self._matching_families(family):
                yield from self.families[alike]
            if family[0] == "visit":
                yield from self._dependents(family[1])

    def _rows_of_record(self, number: int) -> Iterator[RowKey]:
        record = self.records[number]
        yield from map(ROW_KEY, record.all_row_refs())
        if isinstance(record, TreatmentRecord):
            yield from self._dependents(record.source_id)

    def _dependents(self, treatment: str) -> Iterator[RowKey]:
        for number in self.dependents.get(treatment, ()):
            yield from map(ROW_KEY, self.records[number].all_row_refs())

    def _matching_families(self, family: tuple) -> Iterable[tuple]:
        """A visit without a number is a client's on a day; a line that tells only one of them may be of any such."""
        if family[0] != "day" or None not in family:
            return [family]
        _, client, day = family
        return [f for f in self.day_families if client in (None, f[1]) and day in (None, f[2])]


def _row_families(sheet: Sheet, table: Table, wrong: Mapping[RowKey, set]) -> Iterator[tuple[RowKey, tuple]]:
    """Each line with the visit or side effect that its cells name. None: the cell is empty or can't be read."""
    names, cell_of = sheet.table_ref.column_names, cell_reader(sheet, table)

    def told(name: str, row: tuple[str, ...], line: RowKey) -> str | None:
        return cell_of(name, row) if names.get(name) not in wrong.get(line, ()) else None

    for line, row in zip(row_keys(table), table.rows, strict=True):
        if sheet.schema in EFFECT_SHEETS and "effect_id" in names:
            yield line, ("effect", cell_of("effect_id", row))
        elif sheet.schema in VISIT_SHEETS:
            if visit := cell_of("treatment_id", row):
                yield line, ("visit", visit)
            else:
                client = told("client", row, line) or told("client_key", row, line)
                yield line, ("day", client, told("date", row, line))


# Cells that other cells of their column prove


def _normalize_table(table: Table, sheets: Sequence[Sheet]) -> Table:
    """The table with the days and numbers that could be read written so that they mean the same on their own."""
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True)) if table.rows else {}
    for sheet in sheets:
        if sheet.table_ref.table is not table:
            continue
        kinds = {column.name: column.type for column in sheet.schema.columns}
        for name, column in sheet.table_ref.column_names.items():
            if isinstance(kinds.get(name), PartialDate | Number) and column in columns:
                columns[column] = _normalize_cells(kinds[name], columns[column], sheet)
    return replace(table, rows=tuple(zip(*columns.values(), strict=True))) if columns else table


def _normalize_cells(kind: PartialDate | Number, texts: Sequence[str], sheet: Sheet) -> Sequence[str]:
    table = sheet.table_ref.table
    given = {text: unescape_formula(text) for text in set(texts) if not is_missing(text)}
    rows = dict(zip(reversed(texts), reversed(table.row_numbers), strict=True))
    met_on = {plain: rows[text] for text, plain in given.items()}
    found = kind.parse_column(met_on, ParseHints(sheet.date_order, table.epoch, table.sheet is not None)).values
    meant = {text: _unambiguous_text(found[plain]) or text for text, plain in given.items() if plain in found}
    return [meant.get(text, text) for text in texts]


def _unambiguous_text(value: Any) -> str | None:
    """The value as our own files have it; None for a month or a year, which can be read alone."""
    if isinstance(value, tuple):
        return str(value[0]) if value[0] == value[1] else None
    return format_cell(value)
