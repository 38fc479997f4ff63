"""Which records these are: the source's own ids behind the numbers of the tables, for whoever adds to them by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, select

from data.database.engine import long_reading
from data.privacy.pseudonyms import Pseudonymizer
from data.records.repository import CLIENT, FOLLOW_UP, IDS_PER_QUERY, SIDE_EFFECT, TREATMENT

TABLES = {"treatments": TREATMENT, "follow_ups": FOLLOW_UP, "side_effects": SIDE_EFFECT}


@dataclass(frozen=True)
class SourceRef:
    """How a source calls a record of its own."""

    source: str
    source_id: str


@dataclass(frozen=True)
class FollowUpRow:
    """A follow-up on record."""

    number: int
    name: SourceRef
    treatment: int
    date: date
    method: str | None
    outcome: str
    asked: str | None


@dataclass(frozen=True)
class ClientLookup:
    """Who the clients are whom lines name: by their number, or by a treatment on record."""

    records: Engine
    pseudonym: Pseudonymizer

    def key(self, source: str, number: str) -> str:
        return self.pseudonym(source, number)

    def of(self, source: str, treatments: Collection[str]) -> dict[str, str]:
        """The pseudonym of the client of each of these treatments that is on record."""
        t, ordered = TREATMENT, sorted(treatments)
        statement = select(t.c.source_id, CLIENT.c.key).join(CLIENT, CLIENT.c.id == t.c.client_id)
        found: dict[str, str] = {}
        with long_reading(self.records) as connection:
            for first in range(0, len(ordered), IDS_PER_QUERY):
                named = t.c.source_id.in_(ordered[first : first + IDS_PER_QUERY])
                found.update(connection.execute(statement.where(t.c.source == source, named)).all())
        return found


def sources_with_treatments(records: Engine) -> list[str]:
    """The sources whose treatments can be followed up, by name."""
    with records.connect() as connection:
        return sorted(connection.scalars(select(TREATMENT.c.source).distinct()))


def treatments_by_day(records: Engine, source: str) -> dict[tuple[str, date], set[str]]:
    """The ids of a source's treatments by the client's pseudonym and the day."""
    t = TREATMENT
    statement = select(CLIENT.c.key, t.c.date, t.c.source_id).join(CLIENT, CLIENT.c.id == t.c.client_id)
    found: dict[tuple[str, date], set[str]] = {}
    with records.connect() as connection:
        for key, day, source_id in connection.execute(statement.where(t.c.source == source)):
            found.setdefault((key, day), set()).add(source_id)
    return found


def find_client(records: Engine, key: str) -> int | None:
    """The number of the client with this pseudonym; None where there is none."""
    with records.connect() as connection:
        return connection.scalar(select(CLIENT.c.id).where(CLIENT.c.key == key))


def source_refs(records: Engine, kind: str, numbers: Sequence[int]) -> dict[int, SourceRef]:
    """What the sources call these treatments, follow_ups or side_effects, by their number."""
    table = TABLES[kind]
    statement = select(table.c.id, table.c.source, table.c.source_id).where(table.c.id.in_(numbers))
    with records.connect() as connection:
        return {number: SourceRef(source, source_id) for number, source, source_id in connection.execute(statement)}


def follow_ups_of(records: Engine, treatments: Sequence[int]) -> list[FollowUpRow]:
    """The follow-ups of these treatments, the latest first."""
    f = FOLLOW_UP
    columns = (f.c.id, f.c.source, f.c.source_id, f.c.treatment_id, f.c.date, f.c.method, f.c.outcome, f.c.asked)
    statement = select(*columns).where(f.c.treatment_id.in_(treatments)).order_by(f.c.date.desc(), f.c.id.desc())
    with records.connect() as connection:
        rows = connection.execute(statement)
        return [FollowUpRow(number, SourceRef(source, name), *told) for number, source, name, *told in rows]


def treatment_of_follow_up(records: Engine, number: int) -> int | None:
    """The number of the treatment that a follow-up is about."""
    with records.connect() as connection:
        return connection.scalar(select(FOLLOW_UP.c.treatment_id).where(FOLLOW_UP.c.id == number))


def effects_of_treatment(connection: Connection, source: str, treatment: str) -> list[str]:
    """The ids of the side effects whose rows name this treatment."""
    s, t = SIDE_EFFECT, TREATMENT
    named = select(s.c.source_id).join(t, t.c.id == s.c.treatment_id)
    return list(connection.scalars(named.where(t.c.source == source, t.c.source_id == treatment)))


def completed_follow_ups_on(
    connection: Connection, source: str, treatment: str, day: date, scale: str | None
) -> set[str]:
    """The ids of the completed follow-ups of a treatment on one day, with a score on this scale or without one."""
    f, t = FOLLOW_UP, TREATMENT
    named = select(f.c.source_id).join(t, t.c.id == f.c.treatment_id)
    same = (f.c.outcome == "done", f.c.date == day, f.c.scale.is_not_distinct_from(scale))
    return set(connection.scalars(named.where(t.c.source == source, t.c.source_id == treatment, *same)))


def treatment_dates_of(connection: Connection, source: str, treatments: Collection[str]) -> dict[str, date]:
    """The day of each of these treatments that is on record."""
    t = TREATMENT
    return dict(
        connection.execute(
            select(t.c.source_id, t.c.date).where(t.c.source == source, t.c.source_id.in_(treatments))
        ).all()
    )
