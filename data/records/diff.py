"""What an import would change, compared with what is stored, before anything is written.

Records are matched by their source's own ids. An empty field erases nothing. The areas of a visit are replaced by those
of the file; notes on a side effect are added to those on record. What a person corrected is kept
(data/records/correction_precedence.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from data.records import neutral_records
from data.records.correction_precedence import keep_corrections
from data.records.kinds import NATURAL_KEYS, RECORD_KINDS, SIDE_EFFECTS
from data.records.repository import Snapshot
from data.schema.provenance import RowRef
from models import codelist, records

EMPTY_VALUE = "empty"  # instead of a missing value, for people


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

    incoming: neutral_records.ImportData
    snapshot: Snapshot
    kinds: dict[str, KindChanges]
    changes: tuple[FieldChange, ...]
    rows_stored: int
    rows_changed: int
    rows_unchanged: int
    kept_corrections: int
    has_changes: bool


def diff(incoming: neutral_records.ImportData, snapshot: Snapshot) -> ChangeSet:
    """Compares these records with those on record."""
    if not all(effect.client for effect in incoming.side_effects):
        effects = (
            effect
            if effect.client or not effect.treatment
            else replace(effect, client=snapshot.treatments[effect.treatment].client)
            for effect in incoming.side_effects
        )
        incoming = replace(incoming, side_effects=tuple(effects))
    words: list[neutral_records.TermRecord | neutral_records.ProductRecord] = [*incoming.terms, *incoming.products]
    if any(word.dictionary != records.OURS for word in words):
        incoming = _rename_taken_words(incoming, snapshot)
    is_correction = bool(incoming.expected_versions)
    kinds: dict[str, KindChanges] = {kind: KindChanges() for kind in RECORD_KINDS}
    changes: list[FieldChange] = []
    new_refs: set[RowRef] = set()  # hashed without a Python call, unlike their keys
    changed_refs: set[RowRef] = set()
    kept_corrections = 0
    for kind in RECORD_KINDS:
        part, stored = kinds[kind], getattr(snapshot, kind)
        for record in getattr(incoming, kind):
            key = NATURAL_KEYS[kind](record)
            old = stored.get(key)
            if old is None:
                part.new[key] = record
                new_refs.update(neutral_records.row_refs_of(record))
                continue
            merged, counted = _merge(old, record, is_correction), record
            if source_version := snapshot.source_versions.get((kind, key)):
                corrected = keep_corrections(record, source_version, old)
                counted = corrected if kind == SIDE_EFFECTS else record  # without the notes that are repeated
                uncorrected, merged = merged, _merge(old, corrected, is_correction)
                kept_corrections += merged != uncorrected
            if merged == old:
                part.unchanged += 1
                continue
            part.changed[key] = merged
            changes.extend(field_changes(kind, key, old, merged))
            # A note or a remedy that a file adds is a new row; a correction changes the rows of its record.
            added = []
            if kind == SIDE_EFFECTS and not is_correction:
                known = {note.sort_key() for note in (*old.statuses, *old.remedies)}
                added = [note for note in (*counted.statuses, *counted.remedies) if note.sort_key() not in known]
            new_refs.update(note.row_ref for note in added if note.row_ref)
            changed_refs.update(() if added else neutral_records.row_refs_of(counted))
    # The rows that these belong to, whichever fields each was read for.
    new_rows, changed_rows = (
        {(id(table_ref.table), index) for table_ref, index in refs} for refs in (new_refs, changed_refs)
    )
    rows_changed = len(changed_rows - new_rows)
    return ChangeSet(
        incoming=incoming,
        snapshot=snapshot,
        kinds=kinds,
        changes=tuple(changes),
        rows_stored=len(new_rows),
        rows_changed=rows_changed,
        rows_unchanged=incoming.rows_read - incoming.rows_refused - len(new_rows) - rows_changed,
        kept_corrections=kept_corrections,
        has_changes=any(part.new or part.changed for part in kinds.values()),
    )


def merge_record(old: Any, new: Any) -> Any:
    """The new record, with the old value of every field that it leaves empty."""
    empty = {
        name: getattr(old, name)
        for name in neutral_records.stored_fields(type(new))
        if getattr(new, name) in (None, ())
    }
    return replace(new, **empty) if empty else new


def _merge(old: Any, new: Any, is_correction: bool) -> Any:
    """The record as it will be stored. A correction replaces a treatment, follow-up or side effect as a whole."""
    if isinstance(new, neutral_records.TreatmentRecord):
        new = replace(new, injections=tuple(sorted(new.injections, key=neutral_records.InjectionRecord.sort_key)))
    if is_correction and isinstance(
        new, neutral_records.TreatmentRecord | neutral_records.FollowUpRecord | neutral_records.SideEffectRecord
    ):
        return new
    if not isinstance(new, neutral_records.SideEffectRecord):
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


def field_changes(kind: str, key: Any, old: Any, new: Any) -> Iterable[FieldChange]:
    """The fields in which two versions of a record differ."""
    source_id = " ".join(key) if isinstance(key, tuple) else key
    for name in neutral_records.stored_fields(type(old)):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield FieldChange(kind, source_id, name, describe_value(before), describe_value(after))


def describe_value(value: Any) -> str:
    """The value of a field, for people."""
    if value in (None, (), ""):
        return EMPTY_VALUE
    if isinstance(value, tuple):
        return "; ".join(map(describe_value, value))
    if isinstance(value, neutral_records.InjectionRecord | neutral_records.StatusRecord | neutral_records.RemedyRecord):
        values = (getattr(value, name) for name in neutral_records.stored_fields(type(value)) if name != "batch")
        return " ".join(describe_value(cell) for cell in values if cell not in (None, ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rename_taken_words(incoming: neutral_records.ImportData, snapshot: Snapshot) -> neutral_records.ImportData:
    """A source's own word gets its dictionary's name added if it is already a code of ours or of another source."""

    def taken(words: Iterable[Any], stored: dict[str, Any], ours: codelist.Codelist[Any]) -> dict[str, str]:
        return {
            word.code: f"{word.code} ({word.dictionary})"
            for word in words
            if word.dictionary != records.OURS
            and (word.code in ours or (word.code in stored and stored[word.code].dictionary != word.dictionary))
        }

    def rename(named: Iterable[Any], name: str, codes: dict[str, str]) -> tuple[Any, ...]:
        return tuple(
            replace(record, **{name: codes.get(getattr(record, name), getattr(record, name))}) for record in named
        )

    terms = taken(incoming.terms, snapshot.terms, codelist.side_effects())
    products = taken(incoming.products, snapshot.products, codelist.products())
    if not terms and not products:
        return incoming
    treatments = (
        replace(visit, injections=rename(visit.injections, "product", products)) for visit in incoming.treatments
    )
    follow_ups = (
        replace(contact, not_asked=tuple(sorted(terms.get(term, term) for term in contact.not_asked)))
        for contact in incoming.follow_ups
    )
    return replace(
        incoming,
        terms=rename(incoming.terms, "code", terms),
        products=rename(incoming.products, "code", products),
        lots=rename(incoming.lots, "product", products),
        treatments=tuple(treatments),
        follow_ups=tuple(follow_ups),
        side_effects=rename(incoming.side_effects, "term", terms),
    )
