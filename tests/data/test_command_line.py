"""python -m data: what a person types, what it answers, and with which exit code."""

import errno
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from data.__main__ import main
from data.database.engine import open_database
from tests.data.exports import FOLDER
from tests.data.factories import EXAMPLES, counts, written

PROJECT = Path(__file__).parents[2]
TEMPLATE = str(EXAMPLES / "template")


@pytest.fixture(autouse=True)
def database(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    return sqlite_url


def test_an_import_says_what_it_stored(capsys):
    assert main(["import", TEMPLATE]) == 0
    told = capsys.readouterr().out
    assert "14 rows read: 14 stored, 0 changed, 0 unchanged" in told
    assert "treatments: 4 new, 0 changed, 0 already imported" in told
    assert main(["import", TEMPLATE]) == 0
    assert "14 rows read: 0 stored, 0 changed, 14 unchanged" in capsys.readouterr().out


def test_an_import_with_problems_lists_each_on_a_line_and_exits_with_1(capsys, database, tmp_path):
    files = written(
        tmp_path, treatments="date | site | client | area | product \n 2025-02-30 | main | 1 | forhead | botox"
    )
    assert main(["import", str(files[0])]) == 1
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert told.out == ""
    assert lines[0].startswith('treatments.csv, row 2, column date: "2025-02-30" is not a date')
    assert lines[1].startswith('treatments.csv, row 2, column area: "forhead" is not a code')
    assert lines[2] == "2 problems; nothing was stored."
    assert counts(open_database(database))["treatment"] == 0


def test_problems_in_json_have_file_row_column_value_and_what_was_expected(capsys, tmp_path):
    files = written(
        tmp_path, treatments="date | site | client | area | product \n 2025-03-03 | main | 1 | forhead | botox"
    )
    assert main(["import", "--json", str(files[0])]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["stored"] is False
    (problem,) = told["problems"]
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (
        "treatments.csv", 2, "area", "forhead",
    )  # fmt: skip
    assert problem["expected"].startswith("a code such as forehead")


def test_a_summary_in_json_and_a_dry_run_that_stores_nothing(capsys, database):
    assert main(["import", "--json", "--dry-run", TEMPLATE]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stored"], told["dry_run"], told["rows_stored"]) == (False, True, 14)
    assert told["records"]["treatments"] == {"new": 4, "changed": 0, "unchanged": 0}
    assert counts(open_database(database))["treatment"] == 0


def test_the_three_real_data_sets_by_the_documented_commands(capsys, monkeypatch):
    documented = (EXAMPLES.parents[1] / "docs" / "importing.md").read_text()
    commands = re.findall(r"^ +python -m data (import data/examples.+)$", documented, re.M)
    assert len(commands) == 5
    monkeypatch.chdir(EXAMPLES.parents[1])
    for command in commands:
        assert main(command.split()) == 0
    told = capsys.readouterr().out
    for new in ("treatments: 254 new", "treatments: 109 new", "treatments: 4 new"):
        assert new in told


def test_an_export_and_the_levels_that_get_no_single_records(capsys, tmp_path):
    main(["import", TEMPLATE])
    assert main(["export", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "clinic" / "treatments.csv").exists()
    for level in ("meeting", "outside"):
        capsys.readouterr()
        assert main(["export", str(tmp_path / level), "--level", level]) == 1
        assert f"For the level {level} use counts" in capsys.readouterr().err
        assert not (tmp_path / level).exists()


def test_the_template_is_written_and_never_over_another_file(capsys, tmp_path):
    assert main(["template", str(tmp_path / "ours.xlsx")]) == 0
    before = (tmp_path / "ours.xlsx").read_bytes()
    assert main(["template", str(tmp_path / "ours.xlsx")]) == 1
    assert main(["template", str(tmp_path / "log.xlsx"), "--follow-up-log"]) == 0
    assert openpyxl.load_workbook(tmp_path / "log.xlsx").sheetnames[1] == "Follow-up log"
    assert (tmp_path / "ours.xlsx").read_bytes() == before


def test_a_sample_clinic_goes_into_an_empty_database_alone(capsys):
    assert main(["sample", "--treatments", "50"]) == 0
    assert "50 treatments" in capsys.readouterr().out
    assert main(["sample", "--treatments", "50"]) == 1
    assert "on record already" in capsys.readouterr().err


def test_good_lines_are_stored_and_the_others_written_where_it_was_asked(capsys, tmp_path):
    sheet = "date | site | client | area | product \n 2025-03-03 | main | 1 | forhead | botox"
    files = written(tmp_path, treatments=f"{sheet} \n 2025-03-04 | main | 2 | glabella | botox")
    refused = tmp_path / "refused"
    asked = ["import", "--keep-refused", str(refused), str(files[0])]
    assert main([*asked, "--dry-run"]) == 0
    assert not refused.exists()
    capsys.readouterr()
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert "2 rows read: 1 stored, 0 changed, 0 unchanged, 1 refused" in told
    assert 'row 2, column area: "forhead" is not a code' in told
    assert told.splitlines()[-1] == str(refused / "refused-treatments.csv")
    assert main(asked) == 1
    assert "Name one that does not exist" in capsys.readouterr().err
    assert main([*asked[:2], str(tmp_path / "again"), "--json", str(files[0])]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows_unchanged"], told["rows_refused"], len(told["refused"])) == (1, 1, 1)


def test_an_import_is_undone_and_redone(capsys):
    main(["import", TEMPLATE])
    capsys.readouterr()
    assert main(["undo", "1"]) == 0
    assert re.fullmatch(r"Import 1 undone: \d+ records removed and 0 changes reversed\.\n", capsys.readouterr().out)
    assert main(["undo", "1"]) == 1
    assert main(["redo", "1"]) == 0
    assert "Import 1 redone" in capsys.readouterr().out
    assert main(["redo", "1"]) == 1
    assert capsys.readouterr().err == "Import 1 is not undone.\n"


def test_a_database_that_cannot_be_used_is_said_in_one_line(capsys, monkeypatch, tmp_path):
    (tmp_path / "broken.db").write_text("not a database at all, whatever its name says")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'broken.db'}")
    assert main(["import", TEMPLATE]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(capsys):
    assert main(["import", TEMPLATE, "--format", "templet"]) == 1
    told = capsys.readouterr().err
    assert 'there is no format templet; did you mean "template"? Expected: fhir, follow_up_log, mapping,' in told


def test_a_proposal_is_printed_with_its_questions_and_written_to_be_gone_through(capsys, tmp_path):
    file, out = str(FOLDER / "zenoti_appointments.csv"), tmp_path / "zenoti.toml"
    assert main(["propose", file, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "zenoti_appointments.csv (Zenoti, Appointments): 5 rows" in told
    assert "treatments.client = {Guest Code}  (sure: from the preset Zenoti, Appointments)" in told
    assert "Question: Import rows without an area?" in told
    assert "Still open: unplaced, services.product" in told
    assert main(["import", file, "--mapping", str(out)]) == 1
    assert '"3 areas tox"' not in capsys.readouterr().out
    answered = out.read_text().replace('unplaced = "?"', "unplaced = true")
    out.write_text(answered.replace('product = "?"', 'product = "xeomin"'))
    assert main(["import", file, "--mapping", str(out)]) == 0
    assert "5 rows read: 3 stored, 0 changed, 2 unchanged" in capsys.readouterr().out
    assert main(["propose", file, "--out", str(out)]) == 1


def test_of_a_table_that_nothing_fits_every_field_is_open(capsys, tmp_path):
    (tmp_path / "stock.csv").write_text("shelf,boxes\nA,3\nB,4\n")
    assert main(["propose", str(tmp_path / "stock.csv")]) == 0
    printed = capsys.readouterr().out
    assert "Question: Which column identifies the client?" in printed
    assert "Still open: unplaced, treatments.date, treatments.site, treatments.client, treatments.product" in printed
    assert 'Not read: "shelf", "boxes"' in printed


WITH_ONE_WRONG = """
    date       | site | client | area     | product
    2025-03-03 | main | 1      | forhead  | botox
    2025-03-04 | main | 2      | glabella | botox
"""


def workbook_with_odd_sheet_name(folder: Path) -> Path:
    """openpyxl refuses to write such a name; other programs do not."""
    made, odd = io.BytesIO(), folder / "visits.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "ODD"
    for line in WITH_ONE_WRONG.strip().splitlines():
        workbook.active.append([cell.strip() for cell in line.split("|")])
    workbook.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(odd, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b'"ODD"', b'"a/b:c*?[x]"'))
    return odd


def test_a_sheet_with_a_name_that_excel_refuses_gives_back_its_refused_line(capsys, database, tmp_path):
    refused = tmp_path / "refused"
    assert main(["import", "--keep-refused", str(refused), str(workbook_with_odd_sheet_name(tmp_path))]) == 0
    assert counts(open_database(database))["treatment"] == 1
    (sheet,) = openpyxl.load_workbook(refused / "refused-visits.xlsx").worksheets
    assert sheet.title == "a b c x"
    assert [cell.value for cell in sheet[2]][3] == "forhead"


def test_refused_lines_that_cannot_be_written_leave_nothing_stored(capsys, database, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    assert main(["import", TEMPLATE]) == 0  # the key is made and written with it
    monkeypatch.setattr(os, "fsync", full)
    (file,) = written(tmp_path, treatments=WITH_ONE_WRONG)
    assert main(["import", "--keep-refused", str(tmp_path / "refused"), str(file)]) == 1
    assert "can't be written (No space left on device). Nothing was stored." in capsys.readouterr().err
    assert counts(open_database(database))["treatment"] == 4
    assert not (tmp_path / "refused").exists()


def test_an_import_that_fails_leaves_no_folder_in_the_way_of_the_next(tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.key").write_text("no key")
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "bad.key"))
    assert main(["import", "--keep-refused", str(tmp_path / "refused"), TEMPLATE]) == 1
    assert not (tmp_path / "refused").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/full")
@pytest.mark.parametrize("nobody", [">/dev/full", "| true"])
def test_what_was_stored_is_no_failure_because_nobody_listens(nobody, database):
    command = f"set -o pipefail; {sys.executable} -m data import {TEMPLATE} {nobody}"
    done = subprocess.run(["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert counts(open_database(database))["treatment"] == 4


def test_letters_that_the_terminal_lacks_are_no_failure(database, tmp_path):
    (file,) = written(tmp_path, treatments=WITH_ONE_WRONG.replace("main", "Zürich ✓").replace("forhead", "forehead"))
    command = [sys.executable, "-m", "data", "import", "--json", "--source", "Zürich ✓", str(file)]
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, env=ascii_only)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Z\\xfcrich" in done.stdout


def test_two_files_of_one_name_keep_their_refused_lines_apart(capsys, tmp_path):
    files = []
    for month, number in (("march", "03"), ("april", "04")):
        (tmp_path / month).mkdir()
        lines = WITH_ONE_WRONG.replace("| main |", f"| {month} |").replace("2025-03", f"2025-{number}")
        files += written(tmp_path / month, treatments=lines)
    assert main(["import", "--keep-refused", str(tmp_path / "refused"), *map(str, files)]) == 0
    assert "4 rows read: 2 stored, 0 changed, 0 unchanged, 2 refused" in capsys.readouterr().out
    texts = {file.name: file.read_text("utf-8-sig") for file in (tmp_path / "refused").iterdir()}
    assert {name: ("march" in text, "april" in text) for name, text in texts.items()} == {
        "refused-treatments.csv": (True, False), "refused-treatments (2).csv": (False, True),
    }  # fmt: skip


def test_a_sample_until_a_day_holds_the_same_records_whatever_day_it_is_made(migrated_file, tmp_path, monkeypatch):
    made = []
    for day in ("2026-11-30", "2031-02-28"):
        file = shutil.copy(migrated_file, tmp_path / f"{day}.db")
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
        monkeypatch.setenv("SEQUELA_TODAY", day)
        assert main(["sample", "--treatments", "300", "--seed", "5", "--until", "2026-10-31"]) == 0
        with closing(sqlite3.connect(file)) as database:
            made.append(list(database.iterdump()))
            (latest,) = database.execute("SELECT max(date) FROM treatment").fetchone()
        assert "2026-10-24" < latest <= "2026-10-31"
    assert made[0] == made[1]


def test_a_sample_until_a_day_that_is_none_is_refused(capsys, monkeypatch):
    with pytest.raises(SystemExit):
        main(["sample", "--until", "31.10.2026"])
    assert "'31.10.2026' is not a day such as 2026-03-31" in capsys.readouterr().err
    monkeypatch.setenv("SEQUELA_TODAY", "yesterday")
    assert main(["sample"]) == 1
    assert capsys.readouterr().err == "SEQUELA_TODAY: 'yesterday' is not a day such as 2026-03-31\n"
