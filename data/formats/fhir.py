"""A FHIR R4 Bundle: what was given (MedicationAdministration, Procedure), to whom, and what happened (AdverseEvent).

Words are kept as given. Medications that are no botulinum toxin are left out and named.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data.files import Table
from data.formats.fhir_resources import ACTUAL, CARRIED_OUT, FATAL, RESOURCES, SERIOUS, STATES, read_resources
from data.formats.registry import ReadContext, ReadResult
from data.formats.sdtm_domains import REASON_NOT_GIVEN
from data.mapping.service_names import suggest_services_for
from data.privacy.identifier_removal import remove_contact_details
from data.problems import Problem
from data.records.neutral_records import (
    ClientRecord,
    ImportData,
    InjectionRecord,
    LotRecord,
    ProductRecord,
    SideEffectRecord,
    StatusRecord,
    TermRecord,
    TreatmentRecord,
)
from data.schema.sheet_reader import repeated_rows
from data.schema.template import DEFAULT_ATTRIBUTION_DAYS, GRADE_WORDS, GRADE_WORDS_SCALE, make_treatment_id

EXPECTED = "a FHIR R4 Bundle (JSON) with MedicationAdministration and Patient, and AdverseEvent"

SOURCE = "fhir"
PLACEBO = "placebo"  # of models/codelists/products.csv


def recognizes(tables: Sequence[Table]) -> float:
    """Certain where a table holds resources."""
    return 1.0 if any(_holds_resources(table) for table in tables) else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ReadResult:
    """The records of all resources together."""
    problems: list[Problem] = []
    notices: list[str] = []
    lines: dict[str, list[Any]] = {name: [] for name in RESOURCES}
    unreadable: set[str] = set()
    for table in tables:
        notices += [f"{table.file}: {notice}" for notice in table.notices]
        if _holds_resources(table):
            problems += repeated_rows(table)
            found = read_resources(table, problems)
            lines[table.sheet] += found.rows
            notices += found.notices
            if table.sheet == "MedicationAdministration":
                unreadable |= found.unreadable_ids
        else:
            notices.append(f"{table.file}: {table.sheet or 'the table'} holds no FHIR resources and was not read")
    records = _BundleReader(context, problems, notices)
    records.index(lines)
    records.treatments(lines["MedicationAdministration"], lines["Procedure"])
    records.effects(lines["AdverseEvent"])
    rows = sum(len(table.rows) for table in tables if _holds_resources(table))
    return ReadResult(records.incoming(rows, lines["Patient"], bool(unreadable)), tuple(problems))


def _holds_resources(table: Table) -> bool:
    return table.sheet in RESOURCES and table.columns[:1] == ("resourceType",)


@dataclass
class _BundleReader:
    """Takes resources type by type. Patients are known by their id until they leave as pseudonyms."""

    request: ReadContext
    problems: list[Problem]
    notices: list[str]

    resources: dict[str, tuple[str, Any]] = field(default_factory=dict)  # reference -> type, line
    treatments_by_id: dict[str, TreatmentRecord] = field(default_factory=dict)
    treatment_of: dict[int, str] = field(default_factory=dict)  # id() of a line -> treatment
    clients: dict[str, ClientRecord] = field(default_factory=dict)
    products: dict[str, ProductRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], LotRecord] = field(default_factory=dict)
    terms: dict[str, TermRecord] = field(default_factory=dict)
    side_effects: list[SideEffectRecord] = field(default_factory=list)

    @property
    def source(self) -> str:
        return self.request.source or SOURCE

    def index(self, lines: dict[str, list[Any]]) -> None:
        """By what a reference may say: the full address, or type and id."""
        for name, resources in lines.items():
            for line in resources:
                for reference in filter(None, (line.url, line.id and f"{name}/{line.id}")):
                    if self.resources.setdefault(reference, (name, line))[1] is not line:
                        problem = line.row_ref.problem("id", "stands in the bundle before", "each resource once")
                        self.problems.append(replace(problem, value=None if name == "Patient" else problem.value))

    def treatments(self, administrations: Iterable[Any], procedures: Sequence[Any]) -> None:
        not_done: Counter[str] = Counter()
        no_toxin: Counter[str] = Counter()
        given: dict[str, list[tuple[Any, Any, str, Any]]] = {}
        for line in administrations:
            medication = self._resolved(line.medication, "Medication")
            name = line.product or (medication.name if medication else None)
            if line.status != CARRIED_OUT:
                not_done[line.status] += 1
            elif name is None:
                self._problem(line, "product", "the medication is not named", "a medication in words or by reference")
            elif not suggest_services_for({name: 1})[0].toxin:
                no_toxin[name] += 1
            else:
                procedure = self._resolved(line.procedure, "Procedure")
                key = self._client(line)
                source_id = next(
                    (
                        _reference_id(reference)
                        for reference in (procedure and line.procedure, line.encounter)
                        if reference
                    ),
                    make_treatment_id(key, line.date),
                )
                given.setdefault(source_id, []).append((line, procedure, name, medication))
        for source_id, parts in given.items():
            self._add_visit(source_id, parts)
        self._tell("left out, not carried out", not_done)
        self._tell("left out, no botulinum toxin", no_toxin)
        used = {id(procedure) for parts in given.values() for _, procedure, _, _ in parts}
        if idle := sum(id(procedure) not in used for procedure in procedures):
            self.notices.append(f"procedures without a toxin given in them, left out: {idle:,}")

    def effects(self, lines: Iterable[Any]) -> None:
        not_actual: Counter[str] = Counter()
        for line in lines:
            if line.actuality != ACTUAL:
                not_actual[line.actuality] += 1
                continue
            key = self._client(line)
            suspect = self._resolved(line.suspect, "MedicationAdministration", "Procedure")
            outcome = (line.outcome or "").casefold().replace("-", "").replace(" ", "")
            if outcome and outcome != FATAL and outcome not in STATES:
                self._problem(line, "outcome", "is no outcome of an adverse event", f"{', '.join(STATES)} or {FATAL}")
            term = remove_contact_details(line.term)
            self.terms.setdefault(term, TermRecord(code=term, label=term, dictionary=self.source))
            serious = {"death"} if outcome == FATAL else set()
            if not serious and (line.serious or "").casefold() == SERIOUS:
                serious = {REASON_NOT_GIVEN}
            self.side_effects.append(
                SideEffectRecord(
                    source_id=line.id or f"{key} {term} {line.onset[0] if line.onset else ''}".strip(),
                    client=key,
                    treatment=self.treatment_of.get(id(suspect)),
                    term=term,
                    as_given=remove_contact_details(line.as_given) if line.as_given else None,
                    onset_first=line.onset[0] if line.onset else None,
                    onset_last=line.onset[1] if line.onset else None,
                    serious=tuple(serious),
                    statuses=self._statuses(line, STATES.get(outcome, "unknown")),
                    row_refs=(line.row_ref,),
                )
            )
        self._tell("left out, not actual", not_actual)

    def incoming(self, rows: int, patients: Iterable[Any], unreadable: bool) -> ImportData:
        for line in patients:
            key = self._key(line.id or line.url or "")
            if key in self.clients:
                self.clients[key] = ClientRecord(
                    key=key, year_of_birth=line.born[0].year if line.born else None, sex=line.sex, row_ref=line.row_ref
                )
        return ImportData(
            source=self.source,
            format="fhir",
            attribution_days=DEFAULT_ATTRIBUTION_DAYS,
            rows_read=rows,
            clients=tuple(self.clients.values()),
            products=tuple(self.products.values()),
            lots=tuple(self.lots.values()),
            treatments=tuple(self.treatments_by_id.values()),
            side_effects=tuple(self.side_effects),
            terms=tuple(self.terms.values()),
            notices=tuple(self.notices),
            unreadable_ids=frozenset({""} if unreadable else ()),
        )

    # One record each

    def _add_visit(self, source_id: str, parts: list[tuple[Any, Any, str, Any]]) -> None:
        first, procedure, _, _ = parts[0]
        key = self._client(first)
        for line, _, _, _ in parts[1:]:
            for name, said in (("client", self._client(line) == key), ("date", line.date == first.date)):
                if not said:
                    expected = "one client and one day in a procedure or encounter"
                    self._problem(line, name, f"differs from entry {first.row_ref.row}", expected)
        performer = first.practitioner or (procedure.practitioner if procedure else None)
        staff = self._resolved(performer, "Practitioner")
        practitioner = (staff.number if staff else None) or (_reference_id(performer) if performer else None)
        injections = tuple(self._injection(*part) for part in parts)
        self.treatments_by_id[source_id] = TreatmentRecord(
            source_id=source_id,
            client=key,
            site=self._site(procedure),
            practitioner=practitioner,
            date=first.date,
            injections=injections,
            row_ref=first.row_ref,
        )
        for line, of, _, _ in parts:
            self.treatment_of[id(line)] = source_id
            if of:
                self.treatment_of[id(of)] = source_id

    def _injection(self, line: Any, procedure: Any, name: str, medication: Any) -> InjectionRecord:
        unit = line.unit if self.products.get(name) is None or self.products[name].unit == line.unit else None
        self.products[name] = ProductRecord(
            code=name,
            label=name,
            unit=unit,
            active=suggest_services_for({name: 1})[0].product != PLACEBO,
            dictionary=self.source,
        )
        area = line.area
        if area is None and procedure and not procedure.second_area:  # which dose went where, several do not say
            area = procedure.area
        lot = medication.lot if medication else None
        if lot:
            expiry = medication.expiry[1] if medication.expiry else None
            self.lots.setdefault(
                (name, lot), LotRecord(product=name, number=lot, expiry=expiry, row_ref=medication.row_ref)
            )
        return InjectionRecord(area=area, product=name, lot=lot, units=line.units, row_ref=line.row_ref)

    def _site(self, procedure: Any) -> str:
        """Where the procedure was; else the one place that the bundle names; else the source."""
        if procedure and procedure.location:
            place = self._resolved(procedure.location, "Location")
            return (place.name if place else None) or _reference_id(procedure.location)
        for kind in ("Location", "Organization"):
            names = {line.name for name, line in self.resources.values() if name == kind and line.name}
            if len(names) == 1:
                return names.pop()
        return self.source

    def _statuses(self, line: Any, state: str) -> tuple[StatusRecord, ...]:
        if line.seen is None:
            return ()
        grade = GRADE_WORDS.index(line.grade) + 1 if line.grade else None
        return (
            StatusRecord(
                source_id="",
                date=line.seen,
                state=state,
                grade=grade,
                grade_scale=GRADE_WORDS_SCALE if grade else None,
                row_ref=line.row_ref,
            ),
        )

    # What references say

    def _client(self, line: Any) -> str:
        patient = self._resolved(line.client, "Patient")
        key = self._key((patient.id or patient.url) if patient else _reference_id(line.client))
        self.clients.setdefault(key, ClientRecord(key=key, row_ref=line.row_ref))
        return key

    def _key(self, number: str) -> str:
        return self.request.pseudonym(self.source, number)

    def _resolved(self, reference: str | None, *kinds: str) -> Any:
        """The resource that a reference names, where it is in the bundle and of such a type."""
        if not reference:
            return None
        short = "/".join(reference.split("/_history/")[0].split("/")[-2:])
        name, line = self.resources.get(reference) or self.resources.get(short) or (None, None)
        return line if name in kinds else None

    def _tell(self, what: str, counted: Counter[str]) -> None:
        if counted:
            self.notices.append(f"{what}: {', '.join(f'{name} {n:,}' for name, n in sorted(counted.items()))}")

    def _problem(self, line: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(line.row_ref.problem(name, message, expected))


def _reference_id(reference: str) -> str:
    """The id in a reference: Procedure/p1, an address that ends so, or urn:uuid:..."""
    return reference.split("/_history/")[0].rpartition("/")[2].removeprefix("urn:uuid:")
