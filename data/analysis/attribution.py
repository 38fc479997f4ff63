"""Which treatment each side effect is attributed to, and the course of each side effect from its status notes."""

from sqlalchemy import Integer, and_, case, cast, func, null, or_, select

from data.analysis.sql_functions import BATCH, FOLLOW_UP, SIDE_EFFECT, STATUS, TREATMENT, Statement, days_between


def select_attributions() -> Statement:
    """Each side effect's onset and treatment: the one its row names, or else the client's latest within the limit."""
    s = SIDE_EFFECT
    dated = _onsets().subquery("dated")
    limit = or_(
        BATCH.c.attribution_days.is_(None), days_between(dated.c.onset, TREATMENT.c.date) <= BATCH.c.attribution_days
    )
    newest_first = (TREATMENT.c.date.desc(), TREATMENT.c.id.desc())
    latest_first = func.row_number().over(partition_by=s.c.id, order_by=newest_first)
    candidate = (
        select(s.c.id, TREATMENT.c.id.label("treatment_id"), latest_first.label("place"))
        .join(dated, dated.c.id == s.c.id)
        .join(BATCH, BATCH.c.id == s.c.import_batch_id)
        .join(TREATMENT, and_(TREATMENT.c.client_id == s.c.client_id, TREATMENT.c.date <= dated.c.onset, limit))
        .where(s.c.treatment_id.is_(None))
        .subquery("candidate")
    )
    # Already an integer, but SQLite uses an index only for a known type, and an expression has none without a cast.
    treatment_id = cast(func.coalesce(s.c.treatment_id, candidate.c.treatment_id), Integer)
    aside = case(
        (treatment_id.is_not(None), null()),
        (dated.c.onset.is_(None), "onset not told"),
        (or_(dated.c.first_treated.is_(None), dated.c.onset < dated.c.first_treated), "before the first treatment"),
        else_="too long after",
    )
    return (
        select(
            s.c.id,
            s.c.client_id,
            treatment_id.label("treatment_id"),
            dated.c.onset,
            dated.c.last_contact,
            aside.label("aside"),
        )
        .join(dated, dated.c.id == s.c.id)
        .outerjoin(candidate, and_(candidate.c.id == s.c.id, candidate.c.place == 1))
    )


def _onsets() -> Statement:
    """The onset. If only a month or year was recorded: its first possible day that is not before the treatment.

    `last_contact`: the client's latest completed follow-up, or the latest note on this side effect if that is later. A
    note on another side effect does not count.
    """
    s, named = SIDE_EFFECT, TREATMENT.alias("named")
    dates = select(TREATMENT.c.client_id, func.min(TREATMENT.c.date).label("date")).group_by(TREATMENT.c.client_id)
    first, course = dates.subquery("first"), select_courses().subquery("course")
    asked = (
        select(TREATMENT.c.client_id, func.max(FOLLOW_UP.c.date).label("date"))
        .join(FOLLOW_UP, FOLLOW_UP.c.treatment_id == TREATMENT.c.id)
        .where(FOLLOW_UP.c.outcome == "done")
        .group_by(TREATMENT.c.client_id)
        .subquery("asked")
    )
    later_note = or_(asked.c.date.is_(None), course.c.last_note > asked.c.date)
    treated_on = func.coalesce(named.c.date, first.c.date)
    within_span = and_(s.c.onset_first < treated_on, treated_on <= s.c.onset_last)
    not_over_before = or_(course.c.last_day.is_(None), course.c.last_day >= treated_on)
    return (
        select(
            s.c.id,
            case((and_(within_span, not_over_before), treated_on), else_=s.c.onset_first).label("onset"),
            first.c.date.label("first_treated"),
            case((later_note, course.c.last_note), else_=asked.c.date).label("last_contact"),
        )
        .outerjoin(named, named.c.id == s.c.treatment_id)
        .outerjoin(first, first.c.client_id == s.c.client_id)
        .outerjoin(course, course.c.side_effect_id == s.c.id)
        .outerjoin(asked, asked.c.client_id == s.c.client_id)
    )


def select_courses() -> Statement:
    """The course from the status notes: the latest note with a known state decides whether the side effect is over.

    The last day is the one in that note, or else in an earlier note "gone", or else the day it was first seen gone."""
    n = STATUS
    latest_first = func.row_number().over(partition_by=n.c.side_effect_id, order_by=(n.c.date.desc(), n.c.id.desc()))
    ranked = (
        select(n.c.side_effect_id, n.c.state, n.c.last_day, latest_first.label("place"))
        .where(n.c.state != "unknown")
        .subquery("ranked")
    )
    last = select(ranked).where(ranked.c.place == 1).subquery("last")
    notes = (
        select(
            n.c.side_effect_id,
            func.max(case((n.c.state == "present", n.c.date))).label("last_present"),
            func.max(n.c.date).label("last_note"),
            func.max(n.c.grade).label("grade"),
            func.count().label("reports"),
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
    gone = or_(last.c.last_day.is_not(None), last.c.state == "gone")
    told = func.coalesce(last.c.last_day, first_gone.c.told)
    return (
        select(
            notes.c.side_effect_id,
            notes.c.last_present,
            notes.c.last_note,
            notes.c.grade,
            notes.c.reports,
            func.coalesce(gone, False).label("ended"),
            and_(gone, told.is_not(None)).label("exact"),
            case((gone, func.coalesce(told, first_gone.c.date))).label("last_day"),
        )
        .outerjoin(last, last.c.side_effect_id == notes.c.side_effect_id)
        .outerjoin(first_gone, first_gone.c.side_effect_id == notes.c.side_effect_id)
    )
