"""What storing records would do, before anything is written: what is new, what changes, what is there already.

A record is known again by its source and the source's id. An empty cell erases nothing; the areas of a visit stand as
the file has them; a note on a side effect is added to those there. What a person corrected stays
(data/records/correction_precedence.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from data.records.correction_precedence import without_what_was_said
from data.records.neutral_records import (
    Client,
    FollowUp,
    Incoming,
    Injection,
    Lot,
    Place,
    Product,
    Remedy,
    SideEffect,
    Status,
    Term,
    Treatment,
)
from data.records.repository import Stored
from models import codelist, records


@dataclass(frozen=True)
class Change:
    """One field of a stored record that the source now tells differently."""

    kind: str
    source_id: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Part:
    """Records of one kind by their key: those to add, those to change (as they will be), and how many stay."""

    new: dict[Any, Any]
    changed: dict[Any, Any]
    unchanged: int


@dataclass(frozen=True)
class Plan:
    """What will be done. `rows_*` count the lines of the files: each line read is one of them. `stay_corrected`: how
    many records stay as a person put them right, though the files say again what they said before."""

    incoming: Incoming
    stored: Stored
    products: Part
    terms: Part
    lots: Part
    clients: Part
    treatments: Part
    follow_ups: Part
    side_effects: Part
    changes: tuple[Change, ...]
    rows_stored: int
    rows_changed: int
    rows_unchanged: int
    stay_corrected: int

    @property
    def does_anything(self) -> bool:
        return any(part.new or part.changed for part in self.parts().values())

    def parts(self) -> dict[str, Part]:
        return {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), Part)}


def plan(incoming: Incoming, stored: Stored) -> Plan:
    """What storing these records beside those would do."""
    incoming = _with_free_words(_with_clients(incoming, stored), stored)
    rows, changes, stay_corrected = _Rows(), [], 0

    def compared(kind: str, key: Callable, merge: Callable = merged) -> Part:
        nonlocal stay_corrected
        part = Part({}, {}, 0)
        there, unchanged = getattr(stored, kind), 0
        for record in getattr(incoming, kind):
            name = key(record)
            old = there.get(name)
            if old is None:
                part.new[name] = record
                continue
            now, lines_of = merge(old, record), record
            if said := stored.corrected.get((kind, name)):
                as_it_comes, record = now, without_what_was_said(record, said, old)
                now = merge(old, record)
                stay_corrected += now != as_it_comes
                lines_of = record if kind == "side_effects" else lines_of  # without the notes that are said again
            if now == old:
                unchanged += 1
            else:
                part.changed[name] = now
                changes.extend(changes_of(kind, name, old, now))
                rows.change(lines_of, old)
        rows.add(part.new.values())
        return replace(part, unchanged=unchanged)

    by_id = lambda record: record.source_id  # noqa: E731
    treatment_told, contact_told, effect_told = _merged_treatment, merged, _merged_side_effect
    if incoming.corrects:
        treatment_told, contact_told, effect_told = _corrected_treatment, _corrected, _corrected
    parts = {
        "products": compared("products", lambda product: product.code),
        "terms": compared("terms", lambda term: term.code),
        "lots": compared("lots", lambda lot: (lot.product, lot.number)),
        "clients": compared("clients", lambda client: client.key),
        "treatments": compared("treatments", by_id, treatment_told),
        "follow_ups": compared("follow_ups", by_id, contact_told),
        "side_effects": compared("side_effects", by_id, effect_told),
    }
    counted = rows.counted(incoming.rows - incoming.rows_refused)
    return Plan(incoming, stored, **parts, changes=tuple(changes), **counted, stay_corrected=stay_corrected)


# Merging


def merged(old: Any, new: Any) -> Any:
    """The new record, with what it leaves empty as it was."""
    empty = {f.name: getattr(old, f.name) for f in fields(new) if f.compare and getattr(new, f.name) in (None, ())}
    return replace(new, **empty) if empty else new


def _merged_treatment(old: Treatment, new: Treatment) -> Treatment:
    return merged(old, replace(new, injections=tuple(sorted(new.injections, key=Injection.order))))


def _merged_side_effect(old: SideEffect, new: SideEffect) -> SideEffect:
    notes = {(note.date, note.source_id): note for note in old.statuses}
    for note in new.statuses:
        before = notes.get((note.date, note.source_id))
        notes[note.date, note.source_id] = merged(before, note) if before else note
    remedies = {remedy.order(): remedy for remedy in old.remedies}
    for remedy in new.remedies:
        before = remedies.get(remedy.order())
        remedies[remedy.order()] = merged(before, remedy) if before else remedy
    return replace(
        merged(old, new),
        statuses=tuple(sorted(notes.values(), key=Status.order)),
        remedies=tuple(sorted(remedies.values(), key=Remedy.order)),
    )


def _corrected(old: Any, new: Any) -> Any:
    """The record as it is told now, whatever it was."""
    return new


def _corrected_treatment(old: Treatment, new: Treatment) -> Treatment:
    return replace(new, injections=tuple(sorted(new.injections, key=Injection.order)))


def changes_of(kind: str, key: Any, old: Any, now: Any) -> Iterable[Change]:
    """Field by field, what was and what is."""
    name = " ".join(key) if isinstance(key, tuple) else key
    for part in fields(old):
        before, after = getattr(old, part.name), getattr(now, part.name)
        if part.compare and before != after:
            yield Change(kind, name, part.name, _told(before), _told(after))


def _told(value: Any) -> str:
    if value is None or value == ():
        return "empty"
    if isinstance(value, tuple):
        return "; ".join(map(_told, value))
    if isinstance(value, Injection | Status | Remedy):
        told = (getattr(value, part.name) for part in fields(value) if part.compare)
        return " ".join(_told(cell) for cell in told if cell not in (None, ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


# Words and clients that depend on what is stored


def _with_clients(incoming: Incoming, stored: Stored) -> Incoming:
    """Side effects that name a treatment alone are of its client."""
    if all(effect.client for effect in incoming.side_effects):
        return incoming
    effects = (
        effect if effect.client else replace(effect, client=stored.treatments[effect.treatment].client)
        for effect in incoming.side_effects
    )
    return replace(incoming, side_effects=tuple(effects))


def _with_free_words(incoming: Incoming, stored: Stored) -> Incoming:
    """A source's own word that is already a code of ours, or of another source, carries its dictionary's name."""
    terms = _taken(incoming.terms, stored.terms, codelist.side_effects())
    products = _taken(incoming.products, stored.products, codelist.products())
    if not terms and not products:
        return incoming

    def injected(treatment: Treatment) -> Treatment:
        injections = (replace(i, product=products.get(i.product, i.product)) for i in treatment.injections)
        return replace(treatment, injections=tuple(injections))

    def asked(contact: FollowUp) -> FollowUp:
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


def _taken(words: Iterable[Term | Product], stored: dict, ours: codelist.Codelist) -> dict[str, str]:
    """Words that mean something else already -> the word to use."""
    own = [word for word in words if word.dictionary != records.OURS]
    return {
        word.code: f"{word.code} ({word.dictionary})"
        for word in own
        if word.code in ours or (word.code in stored and stored[word.code].dictionary != word.dictionary)
    }


# Lines of the files


class _Rows:
    """What became of each line."""

    def __init__(self):
        self.new: set = set()
        self.changed: set = set()

    def add(self, records: Iterable[Any]) -> None:
        self.new.update([place.line for record in records for place in _places(record)])

    def change(self, record: Any, old: Any) -> None:
        if not isinstance(record, SideEffect):
            self.changed.update(place.line for place in _places(record))
            return
        dated: dict[tuple[date, str], Status] = {(note.date, note.source_id): note for note in old.statuses}
        given = {remedy.order() for remedy in old.remedies}
        added = [note.place.line for note in record.statuses if (note.date, note.source_id) not in dated]
        added += [remedy.place.line for remedy in record.remedies if remedy.order() not in given]
        self.new.update(added)
        if not added:
            self.changed.update(place.line for place in _places(record))

    def counted(self, read: int) -> dict[str, int]:
        stored, changed = len(self.new), len(self.changed - self.new)
        return {"rows_stored": stored, "rows_changed": changed, "rows_unchanged": read - stored - changed}


def _places(record: Any) -> Iterable[Place]:
    if isinstance(record, Product | Term):
        return ()
    return (record.place,) if isinstance(record, Client | Lot) else record.lines()
