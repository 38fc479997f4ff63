"""The tables of the review: what was decided about cases, in which meeting, and what was to be done."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from models.record_base import Code, Record


class CaseReview(Record):
    """One step of the review of a case, with everything that holds after it; the latest that is not undone counts.

    `reviewer` assessed the case when the records had this `revision`; `second_reviewer` agreed or did not, in a later
    step. The practitioner columns hold the code of a reviewer who is a practitioner. Without `reviewer_id` nobody has
    verified who it was. `naranjo`: the answers in the order of the questions, separated by ";".
    """

    side_effect_id: Mapped[int] = mapped_column(ForeignKey("side_effect.id"), index=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reviewer: Mapped[str | None] = mapped_column(Code)
    reviewer_practitioner: Mapped[str | None] = mapped_column(Code)
    date: Mapped[date]
    made_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default="0")
    why: Mapped[str | None] = mapped_column(Text)

    causality: Mapped[str | None] = mapped_column(Code)
    causality_method: Mapped[str | None] = mapped_column(Code)
    naranjo: Mapped[str | None] = mapped_column(Code)
    grade: Mapped[int | None]
    grade_scale: Mapped[str | None] = mapped_column(String(40))
    decision: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    is_complete: Mapped[bool] = mapped_column(server_default=false())  # marked as reviewed

    second_reviewer: Mapped[str | None] = mapped_column(Code)
    second_practitioner: Mapped[str | None] = mapped_column(Code)
    agrees: Mapped[bool | None]

    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(Code)
    undone_why: Mapped[str | None] = mapped_column(Text)


class Meeting(Record):
    date: Mapped[date]
    notes: Mapped[str | None] = mapped_column(Text)


class Action(Record):
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    owner: Mapped[str] = mapped_column(Text)
    due: Mapped[date | None]
    what: Mapped[str] = mapped_column(Text)
    measure: Mapped[str | None] = mapped_column(Code)
    remeasure_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default="open")


class Seal(Record):
    """The figures of a reviewed period on the day of the review."""

    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    period_from: Mapped[date]
    period_to: Mapped[date]
    sealed_on: Mapped[datetime]
    figures: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
