"""Which remedies were advised and used, and the course with and without. No verdict."""

from typing import Any

import numpy as np
import pandas
import streamlit as st

from dashboard.components import case_courses, charts
from dashboard.figures import survival_curve
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences, formatting
from dashboard.text.labels import remedy_label
from data.analysis import cases
from data.analysis.frames import as_rows
from models import codelist

EVIDENCE_COLUMN = "What is known"
NOT_REVIEWED = "evidence not reviewed for this list"  # a source that says again what stands before it


def main() -> None:
    shown: PageView = st.session_state.shown
    found = query_cache.cached_query(cases.remedy_counts, shown.scope, shown.selection)
    uses = as_rows(found.sort_values(["advised", "remedy"], ascending=[False, True]))
    if not uses:
        st.header("No remedy is on record for these side effects.", anchor=False)
        return
    st.header(case_sentences.REMEDIES_NOT_CREDITED, anchor=False)
    episodes, *_ = query_cache.cached_query(cases.count_cases, shown.scope, shown.selection)
    _draw_table(uses, episodes)
    found = query_cache.cached_query(cases.episode_durations, shown.scope, shown.selection, ())
    if found.empty:
        st.markdown("The first day of none of them was told: there is no course to follow.")
        return
    chosen = st.selectbox(
        "Course with and without",
        [use.remedy for use in uses],
        format_func=remedy_label,
        key="remedy",
        bind="query-params",
    )
    apart = _split_by_remedy(shown, found, chosen)
    beside = case_sentences.compare_groups(
        [(name, case_courses.median_sentence(found, group)) for name, group in apart]
    )
    st.subheader(formatting.escape_markdown(beside), anchor=False)
    st.caption(f"{case_sentences.REMEDIES_NOT_CREDITED} {duration_sentences.OPEN_CASES_INCLUDED}")
    curves = [case_courses.kaplan_meier_curve(name, found, group) for name, group in apart]
    charts.draw_chart(survival_curve.draw(curves), "aftercare", lambda key: {"case": key})


def _draw_table(uses: list[Any], episodes: int) -> None:
    listed = codelist.remedies()
    table = {
        "Remedy": [remedy_label(use.remedy) for use in uses],
        "Advised": [formatting.n_of_m(use.advised, episodes) for use in uses],
        "Used": [formatting.n_of_m(use.used, episodes) for use in uses],
        EVIDENCE_COLUMN: [listed[use.remedy].evidence if use.remedy in listed else "not in our list" for use in uses],
        "Source": [listed[use.remedy].source if use.remedy in listed else "" for use in uses],
    }
    # A table of two columns, not a grid: what is known of a remedy is to be read to its end, on a telephone too.
    st.table(
        {
            "Remedy": [
                f"**{formatting.escape_markdown(name)}**  "
                f"\n{formatting.escape_markdown(f'advised in {advised}, used in {used}')}"
                for name, advised, used in zip(table["Remedy"], table["Advised"], table["Used"], strict=True)
            ],
            EVIDENCE_COLUMN: [
                formatting.escape_markdown(said if source.endswith(NOT_REVIEWED) else f"{said}. {source}")
                for said, source in zip(table[EVIDENCE_COLUMN], table["Source"], strict=True)
            ],
        },
        border="horizontal",
        hide_index=True,
        alt="Remedies advised and used, with what is known of each",
    )
    charts.draw_download(table, "remedies")


def _split_by_remedy(shown: PageView, found: pandas.DataFrame, remedy: str) -> list[tuple[str, np.ndarray]]:
    """Each group by its name, and which of the side effects are in it; none that is empty."""
    had = np.isin(
        found.episode_id, query_cache.cached_query(cases.episodes_with_remedy, shown.scope, shown.selection, remedy)
    )
    name = remedy_label(remedy)
    groups = ((f"With {name.lower()}", had), (f"Without {name.lower()}", ~had))
    return [(title, group) for title, group in groups if group.any()]


main()
