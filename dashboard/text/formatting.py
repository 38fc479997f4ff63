"""Numbers as text: percentages, intervals, chances, durations, dates.

Proportions are 0-1 and durations are days everywhere else; "%" and "weeks" appear only here. Halves are rounded up, as
a reader with a calculator does (1 of 80 is 1.3%). Rounding never turns some into none or most into all: a proportion
above 0 is at least "<0.1%", one below 1 at most ">99.9%".
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MINUS = "\u2212"
DASH = "\u2013"
MAX_KINDS = 3  # of side effects, named in one sentence
ALMOST_CERTAIN = 0.98  # a chance of detection is never printed as 100%
RAREST = 1_000_000  # smaller chances than 1 in this many are not distinguished: the models are not that exact


# Counts


def round_half_up(value: float, digits: int = 0) -> Decimal:
    """`value` rounded half up, in decimals as a reader sees them."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def count(n: int) -> str:
    """1465 -> "1,465"."""
    return f"{n:,}"


def number(value: float, digits: int = 1) -> str:
    """At most `digits` decimals, without trailing zeros: 12.8 -> "12.8", 20.0 -> "20", -2.14 -> "−2.1"."""
    text = f"{round_half_up(value, digits):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("0", "-0") else text.replace("-", MINUS)


def number_range(low: float, high: float) -> str:
    """ "18–22"; one number where both are the same."""
    return DASH.join(dict.fromkeys([number(low), number(high)]))


def pluralize(n: int, singular: str, plural: str | None = None) -> str:
    """ "1 treatment", "412 treatments", "0 treatments"."""
    return f"{count(n)} {singular if n == 1 else plural or singular + 's'}"


def is_or_are(n: int) -> str:
    """The verb after a count: 1 -> "is", 4 -> "are"."""
    return "is" if n == 1 else "are"


def was_or_were(n: int) -> str:
    """The same in the past: 1 -> "was", 4 -> "were"."""
    return "was" if n == 1 else "were"


def number_word(n: int) -> str:
    """Small numbers in words, as in "four eyelids"; 13 and above in figures."""
    return NUMBER_WORDS[n] if 0 <= n < len(NUMBER_WORDS) else count(n)


def n_of_m(events: int, total: int) -> str:
    """ "7 of 318"."""
    return f"{count(events)} of {count(total)}"


def join_words(items: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def name_kinds(kinds: Sequence[tuple[str, int]]) -> str:
    """ "headache 2, nausea 1, dry eye 1 and 4 more kinds": kinds of side effects, and how many of each."""
    named = [f"{name} {count(number)}" for name, number in kinds[:MAX_KINDS]]
    others = len(kinds) - MAX_KINDS
    return join_words([*named, f"{pluralize(others, 'more kind')}"] if others > 0 else named)


def capitalize_first(text: str) -> str:
    """`text` with a capital first letter; other capitals stay as given."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """`text` as within a sentence: a small first letter, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


Markdown = str  # a parameter that is read as Markdown takes our own words, or others escaped by `escape_markdown`

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII punctuation, which a backslash makes literal (CommonMark 2.4)
# A backslash does not help against addresses and :names:, which Streamlit looks for after reading the Markdown.
ADDRESSES = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)", re.IGNORECASE)
LINES = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
WORD_JOINER = "\N{WORD JOINER}"  # has no width and does not break a line


def escape_markdown(text: str) -> Markdown:
    """`text` on one line, literally, for a place that reads Markdown: it can hold links, pictures or formulas."""
    return PUNCTUATION.sub(r"\\\1", ADDRESSES.sub(WORD_JOINER, LINES.sub(" ", text)))


# Proportions


def percent(proportion: float, digits: int = 1) -> str:
    """A rate with one decimal: "2.2%", "<0.1%", "0%", "100%". Raises ValueError outside 0-1."""
    if not 0 <= proportion <= 1:
        raise ValueError(f"a proportion lies between 0 and 1, not at {proportion}")
    if proportion in (0, 1):
        return "100%" if proportion else "0%"
    least = Decimal(1).scaleb(-digits)
    value = round_half_up(proportion, digits + 2) * 100
    if value < least:
        return f"<{least}%"
    return f">{100 - least}%" if value > 100 - least else f"{value:.{digits}f}%"


def whole_percent(proportion: float) -> str:
    """A share followed up or a chance of detection, in whole percent: "77%", "<1%"."""
    return percent(proportion, digits=0)


def exact_percent(proportion: float) -> str:
    """A rate that somebody set or published, without a trailing zero: .02 -> "2%", .025 -> "2.5%"."""
    return percent(proportion).replace(".0%", "%")


def percent_interval(estimate: float, low: float, high: float) -> str:
    """ "2.2% (1.1–4.5)"; without events the upper limit, "at most 8.8%"."""
    if not estimate:
        return f"at most {percent(high)}"
    return f"{percent(estimate)} ({percent(low).removesuffix('%')}{DASH}{percent(high).removesuffix('%')})"


def rate_text(row: Any) -> str:
    """A row of data.analysis.estimates.rates: "7 of 318, 2.2% (1.1–4.5)", "0 of 318, at most 1.2%"."""
    if not row.followed_up:
        return "none followed up"
    return f"{n_of_m(row.events, row.followed_up)}, {percent_interval(row.rate, row.low, row.high)}"


def n_of_m_percent(events: int, total: int) -> str:
    """ "66 of 690 (9.6%)"."""
    return f"{n_of_m(events, total)} ({percent(events / total)})"


def points(estimate: float, low: float, high: float) -> str:
    """A difference of two proportions: "+0.4 points (−2.1 to +3.4)"."""
    return f"{_signed_points(estimate)} points ({points_range(low, high)})"


