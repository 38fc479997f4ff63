"""Files that are refused: each thing that can be wrong, its place, and what was expected."""

import pytest

from models import codelist
from tests.data.factories import counts, refusal, written
from tests.data.factories import imported as import_

GOOD = """
    treatment_id | date       | site | client | area     | product        | units
    V1           | 2025-03-03 | main | 4711   | glabella | botox_cosmetic | 20
    V2           | 2025-03-04 | main | 4712   | masseter | dysport        | 90
"""
FOLLOW_UPS = """
    treatment_id | date       | outcome
    V1           | 2025-03-17 | done
"""
EFFECTS = """
    effect_id | treatment_id | side_effect   | onset      | status_date | state   | last_day   | grade
    S1        | V1           | eyelid_ptosis | 2025-03-10 | 2025-03-17  | present |            | mild
    S1        | V1           |               |            | 2025-04-14  | gone    | 2025-04-02 |
"""

# what is wrong: sheet, text that stands there, text put in its place, the problem
CASES = {
    "an unknown area": (
        "treatments", "glabella", "glabela",
        'treatments.csv, row 2, column area: "glabela" is not a code of areas.csv; did you mean "glabella"? '
        "Expected: a code such as forehead, glabella, lateral_canthal; {areas} are listed.",
    ),
    "a misspelled area": (
        "treatments", "masseter", "massetter",
        'treatments.csv, row 3, column area: "massetter" is not a code of areas.csv; did you mean "masseter"? '
        "Expected: a code such as forehead, glabella, lateral_canthal; {areas} are listed.",
    ),
    "an unknown product": (
        "treatments", "dysport", "dyspport",
        'treatments.csv, row 3, column product: "dyspport" is not a code of products.csv; did you mean "dysport"? '
        "Expected: a code such as botox_cosmetic, botox, dysport; {products} are listed.",
    ),
    "an unknown side effect": (
        "side_effects", "eyelid_ptosis", "droopy eyelit",
        'side_effects.csv, row 2, column side_effect: "droopy eyelit" is not a code of side_effects.csv; did you mean '
        '"eyelid_ptosis"? Expected: a code such as eyelid_ptosis, brow_ptosis, facial_asymmetry; {side_effects} are '
        "listed.",
    ),
    "an unknown outcome": (
        "follow_ups", "done", "unreacheable",
        'follow_ups.csv, row 2, column outcome: "unreacheable" is not a code of outcomes.csv; did you mean '
        '"not_reached"? '
        "Expected: a code such as done, not_reached, declined; 4 are listed.",
    ),
    "an unknown state": (
        "side_effects", "| present |", "| presnt |",
        'side_effects.csv, row 2, column state: "presnt" is not one of the words; did you mean "present"? '
        "Expected: present, gone, unknown.",
    ),
    "a missing column": (
        "treatments", "| area  ", "| region",
        "treatments.csv, column area: the column is missing. Expected: the columns date, site, area, product.",
    ),
    "a misspelt column": (
        "treatments", "| product ", "| prodduct ",
        'treatments.csv, column product: the column is missing; did you mean "prodduct"? '
        "Expected: the columns date, site, area, product.",
    ),
    "an empty cell": (
        "treatments", "| masseter |", "| |",
        "treatments.csv, row 3, column area: the cell is empty. Expected: where it was injected.",
    ),
    "no client": (
        "treatments", "4712", "",
        "treatments.csv, row 3, column client: the cell is empty. Expected: the client's number.",
    ),
    "a date that may be two": (
        "treatments", "2025-03-04", "03/04/2025",
        'treatments.csv, row 3, column date: "03/04/2025" may be day/month or month/day: no cell of the column proves '
        "which. Expected: a date as year-month-day, such as 2025-03-31.",
    ),
    "a date that does not exist": (
        "treatments", "2025-03-04", "2025-02-30",
        'treatments.csv, row 3, column date: "2025-02-30" is not a date: February 2025 has 28 days. '
        "Expected: a date as year-month-day, such as 2025-03-31.",
    ),
    "a date in words": (
        "treatments", "2025-03-04", "last Tuesday",
        'treatments.csv, row 3, column date: "last Tuesday" is not a date. '
        "Expected: a date as year-month-day, such as 2025-03-31.",
    ),
    "a month where a day is needed": (
        "treatments", "2025-03-04", "2025-03",
        'treatments.csv, row 3, column date: "2025-03" is not one day. '
        "Expected: a date as year-month-day, such as 2025-03-31.",
    ),
    "a treatment in the future": (
        "treatments", "2025-03-04", "2026-03-04",
        'treatments.csv, row 3, column date: "2026-03-04" is in the future. Expected: a day up to 2026-01-01.',
    ),
    "a dose below zero": (
        "treatments", "| 90", "| -90",
        'treatments.csv, row 3, column units: "-90" is below zero. Expected: units of 0 or more.',
    ),
    "no dose of an active product": (
        "treatments", "| 90", "| 0",
        'treatments.csv, row 3, column units: "0" is not a dose of dysport. '
        "Expected: more than 0 units; 0 is for a placebo.",
    ),
    "a dose in words": (
        "treatments", "| 90", "| ninety",
        'treatments.csv, row 3, column units: "ninety" is not a number. Expected: a number such as 1000 or 12.5.',
    ),
    "a dose with its unit": (
        "treatments", "| 90", "| 90 u",
        'treatments.csv, row 3, column units: "90 u" is a number followed by \'u\'; write the number alone. '
        "Expected: a number such as 1000 or 12.5.",
    ),
    "a dose that may be two": (
        "treatments", "| 90", "| 1.000",
        'treatments.csv, row 3, column units: "1.000" may be decimals or thousands: no cell of the column proves '
        "which. Expected: a number such as 1000 or 12.5.",
    ),
    "a line that is there twice": (
        "treatments", "V2           | 2025-03-04 | main | 4712   | masseter | dysport        | 90",
        "V1           | 2025-03-03 | main | 4711   | glabella | botox_cosmetic | 20",
        "treatments.csv, row 3: the row is the same as row 2. Expected: each row once.",
    ),
    "one visit on two days": (
        "treatments", "V2 ", "V1 ",
        'treatments.csv, row 3, column date: "2025-03-04" differs from treatments.csv, row 2. '
        "Expected: the same in every row of V1.",
    ),
    "an onset before the treatment it names": (
        "side_effects", "2025-03-10", "2025-03-02",
        'side_effects.csv, row 2, column onset: "2025-03-02" is before the treatment it names, of 2025-03-03. '
        "Expected: a day on or after the treatment.",
    ),
    "an end before the onset": (
        "side_effects", "2025-04-02", "2025-03-09",
        'side_effects.csv, row 3, column last_day: "2025-03-09" is before the onset, 2025-03-10. '
        "Expected: a day on or after the onset.",
    ),
    "gone on a day before the onset": (
        "side_effects", "2025-04-14  | gone    | 2025-04-02", "2025-03-09  | gone    |           ",
        'side_effects.csv, row 3, column status_date: "2025-03-09" is before the onset, 2025-03-10. '
        "Expected: a day on or after the onset.",
    ),
    "an end in the month of the onset, before the treatment it names": (
        "side_effects", EFFECTS.split("grade")[1],
        EFFECTS.split("grade")[1].replace("2025-03-10", "2025-03   ").replace("2025-04-02", "2025-03-02"),
        'side_effects.csv, row 3, column last_day: "2025-03-02" is before the treatment it names, of 2025-03-03. '
        "Expected: a day on or after the treatment.",
    ),
    "a side effect of no treatment": (
        "side_effects", "V1 ", "V9 ",
        'side_effects.csv, row 2, column treatment_id: "V9" is not the id of a treatment. '
        "Expected: a treatment in these files, or of this source on record.",
    ),
    "a follow-up of no treatment": (
        "follow_ups", "V1 ", "V9 ",
        'follow_ups.csv, row 2, column treatment_id: "V9" is not the id of a treatment. '
        "Expected: a treatment in these files, or of this source on record.",
    ),
    "a follow-up before its treatment": (
        "follow_ups", "2025-03-17", "2025-03-01",
        'follow_ups.csv, row 2, column date: "2025-03-01" is before the treatment of 2025-03-03. '
        "Expected: a day on or after the treatment.",
    ),
    "a side effect that is told two ways": (
        "side_effects", "V1           |               |", "V1           | headache |",
        'side_effects.csv, row 3, column side_effect: "headache" differs from side_effects.csv, row 2. '
        "Expected: the same in every row of S1.",
    ),
    "a note without its day": (
        "side_effects", "2025-04-14", "",
        "side_effects.csv, row 3, column status_date: the note is incomplete. "
        "Expected: status_date and state in every note.",
    ),
    "two notes on one day": (
        "side_effects", "2025-04-14", "2025-03-17",
        'side_effects.csv, row 3, column status_date: "2025-03-17" is the day of another note. '
        "Expected: one note a day, or a status_id for each.",
    ),
    "a grade that is no grade": (
        "side_effects", "mild", "3",
        "side_effects.csv, row 2, column grade_scale: a grade without its grade_scale. "
        "Expected: the grade_scale of the grade.",
    ),
}  # fmt: skip


