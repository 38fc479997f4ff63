"""The stored records of a source, in the same form as those that readers return, so that the two can be compared."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, select

from data.records.correction_precedence import source_versions
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
from models import records

MAX_IDS_IN_QUERY = 2_000  # with more ids it is faster to read the whole source
IDS_PER_QUERY = 500

TREATMENT, INJECTION = records.Treatment.__table__, records.Injection.__table__
FOLLOW_UP, NOT_ASKED = records.FollowUp.__table__, records.NotAsked.__table__
SIDE_EFFECT, STATUS, REMEDY = records.SideEffect.__table__, records.Status.__table__, records.Remedy.__table__
CLIENT, PRODUCT, LOT, TERM = (r.__table__ for r in (records.Client, records.Product, records.Lot, records.Term))
SITE, PRACTITIONER, BATCH = (r.__table__ for r in (records.Site, records.Practitioner, records.ImportBatch))


@dataclass(frozen=True)
class Snapshot:
    """Stored records by natural key, and their ids: table name -> natural key -> id.

    `source_versions`: (kind, key) -> what the files say of a record that a person corrected. `first_followed_on`: for
    treatments whose date is about to move to a later day, the first day on which something followed them, according to
    records that are not being imported.
    """

    clients: dict[str, ClientRecord] = field(default_factory=dict)
    products: dict[str, ProductRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], LotRecord] = field(default_factory=dict)
    terms: dict[str, TermRecord] = field(default_factory=dict)
    treatments: dict[str, TreatmentRecord] = field(default_factory=dict)
    follow_ups: dict[str, FollowUpRecord] = field(default_factory=dict)
    side_effects: dict[str, SideEffectRecord] = field(default_factory=dict)
    ids: dict[str, dict[Any, int]] = field(default_factory=dict)
    source_versions: dict[tuple[str, Any], Any] = field(default_factory=dict)
    first_followed_on: dict[str, date] = field(default_factory=dict)


def load_existing_for(connection: Connection, incoming: ImportData) -> Snapshot:
    """The stored versions of these records, and of those they refer to."""
    named: set[str | None] = {t.touch_up_of for t in incoming.treatments}
    named |= {contact.treatment for contact in incoming.follow_ups}
    named |= {effect.treatment for effect in incoming.side_effects}
    named |= {record.treatment for record in incoming.expected_versions if not isinstance(record, TreatmentRecord)}
    snapshot = load_snapshot(
        connection,
        incoming.source,
        treatments={t.source_id for t in incoming.treatments} | _without_none(named),
        follow_ups={contact.source_id for contact in incoming.follow_ups},
        side_effects={effect.source_id for effect in incoming.side_effects},
        clients={client.key for client in incoming.clients} | _without_none(e.client for e in incoming.side_effects),
    )
    stored = snapshot.treatments
    later = {t.source_id for t in incoming.treatments if t.source_id in stored and stored[t.source_id].date < t.date}
    if later:
        snapshot.first_followed_on.update(_first_followed_on(connection, incoming, later))
    if not incoming.expected_versions:
        snapshot.source_versions.update(source_versions(connection, incoming.source))
    return snapshot


def _without_none(keys: Iterable[str | None]) -> set[str]:
    return {key for key in keys if key is not None}


def _first_followed_on(connection: Connection, incoming: ImportData, treatments: set[str]) -> dict[str, date]:
    imported = {contact.source_id for contact in incoming.follow_ups}
    imported |= {effect.source_id for effect in incoming.side_effects}
    first: dict[str, date] = {}
    for table, day in ((FOLLOW_UP, FOLLOW_UP.c.date), (SIDE_EFFECT, SIDE_EFFECT.c.onset_last)):
        followers = select(TREATMENT.c.source_id, table.c.source_id, day)
        followers = followers.join(table, table.c.treatment_id == TREATMENT.c.id)
        for treatment, record, on in connection.execute(followers.where(TREATMENT.c.source == incoming.source)):
            if treatment in treatments and on and record not in imported:
                first[treatment] = min(first.get(treatment, on), on)
    return first


def load_all(connection: Connection, source: str) -> Snapshot:
    """All records of a source."""
    return load_snapshot(connection, source)


def sources(connection: Connection) -> dict[str, int | None]:
    """Every source on record, with the attribution days of its latest import."""
    batches = select(BATCH.c.source, BATCH.c.attribution_days).order_by(BATCH.c.id)
    return dict(connection.execute(batches).all())


def load_snapshot(
    connection: Connection,
    source: str,
    treatments: Collection[str] | None = None,
    follow_ups: Collection[str] | None = None,
    side_effects: Collection[str] | None = None,
    clients: Collection[str] = (),
) -> Snapshot:
    """The records of a source with these ids (None: all), their clients and these, and all products, terms and lots."""
    loader = _SnapshotLoader(connection, source)
    snapshot = loader.snapshot
    loader.load_vocabulary()
    if source in sources(connection):
        if side_effects is None or side_effects:
            loader.load_side_effects(side_effects)
        if treatments is not None:  # a note that names only its client may be on a side effect that names a treatment
            treatments = {*treatments, *_without_none(e.treatment for e in snapshot.side_effects.values())}
        if treatments is None or treatments:
            loader.load_treatments(treatments)
        if follow_ups is None or follow_ups:
            loader.load_follow_ups(follow_ups)
    seen: set[str | None] = {visit.client for visit in snapshot.treatments.values()}
    seen |= {effect.client for effect in snapshot.side_effects.values()}
    client_rows = loader.select_in(select(CLIENT).order_by(CLIENT.c.id), CLIENT.c.key, seen | set(clients))
    for row in client_rows:
        loader.add("clients", CLIENT, row.key, row.id, ClientRecord(**_values(row, "key", "year_of_birth", "sex")))
    return snapshot


class _SnapshotLoader:
    """Fills a snapshot table by table, those that others refer to first."""

    def __init__(self, connection: Connection, source: str):
        self.connection, self.source = connection, source
        self.snapshot = Snapshot()
        tables = (PRODUCT, TERM, LOT, SITE, PRACTITIONER, CLIENT, TREATMENT, FOLLOW_UP, SIDE_EFFECT)
        self.snapshot.ids.update({table.name: {} for table in tables})

    def add(self, kind: str, table: Table, key: Any, row_id: int, record: Any) -> None:
        getattr(self.snapshot, kind)[key] = record
        self.snapshot.ids[table.name][key] = row_id

    def load_vocabulary(self) -> None:
        for row in self.connection.execute(select(PRODUCT).order_by(PRODUCT.c.id)):
            product = ProductRecord(**_values(row, "code", "label", "unit", "active", "dictionary"))
            self.add("products", PRODUCT, row.code, row.id, product)
        for row in self.connection.execute(select(TERM).order_by(TERM.c.id)):
            term = TermRecord(**_values(row, "code", "label", "family", "dictionary"))
            self.add("terms", TERM, row.code, row.id, term)
        lots = select(LOT, PRODUCT.c.code.label("product")).join(PRODUCT).order_by(LOT.c.id)
        for row in self.connection.execute(lots):
            lot = LotRecord(**_values(row, "product", "number", "expiry"))
            self.add("lots", LOT, (row.product, row.number), row.id, lot)
        for table in (SITE, PRACTITIONER):
            self.snapshot.ids[table.name] = dict(self.connection.execute(select(table.c.code, table.c.id)).all())

    def load_treatments(self, source_ids: Collection[str] | None) -> None:
        topped_up = TREATMENT.alias("topped_up")
        statement = (
            select(
                TREATMENT,
                CLIENT.c.key.label("client"),
                SITE.c.code.label("site"),
                PRACTITIONER.c.code.label("practitioner"),
                topped_up.c.source_id.label("touch_up_of"),
            )
            .join(CLIENT, CLIENT.c.id == TREATMENT.c.client_id)
            .join(SITE, SITE.c.id == TREATMENT.c.site_id)
            .outerjoin(PRACTITIONER, PRACTITIONER.c.id == TREATMENT.c.practitioner_id)
            .outerjoin(topped_up, topped_up.c.id == TREATMENT.c.touch_up_of_id)
        )
        rows = self._rows_of_source(statement, TREATMENT, source_ids)
        injected = (
            select(INJECTION, PRODUCT.c.code.label("product"), LOT.c.number.label("lot"))
            .join(PRODUCT, PRODUCT.c.id == INJECTION.c.product_id)
            .outerjoin(LOT, LOT.c.id == INJECTION.c.lot_id)
        )
        injections = self._parts(injected, INJECTION.c.treatment_id, TREATMENT, rows)
        for row in rows:
            parts = [
                InjectionRecord(**_values(part, "area", "side", "product", "lot", "units", "points"))
                for part in injections.get(row.id, ())
            ]
            treatment = TreatmentRecord(
                **_values(row, "source_id", "client", "site", "practitioner", "date", "touch_up_of"),
                injections=tuple(sorted(parts, key=InjectionRecord.sort_key)),
            )
            self.add("treatments", TREATMENT, row.source_id, row.id, treatment)

    def load_follow_ups(self, source_ids: Collection[str] | None) -> None:
        statement = select(FOLLOW_UP, TREATMENT.c.source_id.label("treatment")).join(TREATMENT)
        rows = self._rows_of_source(statement, FOLLOW_UP, source_ids)
        not_asked = self._parts(select(NOT_ASKED), NOT_ASKED.c.follow_up_id, FOLLOW_UP, rows)
        for row in rows:
            follow_up = FollowUpRecord(
                **_values(row, "source_id", "treatment", "date", "method", "outcome", "asked", "score", "scale"),
                not_asked=tuple(sorted(part.term for part in not_asked.get(row.id, ()))),
            )
            self.add("follow_ups", FOLLOW_UP, row.source_id, row.id, follow_up)

    def load_side_effects(self, source_ids: Collection[str] | None) -> None:
        statement = (
            select(SIDE_EFFECT, CLIENT.c.key.label("client"), TREATMENT.c.source_id.label("treatment"))
            .join(CLIENT, CLIENT.c.id == SIDE_EFFECT.c.client_id)
            .outerjoin(TREATMENT, TREATMENT.c.id == SIDE_EFFECT.c.treatment_id)
        )
        rows = self._rows_of_source(statement, SIDE_EFFECT, source_ids)
        notes = self._parts(select(STATUS), STATUS.c.side_effect_id, SIDE_EFFECT, rows)
        given = self._parts(select(REMEDY), REMEDY.c.side_effect_id, SIDE_EFFECT, rows)
        for row in rows:
            note_fields = ("source_id", "date", "state", "last_day", "grade", "grade_scale")
            statuses = [
                StatusRecord(**_values(note, *note_fields), batch=note.import_batch_id)
                for note in notes.get(row.id, ())
            ]
            remedies = [
                RemedyRecord(**_values(remedy, "remedy", "kind", "from_date"), batch=remedy.import_batch_id)
                for remedy in given.get(row.id, ())
            ]
            effect = SideEffectRecord(
                **_values(row, "source_id", "client", "treatment", "area", "side", "term", "as_given"),
                **_values(row, "onset_first", "onset_last", "came_to_light"),
                serious=tuple(row.serious.split(";")) if row.serious else (),
                statuses=tuple(sorted(statuses, key=StatusRecord.sort_key)),
                remedies=tuple(sorted(remedies, key=RemedyRecord.sort_key)),
            )
            self.add("side_effects", SIDE_EFFECT, row.source_id, row.id, effect)

    def _rows_of_source(
        self, statement: Select[Any], table: Table, source_ids: Collection[str] | None
    ) -> list[Row[Any]]:
        statement = statement.where(table.c.source == self.source).order_by(table.c.id)
        return list(self.select_in(statement, table.c.source_id, source_ids))

    def _parts(
        self, statement: Select[Any], owner: Column[Any], owner_table: Table, rows: Sequence[Row[Any]]
    ) -> dict[int, list[Row[Any]]]:
        """The rows that belong to these rows, by the owner's id."""
        owners = {row.id for row in rows}
        if len(owners) > MAX_IDS_IN_QUERY:
            statement = statement.join(owner_table, owner_table.c.id == owner)
            statement = statement.where(owner_table.c.source == self.source)
        parts: dict[int, list[Row[Any]]] = {}
        for row in self.select_in(statement.order_by(owner.table.c.id), owner, owners):
            parts.setdefault(getattr(row, owner.name), []).append(row)
        return parts

    def select_in(
        self, statement: Select[Any], column: Column[Any], keys: Collection[Any] | None
    ) -> Iterator[Row[Any]]:
        """The rows in which the column has one of these keys (None: all rows)."""
        if keys is None:
            yield from self.connection.execute(statement)
        elif len(keys) > MAX_IDS_IN_QUERY:
            wanted, name = set(keys), column.name
            yield from (row for row in self.connection.execute(statement) if getattr(row, name) in wanted)
        else:
            ordered = sorted(keys)
            for first in range(0, len(ordered), IDS_PER_QUERY):
                yield from self.connection.execute(statement.where(column.in_(ordered[first : first + IDS_PER_QUERY])))


def _values(row: Row[Any], *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
