"""Durations in sentences: how long side effects and results last, and when side effects began."""

from collections.abc import Iterable

from dashboard.text.formatting import count, days, is_or_are, median, n_of_m, number, pluralize, weeks, whole_percent
from models.statistics.step_curve import MIN_ENDED

OPEN_CASES_INCLUDED = (
    "Open cases are counted up to the last day recorded as present, marked by an arrow. Leaving them out would make "
    "side effects look shorter than they are."
)
PUBLISHED_DURATIONS = (
    "In the words of each source. Clients, doses and ways of asking differ from those of this clinic, and most sources "
    "print a range without an interval."
)
ONSET_CAUTION = (
    "Onset as the client reported it. An early follow-up finds early side effects; those that begin slowly are noticed "
    "late."
)


def describe_duration(
    episodes: int, ended: int, middle: Iterable[float | None], followed: float, beyond: Iterable[tuple[int, float]]
) -> str:
    """ "Of 41 side effects, 35 have ended. Half had ended within 9 days (7–12); 22% lasted beyond 2 weeks, 8% beyond
    6 weeks." `middle`: the median with its limits; `followed`: the longest follow-up; `beyond`: (days, share)."""
    if not episodes:
        return "No side effects to follow."
    sentence = f"Of {pluralize(episodes, 'side effect')}, {count(ended)} {'has' if ended == 1 else 'have'} ended. "
    estimate, low, high = middle
    duration = median(estimate, low, high, followed)
    sentence += f"The median is {duration}" if estimate is None else f"Half had ended within {duration}"
    lasting = [f"{whole_percent(share)} beyond {weeks(at)}" for at, share in beyond]
    if lasting:
        sentence += f"; {', '.join(lasting).replace(' beyond', ' lasted beyond', 1)}"
    return f"{sentence}."


def describe_interval_ends(spans: int, ends: int, middle: float | None, followed: float) -> str:
    """ "30 of 35 ends are known only to lie between two contacts. Estimated from those, half had ended within 10
    days." """
    sentence = f"{n_of_m(spans, ends)} ends are known only to lie between two contacts. Estimated from those, "
    if middle is None:
        return f"{sentence}the median is {median(None, None, None, followed)}."
    return f"{sentence}half had ended within {days(middle)}."


def describe_few_interval_ends(spans: int, ends: int) -> str:
    """ "3 of 35 ends are known only to lie between two contacts; they count as of the later one." """
    return f"{n_of_m(spans, ends)} ends are known only to lie between two contacts; they count as of the later one."


def describe_onset(middle: float, effects: int) -> str:
    """ "Half of 412 side effects began by day 4 after the injection." """
    return f"Half of {pluralize(effects, 'side effect')} began by day {number(middle)} after the injection."


def explain_no_curve(ended: int, needed: int) -> str:
    """ "No curve: 3 of the 5 ended side effects needed. They are listed instead." """
    return f"No curve: {count(ended)} of the {count(needed)} ended side effects needed. They are listed instead."


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
