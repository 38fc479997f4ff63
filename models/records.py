"""All tables of the database. Derived facts (onset day, duration, open) are never stored, but see data/analysis.

Areas, side effects, remedies and outcomes are stored as codes of models/codelists; words of a source's own dictionary
as given, which `Term` or `Product` names. Free text is `Text` and never enters data/analysis/columnar_copy.py.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.record_base import Code
from models.record_base import Record as Record
from models.review_records import Action as Action
from models.review_records import CaseReview as CaseReview
from models.review_records import Meeting as Meeting
from models.review_records import Seal as Seal

OURS = "sequela"  # the dictionary of codes in models/codelists

SIDES = ("left", "right", "both", "midline")
STATES = ("present", "gone", "unknown")
GRADES = range(1, 6)

# A side effect belongs to the latest treatment at most this many days before it; a source may set its own limit. By
# then the toxin has worn off in most clients, and a droop may last as long as the effect (King 2016, Wake Forest).
ATTRIBUTION_DAYS = 120

Day = date  # for a record that has a column named date too
IS_TOUCH_UP = text("touch_up_of_id IS NOT NULL")


# Sites and people


class Site(Record):
    code: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str | None] = mapped_column(Text)


class Practitioner(Record):
    code: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str | None] = mapped_column(Text)


class Client(Record):
    """A pseudonym, never a name."""

    key: Mapped[str] = mapped_column(Code, unique=True)
    year_of_birth: Mapped[int | None]
    sex: Mapped[str | None] = mapped_column(String(20))


# Treatments


class Product(Record):
    code: Mapped[str] = mapped_column(Code, unique=True)
    label: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    dictionary: Mapped[str] = mapped_column(Code, default=OURS)


class Lot(Record):
    __table_args__ = (UniqueConstraint("product_id", "number"),)

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    number: Mapped[str] = mapped_column(Code)
    expiry: Mapped[date | None]


class Treatment(Record):
    """One visit at which toxin was injected, or one course if a source records continuous exposure."""

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index(None, "client_id", "date"),
        # Touch-ups are looked up by their treatment. The index is partial because every index slows imports down.
        Index(None, "touch_up_of_id", sqlite_where=IS_TOUCH_UP, postgresql_where=IS_TOUCH_UP),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))

    date: Mapped[date]
    touch_up_of_id: Mapped[int | None] = mapped_column(ForeignKey("treatment.id"))

    source: Mapped[str] = mapped_column(Code)
    source_id: Mapped[str] = mapped_column(Code)
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))


class Injection(Record):
    """One area (and side) of one treatment."""

    __table_args__ = (
        CheckConstraint("units >= 0", name="units_not_negative"),
        CheckConstraint(f"side in {SIDES}", name="side_known"),
    )

    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatment.id"), index=True)
    area: Mapped[str | None] = mapped_column(Code)
    side: Mapped[str | None] = mapped_column(String(10))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    units: Mapped[float | None]
    points: Mapped[int | None]


# Follow-up


class FollowUp(Record):
    """One contact, or an attempt, about a treatment."""

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("outcome in ('done', 'not_reached', 'declined', 'not_due')", name="outcome_known"),
        CheckConstraint("asked in ('checklist', 'open', 'volunteered')", name="asked_known"),
    )

    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatment.id"), index=True)
    date: Mapped[date]
    method: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    asked: Mapped[str | None] = mapped_column(String(20))
    score: Mapped[float | None]
    scale: Mapped[str | None] = mapped_column(Code)

    source: Mapped[str] = mapped_column(Code)
    source_id: Mapped[str] = mapped_column(Code)
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    revision: Mapped[int] = mapped_column(server_default="0")  # of the records, when it was last written


class NotAsked(Record):
    """A side effect of the checklist that a completed follow-up did not ask about ("not done")."""

    __table_args__ = (UniqueConstraint("follow_up_id", "term"),)

    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    term: Mapped[str] = mapped_column(Code)


class Term(Record):
    """A side-effect term of a source's own dictionary, as given; ours are in models/codelists."""

    code: Mapped[str] = mapped_column(Code, unique=True)
    label: Mapped[str] = mapped_column(Text)
    family: Mapped[str | None] = mapped_column(Code)
    dictionary: Mapped[str] = mapped_column(Code)


