"""From template lines to records: lines with one id become one treatment or one side effect, and must not disagree."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from data.privacy.identifier_removal import remove_contact_details
from data.privacy.pseudonyms import Pseudonymizer, is_pseudonym
from data.problems import Problem
from data.records.neutral_records import (
    ClientRecord,
    FollowUpRecord,
    InjectionRecord,
    LotRecord,
    RemedyRecord,
    SideEffectRecord,
    StatusRecord,
    TreatmentRecord,
)
from data.schema.provenance import RowRef
from data.schema.template import GRADE_WORDS, GRADE_WORDS_SCALE, TREATMENT_COLUMNS, make_treatment_id

TreatmentsByDay = Mapping[tuple[str, date], set[str]]  # client and day -> the ids of the treatments

EXPECTED_EFFECT_CODE = "a code of side_effects.csv in one line of each effect_id"


@dataclass
class RecordBuilder:
    """Takes the lines of one source, sheet by sheet, treatments before the rest; `problems` collects what disagrees."""

    source: str
    pseudonym: Pseudonymizer
    problems: list[Problem]
    unreadable_ids: frozenset[str]  # ids of side effects with lines that could not be read

    treatments: dict[str, TreatmentRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], LotRecord] = field(default_factory=dict)
    clients: dict[str, ClientRecord] = field(default_factory=dict)
    follow_ups: dict[str, FollowUpRecord] = field(default_factory=dict)
    side_effects: dict[str, SideEffectRecord] = field(default_factory=dict)

    load_stored_visits: Callable[[], TreatmentsByDay] = (
        dict  # the treatments stored before, asked for where a line may mean one
    )

    _visits: TreatmentsByDay | None = None  # of these files and on record; made where a line needs it
    _keys: dict[str, str] = field(default_factory=dict)

    def add_treatments(self, lines: Iterable[Any]) -> None:
        visits: dict[str, list[Any]] = defaultdict(list)
        met: set[tuple] = set()
        for line in lines:
            if key := self._keys.get(line.client) or self._client(line):
                visits[line.treatment_id or make_treatment_id(key, line.date)].append(line)
                if (person := (key, line.year_of_birth, line.sex)) not in met:
                    met.add(person)
                    self._add_client(*person, line)
                if line.lot and (lot := (line.product, line.lot, line.expiry)) not in met:
                    met.add(lot)
                    self._add_lot(line)
        for source_id, visit in visits.items():
            self._add_treatment(source_id, visit)

    def add_follow_ups(self, lines: Iterable[Any]) -> None:
        for line in lines:
            if treatment := self._treatment(line):
                parts = (treatment, line.date.isoformat(), line.method, line.scale)
                source_id = line.follow_up_id or " ".join(part for part in parts if part)
                self._require(line, "score", "scale")
                contact = FollowUpRecord(
                    source_id=source_id,
                    treatment=treatment,
                    date=line.date,
                    method=line.method,
                    outcome=line.outcome,
                    asked=line.asked,
                    score=line.score,
                    scale=line.scale,
                    not_asked=tuple(sorted(set(line.not_asked or ()))),
                    row_refs=(line.row_ref,),
                )
                earlier = self.follow_ups.setdefault(source_id, contact)
                if earlier != contact:
                    message = f"is the day of a contact that {_row_label(earlier.row_refs[0])} tells differently"
                    self._problem(line, "date", message, "one line per contact, or a follow_up_id of its own")

    def add_side_effects(self, lines: Iterable[Any], remedy_lines: Iterable[Any]) -> None:
        effects: dict[str, list[Any]] = {}
        for line in lines:
            effects.setdefault(line.effect_id, []).append(line)
        remedies: dict[str, list[Any]] = {}
        for line in remedy_lines:
            remedies.setdefault(line.effect_id, []).append(line)
        for source_id, notes in effects.items():
            if source_id not in self.unreadable_ids:
                self._add_side_effect(source_id, notes, remedies.get(source_id, []))
        for source_id in remedies.keys() - effects.keys() - self.unreadable_ids:
            for line in remedies[source_id]:
                self._problem(line, "effect_id", "is the id of no side effect", "an effect_id of these files")

    # One record each

    def _add_treatment(self, source_id: str, visit: Sequence[Any]) -> None:
        first = visit[0]
        client = self._keys.get(first.client) or self._client(first)
        practitioner, touch_up_of = first.practitioner, first.touch_up_of
        if len(visit) > 1:
            visit = self._rows_of_first_file(source_id, visit)
            if len({line[TREATMENT_COLUMNS] for line in visit}) > 1:
                self._require_agreement(source_id, visit, "date")
                self._require_agreement(source_id, visit, "site")
                practitioner = self._require_agreement(source_id, visit, "practitioner")
                touch_up_of = self._require_agreement(source_id, visit, "touch_up_of")
                if len({self._client(line) for line in visit}) > 1:
                    self._problem(first, "client", f"{source_id} is of two clients", "one client in each visit")
        injections = tuple(
            [
                InjectionRecord(
                    area=line.area,
                    side=line.side,
                    product=line.product,
                    lot=line.lot,
                    units=line.units,
                    points=line.points,
                    row_ref=line.row_ref,
                )
                for line in visit
            ]
        )
        self.treatments[source_id] = TreatmentRecord(
            source_id=source_id,
            client=client,
            site=first.site,
            practitioner=practitioner,
            date=first.date,
            touch_up_of=touch_up_of,
            injections=injections,
            row_ref=first.row_ref,
        )

    def _rows_of_first_file(self, source_id: str, visit: Sequence[Any]) -> Sequence[Any]:
        """The lines of the first file that holds the visit; another one must say the same of it."""
        if visit[0].row_ref.table_ref is visit[-1].row_ref.table_ref:  # lines come file by file
            return visit
        files: dict[int, list[Any]] = {}
        for line in visit:
            files.setdefault(id(line.row_ref.table_ref.table), []).append(line)
        kept, *others = files.values()
        for other in others:
            if Counter(map(_stated_values, kept)) != Counter(map(_stated_values, other)):
                message = f"stands differently in {_row_label(kept[0].row_ref)}"
                self._problem(other[0], "treatment_id", message, "the same lines for a visit in every file that has it")
        return kept

    def _add_client(self, key: str, year: int | None, sex: str | None, line: Any) -> None:
        known = self.clients.get(key)
        if known is None:
            self.clients[key] = ClientRecord(key=key, year_of_birth=year, sex=sex, row_ref=line.row_ref)
            return
        for name, told in (("year_of_birth", year), ("sex", sex)):
            if None not in (told, before := getattr(known, name)) and told != before:
                self._report_difference(line, name, known.row_ref, "the same in every line of a client")
        self.clients[key] = ClientRecord(
            key=key, year_of_birth=known.year_of_birth or year, sex=known.sex or sex, row_ref=known.row_ref
        )

    def _add_lot(self, line: Any) -> None:
        expiry = line.expiry[1] if line.expiry else None
        known = self.lots.get((line.product, line.lot))
        if known is None or (known.expiry is None and expiry):
            self.lots[line.product, line.lot] = LotRecord(
                product=line.product, number=line.lot, expiry=expiry, row_ref=line.row_ref
            )
        elif expiry and expiry != known.expiry:
            self._report_difference(line, "expiry", known.row_ref, "one expiry for each lot")

    def _add_side_effect(self, source_id: str, lines: Sequence[Any], remedy_lines: Sequence[Any]) -> None:
        def told(name):
            return self._require_agreement(source_id, lines, name)

        term, onset, words = told("side_effect"), told("onset"), told("words")
        if term is None:
            self._problem(lines[0], "side_effect", "no line says what it was", EXPECTED_EFFECT_CODE)
            return
        treatments = {self._treatment(line, needed=False) for line in lines} - {None}
        clients = {self._client(line, needed=False) for line in lines} - {None}
        if max(len(treatments), len(clients)) > 1:
            self._problem(lines[0], "effect_id", "is of two treatments or clients", "one of each")
        treatment, client = min(treatments, default=None), min(clients, default=None)
        if treatment is None and client is None:
            self._problem(lines[0], "treatment_id", "neither treatment_id nor client is given", "one of them")
        elif treatment in self.treatments:
            client = client or self.treatments[treatment].client
        self.side_effects[source_id] = SideEffectRecord(
            source_id=source_id,
            client=client,
            treatment=treatment,
            area=told("area"),
            side=told("side"),
            term=term,
            as_given=remove_contact_details(words) if words else None,
            onset_first=onset[0] if onset else None,
            onset_last=onset[1] if onset else None,
            came_to_light=told("came_to_light"),
            serious=tuple(sorted(set(told("serious") or ()))),
            statuses=self._statuses(lines),
            remedies=self._remedies(remedy_lines),
            row_refs=tuple(line.row_ref for line in lines),
        )

    def _statuses(self, lines: Sequence[Any]) -> tuple[StatusRecord, ...]:
        statuses: dict[tuple, StatusRecord] = {}
        for line in lines:
            if not any((line.status_date, line.state, line.last_day, line.grade)):
                continue
            if line.status_date is None or line.state is None:
                name = "state" if line.status_date else "status_date"
                self._problem(line, name, "the note is not whole", "status_date and state in every note")
                continue
            grade, scale = self._grade(line)
            note = StatusRecord(
                source_id=line.status_id or "",
                date=line.status_date,
                state=line.state,
                last_day=line.last_day,
                grade=grade,
                grade_scale=scale,
                row_ref=line.row_ref,
            )
            if statuses.setdefault((note.date, note.source_id), note) != note:
                self._problem(line, "status_date", "is the day of another note", "one note a day, or a status_id each")
        return tuple(sorted(statuses.values(), key=StatusRecord.sort_key))

    def _grade(self, line: Any) -> tuple[int | None, str | None]:
        if line.grade in GRADE_WORDS:
            if line.grade_scale not in (None, GRADE_WORDS_SCALE):
                self._problem(line, "grade", f"is no grade of {line.grade_scale}", "a number for this scale")
            return GRADE_WORDS.index(line.grade) + 1, GRADE_WORDS_SCALE
        self._require(line, "grade", "grade_scale")
        return (int(line.grade), line.grade_scale) if line.grade else (None, None)

    def _remedies(self, lines: Sequence[Any]) -> tuple[RemedyRecord, ...]:
        remedies: dict[tuple, RemedyRecord] = {}
        for line in lines:
            remedy = RemedyRecord(
                remedy=line.remedy, kind=line.kind or "advised", from_date=line.from_date, row_ref=line.row_ref
            )
            if remedies.setdefault((remedy.remedy, remedy.kind), remedy) != remedy:
                self._problem(line, "from_date", "differs from another line", "one line per remedy and kind")
        return tuple(sorted(remedies.values(), key=RemedyRecord.sort_key))

    # What lines refer to

    def _client(self, line: Any, needed: bool = True) -> str | None:
        if line.client_key:
            if not is_pseudonym(line.client_key):
                self._problem(line, "client_key", "is not a pseudonym", "a key as exports have it, or a client")
            return line.client_key
        if line.client:
            if line.client not in self._keys:
                self._keys[line.client] = self.pseudonym(self.source, line.client)
            return self._keys[line.client]
        if needed:
            self._problem(line, "client", "the cell is empty", "the client's number")
        return None

    def _treatment(self, line: Any, needed: bool = True) -> str | None:
        if line.treatment_id:
            return line.treatment_id
        day = getattr(line, "treated_on", None)
        key = self._client(line, needed=False)
        if key and day:
            return self._find_visit_of_day(line, key, day)
        if needed:
            self._problem(line, "treatment_id", "the treatment is not named", "treatment_id, or client and treated_on")
        return None

    def _find_visit_of_day(self, line: Any, key: str, day: date) -> str | None:
        """The client's visit of that day, in these files or on record; with two of them the line must name one."""
        if self._visits is None:
            self._visits = defaultdict(set, {visit: set(ids) for visit, ids in self.load_stored_visits().items()})
            for source_id, visit in self.treatments.items():
                self._visits[visit.client, visit.date].add(source_id)
        found = sorted(self._visits.get((key, day), ()))
        if len(found) > 1:
            message = f"the client has {len(found)} treatments of that day"
            self._problem(line, "treated_on", message, f"treatment_id: {' or '.join(found)}")
            return None
        return found[0] if found else make_treatment_id(key, day)

    # What is said when they do not fit

    def _require_agreement(self, source_id: str, lines: Sequence[Any], name: str) -> Any:
        """What the lines that say anything say."""
        told = [line for line in lines if getattr(line, name) is not None]
        for line in told[1:]:
            if getattr(line, name) != getattr(told[0], name):
                self._report_difference(line, name, told[0].row_ref, f"the same in every line of {source_id}")
        return getattr(told[0], name) if told else None

    def _require(self, line: Any, given: str, needed: str) -> None:
        if getattr(line, given) is not None and getattr(line, needed) is None:
            self._problem(line, needed, f"a {given} without its {needed}", f"the {needed} of the {given}")

    def _report_difference(self, line: Any, name: str, other: RowRef, expected: str) -> None:
        self._problem(line, name, f"differs from {_row_label(other)}", expected)

    def _problem(self, line: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(line.row_ref.problem(name, message, expected))


def _stated_values(line: Any) -> tuple:
    return tuple(line)[:-1]


def _row_label(place: RowRef) -> str:
    return f"{place.file}, row {place.row}"
