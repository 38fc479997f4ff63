"""What an import would change, compared with what is stored, before anything is written.

Records are matched by their source's own ids. An empty field erases nothing. The areas of a visit are replaced by those
of the file; notes on a side effect are added to those on record. What a person corrected is kept
(data/records/correction_precedence.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

from data.records.correction_precedence import keep_corrections
from data.records.neutral_records import (
    FollowUpRecord,
    ImportData,
    InjectionRecord,
    ProductRecord,
    RemedyRecord,
    SideEffectRecord,
    StatusRecord,
    TermRecord,
    TreatmentRecord,
)
from data.records.repository import Snapshot
from data.schema.provenance import RowRef
from models import codelist, records

NATURAL_KEYS = {
    "products": attrgetter("code"),
    "terms": attrgetter("code"),
    "lots": attrgetter("product", "number"),
    "clients": attrgetter("key"),
    "treatments": attrgetter("source_id"),
    "follow_ups": attrgetter("source_id"),
    "side_effects": attrgetter("source_id"),
}


@dataclass(frozen=True)
class FieldChange:
    """One field of a stored record for which the source now has another value."""

    kind: str
    source_id: str
    what: str
    old: str
    new: str


@dataclass
class KindChanges:
    """Records of one kind by natural key: new ones, changed ones as they will be, and how many are unchanged."""

    new: dict[Any, Any] = field(default_factory=dict)
    changed: dict[Any, Any] = field(default_factory=dict)
    unchanged: int = 0


@dataclass(frozen=True)
class ChangeSet:
    """What an import will do, by kind of record. `rows_*` count rows of the files; every row read is in one of them.

    `kept_corrections` counts the records for which the files repeat a value that a person has corrected.
    """

    incoming: ImportData
    snapshot: Snapshot
    kinds: dict[str, KindChanges]
    changes: tuple[FieldChange, ...]
    rows_stored: int
    rows_changed: int
    rows_unchanged: int
    kept_corrections: int

    @property
    def has_changes(self) -> bool:
        return any(part.new or part.changed for part in self.kinds.values())


def diff(incoming: ImportData, snapshot: Snapshot) -> ChangeSet:
    """Compares these records with those on record."""
    if not all(effect.client for effect in incoming.side_effects):
        effects = (
            effect
            if effect.client or not effect.treatment
            else replace(effect, client=snapshot.treatments[effect.treatment].client)
            for effect in incoming.side_effects
        )
        incoming = replace(incoming, side_effects=tuple(effects))
    words: list[TermRecord | ProductRecord] = [*incoming.terms, *incoming.products]
    if any(word.dictionary != records.OURS for word in words):
        incoming = _rename_taken_words(incoming, snapshot)
    is_correction = bool(incoming.expected_versions)
    kinds: dict[str, KindChanges] = {kind: KindChanges() for kind in NATURAL_KEYS}
    changes: list[FieldChange] = []
    new_refs: set[RowRef | None] = set()  # hashed without a Python call, unlike their keys
    changed_refs: set[RowRef | None] = set()
    kept_corrections = 0
    for kind, natural_key in NATURAL_KEYS.items():
        part, stored = kinds[kind], getattr(snapshot, kind)
        for record in getattr(incoming, kind):
            key = natural_key(record)
            old = stored.get(key)
            if old is None:
                part.new[key] = record
                new_refs.update(_row_refs(kind, record))
                continue
            merged, counted = _merge(old, record, is_correction), record
            if source_version := snapshot.source_versions.get((kind, key)):
                corrected = keep_corrections(record, source_version, old)
                counted = corrected if kind == "side_effects" else record  # without the notes that are repeated
                uncorrected, merged = merged, _merge(old, corrected, is_correction)
                kept_corrections += merged != uncorrected
            if merged == old:
                part.unchanged += 1
                continue
            part.changed[key] = merged
            changes.extend(field_changes(kind, key, old, merged))
            # A note or a remedy that a file adds is a new row; a correction changes the rows of its record.
            adds_parts = kind == "side_effects" and not is_correction
            added = _refs_of_added_parts(old, counted) if adds_parts else []
            new_refs.update(added)
            changed_refs.update(() if added else _row_refs(kind, counted))
    new_rows, changed_rows = _rows(new_refs), _rows(changed_refs)
    rows_changed = len(changed_rows - new_rows)
    unchanged = incoming.rows_read - incoming.rows_refused - len(new_rows) - rows_changed
    return ChangeSet(
        incoming, snapshot, kinds, tuple(changes), len(new_rows), rows_changed, unchanged, kept_corrections
    )


def merge_record(old: Any, new: Any) -> Any:
    """The new record, with the old value of every field that it leaves empty."""
    empty = {f.name: getattr(old, f.name) for f in fields(new) if f.compare and getattr(new, f.name) in (None, ())}
    return replace(new, **empty) if empty else new


def _merge(old: Any, new: Any, is_correction: bool) -> Any:
    """The record as it will be stored. A correction replaces a treatment, follow-up or side effect as a whole."""
    if isinstance(new, TreatmentRecord):
        new = replace(new, injections=tuple(sorted(new.injections, key=InjectionRecord.sort_key)))
    if is_correction and isinstance(new, TreatmentRecord | FollowUpRecord | SideEffectRecord):
        return new
    if not isinstance(new, SideEffectRecord):
        return merge_record(old, new)
    return replace(
        merge_record(old, new),
        statuses=_merge_parts(old.statuses, new.statuses),
        remedies=_merge_parts(old.remedies, new.remedies),
    )


def _merge_parts(old: Iterable[Any], new: Iterable[Any]) -> tuple[Any, ...]:
    parts = {part.sort_key(): part for part in old}
    for part in new:
        key = part.sort_key()
        parts[key] = merge_record(parts[key], part) if key in parts else part
    return tuple(parts[key] for key in sorted(parts))


def _row_refs(kind: str, record: Any) -> Iterable[RowRef | None]:
    if kind in ("products", "terms"):
        return ()
    return (record.row_ref,) if kind in ("lots", "clients") else record.all_row_refs()


def _refs_of_added_parts(old: SideEffectRecord, new: SideEffectRecord) -> list[RowRef | None]:
    old_parts: tuple[StatusRecord | RemedyRecord, ...] = (*old.statuses, *old.remedies)
    new_parts: tuple[StatusRecord | RemedyRecord, ...] = (*new.statuses, *new.remedies)
    known = {part.sort_key() for part in old_parts}
    return [part.row_ref for part in new_parts if part.sort_key() not in known]


def _rows(row_refs: Iterable[RowRef | None]) -> set[tuple[int, int]]:
    """The rows that these belong to, whichever fields each was read for."""
    return {(id(ref.table_ref.table), ref.index) for ref in row_refs if ref}


def field_changes(kind: str, key: Any, old: Any, new: Any) -> Iterable[FieldChange]:
    """The fields in which two versions of a record differ."""
    name = " ".join(key) if isinstance(key, tuple) else key
    for part in fields(old):
        before, after = getattr(old, part.name), getattr(new, part.name)
        if part.compare and before != after:
            yield FieldChange(kind, name, part.name, _format_value(before), _format_value(after))


def _format_value(value: Any) -> str:
    if value is None or value == ():
        return "empty"
    if isinstance(value, tuple):
        return "; ".join(map(_format_value, value))
    if isinstance(value, InjectionRecord | StatusRecord | RemedyRecord):
        values = (getattr(value, part.name) for part in fields(value) if part.compare)
        return " ".join(_format_value(cell) for cell in values if cell not in (None, ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rename_taken_words(incoming: ImportData, snapshot: Snapshot) -> ImportData:
    """A source's own word gets its dictionary's name added if it is already a code of ours or of another source."""

    def taken(words: Iterable[Any], stored: dict[str, Any], ours: codelist.Codelist[Any]) -> dict[str, str]:
        return {
            word.code: f"{word.code} ({word.dictionary})"
            for word in words
            if word.dictionary != records.OURS
            and (word.code in ours or (word.code in stored and stored[word.code].dictionary != word.dictionary))
        }

    terms = taken(incoming.terms, snapshot.terms, codelist.side_effects())
    products = taken(incoming.products, snapshot.products, codelist.products())
    if not terms and not products:
        return incoming

    def rename_products(visit: TreatmentRecord) -> TreatmentRecord:
        injections = (replace(i, product=products.get(i.product, i.product)) for i in visit.injections)
        return replace(visit, injections=tuple(injections))

    def rename_terms(contact: FollowUpRecord) -> FollowUpRecord:
        return replace(contact, not_asked=tuple(sorted(terms.get(term, term) for term in contact.not_asked)))

    return replace(
        incoming,
        terms=tuple(replace(term, code=terms.get(term.code, term.code)) for term in incoming.terms),
        products=tuple(replace(p, code=products.get(p.code, p.code)) for p in incoming.products),
        lots=tuple(replace(lot, product=products.get(lot.product, lot.product)) for lot in incoming.lots),
        treatments=tuple(map(rename_products, incoming.treatments)),
        follow_ups=tuple(map(rename_terms, incoming.follow_ups)),
        side_effects=tuple(replace(e, term=terms.get(e.term, e.term)) for e in incoming.side_effects),
    )
