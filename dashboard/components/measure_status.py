"""Measures on several pages: the choice of one, their states against the baseline, and the cases behind one."""

from typing import Any

import streamlit as st

from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from data.analysis import baselines
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.summaries import measure_states, trends
from data.summaries.measure_states import MeasureBaseline, MeasureCourse, MeasureState
from models.measure import Measure, measures


def choose_measure(all_measures: str | None = None) -> Measure | None:
    """Draw the choice of a measure. `all_measures`: what stands there without a choice, which gives None."""
    codes = list(measures())
    named = {code: measure.title for code, measure in measures().items()}
    index = None if all_measures else 0
    code = st.selectbox(
        "Measure", codes, index, named.__getitem__, key="measure", bind="query-params", placeholder=all_measures
    )
    return measures().get(code)


def case_parameters(measure: Measure) -> dict[str, Any]:
    """The filter of the Cases page for the side effects of a measure."""
    return {} if measure.code == "any_side_effect" else {"side_effect": list(measure.numerator)}


def load_states(view: PageView) -> dict[str, MeasureState]:
    """By the code of the measure: of all that the viewer may see, whatever the period and the filters of the page.

    A signal of the whole clinic is put on record when a page first shows it: a signal that somebody has seen must not
    vanish with the next correction. This is the only thing that a page writes unasked, once for each signal.
    """
    stated = query_cache.cached_lookup(baselines.baselines)
    every = trends.without_filters(view.selection)
    states = query_cache.cached_query(measure_states.measure_states, view.scope, every, stated)
    if view.scope != WHOLE_CLINIC:
        return states
    recorded = query_cache.cached_lookup(baselines.signals)
    if found := measure_states.find_new_signals(states, recorded, every.as_of):
        query_cache.keep_what_was_shown(baselines.record_signals, found)
    return measure_states.keep_signals(states, recorded)


def load_course(scope: Scope, selection: Selection, measure: Measure) -> MeasureCourse:
    """One measure, unit by unit."""
    stated = query_cache.cached_lookup(baselines.baselines)
    every = trends.without_filters(selection)
    return query_cache.cached_query(measure_states.measure_course, scope, every, measure, stated)


def describe_states(states: dict[str, MeasureState]) -> str:
    """How many measures are higher than expected, and which."""
    higher = [measures()[code].title for code, state in states.items() if state.is_higher]
    too_few = sum(state.status == measure_states.TOO_FEW for state in states.values())
    return trend_sentences.describe_measure_states(higher, len(states) - too_few, too_few)


def baseline_sentence(baseline: MeasureBaseline) -> str:
    """The baseline rate and where it comes from, or why there is none."""
    when = formatting.period(baseline.from_date, baseline.to_date) if baseline.from_date else ""
    return trend_sentences.describe_baseline(
        baseline.rate, baseline.events, baseline.followed_up, when, baseline.refused
    )
