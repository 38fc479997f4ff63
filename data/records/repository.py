"""The stored records of a source, in the same form as those that readers return, so that the two can be compared."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, Select, select

from data.database.engine import long_reading
from data.records import kinds, neutral_records
from data.records.correction_precedence import source_versions
from data.records.kinds import BATCH, FOLLOW_UP, SIDE_EFFECT, TREATMENT

MAX_IDS_IN_QUERY = 2_000  # with more ids it is faster to read the whole source
IDS_PER_QUERY = 500


@dataclass(frozen=True)
class Snapshot:
    """Stored records by natural key, and their ids: kind -> natural key -> id.

    `source_versions`: (kind, key) -> what the files say of a record that a person corrected. `first_followed_on`: for
    treatments whose date is about to move to a later day, the first day on which something followed them, according to
    records that are not being imported.
    """

    clients: dict[str, neutral_records.ClientRecord] = field(default_factory=dict)
    products: dict[str, neutral_records.ProductRecord] = field(default_factory=dict)
    lots: dict[tuple[str, str], neutral_records.LotRecord] = field(default_factory=dict)
    terms: dict[str, neutral_records.TermRecord] = field(default_factory=dict)
    treatments: dict[str, neutral_records.TreatmentRecord] = field(default_factory=dict)
    follow_ups: dict[str, neutral_records.FollowUpRecord] = field(default_factory=dict)
    side_effects: dict[str, neutral_records.SideEffectRecord] = field(default_factory=dict)
    ids: dict[str, dict[Any, int]] = field(default_factory=lambda: {kind: {} for kind in kinds.TABLES})
    source_versions: dict[tuple[str, Any], Any] = field(default_factory=dict)
    first_followed_on: dict[str, date] = field(default_factory=dict)


def load_existing_for(connection: Connection, incoming: neutral_records.ImportData) -> Snapshot:
    """The stored versions of these records, and of those they refer to."""
    named: set[str | None] = {treatment.touch_up_of for treatment in incoming.treatments}
    named |= {contact.treatment for contact in incoming.follow_ups}
    named |= {effect.treatment for effect in incoming.side_effects}
    named |= {
        record.treatment
        for record in incoming.expected_versions
        if not isinstance(record, neutral_records.TreatmentRecord)
    }
    snapshot = load_snapshot(
        connection,
        incoming.source,
        treatments=named | {treatment.source_id for treatment in incoming.treatments},
        follow_ups={contact.source_id for contact in incoming.follow_ups},
        side_effects={effect.source_id for effect in incoming.side_effects},
        clients={client.key for client in incoming.clients} | {effect.client for effect in incoming.side_effects},
    )
    stored = snapshot.treatments
    later = {t.source_id for t in incoming.treatments if t.source_id in stored and stored[t.source_id].date < t.date}
    if later:
        snapshot.first_followed_on.update(_first_followed_on(connection, incoming, later))
    if not incoming.expected_versions:
        snapshot.source_versions.update(source_versions(connection, incoming.source))
    return snapshot


def _first_followed_on(
    connection: Connection, incoming: neutral_records.ImportData, treatments: set[str]
) -> dict[str, date]:
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


def sources(connection: Connection) -> dict[str, int | None]:
    """Every source on record, with the attribution days of its latest import."""
    batches = select(BATCH.c.source, BATCH.c.attribution_days).order_by(BATCH.c.id)
    return dict(connection.execute(batches).all())


def sources_with_treatments(records: Engine) -> list[str]:
    """The sources that have treatments, by name."""
    with records.connect() as connection:
        return sorted(connection.scalars(select(TREATMENT.c.source).distinct()))


def treatments_by_day(records: Engine, source: str) -> dict[tuple[str, date], set[str]]:
    """The ids of a source's treatments, by the client's pseudonym and the day."""
    by_day: dict[tuple[str, date], set[str]] = {}
    with records.connect() as connection:
        statement = kinds.STATEMENTS[kinds.TREATMENTS].where(TREATMENT.c.source == source)
        for row in connection.execute(statement):
            by_day.setdefault((row.client, row.date), set()).add(row.source_id)
    return by_day


def clients_of_treatments(records: Engine, source: str, treatments: Collection[str]) -> dict[str, str]:
    """The client of each of these treatments that is on record."""
    statement = kinds.STATEMENTS[kinds.TREATMENTS].where(TREATMENT.c.source == source)
    with long_reading(records) as connection:
        rows = _select_in(connection, statement, TREATMENT.c.source_id, treatments)
        return {row.source_id: row.client for row in rows}


def load_snapshot(
    connection: Connection,
    source: str,
    treatments: Collection[str | None] | None = None,
    follow_ups: Collection[str] | None = None,
    side_effects: Collection[str] | None = None,
    clients: Collection[str | None] = (),
) -> Snapshot:
    """The records of a source with these ids (None: all), their clients and these, and all products, terms and lots."""
    snapshot = Snapshot()
    for kind in kinds.PLACES:
        code, number = kinds.TABLES[kind].c.code, kinds.TABLES[kind].c.id
        snapshot.ids[kind].update(connection.execute(select(code, number)).all())
    for kind in (kinds.PRODUCTS, kinds.TERMS, kinds.LOTS):
        _load(connection, snapshot, kind, source)
    _load(connection, snapshot, kinds.SIDE_EFFECTS, source, side_effects)
    if treatments is not None:  # a note that names only its client may be on a side effect that names a treatment
        treatments = {*treatments, *(effect.treatment for effect in snapshot.side_effects.values())}
    _load(connection, snapshot, kinds.TREATMENTS, source, treatments)
    _load(connection, snapshot, kinds.FOLLOW_UPS, source, follow_ups)
    clients = {*clients, *(visit.client for visit in snapshot.treatments.values())}
    clients |= {effect.client for effect in snapshot.side_effects.values()}
    _load(connection, snapshot, kinds.CLIENTS, source, clients)
    return snapshot


def _load(
    connection: Connection, snapshot: Snapshot, kind: str, source: str, keys: Collection[str | None] | None = None
) -> None:
    """Add the records of a kind with these keys (None: all)."""
    table, record_type, natural_key = kinds.TABLES[kind], kinds.RECORD_TYPES[kind], kinds.NATURAL_KEYS[kind]
    statement = kinds.STATEMENTS[kind].order_by(table.c.id)
    column = table.c.key if kind == kinds.CLIENTS else table.c.id
    if kind in kinds.SOURCE_TABLES:
        statement, column = statement.where(table.c.source == source), table.c.source_id
    rows = list(_select_in(connection, statement, column, keys))
    if not rows:
        return
    names = neutral_records.stored_fields(record_type)
    parts = {name: _load_parts(connection, name, source, rows) for name in names if name in kinds.PARTS}
    for row in rows:
        values = {name: getattr(row, name) for name in names if name not in parts}
        values |= {name: tuple(by_record.get(row.id, ())) for name, by_record in parts.items()}
        if kind == kinds.SIDE_EFFECTS:
            values["serious"] = tuple(row.serious.split(";")) if row.serious else ()
        record = record_type(**values)
        key = natural_key(record)
        getattr(snapshot, kind)[key] = record
        snapshot.ids[kind][key] = row.id


def _load_parts(connection: Connection, name: str, source: str, rows: Sequence[Row[Any]]) -> dict[int, list[Any]]:
    """The parts of the records in these rows, in order, by the id of their record."""
    owner, statement = kinds.PARTS[name]
    owners = {row.id for row in rows}
    if len(owners) > MAX_IDS_IN_QUERY:
        owner_table = next(iter(owner.foreign_keys)).column.table
        statement = statement.join(owner_table, owner_table.c.id == owner).where(owner_table.c.source == source)
    part_type = kinds.PART_TYPES.get(name)
    names = neutral_records.stored_fields(part_type) if part_type else ()
    parts: dict[int, list[Any]] = {}
    for row in _select_in(connection, statement.order_by(owner.table.c.id), owner, owners):
        part = part_type(**{field: getattr(row, field) for field in names}) if part_type else row.term
        parts.setdefault(getattr(row, owner.name), []).append(part)
    for found in parts.values():
        found.sort(key=lambda part: part.sort_key() if part_type else part)
    return parts


def _select_in(
    connection: Connection, statement: Select[Any], column: Column[Any], keys: Collection[Any] | None
) -> Iterator[Row[Any]]:
    """The rows in which the column has one of these keys (None: all rows)."""
    if keys is None:
        yield from connection.execute(statement)
        return
    wanted = set(keys) - {None}
    if len(wanted) > MAX_IDS_IN_QUERY:
        yield from (row for row in connection.execute(statement) if getattr(row, column.name) in wanted)
        return
    ordered = sorted(wanted)
    for first in range(0, len(ordered), IDS_PER_QUERY):
        yield from connection.execute(statement.where(column.in_(ordered[first : first + IDS_PER_QUERY])))
