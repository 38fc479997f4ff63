"""Weakness by area and dose in sentences: the page's verdict, a cell of its matrix, and what was left out."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from dashboard.text.formatting import (
    count,
    days,
    join_words,
    lower_first,
    n_of_m,
    percent_interval,
    whole_percent,
)

HIGHER_MARK = "\u25b2"
LEFT_OUT = "Treatments still in follow-up, or without recorded units, are left out."
NO_AREA = "No treatment with a recorded area in this selection."


def describe_dose_links(family: str, area: str, is_higher: bool, is_judged: bool) -> str:
    """ "More nearby-muscle weakness with higher doses: forehead lines". `family`, `area`, `is_higher`: of the most
    notable cell; `is_judged`: whether any has enough side effects."""
    if is_higher:
        return f"More {lower_first(family)} with higher doses: {area}"
    return "No clear link with dose" if is_judged else "Too few side effects to judge doses"


def explain_matrix(least: int) -> str:
    """What the colors and the words of the matrix mean. `least`: areas followed up that a color needs."""
    return (
        "Treated areas with weakness, of those followed up, with the 95% interval. A darker blue is a higher rate. "
        f"Fewer than {least} followed up have no color. Choose a cell to see its doses."
    )


def describe_lead(row: Any) -> str:
    """The rate of a cell (data.summaries.weakness): "22.5% (17.0–29.1)"; without an event "at most 1.5%"."""
    return percent_interval(row.rate, row.low, row.high) if row.followed_up else "none followed up"


def describe_size(row: Any) -> str:
    """ "56 of 249, median 63 days"; without a median "2 of 84, days: too few"."""
    size = n_of_m(row.events, row.followed_up)
    return f"{size}, {describe_duration(row)}" if row.episodes else size


def describe_duration(row: Any) -> str:
    """ "median 63 days", "days: too few", "median not reached"."""
    if row.no_median:
        return "days: too few"
    return "median not reached" if pd.isna(row.median) else f"median {days(row.median)}"


def describe_severity(row: Any) -> str:
    """ "15 of 56 moderate or severe"; without a grade "not graded"; without an event an empty text."""
    if not row.events:
        return ""
    return f"{n_of_m(row.moderate_or_severe, row.graded)} moderate or severe" if row.graded else "not graded"


def describe_verdict(verdict: str) -> str:
    """A verdict of data.summaries.dose_response: "▲ higher with dose", "dose: no clear link", "dose: too few"."""
    return f"{HIGHER_MARK} {verdict}" if verdict.endswith("dose") else f"dose: {verdict}"


def describe_cell(row: Any) -> str:
    """ "24 of 1,238 treated areas followed up: 1.9% (1.3–2.9). Of 24 with a grade, 7 (29%) were moderate or severe.
    Duration: median 28 days." """
    if not row.followed_up:
        return "No treated area followed up."
    sentences = [f"{n_of_m(row.events, row.followed_up)} treated areas followed up: {describe_lead(row)}."]
    if row.graded:
        share = whole_percent(row.moderate_or_severe / row.graded)
        graded = f"Of {count(row.graded)} with a grade, {count(row.moderate_or_severe)} ({share})"
        sentences.append(f"{graded} {'was' if row.moderate_or_severe == 1 else 'were'} moderate or severe.")
    if row.episodes:
        sentences.append(f"Duration: {describe_duration(row).removeprefix('days: ')}.")
    return " ".join(sentences)


def describe_unknown_choice(names: Iterable[str]) -> str:
    """ "This link names x, which these records do not show. The most notable cell is open." """
    missing = join_words(dict.fromkeys(names))
    return f"This link names {missing}, which these records do not show. The most notable cell is open."
