"""Cases in sentences: what is open, what a list holds, the course of one case, and what was advised."""

from collections.abc import Sequence
from datetime import date

from dashboard.text.formatting import (
    count,
    day,
    day_number,
    days,
    is_or_are,
    join_words,
    n_of_m,
    name_kinds,
    pluralize,
)
from dashboard.text.labels import NOT_RECORDED, UNATTRIBUTED_REASONS

# By how a case was attributed, where that must be known (data/analysis/attribution.py).
ATTRIBUTION_NOTES = {
    "area not treated": "No treatment before it included its area: the latest counts.",
    "ambiguous": "Another treatment of that day fits as well: the first record counts.",
    "worsened": "It began before this treatment and had a higher grade after it.",
}
REMEDIES_NOT_CREDITED = "Clients with worse side effects often get more advice, so this does not show what helps."


def describe_open_cases(
    cases: int, in_period: int, unattributed: int, longest: float | None = None, which: str = ""
) -> str:
    """ "17 side effects are still open: 5 after treatments of this period, 11 after earlier or later ones and 1 without
    a treatment. The longest was last present after 51 days (eyelid ptosis, case 12)." `cases`: of all dates."""
    if not cases:
        return "No side effect is open."
    sentence = f"{pluralize(cases, 'side effect')} {is_or_are(cases)} still open"
    if in_period < cases:
        parts = {
            "after treatments of this period": in_period,
            "after earlier or later ones" if in_period else "after treatments of other periods":
                cases - in_period - unattributed,
            "without a treatment": unattributed,
        }  # fmt: skip
        sentence += f": {join_words(f'{count(number)} {where}' for where, number in parts.items() if number)}"
    if longest is None:
        return f"{sentence}."
    longest_one = "The longest" if cases > 1 else "It"
    return f"{sentence}. {longest_one} was last present after {days(longest)} ({which})."


def describe_unattributed_cases(kinds: Sequence[tuple[str, int]], serious: int, still: int) -> str:
    """ "3 side effects belong to no treatment: headache 2 and dysphagia 1. 1 is serious, 2 are still open. They count
    in no rate." `kinds`: side effects and how many of each."""
    total = sum(number for _, number in kinds)
    belong, they = ("belongs", "It counts") if total == 1 else ("belong", "They count")
    states = ((serious, "serious"), (still, "still open"))
    told = ", ".join(f"{count(number)} {is_or_are(number)} {state}" for number, state in states if number)
    named = f"{pluralize(total, 'side effect')} {belong} to no treatment: {name_kinds(kinds)}."
    return f"{named} {f'{told}. ' if told else ''}{they} in no rate."


def describe_missing_outcomes(outcomes: int, to_call: int) -> str:
    """ "94 outcomes are unknown. The call list has 40 treatments to ask about." """
    sentence = f"{pluralize(outcomes, 'outcome')} {is_or_are(outcomes)} unknown."
    if not to_call:
        return f"{sentence} The call list has no treatment to ask about now."
    return f"{sentence} The call list has {pluralize(to_call, 'treatment')} to ask about."


def describe_case_list(cases: int, still: int, treatments: int, most: int) -> str:
    """ "12 side effects after 11 treatments, 4 of them still open." `most`: rows that a list shows."""
    if not cases:
        return "0 side effects after these treatments."
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
        "One line per side effect, the longest first, from onset to the day it ended. An arrow ends at the last "
        f"day recorded as present; it may have lasted longer.{some}"
    )


def describe_where_treated(
    when: date | None, site: str | None, practitioner: str | None, attribution: str | None = None,
    aside: str | None = None,
) -> str:  # fmt: skip
    """ "Treated on Jun 3, 2026 at north by P3." With what to know about why the case belongs to that treatment, or why
    it belongs to none."""
    if when is None:
        return f"Belongs to no treatment: {UNATTRIBUTED_REASONS.get(aside or '', NOT_RECORDED).lower()}."
    note = ATTRIBUTION_NOTES.get(attribution or "")
    return f"Treated on {day(when)} at {site} by {practitioner}.{f' {note}' if note else ''}"


def describe_course(
    onset: date | None,
    onset_day: int | None,
    where: str,
    lasting: int | None,
    over: bool,
    exact: bool,
    until: date | None,
) -> str:
    """ "Onset on day 5 (Jun 8, 2026), Glabella. Last recorded as present on Jul 28, 2026, after 51 days."
    `lasting`: days from onset to the end, at most if not `exact`, or to the last day recorded as present; `until`: that
    day, or the day by which it had ended."""
    if onset is None:
        sentence = f"Onset not recorded, {where}."
    elif onset_day is None or onset_day < 0:
        before = f", {days(-onset_day)} before the treatment" if onset_day else ""
        sentence = f"Onset on {day(onset)}{before}, {where}."
    else:
        sentence = f"Onset on {day_number(onset_day)} ({day(onset)}), {where}."
    if until is None:
        return f"{sentence} Ended on an unknown day." if over else sentence
    if not over:
        return f"{sentence} Last recorded as present on {day(until)}{f', after {days(lasting)}' if lasting else ''}."
    if exact:
        return f"{sentence} Ended{f' after {days(lasting)},' if lasting else ''} on {day(until)}."
    return f"{sentence} Ended by {day(until)}{f', after at most {days(lasting)}' if lasting else ''}."


def compare_groups(groups: Sequence[tuple[str, str]]) -> str:
    """ "With massage: 46 side effects, half ended within 12 days (9–15). Without massage: ..." """
    return " ".join(f"{name}: {course}." for name, course in groups)


def refuse_comparison(remedy: str, least: int) -> str:
    """Why no course with a remedy stands next to one without: only the same side effect and grade are compared."""
    return (
        f"No courses are compared for {remedy}. That takes {least} ended cases with the remedy and {least} without it, "
        "of the same side effect and grade."
    )


def describe_remedies(advised: Sequence[str], used: Sequence[str]) -> str:
    """ "Advised: massage and water. Used: water. This does not show that a remedy helped." """
    parts = [f"{how}: {join_words(names)}." for how, names in (("Advised", advised), ("Used", used)) if names]
    return " ".join([*parts, "This does not show that a remedy helped."])
