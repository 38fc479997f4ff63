"""What changed, and what could not have been noticed."""

from collections.abc import Iterable

from dashboard.text.formatting import (
    VERDICT,
    Flag,
    chance,
    count,
    counted,
    listing,
    number,
    of,
    of_percent,
    of_the_time,
    percent,
    rounded,
    sentence,
    span,
    spelled,
    stated,
)

FLAGS_EXPLAINED = (
    "A month on or above the stepped line has more than chance explains (1 time in 740 when nothing has changed). "
    "A quiet chart does not show that nothing changed: see what would have been noticed."
)


NOTHING_NOTICED = "Without a known outcome where they can happen, neither eyelid ptosis nor weakness could be noticed."
DRIFT_EXPLAINED = (
    "The line drifts up and down by chance alone: only a diamond is more than chance explains, and a line without one "
    "does not show that nothing changed."
)
GAPS_EXPLAINED = (
    "Each dot is the number of treatments from one to the next, in their order. They differ widely by chance alone: "
    "only one beyond the dotted line is unusual."
)

_MOST_NAMED = 3  # measures named in one sentence


def change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "Bruising: 66 of 690 (9.6 %) against 30 of 655 (4.6 %) before. With 15 comparisons, one so far apart comes by
    chance about 1 time in 120." `so_far`: the chance that any of the `among` comparisons is this far apart."""
    by_chance = f"With {_comparisons(among)}, one so far apart comes by chance {chance(so_far)}."
    return f"{sentence(label)}: {_against(now, before)}. {by_chance}"


def no_change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "15 comparisons, none further apart than chance explains. The furthest: bruising, 66 of 690 (9.6 %) against 51
    of 655 (7.8 %) before. One so far apart comes by chance about 4 times in 10." """
    return (
        f"{sentence(_comparisons(among))}, none further apart than chance explains. The furthest: {label.lower()}, "
        f"{_against(now, before)}. One so far apart comes by chance {chance(so_far)}."
    )


def watched(standing_out: list[str], steady: int, too_few: int, by_chance: float) -> str:
    """ "Against its usual rate, treatment by treatment, 2 of 9 measures have more than chance explains: bruising and
    dry eye. Were the usual rate exact, one in which nothing changed would come to that about 1 time in 15 at most. For
    3 there are too few to tell." """
    judged = len(standing_out) + steady
    if not judged:
        return "Against its usual rate no measure can be judged yet: there are too few known outcomes to tell."
    more = len(standing_out) - _MOST_NAMED
    named = [title[:1].lower() + title[1:] for title in standing_out[:_MOST_NAMED]]
    named = listing([*named, f"{count(more)} more"] if more > 0 else named)
    among = of(len(standing_out), judged) if standing_out else f"none of {count(judged)}"
    have = "have" if len(standing_out) > 1 else "has"
    found = f"{among} measures {have} more than chance explains{f': {named}' if named else ''}."
    most = f"{chance(by_chance)} at most"
    by_itself = f"Were the usual rate exact, one in which nothing changed would come to that {most}."
    few = f" For {count(too_few)} there are too few to tell." if too_few else ""
    return f"Against its usual rate, treatment by treatment, {found} {by_itself}{few}"


def also_apart(labels: Iterable[str]) -> str:
    """ "Also further apart than chance explains: bruising and dry eye." """
    return f"Also further apart than chance explains: {listing(label.lower() for label in labels)}."


def nothing_before(maturing: bool = False) -> str:
    """Why no period is compared with the one before."""
    if maturing:
        return "Everything in this period is still maturing: it is compared when its follow-up is over."
    return "Nothing to compare with: no treatments with known outcome in the period of equal length before."


def compared_with(when: str) -> str:
    """ "Compared with May–July 2026, maturing treatments left out:" """
    return f"Compared with {when}, maturing treatments left out:"


def _against(now: tuple[int, int], before: tuple[int, int]) -> str:
    return f"{of_percent(*now)} against {of_percent(*before)} before"


def _comparisons(among: int) -> str:
    return counted(among, "comparison")


