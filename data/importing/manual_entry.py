"""Forms in: what a person enters becomes lines of our template, so that it meets the rules that files meet.

Each form is an import of its own, of the format "form", that names who entered it; it can be undone like any other. A
correction takes the place of a record as the person read it, and is refused where that is no longer what it says.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Engine, select

from data.files import Fault, Table
from data.formats.registry import ReadContext
from data.formats.template import SourceInfo, read_sheets
from data.importing.pipeline import pseudonyms_of, store_records
from data.privacy.pseudonyms import key_check
from data.problems import ImportRefusedError, Problem
from data.records import serialization
from data.records.change_log import BATCH, CHANGE, read_changes
from data.records.lookups import completed_follow_ups_on, effects_of_treatment, treatment_dates_of
from data.records.neutral_records import FollowUpRecord, ImportData, SideEffectRecord, StatusRecord, TreatmentRecord
from data.records.repository import Snapshot, load_snapshot, sources
from data.schema.column_types import NO_TEXT, is_storable_text, normalize_text
from data.schema.provenance import TableRef
from data.schema.sheet_reader import Sheet
from data.schema.template import (
    DEFAULT_ATTRIBUTION_DAYS,
    FOLLOW_UPS,
    REMEDIES,
    SHEETS,
    SIDE_EFFECTS,
    TREATMENTS,
    SheetSchema,
)
from data.tabular.table import MAX_CELL_CHARACTERS
from models import codelist

FORMAT = "form"
FORM_ID_PREFIX = "form-"  # of the ids of what is entered: no practice software is known to number its records so
ID_RANDOM_BYTES = 4  # of one nanosecond; nobody enters two records in one
PARTS = {"injections": "area", "statuses": "note", "remedies": "remedy"}  # of a record, and what one is called
NOTE_PREFIX, EMPTY_VALUE = (
    "note of ",
    "empty",
)  # how a history begins that is of a note, and what it says of an empty field
ONSET = ("onset_first", "onset_last")  # told as one: a day, or the month or year it lies in
EFFECT_IDENTITY = ("effect_id", "treatment_id", "client_key", "side_effect")
TREATMENT_REFERENCES = ("treatment", "touch_up_of")  # told by their day: an id may be one that nobody has seen
MAX_NAME_LENGTH = 60  # of who enters

SheetRow = Mapping[str, Any]  # a line of a sheet: what was entered, by the name of its column
SheetRows = Mapping[str, Sequence[SheetRow]]  # the lines of each sheet, by its name
Record = TreatmentRecord | FollowUpRecord | SideEffectRecord


@dataclass(frozen=True)
class RecordVersion:
    """A record as a person read it: itself, and as lines of the template."""

    source: str
    record: Record
    rows: SheetRows


def new_id() -> str:
    """An id for a record that no file brought. A later one sorts after it, so that the notes of a day stay in order."""
    return f"{FORM_ID_PREFIX}{time.time_ns():016x}{secrets.token_hex(ID_RANDOM_BYTES)}"


def client_key(records: Engine, source: str, number: str) -> str:
    """The pseudonym under which a client with this number is on record in this source."""
    return pseudonyms_of(records)(source, normalize_text(number))


def save_form(records: Engine, source: str, entered_by: str, rows: SheetRows, today: date | None = None) -> int | None:
    """Stores what a form holds; gives the number of its import, None where all of it is on record already.

    Raises Refused with every problem, each naming the column of the template it is about; then nothing is stored.
    """
    incoming, problems = _read_rows(records, source, rows, _require_text(entered_by, "by", "who enters it"))
    return store_records(records, incoming, _sheet_titles(rows), problems=problems, today=today).batch


def read_version(records: Engine, source: str, kind: str, source_id: str) -> RecordVersion | None:
    """A treatment, follow-up or side effect (`kind`: the name of its sheet) as it is on record; None if it is not."""
    with records.connect() as connection:
        stored = _load_snapshot(connection, source, kind, source_id)
    record = getattr(stored, kind).get(source_id)
    return RecordVersion(source, record, _to_rows(record, stored)) if record else None


def effect_identity(version: RecordVersion) -> SheetRow:
    """What a line must repeat to be about a side effect on record; a new note is added to it."""
    return {name: version.rows[SIDE_EFFECTS.name][0][name] for name in EFFECT_IDENTITY}


def save_correction(
    records: Engine, version: RecordVersion, entered_by: str, why: str, rows: SheetRows, today: date | None = None
) -> int | None:
    """Puts what `lines` say in the place of the record that was read; what they leave empty is empty then.

    Gives the number of its import, None where nothing is different. Raises Refused as `enter` does, and where the
    record has changed since it was read.
    """
    who = _require_text(entered_by, "by", "who corrects it")
    if isinstance(version.record, TreatmentRecord) and not rows.get(TREATMENTS.name):
        raise ImportRefusedError(
            [Problem(FORMAT, 1, "area", None, "one at least, or its import taken back", "no area is left")]
        )
    incoming, problems = _read_rows(records, version.source, rows, who, version.record)
    why = _require_text(why, "why", "why it is corrected")
    incoming = replace(incoming, expected_versions=(version.record,), why=why)
    if isinstance(version.record, TreatmentRecord):
        incoming = replace(incoming, side_effects=_effects_to_move(records, version, incoming))
    problems += _find_duplicate_contacts(records, version, incoming)
    return store_records(records, incoming, _sheet_titles(rows), problems=problems, today=today).batch


@dataclass(frozen=True)
class HistoryEntry:
    """One field of a record that an import or a form told differently: who, when and why, what was and what is.

    `by` and `why` None: a file brought it.
    """

    batch: int
    changed_at: datetime
    by: str | None
    why: str | None
    field: str
    old_value: str
    new_value: str


def history(records: Engine, source: str, kind: str, source_id: str) -> list[HistoryEntry]:
    """How a record came to say what it says, the latest change on top; what was undone is left out."""
    where = (CHANGE.c.kind == kind, CHANGE.c.key == source_id, CHANGE.c.before.is_not(None))
    b = BATCH
    made = select(CHANGE.c.id, b.c.id, b.c.made_at, b.c.entered_by, b.c.why).join(b, b.c.id == CHANGE.c.import_batch_id)
    made = made.where(*where, b.c.source == source, b.c.undone_at.is_(None)).order_by(CHANGE.c.id)
    with records.connect() as connection:
        batches = {row[0]: row[1:] for row in connection.execute(made)}
        kept = read_changes(connection, CHANGE.c.id.in_(batches))
        told = [
            (batch, what, was, now)
            for batch, row in reversed(list(zip(batches.values(), kept, strict=True)))
            for what, was, now in _diff_records(row.before, row.after)
        ]
        named = {value for _, what, *values in told if what in TREATMENT_REFERENCES for value in values if value}
        days = treatment_dates_of(connection, source, named)
    called = dict.fromkeys(TREATMENT_REFERENCES, days)
    return [
        HistoryEntry(*batch, what, *(_format_value(called.get(what, {}).get(value, value)) for value in values))
        for batch, what, *values in told
    ]


def _diff_records(before: Record, after: Record) -> Iterator[tuple[str, Any, Any]]:
    """(field, was, is); of areas, notes and remedies those that differ, field by field."""
    if isinstance(before, SideEffectRecord):
        was, now = (serialization.format_date_span(effect.onset_first, effect.onset_last) for effect in (before, after))
        if was != now:
            yield "onset", was, now
    for part in fields(before):
        was, now = getattr(before, part.name), getattr(after, part.name)
        if not part.compare or was == now or part.name in ONSET:
            continue
        if part.name in PARTS:
            gone, come = ([p for p in one if p not in other] for one, other in ((was, now), (now, was)))
            for old, new in zip_longest(gone, come):
                yield from _diff_parts(PARTS[part.name], old, new)
        else:
            yield part.name, was, now


def _diff_parts(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    some = old or new
    which = (
        f"{NOTE_PREFIX}{some.date}" if isinstance(some, StatusRecord) else f"{name} {some.sort_key()[0] or 'not told'}"
    )
    unsaid = ("source_id", "grade_scale") if old and new else ("source_id", "grade_scale", "date")
    for part in fields(some):
        was, now = (getattr(one, part.name) if one else None for one in (old, new))
        if part.compare and part.name not in unsaid and was != now:
            yield f"{which}: {part.name}", was, now


def _format_value(value: Any) -> str:
    if value in (None, (), ""):
        return EMPTY_VALUE
    return "; ".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


# From a form to records


def _read_rows(
    records: Engine, source: str, lines: SheetRows, by: str, record: Record | None = None
) -> tuple[ImportData, list[Problem]]:
    pseudonym = pseudonyms_of(records)
    with records.connect() as connection:
        attribution_days = sources(connection).get(source, DEFAULT_ATTRIBUTION_DAYS)
        words = load_snapshot(connection, source, set(), set(), set(), set())
    unplaced = isinstance(record, TreatmentRecord) and any(injection.area is None for injection in record.injections)
    areas = {line["area"] for told in lines.values() for line in told if line.get("area")}
    own = {
        codelist.products: frozenset(words.products),
        codelist.side_effects: frozenset(words.terms),
        codelist.areas: frozenset(areas & _source_areas(record)),
    }
    problems: list[Problem] = []
    sheets = [_sheet(kind, lines[kind.name]) for kind in SHEETS if lines.get(kind.name)]
    named = SourceInfo(source, FORMAT, attribution_days, unplaced, own)
    incoming = read_sheets(sheets, named, ReadContext(pseudonym, source), problems)
    return replace(incoming, key_check=key_check(pseudonym), entered_by=by), problems


def _sheet(kind: SheetSchema, lines: Sequence[SheetRow]) -> Sheet:
    rows = tuple(tuple(serialization.format_cell(_to_plain(line.get(name))) for name in kind.names) for line in lines)
    faults = tuple(
        Fault(row, name, "", NO_TEXT)
        for row, line in enumerate(lines, start=1)
        for name in kind.names
        if not all(map(is_storable_text, _to_texts(line.get(name))))
    )
    table = Table(kind.title, None, kind.names, rows, tuple(range(1, len(rows) + 1)), (), faults)
    cells = dict(zip(kind.names, zip(*rows, strict=True), strict=True))
    return Sheet(kind, TableRef(table, {name: name for name in kind.names}), cells, range(len(rows)))


def _to_texts(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, tuple) else [value]) if isinstance(text, str)]


def _to_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_to_plain, value))
    return normalize_text(value) if isinstance(value, str) else value


def _source_areas(record: Record | None) -> set[str]:
    """Areas in a source's own words, which a correction leaves as they are."""
    placed = (
        record.injections
        if isinstance(record, TreatmentRecord)
        else [record]
        if isinstance(record, SideEffectRecord)
        else []
    )
    return {part.area for part in placed if part.area}


