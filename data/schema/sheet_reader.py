"""Reads the rows of a sheet column by column: each different text once, and every unreadable cell is a problem."""

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat
from typing import Any

from data.files import Table, is_missing
from data.problems import Problem
from data.schema.column_types import CellError, Code, ColumnType, ListOf, Text, suggestion_suffix
from data.schema.date_parser import DateOrder
from data.schema.provenance import RowRef, TableRef
from data.schema.template import Column, SheetSchema
from data.tabular.formulas import unescape_formula

NAME = Text()  # of a person, place or number
MAX_INITIALS = 3

SourceVocabulary = Mapping[Callable, frozenset[str]]  # a list of models.codelist -> the source's own codes beside it


@dataclass(frozen=True)
class Sheet:
    """A table read as a sheet of ours. `cells`: our column -> a text for each of `row_indexes`, rows of the table.

    `date_order`: day or month first, if a person said so; `proven_date_orders`: by column, if the other rows of the
    table prove it; `refused_indexes`: further rows, whose problems are reported already.
    """

    schema: SheetSchema
    table_ref: TableRef
    cells: Mapping[str, Sequence[str]]
    row_indexes: Sequence[int]
    date_order: DateOrder | None = None
    refused_indexes: Collection[int] = ()
    proven_date_orders: Mapping[str, DateOrder] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedRows:
    """The readable rows, each with a field per column and `row_ref`.

    `unreadable_ids` are the ids of the other rows, from the first column of the sheet; "" stands for a missing id.
    """

    rows: list[Any] = field(default_factory=list)
    unreadable_ids: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()


def normalize_heading(text: str) -> str:
    """A heading as a column name: "Touch-up of" becomes touch_up_of."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def read_sheet(table: Table, schema: SheetSchema) -> Sheet:
    """A table whose headings are those of the sheet."""
    headings: dict[str, str] = {}
    for column in table.columns:
        headings.setdefault(normalize_heading(column), column)
    names = {name: headings[name] for name in schema.names if name in headings}
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=False))
    cells = {name: columns.get(heading, ()) for name, heading in names.items()}
    return Sheet(schema, TableRef(table, names), cells, range(len(table.rows)))


def read_rows(
    sheet: Sheet,
    problems: list[Problem],
    source_vocabulary: SourceVocabulary | None = None,
    optional: Collection[str] = (),
) -> ParsedRows:
    """The readable rows of a sheet. `problems` gets what is wrong with the others, and every repeated row.

    `optional` columns may be empty.
    """
    table, column_names = sheet.table_ref.table, sheet.table_ref.column_names
    problems += [*repeated_rows(table), *sheet.table_ref.problems()]
    row_refs = list(map(RowRef, repeat(sheet.table_ref), sheet.row_indexes))
    row_numbers = [table.row_numbers[index] for index in sheet.row_indexes]
    unreadable: set[int] = set()
    notices: dict[str, None] = {}
    parsed_columns = []
    for column in sheet.schema.columns:
        if column.name in optional:
            column = replace(column, required=False)
        if column.name not in sheet.cells:
            if column.required:
                problems.append(_missing_column(sheet, column.name))
                unreadable.update(range(len(row_refs)))
            parsed_columns.append(repeat(None))
            continue
        values, errors, column_notices = _parse_column(column, sheet, row_numbers, source_vocabulary or {})
        parsed_columns.append(values)
        notices |= {f"{table.file}, {column_names.get(column.name)}: {notice}": None for notice in column_notices}
        for index, text in enumerate(sheet.cells[column.name] if errors else ()):
            if text in errors:
                unreadable.add(index)
                problems.append(row_refs[index].problem(column.name, errors[text].message, errors[text].expected))
    rows = list(map(row_type(sheet.schema.names)._make, zip(*parsed_columns, row_refs, strict=False)))
    ids = sheet.cells.get(sheet.schema.names[0])
    unreadable_ids = {ids[index] if ids else "" for index in unreadable} | ({""} if sheet.refused_indexes else set())
    if unreadable:
        rows = [row for index, row in enumerate(rows) if index not in unreadable]
    return ParsedRows(rows, frozenset(unreadable_ids), tuple(notices))


def repeated_rows(table: Table) -> list[Problem]:
    """A problem for every row that repeats an earlier one."""
    if len(set(table.rows)) == len(table.rows):
        return []
    first_numbers: dict[tuple[str, ...], int] = {}
    problems = []
    for row, number in zip(table.rows, table.row_numbers, strict=True):
        if (first := first_numbers.setdefault(row, number)) != number:
            message = f"the row is the same as row {first}"
            problems.append(Problem(table.file, number, None, None, "each row once", message, table.sheet))
    return problems


def _parse_column(
    column: Column, sheet: Sheet, row_numbers: Sequence[int], source_vocabulary: SourceVocabulary
) -> tuple[Sequence, dict[str, CellError], tuple[str, ...]]:
    """The values of a column, the errors by text, and notices about values that were read by a rule."""
    texts, table = sheet.cells[column.name], sheet.table_ref.table
    column_type = _add_source_codes(column.type, source_vocabulary) if source_vocabulary else column.type
    first_rows = dict(zip(reversed(texts), reversed(row_numbers), strict=True))
    missing = {text for text in first_rows if is_missing(text) and text.casefold() not in column_type.choices}
    unescaped = {text: unescape_formula(text) for text in first_rows if text not in missing}
    parsed = column_type.parse_column(
        {plain: first_rows[text] for text, plain in unescaped.items()},
        order=sheet.date_order or sheet.proven_date_orders.get(column.name),
        epoch=table.epoch,
        decimal=None if table.sheet is None else ".",
    )
    errors = {text: parsed.errors[plain] for text, plain in unescaped.items() if plain in parsed.errors}
    if column.required and missing:
        expected = column.description[0].lower() + column.description[1:]
        errors |= dict.fromkeys(missing, CellError("the cell is empty", expected))
    values = {text: parsed.values.get(plain) for text, plain in unescaped.items()}
    # "NA" may be a person's initials, so it is not read as missing without a word.
    for text in sorted(missing if column_type == NAME else ()):
        if text.isalpha() and len(text) <= MAX_INITIALS:
            notice = f'"{text}" was read as missing: {list(texts).count(text):,}'
            parsed.notices = (*parsed.notices, notice)
    if not missing and all(text == value for text, value in values.items()):
        return texts, errors, parsed.notices  # nothing to translate: most columns of a clean file
    return list(map(values.get, texts)), errors, parsed.notices


def _add_source_codes(column_type: ColumnType, vocabulary: SourceVocabulary) -> ColumnType:
    if isinstance(column_type, ListOf):
        return ListOf(_add_source_codes(column_type.item_type, vocabulary))
    if isinstance(column_type, Code) and column_type.entries in vocabulary:
        return replace(column_type, source_codes=vocabulary[column_type.entries])
    return column_type


def _missing_column(sheet: Sheet, name: str) -> Problem:
    table, names = sheet.table_ref.table, sheet.table_ref.column_names
    name = names.get(name, name)
    hint = suggestion_suffix(name, [column for column in table.columns if column not in names.values()])
    expected = f"the columns {', '.join(names.get(required, required) for required in sheet.schema.required)}"
    return Problem(table.file, None, name, None, expected, f"the column is missing{hint}", table.sheet)


@cache
def row_type(names: tuple[str, ...]) -> type:
    """The class of a parsed row: a field for each column, then the row it comes from."""
    return namedtuple("Row", (*names, "row_ref"))
