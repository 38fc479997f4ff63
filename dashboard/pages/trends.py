"""One measure over time: is it as expected, and would a change have shown?"""

from datetime import timedelta
from functools import partial

import numpy as np
import streamlit as st

from dashboard.components import charts, measure_status
from dashboard.figures import control_chart, events_between, monthly_rates, observed_minus_expected
from dashboard.shell import prose, query_cache
from dashboard.shell.access import WHOLE_CLINIC_LABEL
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from dashboard.text.labels import UNIT_NOUNS
from data.analysis import baselines
from data.analysis.baselines import StatedBaseline
from data.as_of import as_of_date
from data.summaries import trends
from data.summaries.trends import Trend
from models.measure import Measure, measures

FIRST_MEASURE = "nearby_weakness"  # the side effect that matters most
YEAR, DAY = timedelta(days=365), formatting.DATE_FIELD
STATUSES = (trends.HIGHER, trends.AS_EXPECTED, trends.TOO_FEW)


def main() -> None:
    shown: PageView = st.session_state.shown
    statuses = st.container()  # filled last: the statuses of all measures take longer than the trend of one
    measure = measure_status.choose_measure(FIRST_MEASURE)
    stated = query_cache.cached_lookup(baselines.baseline, measure.code)
    trend = query_cache.cached_query(trends.trend, shown.scope, shown.selection.for_measure(measure), stated)
    prose.draw_text(_headline(measure, trend), "header")
    prose.draw_text(f"{measure.why} {measure_status.baseline_sentence(trend.baseline)}", "caption")
    _draw_charts(measure, trend)
    if st.query_params.get("as", WHOLE_CLINIC_LABEL) == WHOLE_CLINIC_LABEL:
        _draw_baseline_form(measure)
    with statuses:
        _draw_statuses(shown, measure.code)


def _draw_statuses(shown: PageView, chosen: str) -> None:
    """Every measure under its status; a click on one chooses it."""
    found = measure_status.load_measure_statuses(shown)
    for status in STATUSES:
        codes = [code for code in measures() if found[code].status == status]
        if codes:
            key = f"measures_{status}"
            st.session_state[key] = chosen if chosen in codes else None
            st.pills(
                status.capitalize(), codes, format_func=lambda c: formatting.escape_markdown(measures()[c].title),
                key=key, on_change=_choose_measure, args=[key],
            )  # fmt: skip


def _choose_measure(key: str) -> None:
    st.session_state.measure = st.session_state[key] or st.session_state.measure  # a second click changes nothing


def _headline(measure: Measure, trend: Trend) -> str:
    has_baseline = trend.baseline.rate is not None
    followed_up = len(trend.outcomes) if has_baseline else int(trend.months.followed_up.sum())
    if not followed_up:
        return f"{measure.title}: no treatment of this period has a follow-up."
    if not has_baseline:
        total = formatting.n_of_m(int(trend.months.events.sum()), followed_up)
        return f"{measure.title}: {total}. Too few to judge."
    return trend_sentences.describe_trend(
        f"{measure.title}: {formatting.count(int(trend.outcomes.sum()))}",
        followed_up,
        formatting.day(trend.days[0].astype(object)),
        trend.baseline.rate,
        followed_up * trend.baseline.rate,
        len(trend.signals),
        min(trends.DETECTION_HORIZON, followed_up),
        trend.power_doubled,
    )


def _draw_charts(measure: Measure, trend: Trend) -> None:
    effects, units = measure_status.case_parameters(measure), f"{UNIT_NOUNS[measure.unit]}s"
    draw = partial(charts.draw_chart, case_parameters=lambda month: {"month": month, **effects})
    baseline = trend.baseline.rate
    if baseline is None:
        draw(monthly_rates.draw(trend.months, units), "trend_months")
        return
    changes = [(marker.date, marker.what) for marker in query_cache.cached_lookup(baselines.markers)]
    st.caption(trend_sentences.FLAGS_EXPLAINED)
    draw(control_chart.draw(trend.months, baseline, changes, units), "trend_months")
    if not len(trend.outcomes):
        return
    events, followed_up = int(trend.outcomes.sum()), len(trend.outcomes)
    prose.draw_text(trend_sentences.describe_excess(events, followed_up, followed_up * baseline), "subheader")
    st.caption(trend_sentences.DRIFT_EXPLAINED)
    keys = np.strings.replace(trend.days.astype("datetime64[M]").astype(str), "-", "")
    chart = observed_minus_expected.draw(
        trend.outcomes.astype(int),
        np.full(followed_up, baseline),
        trend.days.astype(object),
        keys,
        trend.signals.tolist(),
    )
    draw(chart, "trend_expected")
    gap = trend.gaps.open
    prose.draw_text(trend_sentences.describe_current_gap(gap, (1 - baseline) ** gap), "subheader")
    st.caption(trend_sentences.GAPS_EXPLAINED)
    chart = events_between.draw(trend.gaps.between, gap, trend.gap_limits, keys[trend.outcomes][1:].tolist())
    draw(chart, "trend_gaps")


def _draw_baseline_form(measure: Measure) -> None:
    """What a manager enters; it applies to everyone from then on."""
    with st.expander("Set the baseline rate or note a change"):
        baseline, change = st.columns(2)
        with baseline.form("baseline"):
            kind = st.radio("Baseline rate", ["of a period", "a target"], key="baseline_kind")
            first = st.date_input("From", as_of_date() - 2 * YEAR, format=DAY)
            last = st.date_input("To", as_of_date() - YEAR, format=DAY)
            target = st.number_input("Target (%)", 0.1, 99.0, 2.0, 0.1)
            if st.form_submit_button("Set baseline"):
                is_period = kind == "of a period"
                days, share = ((first, last), None) if is_period else ((None, None), target / 100)
                _try_write(baselines.set_baseline, StatedBaseline(measure.code, *days, share), as_of_date())
        with change.form("marker", clear_on_submit=True):
            when = st.date_input("On", as_of_date(), key="marker_day", format=DAY)
            what = st.text_input("What changed", max_chars=80, key="marker_what", placeholder="a new product")
            if st.form_submit_button("Add note"):
                _try_write(baselines.add_marker, when, what)
        noted = query_cache.cached_lookup(baselines.markers)
        if not noted:
            return
        with change.form("noted", clear_on_submit=True):
            texts = {marker: f"{formatting.day(marker.date)}: {marker.what}" for marker in noted}
            marker = st.selectbox("Noted changes", noted, None, texts.__getitem__, placeholder="Choose a note")
            if st.form_submit_button("Remove note", icon=":material/undo:") and marker is not None:
                _try_write(baselines.remove_marker, marker)


def _try_write(operation, *arguments) -> None:
    try:
        query_cache.execute_write(operation, *arguments)
    except ValueError as error:
        st.error(formatting.escape_markdown(str(error)))
    else:
        st.rerun()


main()
