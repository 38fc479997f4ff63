"""The zip container of XLSX, XLSB and ODS, unpacked within limits and its XML checked before any parser sees it.

The workbook parser is forgiving: a sheet that breaks off can keep it busy forever, or pass for a shorter one.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers import expat

from data.tabular.table import DAMAGED_MESSAGE, MAX_UNPACKED_BYTES, PASSWORD_MESSAGE, UnreadableFileError

MAX_DIRECTORY_BYTES = 1024**2  # about 10,000 parts; a workbook has a few dozen
# Measured: real tables shrink 5 to 25 times, an ODS of 60,000 equal rows 184 times. Deflate can do 1,032 times.
MAX_TIMES_LARGER, MIN_SUSPECT_BYTES = 300, 10 * 1024**2
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two that office programs write
END_OF_DIRECTORY = b"PK\x05\x06"
ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError,
                  ArithmeticError, OSError)  # fmt: skip

UNCHECKED_PARTS = ("customXml/", "docProps/", "Thumbnails/")
UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|.?\x00")


@contextmanager
def open_archive(file: str, content: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises UnreadableFileError if it is damaged or lists too many parts."""
    at = content.rfind(END_OF_DIRECTORY)
    if at >= 0 and int.from_bytes(content[at + 12 : at + 16], "little") > MAX_DIRECTORY_BYTES:
        raise UnreadableFileError(
            f"{file}: these are many thousand files in one, not a workbook. Export the table as .xlsx."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except ARCHIVE_ERRORS as error:
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error


def unpack(file: str, content: bytes) -> dict[str, bytes]:
    """Every part by name, its XML well-formed. Raises UnreadableFileError: damaged, encrypted or beyond the limits."""
    parts: dict[str, bytes] = {}
    names: set[str] = set()
    with open_archive(file, content) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > MAX_UNPACKED_BYTES:
            raise UnreadableFileError(
                f"{file}: unpacked the workbook holds {size / 1024**2:,.0f} MB; at most "
                f"{MAX_UNPACKED_BYTES // 1024**2} MB are read. Split it, for example by year."
            )
        if size > MIN_SUSPECT_BYTES and size > MAX_TIMES_LARGER * len(content):
            raise UnreadableFileError(
                f"{file}: unpacked the workbook would be {size // len(content):,} times as large, as no table is. "
                "Copy the table into a new workbook, without what surrounds it, and choose that."
            )
        for entry in entries:
            if entry.flag_bits & 1:
                raise UnreadableFileError(f"{file}: {PASSWORD_MESSAGE}")
            if entry.compress_type not in METHODS or entry.filename.lower() in names:
                raise zipfile.BadZipFile("not written by an office program")
            names.add(entry.filename.lower())
            parts[entry.filename] = archive.read(entry)  # at most file_size bytes, whatever the packed data contain
    if b"<manifest:encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise UnreadableFileError(f"{file}: {PASSWORD_MESSAGE}")
    for name, part in parts.items():
        if part and name.lower().endswith((".xml", ".rels")) and not name.startswith(UNCHECKED_PARTS):
            _refuse_unsound_xml(file, part)
    return parts


def repack(parts: dict[str, bytes]) -> io.BytesIO:
    """The parts as an uncompressed container, so that the parser gets exactly what was checked."""
    container = io.BytesIO()
    with zipfile.ZipFile(container, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    container.seek(0)
    return container


def _refuse_unsound_xml(file: str, part: bytes) -> None:
    """Refuses XML that is not well-formed, and entities and UTF-16, which would hide parts from a search."""

    def refuse(*_: object) -> None:
        raise UnreadableFileError(
            f"{file}: the workbook holds XML that no office program writes. Save it again as .xlsx."
        )

    if UTF_16.match(part):
        refuse()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unknown encoding
        raise UnreadableFileError(f"{file}: {DAMAGED_MESSAGE}") from error
