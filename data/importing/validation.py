"""The rules that records must meet, whichever reader or form they come from. Everything that breaks one is listed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from data.as_of import as_of_date
from data.problems import Problem
from data.records.diff import diff, field_changes
from data.records.neutral_records import FollowUpRecord, ImportData, SideEffectRecord, StatusRecord, TreatmentRecord
from data.records.repository import Snapshot
from data.schema.provenance import RowRef
from models import codelist, records

MAX_ID_LENGTH = records.Code.length
CORRECTION = "correction"  # what a problem names in place of a file


def find_problems(incoming: ImportData, stored: Snapshot, today: date | None = None) -> list[Problem]:
    """Everything wrong with these records beside those stored of the same source."""
    rules = _RecordRules(incoming, stored, today or as_of_date())
    return list(rules.broken()) or list(rules.contradicting())


class _RecordRules:
    def __init__(self, incoming: ImportData, stored: Snapshot, today: date):
        self.incoming, self.stored, self.today = incoming, stored, today
        self.treatments = stored.treatments | {visit.source_id: visit for visit in incoming.treatments}
        self.clients = stored.clients.keys() | {client.key for client in incoming.clients}
        self.inactive = {p.code for p in (*stored.products.values(), *incoming.products) if not p.active}
        self.read = {record.source_id: record for record in incoming.expected_versions}

    def broken(self) -> Iterator[Problem]:
        for record in self.incoming.expected_versions:
            yield from self.changed_meanwhile(record)
        yield from self.long_ids()
        for visit in self.incoming.treatments:
            yield from self.treatment(visit)
        for contact in self.incoming.follow_ups:
            yield from self.follow_up(contact)
        for effect in self.incoming.side_effects:
            yield from self.side_effect(effect)

    def changed_meanwhile(self, read: TreatmentRecord | FollowUpRecord | SideEffectRecord) -> Iterator[Problem]:
        """A correction of a record that is no longer as the person read it says what it is now."""
        there = {TreatmentRecord: self.stored.treatments, FollowUpRecord: self.stored.follow_ups}
        now = there.get(type(read), self.stored.side_effects).get(read.source_id)
        if now is None:
            yield Problem(CORRECTION, None, None, None, "a record that is there", "the record was taken away meanwhile")
        elif now != read:
            changes = [f"{c.what} is now {c.new}, was {c.old}" for c in field_changes("", read.source_id, read, now)]
            message = f"the record was changed meanwhile: {'; '.join(changes)}"
            yield Problem(CORRECTION, None, None, None, "a correction of the record as it is now", message)

    def long_ids(self) -> Iterator[Problem]:
        """Ids are also put together, of a client's pseudonym, a day and a number: each must fit its column."""
        for visit in self.incoming.treatments:
            if max(len(visit.source_id), len(visit.site)) > MAX_ID_LENGTH:
                yield visit.row_ref.problem(
                    "treatment_id", "makes a long id or site", f"{MAX_ID_LENGTH} characters at most"
                )
        for name, records_named in (("date", self.incoming.follow_ups), ("effect_id", self.incoming.side_effects)):
            for record in records_named:
                if len(record.source_id) > MAX_ID_LENGTH:
                    yield record.row_refs[0].problem(name, "makes a long id", f"{MAX_ID_LENGTH} characters at most")

    def treatment(self, visit: TreatmentRecord) -> Iterator[Problem]:
        if visit.date > self.today:
            yield visit.row_ref.problem("date", "is in the future", f"a day up to {self.today}")
        for injection in visit.injections:
            units = injection.units
            if units is not None and units <= 0:
                if units < 0:
                    yield injection.row_ref.problem("units", "is below zero", "units of 0 or more")
                elif injection.product not in self.inactive:
                    message = f"is no dose of {injection.product}"
                    yield injection.row_ref.problem("units", message, "more than 0 units; 0 is for a placebo")
        if visit.touch_up_of:
            yield from self.treatment_named(visit.row_ref, "touch_up_of", visit.touch_up_of)

    def follow_up(self, contact: FollowUpRecord) -> Iterator[Problem]:
        place, visit = contact.row_refs[0], self.treatments.get(contact.treatment)
        yield from self.treatment_named(place, "treatment_id", contact.treatment)
        before = self.treatments.get(self.read[contact.source_id].treatment) if contact.source_id in self.read else None
        if visit and before and before.client != visit.client:
            yield place.problem("treatment_id", "is a treatment of another client", "a treatment of the same client")
        if visit and contact.date < visit.date:
            yield place.problem("date", f"is before the treatment of {visit.date}", "a day on or after the treatment")
        if contact.date > self.today and contact.outcome != "not_due":
            yield place.problem("date", "is in the future", f"a day up to {self.today}")
        if contact.scale in (scales := codelist.score_scales()) and contact.score is not None:
            lowest, highest = scales[contact.scale].lowest, scales[contact.scale].highest
            if not lowest <= contact.score <= highest:
                yield place.problem("score", f"is not on the scale {contact.scale}", f"{lowest} to {highest}")

    def side_effect(self, effect: SideEffectRecord) -> Iterator[Problem]:
        place, visit = effect.row_refs[0], self.treatments.get(effect.treatment)
        if effect.treatment:
            yield from self.treatment_named(place, "treatment_id", effect.treatment)
        elif effect.client and effect.client not in self.clients:
            yield place.problem("client", "the client has no treatment on record", "a client of the treatments")
        if visit and effect.client and effect.client != visit.client:
            yield place.problem("client", "the treatment named is of another client", "the client of the treatment")
        yield from self.onset(effect, place)
        if effect.onset_first and effect.onset_first > self.today:
            yield place.problem("onset", "is in the future", f"a day up to {self.today}")
        for note in effect.statuses:
            yield from self.status(note, effect)
        for remedy in effect.remedies:
            if remedy.from_date and remedy.from_date > self.today:
                yield remedy.row_ref.problem("from_date", "is in the future", f"a day up to {self.today}")

    def onset(self, effect: SideEffectRecord, place: RowRef) -> Iterator[Problem]:
        visit = self.treatments.get(effect.treatment)
        if visit and effect.onset_first and effect.onset_last < visit.date:
            message = f"is before the treatment it names, of {visit.date}"
            yield place.problem("onset", message, "a day on or after the treatment")

    def status(self, note: StatusRecord, effect: SideEffectRecord) -> Iterator[Problem]:
        if early := self.over_before(note, effect):
            yield note.row_ref.problem(*early)
        if note.date > self.today:
            yield note.row_ref.problem("status_date", "is in the future", f"a day up to {self.today}")
        if note.last_day and note.last_day > self.today:
            yield note.row_ref.problem("last_day", "is in the future", f"a day up to {self.today}")
        if note.grade and note.grade_scale in (scales := codelist.grade_scales()):
            highest = scales[note.grade_scale].highest
            if note.grade > highest:
                yield note.row_ref.problem("grade", f"is not on the scale {note.grade_scale}", f"1 to {highest}")

    def over_before(self, note: StatusRecord, effect: SideEffectRecord) -> tuple[str, str, str] | None:
        """Where a note says it was over before it began, or before the treatment it names: the column, what is wrong
        and what was expected."""
        column, day = ("last_day", note.last_day) if note.last_day else ("status_date", note.date)
        visit = self.treatments.get(effect.treatment)
        if note.last_day or note.state == "gone":
            if effect.onset_first and day < effect.onset_first:
                return column, f"is before the onset, {effect.onset_first}", "a day on or after the onset"
            if visit and day < visit.date:
                return column, f"is before the treatment it names, of {visit.date}", "a day on or after the treatment"
        return None

    def contradicting(self) -> Iterator[Problem]:
        """What is right by itself, and not beside what is on record of the same side effect or treatment."""
        stored = self.stored
        named = [e for e in self.incoming.side_effects if e.client or e.treatment in stored.treatments]
        told = {e.source_id: e for e in named if e.source_id in stored.side_effects}
        moved = tuple(visit for visit in self.incoming.treatments if visit.source_id in stored.first_followed_on)
        if not told and not moved:
            return
        again = replace(self.incoming, treatments=moved, follow_ups=(), side_effects=tuple(told.values()))
        intended = diff(again, stored)
        for source_id, visit in intended.treatments.changed.items():
            followed = stored.first_followed_on[source_id]
            if followed < visit.date:
                message = f"is after what followed it on record, on {followed}"
                yield visit.row_ref.problem("date", message, "a day on or before it")
        for source_id, effect in intended.side_effects.changed.items():
            place = told[source_id].row_refs[0]
            yield from self.onset(effect, place)
            for note in effect.statuses:
                if early := self.over_before(note, effect):
                    if told[source_id].onset_first:
                        day = note.last_day or note.date
                        yield place.problem("onset", f"is after the end on record, {day}", "a day on or before the end")
                    else:
                        yield (note.row_ref or place).problem(*early)

    def treatment_named(self, place, name: str, source_id: str) -> Iterator[Problem]:
        if source_id not in self.treatments and self.incoming.unreadable_ids.isdisjoint((source_id, "")):
            message = "is the id of no treatment"
            yield place.problem(name, message, "a treatment of these files, or of this source on record")
