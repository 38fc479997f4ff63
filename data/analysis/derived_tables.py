"""What follows from the records and is never stored: which treatment a side effect belongs to, whether it is over, how
long it lasted, whose outcome is known. Written once as SQLAlchemy Core; runs on SQLite, PostgreSQL and the DuckDB copy.

`place()`        one row per treated area (treatment x area)
`effect()`       one row per side effect
`treated()`      one row per treatment
`episode()`      one row per side effect, with the treatment that it belongs to
`treated_area()` one row per treatment, area, product and lot
`scored()`       one row per follow-up with a score
`remedied()`     one row per remedy advised to, or used by, a client with a side effect
`unasked()`      treatment x side effect: followed up, yet not asked about this one, and not told of it
`noted()`        one row per status note of a side effect
`contacted()`    one row per follow-up: a contact, or an attempt at one

Rows that others are made of can be given to these: where they stand worked out already, as in the copy.
"""

from collections.abc import Callable, Iterable
from functools import cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models import codelist, records

NOT_RECORDED = "not told"  # shown where a record has no practitioner, area or lot
MILLION = 1_000_000


class days_between(FunctionElement):  # noqa: N801 - reads as the SQL function it stands for
    """Whole days from the second date to the first, on every engine."""

    type = Integer()
    inherit_cache = True


@compiles(days_between)
def _days_between_elsewhere(element, compiler, **kw):
    later, earlier = element.clauses
    return f"({compiler.process(later, **kw)} - {compiler.process(earlier, **kw)})"


@compiles(days_between, "sqlite")
def _days_between_on_sqlite(element, compiler, **kw):
    later, earlier = element.clauses
    return f"CAST(julianday({compiler.process(later, **kw)}) - julianday({compiler.process(earlier, **kw)}) AS INTEGER)"


def later_date(one, other):
    """The later of two dates; the one there is where the other is missing."""
    return case((or_(one.is_(None), other > one), other), else_=one)


def sum_if_complete(units: ColumnElement) -> ColumnElement:
    """Their sum; None where one of them is not told: what is known of a dose would pass for the whole of it."""
    return case((func.count(units) == func.count(), rounded_sum(units)))


def rounded_sum(values: ColumnElement) -> ColumnElement:
    """Sum to a millionth: floats give another last digit in another order, and DuckDB adds in parallel."""
    return func.round(func.sum(values) * MILLION) / MILLION


def _subquery_or_given(worked_out: FromClause | None, rows: Callable[[], Select]) -> FromClause:
    return rows().subquery() if worked_out is None else worked_out


def _table(record: type[records.Record]) -> Table:
    return record.__table__


SITE, PRACTITIONER, PRODUCT, LOT = map(_table, (records.Site, records.Practitioner, records.Product, records.Lot))
TREATMENT, INJECTION = _table(records.Treatment), _table(records.Injection)
FOLLOW_UP, NOT_ASKED = _table(records.FollowUp), _table(records.NotAsked)
SIDE_EFFECT, STATUS, TERM = _table(records.SideEffect), _table(records.Status), _table(records.Term)
BATCH, REVIEW, REMEDY = map(_table, (records.ImportBatch, records.CaseReview, records.Remedy))

INJECTED_AREA = func.coalesce(INJECTION.c.area, NOT_RECORDED)


# One row per treated area


def select_treated_places() -> Select:
    """treatment_id, unit_id, area, alone (all that was injected there is of one product and one lot)."""
    i = INJECTION
    unit, lot = func.min(i.c.id).label("unit_id"), func.coalesce(i.c.lot_id, 0)
    alone = and_(func.min(i.c.product_id) == func.max(i.c.product_id), func.min(lot) == func.max(lot)).label("alone")
    columns = (i.c.treatment_id, unit, INJECTED_AREA.label("area"), alone)
    return select(*columns).group_by(i.c.treatment_id, INJECTED_AREA)


