"""Detects the type of a file by its content, never by its name."""

import posixpath
import re
from typing import Literal

from data.tabular.table import COMPOUND_START, UnreadableFileError
from data.tabular.zip_container import open_archive

FileKind = Literal["text", "xlsx", "xlsb", "xls", "ods", "fhir", "xpt"]

SPONTANEOUS_REPORTS = (
    "these are reports to the FDA (openFDA, FAERS). They say how many events were reported, and not how many people "
    "were treated, so no rate can be counted from them. Published rates with a denominator are on file already."
)
SAVE_AGAIN = "Open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8."

# First bytes -> the type in everyday words.
FOREIGN_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7-Zip)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"SQLite format 3\x00", "a database (SQLite)"),
    (b"PAR1", "a Parquet file"),
    (b"MZ", "a program"),
)
XPORT_START = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"  # SAS transport file, version 5
ZIP_START = b"PK\x03\x04"
ZIP_EMPTY = b"PK\x05\x06"

# End of a part name inside the zip container -> the container's type.
CONTAINERS = (
    ("workbook.bin", "xlsb"),
    ("workbook.xml", "xlsx"),
    ("content.xml", "ods"),
)
FOREIGN_CONTAINERS = (
    ("word/", "a Word document"),
    ("ppt/", "a presentation"),
    ("Index/", "an Apple Numbers file"),
)

WEB_PAGE = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|meta|title|script|style|table|div)\b", re.I)
XML = re.compile(r"\s*<\?xml\b|\s*<[\w:]+ xmlns", re.I)
FHIR = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
JSON = re.compile(r'\s*[\[{]\s*["{\[}]')


def detect_file_kind(file: str, content: bytes) -> FileKind:
    """Text, a workbook, SAS transport, or FHIR. Raises UnreadableFileError for other known types."""
    for start, what in FOREIGN_SIGNATURES:
        if content.startswith(start):
            raise UnreadableFileError(f"{file}: this is {what}, not a table. Export it again as .xlsx or CSV.")
    if content.startswith((ZIP_START, ZIP_EMPTY)):
        return _container_kind(file, content)
    if content.startswith(COMPOUND_START):
        return "xls"  # or a Word document: only the subprocess looks inside
    if content.startswith(XPORT_START):
        return "xpt"
    return "fhir" if FHIR.match(content) and b'"resourceType"' in content else "text"


def refuse_markup(file: str, text: str) -> None:
    """Raise UnreadableFileError for a "CSV" that is really a web page, XML or JSON."""
    head = text[:2000]
    if WEB_PAGE.match(head):
        raise UnreadableFileError(
            f"{file}: this is a web page (HTML), not a table file. If it shows a sign-in page, the export did not run: "
            f"sign in and export again. If it shows the table: {SAVE_AGAIN[0].lower()}{SAVE_AGAIN[1:]}"
        )
    if XML.match(head):
        what = "an XML spreadsheet of 2003" if "office:spreadsheet" in head else "an XML file"
        raise UnreadableFileError(f"{file}: this is {what}, not a CSV file. {SAVE_AGAIN}")
    if JSON.match(head) and ("safetyreportid" in text or "api.fda.gov" in text):
        raise UnreadableFileError(f"{file}: {SPONTANEOUS_REPORTS}")
    if JSON.match(head):
        raise UnreadableFileError(f"{file}: this is a JSON file, not a table. Export it again as .xlsx or CSV.")


def _container_kind(file: str, content: bytes) -> FileKind:
    with open_archive(file, content) as archive:
        names = archive.namelist()
    for part, kind in CONTAINERS:
        if any(posixpath.basename(name) == part for name in names):
            return kind
    for folder, what in FOREIGN_CONTAINERS:
        if any(name.startswith(folder) for name in names):
            raise UnreadableFileError(f"{file}: this is {what}, not a workbook. Export the table as .xlsx or CSV.")
    inside = f" of {len(names)} files" if names else " with nothing in it"
    raise UnreadableFileError(
        f"{file}: this is a zip archive{inside}, not a workbook. Unpack it and choose the tables inside."
    )
