"""CDISC SDTM: who (DM), what was given (EX), what was reported (AE), what was asked (CE), how it ended (DS).

The study's own words are kept as given. A subject without a row in EX was never treated and is left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from data.files import Table
from data.formats.registry import ReadContext, ReadResult
from data.formats.sdtm_domains import (
    DOMAINS,
    REASON_NOT_GIVEN,
    REASONS,
    SEXES,
    SIDES,
    find_domain,
    outcome_state,
    read_domain,
)
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
from data.schema.sheet_reader import repeated_rows
from data.schema.template import DEFAULT_ATTRIBUTION_DAYS, GRADE_WORDS, GRADE_WORDS_SCALE, make_treatment_id

EXPECTED = "SDTM domains, DM and EX with AE, CE or DS (a column DOMAIN says which)"

DAY_OF_STUDY = re.compile(r"DAY (\d+)")  # --TPT; day 1 is the day of the treatment


def recognizes(tables: Sequence[Table]) -> float:
    """Certain where a table has the column DOMAIN."""
    return 1.0 if any("DOMAIN" in table.columns for table in tables) else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The records of one study."""
    problems: list[Problem] = []
    notices: list[str] = []
    unreadable: set[str] = set()
    lines: dict[str, list[Any]] = {domain: [] for domain in DOMAINS}
    for table in tables:
        notices += [f"{table.file}: {notice}" for notice in table.notices]
        domain = find_domain(table)
        if domain in DOMAINS:
            problems += repeated_rows(table)
            read_of_table = read_domain(table, domain, problems)
            lines[domain] += read_of_table.rows
            notices += read_of_table.notices
            if domain in ("DM", "EX"):
                unreadable |= read_of_table.unreadable_ids
        elif domain:
            notices.append(f"{table.file}: the domain {domain} is not read")
        else:
            message = "the column DOMAIN is missing, or does not say one domain"
            problems.append(Problem(table.file, None, "DOMAIN", None, ", ".join(DOMAINS), message, table.sheet))
    given = {find_domain(table) for table in tables}
    for domain in {"DM", "EX"} - given:
        files = ", ".join(dict.fromkeys(table.file for table in tables))
        problems.append(Problem(files, None, "DOMAIN", None, "DM and EX together", f"the domain {domain} is missing"))
    study = _StudyReader(context, problems, notices, unreadable)
    study.subjects(lines["DM"])
    study.add_exposure(lines["EX"])
    study.add_questions(lines["CE"])
    study.add_events("AE", lines["AE"])
    study.add_events("CE", lines["CE"])
    if not any(line.prespecified == "y" for line in lines["CE"]):
        study.add_last_contacts(lines["DS"])
    return ReadResult(study.incoming(sum(len(table.rows) for table in tables)), tuple(problems))


