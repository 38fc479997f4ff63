"""Good lines are stored and the others given back, with all that stands or falls with them; mended, they come in."""

import csv
import io
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from data.database.engine import open_database, revision
from data.importing.pipeline import ImportSummary, import_files
from data.problems import ImportRefusedError
from tests.data.exports import FOLDER, proposed, remembered
from tests.data.factories import EXAMPLES, counts, everything, imported, written
from tests.data.random_records import told
from tests.laws import examples

VISITS = """
    treatment_id | date       | site | client | area     | product | units
    V1           | 2025-03-03 | main | 1      | glabella | botox   | 20
    V1           | 2025-03-03 | main | 1      | forhead  | botox   | 10
    V2           | 2025-03-04 | main | 2      | glabella | botox   | 20
"""
CONTACTS = """
    treatment_id | date       | outcome
    V1           | 2025-03-17 | done
    V2           | 2025-03-18 | done
"""
EFFECTS = """
    effect_id | treatment_id | side_effect | status_date | state   | words
    S1        | V2           | headache    | 2025-03-10  | present | ring +44 7700 900123
    S1        | V2           | headache    | 2025-03-40  | gone    |
    S2        | V1           | headache    | 2025-03-10  | present |
    S3        | V2           | bruising    | 2025-03-10  | present |
"""
REMEDIES = """
    effect_id | remedy
    S1        | massage
    S3        | massage
"""


def good(engine, files, **how) -> ImportSummary:
    return imported(engine, files, keep_refused=True, **how)


def lines(summary: ImportSummary) -> dict[str, list[dict[str, str]]]:
    """The refused lines of each file."""
    return {file.name: list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))) for file in summary.refused}


def mended(summary: ImportSummary, folder: Path, **mends: str) -> list[Path]:
    """The files of refused lines, sent again with these texts in place of others."""
    folder.mkdir(exist_ok=True)
    for file in summary.refused:
        text = file.content.decode("utf-8-sig")
        for wrong, right in mends.items():
            text = text.replace(wrong, right)
        (folder / file.name).write_text(text, encoding="utf-8")
    return [folder]


def test_the_areas_of_a_visit_stand_or_fall_together_and_its_followers_with_it(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=VISITS, follow_ups=CONTACTS, side_effects=EFFECTS, remedies=REMEDIES)
    summary = good(sqlite_engine, files)
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged, summary.rows_refused) == (11, 3, 0, 8)
    stored = everything(sqlite_engine)["clinic"]
    assert (stored.treatments.keys(), stored.side_effects.keys()) == ({"V2"}, {"S3"})
    refused = lines(summary)
    assert [row["area"] for row in refused["refused-treatments.csv"]] == ["glabella", "forhead"]
    assert [row["treatment_id"] for row in refused["refused-follow_ups.csv"]] == ["V1", "V2"]
    assert [row["effect_id"] for row in refused["refused-side_effects.csv"]] == ["S1", "S1", "S2"]
    assert [row["effect_id"] for row in refused["refused-remedies.csv"]] == ["S1"]


def test_each_refused_line_says_what_is_wrong_or_what_it_goes_with(sqlite_engine, tmp_path):
    summary = good(sqlite_engine, written(tmp_path, treatments=VISITS, follow_ups=CONTACTS))
    first, second = lines(summary)["refused-treatments.csv"]
    assert first["What is wrong"] == "goes with row 3"
    assert second["What is wrong"].startswith(
        'column area: "forhead" is not a code of areas.csv; did you mean "forehead"?'
    )
    (contact,) = lines(summary)["refused-follow_ups.csv"]
    assert contact["What is wrong"] == "goes with row 3 of treatments.csv"


def test_mended_lines_are_sent_again_as_they_are_and_change_nothing_else(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=VISITS, follow_ups=CONTACTS, side_effects=EFFECTS, remedies=REMEDIES)
    summary = good(sqlite_engine, files)
    before = told(sqlite_engine)
    again = imported(sqlite_engine, mended(summary, tmp_path / "again", forhead="forehead", **{"03-40": "03-30"}))
    assert (again.rows_read, again.rows_stored, again.rows_changed, again.rows_unchanged) == (8, 8, 0, 0)
    assert not [row for name, rows in before.items() for row in rows if row not in told(sqlite_engine)[name]]
    assert not again.notices


