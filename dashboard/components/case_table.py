"""The list of cases: one row per side effect, as a page shows it and a download holds it. No free text in it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.components.downloads import csv_text
from dashboard.shell import navigation
from dashboard.text import case_sentences
from dashboard.text.formatting import capitalize_first
from dashboard.text.labels import NOT_RECORDED, grade_label, label
from data.analysis import cases
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection

MAX_LISTED = 2_000  # rows a page sends: some 100 KB; the download holds all of them
RED_FLAGS = {"emergency": "Emergency", "urgent": "Urgent"}
# The columns that fit into a window; the case itself and the download have the others.
SHORT_COLUMNS = ["case", "side_effect", "area", "status", "days", "onset", "worst_grade", "flags", "site_practitioner"]


def case_table(found: pd.DataFrame) -> pd.DataFrame:
    """The cases (data.analysis.cases) in words."""
    rows = list(found.itertuples())
    red_flags = [RED_FLAGS.get(row.red_flag, "") for row in rows]
    serious = ["serious" if row.serious else "" for row in rows]
    # A fatal case has ended and is never called resolved.
    ended_as = np.where(found.fatal, "Fatal", "Resolved")
    return pd.DataFrame(
        {
            "case": found.number,
            "side_effect": [label("side_effect", row.side_effect) for row in rows],
            "area": [area_label(row) for row in rows],
            "status": np.where(found.ended, ended_as, "Open"),
            "days": found.days.astype("Int64"),
            "onset": found.onset,
            "onset_day": found.onset_day.astype("Int64"),
            "worst_grade": [grade_label(row.grade) for row in rows],
            "red_flag": red_flags,
            "serious": found.serious,
            "treated_on": found.treated_on,
            "site": found.site,
            "practitioner": found.practitioner,
            "came_to_light": [label("came_to_light", row.came_to_light) for row in rows],
            "flags": [capitalize_first(", ".join(filter(None, both))) for both in zip(red_flags, serious, strict=True)],
            "site_practitioner": [site_and_practitioner(row) for row in rows],
        }
    )


def site_and_practitioner(row: Any) -> str:
    """The site and the practitioner of a case or a treatment: "Buckhead, NP 4"."""
    return ", ".join(code for code in (row.site, row.practitioner) if not pd.isna(code))


def recent_cases(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The latest cases and their short table, as many as a page shows."""
    found = cases.cases(tables, scope, selection, MAX_LISTED, by)
    return found, case_table(found)[SHORT_COLUMNS]


def cases_to_csv(tables: AnalysisTables, scope: Scope, selection: Selection, by: tuple[str, ...]) -> str:
    """All of the cases, for a download."""
    table = case_table(cases.cases(tables, scope, selection, by=by))
    return csv_text(table.drop(columns=["flags", "site_practitioner"]))


def describe_unattributed(found: pd.DataFrame) -> str:
    """The cases that belong to no treatment, in words: of which side effects, how many serious and open."""
    kinds = [(label("side_effect", code).lower(), number) for code, number in found.side_effect.value_counts().items()]
    kinds.sort(key=lambda kind: (-kind[1], kind[0]))
    return case_sentences.describe_unattributed_cases(kinds, int(found.serious.sum()), int((~found.ended).sum()))


def draw_case_list(table: pd.DataFrame, alt: str, key: str, bars: Iterable[str] = ()) -> None:
    """Draw a table with a column `case`; choosing a row opens its case. `bars`: as of `data_table.draw_table`."""
    row = data_table.draw_table(table, alt, key, choose=True, bars=bars)
    if row is not None:
        st.switch_page(navigation.page_file("cases"), query_params={"case": str(table.case.iloc[row])})


def area_label(case: Any) -> str:
    """The area with its side, marked where it was not treated."""
    if pd.isna(case.area):
        return NOT_RECORDED
    side = "" if pd.isna(case.side) else f", {case.side}"
    return f"{label('area', case.area)}{side}{'' if case.placed else ' (not a treated area)'}"
