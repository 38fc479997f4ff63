"""Tables derived from side effects. They are computed, never stored.

`select_side_effects()` one row per side effect, with its course and the treatment it is attributed to
`select_incomplete_checklists()` one row per treatment and side effect that a follow-up of the treatment left out
`REMEDIES`              one row per remedy advised to, or used by, a client with a side effect
`STATUS_NOTES`          one row per status note of a side effect

Each is one SQLAlchemy expression that runs on SQLite, PostgreSQL and the DuckDB copy. A table that is made of others
takes them as arguments (data/analysis/derived_tables.py).
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Null, String, and_, case, exists, func, literal, null, select

from data.analysis.attribution import select_attributions, select_courses
from data.analysis.sql_functions import (
    NOT_ASKED,
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


def select_side_effects(places: FromClause) -> Statement:
    """Every side effect, with its course and the treatment it is attributed to, or why it is attributed to none.

    Days are whole days from the onset, which is day 1. `days` runs to the last day if `ended`, otherwise to the latest
    contact about the side effect; `seen_days` to the last day it was seen present. `aside` is None if attributed.
    """
    belonging, course = select_attributions().subquery("belonging"), select_courses().subquery("course")
    treatment = TREATMENT.alias("belongs_to")
    onset = belonging.c.onset
    until = case(
        (course.c.ended, course.c.last_day),
        (belonging.c.last_contact > onset, belonging.c.last_contact),
        else_=onset,
    )
    return (
        select(
            belonging.c.id.label("episode_id"),
            belonging.c.client_id,
            belonging.c.treatment_id,
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
            SIDE_EFFECT.c.id.in_(select(REVIEW.c.side_effect_id)).label("reviewed"),
            (SIDE_EFFECT.c.onset_first == SIDE_EFFECT.c.onset_last).label("onset_exact"),
            SIDE_EFFECT.c.came_to_light,
            SIDE_EFFECT.c.serious.is_not(None).label("serious"),
            course.c.grade,
            func.coalesce(course.c.reports, 0).label("reports"),
            func.coalesce(course.c.ended, False).label("ended"),
            func.coalesce(course.c.exact, False).label("end_exact"),
            (days_between(until, onset) + 1).label("days"),
            case((course.c.last_present >= onset, days_between(course.c.last_present, onset) + 1), else_=0).label(
                "seen_days"
            ),
            until.label("until"),
        )
        .select_from(belonging)
        .join(SIDE_EFFECT, SIDE_EFFECT.c.id == belonging.c.id)
        .outerjoin(TERM, TERM.c.code == SIDE_EFFECT.c.term)
        .outerjoin(course, course.c.side_effect_id == belonging.c.id)
        .outerjoin(treatment, treatment.c.id == belonging.c.treatment_id)
        .outerjoin(
            places,
            and_(places.c.treatment_id == belonging.c.treatment_id, places.c.area == SIDE_EFFECT.c.area),
        )
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
    on_record (the treatment has the side effect)."""
    f, u, e = follow_ups, NOT_ASKED, effects
    left_out = (
        select(f.c.treatment_id, u.c.term).join(u, u.c.follow_up_id == f.c.follow_up_id).where(f.c.outcome == "done")
    )
    pair = left_out.distinct().subquery("pair")
    on_record = exists().where(e.c.treatment_id == pair.c.treatment_id, e.c.side_effect == pair.c.term)
    same_contact = and_(u.c.follow_up_id == f.c.follow_up_id, u.c.term == pair.c.term)
    asked_day = func.max(case((u.c.id.is_(None), f.c.asked_day)))
    asked = (
        select(pair.c.treatment_id, pair.c.term, asked_day.label("asked_day"))
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
