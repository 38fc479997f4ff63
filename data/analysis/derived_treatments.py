"""Tables derived from treatments, their injections and their follow-ups. They are computed, never stored.

`select_treated_places()` one row per treated area (treatment and area)
`select_treatments()`     one row per treatment
`select_treated_areas()`  one row per treatment, area, product and lot
`select_area_sets()`      one row per set of areas treated together, and area
`select_follow_ups()`     one row per follow-up: a contact, or an attempt at one

Each is one SQLAlchemy expression that runs on SQLite, PostgreSQL and the DuckDB copy. A table that is made of others
takes them as arguments (data/analysis/derived_tables.py).
"""

from datetime import date

from sqlalchemy import Boolean, ColumnElement, FromClause, Integer, and_, case, cast, exists, extract, func, or_, select

from data.analysis.sql_functions import (
    BATCH,
    FOLLOW_UP,
    INJECTION,
    LOT,
    NOT_RECORDED,
    PRACTITIONER,
    PRODUCT,
    SITE,
    STATUS,
    TREATMENT,
    Statement,
    days_between,
    sum_if_complete,
)
from models import codelist

# Studies record side effects throughout, so that their clients count as asked from day 0 on.
CONTINUOUS_FORMAT = "sdtm"

INJECTED_AREA = func.coalesce(INJECTION.c.area, NOT_RECORDED)


def select_treated_places() -> Statement:
    """treatment_id, unit_id, area, alone (everything injected there is of one product and one lot), and the visits
    among all treatments, which do not depend on the query."""
    i, t = INJECTION, TREATMENT
    unit, lot = func.min(i.c.id).label("unit_id"), func.coalesce(i.c.lot_id, 0)
    alone = and_(func.min(i.c.product_id) == func.max(i.c.product_id), func.min(lot) == func.max(lot)).label("alone")
    places = select(i.c.treatment_id, unit, INJECTED_AREA.label("area"), alone)
    place = places.group_by(i.c.treatment_id, INJECTED_AREA).subquery("place")
    touch_up = t.c.touch_up_of_id.is_not(None).label("touch_up")
    dated = (
        select(*place.c, t.c.client_id, t.c.date, touch_up).join(t, t.c.id == place.c.treatment_id).subquery("dated")
    )
    return select(*(dated.c[column.name] for column in place.c), *visit_columns(dated))


def visit_columns(areas: FromClause) -> tuple[ColumnElement[bool], ColumnElement[date]]:
    """Among treated areas: `visit`, the client's first treatment of the area on that day, unless it is a touch-up;
    `next_visit`, the day of the next one."""
    a = areas
    same = (a.c.client_id, a.c.area, a.c.touch_up)
    first = func.min(a.c.treatment_id).over(partition_by=same, order_by=a.c.date, groups=(0, 0))
    following = func.min(a.c.date).over(partition_by=same, order_by=a.c.date, groups=(1, 1))
    return and_(a.c.touch_up.is_(False), a.c.treatment_id == first).label("visit"), following.label("next_visit")


def select_treatments(places: FromClause, effects: FromClause, follow_ups: FromClause) -> Statement:
    """treatment_id, date, month/quarter/year, site, practitioner, client_id, first_visit, touch_up, area_set, known,
    heard (how the outcome became known, or why it did not: the strongest of all contacts about the treatment), and the
    last day after the treatment, if any, on which the client was asked: asked_day; by checklist: checklist_day; with an
    open question: open_day."""
    t = TREATMENT
    contact, areas = _contacts_per_treatment(follow_ups).subquery("contact"), _area_sets(places).subquery("areas")
    affected = t.c.id.in_(select(effects.c.treatment_id).where(effects.c.treatment_id.is_not(None)))
    year, month = extract("year", t.c.date), extract("month", t.c.date)
    quarter = case((month <= 3, 1), (month <= 6, 2), (month <= 9, 3), else_=4)
    visit = func.row_number().over(partition_by=t.c.client_id, order_by=(t.c.date, t.c.id))
    heard = case(
        (contact.c.checklist_day.is_not(None), "checklist"),
        (contact.c.asked_day.is_not(None), "open"),
        (or_(contact.c.done == 1, affected), "volunteered"),
        (contact.c.declined == 1, "declined"),
        (contact.c.not_reached == 1, "not_reached"),
        (contact.c.not_due == 1, "not_due"),
        else_="not_tried",
    )
    return (
        select(
            t.c.id.label("treatment_id"),
            t.c.date,
            cast(year * 100 + month, Integer).label("month"),
            cast(year * 10 + quarter, Integer).label("quarter"),
            cast(year, Integer).label("year"),
            SITE.c.code.label("site"),
            func.coalesce(PRACTITIONER.c.code, NOT_RECORDED).label("practitioner"),
            t.c.client_id,
            cast(visit == 1, Boolean).label("first_visit"),
            t.c.touch_up_of_id.is_not(None).label("touch_up"),
            func.coalesce(areas.c.area_set, 0).label("area_set"),
            func.coalesce(or_(contact.c.done == 1, affected), False).label("known"),
            heard.label("heard"),
            contact.c.asked_day,
            contact.c.checklist_day,
            contact.c.open_day,
        )
        .join(SITE, SITE.c.id == t.c.site_id)
        .outerjoin(PRACTITIONER, PRACTITIONER.c.id == t.c.practitioner_id)
        .outerjoin(areas, areas.c.treatment_id == t.c.id)
        .outerjoin(contact, contact.c.treatment_id == t.c.id)
    )