@dataclass
class _StudyReader:
    """Takes the lines domain by domain. Subjects are known by USUBJID until they leave as pseudonyms."""

    request: ReadContext
    problems: list[Problem]
    notices: list[str]
    unreadable: set[str]  # subjects with lines of DM or EX that could not be read

    name: str = ""
    continuous: bool = False
    subjects_by_id: dict[str, Any] = field(default_factory=dict)  # USUBJID -> line of DM
    keys: dict[str, str] = field(default_factory=dict)  # USUBJID -> pseudonym
    treatments: dict[str, dict[date, TreatmentRecord]] = field(default_factory=dict)  # USUBJID -> day -> treatment
    references: dict[tuple[str, str], date] = field(default_factory=dict)  # USUBJID, EXLNKGRP -> day
    products: dict[str, ProductRecord] = field(default_factory=dict)
    terms: dict[str, TermRecord] = field(default_factory=dict)
    follow_ups: list[FollowUpRecord] = field(default_factory=list)
    effects: list[SideEffectRecord] = field(default_factory=list)

    def subjects(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.name = self.name or line.study
            if line.study != self.name:
                self._problem(line, "study", "is a second study", "one study in the files of one import")
            if line.client in self.subjects_by_id:
                self._problem(line, "client", "the subject has a row before", "one row for each subject")
            self.subjects_by_id[line.client] = line
        source = self.request.source or self.name
        self.keys = {subject: self.request.pseudonym(source, subject) for subject in self.subjects_by_id}

    def add_exposure(self, lines: Sequence[Any]) -> None:
        """A treatment per day; or one per subject, where a row of exposure goes on for days."""
        self.continuous = any(line.until and line.until[0] > line.date for line in lines)
        days: dict[tuple[str, date], list[Any]] = {}
        first = {}
        for line in lines:
            if self._require_known_subject(line):
                first[line.client] = min(first.get(line.client, line.date), line.date)
        for line in lines:
            if line.client in first:
                days.setdefault((line.client, first[line.client] if self.continuous else line.date), []).append(line)
                if line.reference:
                    self.references[line.client, line.reference] = line.date
        for (subject, day), given in days.items():
            injections = tuple(self._injection(line) for line in given)
            site = f"{self.name} {self.subjects_by_id[subject].site}"
            source_id = self.keys[subject] if self.continuous else make_treatment_id(self.keys[subject], day)
            treatment = TreatmentRecord(
                source_id=source_id,
                client=self.keys[subject],
                site=site,
                date=day,
                injections=injections,
                row_ref=given[0].row_ref,
            )
            self.treatments.setdefault(subject, {})[day] = treatment
        if untreated := len(self.subjects_by_id) - len(self.treatments):
            self.notices.append(f"{untreated} subjects have no exposure (EX) and were left out")

    def add_questions(self, lines: Iterable[Any]) -> None:
        """Questions of a checklist: one follow-up per treatment and time point."""
        checklists: dict[tuple[str, date, str], list[Any]] = {}
        for line in lines:
            if line.prespecified == "y" and self._require_known_subject(line) and (day := self._day_of(line)):
                checklists.setdefault((line.client, day, line.time_point or ""), []).append(line)
        for (subject, day, time_point), questions in checklists.items():
            done = [line for line in questions if line.occurred]
            left_out = {line.term for line in questions} - {line.term for line in done}
            planned = DAY_OF_STUDY.fullmatch(time_point.upper())
            until = [day + timedelta(days=int(planned[1]) - 1)] if planned else [day]
            treatment = self.treatments[subject][day].source_id
            self.follow_ups.append(
                FollowUpRecord(
                    source_id=f"{treatment} {time_point}".strip(),
                    treatment=treatment,
                    date=max(until + [line.status_date for line in done if line.status_date]),
                    outcome="done" if done else "not_reached",
                    asked="checklist",
                    not_asked=tuple(sorted(left_out)) if done else (),
                    row_refs=tuple(line.row_ref for line in questions),
                )
            )
            for line in questions:
                self._add_term(line)

    def add_last_contacts(self, disposition: Iterable[Any]) -> None:
        """The end of participation (RFENDTC, else the last row of DS): asked how it went, about every treatment."""
        latest: dict[str, date] = {}
        for line in disposition:
            if line.date:
                latest[line.client] = max(latest.get(line.client, line.date[0]), line.date[0])
        for subject, visits in self.treatments.items():
            person = self.subjects_by_id[subject]
            if day := person.last_contact[0] if person.last_contact else latest.get(subject):
                for visit in visits.values():
                    self.follow_ups.append(
                        FollowUpRecord(
                            source_id=f"{visit.source_id} end",
                            treatment=visit.source_id,
                            date=day,
                            outcome="done",
                            asked="open",
                            row_refs=(person.row_ref,),
                        )
                    )

    def add_events(self, domain: str, lines: Iterable[Any]) -> None:
        """Rows of one subject with the same --SPID are notes on one episode."""
        episodes: dict[tuple[str, str], list[Any]] = {}
        for line in lines:
            if line.occurred != "n" and line.done is None and self._require_known_subject(line):
                episodes.setdefault((line.client, line.spid or line.number), []).append(line)
        doubtful = 0
        for (subject, number), notes in episodes.items():
            first = notes[0]
            for line in notes[1:]:
                for name in ("term", "onset"):
                    if getattr(line, name) != getattr(first, name):
                        expected = f"the same in every row of one {domain}SPID"
                        self._problem(line, name, f"differs from row {first.row_ref.row}", expected)
            serious = {REASONS[name] for line in notes for name in REASONS if getattr(line, name, None) == "y"}
            called_serious = {line.serious for line in notes}
            doubtful += bool(serious) and "y" not in called_serious
            if "y" in called_serious and not serious:
                serious = {REASON_NOT_GIVEN}
            day = self._day_of(first) if first.treated_on or first.reference else None
            self._add_term(first)
            self.effects.append(
                SideEffectRecord(
                    source_id=f"{self.keys[subject]} {domain} {number}",
                    client=self.keys[subject],
                    treatment=self.treatments[subject][day].source_id if day else None,
                    area=first.area,
                    side=self._side(first),
                    term=first.term,
                    as_given=remove_contact_details(first.as_given),
                    onset_first=first.onset[0] if first.onset else None,
                    onset_last=first.onset[1] if first.onset else None,
                    came_to_light="asked" if first.prespecified == "y" else None,
                    serious=tuple(sorted(serious)),
                    statuses=tuple(sorted((s for s in map(_read_status, notes) if s), key=StatusRecord.sort_key)),
                    row_refs=tuple(line.row_ref for line in notes),
                )
            )
        if doubtful:
            self.notices.append(f"kept as serious for a reason given though {domain}SER does not say so: {doubtful}")

    def incoming(self, rows: int) -> ImportData:
        met = self.treatments.keys() | {
            subject for subject in self.subjects_by_id if self.keys[subject] in self._of_effects()
        }
        return ImportData(
            source=self.request.source or self.name,
            format="sdtm",
            attribution_days=None if self.continuous else DEFAULT_ATTRIBUTION_DAYS,
            rows_read=rows,
            clients=tuple(self._client(line) for subject, line in self.subjects_by_id.items() if subject in met),
            products=tuple(self.products.values()),
            treatments=tuple(visit for visits in self.treatments.values() for visit in visits.values()),
            follow_ups=tuple(self.follow_ups),
            side_effects=tuple(self.effects),
            terms=tuple(self.terms.values()),
            notices=tuple(self.notices),
        )

    def _of_effects(self) -> set[str]:
        return {effect.client for effect in self.effects}

    def _client(self, line: Any) -> ClientRecord:
        return ClientRecord(
            key=self.keys[line.client],
            year_of_birth=line.born[0].year if line.born else None,
            sex=SEXES.get(line.sex),
            row_ref=line.row_ref,
        )

    def _injection(self, line: Any) -> InjectionRecord:
        """Where exposure is continuous the product is the planned arm, as the study's own tables count."""
        person = self.subjects_by_id[line.client]
        name = person.arm if self.continuous else line.product
        if name is None:
            self._problem(person, "arm", "the cell is empty", "the planned arm: the subject was treated")
        active = line.units is None or line.units > 0
        known = self.products.get(name)
        unit = line.unit if known is None or known.unit == line.unit else None
        self.products[name] = ProductRecord(
            code=name, label=name, unit=unit, active=active or bool(known and known.active), dictionary=self.name
        )
        return InjectionRecord(
            area=line.area, side=self._side(line), product=name, units=line.units, row_ref=line.row_ref
        )

    def _side(self, line: Any) -> str | None:
        if line.side and line.side not in SIDES:
            notice = f"{line.row_ref.file}: the side {line.side} is none of {', '.join(SIDES)} and was left out"
            if notice not in self.notices:
                self.notices.append(notice)
        return SIDES.get(line.side)

    def _add_term(self, line: Any) -> None:
        self.terms.setdefault(
            line.term,
            TermRecord(code=line.term, label=line.term, family=line.family or line.category, dictionary=self.name),
        )

    def _require_known_subject(self, line: Any) -> bool:
        if line.client not in self.subjects_by_id and line.client not in self.unreadable:
            self._problem(line, "client", "the subject has no row in DM", "a USUBJID of DM")
        return line.client in self.subjects_by_id

    def _day_of(self, line: Any) -> date | None:
        """The day of the treatment that a row names by its reference time or group."""
        visits = self.treatments.get(line.client, {})
        for day in (line.treated_on, self.references.get((line.client, line.reference))):
            if day in visits:
                return day
        if line.client in self.unreadable:
            return None
        self._problem(line, "treated_on", "is no start of an exposure (EX) of the subject", "an EXSTDTC of it")
        return None

    def _problem(self, line: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(line.row_ref.problem(name, message, expected))


def _read_status(line: Any) -> StatusRecord | None:
    ended = line.last_day
    day = line.status_date or (ended[1] if ended else None)
    if day is None:
        return None
    last_day = ended[0] if ended and ended[0] == ended[1] else None
    grade = GRADE_WORDS.index(line.grade) + 1 if line.grade else None
    state = outcome_state(line.outcome, bool(ended))
    return StatusRecord(
        source_id=line.number,
        date=day,
        state=state,
        last_day=last_day,
        grade=grade,
        grade_scale=GRADE_WORDS_SCALE if grade else None,
        row_ref=line.row_ref,
    )
