"""A FHIR Bundle (JSON) to tables: one per type of resource, a column per path, a row per resource.

Only the elements listed here are read, so that names, addresses, phone numbers, photographs and narratives cannot leak.
A row's number is the position of its entry in the bundle, from 1.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from data.tabular.grid import CONTROL, CellGrid
from data.tabular.table import Fault, Table, UnreadableFileError

# HL7 FHIR R4 (4.0.1): the elements read of each resource. `display` of a reference is a person's name.
ELEMENTS = {
    "Patient": ("gender", "birthDate"),
    "Practitioner": ("identifier",),
    "Location": ("name",),
    "Organization": ("name",),
    "Medication": ("code", "batch"),
    "Procedure": ("status", "subject", "encounter", "performer", "location", "bodySite"),
    "MedicationAdministration": (
        "status", "partOf", "medicationCodeableConcept", "medicationReference", "subject", "context",
        "effectiveDateTime", "effectivePeriod", "performer", "dosage",
    ),
    "AdverseEvent": (
        "actuality", "event", "subject", "date", "detected", "recordedDate", "seriousness", "severity", "outcome",
        "suspectEntity", "resultingCondition",
    ),
    "Condition": ("abatementDateTime", "abatementPeriod"),
}  # fmt: skip
# Of Patient and Practitioner; a notice counts them.
IDENTIFYING_ELEMENTS = ("name", "telecom", "address", "photo", "contact")
SKIPPED_ELEMENTS = frozenset({"display", "extension", "div"})  # display only within a reference
MAX_DEPTH = 12  # levels within a resource; a CodeableConcept of a dosage has six


def bundle_tables(file: str, content: bytes) -> tuple[Table, ...]:
    """The tables of a Bundle. Raises UnreadableFileError, with a message for the person who sent it."""
    bundle = _parse(file, content)
    kind = bundle.get("resourceType")
    if kind != "Bundle":
        kind = CONTROL.sub("", str(kind)[:40])
        raise UnreadableFileError(f"{file}: this is a FHIR {kind}, not a Bundle. Export the records as one Bundle.")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise UnreadableFileError(f"{file}: the entries of the Bundle are not a list. Export it again.")
    by_type: dict[str, list[tuple[int, dict]]] = {}
    other: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for number, entry, resource in _resources(entries):
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(name, str) or not name.isalpha():
            raise UnreadableFileError(f"{file}: entry {number} has no resource with a resourceType. Export it again.")
        if name not in ELEMENTS:
            other[name] += 1
            continue
        if name in ("Patient", "Practitioner"):
            dropped.update(element for element in IDENTIFYING_ELEMENTS if element in resource)
        resource = {element: resource[element] for element in ("id", *ELEMENTS[name]) if element in resource}
        if isinstance(url := entry.get("fullUrl"), str):
            resource["fullUrl"] = url
        by_type.setdefault(name, []).append((number, resource))
    if not by_type:
        raise UnreadableFileError(f"{file}: the Bundle holds none of {', '.join(ELEMENTS)}. Export it with these.")
    notices = [f"Not read: {', '.join(f'{name} {n:,}' for name, n in sorted(other.items()))}."] if other else []
    if dropped:
        counts = ", ".join(f"{name} {n:,}" for name, n in sorted(dropped.items()))
        notices.append(f"Left out, because it identifies people: {counts}.")
    tables = [_table(file, name, resources) for name, resources in by_type.items()]
    return (replace(tables[0], notices=(*tables[0].notices, *notices)), *tables[1:])


def _resources(entries: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Each entry with its number and resource, and each resource contained in it, under an id of its own."""
    for number, entry in enumerate(entries, start=1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        contained = resource.get("contained") if isinstance(resource, dict) else None
        ids = {
            part["id"]: f"{number}-{part['id']}"
            for part in (contained if isinstance(contained, list) else ())
            if isinstance(part, dict) and isinstance(part.get("id"), str)
        }
        for part in contained if ids else ():
            if isinstance(part, dict) and part.get("id") in ids:
                yield number, {}, part | {"id": ids[part["id"]]}
        if ids:
            kinds = {
                part["id"]: part.get("resourceType") for part in contained if isinstance(part, dict) and "id" in part
            }
            resource = _with_references(resource, {f"#{own}": f"{kinds[own]}/{ids[own]}" for own in ids})
        yield number, entry, resource


def _with_references(value: Any, names: dict[str, str], depth: int = 0) -> Any:
    """The value with other references in place of these; deeper levels are refused when they are read."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return {
            key: names.get(part, part) if key == "reference" and isinstance(part, str)
            else _with_references(part, names, depth + 1)
            for key, part in value.items()
        }  # fmt: skip
    return [_with_references(part, names, depth + 1) for part in value] if isinstance(value, list) else value


def _parse(file: str, content: bytes) -> dict[str, Any]:
    """The Bundle; resources on a line each (NDJSON) make one."""

    def require_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if any(map(CONTROL.search, found)):
            raise UnreadableFileError(f"{file}: an element name contains control characters. Export it again.")
        if len(found) < len(pairs):
            twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
            raise UnreadableFileError(
                f"{file}: {twice[:40]!r} occurs twice in one object. Correct the file, or export it again."
            )
        return found

    def refuse_constant(text: str) -> None:
        raise UnreadableFileError(f"{file}: {text} is not a number in JSON. Correct it, or export the file again.")

    load = partial(
        json.loads, object_pairs_hook=require_unique, parse_constant=refuse_constant, parse_float=str, parse_int=str
    )
    try:
        text = content.decode("utf-8-sig")
        lines = text.split("\n")
        if len(lines) > 1 and all(
            line.strip().startswith('{"') and line.strip().endswith("}") for line in lines if line
        ):
            return {"resourceType": "Bundle", "entry": [{"resource": load(line)} for line in lines if line.strip()]}
        return load(text)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{file}: the file is not in UTF-8, as JSON must be. Export it again.") from error
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{file}: line {error.lineno} is not JSON ({error.msg}). Export the complete file again."
        ) from error
    except RecursionError as error:
        raise UnreadableFileError(f"{file}: the JSON is nested too deeply for records. Export it again.") from error


def _table(file: str, name: str, resources: list[tuple[int, dict]]) -> Table:
    flat = [(number, dict(_paths(file, number, "", resource, 0))) for number, resource in resources]
    paths = list(dict.fromkeys(path for _, cells in flat for path in cells))
    columns = ("resourceType", *paths)
    grid = CellGrid(file, name)
    for number, cells in flat:
        grid.add(number, [name, *(cells.get(path, "") for path in paths)])
    return Table(
        file=file,
        sheet=name,
        columns=columns,
        rows=tuple(tuple(cells) for _, cells in grid.lines),
        row_numbers=tuple(number for number, _ in grid.lines),
        notices=tuple(grid.notices),
        faults=tuple(Fault(row, columns[at], value, message) for row, at, value, message in grid.wrong),
    )


def _paths(file: str, number: int, path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Each value under its path, such as bodySite[0].coding[1].code, except SKIPPED_ELEMENTS."""
    if depth > MAX_DEPTH:
        raise UnreadableFileError(f"{file}: entry {number} is nested too deeply at {path[:60]}. Export it again.")
    if isinstance(value, dict):
        reference = "reference" in value or "identifier" in value
        for name, part in value.items():
            if name not in SKIPPED_ELEMENTS or (name == "display" and not reference):
                yield from _paths(file, number, f"{path}.{name}".lstrip("."), part, depth + 1)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _paths(file, number, f"{path}[{at}]", part, depth + 1)
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)
