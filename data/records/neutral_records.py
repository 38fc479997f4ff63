"""The records that every reader returns, under the source's own ids and each with the row it comes from.

They are built by keyword, so that a new field shifts no other. None is changed later; the two with a record for nearly
every row are not frozen, because building frozen ones takes more than twice as long (measured).
"""

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from data.problems import Problem
from data.schema.provenance import RowRef
from data.schema.sheet_reader import Sheet
from models.records import Day


def stored_fields(record_type: type[Any]) -> tuple[str, ...]:
    """The names of all fields but those with the rows of the file."""
    return tuple(part.name for part in fields(record_type) if part.name not in ("row_ref", "row_refs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """`key` is the pseudonym."""

    key: str
    year_of_birth: int | None = None
    sex: str | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRecord:
    code: str
    label: str
    unit: str | None = None
    active: bool
    dictionary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRecord:
    """A side effect in the words of the source's own dictionary."""

    code: str
    label: str
    family: str | None = None
    dictionary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRecord:
    product: str
    number: str
    expiry: date | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True, kw_only=True)
class InjectionRecord:
    area: str | None = None
    side: str | None = None
    product: str
    lot: str | None = None
    units: float | None = None
    points: int | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple[str, str, str, str, float, int]:
        return self.area or "", self.side or "", self.product, self.lot or "", self.units or 0, self.points or 0


@dataclass(slots=True, kw_only=True)
class TreatmentRecord:
    """`touch_up_of` is the source id of another treatment."""

    source_id: str
    client: str
    site: str
    practitioner: str | None = None
    date: date
    touch_up_of: str | None = None
    injections: tuple[InjectionRecord, ...] = ()
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRecord:
    """`treatment` is a source id; `not_asked` lists terms that belong to the checklist but were left out."""

    source_id: str
    treatment: str
    date: date
    method: str | None = None
    outcome: str
    asked: str | None = None
    score: float | None = None
    scale: str | None = None
    not_asked: tuple[str, ...] = ()
    row_refs: tuple[RowRef, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """A dated note on a side effect. `batch` is the import that brought it, if it is stored."""

    source_id: str
    date: date
    state: str
    last_day: Day | None = None
    grade: int | None = None
    grade_scale: str | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)
    batch: int | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple[Day, int, str]:
        """By day; within a day by number, with 10 after 9."""
        return self.date, len(self.source_id), self.source_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRecord:
    """`batch` is the import that brought it, if it is stored."""

    remedy: str
    kind: str
    from_date: date | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)
    batch: int | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple[str, str]:
        return self.remedy, self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffectRecord:
    """One episode. `treatment` is set if the source names it; without `client` it is the client of that treatment.

    The onset lies between `onset_first` and `onset_last`, which are equal if the day is known.
    """

    source_id: str
    client: str | None = None
    treatment: str | None = None
    area: str | None = None
    side: str | None = None
    term: str
    as_given: str | None = None
    onset_first: date | None = None
    onset_last: date | None = None
    came_to_light: str | None = None
    serious: tuple[str, ...] = ()
    statuses: tuple[StatusRecord, ...] = ()
    remedies: tuple[RemedyRecord, ...] = ()
    row_refs: tuple[RowRef, ...] = field(default=(), compare=False, repr=False)


def row_refs_of(record: Any) -> list[RowRef]:
    """The rows of the files that a record and its parts come from; those of a visit are the rows of its areas."""
    refs = []
    if isinstance(record, TreatmentRecord):
        refs = [injection.row_ref for injection in record.injections]
    elif isinstance(record, FollowUpRecord):
        refs = [*record.row_refs]
    elif isinstance(record, SideEffectRecord):
        refs = [*record.row_refs, *(s.row_ref for s in record.statuses), *(r.row_ref for r in record.remedies)]
    elif isinstance(record, ClientRecord | LotRecord):
        refs = [record.row_ref]
    return [row_ref for row_ref in refs if row_ref]


@dataclass(frozen=True, kw_only=True)
class ImportData:
    """The records of one source. `attribution_days` None: exposure is continuous, so effects belong without limit.

    `rows_read` includes rows that hold nothing to store; `notices` say why. `problems`: what could not be read.
    `unreadable_ids` are the ids of treatments and side effects with unreadable rows ("" for one without an id);
    references to them are not reported as missing. `key_check` identifies the key that made the pseudonyms. `sheets`
    are those a template or mapping was read from, and `needed_columns` further columns that a mapping needs.
    `entered_by` and `why` belong to manual entries. `expected_versions` are the records that a correction replaces, as
    the person saw them.
    """

    source: str
    format: str
    attribution_days: int | None
    rows_read: int = 0
    clients: tuple[ClientRecord, ...] = ()
    products: tuple[ProductRecord, ...] = ()
    lots: tuple[LotRecord, ...] = ()
    treatments: tuple[TreatmentRecord, ...] = ()
    follow_ups: tuple[FollowUpRecord, ...] = ()
    side_effects: tuple[SideEffectRecord, ...] = ()
    terms: tuple[TermRecord, ...] = ()
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreadable_ids: frozenset[str] = frozenset()
    key_check: str | None = None
    sheets: tuple[Sheet, ...] = ()
    needed_columns: frozenset[str] = frozenset()
    rows_refused: int = 0
    entered_by: str | None = None
    why: str | None = None
    expected_versions: tuple[TreatmentRecord | FollowUpRecord | SideEffectRecord, ...] = ()