def _require_text(text: str, name: str, expected: str) -> str:
    told = " ".join(normalize_text(text or "").split())
    wrong = None if is_storable_text(text or "") else NO_TEXT
    if not told:
        wrong = "the field is empty"
    elif len(told) > (MAX_NAME_LENGTH if name == "by" else MAX_CELL_CHARACTERS):
        wrong = "is too long"
    if wrong:
        raise ImportRefusedError([Problem(FORMAT, None, name, None, expected, wrong)])
    return told


def _sheet_titles(lines: SheetRows) -> tuple[str, ...]:
    return tuple(kind.title for kind in SHEETS if lines.get(kind.name))


# A record as lines


def _load_snapshot(connection: Connection, source: str, kind: str, source_id: str) -> Snapshot:
    """The record with this id, and all that its lines name."""
    ids = {TREATMENTS.name: set(), FOLLOW_UPS.name: set(), SIDE_EFFECTS.name: set(), kind: {source_id}}
    return load_snapshot(connection, source, *ids.values(), set())


def _to_rows(record: Record, stored: Snapshot) -> SheetRows:
    if isinstance(record, TreatmentRecord):
        lines = list(serialization.treatment_rows_of(record, stored))
        return {TREATMENTS.name: lines or [_row_without_areas(record)]}
    if isinstance(record, FollowUpRecord):
        return {FOLLOW_UPS.name: [serialization.follow_up_row(record)]}
    notes, remedies = serialization.side_effect_rows_of(record), serialization.remedy_rows(record)
    return {SIDE_EFFECTS.name: list(notes), REMEDIES.name: list(remedies)}


