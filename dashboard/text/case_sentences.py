"""Cases: what is open, what a listing holds, how one went, and what was advised."""

from collections.abc import Sequence
from datetime import date

from dashboard.text.formatting import count, day, day_number, days, is_or_are, join_words, n_of_m, pluralize

REMEDIES_NOT_CREDITED = "Those who were advised more were often worse off to begin with: this does not show what helps."


def describe_open_cases(cases: int, longest: float | None, which: str) -> str:
    """ "4 side effects are not known to be over, the longest after 51 days (eyelid ptosis, case 12)." """
    if not cases:
        return "No side effect is open."
    said = f"{pluralize(cases, 'side effect')} {is_or_are(cases)} not known to be over"
    if longest is None:
        return f"{said}."
    return f"{said}, {'the longest ' if cases > 1 else ''}after {days(longest)} at the last contact ({which})."


def describe_missing_outcomes(outcomes: int, worth_calling: int) -> str:
    """ "94 outcomes are unknown; 40 of these clients can still be called, which would narrow the range most." """
    said = f"{pluralize(outcomes, 'outcome')} {is_or_are(outcomes)} unknown"
    if not worth_calling:
        return f"{said}; there is nobody to call for it now."
    can = "can still be called, which would narrow the range most."
    return f"{said}; {count(worth_calling)} of these clients {can}"


def describe_case_list(cases: int, still: int, treatments: int, most: int) -> str:
    """ "12 side effects after 11 treatments, 4 of them not known to be over." `most`: rows a listing shows."""
    if not cases:
        return "No side effects here."
    course = f"{count(still)} of them not known to be over"
    if cases == 1:
        course = "not known to be over" if still else "which is over"
    elif still in (0, cases):
        course = "none of them known to be over" if still else "all of them over"
    said = f"{pluralize(cases, 'side effect')} after {pluralize(treatments, 'treatment')}, {course}."
    return said if cases <= most else f"{said} The latest {count(most)} are listed; the download holds all."


def explain_timeline(lines: int, cases: int) -> str:
    """What a line of the timeline is, and how many of the cases are drawn."""
    some = "" if lines == cases else f" {n_of_m(lines, cases)} are drawn."
    return (
        "One line per side effect, the longest on top: from the day it was first noticed to the day it was gone. An "
        f"arrow was still there at the last contact, and may have lasted longer.{some}"
    )


def describe_where_treated(when: date, site: str, practitioner: str) -> str:
    """ "Treated on 3 June 2026 at north by P3." """
    return f"Treated on {day(when)} at {site} by {practitioner}."


def describe_course(
    onset: date | None,
    onset_day: int | None,
    where: str,
    lasting: int | None,
    over: bool,
    exact: bool,
    until: date | None,
) -> str:
    """ "First noticed on day 5 (8 June 2026), Glabella. Still there at the last contact on 28 July 2026, after 51
    days." `lasting`: days from first noticed to the end, or to the last contact; `exact`: the client told the day."""
    if onset is None or onset_day is None or lasting is None or until is None:
        return f"When it was first noticed was not told, {where}."
    said = f"First noticed on {day_number(onset_day)} ({day(onset)}), {where}. "
    if not over:
        return f"{said}Still there at the last contact on {day(until)}, after {days(lasting)}."
    return f"{said}{'Gone' if exact else 'Found gone'} after {days(lasting)}, on {day(until)}."


def compare_groups(groups: Sequence[tuple[str, str]]) -> str:
    """ "With massage: 46 side effects, half over within 12 days (9–15). Without massage: ..." Groups with their course
    in words."""
    return " ".join(f"{name}: {course}." for name, course in groups)


def describe_remedies(advised: Sequence[str], used: Sequence[str]) -> str:
    """ "Advised: massage and water. Used: water. A remedy is never credited with the course." """
    said = [f"{how}: {join_words(names)}." for how, names in (("Advised", advised), ("Used", used)) if names]
    return " ".join([*said, "A remedy is never credited with the course."])