def test_lines_sent_again_unmended_are_refused_again_and_stored_by_nobody(sqlite_engine, tmp_path):
    summary = good(sqlite_engine, written(tmp_path, treatments=VISITS, follow_ups=CONTACTS))
    before = counts(sqlite_engine), revision(sqlite_engine)
    again = good(sqlite_engine, mended(summary, tmp_path / "again"))
    assert (again.rows_read, again.rows_refused, again.batch) == (3, 3, None)
    assert (counts(sqlite_engine), revision(sqlite_engine)) == before


# A contact is one act


THREE_VISITS = """
    treatment_id | date       | site | client | area     | product | units
    V1           | 2025-03-03 | main | 1      | glabella | botox   | 20
    V2           | 2025-03-04 | main | 2      | glabella | botox   | 20
    V3           | 2025-03-04 | main | 3      | glabella | botox   | 20
"""
HEARD = """
    treatment_id | date       | outcome
    V1           | 2025-03-17 | done
    V1           | 2025-04-17 | done
    V2           | 2025-03-17 | done
    V3           | 2025-03-17 | done
"""


def stored_contacts(engine) -> list[str]:
    return sorted(contact.source_id for contact in everything(engine)["clinic"].follow_ups.values())


def test_a_contact_whose_side_effect_is_refused_does_not_stand_there_as_nothing_to_report(sqlite_engine, tmp_path):
    effects = """
        effect_id | treatment_id | side_effect | status_date | state
        S1        | V1           | hedache     | 2025-03-17  | present
        S2        | V1           | bruising    | 2025-03-17  | present
        S3        | V2           | bruising    | 2025-03-17  | present
    """
    files = written(tmp_path, treatments=THREE_VISITS, follow_ups=HEARD, side_effects=effects)
    summary = good(sqlite_engine, files)
    assert stored_contacts(sqlite_engine) == ["V1 2025-04-17", "V2 2025-03-17", "V3 2025-03-17"]
    assert everything(sqlite_engine)["clinic"].side_effects.keys() == {"S3"}
    (contact,) = lines(summary)["refused-follow_ups.csv"]
    assert contact["What is wrong"] == "goes with row 2 of side_effects.csv"
    assert (summary.rows_read, summary.rows_stored, summary.rows_refused) == (10, 7, 3)
    again = imported(sqlite_engine, mended(summary, tmp_path / "again", hedache="headache"))
    assert (again.rows_stored, again.rows_changed) == (3, 0)


def test_side_effects_of_a_refused_contact_wait_with_it(sqlite_engine, tmp_path):
    effects = """
        effect_id | treatment_id | side_effect | status_date | state
        S1        | V1           | headache    | 2025-03-17  | present
        S2        | V2           | bruising    | 2025-03-17  | present
    """
    heard = HEARD.replace("V1           | 2025-03-17 | done", "V1           | 2025-03-17 | dnoe")
    summary = good(sqlite_engine, written(tmp_path, treatments=THREE_VISITS, follow_ups=heard, side_effects=effects))
    assert everything(sqlite_engine)["clinic"].side_effects.keys() == {"S2"}
    assert stored_contacts(sqlite_engine) == ["V1 2025-04-17", "V2 2025-03-17", "V3 2025-03-17"]
    assert [row["effect_id"] for row in lines(summary)["refused-side_effects.csv"]] == ["S1"]


@pytest.mark.parametrize("wrong", ["V1 | | headache | 2025-03-40", " | 1 | headache | 2025-03-40", "V1 | | headache |"])
def test_a_side_effect_whose_day_nobody_can_read_may_be_of_any_contact_of_the_client(wrong, sqlite_engine, tmp_path):
    state = "presnt" if wrong.endswith("|") else "present"
    effects = f"effect_id | treatment_id | client | side_effect | status_date | state\nS1 | {wrong} | {state}"
    files = written(tmp_path, treatments=THREE_VISITS, follow_ups=HEARD, side_effects=effects)
    good(sqlite_engine, files)
    assert stored_contacts(sqlite_engine) == ["V2 2025-03-17", "V3 2025-03-17"]


