"""The follow-up log (data/schema/follow_up_log.py): contacts about treatments that are on record already, of the same
source."""

from collections.abc import Sequence
from dataclasses import replace

from data.database.engine import long_reading
from data.files import Table
from data.formats.follow_up_matching import FollowUpMatcher
from data.formats.registry import ReadContext, ReadResult
from data.formats.template import IGNORED_SHEETS
from data.problems import Problem
from data.records.lookups import sources_with_treatments
from data.records.neutral_records import ImportData
from data.records.repository import Snapshot, load_all, sources
from data.schema.follow_up_log import ALIASES, LOG, NOTHING_TO_REPORT
from data.schema.provenance import TableRef
from data.schema.sheet_reader import ParsedRows, Sheet, normalize_heading, read_rows, read_sheet, repeated_rows
from models import codelist

EXPECTED = "the follow-up log (python -m data template FILE.xlsx --follow-up-log writes one)"
FORMAT = "follow_up_log"
MIN_SHARE = 2 / 3  # of the columns that are needed: less is another table


def recognizes(tables: Sequence[Table]) -> float:
    """The share of the columns that a log needs, where it is most of them."""
    best = max((_share_of_columns(table) for table in tables if not _is_ignored(table)), default=0.0)
    return best if best >= MIN_SHARE else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The contacts and side effects of all logs together, joined to the treatments on record of one source."""
    problems: list[Problem] = []
    notices: list[str] = []
    sheets = [
        _read_log_sheet(table) for table in tables if not _is_ignored(table) and _share_of_columns(table) >= MIN_SHARE
    ]
    followed = sources_with_treatments(context.records) if context.records is not None else []
    source = context.source or (followed[0] if len(followed) == 1 else None)
    if source not in followed:
        return ReadResult(_empty_import(source or "", sheets), (_source_problem(sheets[0], source, followed),))
    with long_reading(context.records) as connection:
        stored, attribution_days = load_all(connection, source), sources(connection)[source]
    lines = _read_contacts(sheets, stored, problems, notices)
    joining = FollowUpMatcher(source, lambda number: context.pseudonym(source, number), stored, problems)
    follow_ups, side_effects = joining.match_rows(lines)
    incoming = replace(
        _empty_import(source, sheets),
        attribution_days=attribution_days,
        follow_ups=follow_ups,
        side_effects=side_effects,
        notices=tuple(notices),
    )
    return ReadResult(incoming, tuple(problems))


def _read_contacts(sheets: Sequence[Sheet], stored: Snapshot, problems: list[Problem], notices: list[str]) -> list:
    """The lines that tell of a contact; the others are left, and counted."""
    own = {
        codelist.side_effects: frozenset({NOTHING_TO_REPORT, *stored.terms}),
        codelist.areas: frozenset(
            injection.area for visit in stored.treatments.values() for injection in visit.injections if injection.area
        ),
    }
    told = []
    for sheet in sheets:
        problems += [*repeated_rows(sheet.table_ref.table), *sheet.table_ref.problems()]
        lines: ParsedRows = read_rows(sheet, problems, own, optional=[column.name for column in LOG.columns])
        notices += lines.notices
        kept = [line for line in lines.rows if _has_answer(line)]
        if left := len(lines.rows) - len(kept):
            notices.append(
                f"{sheet.table_ref.table.file}: {left:,} lines that tell of no contact were left as they are"
            )
        told += kept
    return told


def _has_answer(line) -> bool:
    """False where the call list filled the line in and nobody else did."""
    return any((line.contact_date, line.asked, line.state, line.found and not line.side_effect_on_record))


def _read_log_sheet(table: Table) -> Sheet:
    """The table as a sheet of ours; the rules that all formats share find its columns too."""
    sheet = read_sheet(table, LOG)
    names = dict(sheet.table_ref.column_names)
    aliases = {name: names[column] for name, column in ALIASES.items() if column in names}
    return replace(sheet, table_ref=TableRef(table, names | aliases))


def _share_of_columns(table: Table) -> float:
    headings = {normalize_heading(column) for column in table.columns}
    return len(headings & set(LOG.required)) / len(LOG.required)


def _is_ignored(table: Table) -> bool:
    return table.sheet is not None and table.sheet.casefold().startswith(IGNORED_SHEETS)


def _empty_import(source: str, sheets: Sequence[Sheet]) -> ImportData:
    rows = sum(len(sheet.table_ref.table.rows) for sheet in sheets)
    return ImportData(source=source, format=FORMAT, attribution_days=None, rows_read=rows, sheets=tuple(sheets))


def _source_problem(sheet: Sheet, source: str | None, followed: Sequence[str]) -> Problem:
    if not followed:
        message, expected = "a log follows treatments, and none is on record", "the treatments before it"
    elif source:
        message, expected = f"no treatments of the source {source} are on record", f"one of {', '.join(followed)}"
    else:
        message = f"there are treatments of {len(followed)} sources on record"
        expected = f"the one that the log follows: --source with {' or '.join(followed)}"
    return Problem(sheet.table_ref.table.file, None, None, None, expected, message, sheet.table_ref.table.sheet)
