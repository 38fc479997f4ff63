"""XLS: the cell marks of its worksheets, from the stream of binary records. olefile opens the container around it.

Source: [MS-XLS] sections 2.1.4 (records), 2.4 (record types).
"""

import io
import struct
from collections.abc import Iterator, Sequence

from olefile import OleFileIO

from data.tabular.cell_marks import BUILT_IN_PERCENT, ERROR_CODES, CellMarks, MarksOf, formats_that_show_more
from data.tabular.table import PASSWORD_MESSAGE, UnreadableFileError

FORMULA, END_OF_STREAM, DATE_MODE, FILE_PASSWORD, BOUND_SHEET, BEGINNING = 6, 10, 0x0022, 0x002F, 0x0085, 0x0809
NUMBERS_IN_A_ROW, STYLE, NUMBER, BOOLEAN_OR_ERROR, NUMBER_RK, FORMAT = 0x00BD, 0x00E0, 0x0203, 0x0205, 0x027E, 0x041E

FORMULA_ERROR = 2  # first byte of a formula's value when the last two are 0xFFFF
FORMULA_HAS_NO_NUMBER = b"\xff\xff"


def open_marks(file: str, content: bytes) -> tuple[int, MarksOf]:
    """The year from which the workbook counts its days, 1900 or 1904, and the marks of its sheets.

    Raises UnreadableFileError if it is no workbook or has a password; ValueError if it is damaged.
    """
    stream = _workbook_stream(file, content)
    epoch, offsets, formats, styles = 1900, [], dict(BUILT_IN_PERCENT), []
    for kind, data in _records(stream, 0):
        if kind == FILE_PASSWORD:
            raise UnreadableFileError(f"{file}: {PASSWORD_MESSAGE}")
        if kind == DATE_MODE and data[:1] == b"\x01":
            epoch = 1904
        elif kind == BOUND_SHEET and len(data) > 6:
            offsets.append(struct.unpack_from("<I", data)[0])
        elif kind == FORMAT and len(data) > 5:
            number, length, flags = struct.unpack_from("<HHB", data)
            formats[number] = data[5:].decode("utf-16-le" if flags & 1 else "latin-1", errors="replace")[:length]
        elif kind == STYLE and len(data) >= 4:
            styles.append(formats.get(struct.unpack_from("<H", data, 2)[0], ""))
    shown = formats_that_show_more(styles)

    def marks_of(_: str, number: int, __: str) -> CellMarks:
        return _sheet_marks(stream, offsets[number], shown) if number < len(offsets) else CellMarks()

    return epoch, marks_of


def _workbook_stream(file: str, content: bytes) -> bytes:
    try:
        container = OleFileIO(io.BytesIO(content))
        entries = container.root.kids_dict  # by name, in lower case
        if "encryptedpackage" in entries:
            raise UnreadableFileError(f"{file}: {PASSWORD_MESSAGE}")
        name = next((name for name in ("workbook", "book") if name in entries), None)
        if name is None:
            if container.parsing_issues and "worddocument" not in entries:
                raise ValueError("its entries can't all be read: one may have been the workbook")
            what = "a Word document" if "worddocument" in entries else "an Office file but not a workbook"
            raise UnreadableFileError(f"{file}: this is {what}. Export the table as .xlsx or CSV.")
        entry = entries[name]
        stream = container.openstream(name).read()
        if len(stream) < entry.size:
            raise ValueError("cut off")
        for start in (container.first_dir_sector, container.first_mini_fat_sector, container.root.isectStart):
            _refuse_circle(start, container.fat)
        _refuse_circle(entry.isectStart, container.minifat if entry.is_minifat else container.fat)
    except (UnreadableFileError, MemoryError):
        raise
    except Exception as error:  # of many kinds: olefile meets damage in the middle of its work
        raise ValueError("the container contradicts itself") from error
    return stream


def _refuse_circle(sector: int, next_sectors: Sequence[int]) -> None:
    """Refuses a chain without an end: olefile would read some sectors twice, and calamine for ever."""
    for _ in next_sectors:
        if sector >= len(next_sectors):
            return
        sector = next_sectors[sector]
    if sector < len(next_sectors):
        raise ValueError("a chain that runs in a circle")


def _sheet_marks(stream: bytes, offset: int, formats: dict[int, str]) -> CellMarks:
    """The marks of one worksheet. (A sheet ends at row 65,536 and column 256, so no value can be far out.)"""
    marks = CellMarks()
    for kind, data in _records(stream, offset):
        if kind == BOOLEAN_OR_ERROR and len(data) >= 8:
            if data[7]:
                marks.errors[struct.unpack_from("<HH", data)] = ERROR_CODES.get(data[6], "#N/A")
        elif kind == FORMULA and data[12:14] == FORMULA_HAS_NO_NUMBER and data[6] == FORMULA_ERROR:
            marks.errors[struct.unpack_from("<HH", data)] = ERROR_CODES.get(data[8], "#N/A")
        elif kind in (FORMULA, NUMBER, NUMBER_RK) and len(data) >= 6:
            row, column, style = struct.unpack_from("<HHH", data)
            if style in formats:
                marks.formats[row, column] = formats[style]
        elif kind == NUMBERS_IN_A_ROW and formats and len(data) >= 6:
            row, column = struct.unpack_from("<HH", data)
            for at in range(4, len(data) - 6, 6):
                style = struct.unpack_from("<H", data, at)[0]
                if style in formats:
                    marks.formats[row, column + (at - 4) // 6] = formats[style]
    return marks


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream, without those of charts embedded in it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == BEGINNING:
            depth += 1
        elif kind == END_OF_STREAM:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, data
