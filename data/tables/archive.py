"""The zip container of XLSX, XLSB and ODS, unpacked within bounds before any parser sees it."""

import io
import zipfile
import zlib

from data.tables.kinds import DAMAGED, PASSWORD
from data.tables.table import MAXIMUM_UNPACKED_BYTES, Unreadable

MAXIMUM_DIRECTORY_BYTES = 1024**2  # some 10,000 parts; a workbook has a few dozen
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two that office programs write; both unpack in bounded steps
END_OF_DIRECTORY = b"PK\x05\x06"


def unpacked(file: str, content: bytes) -> dict[str, bytes]:
    """Every part of the container by name. Raises Unreadable: damaged, encrypted or bursting the bounds."""
    _refuse_large_directory(file, content)
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > MAXIMUM_UNPACKED_BYTES:
                raise Unreadable(
                    f"{file}: unpacked the workbook holds {size / 1024**2:,.0f} MB; at most "
                    f"{MAXIMUM_UNPACKED_BYTES // 1024**2} MB are read. Split it, for example by year."
                )
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Unreadable(f"{file}: {PASSWORD}")
                if entry.compress_type not in METHODS or entry.filename in parts:
                    raise zipfile.BadZipFile("not written by an office program")
                parts[entry.filename] = archive.read(entry)  # at most file_size bytes, whatever the packed data say
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OverflowError, OSError) as error:
        raise Unreadable(f"{file}: {DAMAGED}") from error
    return parts


def repacked(parts: dict[str, bytes]) -> io.BytesIO:
    """The same parts as an uncompressed container: what was looked at is what the parser gets."""
    container = io.BytesIO()
    with zipfile.ZipFile(container, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    container.seek(0)
    return container


def _refuse_large_directory(file: str, content: bytes) -> None:
    at = content.rfind(END_OF_DIRECTORY)
    if at >= 0 and int.from_bytes(content[at + 12 : at + 16], "little") > MAXIMUM_DIRECTORY_BYTES:
        raise Unreadable(f"{file}: these are many thousand files in one, not a workbook. Export the table as .xlsx.")
