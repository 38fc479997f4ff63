"""A clinic whose own words are all of tests/fixtures/payloads.txt: links, pictures, HTML, formulas, Streamlit's own."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select, update

from data.database.engine import write_transaction
from data.sample.generator import make_sample
from models import records

PAYLOADS = (Path(__file__).parent / "fixtures" / "payloads.txt").read_text(encoding="utf-8").splitlines()
EVERYTHING = "\n".join(PAYLOADS)
WORD = "evil"  # stands in each of them and in nothing of ours
NAMES = (  # a clinic's own words: what is called by them, in which column
    (records.Site, "code"),
    (records.Practitioner, "code"),
    (records.Lot, "number"),
    (records.ImportBatch, "source"),
    (records.ImportBatch, "files"),
)
OF_ALL = ((records.Treatment, "source"), (records.FollowUp, "source"), (records.SideEffect, "source"))
TREATMENTS = 1_500


def make_clinic(engine: Engine) -> None:
    """The made-up clinic with payloads for names, one side effect, one area and one product among them."""
    make_sample(engine, TREATMENTS, seed=1, today=date.today())
    with write_transaction(engine) as connection:
        for table, column in NAMES:
            for (id_,) in connection.execute(select(table.id)).all():
                called = {column: f"{column} {id_} {EVERYTHING}"}
                connection.execute(update(table).where(table.id == id_).values(called))
        for table, column in OF_ALL:
            connection.execute(update(table).values({column: f"source 1 {EVERYTHING}"}))
        own = f"own word {EVERYTHING}"
        connection.execute(update(records.SideEffect).where(records.SideEffect.term == "bruising").values(term=own))
        connection.execute(update(records.SideEffect).values(as_given=own))
        connection.execute(update(records.Injection).where(records.Injection.area == "forehead").values(area=own))
        connection.execute(update(records.Product).where(records.Product.id == 1).values(code=own))
