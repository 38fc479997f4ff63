"""What is on record about the measures: their stated baselines and signals, and days on which something changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, delete, insert, select

from data.database.engine import write_transaction
from models.records import Baseline, ChangeMarker, Signal


@dataclass(frozen=True)
class StatedBaseline:
    """The baseline of a measure: a dated period, or a target rate (0-1). `set_on`: the day on which it was stated."""

    measure: str
    from_date: date | None
    to_date: date | None
    target: float | None
    set_on: date


@dataclass(frozen=True)
class Marker:
    date: date
    what: str


@dataclass(frozen=True)
class RecordedSignal:
    """A measure that rose above its baseline: the treatment that raised it, the day on which its outcome was known, and
    the day on which a page first showed it."""

    measure: str
    treated_on: date
    known_on: date
    seen_on: date


def markers(engine: Engine) -> tuple[Marker, ...]:
    """Every change marker, in order of date."""
    rows = select(ChangeMarker.date, ChangeMarker.what).order_by(ChangeMarker.date, ChangeMarker.id)
    with engine.connect() as connection:
        return tuple(Marker(*row) for row in connection.execute(rows))


def baselines(engine: Engine) -> tuple[StatedBaseline, ...]:
    """Of each measure that has one, the baseline last stated."""
    b = Baseline
    rows = select(b.measure, b.from_date, b.to_date, b.target, b.set_on).order_by(b.id)
    with engine.connect() as connection:
        return tuple({row.measure: StatedBaseline(*row) for row in connection.execute(rows)}.values())


def signals(engine: Engine) -> tuple[RecordedSignal, ...]:
    """The first signal of each measure since its baseline was stated."""
    s = Signal
    rows = select(s.measure, s.treated_on, s.known_on, s.seen_on).order_by(s.id)
    with engine.connect() as connection:
        return tuple(RecordedSignal(*row) for row in connection.execute(rows))


def record_signals(engine: Engine, found: Sequence[RecordedSignal]) -> None:
    """Keep signals that are not on record yet: pages of several visitors may find the same one."""
    with write_transaction(engine) as connection:
        known = set(connection.scalars(select(Signal.measure)))
        if new := [vars(signal) for signal in found if signal.measure not in known]:
            connection.execute(insert(Signal), new)


def add_marker(engine: Engine, when: date, what: str) -> None:
    """Notes that something changed. Raises ValueError on an empty note."""
    if not what.strip():
        raise ValueError("Say in a few words what changed.")
    with write_transaction(engine) as connection:
        connection.execute(insert(ChangeMarker).values(date=when, what=what.strip()))


def remove_marker(engine: Engine, marker: Marker) -> None:
    """Takes a change marker back, also where the same was noted twice."""
    with write_transaction(engine) as connection:
        same = (ChangeMarker.date == marker.date, ChangeMarker.what == marker.what)
        connection.execute(delete(ChangeMarker).where(*same))


def set_baseline(engine: Engine, baseline: StatedBaseline) -> None:
    """Sets the baseline of a measure. What was stated before stays on record; the latest counts.
    Its signal ends.

    Raises ValueError unless it is a period that ends after it begins, or a target above 0 and below 1.
    """
    if baseline.target is None and not (
        baseline.from_date and baseline.to_date and baseline.from_date < baseline.to_date
    ):
        raise ValueError("A baseline is a period that ends after it begins, or a target.")
    if baseline.target is not None and not 0 < baseline.target < 1:
        raise ValueError("A target must be above 0% and below 100%.")
    with write_transaction(engine) as connection:
        connection.execute(insert(Baseline).values(**vars(baseline)))
        connection.execute(delete(Signal).where(Signal.measure == baseline.measure))
