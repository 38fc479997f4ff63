"""How long side effects and the effect itself last, and when they were noticed."""

from collections.abc import Iterable

from dashboard.text.formatting import count, days, is_or_are, median, n_of_m, number, pluralize, weeks, whole_percent

MIN_ENDED = 5  # ended side effects that a curve needs (models/statistics/step_curve.py says why)
OPEN_CASES_INCLUDED = (
    "A side effect that is not known to be over stays in, up to the last day anybody heard from the client (an arrow). "
    "Leaving these out would make side effects look shorter than they are."
)
ONSET_CAUTION = (
    "First noticed by the client, as far as it was told: an early follow-up finds early ones, and what began slowly is "
    "noticed late."
)


def describe_duration(
    episodes: int, ended: int, middle: Iterable[float | None], followed: float, beyond: Iterable[tuple[int, float]]
) -> str:
    """ "Of 41 side effects, 35 are over. Half were over within 9 days (7–12); 22% lasted beyond 2 weeks, 8% beyond
    6 weeks." `middle`: the median with its limits; `followed`: the longest follow-up; `beyond`: (days, share there)."""
    if not episodes:
        return "No side effects, so no durations."
    said = f"Of {pluralize(episodes, 'side effect')}, {count(ended)} {is_or_are(ended)} over. "
    said += _median_clause(middle, followed, "Half")
    lasting = [f"{whole_percent(there)} beyond {weeks(at)}" for at, there in beyond]
    if lasting:
        said += f"; {', '.join(lasting).replace(' beyond', ' lasted beyond', 1)}"
    return f"{said}."


def describe_median_duration(middle: Iterable[float | None], followed: float, at: int, there: float) -> str:
    """ "Half of the side effects were over within 9 days (7–12); after 6 weeks 8% were still there." """
    half = _median_clause(middle, followed, "Half of the side effects")
    return f"{half}; after {weeks(at)} {whole_percent(there)} were still there."


def _median_clause(middle: Iterable[float | None], followed: float, half: str) -> str:
    estimate, low, high = middle
    said = median(estimate, low, high, followed)
    return f"The time until half are over is {said}" if estimate is None else f"{half} were over within {said}"


def describe_interval_ends(spans: int, ends: int, middle: float | None, followed: float) -> str:
    """ "30 of 35 ends lie between two contacts. From those spans, half were over within 10 days." """
    said = f"{n_of_m(spans, ends)} ends lie between two contacts. From those spans, "
    if middle is None:
        return f"{said}the time until half are over is {median(None, None, None, followed)}."
    return f"{said}half were over within {days(middle)}."


def describe_few_interval_ends(spans: int, ends: int) -> str:
    """ "3 of 35 ends lie between two contacts and count as of the later one." """
    return f"{n_of_m(spans, ends)} ends lie between two contacts and count as of the later one."


def describe_onset(middle: float, effects: int) -> str:
    """ "Half of 412 side effects were first noticed by day 4 after the injection." """
    return (
        f"Half of {pluralize(effects, 'side effect')} were first noticed by day {number(middle)} after the injection."
    )


def explain_no_curve(ended: int, needed: int) -> str:
    """ "No curve: 3 of the 5 ended side effects needed; they are listed instead." """
    return f"No curve: {count(ended)} of the {count(needed)} ended side effects needed; they are listed instead."


def explain_retreatment(low: int, high: int) -> str:
    """What the days until the next treatment of an area can say of "the effect lasts 4 to 6 months", and what not."""
    return (
        f"Clients are told the effect lasts 4 to 6 months ({low} to {high} days). What every clinic records is when "
        "they came back for the same area. Some come back before it has worn off, some long after, some never or "
        "elsewhere: this is when they returned, not when it wore off. Those not back yet are counted for as long as "
        "they could have been."
    )


def explain_effect_duration(low: int, high: int, scored: bool) -> str:
    """How the end of the effect is known, or that it is not."""
    told = f"Clients are told the effect lasts 4 to 6 months ({low} to {high} days)."
    if not scored:
        return (
            f"{told} No follow-up here scores it on a scale that says when it is over, such as the movement of the "
            "treated muscle. When clients came back is all there is to go by."
        )
    return (
        f"{told} Counted to the first follow-up whose score says that it is over, after one that showed it; those not "
        "over count as far as they were scored. It was over some time before that follow-up. A score is of the whole "
        "treatment and counts for each area treated."
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