def signal_or_noise(
    events: int, total: int, interval: Iterable[float], usual: float, tail: float, flag: Flag, power: float | None
) -> str:
    """ "6 of 150 (4.0 %, 1.8–8.5 %). The usual rate is 2 %; 6 or more would happen by chance about 1 time in 12: not
    unusual. With 150 treatments a doubled rate would be noticed 8 % of the time." `power` None: no rate is so high."""
    estimate, low, high = interval
    held_against = f"{of(events, total)} ({percent(estimate)}, {span(low, high)} %). The usual rate is {stated(usual)}"
    if events:
        said = f"{held_against}; {count(events)} or more would happen by chance {chance(tail)}: {VERDICT[flag]}."
    else:
        said = f"{held_against}; none would happen by chance {chance((1 - usual) ** total)}."
    if power is None:
        return said
    return f"{said} With {counted(total, 'treatment')} a doubled rate would be noticed {of_the_time(power)}."


def not_noticed(known: str, label: str, power: float, rate: float, usually: bool) -> str:
    """ "With 318 treatments where it can happen, a doubling of eyelid ptosis (usually 1.9 %) would be noticed 21 % of
    the time." `known`: "318 treatments"; `usually`: the rate is the usual one, else that of this period."""
    said = f"usually {percent(rate)}" if usually else f"{percent(rate)} in this period"
    return f"With {known} where it can happen, a doubling of {label} ({said}) would be noticed {of_the_time(power)}."


def none_seen(known: str, label: str, at_most_now: float) -> str:
    """ "Nobody reported eyelid ptosis in 40 treatments where it can happen: rates up to 7.2 % can stay unseen so." """
    unseen = f"in one clinic of 20, a rate of {percent(at_most_now)} stays unseen so"
    return f"Nobody reported {label} in {known} where it can happen: {unseen}."


def detection_floor(treatments: int, usual: float, least: int) -> str:
    """ "In 40 treatments, at the usual 2 %, 3 or more would stand out." """
    here = f"In {counted(treatments, 'treatment')}, at the usual {stated(usual)}"
    return f"{here}, {count(least)} or more would stand out."


def trend(
    events: str, treatments: int, since: str, usual: float, expected: float, signals: int, horizon: int, noticed: float
) -> str:
    """ "12 eyelids in 640 treatments since January; at the usual 2 %, 12.8 were expected. No signal. A doubling would
    be noticed within 250 treatments half of the time." `events`: the count with its noun."""
    return (
        f"{events} in {counted(treatments, 'treatment')} since {since}; at the usual {stated(usual)}, "
        f"{number(expected)} were expected. {sentence(spelled(signals))} signal{'s' if signals > 1 else ''}. "
        f"A doubling would be noticed within {counted(horizon, 'treatment')} {of_the_time(noticed)}."
    )


def usual(rate: float | None, events: int, known: int, when: str, refused: str | None) -> str:
    """Where the usual rate is from: "The usual rate, 2 %: 24 of 1,200 treated June 2024–May 2025." """
    if rate is None:
        return f"No usual rate: {refused}."
    if not known:
        return f"The usual rate is a target that was set: {stated(rate)}."
    return f"The usual rate, {percent(rate)}: {of(events, known)}, {when}."


def beside_expected(events: int, known: int, expected: float) -> str:
    """ "17.8 more than expected: 74 in 1,655 treatments, where 56.2 were to be expected." """
    apart = rounded(events - expected, 1)
    more = f"{number(abs(apart))} {'more' if apart > 0 else 'fewer'} than expected" if apart else "As many as expected"
    return f"{more}: {count(events)} in {counted(known, 'treatment')}, where {number(expected)} were to be expected."


def present_run(treatments: int, longer: float) -> str:
    """ "57 treatments since the last one; a run at least as long comes by chance about 3 times in 10." """
    if not treatments:
        return "The latest treatment with known outcome had one: a run without begins anew."
    run = f"{counted(treatments, 'treatment')} since the last one"
    return f"{run}; a run at least as long comes by chance {chance(longer)}."
