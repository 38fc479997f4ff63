"""What is read of each FHIR resource: our field, the paths where it may stand, and what its cells are.

Source: HL7 FHIR R4 (4.0.1): Patient, Practitioner, Location, Organization, Medication, Procedure,
MedicationAdministration, AdverseEvent; value sets adverse-event-severity, -outcome and -seriousness.
"""

from dataclasses import replace
from os.path import commonprefix

from data.files import Table
from data.problems import Problem
from data.schema.column_types import Choice, ColumnType, Day, Number, PartialDate, Text
from data.schema.provenance import TableRef
from data.schema.sheet_reader import ParsedRows, Sheet, read_rows
from data.schema.template import FREE_TEXT, Column, SheetSchema

# Our field, its paths (the first that is filled counts), what the cells are, and whether it is needed.
Elements = tuple[tuple[str, tuple[str, ...], ColumnType, bool], ...]


def _concept_paths(path: str) -> tuple[str, ...]:
    """Where a CodeableConcept says what it is, the plainest first."""
    return (f"{path}.text", f"{path}.coding[0].display", f"{path}.coding[0].code")


def _reference_paths(path: str) -> tuple[str, ...]:
    return (f"{path}.reference", f"{path}.identifier.value")


ID = ("id", ("id",), Text(), False)
URL = ("url", ("fullUrl",), Text(), False)

RESOURCES: dict[str, Elements] = {
    "Patient": (
        ID, URL,
        ("born", ("birthDate",), PartialDate(), False),
        ("sex", ("gender",), Choice(("male", "female", "other")), False),
    ),
    "Practitioner": (ID, URL, ("number", ("identifier[0].value",), Text(), False)),
    "Location": (ID, URL, ("name", ("name",), Text(), False)),
    "Organization": (ID, URL, ("name", ("name",), Text(), False)),
    "Medication": (
        ID, URL,
        ("name", _concept_paths("code"), Text(), True),
        ("lot", ("batch.lotNumber",), Text(), False),
        ("expiry", ("batch.expirationDate",), PartialDate(), False),
    ),
    "Procedure": (
        ID, URL,
        ("status", ("status",), Text(), True),
        ("area", _concept_paths("bodySite[0]"), Text(), False),
        ("second_area", _concept_paths("bodySite[1]"), Text(), False),
        ("practitioner", _reference_paths("performer[0].actor"), Text(), False),
        ("location", _reference_paths("location"), Text(), False),
    ),
    "MedicationAdministration": (
        ID, URL,
        ("status", ("status",), Text(), True),
        ("client", _reference_paths("subject"), Text(), True),
        ("date", ("effectiveDateTime", "effectivePeriod.start"), Day(), True),
        ("product", _concept_paths("medicationCodeableConcept"), Text(), False),
        ("medication", _reference_paths("medicationReference"), Text(), False),
        ("units", ("dosage.dose.value",), Number(), False),
        ("unit", ("dosage.dose.unit", "dosage.dose.code"), Text(), False),
        ("area", _concept_paths("dosage.site"), Text(), False),
        ("practitioner", _reference_paths("performer[0].actor"), Text(), False),
        ("procedure", _reference_paths("partOf[0]"), Text(), False),
        ("encounter", _reference_paths("context"), Text(), False),
    ),
    "AdverseEvent": (
        ID, URL,
        ("actuality", ("actuality",), Text(), True),
        ("client", _reference_paths("subject"), Text(), True),
        ("term", ("event.coding[0].display", "event.text", "event.coding[0].code"), Text(), True),
        ("as_given", ("event.text",), FREE_TEXT, False),
        ("onset", ("date",), PartialDate(), False),
        ("seen", ("recordedDate", "detected"), Day(), False),
        ("serious", ("seriousness.coding[0].code", "seriousness.text"), Text(), False),
        ("grade", ("severity.coding[0].code", "severity.text"), Choice(("mild", "moderate", "severe")), False),
        ("outcome", ("outcome.coding[0].code", "outcome.text"), Text(), False),
        ("suspect", _reference_paths("suspectEntity[0].instance"), Text(), False),
    ),
}  # fmt: skip

# http://hl7.org/fhir/adverse-event-outcome
STATES = {
    "resolved": "gone", "resolvedwithsequelae": "gone", "recovering": "present", "ongoing": "present",
    "unknown": "unknown",
}  # fmt: skip
FATAL = "fatal"
SERIOUS = "serious"
CARRIED_OUT = "completed"
ACTUAL = "actual"


def read_resources(table: Table, problems: list[Problem]) -> ParsedRows:
    """The resources of one type, a field for each element; what is wrong goes into `problems`."""
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
    names, cells, described, beside = {}, {}, [], {}
    for name, paths, kind, needed in RESOURCES[table.sheet]:
        there = [path for path in paths if path in columns]
        names[name] = there[0] if there else paths[0]
        described.append(Column(name, kind, paths[0], needed))
        if len(there) > 1:
            names[name] = commonprefix(there).rstrip(".")  # the element, whichever way it is told
            texts = zip(*(columns[path] for path in there), strict=True)
            beside[names[name]] = [next((text for text in row if text), "") for row in texts]
        if there:
            cells[name] = beside.get(names[name]) or columns[names[name]]
    origin = TableRef(_add_columns(table, beside), names)
    problems += TableRef(table, {path: path for path in columns}).problems()
    kind = SheetSchema(table.sheet, table.sheet, "", tuple(described))
    return read_rows(Sheet(kind, origin, cells, range(len(table.rows))), problems)


def _add_columns(table: Table, beside: dict[str, list[str]]) -> Table:
    """The table with further columns, so that a problem can show what stands there."""
    rows = zip(table.rows, zip(*beside.values(), strict=True), strict=True) if beside else ()
    return replace(
        table, columns=(*table.columns, *beside), rows=tuple((*row, *more) for row, more in rows) or table.rows
    )
