"""From SDTM rows to subjects (DM), treatments (EX), reported and solicited events (AE, CE), last contacts (DS).

The study's own terms are kept. A subject without a row in EX was never treated and is left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from data.formats.registry import ReadContext
from data.formats.sdtm import FATAL, ONGOING, REASON_NOT_GIVEN, REASONS, STATES
from data.privacy.identifier_removal import remove_contact_details
from data.problems import Problem
from data.records.neutral_records import (
    ClientRecord,
    FollowUpRecord,
    ImportData,
    InjectionRecord,
    ProductRecord,
    SideEffectRecord,
    StatusRecord,
    TermRecord,
    TreatmentRecord,
)
from data.schema.template import grade_of_word, make_treatment_id
from models.records import ATTRIBUTION_DAYS

DAY_OF_STUDY = re.compile(r"DAY (\d+)")  # --TPT; day 1 is the day of the treatment
SIDES = {"LEFT": "left", "RIGHT": "right", "BILATERAL": "both", "MIDLINE": "midline"}  # of code list C99073
MAX_NAMED = 5  # rows in a notice
SEXES = {"F": "female", "M": "male", "UNDIFFERENTIATED": "other"}


@dataclass
class StudyBuilder:
    """Takes the rows domain by domain. Subjects have their USUBJID until their pseudonym replaces it in a record."""

    context: ReadContext
    problems: list[Problem]
    notices: list[str]
    unreadable: set[str]  # subjects with rows of DM or EX that could not be read

    name: str = ""
    continuous: bool = False
    placebo_arms: set[str | None] = field(default_factory=set)
    subjects: dict[str, Any] = field(default_factory=dict)  # USUBJID -> row of DM
    keys: dict[str, str] = field(default_factory=dict)  # USUBJID -> pseudonym
    treatments: dict[str, dict[date, TreatmentRecord]] = field(default_factory=dict)  # USUBJID -> day -> treatment
    last_contacts: dict[str, date] = field(default_factory=dict)  # USUBJID -> end of participation
    references: dict[tuple[str, str], date] = field(default_factory=dict)  # USUBJID, EXLNKGRP -> day
    products: dict[str, ProductRecord] = field(default_factory=dict)
    terms: dict[str, TermRecord] = field(default_factory=dict)
    follow_ups: list[FollowUpRecord] = field(default_factory=list)
    effects: list[SideEffectRecord] = field(default_factory=list)

    def add_subjects(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.name = self.name or row.study
            if row.study != self.name:
                self._problem(row, "study", "is a second study", "one study in the files of one import")
            if row.client in self.subjects:
                self._problem(row, "client", "the subject has an earlier row", "one row for each subject")
            self.subjects[row.client] = row
        source = self.context.source or self.name
        self.keys = {subject: self.context.pseudonym(source, subject) for subject in self.subjects}

    def add_exposure(self, rows: Sequence[Any]) -> None:
        """One treatment per day; one per subject if an exposure lasts for days."""
        self.continuous = any(row.until and row.until[0] > row.date for row in rows)
        rows = [row for row in rows if self._require_known_subject(row)]
        if self.continuous:
            self._compare_arms(rows)
        first: dict[str, date] = {}
        for row in rows:
            first[row.client] = min(first.get(row.client, row.date), row.date)
        by_day: dict[tuple[str, date], list[Any]] = {}
        for row in rows:
            by_day.setdefault((row.client, first[row.client] if self.continuous else row.date), []).append(row)
            if row.reference:
                self.references[row.client, row.reference] = row.date
        for (subject, day), given in by_day.items():
            key = self.keys[subject]
            self.treatments.setdefault(subject, {})[day] = TreatmentRecord(
                source_id=key if self.continuous else make_treatment_id(key, day), client=key,
                site=f"{self.name} {self.subjects[subject].site}", date=day,
                injections=tuple(map(self._injection, given)), row_ref=given[0].row_ref,
            )  # fmt: skip
        if untreated := len(self.subjects) - len(self.treatments):
            self.notices.append(f"{untreated} subjects have no exposure (EX) and were left out")

    def _compare_arms(self, rows: Sequence[Any]) -> None:
        """Arms differ from those planned, or from what was given: somebody in an arm of placebo got a dose, or somebody
        in an arm with doses got none. Whichever are fewer deviate; if as many, those with a dose."""
        by_subject: dict[str, list[Any]] = {}
        for row in rows:
            by_subject.setdefault(row.client, []).append(row)
        treated = [self.subjects[subject] for subject in by_subject]
        if moved := [row.row_ref.row for row in treated if row.arm and row.actual_arm not in (None, row.arm)]:
            counted = "actual arm (ACTARM) differs from the planned one (ARM), and is the one counted"
            self.notices.append(f"{counted}: {len(moved)} ({_name_rows(moved)})")
        dosed: dict[str, list[Any]] = {}
        undosed: dict[str, list[Any]] = {}
        for subject, given in by_subject.items():
            first_dose = next((row for row in given if row.units != 0), None)
            group = undosed if first_dose is None else dosed
            group.setdefault(self._arm(subject), []).append(first_dose or given[0])
        for arm in dosed.keys() & undosed.keys():
            is_placebo = len(dosed[arm]) <= len(undosed[arm])
            self.placebo_arms |= {arm} if is_placebo else set()
            for row in (dosed if is_placebo else undosed)[arm]:
                subject = self.subjects[row.client].row_ref
                # USUBJID is the study's own code of a subject, and the rows alone would be hard to compare.
                said = f"was given to {row.client} in the arm {arm} ({subject.file}, row {subject.row})"
                self._problem(row, "product", said, "an arm (ACTARM, else ARM) that fits what was given")

    def _arm(self, subject: str) -> str | None:
        row = self.subjects[subject]
        return row.actual_arm or row.arm

    def add_questions(self, rows: Iterable[Any]) -> None:
        """Questions of a checklist: one follow-up per treatment and time point."""
        checklists: dict[tuple[str, date, str], list[Any]] = {}
        for row in rows:
            if row.prespecified == "y" and self._require_known_subject(row) and (day := self._treatment_day(row)):
                checklists.setdefault((row.client, day, row.time_point or ""), []).append(row)
        for (subject, day, time_point), questions in checklists.items():
            answered = [row for row in questions if row.occurred]
            left_out = {row.term for row in questions} - {row.term for row in answered}
            planned = DAY_OF_STUDY.fullmatch(time_point.upper())
            days = [day + timedelta(days=int(planned[1]) - 1) if planned else day]
            for row in questions:
                self._add_term(row)
            treatment = self.treatments[subject][day].source_id
            self.follow_ups.append(FollowUpRecord(
                source_id=f"{treatment} {time_point}".strip(), treatment=treatment,
                date=max(days + [row.status_date for row in answered if row.status_date]),
                outcome="done" if answered else "not_reached", asked="checklist",
                not_asked=tuple(sorted(left_out)) if answered else (), row_refs=tuple(row.row_ref for row in questions),
            ))  # fmt: skip

    def add_last_contacts(self, disposition: Iterable[Any], asked: bool) -> None:
        """The end of participation (RFENDTC, else the last row of DS), which is an open question about every treatment
        unless the study asks with checklists (`asked` False)."""
        for row in disposition:
            if row.date:
                self.last_contacts[row.client] = max(self.last_contacts.get(row.client, row.date[0]), row.date[0])
        self.last_contacts |= {key: row.last_contact[0] for key, row in self.subjects.items() if row.last_contact}
        for subject, by_day in self.treatments.items():
            row = self.subjects[subject]
            if asked and (day := self.last_contacts.get(subject)):
                self.follow_ups += [
                    FollowUpRecord(source_id=f"{treatment.source_id} end", treatment=treatment.source_id, date=day,
                                   outcome="done", asked="open", row_refs=(row.row_ref,))
                    for treatment in by_day.values()
                ]  # fmt: skip

    def add_events(self, domain: str, rows: Iterable[Any]) -> None:
        """Rows of one subject with the same --SPID are notes on one episode."""
        episodes: dict[tuple[str, str], list[Any]] = {}
        for row in rows:
            if row.occurred != "n" and row.done is None and self._require_known_subject(row):
                episodes.setdefault((row.client, row.spid or row.number), []).append(row)
        not_serious = without_onset = 0
        against_end: list[int] = []
        for (subject, number), notes in episodes.items():
            first = notes[0]
            for row in notes[1:]:
                for name in ("term", "onset"):
                    if getattr(row, name) != getattr(first, name):
                        expected = f"the same in every row of one {domain}SPID"
                        self._problem(row, name, f"differs from row {first.row_ref.row}", expected)
            serious = {REASONS[name] for row in notes for name in REASONS if getattr(row, name, None) == "y"}
            if any(row.outcome == FATAL for row in notes):
                serious.add("death")
            if not any(row.serious == "y" for row in notes):
                not_serious += bool(serious)
            elif not serious:
                serious = {REASON_NOT_GIVEN}
            day = self._treatment_day(first) if first.treated_on or first.reference else None
            onset_first, onset_last = first.onset or (None, None)
            without_onset += first.onset is None
            self._add_term(first)
            statuses = [status for row in notes for status in self._statuses(row)]
            latest = max(notes, key=lambda row: [status.sort_key() for status in self._statuses(row)])
            if latest.last_day and STATES.get(latest.outcome) == "present":
                against_end.append(latest.row_ref.row)
            self.effects.append(SideEffectRecord(
                source_id=f"{self.keys[subject]} {domain} {number}", client=self.keys[subject],
                treatment=self.treatments[subject][day].source_id if day else None,
                area=first.area, side=self._side(first), term=first.term,
                as_given=remove_contact_details(first.as_given), onset_first=onset_first, onset_last=onset_last,
                came_to_light="asked" if first.prespecified == "y" else None, serious=tuple(sorted(serious)),
                statuses=tuple(sorted(statuses, key=StatusRecord.sort_key)),
                row_refs=tuple(row.row_ref for row in notes),
            ))  # fmt: skip
        if not_serious:
            self.notices.append(f"kept as serious for the reason given, against {domain}SER: {not_serious}")
        if against_end:
            rows = _name_rows(against_end)
            self.notices.append(f"kept as ended on {domain}ENDTC, against {domain}OUT: {len(against_end)} ({rows})")
        if without_onset:
            taken = f"without {domain}STDTC, counted after the latest treatment before their first date"
            self.notices.append(f"{taken}: {without_onset}")

    def _statuses(self, row: Any) -> list[StatusRecord]:
        """The note of a row, and of an end that is only known to a span of days a second one: present on its first
        possible day, and found gone on the day after its last, at the latest at the contact that found it."""
        first, last = row.last_day or (None, None)
        state = STATES.get(row.outcome, "unknown")
        if state == "unknown" and (row.end_relative or "").upper() in ONGOING:
            state = "present"
        if last and (state == "unknown" or first != last):
            state = "gone"
        grade, scale = grade_of_word(row.grade)
        note = partial(StatusRecord, source_id=row.number, grade=grade, grade_scale=scale, row_ref=row.row_ref)
        contact = row.status_date or self.last_contacts.get(row.client)
        if first is None:
            if row.onset and (contact is None or (row.status_date is None and contact < row.onset[0])):
                contact = row.onset[0]
            day = contact or max(self.treatments.get(row.client, ()), default=None)
            return [note(date=day, state=state)] if day else []
        if first == last:
            return [note(date=row.status_date or last, state=state, last_day=last)]
        gone = last + timedelta(days=1)
        if contact and contact >= first:
            gone = min(gone, contact)
        begun = max(first, row.onset[0]) if row.onset else first
        if gone <= begun:
            return [note(date=begun, state="gone", last_day=begun)]
        return [note(date=begun, state="present"), note(date=gone, state="gone")]

    def to_import_data(self, row_count: int) -> ImportData:
        with_effects = {effect.client for effect in self.effects}
        clients = [
            ClientRecord(key=self.keys[subject], year_of_birth=row.born[0].year if row.born else None,
                         sex=SEXES.get(row.sex), row_ref=row.row_ref)
            for subject, row in self.subjects.items()
            if subject in self.treatments or self.keys[subject] in with_effects
        ]  # fmt: skip
        return ImportData(
            source=self.context.source or self.name,
            format="sdtm",
            attribution_days=None if self.continuous else ATTRIBUTION_DAYS,
            rows_read=row_count,
            clients=tuple(clients),
            products=tuple(self.products.values()),
            treatments=tuple(treatment for by_day in self.treatments.values() for treatment in by_day.values()),
            follow_ups=tuple(self.follow_ups),
            side_effects=tuple(self.effects),
            terms=tuple(self.terms.values()),
            notices=tuple(dict.fromkeys(self.notices)),
            problems=tuple(self.problems),
        )

    def _injection(self, row: Any) -> InjectionRecord:
        """With continuous exposure the product is the actual arm, as in the study's own tables."""
        subject = self.subjects[row.client]
        name = self._arm(row.client) if self.continuous else row.product
        if name is None:
            self._problem(subject, "arm", "the cell is empty", "the arm, because the subject was treated")
        active, known = row.units != 0 and name not in self.placebo_arms, self.products.get(name)
        self.products[name] = ProductRecord(
            code=name, label=name, unit=row.unit if known is None or known.unit == row.unit else None,
            active=active or bool(known and known.active), dictionary=self.name,
        )  # fmt: skip
        return InjectionRecord(area=row.area, side=self._side(row), product=name, units=row.units, row_ref=row.row_ref)

    def _side(self, row: Any) -> str | None:
        if row.side and row.side not in SIDES:
            self.notices.append(f"{row.row_ref.file}: the side {row.side} is none of {', '.join(SIDES)}; left out")
        return SIDES.get(row.side)

    def _add_term(self, row: Any) -> None:
        family = row.family or row.category
        first = TermRecord(code=row.term, label=row.term, family=family, dictionary=self.name)
        known = self.terms.setdefault(row.term, first)
        if family != known.family:
            families = f"{known.family or 'no body system'} and {family or 'no body system'}"
            self.notices.append(f"{row.term} stands under {families}; all of its side effects count under the first")

    def _require_known_subject(self, row: Any) -> bool:
        if row.client not in self.subjects and row.client not in self.unreadable:
            self._problem(row, "client", "the subject has no row in DM", "a USUBJID of DM")
        return row.client in self.subjects

    def _treatment_day(self, row: Any) -> date | None:
        """The day of the treatment that a row names by its reference time or group."""
        days = self.treatments.get(row.client, {})
        for day in (row.treated_on, self.references.get((row.client, row.reference))):
            if day in days:
                return day
        if row.client not in self.unreadable:
            message = "is not the start of an exposure (EX) of the subject"
            self._problem(row, "treated_on", message, "an EXSTDTC of the subject")
        return None

    def _problem(self, row: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(row.row_ref.problem(name, message, expected))


def _name_rows(numbers: Sequence[int]) -> str:
    """ "rows 2, 5 and 9", the first of many."""
    first = ", ".join(map(str, numbers[:MAX_NAMED]))
    more = f" and {len(numbers) - MAX_NAMED} more" if len(numbers) > MAX_NAMED else ""
    return f"row{'s' if len(numbers) > 1 else ''} {first}{more}"
