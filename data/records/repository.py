"""What the database holds of a source, in the neutral form that readers hand over, so that the two can be compared."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, select

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

MAX_IDS_IN_QUERY = 2_000  # ids; beyond it reading the whole source is quicker than asking for each
IDS_PER_QUERY = 500

TREATMENT, INJECTION = records.Treatment.__table__, records.Injection.__table__
FOLLOW_UP, NOT_ASKED = records.FollowUp.__table__, records.NotAsked.__table__
SIDE_EFFECT, STATUS, REMEDY = records.SideEffect.__table__, records.Status.__table__, records.Remedy.__table__
CLIENT, PRODUCT, LOT, TERM = (r.__table__ for r in (records.Client, records.Product, records.Lot, records.Term))
SITE, PRACTITIONER, BATCH = (r.__table__ for r in (records.Site, records.Practitioner, records.ImportBatch))


@dataclass(frozen=True)
class Snapshot:
    """Records by their natural key, and the database's id of each under the same key.

    `followed`: of treatments that come in with a later day than they have, the first day on which something followed
    them, by the records that do not come in.
    """

    clients: dict[str, ClientRecord] = field(default_factory=dict)
    products: dict[str, ProductRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], LotRecord] = field(default_factory=dict)
    terms: dict[str, TermRecord] = field(default_factory=dict)
    treatments: dict[str, TreatmentRecord] = field(default_factory=dict)
    follow_ups: dict[str, FollowUpRecord] = field(default_factory=dict)
    side_effects: dict[str, SideEffectRecord] = field(default_factory=dict)
    ids: dict[str, dict] = field(default_factory=dict)  # table name -> natural key -> id
    source_versions: dict[tuple, Any] = field(
        default_factory=dict
    )  # kind, key -> what files say of what a person put right
    first_followed_on: dict[str, date] = field(default_factory=dict)


def load_existing_for(connection: Connection, incoming: ImportData) -> Snapshot:
    """What is stored of the records that come in, and of those they refer to."""
    named = {t.touch_up_of for t in incoming.treatments} | {f.treatment for f in incoming.follow_ups}
    named |= {effect.treatment for effect in incoming.side_effects}
    named |= {record.treatment for record in incoming.expected_versions if not isinstance(record, TreatmentRecord)}
    stored = load_snapshot(
        connection,
        incoming.source,
        treatments=({t.source_id for t in incoming.treatments} | named) - {None},
        follow_ups={contact.source_id for contact in incoming.follow_ups},
        side_effects={effect.source_id for effect in incoming.side_effects},
        clients={client.key for client in incoming.clients} | {e.client for e in incoming.side_effects} - {None},
    )
    stored.first_followed_on.update(_first_followed_on(connection, incoming, stored))
    if not incoming.expected_versions:
        stored.source_versions.update(source_versions(connection, incoming.source))
    return stored


def _first_followed_on(connection: Connection, incoming: ImportData, stored: Snapshot) -> dict[str, date]:
    there = stored.treatments
    later = {t.source_id for t in incoming.treatments if t.source_id in there and there[t.source_id].date < t.date}
    if not later:
        return {}
    told = {record.source_id for record in (*incoming.follow_ups, *incoming.side_effects)}
    first: dict[str, date] = {}
    for of, day in ((FOLLOW_UP, FOLLOW_UP.c.date), (SIDE_EFFECT, SIDE_EFFECT.c.onset_last)):
        following = select(TREATMENT.c.source_id, of.c.source_id, day).join(of, of.c.treatment_id == TREATMENT.c.id)
        for treatment, record, on in connection.execute(following.where(TREATMENT.c.source == incoming.source)):
            if treatment in later and on and record not in told:
                first[treatment] = min(first.get(treatment, on), on)
    return first


def load_all(connection: Connection, source: str) -> Snapshot:
    """Everything of a source."""
    return load_snapshot(connection, source)


def sources(connection: Connection) -> dict[str, int | None]:
    """Every source on record, with its attribution days as last given."""
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
    """The records of a source with these ids (None: all of them), their clients and these, and every word and lot."""
    reading = _RecordLoader(connection, source)
    stored = Snapshot()
    stored.products.update(reading.products())
    stored.lots.update(reading.lots())
    stored.terms.update(reading.terms())
    for table in (SITE, PRACTITIONER):
        reading.ids[table.name] = {row.code: row.id for row in reading.all(table)}
    if source in sources(connection):
        stored.side_effects.update(reading.side_effects(side_effects))
        if treatments is not None:  # a note that names its client alone is about a side effect that names its treatment
            treatments = {*treatments, *(effect.treatment for effect in stored.side_effects.values())} - {None}
        stored.treatments.update(reading.treatments(treatments))
        stored.follow_ups.update(reading.follow_ups(follow_ups))
    met = {treatment.client for treatment in stored.treatments.values()}
    met |= {effect.client for effect in stored.side_effects.values()}
    stored.clients.update(reading.clients(met | set(clients)))
    stored.ids.update(reading.ids)
    return stored


class _RecordLoader:
    """Reads the tables of one source, those that others refer to before the others."""

    def __init__(self, connection: Connection, source: str):
        self.connection, self.source = connection, source
        self.ids: dict[str, dict] = {}

    def all(self, table) -> Iterable[Row]:
        return self.connection.execute(select(table).order_by(table.c.id))

    def products(self) -> Iterator[tuple[str, ProductRecord]]:
        ids = self.ids[PRODUCT.name] = {}
        for row in self.all(PRODUCT):
            ids[row.code] = row.id
            yield (
                row.code,
                ProductRecord(
                    code=row.code, label=row.label, unit=row.unit, active=row.active, dictionary=row.dictionary
                ),
            )

    def terms(self) -> Iterator[tuple[str, TermRecord]]:
        ids = self.ids[TERM.name] = {}
        for row in self.all(TERM):
            ids[row.code] = row.id
            yield row.code, TermRecord(code=row.code, label=row.label, family=row.family, dictionary=row.dictionary)

    def lots(self) -> Iterator[tuple[tuple[str, str], LotRecord]]:
        ids = self.ids[LOT.name] = {}
        for row in self.connection.execute(select(LOT, PRODUCT.c.code).join(PRODUCT).order_by(LOT.c.id)):
            ids[row.code, row.number] = row.id
            yield (row.code, row.number), LotRecord(product=row.code, number=row.number, expiry=row.expiry)

    def clients(self, keys: Collection[str]) -> Iterator[tuple[str, ClientRecord]]:
        ids = self.ids[CLIENT.name] = {}
        for row in self._wanted(select(CLIENT).order_by(CLIENT.c.id), CLIENT.c.key, keys):
            ids[row.key] = row.id
            yield row.key, ClientRecord(key=row.key, year_of_birth=row.year_of_birth, sex=row.sex)

    def treatments(self, source_ids: Collection[str] | None) -> Iterator[tuple[str, TreatmentRecord]]:
        topped_up = TREATMENT.alias("topped_up")
        statement = (
            select(
                TREATMENT,
                CLIENT.c.key,
                SITE.c.code.label("site"),
                PRACTITIONER.c.code.label("practitioner"),
                topped_up.c.source_id.label("touch_up_of"),
            )
            .join(CLIENT, CLIENT.c.id == TREATMENT.c.client_id)
            .join(SITE, SITE.c.id == TREATMENT.c.site_id)
            .outerjoin(PRACTITIONER, PRACTITIONER.c.id == TREATMENT.c.practitioner_id)
            .outerjoin(topped_up, topped_up.c.id == TREATMENT.c.touch_up_of_id)
        )
        rows = list(self._of_source(statement, TREATMENT, source_ids))
        given = (
            select(INJECTION, PRODUCT.c.code.label("product"), LOT.c.number)
            .join(PRODUCT, PRODUCT.c.id == INJECTION.c.product_id)
            .outerjoin(LOT, LOT.c.id == INJECTION.c.lot_id)
        )
        injections = self._parts(given, INJECTION.c.treatment_id, TREATMENT, rows)
        for row in rows:
            parts = [
                InjectionRecord(
                    area=i.area, side=i.side, product=i.product, lot=i.number, units=i.units, points=i.points
                )
                for i in injections.get(row.id, ())
            ]
            yield (
                row.source_id,
                TreatmentRecord(
                    source_id=row.source_id,
                    client=row.key,
                    site=row.site,
                    practitioner=row.practitioner,
                    date=row.date,
                    touch_up_of=row.touch_up_of,
                    injections=tuple(sorted(parts, key=InjectionRecord.sort_key)),
                ),
            )

    def follow_ups(self, source_ids: Collection[str] | None) -> Iterator[tuple[str, FollowUpRecord]]:
        statement = select(FOLLOW_UP, TREATMENT.c.source_id.label("treatment")).join(TREATMENT)
        rows = list(self._of_source(statement, FOLLOW_UP, source_ids))
        left_out = self._parts(select(NOT_ASKED), NOT_ASKED.c.follow_up_id, FOLLOW_UP, rows)
        for row in rows:
            terms = tuple(sorted(part.term for part in left_out.get(row.id, ())))
            yield (
                row.source_id,
                FollowUpRecord(
                    source_id=row.source_id,
                    treatment=row.treatment,
                    date=row.date,
                    method=row.method,
                    outcome=row.outcome,
                    asked=row.asked,
                    score=row.score,
                    scale=row.scale,
                    not_asked=terms,
                ),
            )

    def side_effects(self, source_ids: Collection[str] | None) -> Iterator[tuple[str, SideEffectRecord]]:
        statement = (
            select(SIDE_EFFECT, CLIENT.c.key, TREATMENT.c.source_id.label("treatment"))
            .join(CLIENT, CLIENT.c.id == SIDE_EFFECT.c.client_id)
            .outerjoin(TREATMENT, TREATMENT.c.id == SIDE_EFFECT.c.treatment_id)
        )
        rows = list(self._of_source(statement, SIDE_EFFECT, source_ids))
        notes = self._parts(select(STATUS), STATUS.c.side_effect_id, SIDE_EFFECT, rows)
        remedies = self._parts(select(REMEDY), REMEDY.c.side_effect_id, SIDE_EFFECT, rows)
        for row in rows:
            statuses = [
                StatusRecord(
                    source_id=n.source_id,
                    date=n.date,
                    state=n.state,
                    last_day=n.last_day,
                    grade=n.grade,
                    grade_scale=n.grade_scale,
                    batch=n.import_batch_id,
                )
                for n in notes.get(row.id, ())
            ]
            given = [
                RemedyRecord(remedy=r.remedy, kind=r.kind, from_date=r.from_date, batch=r.import_batch_id)
                for r in remedies.get(row.id, ())
            ]
            effect = SideEffectRecord(
                source_id=row.source_id,
                client=row.key,
                treatment=row.treatment,
                area=row.area,
                side=row.side,
                term=row.term,
                as_given=row.as_given,
                onset_first=row.onset_first,
                onset_last=row.onset_last,
                came_to_light=row.came_to_light,
                serious=tuple((row.serious or "").split(";")) if row.serious else (),
                statuses=tuple(sorted(statuses, key=StatusRecord.sort_key)),
                remedies=tuple(sorted(given, key=RemedyRecord.sort_key)),
            )
            yield row.source_id, effect

    def _of_source(self, statement: Select, table, source_ids: Collection[str] | None) -> Iterator[Row]:
        statement = statement.where(table.c.source == self.source).order_by(table.c.id)
        ids = self.ids[table.name] = {}
        for row in self._wanted(statement, table.c.source_id, source_ids):
            ids[row.source_id] = row.id
            yield row

    def _parts(self, statement: Select, owner, of, rows: list[Row]) -> dict[int, list[Row]]:
        """The rows that belong to each of these, by the owner's id."""
        owned = {row.id for row in rows}
        if len(owned) > MAX_IDS_IN_QUERY:
            statement = statement.join(of, of.c.id == owner).where(of.c.source == self.source)
        parts: dict[int, list[Row]] = {}
        for row in self._wanted(statement.order_by(owner.table.c.id), owner, owned):
            parts.setdefault(getattr(row, owner.name), []).append(row)
        return parts

    def _wanted(self, statement: Select, column, keys: Collection | None) -> Iterator[Row]:
        if keys is None:
            yield from self.connection.execute(statement)
        elif len(keys) > MAX_IDS_IN_QUERY:
            wanted, name = set(keys), column.name
            yield from (row for row in self.connection.execute(statement) if getattr(row, name) in wanted)
        else:
            ordered = sorted(keys)
            for first in range(0, len(ordered), IDS_PER_QUERY):
                yield from self.connection.execute(statement.where(column.in_(ordered[first : first + IDS_PER_QUERY])))
