"""Our own template: CSV files or sheets of a workbook, told apart by their headings. An unknown code is a problem."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from data.files import Table
from data.formats.record_builder import RecordBuilder
from data.formats.registry import ReadContext, ReadResult
from data.problems import Problem
from data.records.lookups import treatments_by_day
from data.records.neutral_records import ImportData, ProductRecord, TermRecord
from data.schema.sheet_reader import (
    ParsedRows,
    Sheet,
    SourceVocabulary,
    normalize_heading,
    read_rows,
    read_sheet,
    repeated_rows,
)
from data.schema.template import (
    ABOUT_SOURCE,
    DEFAULT_ATTRIBUTION_DAYS,
    EXPORTED_SHEETS,
    FOLLOW_UPS,
    REMEDIES,
    SHEETS,
    SIDE_EFFECTS,
    SOURCE,
    SOURCE_VOCABULARY,
    TREATMENTS,
    SheetSchema,
)
from models import codelist, records

EXPECTED = "sheets of the template (python -m data template FILE.xlsx writes one)"
IGNORED_SHEETS = ("example", "read me", "codes")  # sheets of the template itself, by how their names begin


@dataclass(frozen=True)
class SourceInfo:
    """Whose records the sheets hold. `unplaced`: it does not say where it injected; `own`: words beside ours."""

    name: str
    format: str
    attribution_days: int | None
    unplaced: bool = False
    own: SourceVocabulary | None = None
    products: tuple[ProductRecord, ...] = ()
    terms: tuple[TermRecord, ...] = ()


def recognizes(tables: Sequence[Table]) -> float:
    """The share of required columns that the best fitting table has. With one missing it must have a sheet's name: a
    foreign export may well have a column "date" and a column "product"."""
    fits = [
        (_share_of_columns(table, kind), table, kind)
        for table in tables
        if (kind := find_sheet_schema(table)) in SHEETS
    ]
    return max((share for share, table, kind in fits if share == 1 or _is_named_as(table, kind)), default=0.0)


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The records of all sheets together; a source sheet among them names the source."""
    problems: list[Problem] = []
    notices: list[str] = []
    sheets: list[Sheet] = []
    for table in tables:
        if kind := find_sheet_schema(table):
            sheets.append(read_sheet(table, kind))
            notices += [f"{table.file}: {notice}" for notice in table.notices] + _unread_columns(sheets[-1])
        elif table.sheet is None:
            problems.append(_unknown_sheet_problem(table))
        elif not table.sheet.casefold().startswith(IGNORED_SHEETS):
            notices.append(f'{table.file}: the sheet "{table.sheet}" is not one of the template and was not read')
    source = _read_source_info(sheets, context, problems)
    incoming = read_sheets(sheets, source, context, problems)
    return ReadResult(replace(incoming, notices=(*notices, *incoming.notices)), tuple(problems))


def find_sheet_schema(table: Table) -> SheetSchema | None:
    """The sheet whose columns a table has most of; None where it has less than half of those required."""
    if table.sheet is not None and table.sheet.casefold().startswith(IGNORED_SHEETS):
        return None
    likely = [kind for kind in EXPORTED_SHEETS if _share_of_columns(table, kind) >= 0.5]
    headings = {normalize_heading(column) for column in table.columns}
    return max(likely, key=lambda kind: len(headings & set(kind.names)), default=None)


def read_sheets(
    sheets: Sequence[Sheet], source_info: SourceInfo, context: ReadContext, problems: list[Problem]
) -> ImportData:
    """The records of these sheets; mappings of other files use it too."""
    for table in {id(sheet.table_ref.table): sheet.table_ref.table for sheet in sheets}.values():
        problems += repeated_rows(table)
    for sheet in sheets:
        problems += sheet.table_ref.problems()
    lines = {
        kind.name: _combine_rows(
            read_rows(sheet, problems, source_info.own, ("area",) if source_info.unplaced else ())
            for sheet in sheets
            if sheet.schema is kind
        )
        for kind in SHEETS
    }
    tables = {id(sheet.table_ref.table): sheet.table_ref.table for sheet in sheets}.values()
    return replace(
        build_import_data(lines, source_info, context, problems),
        rows_read=sum(len(table.rows) for table in tables),
        notices=tuple(notice for part in lines.values() for notice in part.notices),
        sheets=tuple(sheets),
    )


