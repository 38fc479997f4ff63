"""What was stored after an import and rests on what it brought: as long as there is any, the import can't go."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, null, or_, select

from data.records.change_log import BATCH, CHANGE, FOLLOW_UPS, SIDE_EFFECTS, TREATMENTS
from data.records.repository import FOLLOW_UP, REMEDY, SIDE_EFFECT, STATUS, TREATMENT
from data.sample.generator import SOURCE as SAMPLE
from models import records

MAX_NAMED = 12  # imports to take back before another one

REVIEW = records.CaseReview.__table__
TABLES = {TREATMENTS: TREATMENT, FOLLOW_UPS: FOLLOW_UP, SIDE_EFFECTS: SIDE_EFFECT}


@dataclass(frozen=True)
class Dependents:
    """What rests on an import: how many of what ("2 follow-ups"), and the imports that brought it, the latest first.

    `by_hand`: forms are among them.
    """

    counts: tuple[str, ...]
    batches: tuple[int, ...]
    includes_manual: bool

    def __str__(self) -> str:
        """What it is, and what to do."""
        if not self.batches:
            return f"{', '.join(self.counts)}. It cannot be taken back."
        named, more = ", ".join(map(str, self.batches[:MAX_NAMED])), len(self.batches) - MAX_NAMED
        several = f"imports {named}{f' and {more:,} more' if more > 0 else ''} back before it, in this order."
        first = f"import {named} back before it." if len(self.batches) == 1 else several
        where = " What was entered by hand is taken back on Corrections." if self.includes_manual else ""
        return f"{', '.join(self.counts)}. Take {first}{where}"


def find_dependents(connection: Connection, batch: int, source: str) -> Dependents | None:
    """What of other imports, and which reviews, rest on the records of this one; None where nothing does."""
    what, batches = [], set()
    for (one, several), counted in _counts(batch, source).items():
        by_batch = dict(connection.execute(counted).all())
        if n := sum(by_batch.values()):
            what.append(f"{n:,} {one if n == 1 else several}")
            batches |= by_batch.keys() - {None}
    if not what:
        return None
    forms = set(connection.scalars(select(BATCH.c.id).where(BATCH.c.entered_by.is_not(None))))
    return Dependents(tuple(what), tuple(sorted(batches, reverse=True)), not forms.isdisjoint(batches))


def _counts(batch: int, source: str) -> Mapping[tuple[str, str], Select]:
    """Of each kind, what one and several are called: (import, how many) of those that rest on this one."""
    treatments, effects = ids_of_batch(TREATMENT, batch), ids_of_batch(SIDE_EFFECT, batch)

    def others(table, *rests_on: ColumnElement) -> Select:
        by = table.c.import_batch_id
        return select(by, func.count()).where(*rests_on, by != batch).group_by(by)

    counts = {
        ("follow-up", "follow-ups"): others(FOLLOW_UP, FOLLOW_UP.c.treatment_id.in_(treatments)),
        ("side effect", "side effects"): others(
            SIDE_EFFECT, or_(SIDE_EFFECT.c.treatment_id.in_(treatments), _only_clients_of_batch(batch))
        ),
        ("touch-up", "touch-ups"): others(TREATMENT, TREATMENT.c.touch_up_of_id.in_(treatments)),
        ("note", "notes"): others(STATUS, STATUS.c.side_effect_id.in_(effects)),
        ("remedy", "remedies"): others(REMEDY, REMEDY.c.side_effect_id.in_(effects)),
        ("case review", "case reviews"): select(null(), func.count()).where(REVIEW.c.side_effect_id.in_(effects)),
        ("change", "changes"): _later_changes(batch, source),
    }
    if source == SAMPLE:  # whatever was tried out on the sample clinic is as made up as it is
        is_the_sample = select(BATCH.c.format).where(BATCH.c.id == batch).scalar_subquery() == SAMPLE
        counts["treatment", "treatments"] = others(TREATMENT, TREATMENT.c.source == SAMPLE, is_the_sample)
    return counts


def _only_clients_of_batch(batch: int) -> ColumnElement:
    """A side effect that names its client alone rests on the treatments of that client."""
    other = TREATMENT.alias("other")
    treated_here = select(TREATMENT.c.client_id).where(TREATMENT.c.import_batch_id == batch)
    elsewhere = exists().where(other.c.client_id == SIDE_EFFECT.c.client_id, other.c.import_batch_id != batch)
    return and_(SIDE_EFFECT.c.treatment_id.is_(None), SIDE_EFFECT.c.client_id.in_(treated_here), ~elsewhere)


def _later_changes(batch: int, source: str) -> Select:
    """Changes that other imports made to the records of this one."""
    of_the_batch = (
        and_(CHANGE.c.kind == kind, CHANGE.c.key.in_(select(table.c.source_id).where(table.c.import_batch_id == batch)))
        for kind, table in TABLES.items()
    )
    return (
        select(BATCH.c.id, func.count())
        .select_from(CHANGE.join(BATCH))
        .where(BATCH.c.undone_at.is_(None), BATCH.c.source == source, BATCH.c.id != batch)
        .where(CHANGE.c.before.is_not(None), or_(*of_the_batch))
        .group_by(BATCH.c.id)
    )


def ids_of_batch(table, batch: int) -> Select:
    """The ids of the rows that a batch brought."""
    return select(table.c.id).where(table.c.import_batch_id == batch)
