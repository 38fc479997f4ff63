"""What changed, and what could not have been noticed."""

from collections.abc import Iterable

from dashboard.text.formatting import (
    VERDICT,
    Flag,
    capitalize_first,
    chance_in_words,
    count,
    detection_chance,
    exact_percent,
    join_words,
    n_of_m,
    n_of_m_percent,
    number,
    number_word,
    percent,
    percent_range,
    pluralize,
    round_half_up,
)

FLAGS_EXPLAINED = (
    "A month on or above the stepped line has more than chance explains (1 time in 740 when nothing has changed). "
    "A quiet chart does not show that nothing changed: see what would have been noticed."
)


NOTHING_DETECTABLE = (
    "Without a known outcome where they can happen, neither eyelid ptosis nor weakness could be noticed."
)
DRIFT_EXPLAINED = (
    "The line drifts up and down by chance alone: only a diamond is more than chance explains, and a line without one "
    "does not show that nothing changed."
)
GAPS_EXPLAINED = (
    "Each dot is the number of treatments from one to the next, in their order. They differ widely by chance alone: "
    "only one beyond the dotted line is unusual."
)

_MOST_NAMED = 3  # measures named in one sentence


def describe_change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "Bruising: 66 of 690 (9.6%) against 30 of 655 (4.6%) before. With 15 comparisons, one so far apart comes by
    chance about 1 time in 120." `so_far`: the chance that any of the `among` comparisons is this far apart."""
    by_chance = f"With {_comparison_count(among)}, one so far apart comes by chance {chance_in_words(so_far)}."
    return f"{capitalize_first(label)}: {_now_against_before(now, before)}. {by_chance}"


def describe_no_change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "15 comparisons, none further apart than chance explains. The furthest: bruising, 66 of 690 (9.6%) against 51
    of 655 (7.8%) before. One so far apart comes by chance about 4 times in 10." """
    return (
        f"{capitalize_first(_comparison_count(among))}, none further apart than chance explains. The furthest: "
        f"{label.lower()}, "
        f"{_now_against_before(now, before)}. One so far apart comes by chance {chance_in_words(so_far)}."
    )


def describe_measure_statuses(standing_out: list[str], steady: int, too_few: int, by_chance: float) -> str:
    """ "Against its usual rate, treatment by treatment, 2 of 9 measures have more than chance explains: bruising and
    dry eye. Were the usual rate exact, one in which nothing changed would come to that about 1 time in 15 at most. For
    3 there are too few to tell." """
    judged = len(standing_out) + steady
    if not judged:
        return "Against its usual rate no measure can be judged yet: there are too few known outcomes to tell."
    more = len(standing_out) - _MOST_NAMED
    named = [title[:1].lower() + title[1:] for title in standing_out[:_MOST_NAMED]]
    named = join_words([*named, f"{count(more)} more"] if more > 0 else named)
    among = n_of_m(len(standing_out), judged) if standing_out else f"none of {count(judged)}"
    have = "have" if len(standing_out) > 1 else "has"
    found = f"{among} measures {have} more than chance explains{f': {named}' if named else ''}."
    most = f"{chance_in_words(by_chance)} at most"
    by_itself = f"Were the usual rate exact, one in which nothing changed would come to that {most}."
    few = f" For {count(too_few)} there are too few to tell." if too_few else ""
    return f"Against its usual rate, treatment by treatment, {found} {by_itself}{few}"


def list_other_changes(labels: Iterable[str]) -> str:
    """ "Also further apart than chance explains: bruising and dry eye." """
    return f"Also further apart than chance explains: {join_words(label.lower() for label in labels)}."


def explain_no_comparison(maturing: bool = False) -> str:
    """Why no period is compared with the one before."""
    if maturing:
        return "Everything in this period is still maturing: it is compared when its follow-up is over."
    return "Nothing to compare with: no treatments with known outcome in the period of equal length before."


def introduce_comparison(when: str) -> str:
    """ "Compared with May–July 2026, maturing treatments left out:" """
    return f"Compared with {when}, maturing treatments left out:"


def _now_against_before(now: tuple[int, int], before: tuple[int, int]) -> str:
    return f"{n_of_m_percent(*now)} against {n_of_m_percent(*before)} before"


def _comparison_count(among: int) -> str:
    return pluralize(among, "comparison")


