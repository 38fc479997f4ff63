"""The as-of date: besides the records, the only input of counts, pages and reports."""

import os
from argparse import ArgumentTypeError
from datetime import date


class DayError(ArgumentTypeError):
    """A day that cannot be parsed; argparse prints the message."""


def as_of_date() -> date:
    """Today, or the day that the environment variable SEQUELA_TODAY names. Raises DayError."""
    fixed = os.environ.get("SEQUELA_TODAY")
    if not fixed:
        return date.today()  # noqa: TID251 - the only place that reads the calendar
    try:
        return parse_day(fixed)
    except DayError as error:
        raise DayError(f"SEQUELA_TODAY: {error}") from None


def parse_day(text: str) -> date:
    """Parse a day in ISO 8601. Raises DayError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DayError(f"{text!r} is not a day such as 2026-03-31") from None
