"""The follow-up log (data/schema/follow_up_log.py): contacts about treatments that are on record already, of the same
source."""

from collections.abc import Sequence
from dataclasses import replace

from data.database.engine import long_reading
from data.files import Table
from data.formats.follow_up_matching import Joining
from data.formats.registry import Reading, Request
from data.formats.template import NOT_READ
from data.problems import Problem
from data.records.lookups import sources_with_treatments
from data.records.neutral_records import Incoming, Origin, SheetRead
from data.records.repository import Stored, all_stored, sources
from data.schema.follow_up_log import ALIASES, LOG, NOTHING
from data.schema.sheet_reader import Lines, Sheet, header_name, read_lines, repeated_lines, sheet_of
from models import codelist

EXPECTED = "the follow-up log (python -m data template FILE.xlsx --follow-up-log writes one)"
FORMAT = "follow_up_log"
ENOUGH = 2 / 3  # of the columns that are needed: less is another table


def recognises(tables: Sequence[Table]) -> float:
    """The share of the columns that a log needs, where it is most of them."""
    best = max((_share(table) for table in tables if not _aside(table)), default=0.0)
    return best if best >= ENOUGH else 0.0


def read(tables: Sequence[Table], request: Request) -> Reading:
    """The contacts and side effects of all logs together, joined to the treatments on record of one source."""
    problems: list[Problem] = []
    notices: list[str] = []
    sheets = [_sheet(table) for table in tables if not _aside(table) and _share(table) >= ENOUGH]
    followed = sources_with_treatments(request.records) if request.records is not None else []
    source = request.source or (followed[0] if len(followed) == 1 else None)
    if source not in followed:
        return Reading(_nothing(source or "", sheets), (_which_source(sheets[0], source, followed),))
    with long_reading(request.records) as connection:
        stored, attribution_days = all_stored(connection, source), sources(connection)[source]
    lines = _lines(sheets, stored, problems, notices)
    joining = Joining(source, lambda number: request.pseudonym(source, number), stored, problems)
    follow_ups, side_effects = joining.records(lines)
    incoming = replace(
        _nothing(source, sheets),
        attribution_days=attribution_days,
        follow_ups=follow_ups,
        side_effects=side_effects,
        notices=tuple(notices),
    )
    return Reading(incoming, tuple(problems))


def _lines(sheets: Sequence[Sheet], stored: Stored, problems: list[Problem], notices: list[str]) -> list:
    """The lines that tell of a contact; the others are left, and counted."""
    own = {
        codelist.side_effects: frozenset({NOTHING, *stored.terms}),
        codelist.areas: frozenset(
            injection.area for visit in stored.treatments.values() for injection in visit.injections if injection.area
        ),
    }
    told = []
    for sheet in sheets:
        problems += [*repeated_lines(sheet.origin.table), *sheet.origin.faults()]
        lines: Lines = read_lines(sheet, problems, own, optional=[column.name for column in LOG.columns])
        notices += lines.notices
        kept = [line for line in lines.read if _tells(line)]
        if left := len(lines.read) - len(kept):
            notices.append(f"{sheet.origin.table.file}: {left:,} lines that tell of no contact were left as they are")
        told += kept
    return told


def _tells(line) -> bool:
    """False where the call list filled the line in and nobody else did."""
    return any((line.contact_date, line.asked, line.state, line.found and not line.side_effect_on_record))


def _sheet(table: Table) -> Sheet:
    """The table as a sheet of ours; the rules that all formats share find its columns too."""
    sheet = sheet_of(table, LOG)
    names = dict(sheet.origin.names)
    aliases = {name: names[column] for name, column in ALIASES.items() if column in names}
    return replace(sheet, origin=Origin(table, names | aliases))


def _share(table: Table) -> float:
    headings = {header_name(column) for column in table.columns}
    return len(headings & set(LOG.required)) / len(LOG.required)


def _aside(table: Table) -> bool:
    return table.sheet is not None and table.sheet.casefold().startswith(NOT_READ)


def _nothing(source: str, sheets: Sequence[Sheet]) -> Incoming:
    rows = sum(len(sheet.origin.table.rows) for sheet in sheets)
    read = tuple(SheetRead(sheet.kind, sheet.origin, sheet.order) for sheet in sheets)
    return Incoming(source=source, format=FORMAT, attribution_days=None, rows=rows, sheets=read)


def _which_source(sheet: Sheet, source: str | None, followed: Sequence[str]) -> Problem:
    if not followed:
        message, expected = "a log follows treatments, and none is on record", "the treatments before it"
    elif source:
        message, expected = f"no treatments of the source {source} are on record", f"one of {', '.join(followed)}"
    else:
        message = f"there are treatments of {len(followed)} sources on record"
        expected = f"the one that the log follows: --source with {' or '.join(followed)}"
    return Problem(sheet.origin.table.file, None, None, None, expected, message, sheet.origin.table.sheet)
