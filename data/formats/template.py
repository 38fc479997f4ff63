"""Our own template: CSV files or sheets of a workbook, recognized by their headings. An unknown code is a problem."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from data.files import Table
from data.formats.builders.record_builder import RecordBuilder
from data.formats.registry import ReadContext
from data.problems import Problem
from data.records.neutral_records import ImportData, ProductRecord, TermRecord
from data.records.repository import treatments_by_day
from data.schema import template
from data.schema.sheet_reader import ParsedRows, Sheet, SourceVocabulary, normalize_heading, read_rows, read_sheet
from models import codelist, records

EXPECTED = "sheets of the template (python -m data template FILE.xlsx writes one)"
IGNORED_SHEETS = ("example", "read me", "codes")  # how the names of the template's other sheets begin
CODELISTS = {"product": codelist.products, "side_effect": codelist.side_effects, "area": codelist.areas}


def recognizes(tables: Sequence[Table]) -> float:
    """The share of required columns in the best fitting table.

    Unless it has all of them, the table or file must have the name that the template gives the sheet: any export may
    have a "date" and a "product".
    """
    shares = [0.0]
    for table in tables:
        schema, share = _best_schema(table)
        name = normalize_heading(table.sheet or table.file.rpartition(".")[0])
        if schema in template.SHEETS and (share == 1 or schema.name in name or normalize_heading(schema.title) in name):
            shares.append(share)
    return max(shares)


def read(tables: Sequence[Table], context: ReadContext) -> ImportData:
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
            known = "; ".join(f"{kind.title} ({', '.join(kind.required)})" for kind in template.SHEETS)
            message = f"the columns {', '.join(table.columns)[:200]} do not belong to a sheet of the template"
            problems.append(Problem(table.file, expected=f"one of {known}", message=message))
        elif not table.sheet.casefold().startswith(IGNORED_SHEETS):
            notices.append(f'{table.file}: the sheet "{table.sheet}" is not part of the template and was not read')
    about = ImportData(
        source=context.source or template.SOURCE, format="template", attribution_days=records.ATTRIBUTION_DAYS
    )
    vocabulary, is_unplaced = None, False
    if not all(sheet.schema.holds_records for sheet in sheets):
        about, vocabulary, is_unplaced = _read_about_source(about, sheets, context, problems)
    incoming = read_sheets(sheets, about, context, problems, vocabulary, is_unplaced)
    return replace(incoming, notices=(*notices, *incoming.notices))


def read_sheets(
    sheets: Sequence[Sheet],
    about: ImportData,
    context: ReadContext,
    problems: list[Problem],
    vocabulary: SourceVocabulary | None = None,
    is_unplaced: bool = False,
) -> ImportData:
    """The records of these sheets. Mappings of other files use it too.

    `about` describes the source, `vocabulary` its own codes; `is_unplaced`: it does not say where it injected.
    """
    rows = {schema.name: ParsedRows() for schema in template.SHEETS}
    notices: tuple[str, ...] = ()
    of_records = [sheet for sheet in sheets if sheet.schema.holds_records]
    for sheet in sorted(of_records, key=lambda sheet: template.SHEETS.index(sheet.schema)):
        name, parsed = sheet.schema.name, read_rows(sheet, problems, vocabulary, ("area",) if is_unplaced else ())
        rows[name] = ParsedRows(rows[name].rows + parsed.rows, rows[name].unreadable_ids | parsed.unreadable_ids)
        notices += parsed.notices
    tables = {id(sheet.table_ref.table): sheet.table_ref.table for sheet in sheets}.values()
    incoming = build_import_data(rows, about, context, problems)
    row_count = sum(len(table.rows) for table in tables)
    return replace(incoming, rows_read=row_count, notices=(*notices, *incoming.notices), sheets=tuple(sheets))


def build_import_data(
    rows: Mapping[str, ParsedRows], about: ImportData, context: ReadContext, problems: list[Problem]
) -> ImportData:
    """The records of the parsed rows of each sheet, by its name. Forms use it too. `about` describes the source."""
    side_effects = rows[template.SIDE_EFFECTS.name]
    builder = RecordBuilder(about.source, context.pseudonym, problems, side_effects.unreadable_ids)
    if context.records is not None:
        builder.load_stored_visits = partial(treatments_by_day, context.records, about.source)
    if treatment_rows := rows[template.TREATMENTS.name].rows:
        builder.add_treatments(treatment_rows)
    if follow_up_rows := rows[template.FOLLOW_UPS.name].rows:
        builder.add_follow_ups(follow_up_rows)
    if side_effects.rows or rows[template.REMEDIES.name].rows:
        builder.add_side_effects(side_effects.rows, rows[template.REMEDIES.name].rows)
    used = {injection.product for treatment in builder.treatments.values() for injection in treatment.injections}
    ours = codelist.products()
    products = [
        ProductRecord(code=code, label=p.label, unit=p.unit, active=p.active, dictionary=records.OURS)
        for code in sorted(used)
        if code in ours and (p := ours[code])
    ]
    return replace(
        about,
        rows_read=sum(len(part.rows) for part in rows.values()),
        clients=tuple(builder.clients.values()),
        products=(*products, *about.products),
        lots=tuple(builder.lots.values()),
        treatments=tuple(builder.treatments.values()),
        follow_ups=tuple(builder.follow_ups.values()),
        side_effects=tuple(builder.side_effects.values()),
        notices=(*about.notices, *dict.fromkeys(builder.notices)),
        unreadable_ids=rows[template.TREATMENTS.name].unreadable_ids | side_effects.unreadable_ids,
        problems=tuple(problems),
    )


def _read_about_source(
    about: ImportData, sheets: Sequence[Sheet], context: ReadContext, problems: list[Problem]
) -> tuple[ImportData, SourceVocabulary | None, bool]:
    """What the sheets of an export say about its source, its own codes, and whether it says where it injected."""
    rows: dict[str, list] = {template.ABOUT_SOURCE.name: [], template.SOURCE_VOCABULARY.name: []}
    for sheet in sheets:
        if not sheet.schema.holds_records:
            rows[sheet.schema.name] += read_rows(sheet, problems).rows
    source_rows, words = rows.values()
    for row in source_rows[1:]:
        problems.append(row.row_ref.problem("source", "is a second source", "one source in the files of one import"))
    products = tuple(
        ProductRecord(code=w.code, label=w.label or w.code, unit=w.unit, active=w.active != "no",
                      dictionary=w.dictionary)
        for w in words if w.list == "product"
    )  # fmt: skip
    terms = tuple(
        TermRecord(code=w.code, label=w.label or w.code, family=w.family, dictionary=w.dictionary)
        for w in words if w.list == "side_effect"
    )  # fmt: skip
    about = replace(about, products=products, terms=terms)
    if source_rows:
        first = source_rows[0]
        about = replace(about, source=context.source or first.source, attribution_days=first.attribution_days)
    vocabulary = {
        codes: frozenset(word.code for word in words if word.list == name) for name, codes in CODELISTS.items()
    }
    return about, vocabulary if words else None, bool(source_rows) and source_rows[0].unplaced == "yes"


def _best_schema(table: Table) -> tuple[template.SheetSchema | None, float]:
    """The sheet with most of the table's columns, and the share of its required columns that the table has.

    None if the table has less than half of the required columns of every sheet.
    """
    shares = {schema: share_of_required(table, schema) for schema in template.EXPORTED_SHEETS}
    likely = [schema for schema, share in shares.items() if share >= 0.5]
    headings = set(map(normalize_heading, table.columns))
    best = max(likely, key=lambda schema: len(headings.intersection(schema.names)), default=None)
    return best, shares.get(best, 0.0)


def share_of_required(table: Table, schema: template.SheetSchema) -> float:
    """The share of a sheet's required columns that a table has; 0 for the template's sheets of examples and codes."""
    if (table.sheet or "").casefold().startswith(IGNORED_SHEETS):
        return 0.0
    return len(set(schema.required).intersection(map(normalize_heading, table.columns))) / len(schema.required)