def test_a_side_effect_that_names_its_client_alone_holds_back_a_contact_of_a_treatment_on_record(
    sqlite_engine, tmp_path
):
    imported(sqlite_engine, written(tmp_path, treatments=THREE_VISITS))
    effects = """
        effect_id | client | side_effect | status_date | state
        S1        | 1      | hedache     | 2025-03-17  | present
    """
    good(sqlite_engine, written(tmp_path, follow_ups=HEARD, side_effects=effects)[:2])
    assert stored_contacts(sqlite_engine) == ["V1 2025-04-17", "V2 2025-03-17", "V3 2025-03-17"]


def test_a_line_that_names_nobody_on_record_takes_no_contact_along(sqlite_engine, tmp_path):
    effects = """
        effect_id | treatment_id | side_effect | status_date | state
        S1        | V9           | headache    | 2025-03-17  | present
    """
    summary = good(sqlite_engine, written(tmp_path, treatments=THREE_VISITS, follow_ups=HEARD, side_effects=effects))
    assert (summary.rows_stored, summary.rows_refused) == (7, 1)


def test_the_lines_of_a_contact_in_the_log_stand_or_fall_together(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, treatments=THREE_VISITS), source="practice")
    log = """
        client | treated_on | contact_date | asked     | found             | grade | state
        1      | 2025-03-03 | 2025-03-17   | checklist | Headache          |       | still there
        1      | 2025-03-03 | 2025-03-17   | checklist | Bruising          | mld   | still there
        1      | 2025-03-03 | 2025-03-31   | checklist | Bruising          |       | gone
        1      | 2025-03-03 | 2025-04-30   | checklist | nothing to report |       |
        2      | 2025-03-04 | 2025-03-17   | checklist | nothing to report |       |
    """
    summary = good(sqlite_engine, written(tmp_path, log=log))
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged, summary.rows_refused) == (5, 2, 0, 3)
    held = everything(sqlite_engine)["practice"]
    assert sorted((c.treatment, str(c.date)) for c in held.follow_ups.values()) == [
        ("V1", "2025-04-30"), ("V2", "2025-03-17"),
    ]  # fmt: skip
    assert not held.side_effects
    assert [row["What is wrong"] for row in lines(summary)["refused-log.csv"]][::2] == ["goes with row 3"] * 2
    again = imported(sqlite_engine, mended(summary, tmp_path / "again", mld="mild"))
    assert (again.rows_stored, again.rows_changed, again.rows_refused) == (3, 0, 0)
    effects = everything(sqlite_engine)["practice"].side_effects.values()
    assert {effect.term: len(effect.statuses) for effect in effects} == {"headache": 1, "bruising": 2}


def test_the_areas_of_a_visit_whose_number_is_made_of_two_columns_stand_or_fall_together(sqlite_engine, tmp_path):
    """And those of no other visit of the same site."""
    table = """Place,No,Client,When,Where
north,1,7,2025-03-03,frown
north,1,7,2025-03-03,brow
north,2,8,2025-03-04,frown
north,2,8,2025-03-04,line"""
    (tmp_path / "export.csv").write_text(table)
    mapping = tmp_path / "ours.toml"
    mapping.write_text("""
        source = "ours"
        [treatments]
        treatment_id = "{Place}-{No}"
        date = "{When}"
        site = "{Place}"
        client = "{Client}"
        area = { from = "{Where}", codes = { frown = "glabella", line = "forehead" } }
        product = "botox"
    """)
    summary = good(sqlite_engine, [tmp_path / "export.csv"], mapping=mapping)
    assert (summary.rows_stored, summary.rows_refused) == (2, 2)
    assert everything(sqlite_engine)["ours"].treatments.keys() == {"north-2"}


