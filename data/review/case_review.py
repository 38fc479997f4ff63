"""The review of a case, step by step: an assessment, a second reviewer who agrees or not, and the undo of either.

Nothing is overwritten. A step holds everything that is true after it; the latest one that is not undone is the review.
Whether the case counts as reviewed is derived (data/analysis/derived_episodes.py), because that can change without a
step: by a new note, or a treatment that turns out to be somebody else's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from data.as_of import as_of_date
from data.database.engine import write_transaction
from data.review.assessment import Assessment, Reviewer, ReviewError, check_assessment, require_reason
from models.records import CaseReview, SideEffect

REVIEW = CaseReview.__table__
ASSESSED = ("causality", "causality_method", "grade", "grade_scale", "decision", "owner", "is_complete")
CARRIED = (*ASSESSED, "naranjo", "side_effect_id", "reviewer", "reviewer_practitioner", "revision")


@dataclass(frozen=True, kw_only=True)
class ReviewStep:
    """One step. `agrees`: what the second reviewer said in it, None in the step of the first one. Times are UTC."""

    number: int
    made_at: datetime | None
    reviewer: Reviewer
    second_reviewer: Reviewer | None
    agrees: bool | None
    assessment: Assessment
    why: str
    undone_at: datetime | None
    undone_by: str | None
    undone_why: str | None

    @property
    def taken_by(self) -> str:
        return (self.second_reviewer or self.reviewer).name


def record_review(
    engine: Engine, case: int, assessment: Assessment, reviewer: Reviewer, why: str, read: int | None, revision: int
) -> int:
    """Record an assessment and return the number of its step; what a second reviewer said before no longer counts.

    `read`: the number of the review that the reviewer saw, None if there was none; `revision`: that of the records that
    the reviewer saw. Raises ReviewError if the assessment is incomplete, or another step was taken meanwhile.
    """
    check_assessment(assessment)
    values = {name: getattr(assessment, name) for name in ASSESSED}
    values |= {
        "naranjo": ";".join(assessment.naranjo) or None,
        "side_effect_id": case,
        "reviewer": reviewer.name,
        "reviewer_practitioner": reviewer.practitioner,
        "revision": revision,
    }
    with write_transaction(engine) as connection:
        if connection.scalar(select(SideEffect.id).where(SideEffect.id == case)) is None:
            raise ReviewError(f"Case {case} is not on record.")
        _require_latest(connection, case, read)
        return _add_step(connection, values, reviewer, why)


def record_second_opinion(engine: Engine, case: int, reviewer: Reviewer, agrees: bool, why: str, read: int) -> int:
    """Record whether a second reviewer agrees with the assessment; return the number of the step.

    Raises ReviewError if the case is not marked as reviewed, or the second reviewer is the first one.
    """
    with write_transaction(engine) as connection:
        first = _require_latest(connection, case, read)
        if first is None or not first.is_complete:
            raise ReviewError("The case is not marked as reviewed yet.")
        if reviewer.name == first.reviewer:
            raise ReviewError("The second reviewer must be somebody else.")
        values = {name: getattr(first, name) for name in CARRIED}
        second = {"second_reviewer": reviewer.name, "second_practitioner": reviewer.practitioner, "agrees": agrees}
        return _add_step(connection, values | second, reviewer, why)


def undo_review(engine: Engine, case: int, reviewer: Reviewer, why: str, read: int) -> None:
    """Undo the latest step, so that the one before it is the review again. The step stays on record as undone."""
    with write_transaction(engine) as connection:
        if _require_latest(connection, case, read) is None:
            raise ReviewError("There is no review to undo.")
        undone = {"undone_at": _now(), "undone_by": reviewer.name, "undone_why": require_reason(why)}
        connection.execute(update(REVIEW).where(REVIEW.c.id == read).values(**undone))


def review_steps(engine: Engine, case: int) -> tuple[ReviewStep, ...]:
    """Every step of the review of a case, the latest first, undone ones included."""
    steps = select(REVIEW).where(REVIEW.c.side_effect_id == case).order_by(REVIEW.c.id.desc())
    with engine.connect() as connection:
        return tuple(map(_read_step, connection.execute(steps)))


def review_of(engine: Engine, case: int) -> ReviewStep | None:
    """The review of a case as it stands."""
    return current_step(review_steps(engine, case))


def current_step(steps: Iterable[ReviewStep]) -> ReviewStep | None:
    """Of all steps, the latest first, the one that is the review: the latest that is not undone."""
    return next((step for step in steps if step.undone_by is None), None)


def _add_step(connection: Connection, values: dict[str, Any], reviewer: Reviewer, why: str) -> int:
    if not reviewer.name.strip():
        raise ReviewError("Choose who is viewing.")
    values |= {"date": as_of_date(), "made_at": _now(), "why": require_reason(why)}
    return int(connection.execute(insert(REVIEW).values(**values)).inserted_primary_key[0])  # type: ignore[index]


def _require_latest(connection: Connection, case: int, read: int | None) -> Row[Any] | None:
    """The review as it stands, which must be the one that the reviewer saw."""
    steps = select(REVIEW).where(REVIEW.c.side_effect_id == case, REVIEW.c.undone_by.is_(None))
    latest = connection.execute(steps.order_by(REVIEW.c.id.desc()).limit(1)).first()
    if (latest.id if latest else None) != read:
        raise ReviewError("Somebody else has changed this review meanwhile. Look at it again.")
    return latest


def _read_step(row: Row[Any]) -> ReviewStep:
    naranjo = tuple(row.naranjo.split(";")) if row.naranjo else ()
    assessed = {name: getattr(row, name) for name in ASSESSED}
    second = Reviewer(name=row.second_reviewer, practitioner=row.second_practitioner) if row.second_reviewer else None
    return ReviewStep(
        number=row.id,
        made_at=row.made_at,
        reviewer=Reviewer(name=row.reviewer or "", practitioner=row.reviewer_practitioner),
        second_reviewer=second,
        agrees=row.agrees,
        assessment=Assessment(naranjo=naranjo, **assessed),
        why=row.why or "",
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        undone_why=row.undone_why,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
