"""One text to the date or dates that it may mean; the column decides between them (data/schema/date_columns.py)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

DateOrder = Literal["day first", "month first"]

EXPECTED = "expected a date such as 2026-06-03"
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
SERIALS = range(20_000, 80_000)  # a spreadsheet's day numbers from 1954 to 2119, as five digits

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTH_NUMBERS = {name[:length]: number for number, name in enumerate(MONTHS, start=1) for length in (3, len(name))}
MONTH_NUMBERS["sept"] = 9
UNKNOWN_PART = frozenset({"un", "unk", "uk", "xx", "??", "--"})  # SDTM, paper forms: an unknown day or month

WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+", re.I)
TIME = re.compile(
    r"(?:T|,?\s+)(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.I,
)
SEPARATOR = r"\s*[-/., ]\s*"
NUMBERS = re.compile(rf"(\d{{1,4}}){SEPARATOR}(\d{{1,2}}){SEPARATOR}(\d{{1,4}})")
COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
YEAR_MONTH = re.compile(rf"(\d{{4}}){SEPARATOR}(\d{{1,2}})")
MONTH_YEAR = re.compile(rf"(\d{{1,2}}){SEPARATOR}(\d{{4}})")
YEAR = re.compile(r"\d{4}")
WORDS = re.compile(r"[A-Za-z]+|\d+|\?\?|--|xx", re.I)
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.I)


@dataclass(frozen=True)
class DateSpan:
    """One day; or every day of a month or year, if no more is known."""

    first: date
    last: date


@dataclass(frozen=True)
class AmbiguousDate:
    """A date in numbers, read with the day first and with the month first (None: no such day)."""

    day_first: date | None
    month_first: date | None

    @property
    def proves(self) -> DateOrder | None:
        if self.day_first and self.month_first:
            return None
        return "day first" if self.day_first else "month first"


@dataclass(frozen=True)
class SerialDay:
    """A spreadsheet's day number."""

    number: int


