"""Takes an import back: all that it brought, in one transaction, or nothing and the reason."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, func, or_, select, update

from data.database import writing
from models import records

TREATMENT, INJECTION = records.Treatment.__table__, records.Injection.__table__
FOLLOW_UP, NOT_ASKED = records.FollowUp.__table__, records.NotAsked.__table__
SIDE_EFFECT, STATUS, REMEDY = records.SideEffect.__table__, records.Status.__table__, records.Remedy.__table__
BATCH, REVIEW = records.ImportBatch.__table__, records.CaseReview.__table__
CLIENT, SITE, PRACTITIONER = records.Client.__table__, records.Site.__table__, records.Practitioner.__table__
PRODUCT, LOT, TERM = records.Product.__table__, records.Lot.__table__, records.Term.__table__


class NotUndone(Exception):
    """Why an import stays; nothing was changed."""


def undo(engine: Engine, batch: int) -> int:
    """Removes the records that this import brought, and whatever they alone used; gives how many rows went.

    The import itself stays on record as undone; the same files can be imported again. Raises NotUndone where there is
    no such import, it is undone already, it changed records that were there before (what they were is not kept), or
    later records depend on its own.
    """
    with writing(engine) as connection:
        _check(connection, batch)
        went = sum(connection.execute(statement).rowcount for statement in _removals(batch))
        connection.execute(
            update(BATCH).where(BATCH.c.id == batch).values(undone_at=datetime.now(UTC).replace(tzinfo=None))
        )
    return went


def _check(connection: Connection, batch: int) -> None:
    found = connection.execute(
        select(BATCH.c.undone_at, BATCH.c.rows_changed).where(BATCH.c.id == batch)
    ).first()
    if found is None:
        raise NotUndone(f"There is no import {batch}.")
    if found.undone_at is not None:
        raise NotUndone(f"Import {batch} was undone already.")
    if found.rows_changed:
        raise NotUndone(
            f"Import {batch} changed {found.rows_changed:,} records that were there before it; "
            "import a file with what they should say instead."
        )
    later = {name: connection.execute(count).scalar_one() for name, count in _dependents(batch).items()}
    if any(later.values()):
        listed = ", ".join(f"{n:,} {name}" for name, n in later.items() if n)
        raise NotUndone(f"Later records depend on those of import {batch}: {listed}. Undo their imports before it.")


def _dependents(batch: int) -> dict[str, Select]:
    treatments, effects = _ids(TREATMENT, batch), _ids(SIDE_EFFECT, batch)

    def others(table, refers: ColumnElement) -> Select:
        return select(func.count()).where(refers, table.c.import_batch_id != batch)

    return {
        "follow-ups": others(FOLLOW_UP, FOLLOW_UP.c.treatment_id.in_(treatments)),
        "side effects": others(SIDE_EFFECT, SIDE_EFFECT.c.treatment_id.in_(treatments)),
        "touch-ups": others(TREATMENT, TREATMENT.c.touch_up_of_id.in_(treatments)),
        "notes": others(STATUS, STATUS.c.side_effect_id.in_(effects)),
        "remedies": others(REMEDY, REMEDY.c.side_effect_id.in_(effects)),
        "case reviews": select(func.count()).where(REVIEW.c.side_effect_id.in_(effects)),
    }


def _ids(table, batch: int) -> Select:
    return select(table.c.id).where(table.c.import_batch_id == batch)


def _removals(batch: int) -> list:
    """In an order in which nothing is left that refers to what is gone."""
    of_batch = [delete(table).where(table.c.import_batch_id == batch) for table in (REMEDY, STATUS, SIDE_EFFECT)]
    return [
        *of_batch,
        delete(NOT_ASKED).where(NOT_ASKED.c.follow_up_id.in_(_ids(FOLLOW_UP, batch))),
        delete(FOLLOW_UP).where(FOLLOW_UP.c.import_batch_id == batch),
        delete(INJECTION).where(INJECTION.c.treatment_id.in_(_ids(TREATMENT, batch))),
        update(TREATMENT).where(TREATMENT.c.import_batch_id == batch).values(touch_up_of_id=None),
        delete(TREATMENT).where(TREATMENT.c.import_batch_id == batch),
        *_unused(),
    ]


def _unused() -> list:
    """Whom and what no record names any more."""

    def unless(table, column, *uses) -> ColumnElement:
        return delete(table).where(~or_(*(column.in_(select(use).where(use.is_not(None))) for use in uses)))

    return [
        unless(CLIENT, CLIENT.c.id, TREATMENT.c.client_id, SIDE_EFFECT.c.client_id),
        unless(SITE, SITE.c.id, TREATMENT.c.site_id),
        unless(PRACTITIONER, PRACTITIONER.c.id, TREATMENT.c.practitioner_id, records.User.__table__.c.practitioner_id),
        unless(LOT, LOT.c.id, INJECTION.c.lot_id),
        unless(PRODUCT, PRODUCT.c.id, INJECTION.c.product_id, LOT.c.product_id),
        unless(TERM, TERM.c.code, SIDE_EFFECT.c.term, NOT_ASKED.c.term),
    ]
