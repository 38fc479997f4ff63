"""The courses of side effects: a line per case, the share still there, and the cases themselves."""

from typing import Any

import numpy as np
import pandas
import streamlit as st

from dashboard.components import case_table, charts, data_table
from dashboard.figures import case_timeline, survival_curve
from dashboard.shell import navigation, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, duration_sentences, formatting
from dashboard.text.labels import label
from data.analysis import cases, estimates
from data.analysis.cases import Case
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics import survival

MAX_LINES = 400  # beyond it a line is thinner than a pixel; the curve holds all of them


def draw_case_courses(view: PageView, case_filter: CaseFilter, name: str) -> None:
    """What became of the cases of `narrowed`, into the place that is open. `name`: what they are called."""
    selection, by = case_filter.apply(view.selection), case_filter.by
    total, still, treatments = query_cache.cached_query(cases.count_cases, view.scope, selection, by)
    st.markdown(
        formatting.escape_markdown(case_sentences.describe_case_list(total, still, treatments, case_table.MAX_LISTED))
    )
    if not total:
        return
    found, table = query_cache.cached_query(case_table.recent_cases, view.scope, selection, by)
    timed = sorted((case for case in found if case.onset_day is not None), key=lambda case: -case.days)
    st.header("From first noticed to gone", anchor=False)
    st.caption(formatting.escape_markdown(case_sentences.explain_timeline(min(len(timed), MAX_LINES), total)))
    lines = [case_line(case, _case_name(case, case_filter)) for case in timed[:MAX_LINES]]
    charts.draw_chart(case_timeline.draw(lines), "timeline", case_parameters=_case_parameters)
    for row in query_cache.cached_query(estimates.durations, view.scope, selection, ()).itertuples(index=False):
        st.header(formatting.escape_markdown(duration_sentence(row)), anchor=False)
    st.caption(duration_sentences.OPEN_CASES_INCLUDED)
    charts.draw_chart(
        survival_curve.draw(query_cache.cached_query(kaplan_meier_curves, view.scope, selection, (), name)),
        "still_there",
        case_parameters=_case_parameters,
    )
    st.header("The cases", anchor=False)
    chosen = data_table.draw_table(table, "One row per side effect, the latest first", "courses", choose=True)
    if chosen is not None:
        st.switch_page(charts.CASES, query_params={"case": str(found[chosen].number)})
    where = {"family": list(case_filter.family), "side_effect": list(case_filter.side_effect)}
    navigation.draw_link(
        "cases", "Open the listing", icon=":material/arrow_forward:", **{k: v for k, v in where.items() if v}
    )


def kaplan_meier_curves(
    source: AnalysisTables,
    scope: Scope,
    selection: Selection,
    side_effect_codes: tuple[str, ...] = (),
    name: str = "All side effects",
) -> list[survival_curve.SurvivalCurve]:
    """The curves of the side effects of `apart`, in their order; without any, one of all together with this `name`."""
    found = cases.episode_durations(source, scope, selection, ("side_effect",) if side_effect_codes else ())
    found = cases.split_episodes(found, ("side_effect",) if side_effect_codes else ())
    if not side_effect_codes:
        return [kaplan_meier_curve(name, each) for each in found.values()]
    return [
        kaplan_meier_curve(label("side_effect", code), found[(code,)]) for code in side_effect_codes if (code,) in found
    ]


def duration_sentence(row: Any) -> str:
    """How long they lasted in one sentence, or that too few are over."""
    if row.ended < duration_sentences.MIN_ENDED:
        return duration_sentences.explain_no_curve(row.ended, duration_sentences.MIN_ENDED)
    still = [(day, getattr(row, f"still_present_{day}")) for day in estimates.STILL_PRESENT_DAYS]
    beyond = [(day, share) for day, share in still if not np.isnan(share)]
    return duration_sentences.describe_duration(
        row.episodes, row.ended, estimates.median_interval(row), row.longest, beyond
    )


def kaplan_meier_curve(
    name: str, durations: pandas.DataFrame, group: np.ndarray | slice = slice(None)
) -> survival_curve.SurvivalCurve:
    """The curve of the side effects, or of a `group` of them."""
    days, ended = durations.days.to_numpy()[group], durations.ended.to_numpy()[group]
    curve = survival.kaplan_meier(days, ended)
    drawn = slice(0, 0) if curve.refused else slice(None)
    return survival_curve.SurvivalCurve(
        label=name,
        days=curve.days[drawn],
        still_present=curve.survival[drawn],
        low=curve.low[drawn],
        high=curve.high[drawn],
        durations=days,
        ended=ended,
        keys=durations.episode_id.to_numpy()[group],
    )


def median_sentence(durations: pandas.DataFrame, group: np.ndarray) -> str:
    """Until when half of a group were over, in words, with how many they are."""
    days, ended = durations.days.to_numpy()[group], durations.ended.to_numpy()[group]
    counted = formatting.pluralize(len(days), "side effect")
    curve = survival.kaplan_meier(days, ended)
    if curve.refused:
        return f"{counted}, too few over to tell ({int(ended.sum())} of the {duration_sentences.MIN_ENDED} needed)"
    median = formatting.median(curve.median.estimate, curve.median.low, curve.median.high, float(days.max()))
    return f"{counted}, half over within {median}" if curve.median.estimate is not None else f"{counted}, {median}"


def case_line(case: Case, name: str) -> case_timeline.CaseLine:
    """The course of one case in days since its injection."""
    first = case.onset_day or 0
    return case_timeline.CaseLine(
        key=str(case.number),
        label=name,
        first=first,
        last=first + (case.days or 1) - 1,
        is_open=not case.ended,
        flagged=case.red_flag is not None,
    )


def _case_name(case: Case, narrowed: CaseFilter) -> str:
    """By what differs from one line to the next."""
    what = f"{label('side_effect', case.side_effect)}, " if narrowed.family else ""
    return f"{what}{case_table.area_label(case).lower() if what else case_table.area_label(case)}, case {case.number}"


def _case_parameters(number: str) -> dict[str, str]:
    return {"case": number}
