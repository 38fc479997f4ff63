"""The practitioner's own page, in the order of their questions. Everyone else appears as a total, without a name."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_table, charts, data_table, downloads, measure_status
from dashboard.figures import rate_intervals
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import label, label_columns
from data.analysis import baselines, cases, estimates
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.summaries import call_list, practitioner_summary
from models.measure import Measure

MAX_LISTED = 10  # cases listed as urgent: a link leads to the rest
FAMILY = "nearby_weakness"  # whose durations are compared
MAX_AREAS = 12  # areas and products drawn: the others have one or two side effects


def draw_practitioner_summary(view: PageView, measure: Measure) -> None:
    """Everything but the urgent part; the latest treatments and the changes are compared by `measure`."""
    selection = replace(view.selection.for_measure(measure), unit="treatment")
    _draw_latest(view, selection, measure)
    _draw_areas(view)
    _draw_changes(view, selection, measure)
    _draw_durations(view)
    _draw_appraisal(view)


def draw_urgent_work(view: PageView) -> None:
    """Of all dates: a client who needs help today may have been treated in any period."""
    st.header("Urgent today", anchor=False)
    every = Selection(as_of=view.selection.as_of, follow_up_days=view.selection.follow_up_days)
    flags = query_cache.cached_query(cases.unreviewed_red_flags, view.scope)
    open_cases, _ = query_cache.cached_query(cases.count_open, view.scope, every)
    due = sum(query_cache.cached_query(call_list.count_due_and_overdue, view.scope, every))
    prose.draw_text(comparison_sentences.describe_urgent_work(len(flags), open_cases, due))
    longest = query_cache.cached_query(cases.all_open_cases, view.scope, every, MAX_LISTED + len(flags))
    listed = pd.concat([flags, longest[~longest.number.isin(flags.number)]]).head(MAX_LISTED)
    table = label_columns(listed).rename(columns={"number": "case", "days": "days_so_far"})
    table = table[["case", "side_effect", "area", "treated_on", "days_so_far"]]
    if listed.red_flag.any():
        table = table.assign(red_flag=np.where(listed.red_flag.notna(), "Yes", ""))
    case_table.draw_case_list(table, "Red flags, then the side effects open longest; a row opens its case", "needs_me")
    with st.container(horizontal=True, gap="medium"):
        navigation.link_to_all_dates("cases", "All open cases", open="1")
        navigation.link_to_all_dates("call_list", "Call list")


def _draw_latest(view: PageView, selection: Selection, measure: Measure) -> None:
    st.header(f"My latest {practitioner_summary.MAX_LATEST}: signal or noise?", anchor=False)
    of_treatments = replace(measure, unit="treatment")
    baseline = measure_status.load_course(WHOLE_CLINIC, selection, of_treatments).state.baseline
    found = query_cache.cached_query(practitioner_summary.latest_results, view.scope, selection, baseline)
    events, followed_up, first, last = found.window
    if not followed_up:
        prose.draw_text(f"{measure.title}: none of your treatments has a follow-up yet.")
        return
    if found.tail is None:
        result = f"{formatting.n_of_m(events, followed_up)}, {formatting.percent_interval(*found.rate)}."
    else:
        result = trend_sentences.describe_signal(
            events, followed_up, found.rate, baseline.rate, found.tail, found.flag, found.power
        )
    latest = comparison_sentences.describe_latest_results(followed_up, formatting.period(first, last), result)
    prose.draw_text(f"{measure.title}. {latest}")
    prose.draw_text(f"All practitioners, including you. {measure_status.baseline_sentence(baseline)}", "caption")


def _draw_areas(view: PageView) -> None:
    st.header("In which areas", anchor=False)
    selection = replace(view.selection, unit="area")
    rates = query_cache.cached_query(estimates.rates, view.scope, selection, ("area", "product"))
    seen = rates[rates.events > 0].sort_values("events", ascending=False, kind="stable")
    rows = seen.head(MAX_AREAS)
    named = label_columns(rows)
    rows = rows.assign(key=rows.area + "|" + rows["product"], label=named.area + ", " + named["product"])
    if len(rows):
        left_out = "Areas without a side effect are left out"
        if len(seen) > MAX_AREAS:
            left_out = f"The {MAX_AREAS} with the most of {len(seen)}"
        st.caption(f"Side effects by treated area and product. {left_out}. {rate_sentences.PLACES_DIFFER}")
    chart = rate_intervals.draw(rows, "treated areas")
    charts.draw_chart(chart, "own_areas", lambda key: dict(zip(("area", "product"), key.split("|", 1), strict=True)))


def _draw_changes(view: PageView, selection: Selection, measure: Measure) -> None:
    st.header("Did my change help?", anchor=False)
    markers = query_cache.cached_lookup(baselines.markers)
    changes = query_cache.cached_query(practitioner_summary.compare_before_after, view.scope, selection, markers)
    if changes.empty:
        st.markdown("No change is noted in this period. Changes that the manager notes on Trends are compared here.")
        return
    for change in changes.itertuples():
        compared = comparison_sentences.describe_before_and_after(
            formatting.join_words(change.labels),
            change.date,
            (change.events_after, change.followed_up_after),
            (change.events_before, change.followed_up_before),
        )
        has_both = not np.isnan(change.difference)
        points = formatting.points(change.difference, change.low, change.high) if has_both else "no comparison yet"
        prose.draw_text(f"{compared}: {points}.")
        before, after = (
            formatting.period(first, last) if first else "no treatments"
            for first, last in ((change.first_before, change.last_before), (change.first_after, change.last_after))
        )
        prose.draw_text(
            f"{measure.title}. Before: {before}; after: {after}. Without treatments in follow-up.", "caption"
        )
    st.caption(comparison_sentences.OTHER_THINGS_CHANGED)


def _draw_durations(view: PageView) -> None:
    st.header("Durations and touch-ups", anchor=False)
    # One family: a median of bruises and weak muscles together describes the mix.
    selection, name = replace(view.selection, families=(FAMILY,)), label("family", FAMILY).lower()
    found = query_cache.cached_query(estimates.durations, view.scope, selection, ())
    if len(found):
        (own,) = found.itertuples(index=False)
        (everyone,) = query_cache.cached_query(estimates.durations, WHOLE_CLINIC, selection, ()).itertuples()
        texts = _median_text(own), _median_text(everyone)
        prose.draw_text(comparison_sentences.compare_medians(name, texts[0], own.ended, own.episodes, texts[1]))
    else:
        prose.draw_text(f"No {name}, so no duration.")
    touch_ups = query_cache.cached_query(practitioner_summary.touch_up_rate, view.scope, view.selection)
    if touch_ups.total:
        clinic = query_cache.cached_query(practitioner_summary.touch_up_rate, WHOLE_CLINIC, view.selection)
        prose.draw_text(
            comparison_sentences.compare_touch_ups(
                touch_ups.events, touch_ups.total, touch_ups.rate, clinic.events, clinic.total
            )
        )


def _median_text(row: Any) -> str:
    if row.refused:
        return f"too few to judge ({row.refused})"
    return formatting.median(*estimates.median_interval(row), row.longest)


def _draw_appraisal(view: PageView) -> None:
    st.header("For appraisal", anchor=False)
    months = query_cache.cached_query(practitioner_summary.practitioner_months, view.scope, view.selection)
    if months.empty:
        return
    columns = ["month", "treated", "followed_up", "events", "episodes"]
    shown = months[columns].assign(
        month=[formatting.month(day) for day in months.first_day],
        follow_up=np.where(months.is_in_follow_up, "still in follow-up", "complete"),
    )
    data_table.draw_table(shown, "My treatments month by month", "appraisal")
    downloads.draw_csv(months[[*columns, "rate", "low", "high", "is_in_follow_up"]], "appraisal")
