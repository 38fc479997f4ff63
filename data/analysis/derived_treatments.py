"""Tables derived from treatments, their injections and their follow-ups. They are computed, never stored.

`select_treated_places()` one row per treated area (treatment and area)
`select_treatments()`     one row per treatment
`select_treated_areas()`  one row per treatment, area, product and lot
`select_scores()`         one row per follow-up with a score
`select_follow_ups()`     one row per follow-up: a contact, or an attempt at one

Each is one SQLAlchemy expression that runs on SQLite, PostgreSQL and the DuckDB copy. A table that builds on others
accepts them as arguments where they have already been computed, as in the copy.
"""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
)

from data.analysis.attribution import select_attributions
from data.analysis.sql_functions import (
    FOLLOW_UP,
    INJECTION,
    LOT,
    NOT_RECORDED,
    PRACTITIONER,
    PRODUCT,
    SITE,
    TREATMENT,
    days_between,
    subquery_or_given,
    sum_if_complete,
)
from models import codelist

INJECTED_AREA = func.coalesce(INJECTION.c.area, NOT_RECORDED)


# One row per treated area


def select_treated_places() -> Select:
    """treatment_id, unit_id, area, alone (everything injected there is of one product and one lot)."""
    i = INJECTION
    unit, lot = func.min(i.c.id).label("unit_id"), func.coalesce(i.c.lot_id, 0)
    alone = and_(func.min(i.c.product_id) == func.max(i.c.product_id), func.min(lot) == func.max(lot)).label("alone")
    columns = (i.c.treatment_id, unit, INJECTED_AREA.label("area"), alone)
    return select(*columns).group_by(i.c.treatment_id, INJECTED_AREA)


def select_treated_places_with_visits() -> Select:
    """Treated places with their visits, for the copy: visits among all treatments do not depend on the query."""
    p, t = select_treated_places().subquery("place"), TREATMENT
    dated = select(p, t.c.client_id, t.c.date, t.c.touch_up_of_id.is_not(None).label("touch_up"))
    dated = dated.join(t, t.c.id == p.c.treatment_id).subquery("dated")
    return select(*(dated.c[column.name] for column in p.c), *visit_columns(dated))


def visit_columns(areas: FromClause) -> tuple[ColumnElement, ColumnElement]:
    """Among treated areas: `visit`, the client's first treatment of the area on that day, unless it is a touch-up;
    `next_visit`, the day of the next one."""
    a = areas
    same = {"partition_by": (a.c.client_id, a.c.area, a.c.touch_up), "order_by": a.c.date}
    first = func.min(a.c.treatment_id).over(**same, groups=(0, 0))
    following = func.min(a.c.date).over(**same, groups=(1, 1))
    return and_(a.c.touch_up.is_(False), a.c.treatment_id == first).label("visit"), following.label("next_visit")


# One row per treatment


def select_treatments(places: FromClause | None = None, effects: FromClause | None = None) -> Select:
    """treatment_id, date, month/quarter/year, site, practitioner, client_id, first_visit, touch_up, area_set,
    product_set, known, heard."""
    t = TREATMENT
    contact = _contacts_per_treatment().subquery("contact")
    areas = _area_sets(subquery_or_given(places, select_treated_places)).subquery("areas")
    products = _product_sets().subquery("products")
    belonging = select_attributions().subquery("belonging") if effects is None else effects
    affected = t.c.id.in_(select(belonging.c.treatment_id).where(belonging.c.treatment_id.is_not(None)))
    year, month = extract("year", t.c.date), extract("month", t.c.date)
    quarter = case((month <= 3, 1), (month <= 6, 2), (month <= 9, 3), else_=4)
    visit = func.row_number().over(partition_by=t.c.client_id, order_by=(t.c.date, t.c.id))
    known = or_(contact.c.done == 1, affected)
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
            func.coalesce(products.c.product_set, 0).label("product_set"),
            func.coalesce(known, False).label("known"),
            _follow_up_status(contact, affected).label("heard"),
        )
        .join(SITE, SITE.c.id == t.c.site_id)
        .outerjoin(PRACTITIONER, PRACTITIONER.c.id == t.c.practitioner_id)
        .outerjoin(areas, areas.c.treatment_id == t.c.id)
        .outerjoin(products, products.c.treatment_id == t.c.id)
        .outerjoin(contact, contact.c.treatment_id == t.c.id)
    )


@cache
def area_bit(area: str) -> int:
    """The bit that stands for an area of our list in an `area_set`."""
    return 1 << list(codelist.areas()).index(area)


def includes_any_area(areas: Iterable[str], area_set: int) -> bool:
    """Whether a treatment with this `area_set` included any of these areas of our list."""
    return any(area_set & area_bit(area) for area in areas)


