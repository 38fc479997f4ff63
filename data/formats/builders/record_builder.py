"""From template rows to records: rows with one id become one treatment or side effect, and must not contradict it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from data.privacy.identifier_removal import remove_contact_details
from data.privacy.pseudonym_key import Pseudonymizer, is_pseudonym
from data.problems import EMPTY, INCOMPLETE_NOTE, NO_TERM, Problem
from data.records import neutral_records
from data.schema.provenance import RowRef
from data.schema.template import GRADE_WORDS, GRADE_WORDS_SCALE, TREATMENT_COLUMNS, grade_of_word, make_treatment_id

TreatmentsByDay = Mapping[tuple[str, date], set[str]]  # client and day -> ids of treatments


@dataclass
class RecordBuilder:
    """Takes the rows of one source sheet by sheet, treatments first. `problems` collects contradictions."""

    source: str
    pseudonym: Pseudonymizer
    problems: list[Problem]
    unreadable_ids: frozenset[str]  # of side effects with unreadable rows

    treatments: dict[str, neutral_records.TreatmentRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], neutral_records.LotRecord] = field(default_factory=dict)
    clients: dict[str, neutral_records.ClientRecord] = field(default_factory=dict)
    follow_ups: dict[str, neutral_records.FollowUpRecord] = field(default_factory=dict)
    side_effects: dict[str, neutral_records.SideEffectRecord] = field(default_factory=dict)

    load_stored_visits: Callable[[], TreatmentsByDay] = dict  # called only if a row may refer to one

    _visits: TreatmentsByDay | None = None  # in these files and on record, once a row needs them
    _keys: dict[str, str] = field(default_factory=dict)
    _cleaned: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def add_treatments(self, rows: Iterable[Any]) -> None:
        visits: dict[str, list[Any]] = defaultdict(list)
        clients: dict[tuple, Any] = {}  # what is said of a client or lot, and the first row that says it
        lots: dict[tuple, Any] = {}
        for row in rows:
            if key := self._keys.get(row.client) or self._client(row):
                visits[row.treatment_id or make_treatment_id(key, row.date)].append(row)
                clients.setdefault((key, row.year_of_birth, row.sex), row)
                if row.lot:
                    lots.setdefault((row.product, row.lot, row.expiry), row)
        for (key, year, sex), row in clients.items():
            client = neutral_records.ClientRecord(key=key, year_of_birth=year, sex=sex, row_ref=row.row_ref)
            earlier = self.clients.setdefault(key, client)
            for name in ("year_of_birth", "sex") if earlier is not client else ():
                before, value = getattr(earlier, name), getattr(client, name)
                if None not in (before, value) and value != before:
                    self._report_difference(row, name, earlier.row_ref, "the same in every row of a client")
                elif before is None:
                    self.clients[key] = replace(self.clients[key], **{name: value})
        for (product, number, span), row in lots.items():
            expiry, known = span and span[1], self.lots.get((product, number))
            if known is None or (known.expiry is None and expiry):
                lot = neutral_records.LotRecord(product=product, number=number, expiry=expiry, row_ref=row.row_ref)
                self.lots[product, number] = lot
            elif expiry and expiry != known.expiry:
                self._report_difference(row, "expiry", known.row_ref, "one expiry for each lot")
        for source_id, visit in visits.items():
            self._add_treatment(source_id, visit)

    def add_follow_ups(self, rows: Iterable[Any]) -> None:
        for row in rows:
            treatment = self._treatment(row)
            if treatment is None:
                continue
            if row.score is not None and row.scale is None:
                self._problem(row, "scale", "a score without its scale", "the scale of the score")
            parts = (treatment, row.date.isoformat(), row.method, row.scale)
            source_id = row.follow_up_id or " ".join(filter(None, parts))
            contact = neutral_records.FollowUpRecord(
                source_id=source_id, treatment=treatment, date=row.date, method=row.method, outcome=row.outcome,
                asked=row.asked, score=row.score, scale=row.scale, not_asked=tuple(sorted(set(row.not_asked or ()))),
                row_refs=(row.row_ref,),
            )  # fmt: skip
            earlier = self.follow_ups.setdefault(source_id, contact)
            if earlier != contact:
                message = f"is the day of a contact that {_place(earlier.row_refs[0])} describes differently"
                self._problem(row, "date", message, "one row per contact, or a follow_up_id for each")

    def add_side_effects(self, rows: Iterable[Any], remedy_rows: Iterable[Any]) -> None:
        effects: dict[str, list[Any]] = defaultdict(list)
        remedies: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            effects[row.effect_id].append(row)
        for row in remedy_rows:
            remedies[row.effect_id].append(row)
        for source_id, notes in effects.items():
            if source_id not in self.unreadable_ids:
                self._add_side_effect(source_id, notes, remedies.get(source_id, []))
        for source_id in remedies.keys() - effects.keys() - self.unreadable_ids:
            for row in remedies[source_id]:
                self._problem(row, "effect_id", "is not the id of a side effect", "an effect_id in these files")

    # One record each

    def _add_treatment(self, source_id: str, visit: Sequence[Any]) -> None:
        first = visit[0]
        client = self._keys.get(first.client) or self._client(first)
        practitioner, touch_up_of = first.practitioner, first.touch_up_of
        if first.row_ref.table_ref is not visit[-1].row_ref.table_ref:  # rows come file by file
            visit = self._rows_of_first_file(visit)
        if len(visit) > 1 and len({row[TREATMENT_COLUMNS] for row in visit}) > 1:
            self._common_value(source_id, visit, "date")
            self._common_value(source_id, visit, "site")
            practitioner = self._common_value(source_id, visit, "practitioner")
            touch_up_of = self._common_value(source_id, visit, "touch_up_of")
            if len({self._client(row) for row in visit}) > 1:
                self._problem(first, "client", f"{source_id} belongs to two clients", "one client per visit")
        injections = [
            neutral_records.InjectionRecord(area=row.area, side=row.side, product=row.product, lot=row.lot,
                                            units=row.units, points=row.points, row_ref=row.row_ref)
            for row in visit
        ]  # fmt: skip
        self.treatments[source_id] = neutral_records.TreatmentRecord(
            source_id=source_id, client=client, site=self._without_contacts(first, "site", first.site),
            practitioner=self._without_contacts(first, "practitioner", practitioner), date=first.date,
            touch_up_of=touch_up_of, injections=tuple(injections), row_ref=first.row_ref,
        )  # fmt: skip

    def _rows_of_first_file(self, visit: Sequence[Any]) -> Sequence[Any]:
        """The rows of the first file that has the visit. The other files must agree with it."""
        files: dict[int, list[Any]] = {}
        for row in visit:
            files.setdefault(id(row.row_ref.table_ref.table), []).append(row)
        first, *others = files.values()
        for other in others:
            if Counter(row[:-1] for row in first) != Counter(row[:-1] for row in other):
                expected = "the same rows for a visit in every file that has it"
                self._report_difference(other[0], "treatment_id", first[0].row_ref, expected)
        return first

    def _add_side_effect(self, source_id: str, rows: Sequence[Any], remedy_rows: Sequence[Any]) -> None:
        common = partial(self._common_value, source_id, rows)
        term, onset, words = common("side_effect"), common("onset"), common("words")
        if term is None:
            expected = "a code of side_effects.csv in one row of each effect_id"
            self._problem(rows[0], "side_effect", "no row says what it was", expected, NO_TERM)
            return
        treatments = {self._treatment(row) if row.treated_on else row.treatment_id for row in rows} - {None}
        clients = {self._client(row, is_required=False) for row in rows} - {None}
        if max(len(treatments), len(clients)) > 1:
            self._problem(rows[0], "effect_id", "belongs to two treatments or clients", "one of each")
        treatment, client = min(treatments, default=None), min(clients, default=None)
        if treatment is None and client is None:
            self._problem(rows[0], "treatment_id", "neither treatment_id nor client is given", "one of them")
        elif treatment in self.treatments:
            client = client or self.treatments[treatment].client
        onset_first, onset_last = onset or (None, None)
        self.side_effects[source_id] = neutral_records.SideEffectRecord(
            source_id=source_id, client=client, treatment=treatment, term=term,
            area=common("area"), side=common("side"),
            as_given=remove_contact_details(words) if words else None, onset_first=onset_first, onset_last=onset_last,
            came_to_light=common("came_to_light"), serious=tuple(sorted(set(common("serious") or ()))),
            statuses=self._statuses(rows), remedies=self._remedies(remedy_rows),
            row_refs=tuple(row.row_ref for row in rows),
        )  # fmt: skip

    def _statuses(self, rows: Sequence[Any]) -> tuple[neutral_records.StatusRecord, ...]:
        statuses: dict[tuple, neutral_records.StatusRecord] = {}
        for row in rows:
            if not any((row.status_date, row.state, row.last_day, row.grade)):
                continue
            if not row.status_date and not row.state and (row.last_day or _is_one_day(row.onset)):
                for note in self._dated_notes(row):
                    statuses.setdefault((note.date, note.source_id), note)
                continue
            if row.status_date is None or row.state is None:
                name = "state" if row.status_date else "status_date"
                expected = "status_date and state in every note"
                self._problem(row, name, "the note is incomplete", expected, INCOMPLETE_NOTE)
                continue
            grade, scale = self._grade(row)
            note = neutral_records.StatusRecord(
                source_id=row.status_id or "", date=row.status_date, state=row.state, last_day=row.last_day,
                grade=grade, grade_scale=scale, row_ref=row.row_ref,
            )  # fmt: skip
            if statuses.setdefault((note.date, note.source_id), note) != note:
                expected = "one note a day, or a status_id for each"
                self._problem(row, "status_date", "is the day of another note", expected)
        return tuple(sorted(statuses.values(), key=neutral_records.StatusRecord.sort_key))

    def _dated_notes(self, row: Any) -> Iterator[neutral_records.StatusRecord]:
        """The notes of a row without the day of a note: it was present on the day it began, and resolved on the day it
        resolved."""
        grade, scale = self._grade(row)
        first = row.onset[0] if _is_one_day(row.onset) else None
        if first and (grade or not row.last_day) and (not row.last_day or first < row.last_day):
            yield neutral_records.StatusRecord(
                source_id="", date=first, state="present", last_day=None, grade=grade, grade_scale=scale,
                row_ref=row.row_ref,
            )  # fmt: skip
            grade = scale = None
        if row.last_day:
            yield neutral_records.StatusRecord(
                source_id="", date=row.last_day, state="gone", last_day=row.last_day, grade=grade, grade_scale=scale,
                row_ref=row.row_ref,
            )  # fmt: skip

    def _grade(self, row: Any) -> tuple[int | None, str | None]:
        if row.grade in GRADE_WORDS:
            if row.grade_scale not in (None, GRADE_WORDS_SCALE):
                self._problem(row, "grade", f"is not a grade of {row.grade_scale}", "a number for this scale")
            return grade_of_word(row.grade)
        if row.grade is None:
            return None, None
        if row.grade_scale is None:
            self._problem(row, "grade_scale", "a grade without its grade_scale", "the grade_scale of the grade")
        return int(row.grade), row.grade_scale

    def _remedies(self, rows: Sequence[Any]) -> tuple[neutral_records.RemedyRecord, ...]:
        remedies: dict[tuple, neutral_records.RemedyRecord] = {}
        for row in rows:
            kind = row.kind or "advised"
            remedy = neutral_records.RemedyRecord(
                remedy=row.remedy, kind=kind, from_date=row.from_date, row_ref=row.row_ref
            )
            if remedies.setdefault((remedy.remedy, kind), remedy) != remedy:
                self._problem(row, "from_date", "differs from another row", "one row per remedy and kind")
        return tuple(sorted(remedies.values(), key=neutral_records.RemedyRecord.sort_key))

    def _without_contacts(self, row: Any, name: str, text: str | None) -> str | None:
        """The name of a site or practitioner without phone numbers and addresses, which people write next to it."""
        if text is None:
            return None
        if text not in self._cleaned:
            self._cleaned[text] = remove_contact_details(text)
            if self._cleaned[text] != text:
                self.notices.append(f"{row.row_ref.file}, {row.row_ref.column(name)}: contact details were removed")
        return self._cleaned[text]

    # What rows refer to

    def _client(self, row: Any, is_required: bool = True) -> str | None:
        if row.client_key:
            if not is_pseudonym(row.client_key):
                self._problem(row, "client_key", "is not a pseudonym", "a key as exports have it, or a client")
            return row.client_key
        if row.client:
            if row.client not in self._keys:
                self._keys[row.client] = self.pseudonym(self.source, row.client)
            return self._keys[row.client]
        if is_required:
            self._problem(row, "client", "the cell is empty", "the client's number", EMPTY)
        return None

    def _treatment(self, row: Any) -> str | None:
        """The treatment that a row names, by its id or as the client's visit on a day, in these files or on record."""
        if row.treatment_id:
            return row.treatment_id
        key, day = self._client(row, is_required=False), row.treated_on
        if not key or not day:
            self._problem(row, "treatment_id", "the treatment is not named", "treatment_id, or client and treated_on")
            return None
        if self._visits is None:
            self._visits = defaultdict(set, {visit: set(ids) for visit, ids in self.load_stored_visits().items()})
            for source_id, visit in self.treatments.items():
                self._visits[visit.client, visit.date].add(source_id)
        ids = sorted(self._visits.get((key, day), ()))
        if len(ids) > 1:
            message = f"the client has {len(ids)} treatments on that day"
            self._problem(row, "treated_on", message, f"treatment_id: {' or '.join(ids)}")
            return None
        return ids[0] if ids else make_treatment_id(key, day)

    # Contradictions

    def _common_value(self, source_id: str, rows: Sequence[Any], name: str) -> Any:
        """The value of a field that must be the same in all rows that have one."""
        filled = [row for row in rows if getattr(row, name) is not None]
        for row in filled[1:]:
            if getattr(row, name) != getattr(filled[0], name):
                self._report_difference(row, name, filled[0].row_ref, f"the same in every row of {source_id}")
        return getattr(filled[0], name) if filled else None

    def _report_difference(self, row: Any, name: str, other: RowRef, expected: str) -> None:
        self._problem(row, name, f"differs from {_place(other)}", expected)

    def _problem(self, row: Any, name: str, message: str, expected: str, code: str | None = None) -> None:
        self.problems.append(row.row_ref.problem(name, message, expected, code))


def _is_one_day(span: tuple[date, date] | None) -> bool:
    return span is not None and span[0] == span[1]


def _place(row_ref: RowRef) -> str:
    return f"{row_ref.file}, row {row_ref.row}"
