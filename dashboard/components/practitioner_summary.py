"""The practitioner's own page, in the order of their questions. Everyone else appears as a sum, without a name."""

from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.components import charts, data_table
from dashboard.figures import rate_intervals
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, duration_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import label
from data.analysis import baselines, cases, estimates, measure_selection
from data.analysis.cases import Case
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.summaries import call_list, practitioner_summary, trends
from data.summaries.practitioner_summary import CountWindow
from models.measure import Measure

MAX_LISTED = 10  # cases named under "who needs me": the rest is a click away
MAX_AREAS = 12  # areas and products drawn under "where": beyond them come those with one or two side effects


def draw_practitioner_summary(view: PageView, measure: Measure) -> None:
    """All but the urgent part; `measure` is what the latest treatments and the changes are judged by."""
    narrowed = replace(measure_selection.selection_for_measure(measure, view.selection), unit="treatment")
    _draw_latest(view, narrowed, measure)
    _draw_by_area(view)
    _draw_changes(view, narrowed, measure)
    _draw_durations(view)
    _draw_appraisal(view)


# Who needs me today


def draw_urgent_work(view: PageView) -> None:
    """Of all dates: whoever needs help today may have been treated in any period."""
    st.header("Who needs me today", anchor=False)
    every = Selection(as_of=view.selection.as_of, follow_up_days=view.selection.follow_up_days)
    flags = query_cache.cached_query(cases.unreviewed_red_flags, view.scope)
    _, still, _ = query_cache.cached_query(cases.count_cases, view.scope, every)
    due = query_cache.cached_query(call_list.count_due_treatments, view.scope, every)
    st.markdown(formatting.escape_markdown(comparison_sentences.describe_urgent_work(len(flags), still, due)))
    flagged = {case.number for case in flags}
    longest = query_cache.cached_query(cases.longest_open, view.scope, every, MAX_LISTED + len(flags))
    _draw_cases(flags + [case for case in longest if case.number not in flagged])
    with st.container(horizontal=True, gap="medium"):
        navigation.link_to_all_dates("cases", "All open cases", open="1")
        navigation.link_to_all_dates("call_list", "Call list")


def _draw_cases(found: list[Case]) -> None:
    if not found:
        return
    table = {
        "Case": [case.number for case in found[:MAX_LISTED]],
        "Side effect": [label("side_effect", case.side_effect) for case in found[:MAX_LISTED]],
        "Area": [label("area", case.area) for case in found[:MAX_LISTED]],
        "Treated": [case.treated_on for case in found[:MAX_LISTED]],
        "Days so far": [case.days for case in found[:MAX_LISTED]],
    }
    if any(case.red_flag for case in found[:MAX_LISTED]):
        table["Red flag"] = ["Yes" if case.red_flag else "" for case in found[:MAX_LISTED]]
    alt = "Red flags, then the side effects open longest; a row opens its case"
    row = data_table.draw_table(table, alt, "needs_me", choose=True)
    if row is not None:
        st.switch_page(charts.CASES, query_params={"case": str(found[row].number)})


# How did my latest go; this or noise


def _draw_latest(shown: PageView, narrowed: Selection, measure: Measure) -> None:
    st.header(f"My latest {practitioner_summary.MAX_LATEST}: signal or noise?", anchor=False)
    stated = query_cache.cached_lookup(baselines.baseline, measure.code)
    usual = query_cache.cached_query(trends.measure_baseline, WHOLE_CLINIC, narrowed, stated)
    found = query_cache.cached_query(practitioner_summary.latest_results, shown.scope, narrowed, usual)
    stretch = found.window
    if not stretch.known:
        st.markdown(formatting.escape_markdown(f"{measure.title}: no outcome of yours is known yet."))
        return
    if found.tail is None:
        said = f"{formatting.rate_with_interval(stretch.events, stretch.known, *found.rate)}."
    else:
        said = trend_sentences.describe_signal(
            stretch.events, stretch.known, found.rate, usual.rate, found.tail, found.flag, found.power
        )
    when = formatting.period(stretch.first, stretch.last)
    st.markdown(
        formatting.escape_markdown(
            f"{measure.title}. {comparison_sentences.describe_latest_results(stretch.known, when, said)}"
        )
    )
    when = formatting.period(usual.from_date, usual.to_date) if usual.from_date else ""
    of_everyone = trend_sentences.describe_baseline(usual.rate, usual.events, usual.known, when, usual.refused)
    st.caption(formatting.escape_markdown(f"Everyone's, yours among them. {of_everyone}"))


# Where


