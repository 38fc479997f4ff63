"""Which remedies were advised and used in a family, and courses within one side effect and grade. No verdict."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_courses, charts, downloads
from dashboard.figures import survival_curve
from dashboard.shell import prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences, formatting
from dashboard.text.labels import grade_label, label, label_columns
from data.analysis import cases
from data.analysis.selection import Selection
from data.summaries import aftercare
from models import codelist
from models.statistics.survival import MIN_ENDED_PER_GROUP

ALL_FAMILIES = "all"
NOT_REVIEWED = "evidence not reviewed for this list"  # a source that only repeats the evidence before it


def main() -> None:
    view: PageView = st.session_state.shown
    known = query_cache.load_dimension_values(view.scope, "family")
    selections = {code: replace(view.selection, families=(code,)) for code in codelist.families() if code in known}
    selections[ALL_FAMILIES] = view.selection  # also those of no family of ours
    uses = {
        code: query_cache.cached_query(cases.remedy_counts, view.scope, selection)
        for code, selection in selections.items()
    }
    families = [code for code, counted in uses.items() if len(counted)]
    if not families:
        st.header("No remedy is recorded for these side effects.", anchor=False)
        return
    st.header(case_sentences.REMEDIES_NOT_CREDITED, anchor=False)
    named = lambda code: "All families" if code == ALL_FAMILIES else label("family", code)
    family = st.selectbox("Family", families, format_func=named, key="aftercare_family", bind="query-params")
    selection = selections[family]
    counted = uses[family].sort_values(["advised", "remedy"], ascending=[False, True])
    episodes, *_ = query_cache.cached_query(cases.count_cases, view.scope, selection)
    _draw_table(counted.assign(side_effects=episodes))
    _draw_courses(view, selection, counted.remedy.tolist())


def _draw_courses(view: PageView, selection: Selection, remedies: list[str]) -> None:
    """With and without a remedy, never across side effects or grades."""
    named = partial(label, "remedy")
    choices = st.columns(2)
    remedy = choices[0].selectbox(
        "Course with and without", remedies, format_func=named, key="remedy", bind="query-params"
    )
    courses = query_cache.cached_query(aftercare.comparable_courses, view.scope, selection, remedy)
    name = named(remedy).lower()
    if courses.empty:
        prose.draw_text(case_sentences.refuse_comparison(name, MIN_ENDED_PER_GROUP))
        return
    strata = courses.groupby(["side_effect", "grade"]).size().sort_values(ascending=False, kind="stable").index.tolist()
    place = choices[1].selectbox(
        "Side effect and grade",
        range(len(strata)),
        format_func=lambda at: f"{label('side_effect', strata[at][0])}, grade {grade_label(strata[at][1])}",
        key=f"course_of_{''.join(selection.families)}_{remedy}",
    )
    side_effect, grade = strata[place]
    same = courses[(courses.side_effect == side_effect) & (courses.grade == grade)]
    question = (selection, remedy, side_effect, int(grade))
    durations = query_cache.cached_query(aftercare.course_durations, view.scope, *question).set_index("with_remedy")
    names = {True: f"With {name}", False: f"Without {name}"}
    groups = [(names[group], _course_text(durations.loc[group])) for group in names]
    prose.draw_text(case_sentences.compare_groups(groups), "subheader")
    st.caption(f"{case_sentences.REMEDIES_NOT_CREDITED} {duration_sentences.OPEN_CASES_INCLUDED}")
    curves = case_courses.estimate_curves([(names[group], same[same.with_remedy == group]) for group in names])
    charts.draw_chart(survival_curve.draw(curves), "aftercare", lambda key: {"case": key})


def _course_text(row: pd.Series) -> str:
    """How many cases, and within how many days half of them had ended. `row`: of estimates.durations."""
    counted = formatting.pluralize(row.episodes, "case")
    if row.refused:
        return f"{counted}, {row.refused}"
    median = formatting.median(row["median"], row.low, row.high, float(row.longest))
    return f"{counted}, {'median ' if np.isnan(row['median']) else 'half had ended within '}{median}"


def _draw_table(uses: pd.DataFrame) -> None:
    entries = [codelist.remedies().get(code) for code in uses.remedy]
    uses = label_columns(uses).assign(
        evidence=[entry.evidence if entry else "not on our list" for entry in entries],
        source=[entry.source if entry else "" for entry in entries],
    )
    remedies, evidence = [], []
    for row in uses.itertuples():
        advised, used = (formatting.n_of_m(n, row.side_effects) for n in (row.advised, row.used))
        counts = formatting.escape_markdown(f"advised in {advised}, used in {used}")
        remedies.append(f"**{formatting.escape_markdown(row.remedy)}**  \n{counts}")
        is_whole = row.source.endswith(NOT_REVIEWED)
        evidence.append(formatting.escape_markdown(row.evidence if is_whole else f"{row.evidence}. {row.source}"))
    # A table of two columns, not a grid: the evidence is to be read to its end, on a phone too.
    alt = "Remedies advised and used, with the evidence for each"
    st.table({"Remedy": remedies, "Evidence": evidence}, border="horizontal", hide_index=True, alt=alt)
    downloads.draw_csv(uses, "remedies")


main()