def test_a_dry_run_says_what_would_be_refused_and_stores_nothing(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=VISITS, follow_ups=CONTACTS)
    intended = good(sqlite_engine, files, dry_run=True)
    assert counts(sqlite_engine)["treatment"] == 0
    done = good(sqlite_engine, files)
    assert (intended.rows_stored, intended.rows_refused, intended.refused) == (
        done.rows_stored, done.rows_refused, done.refused,
    )  # fmt: skip


def test_a_line_whose_day_cannot_be_read_takes_every_visit_along_that_it_may_belong_to(sqlite_engine, tmp_path):
    """Else the rest of its visit would be stored without it, and the mended line would take its place."""
    visits = """
        date       | site | client | area     | product
        2025-03-03 | main | 1      | glabella | botox
        2025-03-3x | main | 1      | forehead | botox
        2025-06-03 | main | 1      | glabella | botox
        2025-03-03 | main | 2      | glabella | botox
    """
    summary = good(sqlite_engine, written(tmp_path, treatments=visits))
    assert (summary.rows_stored, summary.rows_refused) == (1, 3)


def test_what_other_lines_prove_is_written_so_that_it_needs_no_proof(sqlite_engine, tmp_path):
    visits = """
        treatment_id | date       | site | client | area     | product | units
        V1           | 25/03/2025 | main | 1      | glabella | botox   | 20
        V2           | 03/04/2025 | main | 2      | forhead  | botox   | 20
    """
    summary = good(sqlite_engine, written(tmp_path, treatments=visits))
    assert lines(summary)["refused-treatments.csv"][0]["date"] == "2025-04-03"
    imported(sqlite_engine, mended(summary, tmp_path / "again", forhead="forehead"))
    assert str(everything(sqlite_engine)["clinic"].treatments["V2"].date) == "2025-04-03"


def test_names_and_ways_to_reach_a_client_are_left_out_of_the_file(sqlite_engine, tmp_path):
    visits = """
        client name    | phone           | date       | site | client | area    | product
        Zoraida Quixano | +44 7700 900123 | 2025-03-03 | main | QX-7   | forhead | botox
    """
    effects = EFFECTS.replace("S1        | V2", "S1        | V1")
    summary = good(sqlite_engine, written(tmp_path, treatments=visits, side_effects=effects))
    content = b"".join(file.content for file in summary.refused)
    assert b"Quixano" not in content
    assert b"900123" not in content
    assert b"QX-7" in content


def test_what_a_spreadsheet_would_run_is_escaped_and_read_back_as_it_was(sqlite_engine, tmp_path):
    visits = """
        treatment_id | date       | site  | client | area    | product | lot
        =V1          | 2025-03-03 | @main | -1     | forhead | botox   | +7
    """
    summary = good(sqlite_engine, written(tmp_path, treatments=visits))
    (row,) = lines(summary)["refused-treatments.csv"]
    assert (row["treatment_id"], row["site"], row["client"], row["lot"]) == ("'=V1", "'@main", "'-1", "'+7")
    imported(sqlite_engine, mended(summary, tmp_path / "again", forhead="forehead"))
    visit = everything(sqlite_engine)["clinic"].treatments["=V1"]
    assert (visit.site, visit.injections[0].lot) == ("@main", "+7")


def test_a_workbook_gives_a_workbook_with_the_same_sheets(sqlite_engine, tmp_path):
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, text in (("Our visits", VISITS), ("Contacts", CONTACTS)):
        sheet = workbook.create_sheet(title)
        for line in text.strip().splitlines():
            sheet.append([cell.strip() for cell in line.split("|")])
    workbook.save(tmp_path / "records.xlsx")
    summary = good(sqlite_engine, [tmp_path / "records.xlsx"])
    (file,) = summary.refused
    assert file.name == "refused-records.xlsx"
    again = load_workbook(io.BytesIO(file.content))
    assert again.sheetnames == ["Our visits", "Contacts"]
    sheet = again["Our visits"]
    assert [cell.value for cell in sheet[1]][-1] == "What is wrong"
    sheet["E3"] = "forehead"
    again.save(tmp_path / "again.xlsx")
    assert imported(sqlite_engine, [tmp_path / "again.xlsx"]).rows_stored == 3


