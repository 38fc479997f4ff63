"""Sentences of the call list: who is due, in which order, and why."""

from datetime import date

from dashboard.text.formatting import count, day, is_or_are, n_of_m, pluralize

LISTS = TREATMENT_LIST, SIDE_EFFECT_LIST = "Treatments to ask about", "Side effects to ask about again"
TREATMENT_ORDER = (
    "Sorted by most open questions, then fewest attempts, then longest wait. Clients tried today come last. An answer "
    "that all is well counts just as much."
)
SIDE_EFFECT_ORDER = (
    "Clients seen later without an answer come first, then red flags, then the longest open. Clients contacted today "
    "come last."
)


def describe_open_work(due: int, overdue: int, open_effects: int) -> str:
    """ "81 treatments are due for a call and 558 are overdue. 204 side effects are open." """
    if not due + overdue + open_effects:
        return "No calls to make: no follow-up is due and no side effect is open."
    calls = f"{pluralize(due, 'treatment')} {is_or_are(due)} due for a call and {count(overdue)} {is_or_are(overdue)}"
    return f"{calls} overdue. {pluralize(open_effects, 'side effect')} {is_or_are(open_effects)} open."


def explain_order(order: str, listed: int, among: int) -> str:
    """How the treatments or the open side effects are sorted, and how many of them are listed."""
    return order if listed == among else f"{order} {n_of_m(listed, among)} are listed."


def describe_call(treatment: str, number: str) -> str:
    """ "Jun 3, 2026: Glabella (north, AB). Visit or invoice V1001." """
    return f"{treatment.rstrip('.')}.{f' Visit or invoice {number}.' if number else ''}"


def explain_call(open_questions: int, attempts: int, last: date | None) -> str:
    """ "An answer settles 2 open questions about this client. 2 attempts so far, the last on Jun 12, 2026." """
    settles = "this outcome" if open_questions == 1 else f"{open_questions} open questions about this client"
    if not last:
        return f"An answer settles {settles}. No attempt so far."
    tries = "One attempt so far, on" if attempts == 1 else f"{attempts} attempts so far, the last on"
    return f"An answer settles {settles}. {tries} {day(last)}."