def describe_signal(
    events: int, total: int, interval: Iterable[float], usual: float, tail: float, flag: Flag, power: float | None
) -> str:
    """ "6 of 150 (4.0%, 1.8–8.5%). The usual rate is 2%; 6 or more would happen by chance about 1 time in 12: not
    unusual. With 150 treatments a doubled rate would be noticed 8% of the time." `power` None: no rate is so high."""
    estimate, low, high = interval
    held_against = (
        f"{n_of_m(events, total)} ({percent(estimate)}, {percent_range(low, high)}%). The usual rate is "
        f"{exact_percent(usual)}"
    )
    if events:
        said = (
            f"{held_against}; {count(events)} or more would happen by chance {chance_in_words(tail)}: {VERDICT[flag]}."
        )
    else:
        said = f"{held_against}; none would happen by chance {chance_in_words((1 - usual) ** total)}."
    if power is None:
        return said
    return f"{said} With {pluralize(total, 'treatment')} a doubled rate would be noticed {detection_chance(power)}."


def describe_detection_power(known: str, label: str, power: float, rate: float, usually: bool) -> str:
    """ "With 318 treatments where it can happen, a doubling of eyelid ptosis (usually 1.9%) would be noticed 21% of
    the time." `known`: "318 treatments"; `usually`: the rate is the usual one, else that of this period."""
    said = f"usually {percent(rate)}" if usually else f"{percent(rate)} in this period"
    return (
        f"With {known} where it can happen, a doubling of {label} ({said}) would be noticed {detection_chance(power)}."
    )


def describe_no_events(known: str, label: str, at_most_now: float) -> str:
    """ "Nobody reported eyelid ptosis in 40 treatments where it can happen: rates up to 7.2% can stay unseen so." """
    unseen = f"in one clinic of 20, a rate of {percent(at_most_now)} stays unseen so"
    return f"Nobody reported {label} in {known} where it can happen: {unseen}."


def describe_detection_floor(treatments: int, usual: float, least: int) -> str:
    """ "In 40 treatments, at the usual 2%, 3 or more would stand out." """
    here = f"In {pluralize(treatments, 'treatment')}, at the usual {exact_percent(usual)}"
    return f"{here}, {count(least)} or more would stand out."


def describe_trend(
    events: str, treatments: int, since: str, usual: float, expected: float, signals: int, horizon: int, noticed: float
) -> str:
    """ "12 eyelids in 640 treatments since January; at the usual 2%, 12.8 were expected. No signal. A doubling would
    be noticed within 250 treatments half of the time." `events`: the count with its noun."""
    return (
        f"{events} in {pluralize(treatments, 'treatment')} since {since}; at the usual {exact_percent(usual)}, "
        f"{number(expected)} were expected. {capitalize_first(number_word(signals))} "
        f"signal{'s' if signals > 1 else ''}. "
        f"A doubling would be noticed within {pluralize(horizon, 'treatment')} {detection_chance(noticed)}."
    )


def describe_baseline(rate: float | None, events: int, known: int, when: str, refused: str | None) -> str:
    """Where the usual rate is from: "The usual rate, 2%: 24 of 1,200 treated June 2024–May 2025." """
    if rate is None:
        return f"No usual rate: {refused}."
    if not known:
        return f"The usual rate is a target that was set: {exact_percent(rate)}."
    return f"The usual rate, {percent(rate)}: {n_of_m(events, known)}, {when}."


def describe_excess(events: int, known: int, expected: float) -> str:
    """ "17.8 more than expected: 74 in 1,655 treatments, where 56.2 were to be expected." """
    apart = round_half_up(events - expected, 1)
    more = f"{number(abs(apart))} {'more' if apart > 0 else 'fewer'} than expected" if apart else "As many as expected"
    return f"{more}: {count(events)} in {pluralize(known, 'treatment')}, where {number(expected)} were to be expected."


def describe_current_gap(treatments: int, longer: float) -> str:
    """ "57 treatments since the last one; a run at least as long comes by chance about 3 times in 10." """
    if not treatments:
        return "The latest treatment with known outcome had one: a run without begins anew."
    run = f"{pluralize(treatments, 'treatment')} since the last one"
    return f"{run}; a run at least as long comes by chance {chance_in_words(longer)}."