def test_refused_lines_of_a_mapped_table_come_in_by_the_same_mapping(sqlite_engine, tmp_path):
    table = "Patient Name,Client,Visit,When,Where,Vial\nAnn Lee,7,1,2025-03-03,frown,b\nBo Fry,8,2,2025-03-04,brow,b"
    (tmp_path / "export.csv").write_text(table)
    mapping = tmp_path / "ours.toml"
    mapping.write_text("""
        source = "ours"
        [treatments]
        treatment_id = "{Visit}"
        date = "{When}"
        site = "main"
        client = "{Client}"
        area = { from = "{Where}", codes = { frown = "glabella" } }
        product = { from = "{Vial}", codes = { b = "botox" } }
    """)
    summary = good(sqlite_engine, [tmp_path / "export.csv"], mapping=mapping)
    assert (summary.rows_stored, summary.rows_refused) == (1, 1)
    assert [row["Where"] for row in lines(summary)["refused-export.csv"]] == ["brow"]
    assert b"Fry" not in summary.refused[0].content
    again = imported(sqlite_engine, mended(summary, tmp_path / "again", brow="frown"), mapping=mapping)
    assert again.rows_stored == 1


def test_the_sheet_that_names_the_source_goes_along(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=VISITS, source="source | attribution_days \n elsewhere | 90")
    summary = good(sqlite_engine, files)
    again = imported(sqlite_engine, mended(summary, tmp_path / "again", forhead="forehead"))
    assert again.source == "elsewhere"


@pytest.mark.parametrize(
    ("sheet", "because"),
    [("date | site | client | area \n 2025-03-03 | main | 1 | glabella", "column is missing"),
     ("date | site | client | area | product \n 03/04/2025 | main | 1 | glabella | botox", None)],
)  # fmt: skip
def test_a_problem_of_a_whole_column_refuses_the_whole_file(sheet, because, sqlite_engine, tmp_path):
    if because is None:  # every line has it: each is refused, and nothing is left to store
        summary = good(sqlite_engine, written(tmp_path, treatments=sheet))
        assert (summary.rows_refused, summary.batch) == (1, None)
        return
    with pytest.raises(ImportRefusedError, match="1 problem") as refused:
        good(sqlite_engine, written(tmp_path, treatments=sheet))
    assert because in str(refused.value.problems[0])


def test_a_study_is_stored_whole_or_not_at_all(sqlite_engine, tmp_path):
    for file in (EXAMPLES / "vaccine_reactions").glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text().replace("2021-12-30", "2021-13-30"))
    with pytest.raises(ImportRefusedError):
        good(sqlite_engine, [tmp_path])


# Whatever is wrong


def random_sheets(chance: Random) -> dict[str, list[list[str]]]:
    """Visits with and without numbers, contacts and side effects of them; all of it right."""
    treatments = [["treatment_id", "date", "site", "client", "area", "product", "units"]]
    contacts = [["treatment_id", "client", "treated_on", "date", "outcome"]]
    effects = [["effect_id", "treatment_id", "client", "side_effect", "status_date", "state"]]
    for n in range(chance.randint(2, 6)):
        number, client, day = chance.choice((f"V{n}", f"V{n}", "")), str(chance.randrange(3)), n + 1 if n else 25
        for area in chance.sample(["glabella", "forehead", "masseter"], chance.randint(1, 3)):
            treatments.append([number, f"{day:02}/03/2025", "main", client, area, "botox", "20"])
        if chance.random() < 0.5:
            named = [number, "", ""] if number else ["", client, f"2025-03-{day:02}"]
            contacts.append([*named, f"{n + 13}/04/2025", "done"])
        for day_of_note in (n + 13, 28)[: chance.randrange(3)]:  # on the day of the contact, and later
            effects.append([f"S{n}", number, "" if number else client, "headache", f"{day_of_note}/04/2025", "present"])
    sheets = {"treatments": treatments, "follow_ups": contacts, "side_effects": effects}
    return {name: sheet for name, sheet in sheets.items() if len(sheet) > 1}


