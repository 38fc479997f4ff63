"""Sentences about change over time, and about changes that this much data could have missed."""

from collections.abc import Iterable
from typing import Literal

from dashboard.text.formatting import (
    DASH,
    capitalize_first,
    chance_in_words,
    count,
    detection_chance,
    exact_percent,
    join_words,
    n_of_m,
    number,
    number_word,
    percent,
    pluralize,
    round_half_up,
)

FLAGS_EXPLAINED = (
    "A month on or above the stepped line is higher than expected (by chance alone, 1 month in 740). "
    "A chart without flags does not prove that nothing changed."
)
NOTHING_DETECTABLE = (
    "No treatment that could cause eyelid ptosis or muscle weakness has been followed up, so neither could be noticed."
)
DRIFT_EXPLAINED = (
    "The line drifts up and down by chance. Only a diamond marks a rise beyond chance. "
    "A line without one does not prove that nothing changed."
)
GAPS_EXPLAINED = (
    "Each dot is the number of treatments between two events, in order of date. Gaps vary widely by chance. "
    "Only a dot beyond the dotted line is unusual."
)
# What is said of a flag of models.statistics.control_chart.period_flags.
Flag = Literal["", "watch", "action"]
VERDICTS: dict[Flag, str] = {"": "as expected", "watch": "worth watching", "action": "higher than expected"}
MAX_NAMED = 3  # measures named in one sentence


def describe_measure_statuses(higher: list[str], as_expected: int, too_few: int, by_chance: float) -> str:
    """ "2 of 9 measures are higher than expected: bruising and dry eye. A measure that has not changed is flagged by
    chance about 1 time in 15 at most. 3 measures have too few treatments to judge." """
    judged = len(higher) + as_expected
    if not judged:
        return "No measure can be judged yet: too few treatments have been followed up."
    named = [title[:1].lower() + title[1:] for title in higher[:MAX_NAMED]]
    if len(higher) > MAX_NAMED:
        named.append(f"{count(len(higher) - MAX_NAMED)} more")
    among = f"{n_of_m(len(higher), judged)} measures" if higher else f"Of {count(judged)} measures, none"
    found = f"{among} {'are' if len(higher) > 1 else 'is'} higher than expected"
    said = f"{found}{': ' if named else ''}{join_words(named)}. A measure that has not changed is flagged by chance "
    said += f"{chance_in_words(by_chance)} at most."
    have = f"{pluralize(too_few, 'measure')} {'has' if too_few == 1 else 'have'}"
    return f"{said} {have} too few treatments to judge." if too_few else said


def describe_signal(
    events: int, total: int, interval: Iterable[float], baseline: float, tail: float, flag: Flag, power: float | None
) -> str:
    """ "6 of 150 (4.0%, 1.8–8.5%). At the baseline rate of 2%, 6 or more occur by chance about 1 time in 12: as
    expected. With 150 treatments, a doubled rate would show up 8% of the time." `power` None: the rate cannot
    double."""
    estimate, low, high = interval
    limits = f"{percent(low).removesuffix('%')}{DASH}{percent(high)}"
    said = f"{n_of_m(events, total)} ({percent(estimate)}, {limits}). At the baseline rate of "
    said += f"{exact_percent(baseline)}, "
    if events:
        said += f"{count(events)} or more occur by chance {chance_in_words(tail)}: {VERDICTS[flag]}."
    else:
        said += f"none occur by chance {chance_in_words((1 - baseline) ** total)}."
    if power is None:
        return said
    return f"{said} With {pluralize(total, 'treatment')}, a doubled rate would show up {detection_chance(power)}."


def describe_detection_power(followed_up: str, label: str, power: float, rate: float, is_baseline: bool) -> str:
    """ "With 318 treatments where it can occur, a doubling of eyelid ptosis (baseline 1.9%) would show up 21% of the
    time." `followed_up`: "318 treatments"; without a baseline, `rate` is that of this period."""
    said = f"baseline {percent(rate)}" if is_baseline else f"{percent(rate)} in this period"
    doubling = f"a doubling of {label} ({said}) would show up {detection_chance(power)}"
    return f"With {followed_up} where it can occur, {doubling}."


def describe_no_events(followed_up: str, label: str, upper_limit: float) -> str:
    """ "Of 40 treatments followed up where it can occur, 0 had eyelid ptosis. One clinic in 20 would see 0 even at a
    rate of 7.2%." """
    unseen = f"One clinic in 20 would see 0 even at a rate of {percent(upper_limit)}"
    return f"Of {followed_up} followed up where it can occur, 0 had {label}. {unseen}."


def describe_trend(
    events: str, treatments: int, since: str, baseline: float, expected: float, signals: int, horizon: int, power: float
) -> str:
    """ "Bruising: 12 in 640 treatments since Jun 3, 2026. At the baseline rate of 2%, 12.8 were expected. No signal. A
    doubling would show up within 250 treatments half of the time." """
    return (
        f"{events} in {pluralize(treatments, 'treatment')} since {since}. At the baseline rate of "
        f"{exact_percent(baseline)}, {number(expected)} were expected. {capitalize_first(number_word(signals))} "
        f"signal{'s' if signals > 1 else ''}. "
        f"A doubling would show up within {pluralize(horizon, 'treatment')} {detection_chance(power)}."
    )


def describe_baseline(rate: float | None, events: int, followed_up: int, when: str, refused: str | None) -> str:
    """Where the baseline comes from: "Baseline rate 2.0%: 24 of 1,200, June 2024–May 2025." """
    if rate is None:
        return f"No baseline rate: {refused}."
    if not followed_up:
        return f"The baseline rate is a target: {exact_percent(rate)}."
    return f"Baseline rate {percent(rate)}: {n_of_m(events, followed_up)}, {when}."


def describe_excess(events: int, followed_up: int, expected: float) -> str:
    """ "17.8 more than expected: 74 in 1,655 treatments, compared with 56.2 expected." """
    excess = round_half_up(events - expected, 1)
    more = f"{number(abs(excess))} {'more' if excess > 0 else 'fewer'} than expected" if excess else "As expected"
    observed = f"{count(events)} in {pluralize(followed_up, 'treatment')}"
    return f"{more}: {observed}, compared with {number(expected)} expected."


def describe_current_gap(treatments: int, chance_of_longer: float) -> str:
    """ "57 treatments since the last event. A gap this long or longer occurs by chance about 3 times in 10." """
    if not treatments:
        return "The latest treatment with a follow-up had an event, so the current gap is zero."
    since = f"{pluralize(treatments, 'treatment')} since the last event"
    return f"{since}. A gap this long or longer occurs by chance {chance_in_words(chance_of_longer)}."
