"""What is counted, what was asked, and whether the figures can be trusted."""

from collections.abc import Sequence
from datetime import date

from dashboard.text.formatting import count, day, days, is_or_are, join_words, n_of_m, pluralize, whole_percent

IN_FOLLOW_UP_EXCLUDED = "Treatments that are still maturing are left out."


def describe_denominator(
    treatments: int, clients: int, when: str, where: str, known: int, maturing: int = 0, since: date | None = None
) -> str:
    """ "412 treatments of 305 clients, April–June 2026, all sites. Outcome known for 318 (77%). 39 treated after
    10 June 2026 are still maturing." """
    if not treatments:
        return f"No treatments, {when}, {where}."
    said = (
        f"{pluralize(treatments, 'treatment')} of {pluralize(clients, 'client')}, {when}, {where}. "
        f"Outcome known for {count(known)} ({whole_percent(known / treatments)})."
    )
    if maturing and since:
        said += f" {count(maturing)} treated after {day(since)} {is_or_are(maturing)} still maturing."
    return said


def describe_red_flags(cases: int, label: str, noticed: date | None) -> str:
    """ "1 dysphagia, first noticed 3 June 2026, not yet reviewed." With more than one, the latest of them."""
    when = f"first noticed {day(noticed)}" if noticed else "day not told"
    return f"{count(cases)} {label}, {when if cases == 1 else f'the latest {when}'}, not yet reviewed."


def describe_how_asked(checklist: int, open_question: int, volunteered: int) -> str:
    """ "What was asked: checklist 201, open question 88, volunteered 29." """
    return (
        f"What was asked: checklist {count(checklist)}, open question {count(open_question)}, "
        f"volunteered {count(volunteered)}."
    )


def describe_unplaced_effects(effects: int) -> str:
    """How many effects count in no area, most of which have none: "3 side effects are placed in no treated area, as a
    headache has none: they count in no rate per area." """
    they = "it counts" if effects == 1 else "they count"
    placed = f"{pluralize(effects, 'side effect')} {is_or_are(effects)} placed in no treated area"
    return f"{placed}, as a headache has none: {they} in no rate per area."


def describe_recall(treatments: int, where: str, cut: bool) -> str:
    """ "208 treatments of all dates, all sites. Client numbers are those of these records." """
    listed = f"{pluralize(treatments, 'treatment')} of all dates, {where}."
    if cut:
        listed = f"The latest {listed} There may be more: choose a site to see all of them."
    return f"{listed} Client numbers are those of these records."


def describe_trust(reasons_against: Sequence[str], reasons_for: Sequence[str] = ()) -> str:
    """ "Can these figures be trusted? Not yet: 12 treatments without a lot and ..." """
    verdict, reasons = ("Not yet", reasons_against) if reasons_against else ("Yes", reasons_for)
    because = f": {join_words(reasons)}" if reasons else ""
    return f"Can these figures be trusted? {verdict}{because}."


def describe_follow_up_share(known: int, treated: int, needed: float) -> str:
    """ "outcome known for 5,533 of 7,625 treatments that are no longer maturing (73%; 80% needed)" """
    which = "treatments that are no longer maturing"
    return (
        f"outcome known for {n_of_m(known, treated)} {which} ({whole_percent(known / treated)}; "
        f"{whole_percent(needed)} needed)"
    )


def describe_latest_treatment(ago: int) -> str:
    """ "the latest treatment on record is of 3 days ago" """
    return f"the latest treatment on record is of {'today' if not ago else f'{days(ago)} ago'}"


def describe_days_to_note(effects: int, middle: float) -> str:
    """ "Half of 1,701 side effects were on record within 11 days of being first noticed." """
    return f"Half of {pluralize(effects, 'side effect')} were on record within {days(middle)} of being first noticed."