def points_range(low: float, high: float) -> str:
    """Its interval: "−2.1 to +3.4"."""
    return f"{_signed_points(low)} to {_signed_points(high)}"


def _signed_points(difference: float) -> str:
    value = round_half_up(difference, 3) * 100
    return "0.0" if not value else f"{'+' if value > 0 else MINUS}{abs(value):.1f}"


def published_base(row: Any) -> str:
    """What a published rate is of, from the columns of data.summaries.side_effects.PUBLISHED: "of 665 (placebo 0 of
    236), glabellar lines", "of 81 (placebo 3%), neck"; "no rate found" without a total (NaN)."""
    if pd.isna(row.published_total):
        return "no rate found"
    remarks = []
    if not pd.isna(row.placebo_total):
        remarks.append(f"placebo {n_of_m(int(row.placebo_events), int(row.placebo_total))}")
    elif not pd.isna(row.placebo_rate):
        remarks.append(f"placebo {exact_percent(row.placebo_rate)}")
    if row.published_inferred:
        remarks.append("inferred")
    remark = f" ({'; '.join(remarks)})" if remarks else ""
    return f"of {count(int(row.published_total))}{remark}, {row.published_area}"


def ratio_with_interval(estimate: float, low: float, high: float) -> str:
    """An odds ratio: "1.58 (0.91–2.55)"."""
    return f"{round_half_up(estimate, 2)} ({round_half_up(low, 2)}{DASH}{round_half_up(high, 2)})"


def chance_in_words(probability: float, occasion: str = "time") -> str:
    """ "about 1 time in 12"; above 3 in 10 "about 4 times in 10"; never 0 and never certain."""
    if not 0 <= probability <= 1:
        raise ValueError(f"a chance lies between 0 and 1, not at {probability}")
    if probability * RAREST < 1:
        return f"less than 1 {occasion} in a million"
    if probability <= 0.3:
        one_in = float(1 / Decimal(repr(float(probability))))
        two_figures = round_half_up(one_in, min(0, 2 - len(str(int(one_in)))))
        return f"about 1 {occasion} in {count(int(two_figures))}"
    tenths = int(round_half_up(probability * 10))
    return "nearly always" if tenths == 10 else f"about {tenths} {occasion}s in 10"


def would_show(probability: float) -> str:
    """How often a change would be detected: "would show up 21% of the time", "would almost certainly show up"."""
    if probability >= ALMOST_CERTAIN:
        return "would almost certainly show up"
    share = whole_percent(probability)
    return f"would show up {'half' if share == '50%' else share} of the time"


# Days


def days(value: float) -> str:
    """ "1 day", "9 days"; a median between two days keeps its half: "36.5 days"."""
    return f"{number(value)} {'day' if value == 1 else 'days'}"


def weeks(value: int) -> str:
    """Whole weeks as weeks, else days: 42 -> "6 weeks", 7 -> "1 week", 10 -> "10 days"."""
    return pluralize(value // 7, "week") if value and value % 7 == 0 else days(value)


def median(estimate: float | None, low: float | None, high: float | None, followed: float) -> str:
    """ "9 days (7–12)"; "9 days" without an interval; "36 days (27 or more)" without an upper limit; "not reached
    (> 42 days)" without a median."""
    if pd.isna(estimate):
        return f"not reached (> {days(followed)})"
    if pd.isna(low):
        return days(estimate)
    return f"{days(estimate)} ({number(low)}{' or more' if pd.isna(high) else f'{DASH}{number(high)}'})"


def day_number(day: int) -> str:
    """Days since the injection: 0 -> "the day of injection", 5 -> "day 5"."""
    return "the day of injection" if day == 0 else f"day {count(day)}"


# Dates, as they are written in the United States

DATE_FIELD = "MM/DD/YYYY"  # of every field that takes a date


def day(when: date) -> str:
    """ "Jun 3, 2026"."""
    return f"{month_and_day(when)}, {when.year}"


def month_and_day(when: date) -> str:
    """ "Jun 3"."""
    return f"{when:%b} {when.day}"


def month(when: date) -> str:
    """ "June 2026"."""
    return f"{when:%B %Y}"


DAY, MONTH = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}")


def format_partial_date(text: str) -> str:
    """ "2026-06-03" -> "Jun 3, 2026", "2026-06" -> "June 2026"; other text as it is."""
    if DAY.fullmatch(text):
        return day(date.fromisoformat(text))
    return month(date.fromisoformat(f"{text}-01")) if MONTH.fullmatch(text) else text


def period(first: date | None, last: date | None) -> str:
    """ "April–June 2026", "2026", "Jun 3–9, 2026", "3 June–Jul 9, 2026", "since Jun 3, 2026", "all dates"."""
    if first is None or last is None:
        if first:
            return f"since {day(first)}"
        return f"up to {day(last)}" if last else "all dates"
    if first > last:
        raise ValueError(f"a period ends after it begins: {first} to {last}")
    same_year = first.year == last.year
    same_month = same_year and first.month == last.month
    if first.day == 1 and (last + timedelta(days=1)).day == 1:  # whole months
        if same_month:
            return month(first)
        if same_year and (first.month, last.month) == (1, 12):
            return str(first.year)
        return f"{f'{first:%B}' if same_year else month(first)}{DASH}{month(last)}"
    if first == last:
        return day(first)
    if same_month:
        return f"{month_and_day(first)}{DASH}{last.day}, {last.year}"
    return f"{month_and_day(first) if same_year else day(first)}{DASH}{day(last)}"