def select_treated_places_with_visits() -> Select:
    """`place` with its visits, for a copy: among all treatments on record they are the same in every question."""
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
    areas = _area_sets(_subquery_or_given(places, select_treated_places)).subquery("areas")
    products = _product_sets().subquery("products")
    belonging = _attribution() if effects is None else effects
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
    """Which areas of our list a treatment included: groups treatments by what was done."""
    included = _summed_bits(places.c.area, {code: area_bit(code) for code in codelist.areas()})
    return select(places.c.treatment_id, included.label("area_set")).group_by(places.c.treatment_id)


def _product_sets() -> Select:
    """Which products of our list were given at a treatment."""
    i = INJECTION
    given = select(i.c.treatment_id, PRODUCT.c.code).join(PRODUCT, PRODUCT.c.id == i.c.product_id)
    given = given.distinct().subquery("given")
    included = _summed_bits(given.c.code, {code: product_bit(code) for code in codelist.products()})
    return select(given.c.treatment_id, included.label("product_set")).group_by(given.c.treatment_id)


def _summed_bits(code: ColumnElement, bits: dict[str, int]) -> ColumnElement:
    """A set as one number: the sum of the bits of its codes, each of which is there once."""
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
    """How an outcome came to be known, or why it is not: the strongest of all contacts about the treatment."""
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
    """unit_id, one_per_area, area, product, lot, its expiry, units (None unless all are told), all of `treated`, alone,
    and the visits of the places where they are worked out.

    `unit_id` is one per treated area (treatment x area); `one_per_area` is true on one row of each.
    """
    i, t, whole = (
        INJECTION,
        _subquery_or_given(treatments, select_treatments),
        _subquery_or_given(places, select_treated_places),
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


# One row per side effect


def select_side_effects(places: FromClause | None = None) -> Select:
    """Every side effect, with the treatment it belongs to (or why it is counted aside) and its course.

    Days are whole days from the onset, the first day being day 1: `days` to the last day where `ended`, else to the
    latest contact about it. `seen_days`: to the last day it was seen present. `aside` is None when it belongs.
    """
    belonging, course = _attribution(), _episode_courses().subquery("course")
    treatment = TREATMENT.alias("belongs_to")
    onset = belonging.c.onset
    injected = _subquery_or_given(places, select_treated_places)
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
            injected.c.area.label("placed_area"),
            injected.c.unit_id.label("placed_unit"),
            SIDE_EFFECT.c.area.label("stated_area"),
            SIDE_EFFECT.c.side,
            SIDE_EFFECT.c.term.label("side_effect"),
            _codelist_column("family", TERM.c.family).label("family"),
            _codelist_column("red_flag", null()).label("red_flag"),
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
            injected,
            and_(injected.c.treatment_id == belonging.c.treatment_id, injected.c.area == SIDE_EFFECT.c.area),
        )
    )


def select_episodes(effects: FromClause | None = None, treatments: FromClause | None = None) -> Select:
    """All of `effect`, and all of `treated` for the treatment that it belongs to: empty where it belongs to none."""
    e, t = _subquery_or_given(effects, select_side_effects), _subquery_or_given(treatments, select_treatments)
    of_the_treatment = [column for column in t.c if column.name not in e.c]
    return select(*e.c, *of_the_treatment).outerjoin(t, t.c.treatment_id == e.c.treatment_id)


def _codelist_column(column: str, otherwise):
    """A side effect's entry in the codelist; `otherwise` for a source's own term."""
    by_value: dict[str, list[str]] = {}
    for code, row in codelist.side_effects().items():
        if value := getattr(row, column):
            by_value.setdefault(value, []).append(code)
    ours = [(SIDE_EFFECT.c.term.in_(codes), literal(value, String)) for value, codes in by_value.items()]
    return case(*ours, else_=otherwise)


def _attribution():
    """Each side effect's onset and treatment: the one its row names, else the client's latest within the limit."""
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
    # Cast, though a whole number already: SQLite can look up a column of a known type, and knows none of an expression.
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
        .subquery("belonging")
    )


