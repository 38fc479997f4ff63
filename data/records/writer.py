"""Writes a plan: in one transaction, table by table, each in one statement for all its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from data.database.bulk_insert import Columns, Rows, free_ids, insert_many, to_rows
from data.records.change_log import VOCABULARY_KINDS, ChangeLogEntry, append_changes
from data.records.diff import ChangeSet, KindChanges
from data.records.neutral_records import FollowUpRecord, SideEffectRecord, TreatmentRecord
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

# What is being done, how many are done, and out of how many (0: not known).
ProgressCallback = Callable[[str, int, int], None]
BY_DATE_AND_ID = attrgetter("date", "source_id")  # records are stored in an order that does not depend on the file's


def ignore_progress(doing: str, done: int, of: int) -> None:
    """The callback for work that nobody watches."""


def write_change_set(
    connection: Connection, change_set: ChangeSet, files: Sequence[str], report: ProgressCallback = ignore_progress
) -> int:
    """Stores what the plan says under a new import batch, whose id comes back. Call it inside `writing`.

    What it changes is kept as it was and as it is, so that the batch can be undone.
    """
    incoming = change_set.incoming
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
    number = connection.execute(batch).inserted_primary_key[0]
    write_changes(connection, number, incoming.source, change_set.snapshot, change_set.changes_by_kind(), report)
    append_changes(connection, number, _changed_records(change_set))
    return number


def write_changes(
    connection: Connection,
    batch: int,
    source: str,
    snapshot: Snapshot,
    changes: Mapping[str, KindChanges],
    report: ProgressCallback = ignore_progress,
) -> None:
    """Stores records under a batch that is there already. `stored` knows what is changed and what they refer to."""
    writer = _RecordWriter(connection, snapshot, changes, batch, source, report)
    writer.write_reference_rows()
    writer.write_treatments()
    writer.write_follow_ups()
    writer.write_side_effects()


def _changed_records(plan: ChangeSet) -> Iterator[ChangeLogEntry]:
    for kind, part in plan.changes_by_kind().items():
        before = getattr(plan.snapshot, kind)
        yield from (ChangeLogEntry(kind, key, before[key], now) for key, now in part.changed.items())
    for kind in VOCABULARY_KINDS:
        yield from (ChangeLogEntry(kind, key, None, word) for key, word in plan.changes_by_kind()[kind].new.items())


class _RecordWriter:
    """`ids`: table name -> natural key -> id, of what was stored before and of what is added."""

    def __init__(
        self,
        connection,
        stored: Snapshot,
        parts: Mapping[str, KindChanges],
        batch: int,
        source: str,
        report: ProgressCallback,
    ):
        self.report, self.done, self.rows = report, 0, _count_new_rows(parts)
        self.connection, self.stored, self.parts = connection, stored, parts
        self.ids: dict[str, dict] = {name: dict(ids) for name, ids in stored.ids.items()}
        self.of_batch = {"import_batch_id": batch}
        self.of_source = {"source": source, **self.of_batch}

    def write_reference_rows(self) -> None:
        visited = self.parts["treatments"]
        visits = [*visited.new.values(), *visited.changed.values()]
        for table, codes in ((SITE, {v.site for v in visits}), (PRACTITIONER, {v.practitioner for v in visits})):
            self._add(table, "code", {"code": sorted(codes - self.ids[table.name].keys() - {None})})
        self._write_simple_records(PRODUCT, "code", self.parts["products"])
        self._write_simple_records(TERM, "code", self.parts["terms"])
        self._write_lots()
        self._write_simple_records(CLIENT, "key", self.parts["clients"])

    def write_treatments(self) -> None:
        part = self.parts["treatments"]
        new = sorted(part.new.values(), key=BY_DATE_AND_ID)
        self._add(TREATMENT, "source_id", self._treatment_columns(new))
        changed = list(part.changed.values())
        self._change_rows(TREATMENT, part.changed, to_rows(self._treatment_columns(changed)))
        ids = self.ids[TREATMENT.name]
        before = self.stored.treatments
        topped_up = [visit for visit in new if visit.touch_up_of]
        topped_up += [visit for visit in changed if visit.touch_up_of != before[visit.source_id].touch_up_of]
        touch_ups = [{"touch_up_of_id": ids[v.touch_up_of] if v.touch_up_of else None} for v in topped_up]
        self._change_rows(TREATMENT, [visit.source_id for visit in topped_up], touch_ups)
        self._delete_rows(INJECTION.c.treatment_id, [ids[key] for key in part.changed])
        self._insert(INJECTION, self._injection_columns([*new, *changed]))

    def write_follow_ups(self) -> None:
        part = self.parts["follow_ups"]
        new = sorted(part.new.values(), key=BY_DATE_AND_ID)
        self._add(FOLLOW_UP, "source_id", _to_columns(map(self._follow_up_row, new)))
        self._change_rows(FOLLOW_UP, part.changed, list(map(self._follow_up_row, part.changed.values())))
        ids = self.ids[FOLLOW_UP.name]
        self._delete_rows(NOT_ASKED.c.follow_up_id, [ids[key] for key in part.changed])
        contacts = (*new, *part.changed.values())
        left_out = [{"follow_up_id": ids[c.source_id], "term": term} for c in contacts for term in c.not_asked]
        self._insert(NOT_ASKED, _to_columns(left_out))

    def write_side_effects(self) -> None:
        part = self.parts["side_effects"]
        new = [part.new[key] for key in sorted(part.new)]
        self._add(SIDE_EFFECT, "source_id", _to_columns(map(self._side_effect_row, new)))
        self._change_rows(SIDE_EFFECT, part.changed, list(map(self._side_effect_row, part.changed.values())))
        for table, name, key in ((STATUS, "statuses", ("date", "source_id")), (REMEDY, "remedies", ("remedy", "kind"))):
            self._write_added_parts(table, key, ((effect, (), getattr(effect, name)) for effect in new))
            before = self.stored.side_effects
            changed = ((e, getattr(before[key], name), getattr(e, name)) for key, e in part.changed.items())
            self._write_added_parts(table, key, changed)

    # The tables with most rows, column by column: twice as quick as row by row

    def _treatment_columns(self, visits: Sequence[TreatmentRecord]) -> Columns:
        clients, sites, practitioners = (self.ids[table.name] for table in (CLIENT, SITE, PRACTITIONER))
        return {
            "client_id": [clients[visit.client] for visit in visits],
            "site_id": [sites[visit.site] for visit in visits],
            "practitioner_id": [practitioners.get(visit.practitioner) for visit in visits],
            "date": [visit.date for visit in visits],
            "source_id": [visit.source_id for visit in visits],
        } | {name: [value] * len(visits) for name, value in self.of_source.items()}

    def _injection_columns(self, visits: Sequence[TreatmentRecord]) -> Columns:
        treatments, products, lots = (self.ids[table.name] for table in (TREATMENT, PRODUCT, LOT))
        given = [injection for visit in visits for injection in visit.injections]
        return {
            "treatment_id": [treatments[visit.source_id] for visit in visits for _ in visit.injections],
            "area": [injection.area for injection in given],
            "side": [injection.side for injection in given],
            "product_id": [products[injection.product] for injection in given],
            "lot_id": [lots[i.product, i.lot] if i.lot else None for i in given],
            "units": [injection.units for injection in given],
            "points": [injection.points for injection in given],
        }

    # The others, row by row

    def _follow_up_row(self, contact: FollowUpRecord) -> dict[str, Any]:
        treatment = {"treatment_id": self.ids[TREATMENT.name][contact.treatment]}
        return _fields(contact, but=("treatment", "not_asked")) | treatment | self.of_source

    def _side_effect_row(self, effect: SideEffectRecord) -> dict[str, Any]:
        belongs = {
            "client_id": self.ids[CLIENT.name][effect.client],
            "treatment_id": self.ids[TREATMENT.name][effect.treatment] if effect.treatment else None,
            "serious": ";".join(effect.serious) or None,
        }
        return _fields(effect, but=("client", "treatment", "statuses", "remedies")) | belongs | self.of_source

    def _write_lots(self) -> None:
        part, products = self.parts["lots"], self.ids[PRODUCT.name]
        new = sorted(part.new)
        columns = {
            "product_id": [products[product] for product, _ in new],
            "number": [number for _, number in new],
            "expiry": [part.new[key].expiry for key in new],
        }
        self.ids[LOT.name].update(zip(new, self._insert(LOT, columns), strict=True))
        self._change_rows(LOT, part.changed, [{"expiry": lot.expiry} for lot in part.changed.values()])

    def _write_simple_records(self, table: Table, key: str, part: KindChanges) -> None:
        """Records whose fields are the columns of their table."""
        new = [part.new[name] for name in sorted(part.new)]
        own = [field.name for field in fields(new[0]) if field.compare] if new else ()
        self._add(table, key, {name: [getattr(record, name) for record in new] for name in own})
        self._change_rows(table, part.changed, list(map(_fields, part.changed.values())))

    def _write_added_parts(self, table: Table, key: tuple[str, str], effects: Iterable[tuple]) -> None:
        """Notes or remedies of side effects: those before stay with the batch that brought them."""
        added, changed, moved, gone = [], [], [], []
        for effect, before, now in effects:
            owner = {"side_effect_id": self.ids[SIDE_EFFECT.name][effect.source_id]}
            there = {part.sort_key(): part for part in before}
            stays = {part.sort_key() for part in now}
            left = [_fields(part) | owner for order, part in there.items() if order not in stays]
            come = [_fields(part) | owner | _original_batch(part) for part in now if part.sort_key() not in there]
            changed += [_fields(p) | owner for p in now if p.sort_key() in there and p != there[p.sort_key()]]
            moved += zip(left, come, strict=False)  # a note whose day is corrected stays the row it is
            gone += left[len(come) :]
            added += [self.of_batch | row for row in come[len(left) :]]
        key = ("side_effect_id", *key)
        for was, row in moved:
            found = [table.c[name] == was[name] for name in key]
            self.connection.execute(update(table).where(*found).values(row))
        for was in gone:
            self.connection.execute(delete(table).where(*(table.c[name] == was[name] for name in key)))
        self._insert(table, _to_columns(added))
        self._update_rows(table, key, changed)

    # One table each

    def _add(self, table: Table, key: str, columns: Columns) -> None:
        """Adds rows that others refer to, and keeps their ids."""
        ids = self._insert(table, columns)
        self.ids.setdefault(table.name, {}).update(zip(columns.get(key, ()), ids, strict=True))

    def _insert(self, table: Table, columns: Columns) -> Sequence[int]:
        """Adds the rows; their ids come back."""
        count = len(next(iter(columns.values()), ()))
        ids = free_ids(self.connection, table, count) if count else ()
        for stored in insert_many(self.connection, table, {"id": ids} | columns) if ids else ():
            self.done += stored
            self.report("storing", min(self.done, self.rows), self.rows)
        return ids

    def _change_rows(self, table: Table, keys: Iterable[Any], rows: Rows) -> None:
        ids = self.ids.get(table.name, {})
        self._update_rows(table, ("id",), [row | {"id": ids[key]} for key, row in zip(keys, rows, strict=True)])

    def _update_rows(self, table: Table, key: Sequence[str], rows: Rows) -> None:
        """Changes the rows found by `key`; the batch that brought them stays theirs."""
        if rows:
            values = {name: bindparam(f"its_{name}") for name in rows[0] if name not in (*key, *self.of_batch)}
            found = [table.c[name] == bindparam(f"its_{name}") for name in key]
            parameters = [{f"its_{name}": row[name] for name in (*key, *values)} for row in rows]
            self.connection.execute(update(table).where(*found).values(values), parameters)

    def _delete_rows(self, owner: Any, ids: list[int]) -> None:
        if ids:
            statement = delete(owner.table).where(owner == bindparam("its_owner"))
            self.connection.execute(statement, [{"its_owner": id_} for id_ in ids])


def _count_new_rows(parts: Mapping[str, KindChanges]) -> int:
    visits = parts["treatments"].new.values()
    return sum(len(part.new) for part in parts.values()) + sum(len(visit.injections) for visit in visits)


def _fields(record: Any, but: Sequence[str] = ()) -> dict[str, Any]:
    """A record's own fields, as columns of its table."""
    return {part.name: getattr(record, part.name) for part in fields(record) if part.compare and part.name not in but}


def _original_batch(part: Any) -> dict[str, int]:
    """A note that is put back is of the import that had brought it."""
    return {"import_batch_id": part.batch} if part.batch else {}


def _to_columns(rows: Iterable[dict[str, Any]]) -> Columns:
    rows = list(rows)
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
