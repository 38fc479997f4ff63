"""Random records of a small clinic whose exports overlap: few numbers, so that imports meet the same ones again."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sqlalchemy import Engine, select

from data.files import Table
from data.importing.pipeline import store_records
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
from data.records.repository import load_all
from data.schema.provenance import TableRef
from models.records import Record

ROWS = tuple((str(n),) for n in range(200))
FILE = TableRef(Table("random.csv", None, ("line",), ROWS, tuple(range(2, 202)), ()))
_place = FILE.row_ref

BEGAN = date(2025, 3, 1)
STAYS = {"import_batch", "revision", "change", "alembic_version"}  # what happened stays on record


def random_files(chance: Random, known: dict[str, str]) -> ImportData:
    """Some visits, contacts and side effects, each told now like this and now like that.

    `known`: the visits on record that contacts and side effects can be about, and the client of each.
    """
    lines = iter(range(200))

    def place():
        return _place(next(lines))

    def day(least=0):
        return BEGAN + timedelta(days=chance.randrange(least, least + 5))

    products = [ProductRecord(code, code.upper() * chance.randint(1, 2), "U", True, "own") for code in ("pa", "pb")]
    treatments = [
        TreatmentRecord(
            f"V{n}", f"c{chance.choice((n, n, n, 0))}", chance.choice("ns"), chance.choice((None, "AB", "CD")), day(),
            chance.choice((None, None, "V0")) if n and "V0" in known else None,
            tuple(
                InjectionRecord(
                    area, None, "pa", chance.choice((None, "L1", "L2")), chance.choice((5.0, 10)), None, place()
                )
                for area in chance.sample(["forehead", "glabella", "masseter"], chance.randint(1, 2))
            ),
            place(),
        )
        for n in sorted(chance.sample(range(5), chance.randrange(4)))
    ]  # fmt: skip
    of = known | {treatment.source_id: treatment.client for treatment in treatments}
    told_of = sorted(int(number[1:]) for number in of)

    def some() -> list[int]:
        return chance.sample(told_of, min(len(told_of), chance.randrange(3)))

    contacts = [
        FollowUpRecord(
            f"F{n}", f"V{n}", day(5), None, "done", None, None, None, chance.choice(((), ("own term",))), (place(),)
        )
        for n in some()
    ]
    effects = [
        SideEffectRecord(
            f"S{n}", of.get(f"V{n}"), f"V{n}", None, chance.choice((None, "left", "right")),
            chance.choice(("headache", "own term")), chance.choice((None, "sore")), None, None, None,
            chance.choice(((), ("hospital",))),
            tuple(
                StatusRecord("", day(5), chance.choice(("present", "gone")), None, None, None, place())
                for _ in range(chance.randrange(2))
            ),
            tuple(
                RemedyRecord("ice", "advised", chance.choice((None, day(5))), place())
                for _ in range(chance.randrange(2))
            ),
            (place(),),
        )
        for n in some()
    ]  # fmt: skip
    lots = {(i.product, i.lot) for t in treatments for i in t.injections if i.lot}
    clients = sorted({treatment.client for treatment in treatments})
    return ImportData(
        "clinic", "random", 120, next(lines),
        tuple(ClientRecord(key, chance.choice((None, 1980, 1981)), None, treatments[0].row_ref) for key in clients),
        tuple(products) if treatments or chance.random() < 0.2 else (),
        tuple(LotRecord(*lot, chance.choice((None, date(2026, 1, 31))), treatments[0].row_ref) for lot in sorted(lots)),
        tuple(treatments), tuple(contacts), tuple(effects),
        (TermRecord("own term", chance.choice(("Own", "Own term")), None, "own"),),
    )  # fmt: skip


def random_correction(engine: Engine, chance: Random) -> ImportData | None:
    """A side effect on record whose notes a person puts right: moved, taken out, added. None where there is none."""
    with engine.connect() as connection:
        stored = load_all(connection, "clinic")
    if not stored.side_effects:
        return None
    effect = stored.side_effects[chance.choice(sorted(stored.side_effects))]
    kept = [note for note in effect.statuses if chance.random() < 0.5]
    days = chance.sample(range(5, 12), chance.randrange(3))
    told = [*kept, *(StatusRecord("n", BEGAN + timedelta(days=day), "present", None, None, None) for day in days)]
    notes = sorted(
        {(n.date, n.source_id): replace(n, row_ref=_place(1)) for n in told}.values(), key=StatusRecord.sort_key
    )
    remedies = tuple(replace(remedy, row_ref=_place(1)) for remedy in effect.remedies)
    now = replace(effect, statuses=tuple(notes), remedies=remedies, row_refs=(_place(1),))
    return ImportData("clinic", "random", 120, 1, side_effects=(now,), expected_versions=(effect,), why="it was wrong")


def random_incoming(engine: Engine, chance: Random) -> ImportData:
    """What files tell, or now and then a correction, about what is on record and more."""
    with engine.connect() as connection:
        known = {visit.source_id: visit.client for visit in load_all(connection, "clinic").treatments.values()}
    return (random_correction(engine, chance) if chance.random() < 0.25 else None) or random_files(chance, known)


def random_import(engine: Engine, chance: Random):
    """Its summary; None where the records did not fit those on record."""
    try:
        return store_records(engine, random_incoming(engine, chance), ("random.csv",))
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
            value = row[column.name]
            for key in column.foreign_keys if value is not None else ():
                if (other := key.column.table).name != "import_batch":
                    value = said(other, rows[other.name][value], deep=False)
            words += [f"{column.name}={value}"] if column.name != "id" else []
        return " ".join(words)

    tables = {table.name: table for table in Record.metadata.sorted_tables if table.name not in STAYS}
    return {name: sorted(said(table, row) for row in rows[name].values()) for name, table in tables.items()}