class DateParser:
    """Turns one text into what it may mean, or into the message of a problem. `notices`: the rules it applied."""

    def __init__(self, latest_year: int):
        self.latest_year = latest_year
        self.notices: dict[str, None] = {}
        self._known: dict[str, DateSpan | AmbiguousDate | SerialDay | str] = {}

    def __call__(self, text: str) -> DateSpan | AmbiguousDate | SerialDay | str:
        if text not in self._known:
            try:
                self._known[text] = self._parse(text.strip())
            except _DateError as error:
                self._known[text] = str(error)
        return self._known[text]

    def _parse(self, text: str) -> DateSpan | AmbiguousDate | SerialDay:
        text = WEEKDAY.sub("", text, count=1) if WEEKDAY.match(text) else text
        text = self._without_time(text)
        if match := COMPACT.fullmatch(text):
            return _day(*map(int, match.groups()))
        if match := SERIAL.fullmatch(text):
            if int(match[1]) not in SERIALS:
                raise _DateError(EXPECTED)
            return SerialDay(int(match[1]))
        if match := NUMBERS.fullmatch(text):
            return self._three_numbers(*match.groups())
        if match := YEAR_MONTH.fullmatch(text):
            return _month(int(match[1]), int(match[2]))
        if match := MONTH_YEAR.fullmatch(text):
            return _month(int(match[2]), int(match[1]))
        if YEAR.fullmatch(text):
            year = _year(int(text))
            return DateSpan(date(year, 1, 1), date(year, 12, 31))
        return self._words(text)

    def _without_time(self, text: str) -> str:
        match = next((match for match in TIME.finditer(text) if match.end() == len(text) and match.start() > 3), None)
        if not match or (not match["minute"] and match[0][0] != "T"):
            return text
        if int(match["hour"]) > 24 or int(match["minute"] or 0) > 59 or int(match["second"] or 0) > 59:
            raise _DateError(f"that time of day does not exist; {EXPECTED}")
        if int(match["hour"]) or int(match["minute"] or 0):
            self.notices["Times of day were ignored; the day is kept as written."] = None
        if match["zone"]:
            self.notices["Some times name a time zone; the day is kept as written, not converted to local time."] = None
        return text[: match.start()]

    def _three_numbers(self, first: str, second: str, third: str) -> DateSpan | AmbiguousDate:
        if len(first) > 2:
            if len(first) != 4 or len(third) > 2:
                raise _DateError(EXPECTED)
            return _day(int(first), int(second), int(third))
        year = self._full_year(third)
        two_ways = AmbiguousDate(
            _date_or_none(year, int(second), int(first)), _date_or_none(year, int(first), int(second))
        )
        if two_ways.day_first or two_ways.month_first:
            return two_ways
        raise _DateError(_explain_bad_date(year, int(first), int(second)))

    def _words(self, text: str) -> DateSpan:
        """A date with the month as a word, or with parts marked unknown, in any usual order."""
        words = [word.lower() for word in WORDS.findall(ORDINAL.sub("", text)) if word.lower() != "of"]
        months = [MONTH_NUMBERS[word] for word in words if word in MONTH_NUMBERS]
        numbers = [word for word in words if word.isdigit()]
        unknown = sum(word in UNKNOWN_PART for word in words)
        if len(months) + len(numbers) + unknown != len(words) or len(months) > 1 or not numbers or len(words) > 3:
            raise _DateError(EXPECTED)
        long = [number for number in numbers if len(number) == 4]
        if unknown:
            return self._partly_unknown(months, numbers, long)
        if not months:
            raise _DateError(EXPECTED)
        if len(numbers) == 1:
            if long:
                return _month(int(long[0]), months[0])
            raise _DateError("the year may be missing: write it with four digits, such as 2026-06-03")
        year, day = (long[0], numbers[1 - numbers.index(long[0])]) if long else (numbers[1], numbers[0])
        if len(day) > 2:
            raise _DateError(EXPECTED)
        return _day(self._full_year(year), months[0], int(day))

    def _partly_unknown(self, months: list[int], numbers: list[str], long: list[str]) -> DateSpan:
        if not long:
            raise _DateError("the year is needed, with four digits")
        others = [int(number) for number in numbers if number != long[0]]
        month = months or others
        if len(month) > 1:
            raise _DateError(EXPECTED)
        year = _year(int(long[0]))
        return _month(year, month[0]) if month else DateSpan(date(year, 1, 1), date(year, 12, 31))

    def _full_year(self, year: str) -> int:
        if len(year) == 4:
            return _year(int(year))
        if len(year) != 2 or 2000 + int(year) > self.latest_year:
            raise _DateError(f"the year {year} is not clear: write it with four digits, such as 2026-06-03")
        self.notices["Two-digit years were read as 20yy, with the year last."] = None
        return 2000 + int(year)


class _DateError(Exception):
    pass


def _day(year: int, month: int, number: int) -> DateSpan:
    day = _date_or_none(_year(year), month, number)
    if day is None:
        raise _DateError(_explain_bad_date(year, number, month))
    return DateSpan(day, day)


def _month(year: int, month: int) -> DateSpan:
    if not 1 <= month <= 12:
        raise _DateError(f"month {month} does not exist; {EXPECTED}")
    return DateSpan(date(_year(year), month, 1), date(year, month, monthrange(year, month)[1]))


def _year(year: int) -> int:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise _DateError(f"the year {year} is out of range; {EXPECTED}")
    return year


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _explain_bad_date(year: int, day: int, month: int) -> str:
    if not day or not month:
        return "day and month can't be 0; if the day is not known, write year and month, such as 2026-06"
    if 1 <= month <= 12 and day <= 31:
        return f"{MONTHS[month - 1].title()} {year} has {monthrange(year, month)[1]} days"
    return f"that day does not exist; {EXPECTED}"


def format_day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1].title()} {day.year}"
