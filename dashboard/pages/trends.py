"""One measure over time: is it as usual, and what would have been noticed?"""

import calendar
from datetime import date, timedelta

import numpy as np
import streamlit as st

from dashboard.components import charts, measure_status
from dashboard.figures import control_chart, events_between, monthly_rates, observed_minus_expected
from dashboard.shell import query_cache
from dashboard.shell.access import WHOLE_CLINIC_LABEL
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from data.analysis import baselines, measure_selection
from data.as_of import as_of_date
from data.summaries import trends
from data.summaries.trends import MeasureBaseline, Trend
from models.measure import Measure

FIRST_MEASURE = "nearby_weakness"  # the side effect that matters most
YEAR, DAY = timedelta(days=365), "DD/MM/YYYY"
STATUS_LABELS = {"look": "Look at the cases", "steady": "Steady", "too few": "Too few to tell"}


def main() -> None:
    shown: PageView = st.session_state.shown
    measures = measure_selection.rate_measures()
    states = st.container()  # filled last: the states of all measures take longer than the one that is looked at
    chosen = st.selectbox(
        "Measure",
        list(measures),
        index=list(measures).index(FIRST_MEASURE),
        format_func=lambda code: measures[code].title,
        key="measure",
        bind="query-params",
    )
    measure = measures[chosen]
    trend = _load_trend(shown, measure)
    st.header(formatting.escape_markdown(_headline(measure, trend)), anchor=False)
    st.caption(formatting.escape_markdown(f"{measure.why} {_baseline_sentence(trend.baseline)}"))
    if trend.baseline.rate is not None:
        _draw_charts(measure, trend)
    else:
        charts.draw_chart(
            monthly_rates.draw([_period_point(p) for p in trend.periods], _units(measure)),
            "trend_months",
            _case_parameters(measure),
        )
    if st.query_params.get("as", WHOLE_CLINIC_LABEL) == WHOLE_CLINIC_LABEL:
        _draw_baseline_form(measure)
    with states:
        _draw_statuses(
            measures, {code: its.status for code, its in measure_status.load_measure_statuses(shown).items()}, chosen
        )


def _load_trend(shown: PageView, measure: Measure) -> Trend:
    stated = query_cache.cached_lookup(baselines.baseline, measure.code)
    return query_cache.cached_query(
        trends.trend, shown.scope, measure_selection.selection_for_measure(measure, shown.selection), stated
    )


def _draw_statuses(measures: dict[str, Measure], found: dict[str, str], chosen: str) -> None:
    """Every measure by its state, in words; a click on one chooses it."""
    for state, said in STATUS_LABELS.items():
        codes = [code for code in measures if found[code] == state]
        if codes:
            key = f"measures_{state}"
            st.session_state[key] = chosen if chosen in codes else None
            st.pills(
                said, codes, format_func=lambda c: formatting.escape_markdown(measures[c].title), key=key,
                on_change=_choose_measure, args=[key],
            )  # fmt: skip


def _choose_measure(key: str) -> None:
    st.session_state.measure = st.session_state[key] or st.session_state.measure  # a second click leaves it chosen


def _headline(measure: Measure, trend: Trend) -> str:
    events, known = int(trend.outcomes.sum()), len(trend.outcomes)
    if trend.baseline.rate is None:
        seen = sum(p.rate.events for p in trend.periods), sum(p.rate.followed_up for p in trend.periods)
        if not seen[1]:
            return f"{measure.title}: no outcome is known in this period."
        return f"{measure.title}: {formatting.n_of_m(*seen)}. Too few to tell a change from chance."
    if not known:
        return f"{measure.title}: no outcome is known in this period."
    return trend_sentences.describe_trend(
        f"{measure.title}: {formatting.count(events)}",
        known,
        formatting.day(trend.days[0].astype(object)),
        trend.baseline.rate,
        known * trend.baseline.rate,
        len(trend.signals),
        min(trends.DETECTION_HORIZON, known),
        trend.power_doubled,
    )


def _baseline_sentence(usual: MeasureBaseline) -> str:
    when = formatting.period(usual.from_date, usual.to_date) if usual.from_date else ""
    return trend_sentences.describe_baseline(usual.rate, usual.events, usual.known, when, usual.refused)


