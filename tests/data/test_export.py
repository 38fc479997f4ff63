"""Export: our template's files, which make the same records in an empty database, and calculate nothing."""

import csv

import pytest

from data.database.engine import open_database
from data.export import ExportError, export_folder
from tests.data.factories import EXAMPLES, everything, imported, written

SOURCES = {
    "the template": ([EXAMPLES / "template"], {}),
    "the pilot": ([EXAMPLES / "cdisc_pilot" / f"{domain}.csv" for domain in ("dm", "ex", "ae")], {}),
    "the vaccine reactions": ([EXAMPLES / "vaccine_reactions"], {}),
    "cdystonia": ([EXAMPLES / "cdystonia"], {"mapping": "cdystonia"}),
}


@pytest.fixture
def other_engine(migrated_file, tmp_path):
    file = tmp_path / "other.db"
    file.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", SOURCES)
def test_an_export_makes_identical_records_in_an_empty_database(name, sqlite_engine, other_engine, tmp_path):
    files, how = SOURCES[name]
    imported(sqlite_engine, files, **how)
    export_folder(sqlite_engine, tmp_path / "out")
    for folder in (tmp_path / "out").iterdir():
        imported(other_engine, [folder])
    assert everything(other_engine) == everything(sqlite_engine)
    again = imported(sqlite_engine, [folder])
    assert again.batch is None


def test_each_source_has_a_folder_of_its_own_and_keeps_its_attribution_days(sqlite_engine, other_engine, tmp_path):
    for files, how in SOURCES.values():
        imported(sqlite_engine, files, **how)
    export_folder(sqlite_engine, tmp_path / "out")
    assert {folder.name for folder in (tmp_path / "out").iterdir()} == {"clinic", "CDISCPILOT01", "ABC", "cdystonia"}
    for folder in sorted((tmp_path / "out").iterdir()):
        imported(other_engine, [folder])
    assert everything(other_engine) == everything(sqlite_engine)
    days = {"clinic": "120", "CDISCPILOT01": "", "ABC": "120", "cdystonia": "120"}
    for source, told in days.items():
        with (tmp_path / "out" / source / "source.csv").open(encoding="utf-8-sig") as file:
            assert next(csv.DictReader(file))["attribution_days"] == told


def test_words_that_a_spreadsheet_would_calculate_are_written_as_words(sqlite_engine, other_engine, tmp_path):
    words = ["=1+1", "+44", "-heavy lid-", "@home", "'=quoted", "'plain", "fine"]
    lines = [f"S{n} | 4711 | headache | {told}" for n, told in enumerate(words)]
    files = written(
        tmp_path,
        treatments="date | site | client | area | product \n 2025-03-03 | main | 4711 | glabella | botox",
        side_effects="\n".join(["effect_id | client | side_effect | words", *lines]),
    )
    imported(sqlite_engine, files)
    told = {effect.as_given for effect in everything(sqlite_engine)["clinic"].side_effects.values()}
    assert told == {"=1+1", "+44", "-heavy lid-", "@home", "=quoted", "'plain", "fine"}
    export_folder(sqlite_engine, tmp_path / "out")
    for file in (tmp_path / "out" / "clinic").glob("*.csv"):
        with file.open(encoding="utf-8-sig") as lines:
            cells = [cell for line in csv.reader(lines) for cell in line]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    imported(other_engine, [tmp_path / "out" / "clinic"])
    assert everything(other_engine) == everything(sqlite_engine)


def test_a_folder_that_is_not_empty_is_left_alone(sqlite_engine, tmp_path):
    imported(sqlite_engine, [EXAMPLES / "template"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="not empty"):
        export_folder(sqlite_engine, tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["notes.txt"]
