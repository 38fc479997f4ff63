"""Which treatment each side effect belongs to, and how that was decided (docs/methods.md).

Candidates are the client's treatments on or before the latest possible day of the onset, and at most the batch's
`attribution_days` before its first possible day.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, and_, case, cast, func, null, or_, select

from data.analysis.sql_functions import BATCH, SIDE_EFFECT, STATUS, TREATMENT, Statement, days_between

# How a side effect was attributed: the treatment that its row names; the latest that treated its area; the latest of
# all, if it states no area; the latest of all, none of which treated its area; the first record of several treatments
# on one day that fit alike; the treatment after which a side effect that was there before had a higher grade.
NAMED, AREA, LATEST, AREA_NOT_TREATED, AMBIGUOUS, WORSENED = ATTRIBUTIONS = (
    "named", "area", "latest", "area not treated", "ambiguous", "worsened",
)  # fmt: skip


def select_attributions(places: FromClause, courses: FromClause) -> Statement:
    """id, client_id, onset, treatment_id, attribution (one of `ATTRIBUTIONS`; None if it belongs to no treatment) and
    aside (why it belongs to none) of each side effect.

    `onset`: if only a month or year was recorded, its first possible day that is not before the treatment.
    """
    s = SIDE_EFFECT
    begun, first = _select_latest_onsets(courses).subquery("begun"), _select_first_treatments().subquery("first")
    ranked = _rank_treatments(places, courses).subquery("ranked")
    named = TREATMENT.alias("named")
    # Already an integer, but SQLite uses an index only for a known type, and an expression has none without a cast.
    treatment_id = cast(func.coalesce(s.c.treatment_id, ranked.c.treatment_id), Integer)
    treated_on = func.coalesce(named.c.date, ranked.c.date)
    attribution = case(
        (s.c.treatment_id.is_not(None), NAMED),
        (ranked.c.treatment_id.is_(None), null()),
        (ranked.c.candidate == 0, WORSENED),
        (ranked.c.alike > 1, AMBIGUOUS),
        (s.c.area.is_(None), LATEST),
        (ranked.c.in_area == 1, AREA),
        else_=AREA_NOT_TREATED,
    )
    aside = case(
        (treatment_id.is_not(None), null()),
        (begun.c.latest.is_(None), "onset not told"),
        (or_(first.c.date.is_(None), begun.c.latest < first.c.date), "before the first treatment"),
        else_="too long after",
    )
    within_span = and_(s.c.onset_first < treated_on, treated_on <= begun.c.latest)
    return (
        select(
            s.c.id,
            s.c.client_id,
            case((within_span, treated_on), else_=s.c.onset_first).label("onset"),
            treatment_id.label("treatment_id"),
            attribution.label("attribution"),
            aside.label("aside"),
        )
        .join(begun, begun.c.id == s.c.id)
        .outerjoin(first, first.c.client_id == s.c.client_id)
        .outerjoin(named, named.c.id == s.c.treatment_id)
        .outerjoin(ranked, and_(ranked.c.id == s.c.id, ranked.c.place == 1))
    )


def _rank_treatments(places: FromClause, courses: FromClause) -> Statement:
    """id of each side effect whose row names no treatment, beside every treatment that it may belong to: treatment_id,
    date, candidate and in_area (0 or 1), alike (how many on that day fit as well), place (1: it belongs to this one).
    """
    s, t = SIDE_EFFECT, TREATMENT
    begun = _select_latest_onsets(courses).subquery("begun")
    worsened = _select_worsened(courses).subquery("worsened")
    candidate = and_(t.c.date <= begun.c.latest, _within_limit(s.c.onset_first))
    fits = (case((candidate, 1), else_=0), case((places.c.area.is_not(None), 1), else_=0))
    best_first = (*(fit.desc() for fit in fits), t.c.date.desc(), t.c.id)
    return (
        select(
            s.c.id,
            t.c.id.label("treatment_id"),
            t.c.date,
            *(fit.label(name) for fit, name in zip(fits, ("candidate", "in_area"), strict=True)),
            func.count().over(partition_by=(s.c.id, *fits, t.c.date)).label("alike"),
            func.row_number().over(partition_by=s.c.id, order_by=best_first).label("place"),
        )
        .join(begun, begun.c.id == s.c.id)
        .join(BATCH, BATCH.c.id == s.c.import_batch_id)
        .join(t, t.c.client_id == s.c.client_id)
        .outerjoin(places, and_(places.c.treatment_id == t.c.id, places.c.area == s.c.area))
        .outerjoin(worsened, and_(worsened.c.id == s.c.id, worsened.c.treatment_id == t.c.id))
        .where(s.c.treatment_id.is_(None), or_(candidate, worsened.c.treatment_id.is_not(None)))
    )


def _select_worsened(courses: FromClause) -> Statement:
    """id, treatment_id: treatments given when the side effect had begun, after which it had a higher grade than up to
    that day."""
    s, t, n = SIDE_EFFECT, TREATMENT, STATUS
    begun = _select_latest_onsets(courses).subquery("begun")
    before = func.max(case((n.c.date <= t.c.date, n.c.grade)))
    after = func.max(case((and_(n.c.date > t.c.date, _within_limit(n.c.date)), n.c.grade)))
    return (
        select(s.c.id, t.c.id.label("treatment_id"))
        .join(begun, begun.c.id == s.c.id)
        .join(BATCH, BATCH.c.id == s.c.import_batch_id)
        .join(courses, and_(courses.c.side_effect_id == s.c.id, courses.c.least_grade < courses.c.grade))
        .join(t, and_(t.c.client_id == s.c.client_id, t.c.date > begun.c.latest))
        .join(n, n.c.side_effect_id == s.c.id)
        .where(s.c.treatment_id.is_(None))
        .group_by(s.c.id, t.c.id)
        .having(before < after)
    )


def _select_latest_onsets(courses: FromClause) -> Statement:
    """id, latest: the latest possible day of the onset, which is no later than the first note; None without either."""
    s, known_by = SIDE_EFFECT, courses.c.known_by
    latest = case((or_(known_by.is_(None), s.c.onset_last <= known_by), s.c.onset_last), else_=known_by)
    return select(s.c.id, latest.label("latest")).outerjoin(courses, courses.c.side_effect_id == s.c.id)


def _select_first_treatments() -> Statement:
    return select(TREATMENT.c.client_id, func.min(TREATMENT.c.date).label("date")).group_by(TREATMENT.c.client_id)


def _within_limit(day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a day is no later after the treatment than the side effect's batch allows; true of an unknown day."""
    limit = BATCH.c.attribution_days
    return or_(limit.is_(None), day.is_(None), days_between(day, TREATMENT.c.date) <= limit)
