"""Random records of a small clinic whose exports overlap: few numbers, so that imports meet the same ones again."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sqlalchemy import Engine, select

from data.files import Table
from data.importing.pipeline import prepare_records, store_import
from data.problems import ImportRefusedError
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
from data.records.repository import load_snapshot
from data.schema.provenance import RowRef, TableRef
from models.records import Record

ROWS = tuple((str(n),) for n in range(200))
FILE = TableRef(Table("random.csv", None, ("line",), ROWS, tuple(range(2, 202)), ()))

BEGAN = date(2025, 3, 1)
STAYS = {"import_batch", "revision", "change", "alembic_version"}  # what happened stays on record


def random_files(chance: Random, known: dict[str, str]) -> ImportData:
    """Some visits, contacts and side effects, each told now like this and now like that.

    `known`: the visits on record that contacts and side effects can be about, and the client of each.
    """
    lines = iter(range(200))

    def place():
        return RowRef(FILE, next(lines))

    def day(least=0):
        return BEGAN + timedelta(days=chance.randrange(least, least + 5))

    products = [
        ProductRecord(code=code, label=code.upper() * chance.randint(1, 2), unit="U", active=True, dictionary="own")
        for code in ("pa", "pb")
    ]
    treatments = [
        TreatmentRecord(
            source_id=f"V{n}",
            client=f"c{chance.choice((n, n, n, 0))}",
            site=chance.choice("ns"),
            practitioner=chance.choice((None, "AB", "CD")),
            date=day(),
            touch_up_of=chance.choice((None, None, "V0")) if n and "V0" in known else None,
            injections=tuple(
                InjectionRecord(
                    area=area,
                    product="pa",
                    lot=chance.choice((None, "L1", "L2")),
                    units=chance.choice((5.0, 10)),
                    row_ref=place(),
                )
                for area in chance.sample(["forehead", "glabella", "masseter"], chance.randint(1, 2))
            ),
            row_ref=place(),
        )
        for n in sorted(chance.sample(range(5), chance.randrange(4)))
    ]
    of = known | {treatment.source_id: treatment.client for treatment in treatments}
    told_of = sorted(int(number[1:]) for number in of)

    def some() -> list[int]:
        return chance.sample(told_of, min(len(told_of), chance.randrange(3)))

    contacts = [
        FollowUpRecord(
            source_id=f"F{n}",
            treatment=f"V{n}",
            date=day(5),
            outcome="done",
            not_asked=chance.choice(((), ("own term",))),
            row_refs=(place(),),
        )
        for n in some()
    ]
    effects = [
        SideEffectRecord(
            source_id=f"S{n}",
            client=of.get(f"V{n}"),
            treatment=f"V{n}",
            side=chance.choice((None, "left", "right")),
            term=chance.choice(("headache", "own term")),
            as_given=chance.choice((None, "sore")),
            serious=chance.choice(((), ("hospital",))),
            statuses=tuple(
                StatusRecord(source_id="", date=day(5), state=chance.choice(("present", "gone")), row_ref=place())
                for _ in range(chance.randrange(2))
            ),
            remedies=tuple(
                RemedyRecord(remedy="ice", kind="advised", from_date=chance.choice((None, day(5))), row_ref=place())
                for _ in range(chance.randrange(2))
            ),
            row_refs=(place(),),
        )
        for n in some()
    ]
    lots = {(i.product, i.lot) for t in treatments for i in t.injections if i.lot}
    clients = sorted({treatment.client for treatment in treatments})
    return ImportData(
        source="clinic",
        format="random",
        attribution_days=120,
        rows_read=next(lines),
        clients=tuple(
            ClientRecord(key=key, year_of_birth=chance.choice((None, 1980, 1981)), row_ref=treatments[0].row_ref)
            for key in clients
        ),
        products=tuple(products) if treatments or chance.random() < 0.2 else (),
        lots=tuple(
            LotRecord(
                product=product,
                number=number,
                expiry=chance.choice((None, date(2026, 1, 31))),
                row_ref=treatments[0].row_ref,
            )
            for product, number in sorted(lots)
        ),
        treatments=tuple(treatments),
        follow_ups=tuple(contacts),
        side_effects=tuple(effects),
        terms=(TermRecord(code="own term", label=chance.choice(("Own", "Own term")), dictionary="own"),),
    )


def random_correction(engine: Engine, chance: Random) -> ImportData | None:
    """A side effect on record whose notes a person puts right: moved, taken out, added. None where there is none."""
    with engine.connect() as connection:
        stored = load_snapshot(connection, "clinic")
    if not stored.side_effects:
        return None
    effect = stored.side_effects[chance.choice(sorted(stored.side_effects))]
    kept = [note for note in effect.statuses if chance.random() < 0.5]
    days = chance.sample(range(5, 12), chance.randrange(3))
    told = [*kept, *(StatusRecord(source_id="n", date=BEGAN + timedelta(days=day), state="present") for day in days)]
    notes = sorted(
        {(n.date, n.source_id): replace(n, row_ref=RowRef(FILE, 1)) for n in told}.values(), key=StatusRecord.sort_key
    )
    remedies = tuple(replace(remedy, row_ref=RowRef(FILE, 1)) for remedy in effect.remedies)
    now = replace(effect, statuses=tuple(notes), remedies=remedies, row_refs=(RowRef(FILE, 1),))
    return ImportData(
        source="clinic",
        format="random",
        attribution_days=120,
        rows_read=1,
        side_effects=(now,),
        expected_versions=(effect,),
        why="it was wrong",
    )


def random_incoming(engine: Engine, chance: Random) -> ImportData:
    """What files tell, or now and then a correction, about what is on record and more."""
    with engine.connect() as connection:
        known = {visit.source_id: visit.client for visit in load_snapshot(connection, "clinic").treatments.values()}
    return (random_correction(engine, chance) if chance.random() < 0.25 else None) or random_files(chance, known)


def random_import(engine: Engine, chance: Random):
    """Its summary; None where the records did not fit those on record."""
    try:
        return store_import(engine, prepare_records(engine, random_incoming(engine, chance), ("random.csv",)))
    except ImportRefusedError:
        return None


def told(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table of records, the database's own ids replaced by what they stand for."""
    with engine.connect() as connection:
        rows = {
            table.name: {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}
            for table in Record.metadata.sorted_tables
        }

    def said(table, row, deep=True):
        if not deep and "source_id" in row and "source" in row:
            return f"{row['source']}/{row['source_id']}"
        words = []
        for column in table.columns:
            if column.name == "revision":  # when it was written, and not what it says
                continue
            value = row[column.name]
            for key in column.foreign_keys if value is not None else ():
                if (other := key.column.table).name != "import_batch":
                    value = said(other, rows[other.name][value], deep=False)
            words += [f"{column.name}={value}"] if column.name != "id" else []
        return " ".join(words)

    tables = {table.name: table for table in Record.metadata.sorted_tables if table.name not in STAYS}
    return {name: sorted(said(table, row) for row in rows[name].values()) for name, table in tables.items()}
