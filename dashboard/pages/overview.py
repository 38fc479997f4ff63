"""The first page: what happened, what changed, what is open and what we might have missed, each with a link."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import (
    case_courses,
    case_table,
    charts,
    face_map,
    measure_status,
    period_comparison,
    ways_asked,
)
from dashboard.figures import monthly_rates
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import call_sentences, case_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import UNIT_NOUNS, label
from data.analysis import cases, counts, estimates
from data.summaries import overview
from data.summaries.measure_states import MeasureState
from data.summaries.months import last_day_of_month
from models.measure import measures

FAMILIES = ("nearby_weakness", "generalised_weakness")  # the side effects that matter most, and the emergency
DETECTION_MEASURES = ("eyelid_ptosis", "nearby_weakness")  # a clinic wants to notice when these double
CARD_WIDTH = 150  # px: two numbers fit side by side on a phone
MAX_NAMED = 3  # side effects named within a family


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
        _draw_statements("What is open", _state_open_cases(shown, open_items, 0))  # of all dates
        return
    _draw_cards(shown, every, open_items)
    if len(shown.scope.practitioners or ()) == 1:
        navigation.draw_link("people", "My own page: urgent work and my latest results", icon=":material/person:")
    _draw_statements("What happened", _state_results(shown, every))
    states = measure_status.load_states(shown)
    _draw_statements("What changed", _state_changes(shown, states))
    unknown = every.total - every.followed_up - every.volunteered
    _draw_statements("What is open", _state_open_cases(shown, open_items, unknown))
    _draw_statements("What we might have missed", _state_detection_power(shown, states))
    months = query_cache.cached_query(overview.recent_months, shown.scope, shown.selection)
    last = last_day_of_month(months.last_day.iloc[-1])
    complete = months[~months.is_in_follow_up & (months.total > 0)]
    rates = [(formatting.month(row.first_day), row.events, row.followed_up) for row in complete.itertuples()]
    prose.draw_text(
        rate_sentences.describe_monthly_range(formatting.period(months.first_day.iloc[0], last), rates), "header"
    )
    st.caption(rate_sentences.MONTHS_DIFFER)
    charts.draw_chart(monthly_rates.draw(months), "months", case_parameters=lambda key: {"month": key})
    face_map.draw_area_map(shown)


def _draw_statements(title: formatting.Markdown, statements: Iterator[Statement]) -> None:
    heading, body = st.columns([2, 9], gap="medium")
    with heading.container(key=f"{theme.LEVEL}_{title.lower().replace(' ', '_')}"):
        st.header(title, anchor=False)
    with body:
        for statement in statements:
            text, link = st.columns([5, 1], gap="small")
            text.markdown(formatting.escape_markdown(statement.text))
            with link:
                page = formatting.escape_markdown(navigation.page_title(statement.page))
                navigation.draw_link(statement.page, page, **statement.filters)


def _draw_cards(shown: PageView, every: Any, open_items: overview.OpenItems) -> None:
    episodes, _, treatments = query_cache.cached_query(cases.count_cases, shown.scope, shown.selection)
    share, asked = "none yet", "all still in follow-up"
    if every.total:
        share = formatting.whole_percent(every.followed_up / every.total)
        asked = f"{formatting.n_of_m(every.followed_up, every.total)} past follow-up"
    cards = (
        ("Treatments", formatting.count(every.treated), f"{formatting.count(every.in_follow_up)} still in follow-up"),
        ("Side effects", formatting.count(episodes), f"after {formatting.pluralize(treatments, 'treatment')}"),
        ("Open now", formatting.count(open_items.cases), f"{formatting.count(open_items.in_period)} of this period"),
        ("Followed up", share, asked),
    )
    with st.grid(4, min_column_width=CARD_WIDTH):
        for card in cards:
            title, value, detail = [formatting.escape_markdown(text) for text in card]
            st.metric(title, value, detail, delta_color="off", delta_arrow="off", border=True)


def _state_results(shown: PageView, every: Any) -> Iterator[Statement]:
    interval, bounds = (every.rate, every.low, every.high), (every.lowest, every.highest)
    overall = rate_sentences.describe_overall_rate(
        every.events, every.followed_up, every.total, interval, bounds,
        volunteered=every.volunteered, in_follow_up=every.in_follow_up,
        not_recorded=ways_asked.load_rates(shown, shown.selection).followed_up.iat[-1],
    )  # fmt: skip
    volunteers = ways_asked.volunteers_sentence(shown, shown.selection, every)
    yield Statement(f"{overall} {volunteers}".strip(), "side_effects")
    if not every.followed_up:
        return
    found = query_cache.cached_query(estimates.rates, shown.scope, shown.selection, ("family",))
    parts = query_cache.cached_query(counts.counts, shown.scope, shown.selection, ("family", "side_effect"))
    parts = parts.sort_values(["events", "side_effect"], ascending=[False, True])
    sentences = []
    for family in FAMILIES:
        whole = next(found[found.family == family].itertuples(index=False), None)
        if whole is None:  # not reported: a rate of zero with its upper limit
            alone = replace(shown.selection, families=(family,))
            (whole,) = query_cache.cached_query(estimates.rates, shown.scope, alone).itertuples(index=False)
        most = parts[(parts.family == family) & (parts.events > 0)].head(MAX_NAMED)
        named = [(label("side_effect", row.side_effect).lower(), row.events) for row in most.itertuples()]
        interval, name = (whole.rate, whole.low, whole.high), label("family", family).lower()
        sentences.append(rate_sentences.describe_family_rate(name, whole.events, whole.followed_up, interval, named))
    yield Statement(" ".join(sentences), "cases", {"family": FAMILIES[0]})
    durations = query_cache.cached_query(estimates.durations, shown.scope, shown.selection, ("family",))
    for row in durations[durations.family == FAMILIES[0]].itertuples(index=False):
        yield Statement(" ".join(case_courses.duration_sentences_of(row, label("family", row.family))), "durations")


def _state_changes(shown: PageView, states: dict[str, MeasureState]) -> Iterator[Statement]:
    yield Statement(period_comparison.describe_comparison(shown), "side_effects", {"compare": "true"})
    higher = next((measures()[code].title for code, state in states.items() if state.is_higher), None)
    yield Statement(measure_status.describe_states(states), "trends", {"measure": higher} if higher else {})


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


def _state_detection_power(shown: PageView, states: dict[str, MeasureState]) -> Iterator[Statement]:
    asked = [(measures()[code], states[code].baseline.rate) for code in DETECTION_MEASURES]
    powers = [
        query_cache.cached_query(overview.detection_power, shown.scope, shown.selection, *which) for which in asked
    ]
    found = [power for power in powers if power]
    if found:
        yield Statement(" ".join(map(_detection_sentence, found)), "trends", {"measure": found[0].measure.title})
    else:
        yield Statement(trend_sentences.NOTHING_DETECTABLE, "data_quality", {"quality": "Follow-up"})


def _detection_sentence(found: overview.DetectionPower) -> str:
    followed_up = formatting.pluralize(found.followed_up, UNIT_NOUNS[found.measure.unit])
    effects = [label("side_effect", code) for code in found.measure.side_effects]
    name = formatting.join_words(effects + [label("family", code) for code in found.measure.families]).lower()
    if found.power is None:
        return trend_sentences.describe_no_events(followed_up, name, found.upper_limit)
    return trend_sentences.describe_detection_power(followed_up, name, found.power, found.rate, found.has_baseline)


main()
