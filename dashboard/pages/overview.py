"""The first page: what needs attention, the numbers of the period, weakness, and what is open, each with a link."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import (
    attention_list,
    case_table,
    charts,
    data_table,
    face_map,
    measure_status,
    ways_asked,
)
from dashboard.figures import monthly_rates
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import call_sentences, case_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import UNIT_NOUNS, label
from data.analysis import cases, estimates
from data.summaries import data_quality, overview, period_changes
from data.summaries.months import last_day_of_month
from data.summaries.weakness import WEAKNESS_FAMILIES
from models.measure import measures

CARD_WIDTH = 150  # px: two numbers fit side by side on a phone


@dataclass(frozen=True)
class Statement:
    """One sentence and the page that shows more."""

    text: str
    page: str
    filters: dict[str, str] = field(default_factory=dict)


def main() -> None:
    shown: PageView = st.session_state.shown
    found = query_cache.cached_query(estimates.rates, shown.scope, shown.selection, ())
    every = next(found.itertuples(index=False), None)
    open_items = query_cache.cached_query(overview.open_items, shown.scope, shown.selection)
    if every is None or not every.treated:
        _draw_open_items(_state_open_cases(shown, open_items, 0))  # of all dates
        return
    months = query_cache.cached_query(overview.recent_months, shown.scope, shown.selection)
    attention, numbers = st.columns([5, 3], gap="large")
    with attention:
        attention_list.draw_attention_list(shown)
        if len(shown.scope.practitioners or ()) == 1:
            navigation.draw_link("people", "My own page: urgent work and my latest results", icon=":material/person:")
    with numbers:
        _draw_cards(shown, every, open_items, months)
    _draw_months(shown, every, months)
    _draw_weakness(shown)
    unknown = every.total - every.followed_up - every.volunteered
    _draw_open_items(_state_open_cases(shown, open_items, unknown))
    _draw_detection_power(shown)
    face_map.draw_area_map(shown)


def _draw_cards(shown: PageView, every: Any, open_items: overview.OpenItems, months: pd.DataFrame) -> None:
    """The numbers of the period, with the period before, the target of follow-up and the course of twelve months."""
    complete = months[~months.is_in_follow_up & (months.followed_up > 0)]
    in_follow_up = f"{formatting.count(every.in_follow_up)} still in follow-up"
    rate, before = ("none yet", "") if not every.followed_up else (formatting.percent(every.rate), _rate_before(shown))
    share, target = "none yet", "all still in follow-up"
    if every.total:
        share = formatting.whole_percent(every.followed_up / every.total)
        target = f"target {formatting.whole_percent(data_quality.MIN_FOLLOW_UP_SHARE)}"
    longest = f"longest {formatting.days(open_items.longest.days)}" if open_items.longest else ""
    cards = (
        ("Side effects", rate, before, complete.rate),
        ("Followed up", share, target, complete.followed_up / complete.total),
        ("Treatments", formatting.count(every.treated), in_follow_up, complete.treated),
        ("Open now", formatting.count(open_items.cases), longest, None),
    )
    with st.grid(2, min_column_width=CARD_WIDTH):
        for *texts, course in cards:
            title, value, detail = (formatting.escape_markdown(text) for text in texts)
            st.metric(
                title, value, detail or None, delta_color="off", delta_arrow="off", border=True, chart_type="line",
                chart_data=None if course is None or len(course) < 2 else course.tolist(),
            )  # fmt: skip


def _rate_before(shown: PageView) -> str:
    """ "before: 29.1%", of the period before of the same length; nothing where there is none."""
    before = period_changes.previous_period(shown.selection)
    if before is None:
        return ""
    (earlier,) = query_cache.cached_query(estimates.rates, shown.scope, before, ()).itertuples(index=False)
    return f"before: {formatting.percent(earlier.rate)}" if earlier.followed_up else ""


def _draw_months(shown: PageView, every: Any, months: pd.DataFrame) -> None:
    when = formatting.period(months.first_day.iloc[0], last_day_of_month(months.last_day.iloc[-1]))
    prose.draw_text(f"Treatments with a side effect, by month, {when}", "header")
    charts.draw_chart(monthly_rates.draw(months), "months", case_parameters=lambda key: {"month": key})
    interval, bounds = (every.rate, every.low, every.high), (every.lowest, every.highest)
    overall = rate_sentences.describe_overall_rate(
        every.events, every.followed_up, every.total, interval, bounds,
        volunteered=every.volunteered, in_follow_up=every.in_follow_up,
        not_recorded=ways_asked.load_rates(shown, shown.selection).followed_up.iat[-1],
    )  # fmt: skip
    volunteers = ways_asked.volunteers_sentence(shown, shown.selection, every)
    period = formatting.capitalize_first(shown.period_text)  # the chart shows twelve months, whatever the period
    prose.draw_text(f"{period}. {overall} {volunteers} {rate_sentences.MONTHS_DIFFER}", "caption")


def _draw_weakness(shown: PageView) -> None:
    """The three kinds of weakness, which clients are told about."""
    st.header("Weakness after treatment", anchor=False)
    selection = replace(shown.selection, families=WEAKNESS_FAMILIES)
    rates, durations = (
        {row.family: row for row in query_cache.cached_query(query, shown.scope, selection, ("family",)).itertuples()}
        for query in (estimates.rates, estimates.durations)
    )
    rows = []
    for family in WEAKNESS_FAMILIES:
        row, lasting = rates.get(family), durations.get(family)
        if row is None:  # not reported: a rate of zero with its upper limit
            alone = replace(shown.selection, families=(family,))
            (row,) = query_cache.cached_query(estimates.rates, shown.scope, alone).itertuples()
        rows.append(
            {
                "kind": label("family", family),
                "treatments": formatting.n_of_m(row.events, row.followed_up),
                "Rate (95% interval)": formatting.percent_interval(row.rate, row.low, row.high)
                if row.followed_up
                else "",
                "median_duration": "" if lasting is None else _median(lasting),
                "family": family,
            }
        )
    table = pd.DataFrame(rows)
    alt = "The three kinds of weakness: affected treatments among those followed up, rate, median duration"
    chosen = data_table.draw_table(table.drop(columns="family"), alt, "weakness", choose=True)
    if chosen is not None:
        st.switch_page(navigation.page_file("cases"), query_params={"family": table.family[chosen]})


def _median(lasting: Any) -> str:
    return lasting.refused or formatting.median(*estimates.median_interval(lasting), lasting.longest)


def _draw_open_items(statements: Iterator[Statement]) -> None:
    st.header("Open side effects", anchor=False)
    for statement in statements:
        text, link = st.columns([5, 1], gap="small")
        text.markdown(formatting.escape_markdown(statement.text))
        with link:
            page = formatting.escape_markdown(navigation.page_title(statement.page))
            navigation.draw_link(statement.page, page, **statement.filters)


def _state_open_cases(shown: PageView, found: overview.OpenItems, unknown: int) -> Iterator[Statement]:
    longest = found.longest
    which = f"{label('side_effect', longest.side_effect).lower()}, case {longest.number}" if longest else ""
    days = longest.days if longest else None
    text = case_sentences.describe_open_cases(found.cases, found.in_period, found.unattributed, days, which)
    of_period = found.in_period == found.cases
    yield Statement(
        text, *(("cases", {"open": "1"}) if of_period else ("call_list", {"calls": call_sentences.SIDE_EFFECT_LIST}))
    )
    unattributed = query_cache.cached_query(cases.unattributed_cases, shown.scope, shown.selection)
    if len(unattributed):
        yield Statement(case_table.describe_unattributed(unattributed), "cases")
    if unknown:
        yield Statement(case_sentences.describe_missing_outcomes(unknown, found.to_call), "call_list")


def _draw_detection_power(shown: PageView) -> None:
    """For each measure that is not higher than expected: would this period have shown it if it had doubled? Counted
    only when it is opened."""
    expander = st.expander("What we might have missed", on_change="rerun", key="missed")
    if not expander.open:
        return
    with expander:
        quiet = {code: state for code, state in measure_status.load_states(shown).items() if not state.is_higher}
        for code, state in quiet.items():
            power = query_cache.cached_query(
                overview.detection_power, shown.scope, shown.selection, measures()[code], state.baseline.rate
            )
            if power:
                prose.draw_text(_detection_sentence(power))
        if not quiet:
            st.markdown("Every measure is higher than expected.")


def _detection_sentence(found: overview.DetectionPower) -> str:
    followed_up = formatting.pluralize(found.followed_up, UNIT_NOUNS[found.measure.unit])
    name = formatting.lower_first(found.measure.title)
    if found.power is None:
        return trend_sentences.describe_no_events(followed_up, name, found.upper_limit)
    return trend_sentences.describe_detection_power(followed_up, name, found.power, found.rate, found.has_baseline)


main()
