"""The serious reasons of a case: a case is serious if and only if there is at least one.

They belong to the record of the side effect, so that a reviewer who changes them corrects that record: with a history
and an undo of its own.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine

from data.database.engine import revision
from data.importing import corrections
from data.records import kinds
from data.records.lookups import serious_reasons_of, source_refs
from data.review.assessment import Assessment, Reviewer, ReviewError, check_assessment, require_reason
from data.review.case_review import record_review
from data.schema.template import GRADE_WORDS, GRADE_WORDS_SCALE


def correct_serious_reasons(
    engine: Engine, case: int, reasons: Collection[str], corrected_by: str, why: str, today: date | None = None
) -> int | None:
    """Replace the serious reasons of a case; return the number of the correction, None if nothing changes."""
    version = _read_version(engine, case)
    if set(reasons) == set(version.record.serious):
        return None
    rows = dict(version.rows)
    rows[kinds.SIDE_EFFECTS] = [
        row | {"serious": tuple(reasons)} | _grade_in_words(row) for row in version.rows[kinds.SIDE_EFFECTS]
    ]
    return corrections.save_correction(engine, version, corrected_by, why, rows, today)


def _grade_in_words(row: dict) -> dict:
    """A form has the grades of the clinic's own scale as words."""
    if row.get("grade_scale") != GRADE_WORDS_SCALE:
        return {}
    return {"grade": GRADE_WORDS[row["grade"] - 1], "grade_scale": None}


def _read_version(engine: Engine, case: int) -> corrections.RecordVersion:
    name = source_refs(engine, kinds.SIDE_EFFECTS, (case,)).get(case)
    version = corrections.read_version(engine, name.source, kinds.SIDE_EFFECTS, name.source_id) if name else None
    if version is None:
        raise ReviewError(f"Case {case} is not on record.")
    return version


def review_with_reasons(
    engine: Engine, case: int, reasons: Collection[str], assessment: Assessment, reviewer: Reviewer, why: str,
    read: int | None, seen: int,
) -> int:  # fmt: skip
    """Record a review as `record_review` does, after correcting the serious reasons if the reviewer changed them.

    The correction is refused if the record has changed since; so the review that follows has seen all of it.
    """
    check_assessment(assessment)
    why = require_reason(why)
    if set(reasons) != set(serious_reasons_of(engine, case)):
        correct_serious_reasons(engine, case, reasons, reviewer.name, why)
        seen = revision(engine)
    return record_review(engine, case, assessment, reviewer, why, read, seen)
