"""Cases in sentences: what is open, what a list holds, the course of one case, and what was advised."""

from collections.abc import Sequence
from datetime import date

from dashboard.text.formatting import count, day, day_number, days, is_or_are, join_words, n_of_m, pluralize

REMEDIES_NOT_CREDITED = "Clients with worse side effects often get more advice, so this does not show what helps."


def describe_open_cases(cases: int, longest: float | None, which: str) -> str:
    """ "4 side effects are still open, the longest after 51 days at the last contact (eyelid ptosis, case 12)." """
    if not cases:
        return "No side effect is open."
    sentence = f"{pluralize(cases, 'side effect')} {is_or_are(cases)} still open"
    if longest is None:
        return f"{sentence}."
    return f"{sentence}, {'the longest ' if cases > 1 else ''}after {days(longest)} at the last contact ({which})."


def describe_missing_outcomes(outcomes: int, worth_calling: int) -> str:
    """ "94 outcomes are unknown. Calling 40 of these clients would narrow the range most." """
    sentence = f"{pluralize(outcomes, 'outcome')} {is_or_are(outcomes)} unknown."
    if not worth_calling:
        return f"{sentence} Nobody can be called about it now."
    return f"{sentence} Calling {count(worth_calling)} of these clients would narrow the range most."


def describe_case_list(cases: int, still: int, treatments: int, most: int) -> str:
    """ "12 side effects after 11 treatments, 4 of them still open." `most`: rows that a list shows."""
    if not cases:
        return "No side effects here."
    course = f"{count(still)} of them still open"
    if still in (0, cases):
        course = f"{'all ' if cases > 1 else ''}{'still open' if still else 'ended'}"
    sentence = f"{pluralize(cases, 'side effect')} after {pluralize(treatments, 'treatment')}, {course}."
    if cases <= most:
        return sentence
    return f"{sentence} The latest {count(most)} are listed. The download has all of them."


def explain_timeline(lines: int, cases: int) -> str:
    """What a line of the timeline means, and how many of the cases are drawn."""
    some = "" if lines == cases else f" {n_of_m(lines, cases)} are drawn."
    return (
        "One line per side effect, the longest first, from onset to the day it ended. An arrow means that it was still "
        f"present at the last contact and may have lasted longer.{some}"
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
    """ "Onset on day 5 (8 June 2026), Glabella. Still present at the last contact on 28 July 2026, after 51 days."
    `lasting`: days from onset to the end, or to the last contact; `exact`: the client gave the day it ended."""
    if onset is None or onset_day is None or lasting is None or until is None:
        return f"Onset not recorded, {where}."
    sentence = f"Onset on {day_number(onset_day)} ({day(onset)}), {where}. "
    if not over:
        return f"{sentence}Still present at the last contact on {day(until)}, after {days(lasting)}."
    return f"{sentence}{'Ended' if exact else 'Found to have ended'} after {days(lasting)}, on {day(until)}."


def compare_groups(groups: Sequence[tuple[str, str]]) -> str:
    """ "With massage: 46 side effects, half ended within 12 days (9–15). Without massage: ..." """
    return " ".join(f"{name}: {course}." for name, course in groups)


def describe_remedies(advised: Sequence[str], used: Sequence[str]) -> str:
    """ "Advised: massage and water. Used: water. This does not show that a remedy helped." """
    parts = [f"{how}: {join_words(names)}." for how, names in (("Advised", advised), ("Used", used)) if names]
    return " ".join([*parts, "This does not show that a remedy helped."])
