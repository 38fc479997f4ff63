"""The columns that are read from each SDTM domain, and our codes for its controlled terminology.

Source: CDISC SDTM Implementation Guide v3.4, domains DM, EX, AE, CE, DS. Names (INVNAM) are not among the columns.
"""

from data.files import Table
from data.problems import Problem
from data.schema.column_types import Choice, ColumnType, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import DoseUnits
from data.schema.provenance import TableRef
from data.schema.sheet_reader import ParsedRows, Sheet, read_rows
from data.schema.template import FREE_TEXT, GRADE_WORDS, Column, SheetSchema

YES_NO = Choice(("y", "n"))
STATES = {  # of code list C66768, which cannot be extended
    "recovered/resolved": "gone", "recovered/resolved with sequelae": "gone", "fatal": "gone",
    "recovering/resolving": "present", "not recovered/not resolved": "present", "unknown": "unknown",
}  # fmt: skip

# Our field, the SDTM variable ("--" stands for the domain), what its cells hold, and whether it is required.
Variables = tuple[tuple[str, str, ColumnType, bool], ...]

EVENTS: Variables = (
    ("client", "USUBJID", Text(), True),
    ("number", "--SEQ", Text(), True),
    ("spid", "--SPID", Text(), False),
    ("as_given", "--TERM", FREE_TEXT, True),
    ("term", "--DECOD", Text(), True),
    ("family", "--BODSYS", Text(), False),
    ("category", "--SCAT", Text(), False),
    ("area", "--LOC", Text(), False),
    ("side", "--LAT", Text(), False),
    ("prespecified", "--PRESP", YES_NO, False),
    ("occurred", "--OCCUR", YES_NO, False),
    ("done", "--STAT", Text(), False),
    ("grade", "--SEV", Choice(GRADE_WORDS), False),
    ("outcome", "--OUT", Choice(tuple(STATES)), False),
    ("status_date", "--DTC", Day(), False),
    ("onset", "--STDTC", PartialDate(), False),
    ("last_day", "--ENDTC", PartialDate(), False),
    ("time_point", "--TPT", Text(), False),
    ("reference", "--TPTREF", Text(), False),
    ("treated_on", "--RFTDTC", Day(), False),
    ("serious", "--SER", YES_NO, False),
)
REASONS = {  # seriousness criteria; cancer and overdose are criteria of SDTM but not of the FDA form
    "sdth": "death", "slife": "life_threatening", "shosp": "hospitalisation", "sdisab": "disability",
    "scong": "congenital_anomaly", "smie": "important_event", "sintv": "important_event", "scan": "important_event",
    "sod": "important_event",
}  # fmt: skip
REASON_NOT_GIVEN = "reason_not_given"

DOMAINS: dict[str, Variables] = {
    "DM": (
        ("client", "USUBJID", Text(), True),
        ("study", "STUDYID", Text(), True),
        ("site", "SITEID", Text(), True),
        ("sex", "SEX", Text(), False),
        ("born", "BRTHDTC", PartialDate(), False),
        ("arm", "ARM", Text(), False),
        ("last_contact", "RFENDTC", PartialDate(), False),
    ),
    "EX": (
        ("client", "USUBJID", Text(), True),
        ("product", "EXTRT", Text(), True),
        ("units", "EXDOSE", DoseUnits(), False),
        ("unit", "EXDOSU", Text(), False),
        ("area", "EXLOC", Text(), False),
        ("side", "EXLAT", Text(), False),
        ("date", "EXSTDTC", Day(), True),
        ("until", "EXENDTC", PartialDate(), False),
        ("reference", "EXLNKGRP", Text(), False),
    ),
    "AE": (*EVENTS, *((name, f"--{name.upper()}", YES_NO, False) for name in REASONS)),
    "CE": EVENTS,
    "DS": (("client", "USUBJID", Text(), True), ("date", "DSSTDTC", PartialDate(), False)),
}

SIDES = {"LEFT": "left", "RIGHT": "right", "BILATERAL": "both", "MIDLINE": "midline"}  # of code list C99073
SEXES = {"F": "female", "M": "male", "UNDIFFERENTIATED": "other"}


def find_domain(table: Table) -> str | None:
    """The one value of the column DOMAIN; None if it is missing or has several."""
    domains = set(table.column("DOMAIN")) if "DOMAIN" in table.columns else set()
    return domains.pop() if len(domains) == 1 else None


def read_domain(table: Table, domain: str, problems: list[Problem]) -> ParsedRows:
    """The rows of a domain, with a field for each variable; what is wrong goes into `problems`."""
    variables = [(name, variable.replace("--", domain), *rest) for name, variable, *rest in DOMAINS[domain]]
    columns = dict(zip(table.columns, zip(*table.rows, strict=True), strict=True))
    names = {name: variable for name, variable, *_ in variables}
    kind = SheetSchema(
        domain, domain, "", tuple(Column(name, kind, variable, needed) for name, variable, kind, needed in variables)
    )
    cells = {name: columns[variable] for name, variable in names.items() if variable in columns}
    origin = TableRef(table, names)
    problems += origin.problems()
    return read_rows(Sheet(kind, origin, cells, range(len(table.rows))), problems)