def _row_without_areas(visit: TreatmentRecord) -> SheetRow:
    told = {"treatment_id": visit.source_id, "client_key": visit.client, "touch_up_of": visit.touch_up_of}
    return told | {"date": visit.date, "site": visit.site, "practitioner": visit.practitioner}


def _effects_to_move(records: Engine, read: RecordVersion, incoming: ImportData) -> tuple[SideEffectRecord, ...]:
    """Where a treatment turns out to be another client's, the side effects that name it are that client's too."""
    told = next((visit for visit in incoming.treatments if visit.client != read.record.client), None)
    if told is None:
        return ()
    with records.connect() as connection:
        ids = effects_of_treatment(connection, read.source, told.source_id)
        found = [_load_snapshot(connection, read.source, SIDE_EFFECTS.name, id_).side_effects[id_] for id_ in ids]
    return tuple(_move_to_client(effect, told) for effect in found)


def _find_duplicate_contacts(records: Engine, read: RecordVersion, incoming: ImportData) -> Iterator[Problem]:
    """A completed contact that is put on a treatment and day which have one: the same call would count twice."""
    for contact in incoming.follow_ups:
        before = read.record.treatment, read.record.date, read.record.outcome
        if contact.outcome != "done" or (contact.treatment, contact.date, contact.outcome) == before:
            continue
        with records.connect() as connection:
            there = completed_follow_ups_on(connection, read.source, contact.treatment, contact.date, contact.scale)
        if there - {contact.source_id}:
            message, expected = "has a completed contact of this treatment already", "another day or treatment"
            yield contact.row_refs[0].problem("date", message, expected)


def _move_to_client(effect: SideEffectRecord, visit: TreatmentRecord) -> SideEffectRecord:
    at = {"row_ref": visit.row_ref}
    statuses, remedies = (tuple(replace(part, **at) for part in parts) for parts in (effect.statuses, effect.remedies))
    return replace(effect, client=visit.client, statuses=statuses, remedies=remedies, row_refs=(visit.row_ref,))
