"""One text to the date or dates that it may mean; the column decides between them (data/schema/date_columns.py)."""

import re
from calendar import monthrange
from datetime import date
from typing import Literal, NamedTuple

DateOrder = Literal["day first", "month first"]

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
SERIALS = range(20_000, 80_000)  # a spreadsheet's day numbers from 1954 to 2119, as five digits

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTH_NUMBERS = {name[:length]: number for number, name in enumerate(MONTHS, start=1) for length in (3, len(name))}
MONTH_NUMBERS["sept"] = 9
OTHER_MONTHS = (
    "januar|enero|janvier", "februar|febrero|février|fevrier", "märz|marz|maerz|marzo|mars|mär",
    "april|abril|avril|abr|avr",
    "mai|mayo", "juni|junio|juin", "juli|julio|juillet|juil", "august|agosto|août|aout|ago", "septiembre|septembre",
    "oktober|octubre|octobre|okt", "november|noviembre|novembre", "dezember|diciembre|décembre|decembre|dez|dic|déc",
)  # fmt: skip
MONTH_NUMBERS |= {name: n for n, names in enumerate(OTHER_MONTHS, start=1) for name in names.split("|")}
MONTH_NUMBERS |= {"ene": 1, "janv": 1, "févr": 2, "fév": 2}
UNKNOWN_PART = frozenset({"un", "unk", "uk", "xx", "??", "--"})  # SDTM, paper forms: an unknown day or month

WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+", re.I)
TIME = re.compile(
    r"(?:T|,?\s+)(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.I,
)
SEPARATOR = r"\s*[-/., ]\s*"
NUMBERS = re.compile(rf"(\d{{1,4}}){SEPARATOR}(\d{{1,2}}){SEPARATOR}(\d{{1,4}})")
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
YEAR_MONTH = re.compile(rf"(\d{{4}})(?:{SEPARATOR}(\d{{1,2}}))?")
MONTH_YEAR = re.compile(rf"(\d{{1,2}}){SEPARATOR}(\d{{4}})")
WORDS = re.compile(r"[^\W\d_]+|\d+|\?\?|--|xx", re.I)
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er)\b", re.I)

NOT_A_DATE = "is not a date"


# A date in numbers: the day that it is in each order in which there is such a day. A single order is proven.
DayByOrder = dict[DateOrder, date]


class DateSpan(NamedTuple):
    """One day; or every day of a month or year, if no more is known."""

    first: date
    last: date


def parse_date(text: str, latest_year: int, notices: dict[str, None]) -> DateSpan | DayByOrder | int:
    """What a text may mean; a number is a spreadsheet's day number. Raises ValueError with what is wrong.

    `latest_year` is the last that two digits may mean. `notices` gets the rules that were applied.
    """
    text = WEEKDAY.sub("", text.strip(), count=1)
    text = _strip_time(text, notices)
    if match := COMPACT.fullmatch(text):
        return _date_span(*map(int, match.groups()))
    if match := SERIAL.fullmatch(text):
        if int(match[1]) not in SERIALS:
            raise ValueError(NOT_A_DATE)
        return int(match[1])
    if match := YEAR_MONTH.fullmatch(text):
        return _date_span(int(match[1]), int(match[2]) if match[2] else None)
    if match := MONTH_YEAR.fullmatch(text):
        return _date_span(int(match[2]), int(match[1]))
    match = NUMBERS.fullmatch(text)
    if not match:
        return _parse_words(text, latest_year, notices)
    first, second, third = match.groups()
    if len(first) > 2:
        if len(first) != 4 or len(third) > 2:
            raise ValueError(NOT_A_DATE)
        return _date_span(int(first), int(second), int(third))
    year = _full_year(third, latest_year, notices)
    orders: dict[DateOrder, tuple[int, int]] = {
        "day first": (int(second), int(first)),
        "month first": (int(first), int(second)),
    }
    days: DayByOrder = {}
    reasons = []
    for order, (month, day) in orders.items():
        try:
            days[order] = _date_span(year, month, day).first
        except ValueError as error:
            reasons.append(error)
    if not days:
        raise reasons[0]
    return days


