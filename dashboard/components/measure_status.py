"""Measures on several pages: the choice of one, their statuses against the baseline, and the cases behind one."""

from typing import Any

import streamlit as st

from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from data.analysis import baselines
from data.summaries import trends
from data.summaries.trends import MeasureBaseline, MeasureStatus
from models.measure import Measure, measures


def choose_measure(first: str | None = None) -> Measure:
    """Draw the choice of a measure; `first`: the code of the one that is chosen at first."""
    codes = list(measures())
    index = codes.index(first) if first else 0
    named = {code: measure.title for code, measure in measures().items()}
    code = st.selectbox("Measure", codes, index, named.__getitem__, key="measure", bind="query-params")
    return measures()[code]


def case_parameters(measure: Measure) -> dict[str, Any]:
    """The filter of the Cases page for the side effects of a measure."""
    return {} if measure.code == "any_side_effect" else {"side_effect": list(measure.numerator)}


def load_measure_statuses(view: PageView) -> dict[str, MeasureStatus]:
    """By the code of the measure."""
    selections = tuple(view.selection.for_measure(measure) for measure in measures().values())
    stated = query_cache.cached_lookup(baselines.baselines)
    stated_baselines = tuple(stated.get(code) for code in measures())
    statuses = query_cache.cached_query(trends.measure_statuses, view.scope, selections, stated_baselines)
    return dict(zip(measures(), statuses, strict=True))


def baseline_sentence(baseline: MeasureBaseline) -> str:
    """The baseline rate and where it comes from, or why there is none."""
    when = formatting.period(baseline.from_date, baseline.to_date) if baseline.from_date else ""
    return trend_sentences.describe_baseline(
        baseline.rate, baseline.events, baseline.followed_up, when, baseline.refused
    )