def sheets(folder, **changed) -> list:
    return written(folder, **({"treatments": GOOD, "follow_ups": FOLLOW_UPS, "side_effects": EFFECTS} | changed))


def test_the_files_that_the_cases_spoil_are_good(sqlite_engine, tmp_path):
    assert import_(sqlite_engine, sheets(tmp_path)).rows_stored == 5


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_with_its_place_and_nothing_is_stored(case, sqlite_engine, tmp_path):
    sheet, there, instead, problem = CASES[case]
    text = {"treatments": GOOD, "follow_ups": FOLLOW_UPS, "side_effects": EFFECTS}[sheet]
    assert there in text
    lengths = {name: len(getattr(codelist, name)()) for name in ("areas", "products", "side_effects")}
    told = refusal(sqlite_engine, sheets(tmp_path, **{sheet: text.replace(there, instead)}))
    assert problem.format(**lengths) in told
    assert counts(sqlite_engine)["import_batch"] == 0


def test_every_problem_of_every_file_is_listed_in_the_order_of_the_rows(sqlite_engine, tmp_path):
    treatments = GOOD.replace("2025-03-03", "2025-02-31").replace("dysport", "dysprot").replace("| 90", "| -1")
    follow_ups = FOLLOW_UPS.replace("done", "dnoe")
    told = refusal(sqlite_engine, sheets(tmp_path, treatments=treatments, follow_ups=follow_ups))
    assert [line.split(":")[0] for line in told] == [
        "treatments.csv, row 2, column date",
        "treatments.csv, row 3, column product",
        "treatments.csv, row 3, column units",
        "follow_ups.csv, row 2, column outcome",
    ]


