"""CDISC SDTM: the columns that are read from subjects (DM), treatments (EX), events (AE, CE) and disposition (DS).

Source: CDISC SDTM Implementation Guide v3.4, domains DM, EX, AE, CE, DS. Names (INVNAM) are not among the columns.
"""

from collections.abc import Sequence
from typing import Any

from data.files import Table
from data.formats.registry import ReadContext
from data.problems import Problem
from data.records.neutral_records import ImportData
from data.schema.column_types import Choice, ColumnType, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import DoseUnits
from data.schema.provenance import TableRef
from data.schema.sheet_reader import Sheet, read_rows
from data.schema.template import FREE_TEXT, GRADE_WORDS, Column, SheetSchema

EXPECTED = "SDTM domains, DM and EX with AE, CE or DS (a column DOMAIN says which)"

YES_NO = Choice(("y", "n"))
ONGOING = ("AFTER", "ONGOING")  # relative to the end of participation; of code list C66728
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
    ("end_relative", "--ENRF", Text(), False),
    ("status_date", "--DTC", Day(), False),
    ("onset", "--STDTC", PartialDate(), False),
    ("last_day", "--ENDTC", PartialDate(), False),
    ("time_point", "--TPT", Text(), False),
    ("reference", "--TPTREF", Text(), False),
    ("treated_on", "--RFTDTC", Day(), False),
    ("serious", "--SER", YES_NO, False),
)
FATAL = "fatal"
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
        ("actual_arm", "ACTARM", Text(), False),
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


def recognizes(tables: Sequence[Table]) -> float:
    """Certain if a table has the column DOMAIN."""
    return 1.0 if any("DOMAIN" in table.columns for table in tables) else 0.0


def read(tables: Sequence[Table], context: ReadContext) -> ImportData:
    """The records of one study."""
    from data.formats.builders.sdtm_study import StudyBuilder

    problems: list[Problem] = []
    notices: list[str] = []
    unreadable: set[str] = set()
    rows: dict[str, list[Any]] = {domain: [] for domain in DOMAINS}
    missing = {"DM", "EX"}
    for table in tables:
        notices += [f"{table.file}: {notice}" for notice in table.notices]
        domains = set(table.column("DOMAIN")) if "DOMAIN" in table.columns else set()
        domain = domains.pop() if len(domains) == 1 else None
        if not table.rows and "DOMAIN" in table.columns:
            continue  # nobody had such an event
        missing.discard(domain)
        if domain in DOMAINS:
            names = {name: variable.replace("--", domain) for name, variable, *_ in DOMAINS[domain]}
            columns = tuple(Column(name, kind, names[name], required) for name, _, kind, required in DOMAINS[domain])
            cells = {name: table.column(variable) for name, variable in names.items() if variable in table.columns}
            schema, row_indexes = SheetSchema(domain, domain, "", columns), range(len(table.rows))
            parsed = read_rows(Sheet(schema, TableRef(table, names), cells, row_indexes), problems)
            rows[domain] += parsed.rows
            notices += parsed.notices
            if domain in ("DM", "EX"):
                unreadable |= parsed.unreadable_ids
        elif domain:
            notices.append(f"{table.file}: the domain {domain} is not read")
        else:
            message = "the column DOMAIN is missing, or has more than one value"
            problems.append(Problem(table.file, None, "DOMAIN", None, ", ".join(DOMAINS), message, table.sheet))
    for domain in missing:
        files = ", ".join(dict.fromkeys(table.file for table in tables))
        problems.append(Problem(files, None, "DOMAIN", None, "DM and EX together", f"the domain {domain} is missing"))
    study = StudyBuilder(context, problems, notices, unreadable)
    study.add_subjects(rows["DM"])
    study.add_exposure(rows["EX"])
    study.add_questions(rows["CE"])
    study.add_last_contacts(rows["DS"], asked=not any(row.prespecified == "y" for row in rows["CE"]))
    study.add_events("AE", rows["AE"])
    study.add_events("CE", rows["CE"])
    return study.to_import_data(sum(len(table.rows) for table in tables))
