"""The listing of cases: each side effect in a row, as a page shows it and a download keeps it. No free text in it."""

from collections.abc import Sequence
from typing import Any

from dashboard.components.charts import csv_text
from dashboard.text.formatting import capitalize_first
from dashboard.text.labels import label
from data.analysis import cases
from data.analysis.cases import Case
from data.analysis.frames import as_rows
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.treatments import TreatmentRow
from models import codelist

MAX_LISTED = 2_000  # rows a page sends: some 100 KB; the download holds all of them
SITE_PRACTITIONER = "At, by"
FLAGS_COLUMN = "Marked"
HIDDEN_COLUMNS = ("On day", "Red flag", "Serious", "Treated", "Site", "Practitioner", "Came to light")
RED_FLAGS = {"emergency": "Emergency", "urgent": "Urgent"}


def case_table(cases_to_show: Sequence[Case]) -> dict[str, list[Any]]:
    """One row per case, columns by title."""
    return {
        "Case": [case.number for case in cases_to_show],
        "Side effect": [label("side_effect", case.side_effect) for case in cases_to_show],
        "Area": [area_label(case) for case in cases_to_show],
        "State": [status_label(case) for case in cases_to_show],
        "Days": [case.days for case in cases_to_show],
        "First noticed": [case.onset for case in cases_to_show],
        "On day": [case.onset_day for case in cases_to_show],
        "Worst grade": [label("grade", case.grade) if case.grade else "Not graded" for case in cases_to_show],
        "Red flag": [RED_FLAGS.get(case.red_flag, "") for case in cases_to_show],
        "Serious": ["Yes" if case.serious else "" for case in cases_to_show],
        "Treated": [case.treated_on for case in cases_to_show],
        "Site": [case.site for case in cases_to_show],
        "Practitioner": [case.practitioner for case in cases_to_show],
        "Came to light": [came_to_light_label(case) for case in cases_to_show],
    }


def short_case_table(cases_to_show: Sequence[Case]) -> dict[str, list[Any]]:
    """The same in as many columns as a window has room for; the case itself and the download tell the rest."""
    told = {title: values for title, values in case_table(cases_to_show).items() if title not in HIDDEN_COLUMNS}
    return told | {
        FLAGS_COLUMN: [_case_flags(case) for case in cases_to_show],
        SITE_PRACTITIONER: [site_and_practitioner(case) for case in cases_to_show],
    }


def _case_flags(case: Case) -> str:
    """ "Emergency, serious"."""
    told = (RED_FLAGS.get(case.red_flag, ""), "serious" if case.serious else "")
    return capitalize_first(", ".join(filter(None, told)))


def site_and_practitioner(case: Case | TreatmentRow) -> str:
    """Where and by whom it was treated: "hill, P4"."""
    return ", ".join(told for told in (case.site, case.practitioner) if told)


def recent_cases(
    source: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]
) -> tuple[list[Case], dict]:
    """The latest cases and their short table, as many as a page shows."""
    found = as_rows(cases.cases(source, scope, selection, MAX_LISTED, by), Case)
    return found, short_case_table(found)


def cases_to_csv(source: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]) -> str:
    """Every one of the cases, for a download."""
    return csv_text(case_table(as_rows(cases.cases(source, scope, selection, by=by), Case)))


def area_label(case: Case) -> str:
    """The area with its side; where none was told or it was not treated, so said."""
    if case.area is None:
        return "Not told"
    side = f", {case.side}" if case.side else ""
    return f"{label('area', case.area)}{side}{'' if case.placed else ' (not a treated area)'}"


def status_label(case: Case) -> str:
    return "Over" if case.ended else "Open"


def came_to_light_label(case: Case) -> str:
    row = codelist.came_to_light().get(case.came_to_light)
    return row.label if row else "Not told"
