"""The as-of date: besides the records, the only input of counts, pages and reports."""

import os
from argparse import ArgumentTypeError
from datetime import date


def as_of_date() -> date:
    """Today, or the day that the environment variable SEQUELA_TODAY names. Raises ArgumentTypeError."""
    fixed = os.environ.get("SEQUELA_TODAY")
    if not fixed:
        return date.today()  # noqa: TID251 - the only place that reads the calendar
    try:
        return parse_day(fixed)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"SEQUELA_TODAY: {error}") from None


def parse_day(text: str) -> date:
    """Parse a day in ISO 8601. Raises ArgumentTypeError, whose message argparse prints."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-03-31") from None
