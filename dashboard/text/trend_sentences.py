"""Sentences about change over time, and about changes that this much data could have missed."""

from collections.abc import Iterable
from typing import Literal

from dashboard.text.formatting import (
    DASH,
    capitalize_first,
    chance_in_words,
    count,
    exact_percent,
    join_words,
    lower_first,
    n_of_m,
    number,
    percent,
    pluralize,
    round_half_up,
    would_show,
)
from models.statistics.control_chart import USUAL_FALSE_ALARM

FLAGS_EXPLAINED = (
    "A flag marks a month on or above the stepped line (by chance alone, 1 month in 740). "
    "It does not change the verdict on the measure."
)
DRIFT_EXPLAINED = (
    "The line drifts up and down by chance. Only the diamond marks a rise beyond chance. "
    "Treatments stand in the order in which their outcomes became known."
)
STATE_EXPLAINED = (
    "The verdict covers all records that you may see, whatever the period and the filters. It compares like with like: "
    "areas, products, first visits and how clients were asked."
)
FLAGS_NEED_ALL = "Months are flagged only without filters, because the baseline is that of all treatments."
NEW_BASELINE_DUE = "More than two years have been judged by this baseline. Set a new one to keep false signals rare."
GAPS_EXPLAINED = (
    "Each dot is the number of treatments between two events. Gaps vary widely by chance. "
    "Only a dot beyond the dotted line is unusual."
)
# What is said of a flag of models.statistics.control_chart.period_flags.
Flag = Literal["", "watch", "action"]
VERDICTS: dict[Flag, str] = {"": "as expected", "watch": "worth watching", "action": "higher than expected"}
MAX_NAMED = 3  # measures named in one sentence


def describe_measure_states(higher: list[str], judged: int, too_few: int) -> str:
    """ "2 of 9 measures are higher than expected: bruising and dry eye. By chance, 9 measures give about 0.45 false
    signals in two years. 3 measures have too few treatments to judge." """
    if not judged:
        return "No measure can be judged yet: too few treatments have been followed up."
    named = [lower_first(title) for title in higher[:MAX_NAMED]]
    if len(higher) > MAX_NAMED:
        named.append(f"{count(len(higher) - MAX_NAMED)} more")
    measures = pluralize(judged, "measure")
    among = f"{count(len(higher))} of {measures}" if higher else f"Of {measures}, none"
    found = f"{among} {'are' if len(higher) > 1 else 'is'} higher than expected"
    by_chance = number(judged * USUAL_FALSE_ALARM, 2)
    said = f"{found}{': ' if named else ''}{join_words(named)}. By chance, {measures} "
    said += f"{'gives' if judged == 1 else 'give'} about {by_chance} false signals in two years."
    have = f"{pluralize(too_few, 'measure')} {'has' if too_few == 1 else 'have'}"
    return f"{said} {have} too few treatments to judge." if too_few else said


def describe_state(status: str, signal_month: str | None, is_target: bool) -> str:
    """ "Rose above baseline in March 2026", "As expected", "Too few to judge"."""
    if signal_month is None:
        return capitalize_first(status)
    return f"Rose above {'the target' if is_target else 'baseline'} in {signal_month}"


def describe_judged(events: int, judged: int, noun: str, expected: float, rate: float, is_target: bool) -> str:
    """ "83 of 1,653 treatments since the baseline had it; 69 were expected at the baseline rate of 4.1%." """
    since = "judged" if is_target else "since the baseline"
    at = f"the target of {exact_percent(rate)}" if is_target else f"the baseline rate of {percent(rate)}"
    had = f"{count(events)} of {pluralize(judged, noun)} {since} had it"
    return f"{had}; {number(expected)} were expected at {at}."


def describe_signal_day(treated: str, known: str) -> str:
    """ "The signal came with a treatment of March 24, 2026; its outcome was known on April 14, 2026." """
    return f"The signal came with a treatment of {treated}; its outcome was known on {known}."


def describe_lost_signal(seen: str) -> str:
    return f"It signaled on {seen} with the records of that day; with today's it would not."


def describe_chart_power(power: float) -> str:
    return f"If the odds doubled, it {would_show(power)} here within two years."


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
    return f"{said} With {pluralize(total, 'treatment')}, a doubled rate {would_show(power)}."


def describe_detection_power(followed_up: str, label: str, power: float, rate: float, is_baseline: bool) -> str:
    """ "With 318 treatments where it can occur, a doubling of eyelid ptosis (baseline 1.9%) would show up 21% of the
    time." `followed_up`: "318 treatments"; without a baseline, `rate` is that of this period."""
    said = f"baseline {percent(rate)}" if is_baseline else f"{percent(rate)} in this period"
    doubling = f"a doubling of {label} ({said}) {would_show(power)}"
    return f"With {followed_up} where it can occur, {doubling}."


def describe_no_events(followed_up: str, label: str, upper_limit: float) -> str:
    """ "Of 40 treatments followed up where it can occur, 0 had eyelid ptosis. One clinic in 20 would see 0 even at a
    rate of 7.2%." """
    unseen = f"One clinic in 20 would see 0 even at a rate of {percent(upper_limit)}"
    return f"Of {followed_up} followed up where it can occur, 0 had {label}. {unseen}."


def describe_baseline(rate: float | None, events: int, followed_up: int, when: str, refused: str | None) -> str:
    """Where the baseline comes from: "Baseline rate 2.0%: 24 of 1,200, June 2024–May 2025." """
    if rate is None:
        return f"No baseline rate: {refused}."
    if not followed_up:
        return f"The baseline rate is a target: {exact_percent(rate)}."
    return f"Baseline rate {percent(rate)}: {n_of_m(events, followed_up)}, {when}."


def describe_excess(events: int, followed_up: int, expected: float, noun: str = "treatment") -> str:
    """ "17.8 more than expected: 74 in 1,655 treatments, compared with 56.2 expected." """
    excess = round_half_up(events - expected, 1)
    more = f"{number(abs(excess))} {'more' if excess > 0 else 'fewer'} than expected" if excess else "As expected"
    observed = f"{count(events)} in {pluralize(followed_up, noun)}"
    return f"{more}: {observed}, compared with {number(expected)} expected."


def describe_current_gap(treatments: int, chance_of_longer: float, noun: str = "treatment") -> str:
    """ "57 treatments since the last event. A gap this long or longer occurs by chance about 3 times in 10." """
    if not treatments:
        return f"The latest {noun} with a follow-up had an event, so the current gap is zero."
    since = f"{pluralize(treatments, noun)} since the last event"
    return f"{since}. A gap this long or longer occurs by chance {chance_in_words(chance_of_longer)}."
