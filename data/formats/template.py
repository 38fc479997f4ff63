"""Our own template: CSV files or sheets of a workbook, recognized by their headings. An unknown code is a problem."""

from collections.abc import Mapping, Sequence
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
IGNORED_SHEETS = ("example", "read me", "codes")  # how the names of the template's other sheets begin


@dataclass(frozen=True)
class SourceInfo:
    """The source of the records. `unplaced`: it does not say where it injected; `own`: its codes besides ours."""

    name: str
    format: str
    attribution_days: int | None
    unplaced: bool = False
    own: SourceVocabulary | None = None
    products: tuple[ProductRecord, ...] = ()
    terms: tuple[TermRecord, ...] = ()


def recognizes(tables: Sequence[Table]) -> float:
    """The share of required columns in the best fitting table.

    Unless it has all of them, the table must have the name of a sheet: any export may have a "date" and a "product".
    """
    shares = [0.0]
    for table in tables:
        schema, share = _best_schema(table)
        if schema in SHEETS and (share == 1 or _is_named_as(table, schema)):
            shares.append(share)
    return max(shares)


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The records of all sheets together. A source sheet among them names the source."""
    problems: list[Problem] = []
    notices: list[str] = []
    sheets: list[Sheet] = []
    for table in tables:
        schema, _ = _best_schema(table)
        if schema:
            sheet = read_sheet(table, schema)
            sheets.append(sheet)
            notices += [f"{table.file}: {notice}" for notice in table.notices]
            used = sheet.table_ref.column_names.values()
            if unread := [f'"{column}"' for column in table.columns if column and column not in used]:
                notices.append(f"{table.file}: not read: {', '.join(unread)}; no column of the {schema.title} sheet")
        elif table.sheet is None:
            known = "; ".join(f"{kind.title} ({', '.join(kind.required)})" for kind in SHEETS)
            message = f"the columns {', '.join(table.columns)[:200]} do not belong to a sheet of the template"
            problems.append(Problem(table.file, None, None, None, f"one of {known}", message, table.sheet))
        elif not table.sheet.casefold().startswith(IGNORED_SHEETS):
            notices.append(f'{table.file}: the sheet "{table.sheet}" is not part of the template and was not read')
    source_info = _read_source_info(sheets, context, problems)
    incoming = read_sheets(sheets, source_info, context, problems)
    return ReadResult(replace(incoming, notices=(*notices, *incoming.notices)), tuple(problems))


def read_sheets(
    sheets: Sequence[Sheet], source_info: SourceInfo, context: ReadContext, problems: list[Problem]
) -> ImportData:
    """The records of these sheets. Mappings of other files use it too."""
    tables = {id(sheet.table_ref.table): sheet.table_ref.table for sheet in sheets}.values()
    for table in tables:
        problems += repeated_rows(table)
    rows = {schema.name: ParsedRows() for schema in SHEETS}
    notices: tuple[str, ...] = ()
    for sheet in sheets:
        problems += sheet.table_ref.problems()
    for sheet in sorted(
        (sheet for sheet in sheets if sheet.schema in SHEETS), key=lambda sheet: SHEETS.index(sheet.schema)
    ):
        parsed = read_rows(sheet, problems, source_info.own, ("area",) if source_info.unplaced else ())
        earlier = rows[sheet.schema.name]
        unreadable_ids = earlier.unreadable_ids | parsed.unreadable_ids
        rows[sheet.schema.name] = ParsedRows(earlier.rows + parsed.rows, unreadable_ids)
        notices += parsed.notices
    return replace(
        build_import_data(rows, source_info, context, problems),
        rows_read=sum(len(table.rows) for table in tables),
        notices=notices,
        sheets=tuple(sheets),
    )


def build_import_data(
    rows: Mapping[str, ParsedRows], source_info: SourceInfo, context: ReadContext, problems: list[Problem]
) -> ImportData:
    """The records of the parsed rows of each sheet, by its name. Forms use it too."""
    builder = RecordBuilder(source_info.name, context.pseudonym, problems, rows[SIDE_EFFECTS.name].unreadable_ids)
    if context.records is not None:
        builder.load_stored_visits = partial(treatments_by_day, context.records, source_info.name)
    if treatment_rows := rows[TREATMENTS.name].rows:
        builder.add_treatments(treatment_rows)
    if follow_up_rows := rows[FOLLOW_UPS.name].rows:
        builder.add_follow_ups(follow_up_rows)
    builder.add_side_effects(rows[SIDE_EFFECTS.name].rows, rows[REMEDIES.name].rows)
    used = {injection.product for treatment in builder.treatments.values() for injection in treatment.injections}
    ours = codelist.products()
    products = [
        ProductRecord(code=code, label=p.label, unit=p.unit, active=p.active, dictionary=records.OURS)
        for code in sorted(used)
        if code in ours and (p := ours[code])
    ]
    return ImportData(
        source=source_info.name,
        format=source_info.format,
        attribution_days=source_info.attribution_days,
        rows_read=sum(len(part.rows) for part in rows.values()),
        clients=tuple(builder.clients.values()),
        products=(*products, *source_info.products),
        lots=tuple(builder.lots.values()),
        treatments=tuple(builder.treatments.values()),
        follow_ups=tuple(builder.follow_ups.values()),
        side_effects=tuple(builder.side_effects.values()),
        terms=source_info.terms,
        unreadable_ids=rows[TREATMENTS.name].unreadable_ids | rows[SIDE_EFFECTS.name].unreadable_ids,
    )


def _read_source_info(sheets: Sequence[Sheet], context: ReadContext, problems: list[Problem]) -> SourceInfo:
    rows = {ABOUT_SOURCE.name: [], SOURCE_VOCABULARY.name: []}
    for sheet in sheets:
        if sheet.schema.name in rows:
            rows[sheet.schema.name] += read_rows(sheet, problems).rows
    about, words = rows[ABOUT_SOURCE.name], rows[SOURCE_VOCABULARY.name]
    for row in about[1:]:
        problems.append(row.row_ref.problem("source", "is a second source", "one source in the files of one import"))
    by_list = {name: [word for word in words if word.list == name] for name in ("product", "side_effect", "area")}
    lists = {codelist.products: "product", codelist.side_effects: "side_effect", codelist.areas: "area"}
    return SourceInfo(
        name=context.source or (about[0].source if about else SOURCE),
        format="template",
        attribution_days=about[0].attribution_days if about else records.ATTRIBUTION_DAYS,
        unplaced=bool(about) and about[0].unplaced == "yes",
        own={entries: frozenset(w.code for w in by_list[name]) for entries, name in lists.items()} if words else None,
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


def _best_schema(table: Table) -> tuple[SheetSchema | None, float]:
    """The sheet with most of the table's columns, and the share of its required columns that the table has.

    None if the table has less than half of the required columns of every sheet.
    """
    if table.sheet is not None and table.sheet.casefold().startswith(IGNORED_SHEETS):
        return None, 0.0
    headings = {normalize_heading(column) for column in table.columns}
    shares = {schema.name: len(headings & set(schema.required)) / len(schema.required) for schema in EXPORTED_SHEETS}
    likely = [schema for schema in EXPORTED_SHEETS if shares[schema.name] >= 0.5]
    best = max(likely, key=lambda schema: len(headings & set(schema.names)), default=None)
    return best, shares[best.name] if best else 0.0


def _is_named_as(table: Table, schema: SheetSchema) -> bool:
    """Whether the sheet or file has the name that the template gives it."""
    name = normalize_heading(table.sheet or table.file.rpartition(".")[0])
    return schema.name in name or normalize_heading(schema.title) in name
