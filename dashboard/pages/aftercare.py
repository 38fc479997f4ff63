"""Which remedies were advised and used, and the course with and without each. No verdict."""

import pandas as pd
import streamlit as st

from dashboard.components import case_courses, charts
from dashboard.figures import survival_curve
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences, formatting
from dashboard.text.labels import remedy_label
from data.analysis import cases
from models import codelist

NOT_REVIEWED = "evidence not reviewed for this list"  # a source that only repeats the evidence before it


def main() -> None:
    view: PageView = st.session_state.shown
    uses = query_cache.cached_query(cases.remedy_counts, view.scope, view.selection)
    if uses.empty:
        st.header("No remedy is recorded for these side effects.", anchor=False)
        return
    uses = uses.sort_values(["advised", "remedy"], ascending=[False, True])
    st.header(case_sentences.REMEDIES_NOT_CREDITED, anchor=False)
    episodes, *_ = query_cache.cached_query(cases.count_cases, view.scope, view.selection)
    _draw_table(uses.assign(side_effects=episodes))
    durations = query_cache.cached_query(cases.episode_durations, view.scope, view.selection, ())
    if durations.empty:
        st.markdown("None of them has a recorded onset, so there is no course to follow.")
        return
    remedy = st.selectbox(
        "Course with and without", uses.remedy, format_func=remedy_label, key="remedy", bind="query-params"
    )
    curves = _curves(view, durations, remedy)
    sentence = case_sentences.compare_groups([(curve.label, case_courses.median_sentence(curve)) for curve in curves])
    st.subheader(formatting.escape_markdown(sentence), anchor=False)
    st.caption(f"{case_sentences.REMEDIES_NOT_CREDITED} {duration_sentences.OPEN_CASES_INCLUDED}")
    charts.draw_chart(survival_curve.draw(curves), "aftercare", lambda key: {"case": key})


def _draw_table(uses: pd.DataFrame) -> None:
    listed = codelist.remedies()
    uses = uses.assign(
        remedy=[remedy_label(code) for code in uses.remedy],
        evidence=[listed[code].evidence if code in listed else "not on our list" for code in uses.remedy],
        source=[listed[code].source if code in listed else "" for code in uses.remedy],
    )
    # A table of two columns, not a grid: the evidence is to be read to its end, on a phone too.
    st.table(
        {
            "Remedy": [
                f"**{formatting.escape_markdown(row.remedy)}**  \n{formatting.escape_markdown(_uses_text(row))}"
                for row in uses.itertuples()
            ],
            "Evidence": [
                formatting.escape_markdown(
                    row.evidence if row.source.endswith(NOT_REVIEWED) else f"{row.evidence}. {row.source}"
                )
                for row in uses.itertuples()
            ],
        },
        border="horizontal",
        hide_index=True,
        alt="Remedies advised and used, with the evidence for each",
    )
    charts.draw_download(uses, "remedies")


def _uses_text(row) -> str:
    advised, used = (formatting.n_of_m(n, row.side_effects) for n in (row.advised, row.used))
    return f"advised in {advised}, used in {used}"


def _curves(view: PageView, durations: pd.DataFrame, remedy: str) -> list[survival_curve.SurvivalCurve]:
    """The course with the remedy and without it; a group without side effects is left out."""
    episodes = query_cache.cached_query(cases.episodes_with_remedy, view.scope, view.selection, remedy)
    treated, name = durations.episode_id.isin(episodes), remedy_label(remedy).lower()
    groups = ((f"With {name}", durations[treated]), (f"Without {name}", durations[~treated]))
    return [case_courses.kaplan_meier_curve(title, group) for title, group in groups if len(group)]


main()