def _draw_charts(measure: Measure, trend: Trend) -> None:
    judged = [
        control_chart.FlaggedPeriod(_period_point(p), p.limit if np.isfinite(p.limit) else None, p.flag)
        for p in trend.periods
    ]
    changes = [
        control_chart.MarkedChange(marker.date, marker.what) for marker in query_cache.cached_lookup(baselines.markers)
    ]
    chart = control_chart.draw(judged, trend.baseline.rate, changes, _units(measure))
    st.caption(trend_sentences.FLAGS_EXPLAINED)
    charts.draw_chart(chart, "trend_months", _case_parameters(measure))
    if not len(trend.outcomes):
        return
    days = trend.days.astype(object)
    events, known = int(trend.outcomes.sum()), len(trend.outcomes)
    st.subheader(
        formatting.escape_markdown(trend_sentences.describe_excess(events, known, known * trend.baseline.rate)),
        anchor=False,
    )
    st.caption(trend_sentences.DRIFT_EXPLAINED)
    months_of, at = np.unique(trend.days.astype("datetime64[M]"), return_inverse=True)
    keys = np.array([str(month).replace("-", "") for month in months_of])[at]
    chart = observed_minus_expected.draw(
        trend.outcomes.astype(int), np.full(len(days), trend.baseline.rate), days, keys, trend.signals.tolist()
    )
    charts.draw_chart(chart, "trend_expected", _case_parameters(measure))
    run = trend.gaps.open
    st.subheader(
        formatting.escape_markdown(trend_sentences.describe_current_gap(run, (1 - trend.baseline.rate) ** run)),
        anchor=False,
    )
    st.caption(trend_sentences.GAPS_EXPLAINED)
    at_events = np.flatnonzero(trend.outcomes)
    chart = events_between.draw(trend.gaps.between, run, trend.gap_limits, keys[at_events[1:]].tolist())
    charts.draw_chart(chart, "trend_gaps", _case_parameters(measure))


def _period_point(period: trends.TrendMonth) -> monthly_rates.PeriodPoint:
    year, of_year = divmod(period.month, 100)
    rate = period.rate
    return monthly_rates.PeriodPoint(
        key=str(period.month),
        first=date(year, of_year, 1),
        last=date(year, of_year, calendar.monthrange(year, of_year)[1]),
        treatments=rate.total,
        events=rate.events,
        known=rate.followed_up,
        estimate=rate.rate,
        low=rate.low,
        high=rate.high,
        in_follow_up=period.in_follow_up,
    )


def _units(measure: Measure) -> str:
    return {"treatment": "treatments", "area": "treated areas", "client": "clients"}[measure.unit]


def _case_parameters(measure: Measure):
    effects = {} if measure.code == "any_side_effect" else {"side_effect": list(measure.numerator)}
    return lambda month: {"month": month, **effects}


def _draw_baseline_form(measure: Measure) -> None:
    """What a manager states by hand; it holds for everybody from then on."""
    with st.expander("State the usual rate, or note that something changed"):
        baseline, change = st.columns(2)
        with baseline.form("baseline"):
            kind = st.radio("The usual rate is", ["that of a period", "a target"], key="baseline_kind")
            first = st.date_input("From", as_of_date() - 2 * YEAR, format=DAY)
            last = st.date_input("To", as_of_date() - YEAR, format=DAY)
            target = st.number_input("Target, in percent", 0.1, 99.0, 2.0, 0.1)
            if st.form_submit_button("Set for this measure"):
                period = kind == "that of a period"
                stated = baselines.StatedBaseline(
                    measure.code, first if period else None, last if period else None, None if period else target / 100
                )
                _try_write(baselines.set_baseline, stated, as_of_date())
        with change.form("marker", clear_on_submit=True):
            when = st.date_input("On", as_of_date(), key="marker_day", format=DAY)
            what = st.text_input("What changed", max_chars=80, key="marker_what", placeholder="a new product")
            if st.form_submit_button("Note it"):
                _try_write(baselines.add_marker, when, what)
        with change:
            _draw_markers()


def _draw_markers() -> None:
    """The changes noted so far, each of which can be taken back."""
    noted = query_cache.cached_lookup(baselines.markers)
    if not noted:
        return
    with st.form("noted", clear_on_submit=True):
        which = st.selectbox("Noted so far", noted, None, _marker_text, placeholder="Choose one to take it back")
        if st.form_submit_button("Take it back", icon=":material/undo:") and which is not None:
            _try_write(baselines.remove_marker, which)


def _marker_text(marker: baselines.Marker) -> str:
    return f"{formatting.day(marker.date)}: {marker.what}"


def _try_write(work, *what) -> None:
    try:
        query_cache.execute_write(work, *what)
    except ValueError as error:
        st.error(formatting.escape_markdown(str(error)))
    else:
        st.rerun()


main()
