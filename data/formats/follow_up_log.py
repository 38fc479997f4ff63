"""The follow-up log (data/schema/follow_up_log.py): contacts about treatments of one source that are on record."""

from collections.abc import Sequence
from dataclasses import replace

from data.database.engine import long_reading
from data.files import Table
from data.formats.registry import ReadContext
from data.formats.template import share_of_required
from data.problems import Problem
from data.records.neutral_records import ImportData
from data.records.repository import Snapshot, load_snapshot, sources, sources_with_treatments
from data.schema.follow_up_log import ALIASES, LOG, NOTHING_TO_REPORT, NOTHING_WORDS
from data.schema.provenance import TableRef
from data.schema.sheet_reader import Sheet, read_rows, read_sheet
from models import codelist

EXPECTED = "the follow-up log (python -m data template FILE.xlsx --follow-up-log writes one)"
MIN_SHARE = 2 / 3  # of the required columns: with fewer it is another table


def recognizes(tables: Sequence[Table]) -> float:
    """The share of the log's required columns, if it is large enough."""
    share = max((share_of_required(table, LOG) for table in tables), default=0.0)
    return share if share >= MIN_SHARE else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ImportData:
    """The contacts and side effects of all logs together, matched to the stored treatments of one source."""
    from data.formats.builders.follow_up_matching import FollowUpMatcher

    sheets = []
    for table in tables:
        if share_of_required(table, LOG) >= MIN_SHARE:
            sheet = _with_nothing(read_sheet(table, LOG))
            names = dict(sheet.table_ref.column_names)
            # The checks shared by all formats find our columns too.
            aliases = {name: names[column] for name, column in ALIASES.items() if column in names}
            sheets.append(replace(sheet, table_ref=TableRef(table, names | aliases)))
    available = sources_with_treatments(context.records) if context.records is not None else []
    source = context.source or (available[0] if len(available) == 1 else None)
    incoming = ImportData(
        source=source or "",
        format="follow_up_log",
        attribution_days=None,
        rows_read=sum(len(sheet.table_ref.table.rows) for sheet in sheets),
        sheets=tuple(sheets),
    )
    if source not in available:
        return replace(incoming, problems=(_source_problem(sheets[0].table_ref.table, source, available),))
    with long_reading(context.records) as connection:
        stored, attribution_days = load_snapshot(connection, source), sources(connection)[source]
    problems: list[Problem] = []
    notices: list[str] = []
    rows = _read_contacts(sheets, stored, problems, notices)
    matcher = FollowUpMatcher(source, lambda number: context.pseudonym(source, number), stored, problems)
    follow_ups, side_effects = matcher.match_rows(rows)
    return replace(
        incoming, attribution_days=attribution_days, follow_ups=follow_ups, side_effects=side_effects,
        notices=tuple(notices), problems=tuple(problems),
    )  # fmt: skip


def _with_nothing(sheet: Sheet) -> Sheet:
    """The sheet with the log's own words in place of "none", "nothing" and the like."""
    found = [NOTHING_TO_REPORT if text.casefold() in NOTHING_WORDS else text for text in sheet.cells.get("found", ())]
    return replace(sheet, cells={**sheet.cells, "found": found}) if found else sheet


def _read_contacts(sheets: Sequence[Sheet], stored: Snapshot, problems: list[Problem], notices: list[str]) -> list:
    """The rows with a contact. Rows that only the call list filled in are left out and counted."""
    injections = (injection for treatment in stored.treatments.values() for injection in treatment.injections)
    vocabulary = {
        codelist.side_effects: frozenset({NOTHING_TO_REPORT, *stored.terms}),
        codelist.areas: frozenset(injection.area for injection in injections if injection.area),
    }
    contacts = []
    for sheet in sheets:
        parsed = read_rows(sheet, problems, vocabulary, optional=LOG.names)
        notices += parsed.notices
        answered = [
            row
            for row in parsed.rows
            if row.contact_date or row.asked or row.state or (row.found and not row.side_effect_on_record)
        ]
        if left_out := len(parsed.rows) - len(answered):
            notices.append(f"{sheet.table_ref.table.file}: {left_out:,} rows without a contact were left out")
        contacts += answered
    return contacts


def _source_problem(table: Table, source: str | None, available: Sequence[str]) -> Problem:
    if not available:
        message, expected = "a log is about treatments, and none is on record", "the treatments first"
    elif source:
        message, expected = f"no treatments of the source {source} are on record", f"one of {', '.join(available)}"
    else:
        message = f"there are treatments of {len(available)} sources on record"
        expected = f"the one that the log is about: --source with {' or '.join(available)}"
    return Problem(table.file, expected=expected, message=message, sheet=table.sheet)