def _area_sets(places: FromClause) -> Statement:
    """treatment_id, area_set: the first of all treatments that included the same areas of our list. A treatment of no
    listed area has no row."""
    named = func.aggregate_strings(places.c.area, ";")
    areas = named.over(partition_by=places.c.treatment_id, order_by=places.c.area, rows=(None, None)).label("areas")
    given = select(places.c.treatment_id, areas).where(places.c.area.in_(list(codelist.areas()))).distinct()
    listed = given.subquery("listed")
    first = func.min(listed.c.treatment_id).over(partition_by=listed.c.areas)
    return select(listed.c.treatment_id, first.label("area_set"))


def select_area_sets(places: FromClause, treatments: FromClause) -> Statement:
    """area_set, area: the areas of a set are those of the treatment whose number it is."""
    sets = select(treatments.c.area_set)
    return select(places.c.treatment_id.label("area_set"), places.c.area).where(places.c.treatment_id.in_(sets))


def _contacts_per_treatment(follow_ups: FromClause) -> Statement:
    """treatment_id, 1 for each outcome that any contact about the treatment had, otherwise 0, and the last days on
    which the client was asked."""
    f = follow_ups
    any_contact = (
        func.max(case((f.c.outcome == outcome, 1), else_=0)).label(outcome)
        for outcome in ("done", "declined", "not_reached", "not_due")
    )
    last_days = (
        func.max(f.c.asked_day).label("asked_day"),
        func.max(case((f.c.asked == "checklist", f.c.asked_day))).label("checklist_day"),
        func.max(case((f.c.asked == "open", f.c.asked_day))).label("open_day"),
    )
    return select(f.c.treatment_id, *any_contact, *last_days).group_by(f.c.treatment_id)


def select_treated_areas(places: FromClause, treatments: FromClause) -> Statement:
    """unit_id, one_per_area, area, product, lot, expiry, units (NULL if any are missing), the columns of the
    treatments, alone and the visits.

    `unit_id` is one per treated area (treatment x area); `one_per_area` is true on one row of each.
    """
    i = INJECTION
    totals = (func.min(i.c.id).label("first_id"), sum_if_complete(i.c.units).label("units"))
    keys = (i.c.treatment_id, INJECTED_AREA, i.c.product_id, i.c.lot_id)
    parts = select(i.c.treatment_id, INJECTED_AREA.label("area"), i.c.product_id, i.c.lot_id, *totals)
    part = parts.group_by(*keys).subquery("part")
    return (
        select(
            places.c.unit_id,
            (part.c.first_id == places.c.unit_id).label("one_per_area"),
            part.c.area,
            PRODUCT.c.code.label("product"),
            func.coalesce(LOT.c.number, NOT_RECORDED).label("lot"),
            LOT.c.expiry,
            part.c.units,
            *treatments.c,
            places.c.alone,
            places.c.visit,
            places.c.next_visit,
        )
        .select_from(part)
        .join(places, and_(places.c.treatment_id == part.c.treatment_id, places.c.area == part.c.area))
        .join(treatments, treatments.c.treatment_id == part.c.treatment_id)
        .join(PRODUCT, PRODUCT.c.id == part.c.product_id)
        .outerjoin(LOT, LOT.c.id == part.c.lot_id)
    )


def select_follow_ups(effects: FromClause) -> Statement:
    """follow_up_id, treatment_id, date, method, outcome, asked, scale, score (None unless the contact had a score), day
    (whole days after the treatment; the day of injection is day 0), asked_day (None unless the clinic asked).

    `asked_day` is `day`, or the last day on which any question is due if the source observes clients continuously. A
    completed contact without a record of how it asked counts as asked, unless the first note on a side effect of the
    treatment that the client volunteered, or that was found, is of that day.
    """
    f, note = FOLLOW_UP, STATUS
    first_notes = select(note.c.side_effect_id, func.min(note.c.date).label("date")).group_by(note.c.side_effect_id)
    first = first_notes.subquery("first_note")
    unasked = exists().where(
        effects.c.treatment_id == f.c.treatment_id,
        effects.c.came_to_light.in_(("volunteered", "found")),
        first.c.side_effect_id == effects.c.episode_id,
        first.c.date == f.c.date,
    )
    day = days_between(f.c.date, TREATMENT.c.date)
    was_asked = and_(
        f.c.outcome == "done", or_(f.c.asked.in_(("checklist", "open")), and_(f.c.asked.is_(None), ~unasked))
    )
    is_continuous = or_(BATCH.c.attribution_days.is_(None), BATCH.c.format == CONTINUOUS_FORMAT)
    last_due = max(family.asked_from for family in codelist.families().values())
    asked_day = case((and_(is_continuous, day < last_due), last_due), else_=day)
    columns = (f.c.treatment_id, f.c.date, f.c.method, f.c.outcome, f.c.asked, f.c.scale, f.c.score)
    return (
        select(
            f.c.id.label("follow_up_id"), *columns, day.label("day"), case((was_asked, asked_day)).label("asked_day")
        )
        .join(TREATMENT, TREATMENT.c.id == f.c.treatment_id)
        .join(BATCH, BATCH.c.id == f.c.import_batch_id)
    )
