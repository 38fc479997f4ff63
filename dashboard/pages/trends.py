"""Every measure at a glance, and one of them in detail: is it as expected, since when not, and would it have shown?"""

from datetime import timedelta
from functools import partial

import numpy as np
import streamlit as st

from dashboard.components import charts, measure_status
from dashboard.figures import control_chart, events_between, observed_minus_expected, sparkline
from dashboard.shell import prose, query_cache
from dashboard.shell.access import WHOLE_CLINIC_LABEL
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from dashboard.text.labels import UNIT_NOUNS
from data.analysis import baselines
from data.analysis.baselines import StatedBaseline
from data.as_of import as_of_date
from data.summaries import measure_states, trends
from data.summaries.measure_states import MeasureCourse, MeasureState
from models.measure import Measure, measures

ALL_MEASURES = "All measures"
CARD_WIDTH = 250  # px: three side by side on a desk, one on a phone
YEAR, DAY = timedelta(days=365), formatting.DATE_FIELD
STATUSES = (measure_states.ABOVE_TARGET, measure_states.HIGHER, measure_states.AS_EXPECTED, measure_states.TOO_FEW)


def main() -> None:
    view: PageView = st.session_state.shown
    measure = measure_status.choose_measure(ALL_MEASURES)
    states = measure_status.load_states(view)
    if measure is None:
        _draw_wall(view, states)
        return
    state = states[measure.code]
    _draw_verdict(measure, state)
    _draw_months(view, measure, state)
    more = st.expander("More: treatment by treatment", key="more", on_change="rerun")
    if more.open:  # its power takes up to a second, and two charts are sent
        with more:
            _draw_course(measure, measure_status.load_course(view.scope, view.selection, measure))
    if st.query_params.get("as", WHOLE_CLINIC_LABEL) == WHOLE_CLINIC_LABEL:
        _draw_baseline_form(measure)


def _draw_wall(view: PageView, states: dict[str, MeasureState]) -> None:
    """A card for each measure, those that rose first; a click opens it."""
    prose.draw_text(measure_status.describe_states(states))
    st.caption(trend_sentences.STATE_EXPLAINED)
    with st.grid(4, min_column_width=CARD_WIDTH):
        for status in STATUSES:
            for code in (code for code in measures() if states[code].status == status):
                with st.container(border=True, gap="xsmall"):
                    _draw_card(view, measures()[code], states[code])


def _draw_card(view: PageView, measure: Measure, state: MeasureState) -> None:
    months = state.months.assign(
        rate=state.months.events / state.months.followed_up,
        is_in_follow_up=view.selection.is_in_follow_up(_last_days(state)),
    )
    complete = months[~months.is_in_follow_up]
    latest = "No month is past its follow-up."
    if len(complete):
        month = complete.iloc[-1]
        rate = formatting.n_of_m_percent(int(month.events), int(month.followed_up))
        latest = f"{formatting.month(month.month.date())}: {rate} {UNIT_NOUNS[measure.unit]}s"
    title = formatting.escape_markdown(measure.title)
    st.button(
        title, key=f"measure_{measure.code}", icon=":material/show_chart:", type="tertiary",
        on_click=_open_measure, args=[measure.code],
    )  # fmt: skip
    st.markdown(f"**{formatting.escape_markdown(_verdict(state))}**")
    signal = None if state.signal is None else np.datetime64(state.signal)
    st.image(
        sparkline.draw(months, state.baseline.rate, signal), width="stretch", alt=f"{measure.title} by month: {latest}"
    )
    prose.draw_text(latest, "caption")


def _last_days(state: MeasureState) -> np.ndarray:
    return (state.months.month.to_numpy().astype("datetime64[M]") + 1).astype("datetime64[D]") - 1


def _open_measure(code: str) -> None:
    st.session_state.measure = code


def _verdict(state: MeasureState) -> str:
    month = formatting.month(state.signal) if state.signal else None
    return trend_sentences.describe_state(state.status, month, state.baseline.is_target)


def _draw_verdict(measure: Measure, state: MeasureState) -> None:
    verdict, baseline = _verdict(state), state.baseline
    prose.draw_text(f"{measure.title}: {formatting.lower_first(verdict)}", "header")
    if baseline.rate is None:
        prose.draw_text(measure_status.baseline_sentence(baseline))
        return
    noun = UNIT_NOUNS[measure.unit]
    prose.draw_text(
        trend_sentences.describe_judged(
            state.events, state.judged, noun, state.expected, baseline.rate, baseline.is_target
        )
    )


def _draw_months(view: PageView, measure: Measure, state: MeasureState) -> None:
    """The chart within the first screen of a phone, and what there is to know about it below."""
    months = query_cache.cached_query(trends.measure_months, view.scope, view.selection, measure, state.baseline)
    effects, units = measure_status.case_parameters(measure), f"{UNIT_NOUNS[measure.unit]}s"
    changes = [(marker.date, marker.what) for marker in query_cache.cached_lookup(baselines.markers)]
    chart = control_chart.draw(months, state.baseline.rate, changes, units, state.signal)
    charts.draw_chart(chart, "trend_months", case_parameters=lambda month: {"month": month, **effects})
    is_narrowed = trends.is_narrowed(view.selection)
    notes = [trend_sentences.FLAGS_NEED_ALL if is_narrowed else trend_sentences.FLAGS_EXPLAINED]
    notes += [trend_sentences.STATE_EXPLAINED, measure.why]
    if state.baseline.rate is not None:
        notes.append(measure_status.baseline_sentence(state.baseline))
    if state.signal:
        days = formatting.day(state.signal), formatting.day(state.signal_known_on)
        notes.append(trend_sentences.describe_signal_day(*days))
    if state.only_seen_on:
        notes.append(trend_sentences.describe_lost_signal(formatting.day(state.only_seen_on)))
    if state.needs_new_baseline:
        notes.append(trend_sentences.NEW_BASELINE_DUE)
    prose.draw_text(" ".join(notes), "caption")


def _draw_course(measure: Measure, course: MeasureCourse) -> None:
    """Observed minus expected, and the events between: of all that was judged, whatever the period."""
    state, noun, total = course.state, UNIT_NOUNS[measure.unit], len(course.affected)
    if state.baseline.rate is None or not total:
        st.markdown("Nothing can be judged yet.")
        return
    effects = measure_status.case_parameters(measure)
    draw = partial(charts.draw_chart, case_parameters=lambda month: {"month": month, **effects})
    prose.draw_text(trend_sentences.describe_excess(state.events, total, state.expected, noun), "subheader")
    st.caption(trend_sentences.DRIFT_EXPLAINED)
    prose.draw_text(trend_sentences.describe_chart_power(state.baseline.doubling_shown()), "caption")
    keys = np.strings.replace(course.date.astype("datetime64[M]").astype(str), "-", "")
    signals = [] if course.signal is None else [course.signal]
    chart = observed_minus_expected.draw(
        course.affected.astype(int), course.expected, course.date.astype(object), keys, signals, noun
    )
    draw(chart, "trend_expected")
    gaps = course.gaps
    chance = (1 - state.baseline.rate) ** gaps.open
    prose.draw_text(trend_sentences.describe_current_gap(gaps.open, chance, noun), "subheader")
    st.caption(trend_sentences.GAPS_EXPLAINED)
    keys = keys[course.affected][1:].tolist()
    draw(events_between.draw(gaps.between, gaps.open, course.gap_limits, keys, noun), "trend_gaps")


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
                _try_write(baselines.set_baseline, StatedBaseline(measure.code, *days, share, as_of_date()))
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
