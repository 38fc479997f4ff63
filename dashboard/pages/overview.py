"""The first page: what happened, what changed, what is open, what could not have been noticed; each with its chart."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field

import streamlit as st

from dashboard import theme
from dashboard.components import case_courses, charts, face_map, measure_status
from dashboard.figures import monthly_rates
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import Shown
from dashboard.text import case_sentences, formatting, rate_sentences, trend_sentences
from dashboard.text.labels import label
from data.analysis import cases, counts, estimates, measure_selection
from data.analysis.estimates import Rate
from data.analysis.selection import Selection
from data.summaries import overview, trends
from data.summaries.trends import Standing
from models.measure import Measure

FAMILIES = ("nearby_weakness", "generalised_weakness")  # the side effects that matter most, and the emergency
WATCHED = ("eyelid_ptosis", "nearby_weakness")  # measures whose doubling a clinic wants to notice
CARD = 150  # px: the least width of a number on top, two beside each other on a telephone
UNITS = {"treatment": "treatment", "area": "treated area", "client": "client"}
MOST_NAMED = 3  # side effects named within a family, and changes told


@dataclass(frozen=True)
class Told:
    """One sentence and where its chart is."""

    text: str
    page: str
    filters: dict[str, str] = field(default_factory=dict)


def main() -> None:
    shown: Shown = st.session_state.shown
    found = query_cache.ask(estimates.rates, shown.scope, shown.selection, ())
    if not found or not found[0].total:
        return
    _cards(shown, found[0])
    if len(shown.scope.practitioners or ()) == 1:
        navigation.link(
            "people", "My own page: who needs me today, how my latest treatments went", icon=":material/person:"
        )
    _told("What happened", _happened(shown, found[0]))
    standings = measure_status.standings(shown)
    _told("What changed", _changed(shown, standings))
    _told("What is open", _open(shown))
    _told("What could not have been noticed", _unnoticed(standings))
    _twelve_months(shown)
    face_map.draw(shown)


def _told(title: formatting.Markdown, sentences_: Iterator[Told]) -> None:
    heading, beside = st.columns([2, 9], gap="medium")
    with heading.container(key=f"{theme.LEVEL}_{title.lower().replace(' ', '_')}"):
        st.header(title, anchor=False)
    with beside:
        for told in sentences_:
            text, look = st.columns([5, 1], gap="small")
            text.markdown(formatting.as_text(told.text))
            with look:
                page = formatting.as_text(navigation.title(told.page))
                navigation.link(told.page, page, icon=":material/arrow_forward:", **told.filters)


def _cards(shown: Shown, every: Rate) -> None:
    episodes, still, treatments = query_cache.ask(cases.how_many, shown.scope, shown.selection)
    known = formatting.share(every.known / every.total)
    cards = (
        ("Treatments", formatting.count(every.total), f"{formatting.count(every.maturing)} still maturing"),
        ("Side effects", formatting.count(episodes), f"after {formatting.counted(treatments, 'treatment')}"),
        ("Open now", formatting.count(still), f"of {formatting.counted(episodes, 'side effect')}"),
        ("Known outcome", known, formatting.of(every.known, every.total)),
    )
    with st.grid(4, min_column_width=CARD):
        for card in cards:
            title, value, beside = [formatting.as_text(said) for said in card]
            st.metric(title, value, beside, delta_color="off", delta_arrow="off", border=True)


# What happened


def _happened(shown: Shown, every: Rate) -> Iterator[Told]:
    bounds = (every.lowest, every.highest)
    yield Told(
        rate_sentences.affected(every.events, every.known, every.total, _interval(every), bounds), "side_effects"
    )
    if not every.known:
        return
    families = " ".join(_family(shown, family, every) for family in FAMILIES)
    yield Told(families, "cases", {"family": FAMILIES[0]})
    for row in query_cache.ask(estimates.durations, shown.scope, shown.selection, ()):
        yield Told(case_courses.how_long(row), "durations")


def _family(shown: Shown, family: str, every: Rate) -> str:
    found = query_cache.ask(estimates.rates, shown.scope, shown.selection, ("family",))
    whole = next((rate for rate in found if rate.by["family"] == family), None)
    if whole is None:  # nobody reported one: the row of none, with what that allows
        whole = estimates.none_of(every)
    parts = query_cache.ask(counts.affected, shown.scope, shown.selection, (), ("family", "side_effect"))
    reported = [(effect, events) for (of, effect), (events, *_) in parts.items() if of == family]
    most = sorted(reported, key=lambda part: (-part[1], part[0]))[:MOST_NAMED]
    named = [(label("side_effect", effect).lower(), events) for effect, events in most]
    return rate_sentences.family(label("family", family).lower(), whole.events, whole.known, _interval(whole), named)


def _interval(rate: Rate) -> tuple[float, float, float]:
    return rate.estimate, rate.low, rate.high


# What changed


def _changed(shown: Shown, standings: dict[str, Standing]) -> Iterator[Told]:
    yield _compared(shown)
    yield _watched(standings, trends.false_alarm(measure_status.months(shown)))


def _compared(shown: Shown) -> Told:
    compared = query_cache.ask(overview.changes, shown.scope, shown.selection)
    if compared is None:
        return Told(trend_sentences.nothing_before(_all_maturing(shown.selection)), "trends")
    before, found = compared
    told = [change for change in found if change.chance <= overview.SURPRISING][:MOST_NAMED]
    most, *others = told or found[:1]
    say = trend_sentences.change if told else trend_sentences.no_change
    text = say(_name(most), most.now, most.before, len(found), most.chance)
    against = trend_sentences.compared_with(formatting.period(before.from_date, before.to_date))
    also = f" {trend_sentences.also_apart(map(_name, others))}" if others else ""
    return Told(f"{against} {text[:1].lower()}{text[1:]}{also}", *_where(most))


def _all_maturing(selection: Selection) -> bool:
    return selection.from_date is not None and selection.from_date > selection.mature_until


def _name(change: overview.Change) -> str:
    kind, code = change.what
    return {"any": "any side effect", "known": "known outcome"}.get(kind) or label(kind, code)


def _where(change: overview.Change) -> tuple[str, dict[str, str]]:
    kind, code = change.what
    if kind == "known":
        return "data_quality", {"quality": "Follow-up"}
    return ("side_effects", {"compare": "true"}) if code is None else ("cases", {kind: code})


def _watched(standings: dict[str, Standing], by_chance: float) -> Told:
    """What Trends would say of all its measures."""
    measures, states = measure_selection.rate_measures(), [standing.state for standing in standings.values()]
    standing_out = [measures[code].title for code, standing in standings.items() if standing.state == "look"]
    text = trend_sentences.watched(standing_out, states.count("steady"), states.count("too few"), by_chance)
    return Told(text, "trends", {"measure": standing_out[0]} if standing_out else {})


# What is open


def _open(shown: Shown) -> Iterator[Told]:
    found = query_cache.ask(overview.still_open, shown.scope, shown.selection)
    longest = found.longest
    which = f"{label('side_effect', longest.side_effect).lower()}, case {longest.number}" if longest else ""
    days = longest.days if longest else None
    yield Told(case_sentences.still_open(found.cases, days, which), "cases", {"open": "1"})
    if found.unknown:
        text = case_sentences.unknown(found.unknown, found.worth_calling)
        yield Told(text, "call_list")


# What could not have been noticed


def _unnoticed(standings: dict[str, Standing]) -> Iterator[Told]:
    measures = measure_selection.rate_measures()
    every = [found for code in WATCHED if (found := overview.unseen(measures[code], standings[code]))]
    if every:
        yield Told(" ".join(map(_unseen, every)), "trends", {"measure": every[0].measure.title})
    else:
        yield Told(trend_sentences.NOTHING_NOTICED, "data_quality", {"quality": "Follow-up"})


def _unseen(found: overview.Unseen) -> str:
    known = formatting.counted(found.known, UNITS[found.measure.unit])
    name = _measured(found.measure)
    if found.power is None:
        return trend_sentences.none_seen(known, name, found.at_most)
    return trend_sentences.not_noticed(known, name, found.power, found.rate, not found.no_usual)


def _measured(measure: Measure) -> str:
    codes = [label("side_effect", code) for code in measure.side_effects]
    return formatting.listing(codes + [label("family", code) for code in measure.families]).lower()


# Twelve months


def _twelve_months(shown: Shown) -> None:
    year = query_cache.ask(overview.months, shown.scope, shown.selection)
    last = year[-1].last
    whole = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    over = [month for month in year if month.rate and not month.maturing]
    rates = [(formatting.month(month.first), month.rate.events, month.rate.known) for month in over]
    st.header(formatting.as_text(rate_sentences.by_month(formatting.period(year[0].first, whole), rates)), anchor=False)
    st.caption(rate_sentences.MONTHS_DIFFER)
    charts.draw(monthly_rates.draw([_period(month) for month in year]), "months", to_cases=lambda key: {"month": key})


def _period(month: overview.Month) -> monthly_rates.Period:
    rate = month.rate
    return monthly_rates.Period(
        key=str(month.first.year * 100 + month.first.month),
        first=month.first,
        last=month.last,
        treatments=rate.total if rate else 0,
        events=rate.events if rate else 0,
        known=rate.known if rate else 0,
        estimate=rate.estimate if rate else None,
        low=rate.low if rate else None,
        high=rate.high if rate else None,
        maturing=month.maturing,
    )


main()
