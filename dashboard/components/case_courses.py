"""The courses of side effects: a line per case, the share still present, and the cases themselves."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, charts
from dashboard.figures import case_timeline, survival_curve
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences
from dashboard.text.labels import label
from data.analysis import cases, estimates
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics import survival

MAX_LINES = 400  # beyond it a line is thinner than a pixel; the curve holds all of them


def draw_case_courses(view: PageView, case_filter: CaseFilter, name: str) -> None:
    """Draw what became of the cases of a filter. `name`: what they are called."""
    selection, by = case_filter.apply(view.selection), case_filter.by
    total, still, treatments = query_cache.cached_query(cases.count_cases, view.scope, selection, by)
    prose.draw_text(case_sentences.describe_case_list(total, still, treatments, case_table.MAX_LISTED))
    if not total:
        return
    found, table = query_cache.cached_query(case_table.recent_cases, view.scope, selection, by)
    timed = found[found.onset_day.notna()].sort_values("days", ascending=False, kind="stable").head(MAX_LINES)
    st.header("From onset to resolution", anchor=False)
    prose.draw_text(case_sentences.explain_timeline(len(timed), total), "caption")
    names = []
    for case in timed.itertuples():
        area = case_table.area_label(case)
        if case_filter.family:  # otherwise every line is of the same side effect
            area = f"{label('side_effect', case.side_effect)}, {area.lower()}"
        names.append(f"{area}, case {case.number}")
    charts.draw_chart(case_timeline.draw(timed.assign(label=names)), "timeline", lambda number: {"case": number})
    for row in query_cache.cached_query(estimates.durations, view.scope, selection, ()).itertuples():
        median, ends = duration_sentences_of(row)
        prose.draw_text(median, "header")
        prose.draw_text(ends)
    st.caption(duration_sentences.OPEN_CASES_INCLUDED)
    curves = query_cache.cached_query(survival_curves, view.scope, selection, (), name)
    charts.draw_chart(survival_curve.draw(curves), "still_present", lambda number: {"case": number})
    st.header("The cases", anchor=False)
    case_table.draw_case_list(table, "One row per side effect, the latest first", "courses")
    filters = {name: list(codes) for name in ("family", "side_effect") if (codes := getattr(case_filter, name))}
    navigation.draw_link("cases", "Open the list", **filters)


def survival_curves(
    tables: AnalysisTables,
    scope: Scope,
    selection: Selection,
    side_effect_codes: tuple[str, ...] = (),
    name: str = "All side effects",
) -> list[survival_curve.SurvivalCurve]:
    """A curve for each of these side effects, in their order; without any, one curve of all, with this `name`."""
    episodes = cases.episode_durations(tables, scope, selection, ("side_effect",))
    parts = [(label("side_effect", code), episodes[episodes.side_effect == code]) for code in side_effect_codes]
    return estimate_curves(parts or [(name, episodes)])


def estimate_curves(groups: Iterable[tuple[str, pd.DataFrame]]) -> list[survival_curve.SurvivalCurve]:
    """A curve for each group of side effects (data.analysis.cases.episode_durations) by its name; none if empty."""
    curves = []
    for name, episodes in groups:
        if episodes.empty:
            continue
        kaplan_meier = survival.kaplan_meier(episodes.days.to_numpy(), episodes.ended.to_numpy())
        has_intervals = (episodes.ended & ~episodes.end_exact).any() and not kaplan_meier.refused
        between = survival.turnbull(*estimates.presence_limits(episodes)) if has_intervals else None
        shown = episodes.rename(columns={"episode_id": "key"})
        curves.append(survival_curve.SurvivalCurve(name, shown, kaplan_meier, between))
    return curves


def duration_sentences_of(row: Any, name: str = "") -> tuple[str, str]:
    """The median of a row of data.analysis.estimates.durations, or why there is none, and how many have ended."""
    still = [(day, getattr(row, f"still_present_{day}")) for day in estimates.STILL_PRESENT_DAYS]
    beyond = [(day, share) for day, share in still if not np.isnan(share)]
    ends = duration_sentences.describe_ends(row.episodes, row.ended, row.fatal, beyond)
    if row.refused:
        return duration_sentences.explain_no_median(row.ended, name), ends
    return duration_sentences.describe_median(estimates.median_interval(row), row.longest, name), ends
