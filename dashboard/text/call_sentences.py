"""Whom to call: in which order, and why."""

from datetime import date

from dashboard.text.formatting import count, day, is_or_are, pluralize


def describe_open_work(due: int, overdue: int, open_: int) -> str:
    """ "81 treatments are due and 558 overdue; 204 side effects are not known to be over." """
    if not due + overdue + open_:
        return "Nobody to call: no outcome is unknown that can still be asked for, and no side effect is open."
    asked = f"{pluralize(due, 'treatment')} {is_or_are(due)} due and {count(overdue)} overdue"
    return f"{asked}; {pluralize(open_, 'side effect')} {is_or_are(open_)} not known to be over."


def explain_treatment_order(listed: int, among: int) -> str:
    """In which order treatments stand, and how many of them are listed."""
    part = "" if listed == among else f" {count(listed)} of {count(among)} are listed."
    return (
        "On top whose answer settles most open questions, then who was tried least, then who waits longest; who was "
        f"tried today stands at the end. That all is well is an answer that counts as much.{part}"
    )


def explain_side_effect_order(listed: int, among: int) -> str:
    """In which order open side effects stand, and how many of them are listed."""
    part = "" if listed == among else f" {count(listed)} of {count(among)} are listed."
    return f"Red flags on top, then those open longest; those heard of today stand at the end.{part}"


def describe_call(treatment: str, number: str) -> str:
    """ "3 June 2026: Glabella (north, AB). Visit or invoice V1001." """
    return f"{treatment.rstrip('.')}.{f' Visit or invoice {number}.' if number else ''}"


def explain_call(settles: int, tried: int, last: date | None) -> str:
    """ "An answer settles 2 open questions of this client. Not reached 2 times, the last on 12 June 2026." """
    said = "An answer settles " + ("this outcome" if settles == 1 else f"{settles} open questions of this client")
    tries = "once" if tried == 1 else f"{tried} times"
    return f"{said}. Not reached {tries}, last on {day(last)}." if last else f"{said}. Not tried before."
