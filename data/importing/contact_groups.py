"""Which rows belong to one contact with a client. They are stored or refused together.

Half of a contact would be stored as another one: without the row of its side effect it says "nothing to report".
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from data.files import Table, is_missing
from data.formats.registry import ReadContext
from data.records.neutral_records import FollowUpRecord, ImportData
from data.records.repository import clients_of_treatments
from data.schema.follow_up_log import LOG
from data.schema.provenance import RowKey, row_keys
from data.schema.sheet_reader import Sheet
from data.schema.template import FOLLOW_UPS, SIDE_EFFECTS

DATE_COLUMNS = {FOLLOW_UPS: "date", SIDE_EFFECTS: "status_date", LOG: "date"}
CONTACT_SHEETS = (FOLLOW_UPS, LOG)

Subject = tuple[str, str]  # "treatment" or "client", and its id


@dataclass(frozen=True)
class _ContactRow:
    """What a row says about a contact. `cell_day` is the day in its cells, `day` also the one it was read as.

    `is_contact` is false if the row is only about a side effect; `effect_key` says which one, in the log.
    """

    key: RowKey
    subjects: frozenset[Subject]
    day_column: str | None
    cell_day: str | None
    day: str | None
    is_contact: bool
    effect_key: tuple[str | None, ...] | None


class ContactGroups:
    """The rows of contacts, and of side effects noted at them, by treatment or client and by day."""

    def __init__(self, incoming: ImportData, tables: Mapping[int, Table], context: ReadContext):
        """`tables`: the normalized table for the id of each table that was read."""
        as_read = _read_contacts(incoming)
        rows = [
            row
            for sheet in incoming.sheets
            if sheet.schema in DATE_COLUMNS
            for row in _contact_rows(sheet, tables[id(sheet.table_ref.table)], as_read, incoming.source, context)
        ]
        client_of = {visit.source_id: visit.client for visit in incoming.treatments}
        named = {id_ for row in rows for kind, id_ in row.subjects if kind == "treatment"} - client_of.keys()
        client_of |= clients_of_treatments(context.records, incoming.source, named)
        self.by_key: dict[RowKey, list[_ContactRow]] = defaultdict(list)
        self.by_subject: dict[Subject, list[_ContactRow]] = defaultdict(list)
        for row in rows:
            treated = [id_ for kind, id_ in row.subjects if kind == "treatment" and id_ in client_of]
            row = replace(row, subjects=row.subjects.union(("client", client_of[id_]) for id_ in treated))
            self.by_key[row.key].append(row)
            for subject in row.subjects:
                self.by_subject[subject].append(row)

    def linked_rows(self, key: RowKey, wrong_columns: Collection[str | None] | None) -> Iterator[RowKey]:
        """The rows of the same contact. If its day cannot be read, a row may belong to any contact of the client."""
        for row in self.by_key.get(key, ()):
            day = row.day
            if wrong_columns is not None:
                day = None if row.day_column in wrong_columns else row.cell_day
            for other in (other for subject in row.subjects for other in self.by_subject[subject]):
                same_effect = row.effect_key is not None and row.effect_key == other.effect_key
                if same_effect or ((row.is_contact or other.is_contact) and day in (None, other.day)):
                    yield other.key


def _contact_rows(
    sheet: Sheet,
    table: Table,
    as_read: Mapping[RowKey, tuple[set[Subject], str | None]],
    source: str,
    context: ReadContext,
) -> Iterator[_ContactRow]:
    cell, day_name = cell_reader(sheet, table), DATE_COLUMNS[sheet.schema]
    for key, row in sheet_rows(sheet, table):
        subjects = {("treatment", cell("treatment_id", row)), ("client", cell("client_key", row))}
        if client := cell("client", row):
            subjects.add(("client", context.pseudonym(source, client)))
        read_subjects, read_day = as_read.get(key, (set(), None))
        cell_day = None if day_name in sheet.table_ref.joined_columns else cell(day_name, row)
        yield _ContactRow(
            key=key,
            subjects=frozenset(subject for subject in subjects | read_subjects if subject[1]),
            day_column=sheet.table_ref.column_names.get(day_name),
            cell_day=cell_day,
            day=read_day or cell_day,
            is_contact=sheet.schema in CONTACT_SHEETS,
            effect_key=(cell("found", row), cell("again", row)) if sheet.schema is LOG and cell("found", row) else None,
        )


def _read_contacts(incoming: ImportData) -> dict[RowKey, tuple[set[Subject], str | None]]:
    """The treatment, client and day that each row was read as, which its cells may say in another way."""
    as_read: dict[RowKey, tuple[set[Subject], str | None]] = {}
    for record in (*incoming.side_effects, *incoming.follow_ups):
        is_contact = isinstance(record, FollowUpRecord)
        client = None if is_contact else record.client
        subjects = {subject for subject in (("treatment", record.treatment), ("client", client)) if subject[1]}
        day = record.date.isoformat() if is_contact else None
        as_read |= {row_ref.key: (subjects, day) for row_ref in record.row_refs}
        for note in () if is_contact else record.statuses:
            as_read[note.row_ref.key] = subjects, note.date.isoformat()
    return as_read


def sheet_rows(sheet: Sheet, table: Table) -> Iterator[tuple[RowKey, tuple[str, ...]]]:
    """The rows of the table that belong to the sheet: a table may hold several, such as the forms of REDCap."""
    own = {*sheet.row_indexes, *sheet.refused_indexes}
    for index, (key, row) in enumerate(zip(row_keys(table), table.rows, strict=True)):
        if index in own:
            yield key, row


def cell_reader(sheet: Sheet, table: Table) -> Callable[[str, tuple[str, ...]], str | None]:
    """A function from field and row to the text of its cells; None if one of them is empty or missing."""
    positions = {column: n for n, column in enumerate(table.columns)}
    column_names = {name: (column,) for name, column in sheet.table_ref.column_names.items()}
    columns_of = column_names | sheet.table_ref.joined_columns

    def cell(name: str, row: tuple[str, ...]) -> str | None:
        cells = [row[positions[column]] for column in columns_of.get(name, ()) if column in positions]
        return None if not cells or any(map(is_missing, cells)) else "\n".join(cells)

    return cell