class SideEffect(Record):
    """An episode. Its onset is a span of days: one day if it is known exactly, or a month or a year. `revision`: that
    of the records when it, a note or a remedy was last written."""

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("onset_first <= onset_last", name="onset_ordered"),
        CheckConstraint(f"side in {SIDES}", name="side_known"),
        CheckConstraint("came_to_light in ('asked', 'volunteered', 'found')", name="came_to_light_known"),
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    treatment_id: Mapped[int | None] = mapped_column(ForeignKey("treatment.id"), index=True)  # if the row names it
    area: Mapped[str | None] = mapped_column(Code)
    side: Mapped[str | None] = mapped_column(String(10))
    term: Mapped[str] = mapped_column(Code)
    as_given: Mapped[str | None] = mapped_column(Text)
    onset_first: Mapped[date | None]
    onset_last: Mapped[date | None]
    came_to_light: Mapped[str | None] = mapped_column(String(20))
    serious: Mapped[str | None] = mapped_column(Code)  # reasons, separated by ";"

    source: Mapped[str] = mapped_column(Code)
    source_id: Mapped[str] = mapped_column(Code)
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    revision: Mapped[int] = mapped_column(server_default="0")


class Status(Record):
    """What was known of a side effect on one day. `last_day` is the last day it was present, if recorded."""

    __table_args__ = (
        UniqueConstraint("side_effect_id", "date", "source_id"),
        CheckConstraint(f"state in {STATES}", name="state_known"),
        CheckConstraint(f"grade between {GRADES[0]} and {GRADES[-1]}", name="grade_range"),
    )

    side_effect_id: Mapped[int] = mapped_column(ForeignKey("side_effect.id"), index=True)
    date: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    last_day: Mapped[Day | None]
    grade: Mapped[int | None]
    grade_scale: Mapped[str | None] = mapped_column(String(40))

    source_id: Mapped[str] = mapped_column(Code, default="")
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)


class Remedy(Record):
    """A remedy advised to, or used by, a client with a side effect. Never credited with its course."""

    __table_args__ = (UniqueConstraint("side_effect_id", "remedy", "kind"),)

    side_effect_id: Mapped[int] = mapped_column(ForeignKey("side_effect.id"))
    remedy: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(String(10), default="advised")  # advised or used
    from_date: Mapped[date | None]
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)


# Measures


class ChangeMarker(Record):
    date: Mapped[date]
    what: Mapped[str] = mapped_column(Text)


class Baseline(Record):
    """What a measure is compared with: the rate of a dated period, or a target. Only a person changes it."""

    measure: Mapped[str] = mapped_column(Code, index=True)
    from_date: Mapped[date | None]
    to_date: Mapped[date | None]
    target: Mapped[float | None]
    set_on: Mapped[date]


class Signal(Record):
    """A measure rose above its baseline, as a page of the whole clinic first showed it on `seen_on`."""

    measure: Mapped[str] = mapped_column(Code, unique=True)
    treated_on: Mapped[date]
    known_on: Mapped[date]
    seen_on: Mapped[date]


# Imports and users


class ImportBatch(Record):
    """One import of files, or one form. `attribution_days` None: exposure is continuous, without a limit.
    Rows read = stored + unchanged + refused; `rows_changed` of those stored changed an existing record. `entered_by`
    and `why` belong to manual entries and corrections.
    """

    made_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(Code)
    format: Mapped[str] = mapped_column(Code)
    files: Mapped[str] = mapped_column(Text)
    attribution_days: Mapped[int | None]
    key_check: Mapped[str | None] = mapped_column(Code)  # distinguishes pseudonym keys and reveals nothing else
    rows_read: Mapped[int]
    rows_stored: Mapped[int]
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int]
    rows_refused: Mapped[int]
    undone_at: Mapped[datetime | None]
    entered_by: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)


class Change(Record):
    """A record that a batch changed or, once the batch was undone, removed (then without `before`).
    `before` and `after`: the record as data/records/serialization.py writes it."""

    __table_args__ = (Index(None, "kind", "key"),)

    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # treatments, follow_ups, side_effects, clients, lots, ...
    key: Mapped[str] = mapped_column(Text)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class User(Record):
    name: Mapped[str] = mapped_column(Code, unique=True)
    role: Mapped[str] = mapped_column(String(20))
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))


class AuditEntry(Record):
    """Append-only; each entry carries the hash of the one before it."""

    seq: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Code)
    what: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Revision(Record):
    """One row: how many times the records have changed. The columnar copy is rebuilt when the number increases."""

    number: Mapped[int] = mapped_column(default=0)
