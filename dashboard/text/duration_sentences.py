"""Durations in sentences: how long side effects and results last, and when side effects began."""

from collections.abc import Iterable

from dashboard.text.formatting import (
    capitalize_first,
    count,
    days,
    is_or_are,
    median,
    n_of_m,
    number,
    pluralize,
    weeks,
    whole_percent,
)
from models.statistics.step_curve import MIN_ENDED, MIN_FOLLOWED

OPEN_CASES_INCLUDED = (
    "Open cases are counted up to the last day recorded as present, marked by an arrow. Leaving them out would make "
    "side effects look shorter than they are."
)
UNSEEN_ENDS = "Side effects that resolved before anyone asked are not in the records."
PUBLISHED_DURATIONS = (
    "In the words of each source. Clients, doses and ways of asking differ from those of this clinic, and most sources "
    "print a range without an interval."
)
ONSET_CAUTION = (
    "Onset as the client reported it. An early follow-up finds early side effects; those that begin slowly are noticed "
    "late."
)


def describe_median(middle: Iterable[float | None], followed: float, name: str = "") -> str:
    """ "Bruising: half had ended within 9 days (7–12)." `middle`: the median with its limits; `followed`: the longest
    follow-up."""
    estimate, low, high = middle
    duration = median(estimate, low, high, followed)
    sentence = f"the median is {duration}" if estimate is None else f"half had ended within {duration}"
    return f"{name}: {sentence}." if name else f"{capitalize_first(sentence)}."


def describe_ends(episodes: int, ended: int, fatal: int, beyond: Iterable[tuple[int, float]]) -> str:
    """ "Of 41 side effects, 35 have ended (1 fatal). 22% lasted beyond 2 weeks, 8% beyond 6 weeks." `beyond`: (days,
    share)."""
    has_ended = f"{count(ended)} {'has' if ended == 1 else 'have'} ended{f' ({count(fatal)} fatal)' if fatal else ''}."
    sentence = f"Of {pluralize(episodes, 'side effect')}, {has_ended}"
    lasting = ", ".join(f"{whole_percent(share)} beyond {weeks(at)}" for at, share in beyond)
    return f"{sentence} {lasting.replace(' beyond', ' lasted beyond', 1)}." if lasting else sentence


def describe_interval_ends(spans: int, latest: str) -> str:
    """ "For 30 side effects we know only that they ended between two contacts. Counted to their latest possible day
    (Kaplan-Meier), the median is 10 days (8–12)." """
    ended = f"For {pluralize(spans, 'side effect')} we know only that they ended between two contacts."
    return f"{ended} Counted to their latest possible day (Kaplan-Meier), the median is {latest}."


def describe_open_ended(still: int, middle: float) -> str:
    """ "If each of the 11 open cases had ended the day after its last note, half would have ended within 26 days." """
    cases = f"each of the {count(still)} open cases" if still > 1 else "the open case"
    return f"If {cases} had ended the day after its last note, half would have ended within {days(middle)}."


def describe_onset(middle: float, effects: int) -> str:
    """ "Half of 412 side effects began by day 4 after the injection." """
    return f"Half of {pluralize(effects, 'side effect')} began by day {number(middle)} after the injection."


def explain_no_median(ended: int, name: str = "") -> str:
    """ "No curve: 3 of the 5 ended side effects needed. They are listed instead." Or too few still followed."""
    about = f"{name}: no" if name else "No"  # the name of a family or a side effect
    if ended < MIN_ENDED:
        return f"{about} curve: {count(ended)} of the {MIN_ENDED} ended side effects needed. They are listed instead."
    return f"{about} median: fewer than {MIN_FOLLOWED} were still followed by then."


def explain_retreatment(low: int, high: int) -> str:
    """What the days until the next treatment of an area say about "results last 4 to 6 months", and what not."""
    return (
        f"Results are said to last 4 to 6 months ({low} to {high} days). This is the retreatment interval: "
        "when they returned for the same area, not when the effect wore off. Some return earlier, some much later, "
        "some never or elsewhere. Clients who have not returned are counted up to now."
    )


def explain_effect_duration(low: int, high: int, scored: bool) -> str:
    """How the end of the effect is known, or that it is not."""
    claim = f"Results are said to last 4 to 6 months ({low} to {high} days)."
    if not scored:
        return (
            f"{claim} No follow-up here scores the effect on a scale that shows its end, such as the movement "
            "of the treated muscle. Only the retreatment interval is known."
        )
    return (
        f"{claim} Counted to the first follow-up with a score that shows no effect, after one that showed it. "
        "Ongoing effects count up to their last score. The effect ended some time before that follow-up. A "
        "score is for the whole treatment and counts for each area treated."
    )


def describe_no_effect(areas: int) -> str:
    """ "3 treated areas are left out: no score ever showed an effect there." """
    return f"{pluralize(areas, 'treated area')} {is_or_are(areas)} left out: no score ever showed an effect there."


def describe_small_groups(came: str, ended: int, treatments: int, groups: int, further: bool) -> str:
    """ "Too few for a time in 12 further pairs of product and area, fewer than 5 in each: came back after 7 of 90
    treatments." """
    pairs = pluralize(groups, f"{'further ' if further else ''}pair")
    after = f"{came.lower()} after {n_of_m(ended, treatments)} treatments"
    return f"Too few for a time in {pairs} of product and area, fewer than {MIN_ENDED} in each: {after}."
