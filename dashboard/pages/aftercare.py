"""Which remedies were advised and used, and the course with and without each. No verdict."""

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.components import case_courses, charts, downloads
from dashboard.figures import survival_curve
from dashboard.shell import prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences, formatting
from dashboard.text.labels import label, label_columns
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
    named = partial(label, "remedy")
    remedy = st.selectbox("Course with and without", uses.remedy, format_func=named, key="remedy", bind="query-params")
    with_remedy = query_cache.cached_query(cases.episodes_with_remedy, view.scope, view.selection, remedy)
    treated, name = durations.episode_id.isin(with_remedy), label("remedy", remedy).lower()
    curves = case_courses.estimate_curves(
        [(f"With {name}", durations[treated]), (f"Without {name}", durations[~treated])]
    )
    sentence = case_sentences.compare_groups([(curve.label, case_courses.median_sentence(curve)) for curve in curves])
    prose.draw_text(sentence, "subheader")
    st.caption(f"{case_sentences.REMEDIES_NOT_CREDITED} {duration_sentences.OPEN_CASES_INCLUDED}")
    charts.draw_chart(survival_curve.draw(curves), "aftercare", lambda key: {"case": key})


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
