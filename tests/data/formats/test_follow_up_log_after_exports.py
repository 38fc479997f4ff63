"""The follow-up log after exports of practice software: joined by invoice, or by the client as the export names it."""

from pathlib import Path

from tests.data.exports import FOLDER, proposed, remembered
from tests.data.factories import everything, imported, refusal, written

COST_OF_GOODS = FOLDER / "zenoti_cost_of_goods.csv"
APPOINTMENTS = FOLDER / "zenoti_appointments.csv"
HEADINGS = "client | treated_on | treatment_or_invoice | contact_date | method | asked | found | state"


def log(folder: Path, *lines: str) -> list[Path]:
    return written(folder, log="\n".join([HEADINGS, *lines]))


def contacts(engine):
    return {c.treatment: (str(c.date), c.outcome) for c in everything(engine)["zenoti"].follow_ups.values()}


def test_by_invoice_and_by_the_name_that_the_export_has_for_a_client(sqlite_engine, tmp_path):
    remembered("zenoti goods", proposed(COST_OF_GOODS), units="yes", unplaced="no")
    imported(sqlite_engine, [COST_OF_GOODS])
    lines = [
        " | | HIL1001 | 2025-03-28 | phone | checklist | nothing to report | ",
        "Ada Example | 2025-03-16 | | 2025-03-30 | phone | open question | Headache | gone",
        "Bea Sample | 2025-03-15 | | 2025-03-29 | phone | not reached | | ",
    ]
    summary = imported(sqlite_engine, log(tmp_path, *lines))
    assert (summary.source, summary.rows_stored) == ("zenoti", 3)
    assert contacts(sqlite_engine) == {
        "HIL1001": ("2025-03-28", "done"),
        "LAK0302": ("2025-03-30", "done"),
        "HIL1002": ("2025-03-29", "not_reached"),
    }
    assert "Ada Example" not in str(everything(sqlite_engine))
    again = imported(sqlite_engine, [COST_OF_GOODS])
    assert again.batch is None
    assert len(contacts(sqlite_engine)) == 3


def test_by_the_number_of_the_client_and_the_day(sqlite_engine, tmp_path):
    remembered("zenoti", proposed(APPOINTMENTS), service_product="botox_cosmetic", unplaced="yes")
    imported(sqlite_engine, [APPOINTMENTS])
    line = "G-105 | 2025-04-01 | | 2025-04-15 | phone | checklist | nothing to report | "
    imported(sqlite_engine, log(tmp_path, line))
    assert contacts(sqlite_engine) == {"HIL2002": ("2025-04-15", "done")}
    line = "G-106 | 2025-04-15 | | 2025-04-29 | phone | checklist | nothing to report | "
    (told,) = refusal(sqlite_engine, log(tmp_path, line))
    assert "is not a day on which this client was treated" in told  # a no-show; the visit was two days later
    assert told.endswith("Expected: a day of this client's treatments, such as 2025-04-17.")
