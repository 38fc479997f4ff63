"""From FHIR resources to treatments (MedicationAdministration, Procedure), clients and side effects (AdverseEvent).

The source's own terms are kept. Medications that are not a botulinum toxin are left out and listed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data.formats.registry import ReadContext
from data.formats.sdtm import REASON_NOT_GIVEN
from data.mapping.service_names import suggest_services_for
from data.privacy.identifier_removal import remove_contact_details
from data.problems import Problem
from data.records import neutral_records
from data.schema.template import grade_of_word, make_treatment_id
from models.records import ATTRIBUTION_DAYS

SOURCE = "fhir"
PLACEBO = "placebo"  # in models/codelists/products.csv
# Value sets adverse-event-outcome and adverse-event-seriousness of FHIR R4.
STATES = {
    "resolved": "gone", "resolvedwithsequelae": "gone", "recovering": "present", "ongoing": "present",
    "unknown": "unknown",
}  # fmt: skip
FATAL = "fatal"
SERIOUS = "serious"
CARRIED_OUT = "completed"
ACTUAL = "actual"


@dataclass
class BundleBuilder:
    """Takes resources type by type. A pseudonym replaces a patient's id in every record."""

    context: ReadContext
    problems: list[Problem]
    notices: list[str]

    resources: dict[str, tuple[str, Any]] = field(default_factory=dict)  # reference -> type, row
    treatments: dict[str, neutral_records.TreatmentRecord] = field(default_factory=dict)
    treatment_of: dict[int, str] = field(default_factory=dict)  # id() of a row -> treatment
    clients: dict[str, neutral_records.ClientRecord] = field(default_factory=dict)
    products: dict[str, neutral_records.ProductRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], neutral_records.LotRecord] = field(default_factory=dict)
    terms: dict[str, neutral_records.TermRecord] = field(default_factory=dict)
    side_effects: list[neutral_records.SideEffectRecord] = field(default_factory=list)

    @property
    def source(self) -> str:
        return self.context.source or SOURCE

    def index(self, rows_by_type: dict[str, list[Any]]) -> None:
        """Indexes the resources by everything a reference may say: the full address, or type and id."""
        for name, rows in rows_by_type.items():
            for row in rows:
                for reference in filter(None, (row.url, row.id and f"{name}/{row.id}")):
                    if self.resources.setdefault(reference, (name, row))[1] is not row:
                        problem = row.row_ref.problem("id", "is in the bundle twice", "each resource once")
                        self.problems.append(replace(problem, value=None if name == "Patient" else problem.value))

    def add_treatments(self, administrations: Iterable[Any], procedures: Sequence[Any]) -> None:
        not_done: Counter[str] = Counter()
        no_toxin: Counter[str] = Counter()
        by_treatment: dict[str, list[Any]] = {}
        procedures_by_encounter: dict[str | None, set[int]] = defaultdict(set)
        for row in administrations:
            procedures_by_encounter[self._encounter(row)].add(id(self._procedure(row)))
        shared = {encounter for encounter, parts in procedures_by_encounter.items() if encounter and len(parts) > 1}
        for row in administrations:
            name = self._product_name(row)
            if row.status != CARRIED_OUT:
                not_done[row.status] += 1
            elif name is None:
                self._problem(row, "product", "the medication is not named", "a medication in words or by reference")
            elif not suggest_services_for({name: 1})[0].toxin:
                no_toxin[name] += 1
            else:
                by_treatment.setdefault(self._treatment_id(row, shared), []).append(row)
        for source_id, rows in by_treatment.items():
            self._add_treatment(source_id, rows)
        self._add_counts("left out, not carried out", not_done)
        self._add_counts("left out, no botulinum toxin", no_toxin)
        used = {id(self._procedure(row)) for rows in by_treatment.values() for row in rows}
        if unused := sum(id(procedure) not in used for procedure in procedures):
            self.notices.append(f"left out, procedures without a toxin: {unused:,}")

    def _encounter(self, row: Any) -> str | None:
        procedure = self._procedure(row)
        return row.encounter or (procedure.encounter if procedure else None)

    def _treatment_id(self, row: Any, shared: Collection[str | None]) -> str:
        """The procedure; the encounter, if it has several procedures or none is named; else the client and the day."""
        encounter = self._encounter(row)
        reference = row.procedure if self._procedure(row) and encounter not in shared else encounter
        return _reference_id(reference) if reference else make_treatment_id(self._client_key(row), row.date)

    def _add_treatment(self, source_id: str, rows: Sequence[Any]) -> None:
        first, procedure = rows[0], self._procedure(rows[0])
        key = self._client_key(first)
        for row in rows:
            for name, same in (("client", self._client_key(row) == key), ("date", row.date == first.date)):
                if not same:
                    expected = "one client and one day in a procedure or encounter"
                    self._problem(row, name, f"differs from entry {first.row_ref.row}", expected)
            self.treatment_of[id(row)] = source_id
            if part := self._procedure(row):
                self.treatment_of[id(part)] = source_id
        performer = first.practitioner or (procedure.practitioner if procedure else None)
        staff = self._resolve(performer, "Practitioner")
        practitioner = (staff.number if staff else None) or (_reference_id(performer) if performer else None)
        self.treatments[source_id] = neutral_records.TreatmentRecord(
            source_id=source_id, client=key, site=self._site(procedure), practitioner=practitioner, date=first.date,
            injections=tuple(map(self._injection, rows)), row_ref=first.row_ref,
        )  # fmt: skip

    def _injection(self, row: Any) -> neutral_records.InjectionRecord:
        name, procedure = self._product_name(row), self._procedure(row)
        known = self.products.get(name)
        self.products[name] = neutral_records.ProductRecord(
            code=name, label=name, unit=row.unit if known is None or known.unit == row.unit else None,
            active=suggest_services_for({name: 1})[0].product != PLACEBO, dictionary=self.source,
        )  # fmt: skip
        area = row.area
        if area is None and procedure and not procedure.second_area:  # several do not say which dose is whose
            area = procedure.area
        medication = self._resolve(row.medication, "Medication")
        lot = medication.lot if medication else None
        if lot and (name, lot) not in self.lots:
            expiry = medication.expiry[1] if medication.expiry else None
            self.lots[name, lot] = neutral_records.LotRecord(
                product=name, number=lot, expiry=expiry, row_ref=medication.row_ref
            )
        return neutral_records.InjectionRecord(area=area, product=name, lot=lot, units=row.units, row_ref=row.row_ref)

    def _product_name(self, row: Any) -> str | None:
        medication = self._resolve(row.medication, "Medication")
        return row.product or (medication.name if medication else None)

    def _procedure(self, row: Any) -> Any:
        return self._resolve(row.procedure, "Procedure")

    def _site(self, procedure: Any) -> str:
        """The place of the procedure; else the only place in the bundle; else the source."""
        if procedure and procedure.location:
            location = self._resolve(procedure.location, "Location")
            return (location.name if location else None) or _reference_id(procedure.location)
        for kind in ("Location", "Organization"):
            names = {row.name for name, row in self.resources.values() if name == kind and row.name}
            if len(names) == 1:
                return names.pop()
        return self.source

    def add_side_effects(self, rows: Iterable[Any]) -> None:
        not_actual: Counter[str] = Counter()
        for row in rows:
            if row.actuality != ACTUAL:
                not_actual[row.actuality] += 1
                continue
            key = self._client_key(row)
            suspect = self._resolve(row.suspect, "MedicationAdministration", "Procedure")
            outcome = (row.outcome or "").casefold().replace("-", "").replace(" ", "")
            if outcome and outcome != FATAL and outcome not in STATES:
                message = "is not an outcome of an adverse event"
                self._problem(row, "outcome", message, f"{', '.join(STATES)} or {FATAL}")
            term = remove_contact_details(row.term)
            self.terms.setdefault(term, neutral_records.TermRecord(code=term, label=term, dictionary=self.source))
            serious = ("death",) if outcome == FATAL else ()
            if not serious and (row.serious or "").casefold() == SERIOUS:
                serious = (REASON_NOT_GIVEN,)
            onset_first, onset_last = row.onset or (None, None)
            grade, scale = grade_of_word(row.grade)
            status = neutral_records.StatusRecord(
                source_id="", date=row.seen, state=STATES.get(outcome, "unknown"), grade=grade, grade_scale=scale,
                row_ref=row.row_ref,
            )  # fmt: skip
            self.side_effects.append(neutral_records.SideEffectRecord(
                source_id=row.id or f"{key} {term} {onset_first or ''}".strip(), client=key,
                treatment=self.treatment_of.get(id(suspect)), term=term,
                as_given=remove_contact_details(row.as_given) if row.as_given else None, onset_first=onset_first,
                onset_last=onset_last, serious=serious,
                statuses=(*((status,) if row.seen else ()), *self._ended(row, outcome)),
                row_refs=(row.row_ref,),
            ))  # fmt: skip
        self._add_counts("left out, not actual", not_actual)

    def _ended(self, row: Any, outcome: str) -> Iterator[neutral_records.StatusRecord]:
        """The end of the condition that resulted, if it is one day and the event itself was not seen on that day."""
        condition = self._resolve(row.condition, "Condition")
        if condition and condition.ended and condition.ended[0] == condition.ended[1] != row.seen:
            if outcome and STATES.get(outcome, "gone") != "gone":
                self._problem(row, "outcome", "contradicts the end of the resulting condition", "one of the two")
            day = condition.ended[0]
            yield neutral_records.StatusRecord(
                source_id="", date=day, state="gone", last_day=day, grade=None, grade_scale=None,
                row_ref=condition.row_ref,
            )  # fmt: skip

    def to_import_data(self, row_count: int, patients: Iterable[Any], unreadable: bool) -> neutral_records.ImportData:
        for row in patients:
            key = self.context.pseudonym(self.source, row.id or row.url or "")
            if key in self.clients:
                year = row.born[0].year if row.born else None
                self.clients[key] = neutral_records.ClientRecord(
                    key=key, year_of_birth=year, sex=row.sex, row_ref=row.row_ref
                )
        return neutral_records.ImportData(
            source=self.source,
            format="fhir",
            attribution_days=ATTRIBUTION_DAYS,
            rows_read=row_count,
            clients=tuple(self.clients.values()),
            products=tuple(self.products.values()),
            lots=tuple(self.lots.values()),
            treatments=tuple(self.treatments.values()),
            side_effects=tuple(self.side_effects),
            terms=tuple(self.terms.values()),
            notices=tuple(self.notices),
            problems=tuple(self.problems),
            unreadable_ids=frozenset({""} if unreadable else ()),
        )

    def _client_key(self, row: Any) -> str:
        """The pseudonym of the patient that a row refers to."""
        patient = self._resolve(row.client, "Patient")
        number = (patient.id or patient.url) if patient else _reference_id(row.client)
        key = self.context.pseudonym(self.source, number)
        self.clients.setdefault(key, neutral_records.ClientRecord(key=key, row_ref=row.row_ref))
        return key

    def _resolve(self, reference: str | None, *kinds: str) -> Any:
        """The resource that a reference names, if it is in the bundle and of one of these types."""
        if not reference:
            return None
        short = "/".join(reference.split("/_history/")[0].split("/")[-2:])
        name, row = self.resources.get(reference) or self.resources.get(short) or (None, None)
        return row if name in kinds else None

    def _add_counts(self, label: str, counts: Counter[str]) -> None:
        if counts:
            self.notices.append(f"{label}: {', '.join(f'{name} {n:,}' for name, n in sorted(counts.items()))}")

    def _problem(self, row: Any, name: str, message: str, expected: str) -> None:
        self.problems.append(row.row_ref.problem(name, message, expected))


def _reference_id(reference: str) -> str:
    """The id in a reference such as Procedure/p1, an address ending in it, or urn:uuid:..."""
    return reference.split("/_history/")[0].rpartition("/")[2].removeprefix("urn:uuid:")
