"""The first page: what happened, what changed, what is open, what could not have been noticed; each with its chart."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import case_courses, charts, face_map, measure_status
from dashboard.figures import monthly_rates
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import label
from data.analysis import cases, counts, estimates, measure_selection
from data.analysis.selection import Selection
from data.summaries import overview, trends
from data.summaries.trends import MeasureStatus
from models.measure import Measure

FAMILIES = ("nearby_weakness", "generalised_weakness")  # the side effects that matter most, and the emergency
DETECTION_MEASURES = ("eyelid_ptosis", "nearby_weakness")  # measures whose doubling a clinic wants to notice
CARD_WIDTH = 150  # px: the least width of a number on top, two beside each other on a telephone
UNITS = {"treatment": "treatment", "area": "treated area", "client": "client"}
MAX_NAMED = 3  # side effects named within a family, and changes told


@dataclass(frozen=True)
class Statement:
    """One sentence and where its chart is."""

    text: str
    page: str
    filters: dict[str, str] = field(default_factory=dict)


def main() -> None:
    shown: PageView = st.session_state.shown
    found = query_cache.cached_query(estimates.rates, shown.scope, shown.selection, ())
    every = next(found.itertuples(index=False), None)
    if every is None or not every.total:
        return
    _draw_cards(shown, every)
    if len(shown.scope.practitioners or ()) == 1:
        navigation.draw_link(
            "people", "My own page: who needs me today, how my latest treatments went", icon=":material/person:"
        )
    _draw_statements("What happened", _state_results(shown, every))
    standings = measure_status.load_measure_statuses(shown)
    _draw_statements("What changed", _state_changes(shown, standings))
    _draw_statements("What is open", _state_open_cases(shown))
    _draw_statements("What could not have been noticed", _state_detection_power(standings))
    _draw_twelve_months(shown)
    face_map.draw_area_map(shown)


def _draw_statements(title: formatting.Markdown, sentences_: Iterator[Statement]) -> None:
    heading, beside = st.columns([2, 9], gap="medium")
    with heading.container(key=f"{theme.LEVEL}_{title.lower().replace(' ', '_')}"):
        st.header(title, anchor=False)
    with beside:
        for told in sentences_:
            text, look = st.columns([5, 1], gap="small")
            text.markdown(formatting.escape_markdown(told.text))
            with look:
                page = formatting.escape_markdown(navigation.page_title(told.page))
                navigation.draw_link(told.page, page, icon=":material/arrow_forward:", **told.filters)


def _draw_cards(shown: PageView, every: Any) -> None:
    episodes, still, treatments = query_cache.cached_query(cases.count_cases, shown.scope, shown.selection)
    known = formatting.whole_percent(every.followed_up / every.total)
    cards = (
        ("Treatments", formatting.count(every.total), f"{formatting.count(every.in_follow_up)} still maturing"),
        ("Side effects", formatting.count(episodes), f"after {formatting.pluralize(treatments, 'treatment')}"),
        ("Open now", formatting.count(still), f"of {formatting.pluralize(episodes, 'side effect')}"),
        ("Known outcome", known, formatting.n_of_m(every.followed_up, every.total)),
    )
    with st.grid(4, min_column_width=CARD_WIDTH):
        for card in cards:
            title, value, beside = [formatting.escape_markdown(said) for said in card]
            st.metric(title, value, beside, delta_color="off", delta_arrow="off", border=True)


# What happened


def _state_results(shown: PageView, every: Any) -> Iterator[Statement]:
    bounds = (every.lowest, every.highest)
    yield Statement(
        rate_sentences.describe_overall_rate(every.events, every.followed_up, every.total, _interval(every), bounds),
        "side_effects",
    )
    if not every.followed_up:
        return
    families = " ".join(_family_sentence(shown, family, every) for family in FAMILIES)
    yield Statement(families, "cases", {"family": FAMILIES[0]})
    for row in query_cache.cached_query(estimates.durations, shown.scope, shown.selection, ()).itertuples(index=False):
        yield Statement(case_courses.duration_sentence(row), "durations")


def _family_sentence(shown: PageView, family: str, every: Any) -> str:
    found = query_cache.cached_query(estimates.rates, shown.scope, shown.selection, ("family",))
    whole = next(found[found.family == family].itertuples(index=False), None)
    if whole is None:  # nobody reported one: the row of none, with what that allows
        whole = estimates.zero_rate(every)
    parts = query_cache.cached_query(counts.count_affected, shown.scope, shown.selection, (), ("family", "side_effect"))
    reported = [(effect, events) for (of, effect), (events, *_) in parts.items() if of == family]
    most = sorted(reported, key=lambda part: (-part[1], part[0]))[:MAX_NAMED]
    named = [(label("side_effect", effect).lower(), events) for effect, events in most]
    return rate_sentences.describe_family_rate(
        label("family", family).lower(), whole.events, whole.followed_up, _interval(whole), named
    )


def _interval(rate: Any) -> tuple[float, float, float]:
    return rate.rate, rate.low, rate.high


# What changed


def _state_changes(shown: PageView, standings: dict[str, MeasureStatus]) -> Iterator[Statement]:
    yield _state_comparison(shown)
    yield _state_measure_statuses(standings, trends.false_alarm_chance(measure_status.count_months(shown)))


def _state_comparison(shown: PageView) -> Statement:
    compared = query_cache.cached_query(overview.compare_with_previous_period, shown.scope, shown.selection)
    if compared is None:
        return Statement(trend_sentences.explain_no_comparison(_is_all_in_follow_up(shown.selection)), "trends")
    before, found = compared
    told = [change for change in found if change.adjusted_tail <= overview.SURPRISING_CHANCE][:MAX_NAMED]
    most, *others = told or found[:1]
    say = trend_sentences.describe_change if told else trend_sentences.describe_no_change
    text = say(_change_name(most), most.now, most.before, len(found), most.adjusted_tail)
    against = trend_sentences.introduce_comparison(formatting.period(before.from_date, before.to_date))
    also = f" {trend_sentences.list_other_changes(map(_change_name, others))}" if others else ""
    return Statement(f"{against} {text[:1].lower()}{text[1:]}{also}", *_change_link(most))


def _is_all_in_follow_up(selection: Selection) -> bool:
    return selection.from_date is not None and selection.from_date > selection.mature_until


def _change_name(change: overview.PeriodChange) -> str:
    kind, code = change.subject
    return {"any": "any side effect", "known": "known outcome"}.get(kind) or label(kind, code)


def _change_link(change: overview.PeriodChange) -> tuple[str, dict[str, str]]:
    kind, code = change.subject
    if kind == "known":
        return "data_quality", {"quality": "Follow-up"}
    return ("side_effects", {"compare": "true"}) if code is None else ("cases", {kind: code})


def _state_measure_statuses(standings: dict[str, MeasureStatus], by_chance: float) -> Statement:
    """What Trends would say of all its measures."""
    measures, states = measure_selection.rate_measures(), [standing.status for standing in standings.values()]
    standing_out = [measures[code].title for code, standing in standings.items() if standing.status == "look"]
    text = trend_sentences.describe_measure_statuses(
        standing_out, states.count("steady"), states.count("too few"), by_chance
    )
    return Statement(text, "trends", {"measure": standing_out[0]} if standing_out else {})


# What is open


def _state_open_cases(shown: PageView) -> Iterator[Statement]:
    found = query_cache.cached_query(overview.open_items, shown.scope, shown.selection)
    longest = found.longest
    which = f"{label('side_effect', longest.side_effect).lower()}, case {longest.number}" if longest else ""
    days = longest.days if longest else None
    yield Statement(case_sentences.describe_open_cases(found.cases, days, which), "cases", {"open": "1"})
    if found.unknown:
        text = case_sentences.describe_missing_outcomes(found.unknown, found.worth_calling)
        yield Statement(text, "call_list")


# What could not have been noticed


def _state_detection_power(standings: dict[str, MeasureStatus]) -> Iterator[Statement]:
    measures = measure_selection.rate_measures()
    every = [
        found for code in DETECTION_MEASURES if (found := overview.detection_power(measures[code], standings[code]))
    ]
    if every:
        yield Statement(" ".join(map(_detection_sentence, every)), "trends", {"measure": every[0].measure.title})
    else:
        yield Statement(trend_sentences.NOTHING_DETECTABLE, "data_quality", {"quality": "Follow-up"})


def _detection_sentence(found: overview.DetectionPower) -> str:
    known = formatting.pluralize(found.known, UNITS[found.measure.unit])
    name = _measure_name(found.measure)
    if found.power is None:
        return trend_sentences.describe_no_events(known, name, found.upper_limit)
    return trend_sentences.describe_detection_power(known, name, found.power, found.rate, not found.without_baseline)


def _measure_name(measure: Measure) -> str:
    codes = [label("side_effect", code) for code in measure.side_effects]
    return formatting.join_words(codes + [label("family", code) for code in measure.families]).lower()


# Twelve months


def _draw_twelve_months(shown: PageView) -> None:
    year = query_cache.cached_query(overview.recent_months, shown.scope, shown.selection)
    last = year[-1].last
    whole = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    over = [month for month in year if month.rate and not month.in_follow_up]
    rates = [(formatting.month(month.first), month.rate.events, month.rate.followed_up) for month in over]
    st.header(
        formatting.escape_markdown(
            rate_sentences.describe_monthly_range(formatting.period(year[0].first, whole), rates)
        ),
        anchor=False,
    )
    st.caption(rate_sentences.MONTHS_DIFFER)
    charts.draw_chart(
        monthly_rates.draw([_period_point(month) for month in year]),
        "months",
        case_parameters=lambda key: {"month": key},
    )


def _period_point(month: overview.MonthlyRate) -> monthly_rates.PeriodPoint:
    rate = month.rate
    return monthly_rates.PeriodPoint(
        key=str(month.first.year * 100 + month.first.month),
        first=month.first,
        last=month.last,
        treatments=rate.total if rate else 0,
        events=rate.events if rate else 0,
        known=rate.followed_up if rate else 0,
        estimate=rate.rate if rate else None,
        low=rate.low if rate else None,
        high=rate.high if rate else None,
        in_follow_up=month.in_follow_up,
    )


main()