def build_import_data(
    rows: Mapping[str, ParsedRows], source_info: SourceInfo, context: ReadContext, problems: list[Problem]
) -> ImportData:
    """The records of the parsed rows of each sheet, by its name; forms use it too."""
    builder = RecordBuilder(source_info.name, context.pseudonym, problems, rows[SIDE_EFFECTS.name].unreadable_ids)
    if context.records is not None:
        builder.load_stored_visits = partial(treatments_by_day, context.records, source_info.name)
    builder.add_treatments(rows[TREATMENTS.name].rows)
    builder.add_follow_ups(rows[FOLLOW_UPS.name].rows)
    builder.add_side_effects(rows[SIDE_EFFECTS.name].rows, rows[REMEDIES.name].rows)
    used = {injection.product for treatment in builder.treatments.values() for injection in treatment.injections}
    ours = [_product_record(code) for code in sorted(used) if code in codelist.products()]
    return ImportData(
        source=source_info.name,
        format=source_info.format,
        attribution_days=source_info.attribution_days,
        rows_read=sum(len(part.rows) for part in rows.values()),
        clients=tuple(builder.clients.values()),
        products=(*ours, *source_info.products),
        lots=tuple(builder.lots.values()),
        treatments=tuple(builder.treatments.values()),
        follow_ups=tuple(builder.follow_ups.values()),
        side_effects=tuple(builder.side_effects.values()),
        terms=source_info.terms,
        unreadable_ids=rows[TREATMENTS.name].unreadable_ids | rows[SIDE_EFFECTS.name].unreadable_ids,
    )


def _combine_rows(parts) -> ParsedRows:
    parts = list(parts)
    return ParsedRows(
        [line for part in parts for line in part.rows],
        frozenset().union(*(part.unreadable_ids for part in parts)),
        tuple(notice for part in parts for notice in part.notices),
    )


def _read_source_info(sheets: Sequence[Sheet], request: ReadContext, problems: list[Problem]) -> SourceInfo:
    def lines(kind):
        return [line for sheet in sheets if sheet.schema is kind for line in read_rows(sheet, problems).rows]

    about, words = lines(ABOUT_SOURCE), lines(SOURCE_VOCABULARY)
    for line in about[1:]:
        problems.append(line.row_ref.problem("source", "is a second source", "one source in the files of one import"))
    by_list = {name: [line for line in words if line.list == name] for name in ("product", "side_effect", "area")}
    lists = {codelist.products: "product", codelist.side_effects: "side_effect", codelist.areas: "area"}
    return SourceInfo(
        name=request.source or (about[0].source if about else SOURCE),
        format="template",
        attribution_days=about[0].attribution_days if about else DEFAULT_ATTRIBUTION_DAYS,
        unplaced=bool(about) and about[0].unplaced == "yes",
        own=_source_vocabulary(lists, by_list),
        products=tuple(
            ProductRecord(
                code=w.code, label=w.label or w.code, unit=w.unit, active=w.active != "no", dictionary=w.dictionary
            )
            for w in by_list["product"]
        ),
        terms=tuple(
            TermRecord(code=w.code, label=w.label or w.code, family=w.family, dictionary=w.dictionary)
            for w in by_list["side_effect"]
        ),
    )


def _source_vocabulary(lists: dict[Callable, str], by_list: dict[str, list]) -> SourceVocabulary:
    return {listed: frozenset(word.code for word in by_list[name]) for listed, name in lists.items()}


def _product_record(code: str) -> ProductRecord:
    product = codelist.products()[code]
    return ProductRecord(
        code=code, label=product.label, unit=product.unit, active=product.active, dictionary=records.OURS
    )


def _is_named_as(table: Table, kind: SheetSchema) -> bool:
    """Is the sheet, or the file, called as the template calls it?"""
    name = normalize_heading(table.sheet or table.file.rpartition(".")[0])
    return kind.name in name or normalize_heading(kind.title) in name


def _share_of_columns(table: Table, kind: SheetSchema) -> float:
    headings = {normalize_heading(column) for column in table.columns}
    return len(headings & set(kind.required)) / len(kind.required)


def _unread_columns(sheet: Sheet) -> list[str]:
    used = set(sheet.table_ref.column_names.values())
    unread = [f'"{column}"' for column in sheet.table_ref.table.columns if column and column not in used]
    if not unread:
        return []
    return [f"{sheet.table_ref.table.file}: not read: {', '.join(unread)}; no column of the {sheet.schema.title} sheet"]


def _unknown_sheet_problem(table: Table) -> Problem:
    kinds = "; ".join(f"{kind.title} ({', '.join(kind.required)})" for kind in SHEETS)
    message = f"the columns {', '.join(table.columns)[:200]} are those of no sheet of the template"
    return Problem(table.file, None, None, None, f"one of {kinds}", message, table.sheet)
