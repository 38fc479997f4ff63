"""The course of each side effect from its status notes, and when each client was last heard from."""

from sqlalchemy import Date, and_, case, cast, distinct, func, null, or_, select, union_all

from data.analysis.sql_functions import FOLLOW_UP, SIDE_EFFECT, STATUS, TREATMENT, Statement


def select_courses() -> Statement:
    """One row per side effect with a status note. The latest note with a known state decides whether it is over.

    `known_by` (the first day that a note gives: on it the side effect had begun), `last_present` (the last day it was
    noted present), `ongoing` (that is the latest state), `least_grade` and `grade` (the worst one), `reports` (notes),
    `ended`, `last_day` (the one in the latest note, else in an earlier note "gone", else the day it was found gone if
    it was also noted present on it; None if not known to the day), `found_gone` (the first day it was noted gone).
    """
    n = STATUS
    latest_first = func.row_number().over(partition_by=n.c.side_effect_id, order_by=(n.c.date.desc(), n.c.id.desc()))
    ranked = (
        select(n.c.side_effect_id, n.c.state, n.c.last_day, latest_first.label("place"))
        .where(n.c.state != "unknown")
        .subquery("ranked")
    )
    # A row of a study makes two notes where it gives the end as a span of days, and is one report.
    reports = func.count(distinct(func.nullif(n.c.source_id, ""))) + func.count(case((n.c.source_id == "", 1)))
    last = select(ranked).where(ranked.c.place == 1).subquery("last")
    notes = (
        select(
            n.c.side_effect_id,
            func.min(case((n.c.last_day < n.c.date, n.c.last_day), else_=n.c.date)).label("known_by"),
            func.max(case((n.c.state == "present", n.c.date))).label("last_present"),
            func.min(n.c.grade).label("least_grade"),
            func.max(n.c.grade).label("grade"),
            reports.label("reports"),
        )
        .group_by(n.c.side_effect_id)
        .subquery("notes")
    )
    first_gone = (
        select(n.c.side_effect_id, func.min(n.c.date).label("date"), func.max(n.c.last_day).label("told"))
        .join(notes, notes.c.side_effect_id == n.c.side_effect_id)
        .where(n.c.state == "gone", n.c.date >= func.coalesce(notes.c.last_present, n.c.date))
        .group_by(n.c.side_effect_id)
        .subquery("first_gone")
    )
    ended = or_(last.c.last_day.is_not(None), last.c.state == "gone")
    found_present = case((first_gone.c.date == notes.c.last_present, first_gone.c.date))
    return (
        select(
            notes.c.side_effect_id,
            notes.c.known_by,
            notes.c.last_present,
            func.coalesce(and_(last.c.state == "present", last.c.last_day.is_(None)), False).label("ongoing"),
            notes.c.least_grade,
            notes.c.grade,
            notes.c.reports,
            func.coalesce(ended, False).label("ended"),
            case((ended, func.coalesce(last.c.last_day, first_gone.c.told, found_present))).label("last_day"),
            case((ended, first_gone.c.date)).label("found_gone"),
        )
        .outerjoin(last, last.c.side_effect_id == notes.c.side_effect_id)
        .outerjoin(first_gone, first_gone.c.side_effect_id == notes.c.side_effect_id)
    )


def select_last_contacts() -> Statement:
    """client_id, followed_up (the day of the client's latest completed follow-up), heard_from (that day, or the latest
    note on any of the client's side effects)."""
    f, n = FOLLOW_UP, STATUS
    completed = (
        select(TREATMENT.c.client_id, f.c.date.label("followed_up"), f.c.date.label("heard_from"))
        .join(f, f.c.treatment_id == TREATMENT.c.id)
        .where(f.c.outcome == "done")
    )
    noted = select(SIDE_EFFECT.c.client_id, cast(null(), Date), n.c.date).join(
        n, n.c.side_effect_id == SIDE_EFFECT.c.id
    )
    contact = union_all(completed, noted).subquery("contact")
    latest = (func.max(contact.c[name]).label(name) for name in ("followed_up", "heard_from"))
    return select(contact.c.client_id, *latest).group_by(contact.c.client_id)
