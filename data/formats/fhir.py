"""A FHIR R4 Bundle: what is read from each resource, the paths where it may be, and what the cells there hold.

Source: HL7 FHIR R4 (4.0.1): Patient, Practitioner, Location, Organization, Medication, Procedure,
MedicationAdministration, AdverseEvent; value set adverse-event-severity.
"""

from collections.abc import Sequence
from dataclasses import replace
from os.path import commonprefix
from typing import Any

from data.files import Table
from data.formats.registry import ReadContext
from data.problems import Problem
from data.records.neutral_records import ImportData
from data.schema.column_types import Choice, ColumnType, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import Number
from data.schema.provenance import TableRef
from data.schema.sheet_reader import ParsedRows, Sheet, read_rows
from data.schema.template import FREE_TEXT, GRADE_WORDS, Column, SheetSchema

EXPECTED = "a FHIR R4 Bundle (JSON) with MedicationAdministration and Patient, and AdverseEvent"

# Our field, its paths (the first filled one counts), what its cells hold, and whether it is required.
Elements = tuple[tuple[str, tuple[str, ...], ColumnType, bool], ...]

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
        ("name", ("code.text", "code.coding[0].display", "code.coding[0].code"), Text(), True),
        ("lot", ("batch.lotNumber",), Text(), False),
        ("expiry", ("batch.expirationDate",), PartialDate(), False),
    ),
    "Procedure": (
        ID, URL,
        ("status", ("status",), Text(), True),
        ("encounter", ("encounter.reference", "encounter.identifier.value"), Text(), False),
        ("area", ("bodySite[0].text", "bodySite[0].coding[0].display", "bodySite[0].coding[0].code"), Text(), False),
        ("second_area",
         ("bodySite[1].text", "bodySite[1].coding[0].display", "bodySite[1].coding[0].code"),
         Text(), False),
        ("practitioner", ("performer[0].actor.reference", "performer[0].actor.identifier.value"), Text(), False),
        ("location", ("location.reference", "location.identifier.value"), Text(), False),
    ),
    "MedicationAdministration": (
        ID, URL,
        ("status", ("status",), Text(), True),
        ("client", ("subject.reference", "subject.identifier.value"), Text(), True),
        ("date", ("effectiveDateTime", "effectivePeriod.start"), Day(), True),
        ("product",
         ("medicationCodeableConcept.text", "medicationCodeableConcept.coding[0].display",
          "medicationCodeableConcept.coding[0].code"),
         Text(), False),
        ("medication", ("medicationReference.reference", "medicationReference.identifier.value"), Text(), False),
        ("units", ("dosage.dose.value",), Number(), False),
        ("unit", ("dosage.dose.unit", "dosage.dose.code"), Text(), False),
        ("area", ("dosage.site.text", "dosage.site.coding[0].display", "dosage.site.coding[0].code"), Text(), False),
        ("practitioner", ("performer[0].actor.reference", "performer[0].actor.identifier.value"), Text(), False),
        ("procedure", ("partOf[0].reference", "partOf[0].identifier.value"), Text(), False),
        ("encounter", ("context.reference", "context.identifier.value"), Text(), False),
    ),
    "AdverseEvent": (
        ID, URL,
        ("actuality", ("actuality",), Text(), True),
        ("client", ("subject.reference", "subject.identifier.value"), Text(), True),
        ("term", ("event.coding[0].display", "event.text", "event.coding[0].code"), Text(), True),
        ("as_given", ("event.text",), FREE_TEXT, False),
        ("onset", ("date",), PartialDate(), False),
        ("seen", ("recordedDate", "detected"), Day(), False),
        ("serious", ("seriousness.coding[0].code", "seriousness.text"), Text(), False),
        ("grade", ("severity.coding[0].code", "severity.text"), Choice(GRADE_WORDS), False),
        ("outcome", ("outcome.coding[0].code", "outcome.text"), Text(), False),
        ("condition", ("resultingCondition[0].reference", "resultingCondition[0].identifier.value"), Text(), False),
        ("suspect", ("suspectEntity[0].instance.reference", "suspectEntity[0].instance.identifier.value"),
         Text(), False),
    ),
    "Condition": (
        ID, URL,
        ("ended", ("abatementDateTime", "abatementPeriod.end", "abatementPeriod.start"), PartialDate(), False),
    ),
}  # fmt: skip


def recognizes(tables: Sequence[Table]) -> float:
    """Certain if a table holds resources."""
    is_fhir = any(table.sheet in RESOURCES and table.columns[:1] == ("resourceType",) for table in tables)
    return 1.0 if is_fhir else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ImportData:
    """The records of all resources together."""
    from data.formats.builders.fhir_bundle import BundleBuilder

    problems: list[Problem] = []
    notices: list[str] = []
    rows: dict[str, list[Any]] = {name: [] for name in RESOURCES}
    unreadable: frozenset[str] = frozenset()
    for table in tables:
        notices += [f"{table.file}: {notice}" for notice in table.notices]
        if not recognizes([table]):
            notices.append(f"{table.file}: {table.sheet or 'the table'} holds no FHIR resources and was not read")
            continue
        parsed = _read_resources(table, problems)
        rows[table.sheet] += parsed.rows
        notices += parsed.notices
        if table.sheet == "MedicationAdministration":
            unreadable |= parsed.unreadable_ids
    bundle = BundleBuilder(context, problems, notices)
    bundle.index(rows)
    bundle.add_treatments(rows["MedicationAdministration"], rows["Procedure"])
    bundle.add_side_effects(rows["AdverseEvent"])
    row_count = sum(len(table.rows) for table in tables if recognizes([table]))
    return bundle.to_import_data(row_count, rows["Patient"], bool(unreadable))


def _read_resources(table: Table, problems: list[Problem]) -> ParsedRows:
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
