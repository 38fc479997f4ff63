"""Of the files that a person drops on the Import page nothing is left that tells who a client is."""

import logging
import tempfile
from pathlib import Path

import pytest

from data.database import engine
from data.database.engine import open_database
from data.privacy import private_folder
from tests.dashboard.forms.test_column_mapping_form import dropped, own_folders, own_url, press, said  # noqa: F401
from tests.data.exports import FOLDER
from tests.data.privacy.test_pseudonyms import CANARY

NAME = f"{CANARY[0]} {CANARY[3]}.csv"
HEADINGS = "treatment_id,date,site,client,area,product,units,client name,mobile,e-mail\n"
TOLD = f"{CANARY[0]},{CANARY[3]},{CANARY[2]}\n"
GOOD = f"V1,2026-03-03,north,{CANARY[1]},glabella,botox_cosmetic,20,{TOLD}"
BAD = f"V2,2026-03-04,north,{CANARY[1]},forhead,botox_cosmetic,20,{TOLD}"
ENDLESS = GOOD * 20_000  # more than 2 MB: it is read in a process of its own


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)


def places_of_canaries(*folders: Path) -> set[tuple[str, str]]:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    words = [*CANARY, "Zoraida", "Quixano"]
    contents = {str(file): f"{file.name} ".encode() + file.read_bytes() for file in files}
    return {(file, word) for file, content in contents.items() for word in words if word.encode() in content}


@pytest.mark.parametrize(
    ("lines", "pressed"),
    [
        (GOOD, ["Import all rows", "Import other files"]),
        (GOOD, ["Import all rows"]),
        (GOOD, []),
        (GOOD, ["Cancel"]),
        (BAD, []),
        (GOOD + BAD, ["Continue with the valid rows", "Import valid rows"]),
        (ENDLESS, []),
    ],
    ids=["stored and left", "stored", "checked and abandoned", "given up", "refused", "good lines stored", "large"],
)
def test_no_canary_is_left_on_the_disk_or_in_a_log(open_page, own_url, tmp_path, caplog, capfd, lines, pressed):  # noqa: F811
    caplog.set_level(logging.DEBUG)
    app = dropped(open_page, own_url, NAME, (HEADINGS + lines).encode())
    for label in pressed:
        press(app, label)
    assert not app.exception
    open_database(own_url).dispose()
    assert places_of_canaries(tmp_path, engine.PRIVATE) == set()
    told = caplog.text + "".join(capfd.readouterr())
    assert not [word for word in CANARY if word in told]


def test_an_unknown_file_named_after_a_client_proposes_no_source_of_that_name(open_page, own_url, tmp_path):  # noqa: F811
    app = dropped(open_page, own_url, NAME, (FOLDER / "boulevard.csv").read_bytes())
    assert [box.value for box in app.text_input if box.key == "mapping_source"] == ["practice software"]
    assert places_of_canaries(tmp_path, engine.PRIVATE) == set()


def test_what_earlier_versions_left_is_deleted(tmp_path, monkeypatch):
    (tmp_path / "uploads" / "tmp1").mkdir(parents=True)
    (tmp_path / "uploads" / "tmp1" / NAME).write_text(GOOD)
    monkeypatch.setattr(private_folder, "PRIVATE", tmp_path)
    private_folder.remove_earlier_uploads()
    assert not (tmp_path / "uploads").exists()


def test_two_files_of_one_name_are_both_read(open_page, own_url):  # noqa: F811
    app = open_page(own_url, "import_records")
    files = [HEADINGS + GOOD, HEADINGS + GOOD.replace("V1", "V3")]
    app.file_uploader[0].set_value([("visits.csv", text.encode(), "text/csv") for text in files]).run()
    press(app, "Check the files")
    assert "2 rows read: 2 would be stored" in said(app)