def _draw_by_area(shown: PageView) -> None:
    st.header("Where it sits", anchor=False)
    rates = query_cache.cached_query(
        estimates.rates, shown.scope, replace(shown.selection, unit="area"), ("area", "product")
    )
    seen = sorted(rates[rates.events > 0].itertuples(index=False), key=lambda rate: -rate.events)
    rows = [_row(rate) for rate in seen[:MAX_AREAS]]
    if rows:
        most = rows[0]
        said = formatting.rate_with_interval(most.events, most.known, most.estimate, most.low, most.high)
        st.subheader(formatting.escape_markdown(rate_sentences.describe_highest_rate(most.label, said)), anchor=False)
        which = (
            f"The {MAX_AREAS} with the most of {len(seen)}"
            if len(seen) > MAX_AREAS
            else "Those without any are left out"
        )
        st.caption(f"Side effects placed in the area, by product. {which}. {rate_sentences.PLACES_DIFFER}")
    charts.draw_chart(rate_intervals.draw(rows, "treated areas"), "own_areas", case_parameters=_cases_at)


def _row(rate: Any) -> rate_intervals.RateRow:
    area, product = rate.area, rate.product
    name = f"{label('area', area)}, {label('product', product)}"
    return rate_intervals.RateRow(
        f"{area}|{product}", name, rate.events, rate.followed_up, rate.rate, rate.low, rate.high
    )


def _cases_at(key: str) -> dict[str, str]:
    area, _, product = key.partition("|")
    return {"area": area, "product": product}


# Did my change help


def _draw_changes(shown: PageView, narrowed: Selection, measure: Measure) -> None:
    st.header("Did my change help?", anchor=False)
    found = query_cache.cached_query(
        practitioner_summary.compare_before_after, shown.scope, narrowed, query_cache.cached_lookup(baselines.markers)
    )
    if not found:
        st.markdown("No change is noted within this period. What the manager notes on Trends is compared here.")
        return
    for change in found:
        before, after = change.before, change.after
        said = comparison_sentences.describe_before_and_after(
            formatting.join_words(change.labels),
            change.date,
            (after.events, after.known),
            (before.events, before.known),
        )
        apart = f": {formatting.points(*change.difference)}." if change.difference else ": nothing to compare yet."
        st.markdown(formatting.escape_markdown(f"{said}{apart}"))
        compared = (
            f"{measure.title}. Before: {_window_text(before)}; from then on: {_window_text(after)}. Mature "
            f"treatments alone."
        )
        st.caption(formatting.escape_markdown(compared))
    st.caption(comparison_sentences.OTHER_THINGS_CHANGED)


def _window_text(stretch: CountWindow) -> str:
    return formatting.period(stretch.first, stretch.last) if stretch.known else "nobody"


# How long, and touch-ups


def _draw_durations(shown: PageView) -> None:
    st.header("How long, and how often again", anchor=False)
    found = query_cache.cached_query(estimates.durations, shown.scope, shown.selection, ())
    if len(found):
        (mine,) = found.itertuples(index=False)
        all_found = query_cache.cached_query(estimates.durations, WHOLE_CLINIC, shown.selection, ())
        (everyone,) = all_found.itertuples(index=False)
        said = comparison_sentences.compare_medians(
            _median_text(mine), mine.ended, mine.episodes, _median_text(everyone)
        )
        st.markdown(formatting.escape_markdown(said))
    else:
        st.markdown("No side effects, so no durations.")
    again = query_cache.cached_query(practitioner_summary.touch_up_rate, shown.scope, shown.selection)
    if again.total:
        everyones = query_cache.cached_query(practitioner_summary.touch_up_rate, WHOLE_CLINIC, shown.selection)
        said = comparison_sentences.compare_touch_ups(
            again.events, again.total, again.rate, everyones.events, everyones.total
        )
        st.markdown(formatting.escape_markdown(said))


def _median_text(row: Any) -> str:
    median = estimates.median_interval(row)
    if median.estimate is None and row.ended < duration_sentences.MIN_ENDED:
        return f"too few over to tell ({row.ended} of the {duration_sentences.MIN_ENDED} needed)"
    return formatting.median(*median, row.longest)


# A page for appraisal


def _draw_appraisal(shown: PageView) -> None:
    st.header("For appraisal", anchor=False)
    found = query_cache.cached_query(practitioner_summary.practitioner_months, shown.scope, shown.selection)
    if not found:
        return
    rates = [month.rate for month in found]
    table = {
        "Month": [formatting.month(month.first) for month in found],
        "Treatments": [rate.total if rate else 0 for rate in rates],
        "Outcome known": [rate.followed_up if rate else 0 for rate in rates],
        "With a side effect": [rate.events if rate else 0 for rate in rates],
        "Side effects": [rate.episodes if rate else 0 for rate in rates],
        "Follow-up": ["still maturing" if month.in_follow_up else "over" for month in found],
    }
    data_table.draw_table(table, "My treatments month by month", "appraisal")
    charts.draw_download(table, "appraisal")
