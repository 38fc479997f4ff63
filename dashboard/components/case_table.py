"""The list of cases: one row per side effect, as a page shows it and a download holds it. No free text in it."""

from typing import Any

import pandas as pd

from dashboard.components.charts import csv_text
from dashboard.text.formatting import capitalize_first
from dashboard.text.labels import NOT_RECORDED, grade_label, label
from data.analysis import cases
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models import codelist

MAX_LISTED = 2_000  # rows a page sends: some 100 KB; the download holds all of them
SITE_PRACTITIONER = "Site, practitioner"
RED_FLAGS = {"emergency": "Emergency", "urgent": "Urgent"}
FATAL = 5  # grade
SHORT_COLUMNS = ("case", "side_effect", "area", "status", "days", "onset", "worst_grade", "flags", "site_practitioner")


def case_table(found: pd.DataFrame) -> pd.DataFrame:
    """The cases (data.analysis.cases) in words, with every column that a download holds."""
    rows = list(found.itertuples())
    return pd.DataFrame(
        {
            "case": found.number,
            "side_effect": [label("side_effect", row.side_effect) for row in rows],
            "area": [area_label(row) for row in rows],
            "status": [status_label(row) for row in rows],
            "days": found.days.astype("Int64"),
            "onset": found.onset,
            "onset_day": found.onset_day.astype("Int64"),
            "worst_grade": [grade_label(row.grade) for row in rows],
            "red_flag": [RED_FLAGS.get(row.red_flag, "") for row in rows],
            "serious": found.serious,
            "treated_on": found.treated_on,
            "site": found.site,
            "practitioner": found.practitioner,
            "came_to_light": [came_to_light_label(row) for row in rows],
        }
    )


def short_case_table(found: pd.DataFrame) -> pd.DataFrame:
    """The columns that fit into a window; the case itself and the download have the others."""
    rows = list(found.itertuples())
    table = case_table(found).assign(
        flags=[_case_flags(row) for row in rows], site_practitioner=[site_and_practitioner(row) for row in rows]
    )
    return table[list(SHORT_COLUMNS)]


def _case_flags(case: Any) -> str:
    """ "Emergency, serious"."""
    flags = (RED_FLAGS.get(case.red_flag, ""), "serious" if case.serious else "")
    return capitalize_first(", ".join(filter(None, flags)))


def site_and_practitioner(row: Any) -> str:
    """Where and by whom a case or a treatment was treated: "hill, P4"."""
    return ", ".join(code for code in (row.site, row.practitioner) if not pd.isna(code))


def recent_cases(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The latest cases and their short table, as many as a page shows."""
    found = cases.cases(tables, scope, selection, MAX_LISTED, by)
    return found, short_case_table(found)


def cases_to_csv(tables: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]) -> str:
    """All of the cases, for a download."""
    return csv_text(case_table(cases.cases(tables, scope, selection, by=by)))


def area_label(case: Any) -> str:
    """The area with its side, marked where it was not treated."""
    if pd.isna(case.area):
        return NOT_RECORDED
    side = "" if pd.isna(case.side) else f", {case.side}"
    return f"{label('area', case.area)}{side}{'' if case.placed else ' (not a treated area)'}"


def status_label(case: Any) -> str:
    """A fatal case has ended and is never called resolved."""
    if not case.ended:
        return "Open"
    return "Fatal" if pd.notna(case.grade) and case.grade == FATAL else "Resolved"


def came_to_light_label(case: Any) -> str:
    row = codelist.came_to_light().get(case.came_to_light)
    return row.label if row else NOT_RECORDED
