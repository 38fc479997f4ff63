"""Which lines tell of one contact: it is one act, stored or held back as a whole.

Half of a contact would stand there as another one: without the line of its side effect it says "nothing to report".
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from data.files import Table, is_missing
from data.records.lookups import ClientLookup
from data.records.neutral_records import FollowUpRecord, ImportData
from data.schema.follow_up_log import LOG
from data.schema.provenance import RowKey, row_keys
from data.schema.sheet_reader import Sheet
from data.schema.template import FOLLOW_UPS, SIDE_EFFECTS

DATE_COLUMNS = {FOLLOW_UPS: "date", SIDE_EFFECTS: "status_date", LOG: "date"}
CONTACT_SHEETS = (FOLLOW_UPS, LOG)

ContactSubject = tuple[str, str]  # a treatment or a client, and its id


@dataclass(frozen=True)
class _ContactRow:
    """What a line says of a contact. `day` None: it does not say, or nobody can read it; `is_contact`: of a side effect
    alone otherwise; `effect`: which one, in the log."""

    row_key: RowKey
    subjects: frozenset[ContactSubject]
    day: str | None
    is_contact: bool
    effect_key: tuple[str | None, ...] | None = None


def cell_reader(sheet: Sheet, table: Table) -> Callable[[str, tuple[str, ...]], str | None]:
    """(field, row) -> what its cell says, or all cells it is put together of; None: empty, or the sheet has none."""
    at = {column: n for n, column in enumerate(table.columns)}
    parts = {name: (column,) for name, column in sheet.table_ref.column_names.items()} | sheet.table_ref.joined_columns

    def told(name: str, row: tuple[str, ...]) -> str | None:
        columns = parts.get(name, ())
        cells = [row[at[column]] for column in columns if column in at]
        return None if not cells or any(map(is_missing, cells)) else "\n".join(cells)

    return told


class ContactGroups:
    """The lines of contacts, and of the side effects told at them, by the treatment or client and the day."""

    def __init__(
        self,
        incoming: ImportData,
        plain_of: Mapping[int, Table],
        wrong: Mapping[RowKey, set[str | None]],
        clients: ClientLookup,
    ):
        self.source, self.clients = incoming.source, clients
        read = _contacts_of_records(incoming)
        told = [
            self._with_record(told, read.get(told.row_key), wrong)
            for sheet in incoming.sheets
            if sheet.schema in DATE_COLUMNS
            for told in self._in_cells(sheet, plain_of[id(sheet.table_ref.table)], wrong)
        ]
        client_of = {visit.source_id: visit.client for visit in incoming.treatments}
        named = {id_ for one in told for kind, id_ in one.subjects if kind == "treatment"} - client_of.keys()
        client_of |= clients.of(self.source, named)
        self.of_line: dict[RowKey, list[_ContactRow]] = defaultdict(list)
        self.by_who: dict[ContactSubject, list[_ContactRow]] = defaultdict(list)
        for one in told:
            treated = {
                ("client", client_of[id_]) for kind, id_ in one.subjects if kind == "treatment" and id_ in client_of
            }
            one = replace(one, subjects=one.subjects | treated)
            self.of_line[one.row_key].append(one)
            for who in one.subjects:
                self.by_who[who].append(one)

    def linked_rows(self, line: RowKey) -> Iterator[RowKey]:
        """The lines that stand or fall with this one. A line whose day can't be read may be of any contact."""
        for one in self.of_line.get(line, ()):
            for who in one.subjects:
                yield from (other.row_key for other in self.by_who[who] if _same_contact(one, other))

    def _in_cells(self, sheet: Sheet, table: Table, wrong: Mapping[RowKey, set]) -> Iterator[_ContactRow]:
        told, names, day = cell_reader(sheet, table), sheet.table_ref.column_names, DATE_COLUMNS[sheet.schema]
        for line, row in zip(row_keys(table), table.rows, strict=True):
            who = {("treatment", told("treatment_id", row)), ("client", told("client_key", row))}
            if client := told("client", row):
                who.add(("client", self.clients.key(self.source, client)))
            readable = day not in sheet.table_ref.joined_columns and names.get(day) not in wrong.get(line, ())
            yield _ContactRow(
                line,
                frozenset(one for one in who if one[1]),
                told(day, row) if readable else None,
                sheet.schema in CONTACT_SHEETS,
                (told("found", row), told("again", row)) if sheet.schema is LOG and told("found", row) else None,
            )

    @staticmethod
    def _with_record(
        told: _ContactRow, read: tuple[set[ContactSubject], str | None] | None, wrong: Mapping[RowKey, set]
    ) -> _ContactRow:
        """What the line was read as, which its cells may say in another way."""
        if read is None:
            return told
        who, day = read
        return replace(told, subjects=told.subjects | who, day=told.day if told.row_key in wrong else day or told.day)


def _contacts_of_records(incoming: ImportData) -> dict[RowKey, tuple[set[ContactSubject], str | None]]:
    """The treatment, client and day that each line was read as."""
    read: dict[RowKey, tuple[set[ContactSubject], str | None]] = {}
    for record in (*incoming.side_effects, *incoming.follow_ups):
        who = {("treatment", record.treatment)} if record.treatment else set()
        if isinstance(record, FollowUpRecord):
            days = [(place, record.date) for place in record.row_refs]
        else:
            who |= {("client", record.client)} if record.client else set()
            days = [
                *((place, None) for place in record.row_refs),
                *((note.row_ref, note.date) for note in record.statuses),
            ]
        for place, day in days:
            read[place.key] = who, day.isoformat() if day else None
    return read


def _same_contact(one: _ContactRow, other: _ContactRow) -> bool:
    if one.effect_key and one.effect_key == other.effect_key:
        return True
    return (one.is_contact or other.is_contact) and one.day in (None, other.day)
