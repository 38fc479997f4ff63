"""Tables derived from side effects. They are computed, never stored.

`select_side_effects()` one row per side effect, with its course and the treatment it is attributed to
`select_incomplete_checklists()` one row per treatment and side effect that a follow-up of the treatment left out
`REMEDIES`              one row per remedy advised to, or used by, a client with a side effect
`STATUS_NOTES`          one row per status note of a side effect

Each is one SQLAlchemy expression that runs on SQLite, PostgreSQL and the DuckDB copy. A table that is made of others
takes them as arguments (data/analysis/derived_tables.py).
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Null, String, and_, case, exists, func, literal, null, or_, select

from data.analysis.attribution import select_attributions
from data.analysis.courses import select_last_contacts
from data.analysis.derived_treatments import CONTINUOUS_FORMAT
from data.analysis.sql_functions import (
    BATCH,
    FOLLOW_UP,
    NOT_ASKED,
    PRACTITIONER,
    REMEDY,
    REVIEW,
    SIDE_EFFECT,
    STATUS,
    TERM,
    TREATMENT,
    Statement,
    days_between,
)
from models import codelist

DEATH, FATAL = "death", 5  # the serious reason (models/codelists/serious_reasons.csv) and the grade of a fatal case

# Nobody has assessed it; assessed, and not yet reviewed; reviewed; something was recorded after it was assessed.
NEW, IN_REVIEW, REVIEWED, CHANGED = REVIEW_STATES = ("new", "in review", "reviewed", "changed")


def select_side_effects(places: FromClause, courses: FromClause) -> Statement:
    """Every side effect, with its course and the treatment it belongs to (`attribution`: how that was decided;
    data/analysis/attribution.py), or why it belongs to none (`aside`).

    Days are whole days from the onset, which is day 1. `days` runs to the last day: as recorded if `end_exact`, else
    to the latest possible one, or of an open side effect to the last day on which it was recorded as present. It is
    None without an onset, and if nothing limits an end that was not recorded. `seen_days` runs to the last day on which
    it was recorded as present, its onset included. `until`: that day, the recorded last day, or else the day by which
    it had ended. `fatal`: ended, and never resolved. `seen_later`: open, and its client was heard from after `until`
    without an answer about it; `heard_from`: the client's latest completed follow-up, or note on any side effect.
    `review`: how far its review has come (`REVIEW_STATES`).
    """
    belonging = select_attributions(places, courses).subquery("belonging")
    contact = select_last_contacts().subquery("contact")
    treatment, onset = TREATMENT.alias("belongs_to"), belonging.c.onset
    review, contacted = _select_current_reviews().subquery("review"), _select_contact_revisions().subquery("contacted")
    state = _review_state(review, contacted, SIDE_EFFECT, PRACTITIONER.c.code)
    fatal = or_(func.coalesce(SIDE_EFFECT.c.serious, "").contains(DEATH), func.coalesce(courses.c.grade, 0) == FATAL)
    ended, exact = or_(func.coalesce(courses.c.ended, False), fatal), courses.c.last_day.is_not(None)
    # A study observes its subjects to the end of their participation, which is stored as their last follow-up.
    observed = and_(
        BATCH.c.format == CONTINUOUS_FORMAT, courses.c.ongoing, contact.c.followed_up > courses.c.last_present
    )
    seen = case((observed, contact.c.followed_up), else_=courses.c.last_present)
    seen = case((or_(onset.is_(None), seen >= onset), seen), else_=onset)
    # An end on record without its day was at the latest on the day before the contact that found it, or if none did
    # after the onset, on the day before the last contact.
    ended_by = case(
        (courses.c.found_gone > onset, courses.c.found_gone),
        (and_(courses.c.found_gone <= onset, contact.c.followed_up >= onset), courses.c.found_gone),
        (contact.c.heard_from > onset, contact.c.heard_from),
        (onset.is_(None), func.coalesce(courses.c.found_gone, contact.c.heard_from)),
    )
    until = case((exact, courses.c.last_day), (ended, ended_by), else_=seen)
    seen_days = days_between(seen, onset) + 1
    days = case(
        (exact, days_between(until, onset) + 1),
        (and_(ended, days_between(until, onset) > seen_days), days_between(until, onset)),
        (until.is_not(None), seen_days),
    )
    return (
        select(
            belonging.c.id.label("episode_id"),
            belonging.c.client_id,
            belonging.c.treatment_id,
            belonging.c.attribution,
            belonging.c.aside,
            places.c.area.label("placed_area"),
            places.c.unit_id.label("placed_unit"),
            SIDE_EFFECT.c.area.label("stated_area"),
            SIDE_EFFECT.c.side,
            SIDE_EFFECT.c.term.label("side_effect"),
            _codelist_column("family", TERM.c.family).label("family"),
            _codelist_column("red_flag", null()).label("red_flag"),
            _asked_from(SIDE_EFFECT.c.term).label("asked_from"),
            onset.label("onset"),
            days_between(onset, treatment.c.date).label("onset_day"),
            state.label("review"),
            (state == REVIEWED).label("reviewed"),
            (SIDE_EFFECT.c.onset_first == SIDE_EFFECT.c.onset_last).label("onset_exact"),
            SIDE_EFFECT.c.came_to_light,
            SIDE_EFFECT.c.serious.is_not(None).label("serious"),
            courses.c.grade,
            func.coalesce(courses.c.reports, 1).label("reports"),  # without a note, the record itself is the report
            ended.label("ended"),
            fatal.label("fatal"),
            and_(ended, exact).label("end_exact"),
            days.label("days"),
            seen_days.label("seen_days"),
            until.label("until"),
            contact.c.heard_from,
            func.coalesce(and_(~ended, contact.c.heard_from > until), False).label("seen_later"),
        )
        .select_from(belonging)
        .join(SIDE_EFFECT, SIDE_EFFECT.c.id == belonging.c.id)
        .join(BATCH, BATCH.c.id == SIDE_EFFECT.c.import_batch_id)
        .outerjoin(TERM, TERM.c.code == SIDE_EFFECT.c.term)
        .outerjoin(courses, courses.c.side_effect_id == belonging.c.id)
        .outerjoin(contact, contact.c.client_id == belonging.c.client_id)
        .outerjoin(treatment, treatment.c.id == belonging.c.treatment_id)
        .outerjoin(PRACTITIONER, PRACTITIONER.c.id == treatment.c.practitioner_id)
        .outerjoin(review, review.c.side_effect_id == belonging.c.id)
        .outerjoin(contacted, contacted.c.treatment_id == belonging.c.treatment_id)
        .outerjoin(
            places,
            and_(places.c.treatment_id == belonging.c.treatment_id, places.c.area == SIDE_EFFECT.c.area),
        )
    )


def _select_current_reviews() -> Statement:
    """The review of each side effect that has one: the columns of CaseReview that decide its state."""
    r = REVIEW
    latest = select(func.max(r.c.id)).where(r.c.undone_by.is_(None)).group_by(r.c.side_effect_id)
    columns = (r.c.side_effect_id, r.c.revision, r.c.reviewer_practitioner, r.c.is_complete, r.c.agrees)
    return select(*columns, r.c.second_practitioner).where(r.c.id.in_(latest))


def _select_contact_revisions() -> Statement:
    """treatment_id, revision: when a completed contact about it was last written. Only of clients with a review, who
    are few."""
    f, t, s = FOLLOW_UP, TREATMENT, SIDE_EFFECT
    clients = select(s.c.client_id).join(REVIEW, REVIEW.c.side_effect_id == s.c.id)
    latest = select(f.c.treatment_id, func.max(f.c.revision).label("revision")).join(t, t.c.id == f.c.treatment_id)
    return latest.where(f.c.outcome == "done", t.c.client_id.in_(clients)).group_by(f.c.treatment_id)


def _review_state(
    review: FromClause, contact: FromClause, side_effect: FromClause, practitioner: ColumnElement[Any]
) -> ColumnElement[str]:
    """One of `REVIEW_STATES`. `practitioner`: the code of who treated.

    Nobody reviews their own case alone: then a second reviewer has to agree who did not treat either. Whoever reviews,
    a second reviewer who does not agree keeps the case in review.
    """
    is_newer = or_(side_effect.c.revision > review.c.revision, contact.c.revision > review.c.revision)
    own_case = func.coalesce(review.c.reviewer_practitioner == practitioner, False)
    own_second = func.coalesce(review.c.second_practitioner == practitioner, False)
    agreed = case((own_case, and_(func.coalesce(review.c.agrees, False), ~own_second)),
                  else_=func.coalesce(review.c.agrees, True))  # fmt: skip
    return case(
        (review.c.side_effect_id.is_(None), NEW),
        (func.coalesce(is_newer, False), CHANGED),
        (and_(review.c.is_complete, agreed), REVIEWED),
        else_=IN_REVIEW,
    )


def _codelist_column(column: str, otherwise: ColumnElement[Any] | Null) -> ColumnElement[Any]:
    """A column of the codelist for each side effect; `otherwise` for a term that only the source uses."""
    by_value: dict[str, list[str]] = {}
    for code, row in codelist.side_effects().items():
        if value := getattr(row, column):
            by_value.setdefault(value, []).append(code)
    ours = [(SIDE_EFFECT.c.term.in_(codes), literal(value, String)) for value, codes in by_value.items()]
    return case(*ours, else_=otherwise)


def select_incomplete_checklists(effects: FromClause, follow_ups: FromClause) -> Statement:
    """One row per treatment and side effect that a completed follow-up of the treatment left out: treatment_id,
    side_effect, asked_from, asked_day (the last day on which another follow-up asked about it; None if none did),
    first_day (the first on which one asked late enough), on_record (the treatment has the side effect)."""
    f, u, e = follow_ups, NOT_ASKED, effects
    left_out = (
        select(f.c.treatment_id, u.c.term).join(u, u.c.follow_up_id == f.c.follow_up_id).where(f.c.outcome == "done")
    )
    pair = left_out.distinct().subquery("pair")
    on_record = exists().where(e.c.treatment_id == pair.c.treatment_id, e.c.side_effect == pair.c.term)
    same_contact = and_(u.c.follow_up_id == f.c.follow_up_id, u.c.term == pair.c.term)
    asked_day = func.max(case((u.c.id.is_(None), f.c.asked_day)))
    late_enough = and_(u.c.id.is_(None), f.c.asked_day >= _asked_from(pair.c.term))
    first_day = func.min(case((late_enough, f.c.day))).label("first_day")
    asked = (
        select(pair.c.treatment_id, pair.c.term, asked_day.label("asked_day"), first_day)
        .join(f, f.c.treatment_id == pair.c.treatment_id)
        .outerjoin(u, same_contact)
        .group_by(pair.c.treatment_id, pair.c.term)
        .subquery("asked")
    )
    return select(
        pair.c.treatment_id,
        pair.c.term.label("side_effect"),
        _asked_from(pair.c.term).label("asked_from"),
        asked.c.asked_day,
        asked.c.first_day,
        on_record.label("on_record"),
    ).join(asked, and_(asked.c.treatment_id == pair.c.treatment_id, asked.c.term == pair.c.term))


def _asked_from(term: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day after a treatment on which asking about a side effect counts."""
    codes_by_day: dict[int, list[str]] = {}
    for code in codelist.side_effects():
        codes_by_day.setdefault(codelist.asked_from(code), []).append(code)
    return case(*((term.in_(codes), day) for day, codes in codes_by_day.items()), else_=codelist.OTHER_ASKED_FROM)


# episode_id, remedy, kind (advised or used)
REMEDIES = select(REMEDY.c.side_effect_id.label("episode_id"), REMEDY.c.remedy, REMEDY.c.kind)

# note_id, episode_id, date, state, last_day (if recorded), grade, grade_scale
STATUS_NOTES = select(
    STATUS.c.id.label("note_id"),
    STATUS.c.side_effect_id.label("episode_id"),
    STATUS.c.date,
    STATUS.c.state,
    STATUS.c.last_day,
    STATUS.c.grade,
    STATUS.c.grade_scale,
)
