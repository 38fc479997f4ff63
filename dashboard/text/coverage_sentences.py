"""Sentences about what is counted, how clients were asked, and whether the figures can be trusted."""

from collections.abc import Sequence
from datetime import date

from dashboard.text.formatting import (
    count,
    day,
    days,
    is_or_are,
    join_words,
    n_of_m,
    name_kinds,
    pluralize,
    was_or_were,
    whole_percent,
)

CLIENTS_OVERLAP = "Clients who were asked in two ways count once for each way."
IN_FOLLOW_UP_EXCLUDED = "Treatments still in follow-up are left out."


def describe_denominator(
    treatments: int, clients: int, when: str, where: str, followed_up: int, in_follow_up: int = 0,
    since: date | None = None,
) -> str:  # fmt: skip
    """ "412 treatments of 305 clients, April–June 2026, all sites. Followed up: 318 of the 373 past the follow-up
    window (85%). 39 treated after Jun 10, 2026 are still in follow-up." """
    if not treatments:
        return f"No treatments, {when}, {where}."
    said = f"{pluralize(treatments, 'treatment')} of {pluralize(clients, 'client')}, {when}, {where}."
    if past := treatments - in_follow_up:
        of_past = f"the {count(past)} past the follow-up window" if in_follow_up else count(past)
        said += f" Followed up: {count(followed_up)} of {of_past} ({whole_percent(followed_up / past)})."
    if in_follow_up and since:
        which = "All" if not past else count(in_follow_up)
        said += f" {which} treated after {day(since)} {is_or_are(in_follow_up)} still in follow-up."
    return said


def describe_red_flags(cases: int, label: str, onset: date | None) -> str:
    """ "1 dysphagia, onset Jun 3, 2026, not yet reviewed." With more than one, `onset` is that of the latest."""
    when = f"onset {day(onset)}" if onset else "onset not recorded"
    return f"{count(cases)} {label}, {when if cases == 1 else f'latest {when}'}, not yet reviewed."


def describe_how_asked(unit: str, checklist: int, open_question: int, not_recorded: int) -> str:
    """ "How clients were asked, 301 treatments followed up: checklist 201, open question 88, not recorded 12 (4%)."
    Without any, an empty text."""
    asked = checklist + open_question + not_recorded
    if not asked:
        return ""
    ways = f"checklist {count(checklist)}, open question {count(open_question)}, not recorded {count(not_recorded)}"
    share = whole_percent(not_recorded / asked)
    return f"How clients were asked, {pluralize(asked, unit)} followed up: {ways} ({share})."


def describe_volunteers(volunteers: int, asked_later: int, others: int, others_asked: int) -> str:
    """ "Of 12 who volunteered first, 9 were asked later; of the others, 81%." Without any, an empty text."""
    if not volunteers:
        return ""
    first = f"Of {count(volunteers)} who volunteered first, {count(asked_later)} {was_or_were(asked_later)} asked later"
    return f"{first}; of the others, {whole_percent(others_asked / others)}." if others else f"{first}."


def describe_unplaced_effects(names: Sequence[tuple[str, int]]) -> str:
    """ "3 side effects have no treated area (headache 2 and nausea 1) and count in no rate per area." `names`: side
    effects and how many of each, the most first; a few are named."""
    effects = sum(number for _, number in names)
    have, they = ("has", "counts") if effects == 1 else ("have", "count")
    unplaced = f"{pluralize(effects, 'side effect')} {have} no treated area ({name_kinds(names)})"
    return f"{unplaced} and {they} in no rate per area."


def describe_recall(treatments: int, where: str, is_cut: bool) -> str:
    """ "208 treatments, all dates, all sites. Client numbers are those of these records." """
    listed = f"{pluralize(treatments, 'treatment')}, all dates, {where}."
    if is_cut:
        listed = f"The latest {listed} There may be more: choose a site to see all of them."
    return f"{listed} Client numbers are those of these records."


def describe_trust(reasons_against: Sequence[str], reasons_for: Sequence[str] = ()) -> str:
    """ "Can these figures be trusted? Not yet: 12 treatments without a lot and ..." """
    verdict, reasons = ("Not yet", reasons_against) if reasons_against else ("Yes", reasons_for)
    because = f": {join_words(reasons)}" if reasons else ""
    return f"Can these figures be trusted? {verdict}{because}."


def describe_follow_up_share(followed_up: int, treatments: int, needed: float) -> str:
    """ "5,533 of 7,625 treatments past the follow-up window were followed up (73%; 80% needed)" """
    share = f"{whole_percent(followed_up / treatments)}; {whole_percent(needed)} needed"
    return f"{n_of_m(followed_up, treatments)} treatments past the follow-up window were followed up ({share})"


def describe_latest_treatment(days_ago: int) -> str:
    """ "the latest treatment on record is from 3 days ago" """
    return f"the latest treatment on record is from {f'{days(days_ago)} ago' if days_ago else 'today'}"


def describe_days_to_note(effects: int, median: float) -> str:
    """ "Half of 1,701 side effects were recorded within 11 days of onset." """
    return f"Half of {pluralize(effects, 'side effect')} were recorded within {days(median)} of onset."
