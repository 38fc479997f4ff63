"""Records that depend on an import: while there are any, it cannot be undone."""

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, null, or_, select

from data.records.kinds import BATCH, CHANGE, FOLLOW_UP, REMEDY, SIDE_EFFECT, SOURCE_TABLES, STATUS, TREATMENT
from data.sample.generator import SOURCE as SAMPLE
from models import records

MAX_NAMED = 12  # imports to undo before another one

REVIEW = records.CaseReview.__table__


def find_dependents(connection: Connection, batch: int, source: str) -> str | None:
    """What of other imports, and which reviews, depend on the records of this import, and what to do; or None."""
    counts, brought_by = [], set()
    for (singular, plural), statement in _count_statements(batch, source).items():
        by_batch = dict(connection.execute(statement).all())
        if n := sum(by_batch.values()):
            counts.append(f"{n:,} {singular if n == 1 else plural}")
            brought_by |= by_batch.keys() - {None}
    if not counts:
        return None
    if not brought_by:
        return f"{', '.join(counts)}. It cannot be undone."
    batches = sorted(brought_by, reverse=True)
    named, more = ", ".join(map(str, batches[:MAX_NAMED])), len(batches) - MAX_NAMED
    several = f"imports {named}{f' and {more:,} more' if more > 0 else ''} first, in this order."
    first = f"import {named} first." if len(batches) == 1 else several
    forms = set(connection.scalars(select(BATCH.c.id).where(BATCH.c.entered_by.is_not(None))))
    where = "" if forms.isdisjoint(batches) else " Undo manual entries on the Corrections page."
    return f"{', '.join(counts)}. Undo {first}{where}"


def _count_statements(batch: int, source: str) -> dict[tuple[str, str], Select]:
    """For each (singular, plural): a statement that gives (import, number of its records that depend on this one)."""
    treatments, effects = _ids_of_batch(TREATMENT, batch), _ids_of_batch(SIDE_EFFECT, batch)

    def of_others(table, *conditions: ColumnElement) -> Select:
        brought_by = table.c.import_batch_id
        return select(brought_by, func.count()).where(*conditions, brought_by != batch).group_by(brought_by)

    of_treatments = or_(SIDE_EFFECT.c.treatment_id.in_(treatments), _needs_client_of(batch))
    statements = {
        ("follow-up", "follow-ups"): of_others(FOLLOW_UP, FOLLOW_UP.c.treatment_id.in_(treatments)),
        ("side effect", "side effects"): of_others(SIDE_EFFECT, of_treatments),
        ("touch-up", "touch-ups"): of_others(TREATMENT, TREATMENT.c.touch_up_of_id.in_(treatments)),
        ("note", "notes"): of_others(STATUS, STATUS.c.side_effect_id.in_(effects)),
        ("remedy", "remedies"): of_others(REMEDY, REMEDY.c.side_effect_id.in_(effects)),
        ("change", "changes"): _later_changes(batch, source),
    }
    if source != SAMPLE:
        reviews = select(null(), func.count()).where(REVIEW.c.side_effect_id.in_(effects))
        statements["case review", "case reviews"] = reviews
    else:  # whatever was entered in the sample clinic is as simulated as the clinic
        is_the_sample = select(BATCH.c.format).where(BATCH.c.id == batch).scalar_subquery() == SAMPLE
        statements["treatment", "treatments"] = of_others(TREATMENT, TREATMENT.c.source == SAMPLE, is_the_sample)
    return statements


def _needs_client_of(batch: int) -> ColumnElement:
    """A side effect that names only its client depends on that client's treatments, if all are of this import."""
    other = TREATMENT.alias("other")
    treated_here = select(TREATMENT.c.client_id).where(TREATMENT.c.import_batch_id == batch)
    elsewhere = exists().where(other.c.client_id == SIDE_EFFECT.c.client_id, other.c.import_batch_id != batch)
    return and_(SIDE_EFFECT.c.treatment_id.is_(None), SIDE_EFFECT.c.client_id.in_(treated_here), ~elsewhere)


def _later_changes(batch: int, source: str) -> Select:
    """Changes that other imports made to the records of this one."""
    of_batch = (
        and_(CHANGE.c.kind == kind, CHANGE.c.key.in_(select(table.c.source_id).where(table.c.import_batch_id == batch)))
        for kind, table in SOURCE_TABLES.items()
    )
    return (
        select(BATCH.c.id, func.count())
        .select_from(CHANGE.join(BATCH))
        .where(BATCH.c.undone_at.is_(None), BATCH.c.source == source, BATCH.c.id != batch)
        .where(CHANGE.c.before.is_not(None), or_(*of_batch))
        .group_by(BATCH.c.id)
    )


def _ids_of_batch(table, batch: int) -> Select:
    """The ids of the rows that an import brought."""
    return select(table.c.id).where(table.c.import_batch_id == batch)