def _onsets() -> Select:
    """The onset: where only a month or year was told, its first possible day not before the treatment.

    `last_contact`: the client's latest completed follow-up, or the latest note on this side effect if that is later. A
    note on another side effect says nothing of this one.
    """
    s, named = SIDE_EFFECT, TREATMENT.alias("named")
    first = select(TREATMENT.c.client_id, func.min(TREATMENT.c.date).label("date")).group_by(TREATMENT.c.client_id)
    first, course = first.subquery("first"), _episode_courses().subquery("course")
    asked = _last_follow_up_per_client().subquery("asked")
    treated_on = func.coalesce(named.c.date, first.c.date)
    within_span = and_(s.c.onset_first < treated_on, treated_on <= s.c.onset_last)
    not_over_before = or_(course.c.last_day.is_(None), course.c.last_day >= treated_on)
    return (
        select(
            s.c.id,
            case((and_(within_span, not_over_before), treated_on), else_=s.c.onset_first).label("onset"),
            first.c.date.label("first_treated"),
            later_date(asked.c.date, course.c.last_note).label("last_contact"),
        )
        .outerjoin(named, named.c.id == s.c.treatment_id)
        .outerjoin(first, first.c.client_id == s.c.client_id)
        .outerjoin(course, course.c.side_effect_id == s.c.id)
        .outerjoin(asked, asked.c.client_id == s.c.client_id)
    )


def _episode_courses() -> Select:
    """From status notes to one course: the latest note that says anything decides whether it is over. The last day is
    the one it tells, else one told by a note "gone" before it, else the day on which it was first seen gone."""
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


def _last_follow_up_per_client() -> Select:
    """The latest day on which anybody asked a client how it went."""
    return (
        select(TREATMENT.c.client_id, func.max(FOLLOW_UP.c.date).label("date"))
        .join(FOLLOW_UP, FOLLOW_UP.c.treatment_id == TREATMENT.c.id)
        .where(FOLLOW_UP.c.outcome == "done")
        .group_by(TREATMENT.c.client_id)
    )


# Scores, remedies, notes and questions of follow-ups


def select_scores() -> Select:
    """treatment_id, scale, score, day (whole days after the treatment; the day of injection is day 0)."""
    f, t = FOLLOW_UP, TREATMENT
    return (
        select(f.c.treatment_id, f.c.scale, f.c.score, days_between(f.c.date, t.c.date).label("day"))
        .join(t, t.c.id == f.c.treatment_id)
        .where(f.c.score.is_not(None))
    )


def select_remedies() -> Select:
    """episode_id, remedy, kind (advised or used)."""
    return select(REMEDY.c.side_effect_id.label("episode_id"), REMEDY.c.remedy, REMEDY.c.kind)


def select_not_asked(effects: FromClause | None = None) -> Select:
    """treatment_id, side_effect: no completed follow-up of the treatment asked about it, and it is not on record."""
    f, u, e = FOLLOW_UP, NOT_ASKED, _subquery_or_given(effects, select_side_effects)
    on_record = exists().where(e.c.treatment_id == f.c.treatment_id, e.c.side_effect == u.c.term)
    done = select(f.c.treatment_id, func.count().label("n")).where(f.c.outcome == "done").group_by(f.c.treatment_id)
    done = done.subquery("done")
    return (
        select(f.c.treatment_id, u.c.term.label("side_effect"))
        .join(u, u.c.follow_up_id == f.c.id)
        .join(done, done.c.treatment_id == f.c.treatment_id)
        .where(f.c.outcome == "done", ~on_record)
        .group_by(f.c.treatment_id, u.c.term, done.c.n)
        .having(func.count() == done.c.n)
    )


def select_status_notes() -> Select:
    """note_id, episode_id, date, state, last_day (where it was told), grade, grade_scale."""
    n = STATUS
    told = (n.c.date, n.c.state, n.c.last_day, n.c.grade, n.c.grade_scale)
    return select(n.c.id.label("note_id"), n.c.side_effect_id.label("episode_id"), *told)


def select_follow_ups() -> Select:
    """treatment_id, date, method, outcome, asked."""
    f = FOLLOW_UP
    return select(f.c.treatment_id, f.c.date, f.c.method, f.c.outcome, f.c.asked)