def test_what_refers_to_a_line_with_a_problem_is_not_called_an_orphan(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, sheets(tmp_path, treatments=GOOD.replace("2025-03-03", "yesterday")))
    assert len(told) == 1


def test_a_message_never_repeats_the_number_of_a_client(sqlite_engine, tmp_path):
    effects = EFFECTS.replace("treatment_id", "client      ").replace("V1 ", "PRIVATE-9 ")
    told = refusal(sqlite_engine, sheets(tmp_path, side_effects=effects))
    assert told == [
        "side_effects.csv, row 2, column client: the client has no treatment on record. "
        "Expected: a client with a treatment."
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "empty.csv: the file is empty"),
        ("header.csv", b"treatment_id,date,site,client,area,product\n", "header.csv: the table has no rows"),
        ("one.csv", b"date,site,client,area,product\n2025-03-03,main,1,jaw,dysport,x\n", "one.csv, row 2: has 6"),
        ("letter.pdf", b"%PDF-1.7 ...", "letter.pdf: this is a PDF document, not a table"),
        ("stock.csv", b"shelf,bottle\n1,2\n", "stock.csv: the columns shelf, bottle belong to no known format"),
    ],
)
def test_a_file_that_holds_no_records_is_refused(name, content, message, sqlite_engine, tmp_path):
    (tmp_path / name).write_bytes(content)
    told = refusal(sqlite_engine, [tmp_path / name])
    assert len(told) == 1
    assert told[0].startswith(message)
    assert "Expected: " in told[0]


def test_a_file_that_is_not_there_is_said_to_be_missing(sqlite_engine, tmp_path):
    assert "no such file" in refusal(sqlite_engine, [tmp_path / "june.csv"])[0]


def test_a_table_that_is_no_sheet_of_the_template_refuses_the_others_too(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, sheets(tmp_path, stock="shelf | bottle\n 1 | 2"))
    assert told[0].startswith("stock.csv: the columns shelf, bottle do not belong to a sheet of the template")
