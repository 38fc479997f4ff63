"""What was stored after an import and rests on what it brought: as long as there is any, the import can't go."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from data.kept import BATCH, CHANGE, FOLLOW_UPS, SIDE_EFFECTS, TREATMENTS
from data.stored import FOLLOW_UP, REMEDY, SIDE_EFFECT, STATUS, TREATMENT
from models import records

REVIEW = records.CaseReview.__table__
TABLES = {TREATMENTS: TREATMENT, FOLLOW_UPS: FOLLOW_UP, SIDE_EFFECTS: SIDE_EFFECT}


def depending(connection: Connection, batch: int, source: str) -> dict[str, int]:
    """How many records of other imports, and reviews, rest on those of this one, by what they are."""
    counts = {name: connection.scalar(count) for name, count in _counts(batch, source).items()}
    return {name: n for name, n in counts.items() if n}


def _counts(batch: int, source: str) -> Mapping[str, Select]:
    treatments, effects = ids_of(TREATMENT, batch), ids_of(SIDE_EFFECT, batch)

    def others(table, refers: ColumnElement) -> Select:
        return select(func.count()).where(refers, table.c.import_batch_id != batch)

    return {
        "follow-ups": others(FOLLOW_UP, FOLLOW_UP.c.treatment_id.in_(treatments)),
        "side effects": others(SIDE_EFFECT, SIDE_EFFECT.c.treatment_id.in_(treatments)),
        "touch-ups": others(TREATMENT, TREATMENT.c.touch_up_of_id.in_(treatments)),
        "notes": others(STATUS, STATUS.c.side_effect_id.in_(effects)),
        "remedies": others(REMEDY, REMEDY.c.side_effect_id.in_(effects)),
        "case reviews": select(func.count()).where(REVIEW.c.side_effect_id.in_(effects)),
        "changes": _later_changes(batch, source),
    }


def _later_changes(batch: int, source: str) -> Select:
    """Changes that other imports made to the records of this one."""
    of_the_batch = (
        and_(CHANGE.c.kind == kind, CHANGE.c.key.in_(select(table.c.source_id).where(table.c.import_batch_id == batch)))
        for kind, table in TABLES.items()
    )
    return (
        select(func.count())
        .select_from(CHANGE.join(BATCH))
        .where(BATCH.c.undone_at.is_(None), BATCH.c.source == source, BATCH.c.id != batch)
        .where(CHANGE.c.before.is_not(None), or_(*of_the_batch))
    )


def ids_of(table, batch: int) -> Select:
    """The ids of the rows that a batch brought."""
    return select(table.c.id).where(table.c.import_batch_id == batch)
