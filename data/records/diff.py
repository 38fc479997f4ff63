"""What storing records would do, before anything is written: what is new, what changes, what is there already.

A record is known again by its source and the source's id. An empty cell erases nothing; the areas of a visit stand as
the file has them; a note on a side effect is added to those there. What a person corrected stays
(data/records/correction_precedence.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from data.records.correction_precedence import keep_corrections
from data.records.neutral_records import (
    ClientRecord,
    FollowUpRecord,
    ImportData,
    InjectionRecord,
    LotRecord,
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


@dataclass(frozen=True)
class FieldChange:
    """One field of a stored record that the source now tells differently."""

    kind: str
    source_id: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class KindChanges:
    """Records of one kind by their key: those to add, those to change (as they will be), and how many stay."""

    new: dict[Any, Any]
    changed: dict[Any, Any]
    unchanged: int


@dataclass(frozen=True)
class ChangeSet:
    """What will be done. `rows_*` count the lines of the files: each line read is one of them. `stay_corrected`: how
    many records stay as a person put them right, though the files say again what they said before."""

    incoming: ImportData
    snapshot: Snapshot
    products: KindChanges
    terms: KindChanges
    lots: KindChanges
    clients: KindChanges
    treatments: KindChanges
    follow_ups: KindChanges
    side_effects: KindChanges
    changes: tuple[FieldChange, ...]
    rows_stored: int
    rows_changed: int
    rows_unchanged: int
    kept_corrections: int

    @property
    def has_changes(self) -> bool:
        return any(part.new or part.changed for part in self.changes_by_kind().values())

    def changes_by_kind(self) -> dict[str, KindChanges]:
        return {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), KindChanges)}


def diff(incoming: ImportData, snapshot: Snapshot) -> ChangeSet:
    """What storing these records beside those would do."""
    incoming = _rename_taken_words(_fill_clients(incoming, snapshot), snapshot)
    rows, changes, stay_corrected = _RowTally(), [], 0

    def compared(kind: str, key: Callable, merge: Callable = merge_record) -> KindChanges:
        nonlocal stay_corrected
        part = KindChanges({}, {}, 0)
        there, unchanged = getattr(snapshot, kind), 0
        for record in getattr(incoming, kind):
            name = key(record)
            old = there.get(name)
            if old is None:
                part.new[name] = record
                continue
            now, lines_of = merge(old, record), record
            if said := snapshot.source_versions.get((kind, name)):
                as_it_comes, record = now, keep_corrections(record, said, old)
                now = merge(old, record)
                stay_corrected += now != as_it_comes
                lines_of = record if kind == "side_effects" else lines_of  # without the notes that are said again
            if now == old:
                unchanged += 1
            else:
                part.changed[name] = now
                changes.extend(field_changes(kind, name, old, now))
                rows.add_changed(lines_of, old)
        rows.add_new(part.new.values())
        return replace(part, unchanged=unchanged)

    by_id = lambda record: record.source_id  # noqa: E731
    treatment_told, contact_told, effect_told = _merge_treatment, merge_record, _merge_side_effect
    if incoming.expected_versions:
        treatment_told, contact_told, effect_told = _apply_treatment_correction, _apply_correction, _apply_correction
    parts = {
        "products": compared("products", lambda product: product.code),
        "terms": compared("terms", lambda term: term.code),
        "lots": compared("lots", lambda lot: (lot.product, lot.number)),
        "clients": compared("clients", lambda client: client.key),
        "treatments": compared("treatments", by_id, treatment_told),
        "follow_ups": compared("follow_ups", by_id, contact_told),
        "side_effects": compared("side_effects", by_id, effect_told),
    }
    counted = rows.row_counts(incoming.rows_read - incoming.rows_refused)
    return ChangeSet(incoming, snapshot, **parts, changes=tuple(changes), **counted, kept_corrections=stay_corrected)


# Merging


def merge_record(old: Any, new: Any) -> Any:
    """The new record, with what it leaves empty as it was."""
    empty = {f.name: getattr(old, f.name) for f in fields(new) if f.compare and getattr(new, f.name) in (None, ())}
    return replace(new, **empty) if empty else new


def _merge_treatment(old: TreatmentRecord, new: TreatmentRecord) -> TreatmentRecord:
    return merge_record(old, replace(new, injections=tuple(sorted(new.injections, key=InjectionRecord.sort_key))))


def _merge_side_effect(old: SideEffectRecord, new: SideEffectRecord) -> SideEffectRecord:
    notes = {(note.date, note.source_id): note for note in old.statuses}
    for note in new.statuses:
        before = notes.get((note.date, note.source_id))
        notes[note.date, note.source_id] = merge_record(before, note) if before else note
    remedies = {remedy.sort_key(): remedy for remedy in old.remedies}
    for remedy in new.remedies:
        before = remedies.get(remedy.sort_key())
        remedies[remedy.sort_key()] = merge_record(before, remedy) if before else remedy
    return replace(
        merge_record(old, new),
        statuses=tuple(sorted(notes.values(), key=StatusRecord.sort_key)),
        remedies=tuple(sorted(remedies.values(), key=RemedyRecord.sort_key)),
    )


def _apply_correction(old: Any, new: Any) -> Any:
    """The record as it is told now, whatever it was."""
    return new


def _apply_treatment_correction(old: TreatmentRecord, new: TreatmentRecord) -> TreatmentRecord:
    return replace(new, injections=tuple(sorted(new.injections, key=InjectionRecord.sort_key)))


def field_changes(kind: str, key: Any, old: Any, now: Any) -> Iterable[FieldChange]:
    """Field by field, what was and what is."""
    name = " ".join(key) if isinstance(key, tuple) else key
    for part in fields(old):
        before, after = getattr(old, part.name), getattr(now, part.name)
        if part.compare and before != after:
            yield FieldChange(kind, name, part.name, _format_value(before), _format_value(after))


def _format_value(value: Any) -> str:
    if value is None or value == ():
        return "empty"
    if isinstance(value, tuple):
        return "; ".join(map(_format_value, value))
    if isinstance(value, InjectionRecord | StatusRecord | RemedyRecord):
        told = (getattr(value, part.name) for part in fields(value) if part.compare)
        return " ".join(_format_value(cell) for cell in told if cell not in (None, ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


# Words and clients that depend on what is stored


def _fill_clients(incoming: ImportData, stored: Snapshot) -> ImportData:
    """Side effects that name a treatment alone are of its client."""
    if all(effect.client for effect in incoming.side_effects):
        return incoming
    effects = (
        effect if effect.client else replace(effect, client=stored.treatments[effect.treatment].client)
        for effect in incoming.side_effects
    )
    return replace(incoming, side_effects=tuple(effects))


def _rename_taken_words(incoming: ImportData, stored: Snapshot) -> ImportData:
    """A source's own word that is already a code of ours, or of another source, carries its dictionary's name."""
    terms = _find_taken_words(incoming.terms, stored.terms, codelist.side_effects())
    products = _find_taken_words(incoming.products, stored.products, codelist.products())
    if not terms and not products:
        return incoming

    def injected(treatment: TreatmentRecord) -> TreatmentRecord:
        injections = (replace(i, product=products.get(i.product, i.product)) for i in treatment.injections)
        return replace(treatment, injections=tuple(injections))

    def asked(contact: FollowUpRecord) -> FollowUpRecord:
        return replace(contact, not_asked=tuple(sorted(terms.get(term, term) for term in contact.not_asked)))

    return replace(
        incoming,
        terms=tuple(replace(term, code=terms.get(term.code, term.code)) for term in incoming.terms),
        products=tuple(replace(p, code=products.get(p.code, p.code)) for p in incoming.products),
        lots=tuple(replace(lot, product=products.get(lot.product, lot.product)) for lot in incoming.lots),
        treatments=tuple(map(injected, incoming.treatments)),
        follow_ups=tuple(map(asked, incoming.follow_ups)),
        side_effects=tuple(replace(e, term=terms.get(e.term, e.term)) for e in incoming.side_effects),
    )


def _find_taken_words(
    words: Iterable[TermRecord | ProductRecord], stored: dict, ours: codelist.Codelist
) -> dict[str, str]:
    """Words that mean something else already -> the word to use."""
    own = [word for word in words if word.dictionary != records.OURS]
    return {
        word.code: f"{word.code} ({word.dictionary})"
        for word in own
        if word.code in ours or (word.code in stored and stored[word.code].dictionary != word.dictionary)
    }


# Lines of the files


class _RowTally:
    """What became of each line."""

    def __init__(self):
        self.new: set = set()
        self.changed: set = set()

    def add_new(self, records: Iterable[Any]) -> None:
        self.new.update([place.key for record in records for place in _row_refs(record)])

    def add_changed(self, record: Any, old: Any) -> None:
        if not isinstance(record, SideEffectRecord):
            self.changed.update(place.key for place in _row_refs(record))
            return
        dated: dict[tuple[date, str], StatusRecord] = {(note.date, note.source_id): note for note in old.statuses}
        given = {remedy.sort_key() for remedy in old.remedies}
        added = [note.row_ref.key for note in record.statuses if (note.date, note.source_id) not in dated]
        added += [remedy.row_ref.key for remedy in record.remedies if remedy.sort_key() not in given]
        self.new.update(added)
        if not added:
            self.changed.update(place.key for place in _row_refs(record))

    def row_counts(self, read: int) -> dict[str, int]:
        stored, changed = len(self.new), len(self.changed - self.new)
        return {"rows_stored": stored, "rows_changed": changed, "rows_unchanged": read - stored - changed}


def _row_refs(record: Any) -> Iterable[RowRef]:
    if isinstance(record, ProductRecord | TermRecord):
        return ()
    return (record.row_ref,) if isinstance(record, ClientRecord | LotRecord) else record.all_row_refs()