def spoilt(sheets: dict, chance: Random) -> dict:
    """The same with some cells that can't be right; each tells what it was, so that it can be mended."""
    spoilt = {name: [list(row) for row in sheet] for name, sheet in sheets.items()}
    for _ in range(chance.randint(1, 3)):
        sheet = spoilt[chance.choice(sorted(spoilt))]
        row = chance.choice(sheet[1:])
        at = chance.choice(
            [n for n, name in enumerate(sheet[0]) if name in ("date", "area", "units", "side_effect", "state")]
        )
        if not row[at].startswith("wrong "):
            day = row[at].split("/")
            if len(day) == 3 and int(day[0]) <= 12:  # whoever mends a day writes it so that it needs no proof
                day = ["-".join(reversed(day))]
            row[at] = f"wrong {'/'.join(day)}"
    return spoilt


def saved(sheets: dict, folder: Path) -> Path:
    folder.mkdir()
    for name, rows in sheets.items():
        (folder / f"{name}.csv").write_text("\n".join(map(",".join, rows)))
    return folder


@examples(10)
@given(seed=st.integers(0, 2**32))
def test_the_good_lines_and_then_the_mended_ones_make_the_same_records_as_all_at_once(
    seed, migrated_file, tmp_path_factory
):
    """Lines read = stored + changed + unchanged + refused each time; mended lines add and change nothing else."""
    chance, folder = Random(seed), tmp_path_factory.mktemp("refused")
    engines = []
    for name in ("whole", "parted"):
        (folder / f"{name}.db").write_bytes(migrated_file.read_bytes())
        engines.append(open_database(f"sqlite:///{folder / name}.db"))
    whole, parted = engines
    sheets = random_sheets(chance)
    all_at_once = imported(whole, [saved(sheets, folder / "right")])
    summary = good(parted, [saved(spoilt(sheets, chance), folder / "spoilt")])
    assert summary.rows_read == all_at_once.rows_read
    assert summary.rows_read == summary.rows_stored + summary.rows_unchanged + summary.rows_refused
    assert summary.rows_refused == sum(map(len, lines(summary).values()))
    if summary.batch:
        assert not _contacts_by_halves(everything(parted)["clinic"], everything(whole)["clinic"])
    before = told(parted)
    again = imported(parted, mended(summary, folder / "again", **{"wrong ": ""}))
    assert (again.rows_stored, again.rows_changed, again.rows_unchanged) == (summary.rows_refused, 0, 0)
    assert all(set(rows) <= set(told(parted)[name]) for name, rows in before.items())
    assert _but_for_the_batch(told(parted)) == _but_for_the_batch(told(whole))
    for engine in engines:
        engine.dispose()


def _contacts_by_halves(parted, whole) -> list[str]:
    """The contacts that are stored while a side effect seen at them is not."""
    missing = [effect for key, effect in whole.side_effects.items() if parted.side_effects.get(key) != effect]
    seen = {(effect.client, note.date) for effect in missing for note in effect.statuses}
    return [
        contact.source_id
        for contact in parted.follow_ups.values()
        if (parted.treatments[contact.treatment].client, contact.date) in seen
    ]


def _but_for_the_batch(records: dict) -> dict:
    return {name: sorted(row.split(" import_batch_id")[0] for row in rows) for name, rows in records.items()}


def test_one_wrong_row_of_a_redcap_export_holds_back_only_itself(sqlite_engine):
    export = FOLDER / "counted" / "17_redcap_labels.csv"
    remembered("redcap", proposed(export))
    summary = import_files(sqlite_engine, [export], keep_refused=True, today=date(2026, 12, 1))
    assert [problem.row for problem in summary.problems] == [149, 149]  # resolved on a day to come
    assert (summary.rows_read, summary.rows_stored, summary.rows_refused) == (495, 383, 1)
