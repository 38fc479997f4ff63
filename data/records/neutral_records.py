"""What every reader hands over: records in our names, keyed by the source's own ids, each with its place in a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from data.schema.date_parser import DateOrder
from data.schema.provenance import RowRef, TableRef
from data.schema.template import ABOUT_SOURCE, SOURCE_VOCABULARY, SheetSchema


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


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionRecord:
    area: str | None = None
    side: str | None = None
    product: str
    lot: str | None = None
    units: float | None = None
    points: int | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple:
        return self.area or "", self.side or "", self.product, self.lot or "", self.units or 0, self.points or 0


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def all_row_refs(self) -> Iterable[RowRef]:
        return [injection.row_ref for injection in self.injections]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRecord:
    """`treatment` is a source id; `not_asked` the terms that were to be asked and were not."""

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

    def all_row_refs(self) -> Iterable[RowRef]:
        return self.row_refs


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecord:
    """`batch`: the import that brought it, of one on record."""

    source_id: str
    date: date
    state: str
    last_day: date | None = None
    grade: int | None = None
    grade_scale: str | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)
    batch: int | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple:
        """By day; on one day by number, 10 after 9."""
        return self.date, len(self.source_id), self.source_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRecord:
    """`batch`: the import that brought it, of one on record."""

    remedy: str
    kind: str
    from_date: date | None = None
    row_ref: RowRef | None = field(default=None, compare=False, repr=False)
    batch: int | None = field(default=None, compare=False, repr=False)

    def sort_key(self) -> tuple:
        return self.remedy, self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffectRecord:
    """An episode. `treatment` where the source names it, `client` None: the one of that treatment. `onset_first` to
    `onset_last`: equal when known to the day."""

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

    def all_row_refs(self) -> Iterable[RowRef]:
        return *self.row_refs, *(part.row_ref for part in (*self.statuses, *self.remedies))


@dataclass(frozen=True, kw_only=True)
class SheetSource:
    """A table, and the sheet of ours that it was read for. `order`: of its dates, where a person said so."""

    schema: SheetSchema
    table_ref: TableRef
    date_order: DateOrder | None = None

    @property
    def holds_records(self) -> bool:
        """Are its lines records? Those of the others say whose they are, and in which words."""
        return self.schema not in (ABOUT_SOURCE, SOURCE_VOCABULARY)


@dataclass(frozen=True, kw_only=True)
class ImportData:
    """The records of one source. `attribution_days` None: exposure is continuous, an effect belongs without limit.

    `rows`: lines read, also those that hold nothing to store; `notices` say why. `unreadable`: ids of treatments and
    side effects whose own lines have problems ("": of one with no id), so that nothing is called an orphan for it.
    `key_check`: of the key that made the clients' pseudonyms. `entered_by`, `why`: of what a person entered.
    `corrects`: records as that person read them; what comes in stands in their place, also where it says less.
    """

    source: str
    format: str
    attribution_days: int | None
    rows_read: int
    clients: tuple[ClientRecord, ...] = ()
    products: tuple[ProductRecord, ...] = ()
    lots: tuple[LotRecord, ...] = ()
    treatments: tuple[TreatmentRecord, ...] = ()
    follow_ups: tuple[FollowUpRecord, ...] = ()
    side_effects: tuple[SideEffectRecord, ...] = ()
    terms: tuple[TermRecord, ...] = ()
    notices: tuple[str, ...] = ()
    unreadable_ids: frozenset[str] = frozenset()
    key_check: str | None = None
    sheet_sources: tuple[SheetSource, ...] = ()
    needed_columns: frozenset[str] = frozenset()
    rows_refused: int = 0
    entered_by: str | None = None
    why: str | None = None
    expected_versions: tuple[TreatmentRecord | FollowUpRecord | SideEffectRecord, ...] = ()
