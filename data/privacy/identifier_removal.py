"""Removes what identifies a client: names, phones, emails, addresses, dates of birth; by header and by cell.

Names inside free text have no pattern and remain; the notices say so.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from data.files import Table, is_missing
from data.tabular.grid import format_rows

REMOVED_MARK = "[removed]"

# A column with at least this share of matching values is dropped; below it, only the matching text is removed.
MIN_SHARE = 0.3
MAX_SAMPLED_CELLS = 2_000  # distinct values of a column, spread evenly
MIN_NAMES = 3  # different cells with a given name in them: one "Rose" may be a color

GIVEN_NAMES = Path(__file__).parents[1] / "reference" / "given_names.txt"

# Phrases that a header consists of.
NUMBER = "(?: (?:number|num|no|id))?"
HEADERS = {
    "date of birth": r"d ?o ?b|date of birth|birth ?(?:date|day)|born(?: on)?",
    "e-mail": r"e ?mails?(?: address| id)?",
    "phone": rf"(?:(?:tele)?phones?|mobiles?|cell(?: ?phone)?|tel|fax|contact|whatsapp){NUMBER}",
    "address": r"(?:postal |street |mailing |billing |shipping )?address(?: ?(?:line )?\d)?|street(?: name)?|house no"
    r"|city|post ?(?:al )?code|zip(?: ?code)?|town|suburb",
    "identity number": rf"(?:ssn|social security|nhs|national (?:id|insurance)|passport|(?:drivers? )?licen[cs]e"
    rf"|medicare|insurance){NUMBER}",
    "name": r"(?:first|last|middle|given|family|maiden|full|sur|fore|nick|preferred|legal|mothers) ?names?|initials"
    r"|(?:guest|patient|client|customer|contact)(?: full| first| last)? ?names?|next of kin|emergency contact|guardian",
}
# Headers that may or may not name people: the cells decide.
POSSIBLE_NAME_HEADERS = r"names?|guests?|patients?|clients?|customers?|members?|persons?|contacts?|bill to|subjects?"
POSSIBLE_ADDRESS_HEADERS = (
    r"state|county|region|country|province"  # if the table also has a street, town or postal code
)
STATES_OF_AN_EFFECT = frozenset({"present", "gone", "open", "closed", "resolved", "ongoing"})
# Staff are not clients, and an import needs them.
STAFF = (
    r"(?:practitioner|provider|injector|doctor|nurse|employee|staff|clinician|operator|user|therapist)s?(?: names?)?"
    r"|sold by|created by|treated by"
)
# Under these headers capitals are not a person and digits are not a phone.
THING_HEADERS = re.compile(
    r"service|product|brand|treatment|drug|area|site|cent(?:er|re)|clinic|location|business|category|term|effect|reaction"
    r"|status|unit|type|item|package|note|comment|description"
)
CODE = re.compile(r"\b(?:lot|batch|code|id|key|invoice|sku|barcode)\b")

E_MAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
PHONE = re.compile(
    r"(?<![\w.,/-])(?:"
    r"\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}"  # +44 7700 900123
    r"|\(0?\d{2,4}\) ?\d{3,4}[ .-]?\d{3,4}"  # (555) 123-4567
    r"|\d{3}([ .-])\d{3}\1\d{4}"  # 555-123-4567
    r"|0\d{2,4}[ ./-]\d{3,4}[ .-]?\d{3,4}"  # 020 7946 0958
    r"|07\d{9}"  # British mobile, no spaces
    r")(?![\w.,/-]?\d)"
)
SOCIAL_SECURITY = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w'.-]* ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Blvd|Boulevard|Way"
    r"|Court|Close|Crescent|Terrace|Square|Parade|Highway|Hwy|Circle|Mews|Grove|Hill|Gardens|Place)\b\.?(?! [A-Z])"
)
BRITISH_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b")
PATTERNS = (
    ("e-mail", E_MAIL),
    ("identity number", SOCIAL_SECURITY),
    ("phone", PHONE),
    ("address", STREET),
    ("address", BRITISH_POSTCODE),
)
# Of texts only: a column of such digits may be numbers of clients or invoices.
WITHIN_TEXTS = (
    re.compile(r"(?<![\w.,/-])[2-9]\d{2}[2-9]\d{6}(?![\w.,/-]?\d)"),  # 4045551234
    re.compile(r"\b(?:d\.?o\.?b\.?|born|birth ?(?:day|date)|date of birth):?\s*(?:on )?[\d./-]{6,10}\d", re.I),
)
MAY_BE_WITHIN = re.compile(r"\d{10}|birth|born|d\.?o\.?b", re.I)
# A quick first check: a cell without any of these matches no pattern.
MAY_IDENTIFY = re.compile(r"@|\+\d|\d[ ()./-]{1,2}\d{3}|\d{3}-\d\d-|07\d{9}|\d[A-Za-z]?,? [A-Z]|[A-Z\d] \d[A-Z]{2}")

WORD = r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?"
PERSON = re.compile(rf"{WORD}(?:,? {WORD}){{0,4}}")
TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx)\.? ", re.I)


def identifying_columns(table: Table) -> dict[str, tuple[str, str]]:
    """Column -> kind and reason (its header, or how many of its values match). Columns of staff are kept."""
    found = {}
    for name, cells in _columns(table):
        kind = next((kind for kind, words in HEADERS.items() if _matches_phrase(words, name)), None)
        if kind:
            found[name] = kind, "by its header"
        elif not _matches_phrase(STAFF, name) and (kind_and_reason := _kind_by_cells(name, cells)):
            found[name] = kind_and_reason
    if any(kind == "address" for kind, _ in found.values()):
        for name, cells in _columns(table):
            of_an_effect = not STATES_OF_AN_EFFECT.isdisjoint(map(str.casefold, cells))
            if name not in found and _matches_phrase(POSSIBLE_ADDRESS_HEADERS, name) and not of_an_effect:
                found[name] = "address", "by its header, next to an address"
    return {name: found[name] for name in table.columns if name in found}


def remove_identifiers(table: Table, keep: Iterable[str] = ()) -> Table:
    """The table without identifying columns and text, with a notice for each removal.

    `keep` names columns that the reader converts at once (the client's id to a pseudonym, a date of birth to the
    year); they stay unchanged.
    """
    keep = set(keep)
    dropped = {name: reasons for name, reasons in identifying_columns(table).items() if name not in keep}
    columns = {name: cells for name, cells in _columns(table) if name not in dropped}
    notices = [f"Column {name!r} was left out: {kind}, {why}." for name, (kind, why) in dropped.items()]
    cleaned = {}
    for name, cells in columns.items():
        changed = {}
        if name not in keep and not CODE.search(_normalize_name(name)):
            changed = {cell: clean for cell in set(cells) if (clean := remove_contact_details(cell)) != cell}
        cleaned[name] = tuple(changed.get(cell, cell) for cell in cells)
        if changed:
            rows = format_rows([row for row, cell in zip(table.row_numbers, cells, strict=True) if cell in changed])
            notices.append(
                f"Column {name!r}, {rows}: a phone number, email or postal address was removed. Names inside "
                "texts cannot be recognized: check such a column before importing it."
            )
    return replace(
        table,
        columns=tuple(columns),
        rows=tuple(zip(*cleaned.values(), strict=True)) if columns else ((),) * len(table.rows),
        notices=(*table.notices, *notices),
        faults=tuple(fault for fault in table.faults if fault.column not in dropped),
    )


def remove_contact_details(text: str) -> str:
    """The text without email addresses, phone and identity numbers, dates of birth and postal addresses."""
    if MAY_IDENTIFY.search(text):
        for _, pattern in PATTERNS:
            text = pattern.sub(REMOVED_MARK, text)
    if MAY_BE_WITHIN.search(text):
        for pattern in WITHIN_TEXTS:
            text = pattern.sub(REMOVED_MARK, text)
    return text


def _columns(table: Table) -> list[tuple[str, tuple[str, ...]]]:
    cells = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    return list(zip(table.columns, cells, strict=True))


def _kind_by_cells(name: str, cells: tuple[str, ...]) -> tuple[str, str] | None:
    """The kind of identifying column that the cells suggest, and the reason."""
    filled = [cell for cell in dict.fromkeys(cells) if not is_missing(cell)]
    filled = filled[:: 1 + len(filled) // MAX_SAMPLED_CELLS]
    least = MIN_SHARE * len(filled)
    if not filled or CODE.search(_normalize_name(name)):
        return None
    candidates = [cell for cell in filled if MAY_IDENTIFY.search(cell)]
    for kind, pattern in PATTERNS:
        matching = sum(bool(pattern.search(cell)) for cell in candidates)
        if matching >= least and not THING_HEADERS.search(_normalize_name(name)):
            return kind, f"{matching} of {len(filled)} different values match"
    if _matches_phrase(POSSIBLE_NAME_HEADERS, name):
        people = [cell for cell in filled if PERSON.fullmatch(cell) and cell != cell.lower()]
    elif THING_HEADERS.search(_normalize_name(name)):
        return None
    else:
        people = [cell for cell in filled if _is_person(cell)]
        least = max(least, MIN_NAMES)
    if people and len(people) >= least:
        return "name", f"{len(people)} of {len(filled)} different values match"
    return None


def _is_person(cell: str) -> bool:
    """At least two words, one of them a title or a common given name."""
    words = re.split(r"[ ,.]+", cell.casefold())
    return (
        len(words) > 1
        and bool(PERSON.fullmatch(cell))
        and (bool(TITLE.match(cell)) or not given_names().isdisjoint(words))
    )


@cache
def given_names() -> frozenset[str]:
    """Common given names, in lower case."""
    lines = GIVEN_NAMES.read_text(encoding="utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _matches_phrase(words: str, name: str) -> bool:
    """Whether the header is one of these phrases, alone or after a person ("client mobile", "patient DOB")."""
    who = r"(?:(?:guest|patient|client|customer|member|person|primary|main|home|work|secondary|fake|your) )*"
    return bool(re.fullmatch(rf"{who}(?:{words})(?: ?\d)?", _normalize_name(name)))


@cache
def _normalize_name(name: str) -> str:
    """ "PatientFirst_Name" as "patient first name"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[^\w]|_", " ", spaced.replace("'", "")).casefold().split())
