"""What needs attention: a verdict of at most ten words for each item, and the numbers behind it."""

from collections.abc import Iterable
from datetime import date

from dashboard.text.comparison_sentences import describe_rates_at_doses
from dashboard.text.formatting import (
    capitalize_first,
    chance_in_words,
    day,
    join_words,
    lower_first,
    n_of_m_percent,
    number,
    pluralize,
    weeks,
    whole_percent,
)
from data.summaries.attention import LONG_DAYS

NOTHING_STANDS_OUT = "Nothing needs attention in this period."
TOPIC_LABELS = {
    "red_flags": "red flags",
    "lots": "lots",
    "trends": "trends",
    "practitioners": "practitioners",
    "dose": "dose",
    "durations": "durations",
    "follow_up": "follow-up",
    "data_quality": "data quality",
}
MISSING_VERDICTS = {  # checks of data.summaries.data_quality.trust_checks
    "injections": "Some treatments have no injection on record",
    "area": "Some treatments have no recorded area",
    "aside": "Some side effects belong to no treatment",
}

Line = tuple[str, str]  # the verdict, and its numbers


def describe_red_flag(effect: str, cases: int, case: int | None, onset: date | None) -> Line:
    """ "Trouble swallowing, not yet reviewed", "Case 1110, onset Jun 3, 2026." """
    which = f"Case {case}" if case else pluralize(cases, "case")
    when = f"{'onset' if cases == 1 else 'latest onset'} {day(onset)}" if onset else "onset not recorded"
    return f"{capitalize_first(effect)}, not yet reviewed", f"{which}, {when}."


def describe_lot(lot: str, observed: int, comparable: int, expected: float, chance: float) -> Line:
    """ "Lot BC-10: more side effects than expected", "40 of 104 (38.5%); 25.7 expected. By chance about 1 time in
    310." """
    return f"Lot {lot}: more side effects than expected", (
        f"{n_of_m_percent(observed, comparable)} treatments; {number(expected)} expected. "
        f"By chance {chance_in_words(chance)}."
    )


def describe_trend(state: str, measure: str, observed: int, judged: int, noun: str, expected: float) -> Line:
    """ "Bruising rose above baseline in March 2026", "83 of 1,653 treatments since; 69 expected." `state`: as of
    trend_sentences.describe_state."""
    numbers = f"{n_of_m_percent(observed, judged)} {noun} judged; {number(expected)} expected."
    return f"{capitalize_first(measure)} {lower_first(state)}", numbers


def describe_practitioner(name: str, measure: str, observed: int, comparable: int, expected: float) -> Line:
    """ "RN 3: more nearby-muscle weakness than expected", "106 of 700 (15.1%) comparable treatments; 72 expected. Not a
    ranking." """
    numbers = f"{n_of_m_percent(observed, comparable)} comparable treatments; {number(expected)} expected."
    return f"{name}: more {measure} than expected", f"{numbers} Not a ranking."


def describe_dose(
    measure: str, product: str, area: str, unit: str, low: tuple[float, float], high: tuple[float, float]
) -> Line:
    """ "More nearby-muscle weakness with higher doses in forehead", "Botox Cosmetic: 1.0% at 16 units, 3.0% at 24."
    `low`, `high`: units and the rate there."""
    rates = describe_rates_at_doses(unit, (low[0], high[0]), (low[1], high[1]))
    return f"More {measure} with higher doses in {area}", f"{product}: {rates}."


def describe_long_durations(late: int, still_open: int, case: int | None) -> Line:
    """ "3 side effects have lasted more than 13 weeks", "They are among 45 open cases." """
    have = "has" if late == 1 else "have"
    which = f"Case {case} is one of" if case else "They are among"
    of_open = f"{which} {pluralize(still_open, 'open case')}." if still_open > 1 else f"Case {case}."
    return f"{pluralize(late, 'side effect')} {have} lasted more than {weeks(LONG_DAYS)}", of_open


def describe_low_follow_up(followed_up: int, total: int, needed: float, callable_now: int) -> Line:
    """ "Follow-up is below 80%", "1,708 of 2,307 (74.0%) were followed up. 221 treatments can still be asked
    about." """
    numbers = f"{n_of_m_percent(followed_up, total)} were followed up."
    if callable_now:
        numbers += f" {pluralize(callable_now, 'treatment')} can still be asked about."
    return f"Follow-up is below {whole_percent(needed)}", numbers


def describe_missing(check: str, lacking: int, total: int) -> Line:
    """ "Some treatments have no recorded area", "120 of 2,470 (4.9%)." For days_silent: days since the latest."""
    if check == "days_silent":
        return "No recent treatment is on record", f"The latest was {pluralize(lacking, 'day')} ago."
    return MISSING_VERDICTS[check], f"{n_of_m_percent(lacking, total)}."


def describe_quiet_topics(quiet: Iterable[str], refused: dict[str, str]) -> str:
    """ "Checked and quiet: lots and durations. Not judged: dose (too few events)." """
    quiet = [TOPIC_LABELS[topic] for topic in quiet]
    parts = [f"Checked and quiet: {join_words(quiet)}."] if quiet else []
    if refused:
        reasons = [f"{TOPIC_LABELS[topic]} ({reason})" for topic, reason in refused.items()]
        parts.append(f"Not judged: {join_words(reasons)}.")
    return " ".join(parts)


def describe_false_items(chance: float, signals: float) -> str:
    """ "By chance alone, about 1 review in 17 has such a line, and trends give about 0.5 false signals in two
    years." """
    if not chance and not signals:
        return ""
    said = f"By chance alone, {chance_in_words(chance, 'review')} has such a line" if chance else ""
    trends = f"{number(signals, 2)} false signals in two years" if signals else ""
    if said and trends:
        return f"{said}, and trends give about {trends}."
    return f"{said}." if said else f"By chance alone, trends give about {trends}."
