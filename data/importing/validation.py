"""The rules that all records must meet, whichever file or form they come from. Every violation is listed."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date

from data.as_of import as_of_date
from data.problems import Problem
from data.records.diff import diff, field_changes
from data.records.neutral_records import FollowUpRecord, ImportData, SideEffectRecord, StatusRecord, TreatmentRecord
from data.records.repository import Snapshot
from data.schema.provenance import RowRef
from models import codelist, records

MAX_ID_LENGTH = records.Code.length
SHORT_ENOUGH = f"at most {MAX_ID_LENGTH} characters"
CORRECTION = "correction"  # stands for the file in a problem with a correction

ColumnProblem = tuple[str, str, str]  # column, message, expected


def find_problems(incoming: ImportData, snapshot: Snapshot, today: date | None = None) -> list[Problem]:
    """Every problem with these records, compared with those on record of the same source."""
    rules = _RecordRules(
        incoming=incoming,
        snapshot=snapshot,
        today=today or as_of_date(),
        treatments=snapshot.treatments | {visit.source_id: visit for visit in incoming.treatments},
        clients=snapshot.clients.keys() | {client.key for client in incoming.clients},
        placebos={p.code for p in (*snapshot.products.values(), *incoming.products) if not p.active},
        expected_versions={record.source_id: record for record in incoming.expected_versions},
    )
    problems = [
        *(rules.stale_corrections() if incoming.expected_versions else ()),
        *(problem for visit in incoming.treatments for problem in rules.treatment(visit)),
        *(problem for contact in incoming.follow_ups for problem in rules.follow_up(contact)),
        *(problem for effect in incoming.side_effects for problem in rules.side_effect(effect)),
    ]
    # A correction replaces a side effect and is merged with nothing.
    merges = snapshot.first_followed_on or (snapshot.side_effects and not incoming.expected_versions)
    if merges and not problems:
        problems += rules.contradictions()
    return problems


@dataclass(frozen=True)
class _RecordRules:
    """The rules, with the records of the files and those on record that they look at."""

    incoming: ImportData
    snapshot: Snapshot
    today: date
    treatments: Mapping[str, TreatmentRecord]
    clients: Set[str]
    placebos: Set[str]
    expected_versions: Mapping[str, TreatmentRecord | FollowUpRecord | SideEffectRecord]

    def stale_corrections(self) -> Iterator[Problem]:
        """A correction is refused if the record is no longer as the person saw it."""
        stored = {TreatmentRecord: self.snapshot.treatments, FollowUpRecord: self.snapshot.follow_ups}
        for record in self.expected_versions.values():
            current = stored.get(type(record), self.snapshot.side_effects).get(record.source_id)
            if current is None:
                message, expected = "the record has been removed in the meantime", "a record that is on file"
                yield Problem(CORRECTION, expected=expected, message=message)
            elif current != record:
                differences = field_changes("", record.source_id, record, current)
                changes = "; ".join(f"{change.what} is now {change.new}, was {change.old}" for change in differences)
                message = f"the record has been changed in the meantime: {changes}"
                yield Problem(CORRECTION, expected="a correction of the record as it is now", message=message)

    def treatment(self, visit: TreatmentRecord) -> Iterator[Problem]:
        # Ids may be put together from a pseudonym, a day and a number; the result must fit its column.
        if max(len(visit.source_id), len(visit.site)) > MAX_ID_LENGTH:
            yield visit.row_ref.problem("treatment_id", "makes an id or site that is too long", SHORT_ENOUGH)
        if visit.date > self.today:
            yield visit.row_ref.problem("date", "is in the future", f"a day up to {self.today}")
        for injection in visit.injections:
            units = injection.units
            if units is not None and units < 0:
                yield injection.row_ref.problem("units", "is below zero", "units of 0 or more")
            elif units == 0 and injection.product not in self.placebos:
                message = f"is not a dose of {injection.product}"
                yield injection.row_ref.problem("units", message, "more than 0 units; 0 is for a placebo")
        if visit.touch_up_of:
            yield from self.reference(visit.row_ref, "touch_up_of", visit.touch_up_of)

    def follow_up(self, contact: FollowUpRecord) -> Iterator[Problem]:
        row_ref, visit = contact.row_refs[0], self.treatments.get(contact.treatment)
        if len(contact.source_id) > MAX_ID_LENGTH:
            yield row_ref.problem("date", "makes an id that is too long", SHORT_ENOUGH)
        yield from self.reference(row_ref, "treatment_id", contact.treatment)
        expected = self.expected_versions.get(contact.source_id)
        before = self.treatments.get(expected.treatment) if expected else None
        if visit and before and before.client != visit.client:
            yield row_ref.problem("treatment_id", "is a treatment of another client", "a treatment of the same client")
        if visit and contact.date < visit.date:
            yield row_ref.problem("date", f"is before the treatment of {visit.date}", "a day on or after the treatment")
        if contact.date > self.today and contact.outcome != "not_due":
            yield row_ref.problem("date", "is in the future", f"a day up to {self.today}")
        if contact.score is not None and contact.scale in (scales := codelist.score_scales()):
            lowest, highest = scales[contact.scale].lowest, scales[contact.scale].highest
            if not lowest <= contact.score <= highest:
                yield row_ref.problem("score", f"is not on the scale {contact.scale}", f"{lowest} to {highest}")

    def side_effect(self, effect: SideEffectRecord) -> Iterator[Problem]:
        row_ref, visit = effect.row_refs[0], self.treatments.get(effect.treatment)
        if len(effect.source_id) > MAX_ID_LENGTH:
            yield row_ref.problem("effect_id", "makes an id that is too long", SHORT_ENOUGH)
        if effect.treatment:
            yield from self.reference(row_ref, "treatment_id", effect.treatment)
        elif effect.client and effect.client not in self.clients:
            yield row_ref.problem("client", "the client has no treatment on record", "a client with a treatment")
        if visit and effect.client and effect.client != visit.client:
            yield row_ref.problem("client", "the treatment belongs to another client", "the client of the treatment")
        if visit and effect.onset_first and effect.onset_last < visit.date:
            yield self.early_onset(row_ref, visit)
        if effect.onset_first and effect.onset_first > self.today:
            yield row_ref.problem("onset", "is in the future", f"a day up to {self.today}")
        for note in effect.statuses:
            yield from self.status(note, effect)
        for remedy in effect.remedies:
            if remedy.from_date and remedy.from_date > self.today:
                yield remedy.row_ref.problem("from_date", "is in the future", f"a day up to {self.today}")

    def early_onset(self, row_ref: RowRef, visit: TreatmentRecord) -> Problem:
        message = f"is before the treatment it names, of {visit.date}"
        return row_ref.problem("onset", message, "a day on or after the treatment")

    def status(self, note: StatusRecord, effect: SideEffectRecord) -> Iterator[Problem]:
        if early := self.early_end(note, effect):
            yield note.row_ref.problem(*early)
        if note.date > self.today:
            yield note.row_ref.problem("status_date", "is in the future", f"a day up to {self.today}")
        if note.last_day and note.last_day > self.today:
            yield note.row_ref.problem("last_day", "is in the future", f"a day up to {self.today}")
        if note.grade and note.grade_scale in (scales := codelist.grade_scales()):
            highest = scales[note.grade_scale].highest
            if note.grade > highest:
                yield note.row_ref.problem("grade", f"is not on the scale {note.grade_scale}", f"1 to {highest}")

    def early_end(self, note: StatusRecord, effect: SideEffectRecord) -> ColumnProblem | None:
        """The problem if a note says that the effect ended before it began or before the treatment it names."""
        if not note.last_day and note.state != "gone":
            return None
        column, day = ("last_day", note.last_day) if note.last_day else ("status_date", note.date)
        visit = self.treatments.get(effect.treatment)
        if effect.onset_first and day < effect.onset_first:
            return column, f"is before the onset, {effect.onset_first}", "a day on or after the onset"
        if visit and day < visit.date:
            return column, f"is before the treatment it names, of {visit.date}", "a day on or after the treatment"
        return None

    def contradictions(self) -> Iterator[Problem]:
        """Records that are valid by themselves but contradict what is on record of the same treatment or side effect.

        These rules look at records as they would be stored, merged with those on record.
        """
        snapshot = self.snapshot
        moved = tuple(visit for visit in self.incoming.treatments if visit.source_id in snapshot.first_followed_on)
        placed = [e for e in self.incoming.side_effects if e.client or e.treatment in snapshot.treatments]
        effects = {e.source_id: e for e in placed if e.source_id in snapshot.side_effects}
        if not effects and not moved:
            return
        changed = replace(self.incoming, treatments=moved, follow_ups=(), side_effects=tuple(effects.values()))
        kinds = diff(changed, snapshot).kinds
        for source_id, visit in kinds["treatments"].changed.items():
            followed_on = snapshot.first_followed_on[source_id]
            if followed_on < visit.date:
                message = f"is after the first follow-up or side effect on record, {followed_on}"
                yield visit.row_ref.problem("date", message, "a day on or before it")
        for source_id, effect in kinds["side_effects"].changed.items():
            row_ref, visit = effects[source_id].row_refs[0], self.treatments.get(effect.treatment)
            if visit and effect.onset_first and effect.onset_last < visit.date:
                yield self.early_onset(row_ref, visit)
            for note in effect.statuses:
                if early := self.early_end(note, effect):
                    if effects[source_id].onset_first:
                        message = f"is after the end on record, {note.last_day or note.date}"
                        yield row_ref.problem("onset", message, "a day on or before the end")
                    else:
                        yield (note.row_ref or row_ref).problem(*early)

    def reference(self, row_ref: RowRef, name: str, source_id: str) -> Iterator[Problem]:
        if source_id not in self.treatments and self.incoming.unreadable_ids.isdisjoint((source_id, "")):
            expected = "a treatment in these files, or of this source on record"
            yield row_ref.problem(name, "is not the id of a treatment", expected)
