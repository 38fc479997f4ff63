"""Writes a change set inside one transaction, table by table and column by column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from data.database.bulk_insert import Columns, free_ids, insert_many
from data.records.change_log import VOCABULARY_KINDS, ChangeLogEntry, append_changes
from data.records.diff import ChangeSet, KindChanges
from data.records.neutral_records import (
    ClientRecord,
    FollowUpRecord,
    LotRecord,
    ProductRecord,
    SideEffectRecord,
    TermRecord,
    TreatmentRecord,
)
from data.records.repository import (
    BATCH,
    CLIENT,
    FOLLOW_UP,
    INJECTION,
    LOT,
    NOT_ASKED,
    PRACTITIONER,
    PRODUCT,
    REMEDY,
    SIDE_EFFECT,
    SITE,
    STATUS,
    TERM,
    TREATMENT,
    Snapshot,
)

# The step, how many are done, and out of how many (0: not known).
ProgressCallback = Callable[[str, int, int], None]

BY_DATE_AND_ID = attrgetter("date", "source_id")  # an order that does not depend on the order of the file


def ignore_progress(step: str, done: int, total: int) -> None:
    """The callback for work that nobody watches."""


def write_change_set(
    connection: Connection, change_set: ChangeSet, files: Sequence[str], report: ProgressCallback = ignore_progress
) -> int:
    """Stores a change set under a new import batch and returns its id. Call it inside `write_transaction`.

    The change log keeps every changed record as it was and as it is, so that the batch can be undone.
    """
    incoming, kinds = change_set.incoming, change_set.kinds
    batch = insert(BATCH).values(
        made_at=datetime.now(UTC).replace(tzinfo=None),
        source=incoming.source,
        format=incoming.format,
        files="; ".join(files),
        attribution_days=incoming.attribution_days,
        key_check=incoming.key_check,
        entered_by=incoming.entered_by,
        why=incoming.why,
        rows_read=incoming.rows_read,
        rows_stored=change_set.rows_stored + change_set.rows_changed,
        rows_changed=change_set.rows_changed,
        rows_unchanged=change_set.rows_unchanged,
        rows_refused=incoming.rows_refused,
    )
    number = int(connection.execute(batch).inserted_primary_key[0])  # type: ignore[index]  # an insert of one row
    write_changes(connection, number, incoming.source, change_set.snapshot, kinds, report)
    entries = [
        ChangeLogEntry(kind, key, getattr(change_set.snapshot, kind)[key], record)
        for kind, part in kinds.items()
        for key, record in part.changed.items()
    ]
    entries += [
        ChangeLogEntry(kind, key, None, word) for kind in VOCABULARY_KINDS for key, word in kinds[kind].new.items()
    ]
    append_changes(connection, number, entries)
    return number


def write_changes(
    connection: Connection,
    batch: int,
    source: str,
    snapshot: Snapshot,
    changes: Mapping[str, KindChanges],
    report: ProgressCallback = ignore_progress,
) -> None:
    """Stores records under an existing batch. The snapshot must hold what is changed and what the records refer to."""
    writer = _RecordWriter(connection, snapshot, changes, batch, source, report)
    for kinds, write in (
        (("products", "terms", "lots", "clients", "treatments"), writer.write_reference_rows),
        (("treatments",), writer.write_treatments),
        (("follow_ups",), writer.write_follow_ups),
        (("side_effects",), writer.write_side_effects),
    ):
        if any(changes[kind].new or changes[kind].changed for kind in kinds):
            write()


class _RecordWriter:
    """`ids`: table name -> natural key -> id, of stored records and of those added here."""

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        changes: Mapping[str, KindChanges],
        batch: int,
        source: str,
        report: ProgressCallback,
    ):
        self.connection, self.snapshot, self.changes, self.report = connection, snapshot, changes, report
        self.ids: dict[str, dict[Any, int]] = {name: dict(ids) for name, ids in snapshot.ids.items()}
        self.batch_column = {"import_batch_id": batch}
        self.source_columns = {"source": source, **self.batch_column}
        self.done = 0
        self.total = sum(len(part.new) for part in changes.values())
        self.total += sum(len(visit.injections) for visit in changes["treatments"].new.values())

    def write_reference_rows(self) -> None:
        """Sites, practitioners, products, terms, lots and clients."""
        visits = [*self.changes["treatments"].new.values(), *self.changes["treatments"].changed.values()]
        for table, codes in ((SITE, {v.site for v in visits}), (PRACTITIONER, {v.practitioner for v in visits})):
            missing = sorted(codes - self.ids[table.name].keys() - {None})
            self._insert(table, {"code": missing}, missing)
        for kind, table, record_type in (
            ("products", PRODUCT, ProductRecord),
            ("terms", TERM, TermRecord),
            ("lots", LOT, LotRecord),
            ("clients", CLIENT, ClientRecord),
        ):
            part = self.changes[kind]
            keys = sorted(part.new)
            for records, is_new in (([part.new[key] for key in keys], True), (list(part.changed.values()), False)):
                columns = _columns(record_type, records)
                if kind == "lots":
                    products = self.ids[PRODUCT.name]
                    columns["product_id"] = [products[product] for product in columns.pop("product")]
                if is_new:
                    self._insert(table, columns, keys)
                elif records:
                    columns["id"] = [self.ids[table.name][key] for key in part.changed]
                    self._update(table, ("id",), columns)

    def write_treatments(self) -> None:
        part = self.changes["treatments"]
        new, changed = sorted(part.new.values(), key=BY_DATE_AND_ID), list(part.changed.values())
        self._insert(TREATMENT, self._treatment_columns(new), [visit.source_id for visit in new])
        ids, before = self.ids[TREATMENT.name], self.snapshot.treatments
        topped_up = [visit for visit in new if visit.touch_up_of]
        if changed:
            changed_ids = [ids[key] for key in part.changed]
            self._update(TREATMENT, ("id",), self._treatment_columns(changed) | {"id": changed_ids})
            topped_up += [visit for visit in changed if visit.touch_up_of != before[visit.source_id].touch_up_of]
            self._delete_parts(INJECTION.c.treatment_id, changed_ids)
        if topped_up:
            touch_ups: Columns = {"id": [ids[visit.source_id] for visit in topped_up]}
            touch_ups["touch_up_of_id"] = [ids[v.touch_up_of] if v.touch_up_of else None for v in topped_up]
            self._update(TREATMENT, ("id",), touch_ups)
        visits, products, lots = [*new, *changed], self.ids[PRODUCT.name], self.ids[LOT.name]
        injections = [injection for visit in visits for injection in visit.injections]
        columns = {
            "treatment_id": [ids[visit.source_id] for visit in visits for _ in visit.injections],
            "area": [injection.area for injection in injections],
            "side": [injection.side for injection in injections],
            "product_id": [products[injection.product] for injection in injections],
            "lot_id": [lots[i.product, i.lot] if i.lot else None for i in injections],
            "units": [injection.units for injection in injections],
            "points": [injection.points for injection in injections],
        }
        self._insert(INJECTION, columns)

    def _treatment_columns(self, visits: Sequence[TreatmentRecord]) -> Columns:
        clients, sites, practitioners = (self.ids[table.name] for table in (CLIENT, SITE, PRACTITIONER))
        return {
            "client_id": [clients[visit.client] for visit in visits],
            "site_id": [sites[visit.site] for visit in visits],
            "practitioner_id": [practitioners.get(visit.practitioner) for visit in visits],
            "date": [visit.date for visit in visits],
            "source_id": [visit.source_id for visit in visits],
        } | {name: [value] * len(visits) for name, value in self.source_columns.items()}

    def write_follow_ups(self) -> None:
        part = self.changes["follow_ups"]
        new, changed = sorted(part.new.values(), key=BY_DATE_AND_ID), list(part.changed.values())
        self._insert(FOLLOW_UP, self._follow_up_columns(new), [contact.source_id for contact in new])
        ids = self.ids[FOLLOW_UP.name]
        if changed:
            changed_ids = [ids[key] for key in part.changed]
            self._update(FOLLOW_UP, ("id",), self._follow_up_columns(changed) | {"id": changed_ids})
            self._delete_parts(NOT_ASKED.c.follow_up_id, changed_ids)
        left_out = [(ids[contact.source_id], term) for contact in (*new, *changed) for term in contact.not_asked]
        self._insert(NOT_ASKED, {"follow_up_id": [id_ for id_, _ in left_out], "term": [term for _, term in left_out]})

    def _follow_up_columns(self, contacts: Sequence[FollowUpRecord]) -> Columns:
        treatments = self.ids[TREATMENT.name]
        columns = _columns(FollowUpRecord, contacts, without=("treatment", "not_asked"))
        columns["treatment_id"] = [treatments[contact.treatment] for contact in contacts]
        return columns | {name: [value] * len(contacts) for name, value in self.source_columns.items()}

    def write_side_effects(self) -> None:
        part = self.changes["side_effects"]
        new, changed = [part.new[key] for key in sorted(part.new)], list(part.changed.values())
        if new:
            self._insert(SIDE_EFFECT, self._side_effect_columns(new), [effect.source_id for effect in new])
        if changed:
            changed_ids = [self.ids[SIDE_EFFECT.name][key] for key in part.changed]
            self._update(SIDE_EFFECT, ("id",), self._side_effect_columns(changed) | {"id": changed_ids})
        before = self.snapshot.side_effects
        for table, name, key in ((STATUS, "statuses", ("date", "source_id")), (REMEDY, "remedies", ("remedy", "kind"))):
            parts = [(effect, (), getattr(effect, name)) for effect in new]
            parts += [(effect, getattr(before[effect.source_id], name), getattr(effect, name)) for effect in changed]
            different = [
                (effect, old_parts, new_parts) for effect, old_parts, new_parts in parts if old_parts != new_parts
            ]
            if different:
                self._write_parts(table, key, different)

    def _side_effect_columns(self, effects: Sequence[SideEffectRecord]) -> Columns:
        clients, treatments = self.ids[CLIENT.name], self.ids[TREATMENT.name]
        columns = _columns(SideEffectRecord, effects, without=("client", "treatment", "statuses", "remedies"))
        columns["client_id"] = [clients[effect.client] for effect in effects]
        columns["treatment_id"] = [treatments[e.treatment] if e.treatment else None for e in effects]
        columns["serious"] = [";".join(effect.serious) or None for effect in effects]
        return columns | {name: [value] * len(effects) for name, value in self.source_columns.items()}

    def _write_parts(self, table: Table, key: tuple[str, str], effects: Iterable[tuple[Any, Any, Any]]) -> None:
        """Notes or remedies of side effects. Unchanged ones keep the batch that brought them."""
        added: list[dict[str, Any]] = []
        updated: list[dict[str, Any]] = []
        moved: list[tuple[dict[str, Any], dict[str, Any]]] = []
        removed: list[dict[str, Any]] = []
        for effect, old_parts, new_parts in effects:
            owner = {"side_effect_id": self.ids[SIDE_EFFECT.name][effect.source_id]}
            old = {part.sort_key(): part for part in old_parts}
            kept_keys = {part.sort_key() for part in new_parts}
            gone = [_values(part) | owner for part_key, part in old.items() if part_key not in kept_keys]
            come = []
            for part in new_parts:
                if (part_key := part.sort_key()) not in old:
                    batch = {"import_batch_id": part.batch} if part.batch else {}  # a note restored by an undo
                    come.append(_values(part) | owner | batch)
                elif part != old[part_key]:
                    updated.append(_values(part) | owner)
            moved += zip(gone, come, strict=False)  # a note whose day is corrected stays in its row
            removed += gone[len(come) :]
            added += [self.batch_column | row for row in come[len(gone) :]]
        row_key = ("side_effect_id", *key)
        for row, values in moved:
            self.connection.execute(
                update(table).where(*(table.c[name] == row[name] for name in row_key)).values(values)
            )
        for row in removed:
            self.connection.execute(delete(table).where(*(table.c[name] == row[name] for name in row_key)))
        self._insert(table, {name: [row[name] for row in added] for name in added[0]} if added else {})
        if updated:
            self._update(table, row_key, {name: [row[name] for row in updated] for name in updated[0]})

    def _insert(self, table: Table, columns: Columns, keys: Sequence[Any] = ()) -> None:
        """Adds rows; `keys` are the natural keys under which others will look up their ids."""
        count = len(next(iter(columns.values()), ()))
        if not count:
            return
        ids = free_ids(self.connection, table, count)
        for inserted in insert_many(self.connection, table, {"id": ids} | columns):
            self.done += inserted
            self.report("storing", min(self.done, self.total), self.total)
        if keys:
            self.ids[table.name].update(zip(keys, ids, strict=True))

    def _update(self, table: Table, key: Sequence[str], columns: Columns) -> None:
        """Changes the rows with these keys; they still belong to the batch that brought them."""
        parameters: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in columns if name not in self.batch_column
        }
        matches = [table.c[name] == parameters[name] for name in key]
        statement = update(table).where(*matches).values({n: p for n, p in parameters.items() if n not in key})
        rows = zip(*(columns[name] for name in parameters), strict=True)
        keys = [parameter.key for parameter in parameters.values()]
        self.connection.execute(statement, [dict(zip(keys, row, strict=True)) for row in rows])

    def _delete_parts(self, owner: Any, ids: list[int]) -> None:
        statement = delete(owner.table).where(owner == bindparam("owner_id"))
        self.connection.execute(statement, [{"owner_id": id_} for id_ in ids])


def _columns(record_type: type[Any], records: Sequence[Any], without: Sequence[str] = ()) -> Columns:
    """The stored fields of these records as columns."""
    names = [part.name for part in fields(record_type) if part.compare and part.name not in without]
    return {name: [getattr(record, name) for record in records] for name in names}


def _values(part: Any) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(part) if field.compare}