@cache
def product_bit(product: str) -> int:
    """The bit that stands for a product of our list in a `product_set`."""
    return 1 << list(codelist.products()).index(product)


def _area_sets(places: FromClause) -> Select:
    """Which areas of our list each treatment included."""
    included = _summed_bits(places.c.area, {code: area_bit(code) for code in codelist.areas()})
    return select(places.c.treatment_id, included.label("area_set")).group_by(places.c.treatment_id)


def _product_sets() -> Select:
    """Which products of our list were given at each treatment."""
    i = INJECTION
    given = select(i.c.treatment_id, PRODUCT.c.code).join(PRODUCT, PRODUCT.c.id == i.c.product_id)
    given = given.distinct().subquery("given")
    included = _summed_bits(given.c.code, {code: product_bit(code) for code in codelist.products()})
    return select(given.c.treatment_id, included.label("product_set")).group_by(given.c.treatment_id)


def _summed_bits(code: ColumnElement, bits: dict[str, int]) -> ColumnElement:
    """A set of codes as one number: the sum of their bits. Each code must occur once."""
    bit = case({each: literal(value, BigInteger) for each, value in bits.items()}, value=code, else_=0)
    return cast(func.sum(bit), BigInteger)


def _contacts_per_treatment() -> Select:
    f = FOLLOW_UP

    def any_of(condition):
        return func.max(case((condition, 1), else_=0))

    done = f.c.outcome == "done"
    return select(
        f.c.treatment_id,
        any_of(done).label("done"),
        any_of(and_(done, f.c.asked == "checklist")).label("checklist"),
        any_of(f.c.outcome == "declined").label("declined"),
        any_of(f.c.outcome == "not_reached").label("not_reached"),
        any_of(f.c.outcome == "not_due").label("not_due"),
    ).group_by(f.c.treatment_id)


def _follow_up_status(contact, affected):
    """How the outcome became known, or why it did not: the strongest of all contacts about the treatment."""
    return case(
        (contact.c.checklist == 1, "checklist"),
        (contact.c.done == 1, "open"),
        (affected, "volunteered"),
        (contact.c.declined == 1, "declined"),
        (contact.c.not_reached == 1, "not_reached"),
        (contact.c.not_due == 1, "not_due"),
        else_="not_tried",
    )


# One row per treated area, product and lot


def select_treated_areas(places: FromClause | None = None, treatments: FromClause | None = None) -> Select:
    """unit_id, one_per_area, area, product, lot, expiry, units (NULL if any are missing), the columns of the
    treatments, alone, and the visits if `places` has them.

    `unit_id` is one per treated area (treatment x area); `one_per_area` is true on one row of each.
    """
    i, t, whole = (
        INJECTION,
        subquery_or_given(treatments, select_treatments),
        subquery_or_given(places, select_treated_places),
    )
    totals = (func.min(i.c.id).label("first_id"), sum_if_complete(i.c.units).label("units"))
    keys = (i.c.treatment_id, INJECTED_AREA, i.c.product_id, i.c.lot_id)
    part = select(i.c.treatment_id, INJECTED_AREA.label("area"), i.c.product_id, i.c.lot_id, *totals)
    part = part.group_by(*keys).subquery("part")
    return (
        select(
            whole.c.unit_id,
            (part.c.first_id == whole.c.unit_id).label("one_per_area"),
            part.c.area,
            PRODUCT.c.code.label("product"),
            func.coalesce(LOT.c.number, NOT_RECORDED).label("lot"),
            LOT.c.expiry,
            part.c.units,
            *t.c,
            *(whole.c[name] for name in ("alone", "visit", "next_visit") if name in whole.c),
        )
        .select_from(part)
        .join(whole, and_(whole.c.treatment_id == part.c.treatment_id, whole.c.area == part.c.area))
        .join(t, t.c.treatment_id == part.c.treatment_id)
        .join(PRODUCT, PRODUCT.c.id == part.c.product_id)
        .outerjoin(LOT, LOT.c.id == part.c.lot_id)
    )


# One row per follow-up


def select_scores() -> Select:
    """treatment_id, scale, score, day (whole days after the treatment; the day of injection is day 0)."""
    f, t = FOLLOW_UP, TREATMENT
    return (
        select(f.c.treatment_id, f.c.scale, f.c.score, days_between(f.c.date, t.c.date).label("day"))
        .join(t, t.c.id == f.c.treatment_id)
        .where(f.c.score.is_not(None))
    )


def select_follow_ups() -> Select:
    """treatment_id, date, method, outcome, asked."""
    f = FOLLOW_UP
    return select(f.c.treatment_id, f.c.date, f.c.method, f.c.outcome, f.c.asked)
