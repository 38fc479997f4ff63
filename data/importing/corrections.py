"""Corrections: a record as a person read it, replaced by what the form says, field by field.

A correction is refused if the record has changed since it was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from data.importing.manual_entry import FORMAT, SheetRow, SheetRows, build_records, require_text, store_form
from data.problems import ImportRefusedError, Problem
from data.records import serialization
from data.records.lookups import completed_follow_ups_on, effects_of_treatment
from data.records.neutral_records import FollowUpRecord, ImportData, SideEffectRecord, TreatmentRecord
from data.records.repository import Snapshot, load_snapshot
from data.schema.template import FOLLOW_UPS, REMEDIES, SIDE_EFFECTS, TREATMENTS

EFFECT_IDENTITY = ("effect_id", "treatment_id", "client_key", "side_effect")

Record = TreatmentRecord | FollowUpRecord | SideEffectRecord


@dataclass(frozen=True)
class RecordVersion:
    """A record as a person read it, also as rows of typed values; an onset or expiry is its first and last day."""

    source: str
    record: Record
    rows: SheetRows


def read_version(records: Engine, source: str, kind: str, source_id: str) -> RecordVersion | None:
    """A treatment, follow-up or side effect as it is on record, or None. `kind` is the name of its sheet."""
    with records.connect() as connection:
        stored = _load_record(connection, source, kind, source_id)
    record = getattr(stored, kind).get(source_id)
    return RecordVersion(source, record, _to_rows(record, stored)) if record else None


def effect_identity(version: RecordVersion) -> SheetRow:
    """The fields that a new note must repeat to belong to this side effect."""
    return {name: version.rows[SIDE_EFFECTS.name][0][name] for name in EFFECT_IDENTITY}


def save_correction(
    records: Engine, version: RecordVersion, entered_by: str, why: str, rows: SheetRows, today: date | None = None
) -> int | None:
    """Replace the record by what `rows` say; fields they leave empty become empty.

    Returns the number of the import, or None if nothing changes. Raises ImportRefusedError as `save_form` does, and if
    the record has changed since it was read.
    """
    entered_by, record = require_text(entered_by, "by", "who corrects it"), version.record
    if isinstance(record, TreatmentRecord) and not rows.get(TREATMENTS.name):
        expected = "at least one area; to remove the treatment, undo its import"
        raise ImportRefusedError([Problem(FORMAT, 1, "area", None, expected, "no area is left")])
    incoming = build_records(records, version.source, rows, entered_by, version.rows)
    why = require_text(why, "why", "why it is corrected")
    incoming = replace(incoming, expected_versions=(record,), why=why)
    if isinstance(record, TreatmentRecord):
        incoming = replace(incoming, side_effects=_effects_to_move(records, version, incoming))
    elif isinstance(record, FollowUpRecord):
        duplicates = _find_duplicate_contacts(records, version, incoming)
        incoming = replace(incoming, problems=(*incoming.problems, *duplicates))
    return store_form(records, incoming, rows, today)


def _load_record(connection: Connection, source: str, kind: str, source_id: str) -> Snapshot:
    ids = {TREATMENTS.name: set(), FOLLOW_UPS.name: set(), SIDE_EFFECTS.name: set(), kind: {source_id}}
    return load_snapshot(connection, source, *ids.values(), set())


def _to_rows(record: Any, stored: Snapshot) -> SheetRows:
    if isinstance(record, TreatmentRecord):
        without_areas = {  # a source may record none
            "treatment_id": record.source_id, "date": record.date, "site": record.site,
            "practitioner": record.practitioner, "client_key": record.client, "touch_up_of": record.touch_up_of,
        }  # fmt: skip
        rows = serialization.treatment_rows_of(record, stored)
        rows = [row | {"expiry": (row["expiry"], row["expiry"]) if row["expiry"] else None} for row in rows]
        return {TREATMENTS.name: rows or [without_areas]}
    if isinstance(record, FollowUpRecord):
        return {FOLLOW_UPS.name: [serialization.follow_up_row(record)]}
    onset = (record.onset_first, record.onset_last) if record.onset_first else None
    notes = [row | {"onset": onset} for row in serialization.side_effect_rows_of(record)]
    return {SIDE_EFFECTS.name: notes, REMEDIES.name: list(serialization.remedy_rows(record))}


def _effects_to_move(records: Engine, version: RecordVersion, incoming: ImportData) -> tuple[SideEffectRecord, ...]:
    """The side effects that name a treatment, if it turns out to be another client's: they are that client's too."""
    treatment = next((visit for visit in incoming.treatments if visit.client != version.record.client), None)
    if treatment is None:
        return ()
    row_ref, effects = treatment.row_ref, []
    with records.connect() as connection:
        for source_id in effects_of_treatment(connection, version.source, treatment.source_id):
            stored = _load_record(connection, version.source, SIDE_EFFECTS.name, source_id).side_effects[source_id]
            statuses = tuple(replace(note, row_ref=row_ref) for note in stored.statuses)
            remedies = tuple(replace(remedy, row_ref=row_ref) for remedy in stored.remedies)
            effects.append(replace(stored, client=treatment.client, row_refs=(row_ref,), statuses=statuses,
                                   remedies=remedies))  # fmt: skip
    return tuple(effects)


def _find_duplicate_contacts(records: Engine, version: RecordVersion, incoming: ImportData) -> Iterator[Problem]:
    """A completed contact moved to a treatment and day that have one already: the same call would count twice."""
    record = version.record
    for contact in incoming.follow_ups:
        before = record.treatment, record.date, record.outcome
        if contact.outcome != "done" or (contact.treatment, contact.date, contact.outcome) == before:
            continue
        with records.connect() as connection:
            ids = completed_follow_ups_on(connection, version.source, contact.treatment, contact.date, contact.scale)
        if ids - {contact.source_id}:
            message, expected = "has a completed contact of this treatment already", "another day or treatment"
            yield contact.row_refs[0].problem("date", message, expected)