def _strip_time(text: str, notices: dict[str, None]) -> str:
    match = next((match for match in TIME.finditer(text) if match.end() == len(text) and match.start() > 3), None)
    if not match or (not match["minute"] and match[0][0] != "T"):
        return text
    if int(match["hour"]) > 24 or int(match["minute"] or 0) > 59 or int(match["second"] or 0) > 59:
        raise ValueError(f"{NOT_A_DATE}: that time of day does not exist")
    if int(match["hour"]) or int(match["minute"] or 0):
        notices["Times of day were ignored; the day is kept as written."] = None
    if match["zone"]:
        notices["Some times name a time zone; the day is kept as written, not converted to local time."] = None
    return text[: match.start()]


def _parse_words(text: str, latest_year: int, notices: dict[str, None]) -> DateSpan:
    """A date with the month as a word, or with parts marked unknown, in any usual order."""
    words = [word.lower() for word in WORDS.findall(ORDINAL.sub("", text)) if word.lower() not in ("of", "de", "del")]
    months = [MONTH_NUMBERS[word] for word in words if word in MONTH_NUMBERS]
    numbers = [word for word in words if word.isdigit()]
    unknown = sum(word in UNKNOWN_PART for word in words)
    if len(months) + len(numbers) + unknown != len(words) or len(months) > 1 or not numbers or len(words) > 3:
        raise ValueError(NOT_A_DATE)
    year = next((number for number in numbers if len(number) == 4), None)
    others = [number for number in numbers if number != year]
    if unknown:
        if not year:
            raise ValueError(f"{NOT_A_DATE}: the year is needed, with four digits")
        possible_months = months or list(map(int, others))
        if len(possible_months) > 1:
            raise ValueError(NOT_A_DATE)
        return _date_span(int(year), *possible_months)
    if not months:
        raise ValueError(NOT_A_DATE)
    if len(numbers) == 1:
        if year:
            return _date_span(int(year), months[0])
        raise ValueError(f"{NOT_A_DATE}: the year may be missing: write it with four digits, such as 2026-06-03")
    day, year = (numbers[1 - numbers.index(year)], year) if year else numbers
    if len(day) > 2:
        raise ValueError(NOT_A_DATE)
    return _date_span(_full_year(year, latest_year, notices), months[0], int(day))


def _full_year(year: str, latest_year: int, notices: dict[str, None]) -> int:
    if len(year) == 4:
        return int(year)
    if len(year) != 2 or 2000 + int(year) > latest_year:
        raise ValueError(f"{NOT_A_DATE}: the year {year} is not clear: write it with four digits, such as 2026-06-03")
    notices["Two-digit years were read as 20yy, with the year last."] = None
    return 2000 + int(year)


def _date_span(year: int, month: int | None = None, day: int | None = None) -> DateSpan:
    """A year, a month or a day. Raises ValueError if it does not exist or the year is out of range."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise ValueError(f"{NOT_A_DATE}: the year {year} is out of range")
    if month is None:
        return DateSpan(date(year, 1, 1), date(year, 12, 31))
    if day is None:
        if not 1 <= month <= 12:
            raise ValueError(f"{NOT_A_DATE}: month {month} does not exist")
        return DateSpan(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    try:
        return DateSpan(date(year, month, day), date(year, month, day))
    except ValueError:
        if not day or not month:
            reason = "day and month can't be 0; if the day is not known, write year and month, such as 2026-06"
        elif 1 <= month <= 12 and day <= 31:
            reason = f"{MONTHS[month - 1].title()} {year} has {monthrange(year, month)[1]} days"
        else:
            reason = "that day does not exist"
        raise ValueError(f"{NOT_A_DATE}: {reason}") from None


def format_day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1].title()} {day.year}"
