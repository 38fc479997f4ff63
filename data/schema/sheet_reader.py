"""The lines of one sheet, read column by column: each different text once, every cell that can't be read a problem."""

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat
from typing import Any

from data.files import Table, is_missing
from data.problems import Problem
from data.schema.column_types import CellError, Code, ColumnType, ListOf, ParseHints, suggestion_suffix
from data.schema.date_parser import DateOrder
from data.schema.provenance import RowRef, TableRef
from data.schema.template import Column, SheetSchema
from data.tabular.formulas import unescape_formula
from models.codelist import suggest_code

SourceVocabulary = Mapping[Callable, frozenset[str]]  # a list of models.codelist -> the source's own words beside it


@dataclass(frozen=True)
class Sheet:
    """Lines for a sheet of `kind`: `cells` per column of ours, each as long as `lines`, the lines of the table.

    `order`: whether the day or the month comes first, where a person said so; `left_out`: there were more lines, with
    problems told already; `proven`: the order of those columns of ours where other lines of the table prove it.
    """

    schema: SheetSchema
    table_ref: TableRef
    cells: Mapping[str, Sequence[str]]
    row_indexes: Sequence[int]
    date_order: DateOrder | None = None
    has_refused_rows: bool = False
    proven_date_orders: Mapping[str, DateOrder] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedRows:
    """Lines that can be read, with a field per column and `place`.

    `unreadable`: the ids of the others, in the first column of their sheet; "" stands for one that has none.
    """

    rows: list[Any] = field(default_factory=list)
    unreadable_ids: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


def normalize_heading(text: str) -> str:
    """A heading as we write it: "Touch-up of" is touch_up_of."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def read_sheet(table: Table, kind: SheetSchema) -> Sheet:
    """A table whose headings are those of the sheet."""
    headings: dict[str, str] = {}
    for column in table.columns:
        headings.setdefault(normalize_heading(column), column)
    names = {name: headings[name] for name in kind.names if name in headings}
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=False))
    cells = {name: columns.get(heading, ()) for name, heading in names.items()}
    return Sheet(kind, TableRef(table, names), cells, range(len(table.rows)))


def read_rows(
    sheet: Sheet, problems: list[Problem], own: SourceVocabulary | None = None, optional: Collection = ()
) -> ParsedRows:
    """The lines of a sheet; what is wrong with the others goes into `problems`. `optional`: may be empty here."""
    places = list(map(RowRef, repeat(sheet.table_ref), sheet.row_indexes))
    rows = [sheet.table_ref.table.row_numbers[line] for line in sheet.row_indexes]
    bad: set[int] = set()
    notices: dict[str, None] = {}
    read = []
    for column in sheet.schema.columns:
        if column.name in sheet.cells:
            if column.name in optional:
                column = replace(column, required=False)
            values, wrong, told = _parse_column(column, sheet, rows, own or {})
            read.append(values)
            notices |= {
                f"{sheet.table_ref.table.file}, {sheet.table_ref.column_names.get(column.name)}: {n}": None
                for n in told
            }
            for index, text in enumerate(sheet.cells[column.name] if wrong else ()):
                if text in wrong:
                    bad.add(index)
                    problems.append(places[index].problem(column.name, wrong[text].message, wrong[text].expected))
        else:
            if column.required and column.name not in optional:
                problems.append(_missing_column(sheet, column.name))
                bad.update(range(len(places)))
            read.append(repeat(None))
    lines = list(map(row_type(sheet.schema.names)._make, zip(*read, places, strict=False)))
    ids = sheet.cells.get(sheet.schema.names[0])
    unreadable = {ids[index] if ids else "" for index in bad} | ({""} if sheet.has_refused_rows else set())
    kept = [line for index, line in enumerate(lines) if index not in bad] if bad else lines
    return ParsedRows(kept, frozenset(unreadable), tuple(notices))


def repeated_rows(table: Table) -> list[Problem]:
    """A problem for every line that stands in the table before."""
    if len(set(table.rows)) == len(table.rows):
        return []
    seen: dict[tuple[str, ...], int] = {}
    problems = []
    for row, number in zip(table.rows, table.row_numbers, strict=True):
        if row in seen:
            message = f"the line is the same as row {seen[row]}"
            problems.append(Problem(table.file, number, None, None, "each line once", message, table.sheet))
        seen.setdefault(row, number)
    return problems


def _parse_column(
    column: Column, sheet: Sheet, rows: Sequence[int], own: SourceVocabulary
) -> tuple[Sequence, dict[str, CellError], tuple[str, ...]]:
    """What the cells of a column mean, what is wrong with some of its texts, and what was read by a rule."""
    texts, table = sheet.cells[column.name], sheet.table_ref.table
    kind = _add_source_codes(column.type, own)
    distinct = set(texts)
    missing = {text for text in distinct if is_missing(text) and text.casefold() not in kind.choices}
    given = {text: unescape_formula(text) for text in distinct - missing}
    met_on = dict.fromkeys(given.values(), 0)
    if kind.needs_row_numbers:
        first_row = dict(zip(reversed(texts), reversed(rows), strict=True))
        met_on = {plain: first_row[text] for text, plain in given.items()}
    order = sheet.date_order or sheet.proven_date_orders.get(column.name)
    found = kind.parse_column(met_on, ParseHints(order, table.epoch, table.sheet is not None))
    wrong = {text: found.errors[plain] for text, plain in given.items() if plain in found.errors}
    if column.required:
        wrong |= dict.fromkeys(
            missing, CellError("the cell is empty", column.description[0].lower() + column.description[1:])
        )
    values = {text: found.values.get(plain) for text, plain in given.items()}
    if not missing and all(text == value for text, value in values.items()):
        return texts, wrong, found.notices  # nothing to translate: most columns of a clean file
    return list(map(values.get, texts)), wrong, found.notices


def _add_source_codes(kind: ColumnType, own: SourceVocabulary) -> ColumnType:
    if isinstance(kind, ListOf):
        return ListOf(_add_source_codes(kind.item_type, own))
    return replace(kind, source_codes=own[kind.entries]) if isinstance(kind, Code) and kind.entries in own else kind


def _missing_column(sheet: Sheet, name: str) -> Problem:
    table, names = sheet.table_ref.table, sheet.table_ref.column_names
    name = names.get(name, name)
    nearest = suggest_code(name, [column for column in table.columns if column not in names.values()])
    expected = f"the columns {', '.join(names.get(required, required) for required in sheet.schema.required)}"
    return Problem(
        table.file, None, name, None, expected, f"the column is missing{suggestion_suffix(nearest)}", table.sheet
    )


@cache
def row_type(names: tuple[str, ...]) -> type:
    """The class of a parsed row: a field for each column, then the row's provenance."""
    return namedtuple("Line", (*names, "row_ref"))
