"""Manual entry: the typed values of a form become records, under the rules that files meet.

Each form is an import of its own, of the format "form", with the name of the person who entered it. It can be undone
like any other import.
"""

import secrets
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine

from data.files import Table, is_missing
from data.formats.registry import ReadContext
from data.formats.template import build_import_data
from data.importing.pipeline import key_name, prepare_records, store_import
from data.privacy.pseudonym_key import KEY_NAME, make_pseudonymizer
from data.problems import EMPTY, ImportRefusedError, Problem
from data.records.neutral_records import ImportData
from data.records.repository import load_snapshot, sources
from data.schema.column_types import NO_TEXT, CellError, Code, ColumnType, ListOf, is_storable_text, normalize_text
from data.schema.date_columns import PartialDate
from data.schema.date_parser import EARLIEST_YEAR, LATEST_YEAR
from data.schema.number_columns import Number
from data.schema.provenance import RowRef, TableRef
from data.schema.sheet_reader import ParsedRows, SourceVocabulary, repeated_rows, row_type
from data.schema.template import SHEETS, SheetSchema
from data.tabular.table import MAX_CELL_CHARACTERS
from models import codelist
from models.records import ATTRIBUTION_DAYS

FORMAT = "form"
FORM_ID_PREFIX = "form-"  # no practice software is known to number its records like this
ID_RANDOM_BYTES = 4  # beside the nanosecond, in which nobody enters two records
MAX_NAME_LENGTH = 60

SheetRow = Mapping[str, Any]  # the values of one row, by the name of their column
SheetRows = Mapping[str, Sequence[SheetRow]]  # the rows of each sheet, by its name


def new_id() -> str:
    """An id for a new record. Later ids sort after earlier ones, which keeps the notes of a day in order."""
    return f"{FORM_ID_PREFIX}{time.time_ns():016x}{secrets.token_hex(ID_RANDOM_BYTES)}"


def client_key(records: Engine, source: str, number: str) -> str:
    """The pseudonym of the client with this number in this source."""
    return make_pseudonymizer(key_name(records))(source, normalize_text(number))


def save_form(records: Engine, source: str, entered_by: str, rows: SheetRows, today: date | None = None) -> int | None:
    """Store the rows of a form; return the number of the import, or None if everything is already on record.

    Raises ImportRefusedError with every problem, each naming its column of the template; then nothing is stored.
    """
    incoming = build_records(records, source, rows, require_text(entered_by, "by", "who enters it"))
    return store_form(records, incoming, rows, today)


def build_records(
    records: Engine, source: str, rows: SheetRows, entered_by: str, unchanged: SheetRows | None = None
) -> ImportData:
    """The records of these rows, with what is wrong with them as `problems`.

    `unchanged` holds the rows of the record that is being corrected: its values are valid whatever our lists say,
    because a source has words of its own and may not record areas.
    """
    key = key_name(records)
    pseudonym = make_pseudonymizer(key)
    with records.connect() as connection:
        attribution_days = sources(connection).get(source, ATTRIBUTION_DAYS)
        stored = load_snapshot(connection, source, set(), set(), set(), set())
    vocabulary = {codelist.products: frozenset(stored.products), codelist.side_effects: frozenset(stored.terms)}
    problems: list[Problem] = []
    parsed = {}
    for sheet in SHEETS:
        sheet_rows, old_rows = rows.get(sheet.name, ()), (unchanged or {}).get(sheet.name, ())
        parsed[sheet.name] = _check_rows(sheet, sheet_rows, old_rows, vocabulary, problems)
    about = ImportData(
        source=source,
        format=FORMAT,
        attribution_days=attribution_days,
        key_check=key or pseudonym(*KEY_NAME),
        entered_by=entered_by,
    )
    return build_import_data(parsed, about, ReadContext(pseudonym, source), problems)


