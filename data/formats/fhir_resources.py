"""What is read from each FHIR resource: our fields, the paths where they may be, and what their cells hold.

Source: HL7 FHIR R4 (4.0.1): Patient, Practitioner, Location, Organization, Medication, Procedure,
MedicationAdministration, AdverseEvent; value sets adverse-event-severity, -outcome and -seriousness.
"""

from dataclasses import replace
from os.path import commonprefix

from data.files import Table
from data.problems import Problem
from data.schema.column_types import Choice, ColumnType, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import Number
from data.schema.provenance import TableRef
from data.schema.sheet_reader import ParsedRows, Sheet, read_rows
from data.schema.template import FREE_TEXT, GRADE_WORDS, Column, SheetSchema

# Our field, its paths (the first filled one counts), what its cells hold, and whether it is required.
Elements = tuple[tuple[str, tuple[str, ...], ColumnType, bool], ...]


def _concept_paths(path: str) -> tuple[str, ...]:
    """The paths of a CodeableConcept's name, the plainest first."""
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
        ("grade", ("severity.coding[0].code", "severity.text"), Choice(GRADE_WORDS), False),
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
    """The resources of one type, with a field for each element; what is wrong goes into `problems`."""
    names, cells, columns, combined = {}, {}, [], {}
    for name, paths, kind, required in RESOURCES[table.sheet]:
        present = [path for path in paths if path in table.columns]
        names[name] = present[0] if present else paths[0]
        columns.append(Column(name, kind, paths[0], required))
        if len(present) > 1:
            names[name] = commonprefix(present).rstrip(".")  # the element, whichever of its paths has the value
            by_row = zip(*map(table.column, present), strict=True)
            combined[names[name]] = [next(filter(None, texts), "") for texts in by_row]
        if present:
            cells[name] = combined.get(names[name]) or table.column(names[name])
    problems += TableRef(table, {path: path for path in table.columns}).problems()
    if combined:  # as columns of the table, so that a problem can show their values
        rows = zip(table.rows, zip(*combined.values(), strict=True), strict=True)
        rows = tuple((*row, *more) for row, more in rows)
        table = replace(table, columns=(*table.columns, *combined), rows=rows)
    schema = SheetSchema(table.sheet, table.sheet, "", tuple(columns))
    return read_rows(Sheet(schema, TableRef(table, names), cells, range(len(table.rows))), problems)
