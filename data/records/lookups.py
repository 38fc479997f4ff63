"""Sources and their own ids behind the numbers of our tables, for forms that add to stored records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, select

from data.records.kinds import CLIENT, FOLLOW_UP, SIDE_EFFECT, TABLES, TREATMENT


@dataclass(frozen=True)
class SourceRef:
    """A record by its source and the source's own id."""

    source: str
    source_id: str


def find_client(records: Engine, key: str) -> int | None:
    """The number of the client with this pseudonym."""
    with records.connect() as connection:
        return connection.scalar(select(CLIENT.c.id).where(CLIENT.c.key == key))


def client_pseudonym(records: Engine, number: int) -> str | None:
    """The pseudonym of the client with this number."""
    with records.connect() as connection:
        return connection.scalar(select(CLIENT.c.key).where(CLIENT.c.id == number))


def serious_reasons_of(records: Engine, side_effect: int) -> tuple[str, ...]:
    """The codes of the serious reasons of a side effect; it is serious if and only if there is one."""
    with records.connect() as connection:
        reasons = connection.scalar(select(SIDE_EFFECT.c.serious).where(SIDE_EFFECT.c.id == side_effect))
    return tuple(reasons.split(";")) if reasons else ()


def source_refs(records: Engine, kind: str, numbers: Sequence[int]) -> dict[int, SourceRef]:
    """The source's ids of these treatments, follow-ups or side effects, by number."""
    table = TABLES[kind]
    statement = select(table.c.id, table.c.source, table.c.source_id).where(table.c.id.in_(numbers))
    with records.connect() as connection:
        return {number: SourceRef(source, source_id) for number, source, source_id in connection.execute(statement)}


def follow_ups_of(records: Engine, treatment: int) -> Sequence[Any]:
    """The `number`, `date`, `outcome` and `asked` of each follow-up of this treatment, latest first."""
    f = FOLLOW_UP
    statement = select(f.c.id.label("number"), f.c.date, f.c.outcome, f.c.asked).where(f.c.treatment_id == treatment)
    with records.connect() as connection:
        return connection.execute(statement.order_by(f.c.date.desc(), f.c.id.desc())).all()


def treatment_of_follow_up(records: Engine, number: int) -> int | None:
    """The number of the treatment that a follow-up is about."""
    with records.connect() as connection:
        return connection.scalar(select(FOLLOW_UP.c.treatment_id).where(FOLLOW_UP.c.id == number))


def effects_of_treatment(connection: Connection, source: str, treatment: str) -> list[str]:
    """The ids of the side effects that name this treatment."""
    s, t = SIDE_EFFECT, TREATMENT
    statement = select(s.c.source_id).join(t, t.c.id == s.c.treatment_id)
    return list(connection.scalars(statement.where(t.c.source == source, t.c.source_id == treatment)))


def completed_follow_ups_on(
    connection: Connection, source: str, treatment: str, day: date, scale: str | None
) -> set[str]:
    """The ids of the completed follow-ups of a treatment on a day, with a score on this scale, or without a score."""
    f, t = FOLLOW_UP, TREATMENT
    statement = select(f.c.source_id).join(t, t.c.id == f.c.treatment_id)
    statement = statement.where(t.c.source == source, t.c.source_id == treatment)
    matches = (f.c.outcome == "done", f.c.date == day, f.c.scale.is_not_distinct_from(scale))
    return set(connection.scalars(statement.where(*matches)))


def treatment_dates_of(connection: Connection, source: str, treatments: Collection[str]) -> dict[str, date]:
    """The day of each of these treatments that is on record."""
    t = TREATMENT
    statement = select(t.c.source_id, t.c.date).where(t.c.source == source, t.c.source_id.in_(treatments))
    return dict(connection.execute(statement).all())
