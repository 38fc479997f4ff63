"""A file is what it holds, not what it is called."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from data.files import UnreadableFileError, read_tables

VISITS = Path(__file__).parents[2] / "fixtures" / "tables"


def zipped(**parts: str) -> bytes:
    container = io.BytesIO()
    with zipfile.ZipFile(container, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return container.getvalue()


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read_tables(name, content)
    return str(refused.value)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "xlsb"])
def test_a_workbook_called_csv_is_read_as_the_workbook_it_is(kind):
    (read,) = read_tables("export.csv", (VISITS / f"visits.{kind}").read_bytes())
    assert (read.file, read.sheet, read.columns[0]) == ("export.csv", "Visits", "client")


def test_a_csv_called_xlsx_is_read_as_the_csv_it_is():
    (read,) = read_tables("export.xlsx", b"client,units\nC1,20\n")
    assert read.rows == (("C1", "20"),)


PAGE = (
    "export.csv: this is a web page (HTML), not a table file. If it shows a sign-in page, the export did not run: sign "
    "in and export again. If it shows the table: open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8."
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("page", ["<!DOCTYPE html><title>", "\n <HTML><body>", "<table><tr>", "<!-- saved --><html>"])
def test_a_csv_that_is_really_a_web_page(page, encoding):
    assert refusal("export.csv", page.encode(encoding)) == PAGE


@pytest.mark.parametrize(
    "content, message",
    [
        (b"%PDF-1.7\n", "this is a PDF document, not a table. Export it again as .xlsx or CSV."),
        (b"\x89PNG\r\n\x1a\n", "this is a picture (PNG), not a table. Export it again as .xlsx or CSV."),
        (gzip.compress(b"a,b\n"), "this is a compressed file (gzip), not a table. Export it again as .xlsx or CSV."),
        (b"SQLite format 3\x00", "this is a database (SQLite), not a table. Export it again as .xlsx or CSV."),
        (b'{"client": 1}', "this is a JSON file, not a table. Export it again as .xlsx or CSV."),
        (b'[{"client": 1}]', "this is a JSON file, not a table. Export it again as .xlsx or CSV."),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "this is an XML spreadsheet of 2003, not a CSV file. Open it in a spreadsheet program and save it as "
            ".xlsx or as CSV UTF-8.",
        ),
        (
            b'<?xml version="1.0"?><visits/>',
            "this is an XML file, not a CSV file. Open it in a spreadsheet program and save it as .xlsx or as "
            "CSV UTF-8.",
        ),
        (zipped(word__document="x"), "this is a Word document, not a workbook. Export the table as .xlsx or CSV."),
        (zipped(Index__Tables="x"), "this is an Apple Numbers file, not a workbook. Export the table as .xlsx or CSV."),
        (
            zipped(a="1", b="2"),
            "this is a zip archive of 2 files, not a workbook. Unpack it and choose the tables inside.",
        ),
        (zipped(), "this is a zip archive with nothing in it, not a workbook. Unpack it and choose the tables inside."),
        (zipped(a="1")[:40], "the workbook is damaged or cut off. Download or copy it again."),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)  # fmt: skip - some hold the hour
def test_what_is_not_a_table_is_called_by_its_name(content, message):
    assert refusal("visits.csv", content) == f"visits.csv: {message}"


@pytest.mark.parametrize(
    "stream, what", [("WordDocument", "a Word document"), ("PowerPoint", "an Office file but not a workbook")]
)
def test_an_old_office_document_is_called_by_its_name(stream, what):
    workbook = (VISITS / "visits.xls").read_bytes()
    at = workbook.index("Workbook".encode("utf-16-le"))
    entry = stream.encode("utf-16-le").ljust(64, b"\0") + (2 * len(stream) + 2).to_bytes(2, "little")
    document = workbook[:at] + entry + workbook[at + 66 :]
    assert refusal("visits.xls", document) == f"visits.xls: this is {what}. Export the table as .xlsx or CSV."


def test_a_folder_and_a_missing_file_are_reported(tmp_path):
    with pytest.raises(UnreadableFileError, match="this is a folder. Choose the files in it."):
        read_tables(tmp_path)
    with pytest.raises(UnreadableFileError, match="none.csv: no such file. Check the name and the folder."):
        read_tables(tmp_path / "none.csv")


def test_a_file_name_that_no_message_can_show_is_no_problem():
    with pytest.raises(UnreadableFileError) as refused:
        read_tables("vis\udcffits\n.xlsx", (VISITS / "visits.xlsx").read_bytes()[:3000])
    assert str(refused.value).startswith("vis?its?.xlsx: the workbook is damaged")


def test_a_file_is_read_from_the_disk_as_from_an_upload(tmp_path):
    file = tmp_path / "visits.csv"
    file.write_bytes(b"client,units\nC1,20\n")
    assert read_tables(file) == read_tables("visits.csv", file.read_bytes())