def require_text(text: str, name: str, expected: str) -> str:
    """The text on one line. Raises ImportRefusedError if it is empty, too long or cannot be stored."""
    cleaned = " ".join(normalize_text(text or "").split())
    message = None
    if not is_storable_text(text or ""):
        message = NO_TEXT
    if not cleaned:
        message = "the field is empty"
    elif len(cleaned) > (MAX_NAME_LENGTH if name == "by" else MAX_CELL_CHARACTERS):
        message = "is too long"
    if message:
        code = None if cleaned else EMPTY
        raise ImportRefusedError([Problem(FORMAT, column=name, expected=expected, message=message, code=code)])
    return cleaned


def store_form(records: Engine, incoming: ImportData, rows: SheetRows, today: date | None) -> int | None:
    """Store records under the titles of the sheets that have rows; return the number of the import, if any."""
    titles = tuple(sheet.title for sheet in SHEETS if rows.get(sheet.name))
    return store_import(records, prepare_records(records, incoming, titles, today)).batch


def _check_rows(
    sheet: SheetSchema,
    rows: Sequence[SheetRow],
    unchanged: Sequence[SheetRow],
    vocabulary: SourceVocabulary,
    problems: list[Problem],
) -> ParsedRows:
    """The rows whose values are all valid; what is wrong with the others is added to `problems`."""
    names = tuple(column.name for column in sheet.columns)
    texts = tuple(tuple(_message_text(row.get(name)) for name in names) for row in rows)
    table_ref = TableRef(Table(sheet.title, None, names, texts, tuple(range(1, len(rows) + 1)), ()))
    problems += repeated_rows(table_ref.table)
    valid, invalid_ids = [], set()
    for index, row in enumerate(rows):
        values = []
        for column in sheet.columns:
            old_values = [old.get(column.name) for old in unchanged]
            try:
                value = _check_value(column.type, row.get(column.name), old_values, vocabulary)
            except CellError as error:
                problems.append(RowRef(table_ref, index).problem(column.name, error.message, error.expected))
                continue
            if value is None and column.required and not (column.name == "area" and None in old_values):
                expected = column.description[0].lower() + column.description[1:]
                problems.append(RowRef(table_ref, index).problem(column.name, "the cell is empty", expected, EMPTY))
                continue
            values.append(value)
        if len(values) == len(sheet.columns):
            valid.append(row_type(names)(*values, RowRef(table_ref, index)))
        else:
            invalid_ids.add(row.get(names[0]) or "")
    return ParsedRows(valid, frozenset(invalid_ids))


def _check_value(kind: ColumnType, value: Any, unchanged: Collection[Any], vocabulary: SourceVocabulary) -> Any:
    """The value as a record holds it. Raises CellError if a file with it would be refused."""
    if any(type(value) is type(old) and value == old for old in unchanged):
        return value
    if isinstance(value, str):
        if not is_storable_text(value):
            raise CellError(NO_TEXT, "a value")
        text = normalize_text(value)
        if is_missing(text) and text.casefold() not in kind.choices:
            return None
        if isinstance(kind, Code) and text in vocabulary.get(kind.entries, ()):
            return text
        parsed = kind.parse_column({text: 1})
        if text in parsed.errors:
            raise parsed.errors[text]
        return parsed.values[text]
    if isinstance(value, tuple) and isinstance(kind, ListOf):
        items = [_check_value(kind.item_type, item, (), vocabulary) for item in value]
        return tuple(item for item in items if item is not None) or None
    if type(value) is date and isinstance(kind, PartialDate) and EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        return kind.check((value, value))
    if type(value) in (int, float) and isinstance(kind, Number) and abs(value) <= sys.float_info.max:
        return kind.check(float(value))
    if value not in (None, ()):
        raise CellError("is not valid here", "a value that this field can hold")
    return None


def _message_text(value: Any) -> str:
    """The value as messages repeat it."""
    if isinstance(value, tuple):
        return "; ".join(map(str, dict.fromkeys(value)))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
