"""XLS: the cell marks of its worksheets, from the stream of binary records.

Source: [MS-XLS] sections 2.1.4 (records), 2.4 (record types).
"""

import struct
from collections.abc import Iterator

from data.tabular import compound_file
from data.tabular.cell_marks import BUILT_IN_PERCENT, ERROR_CODES, CellMarks, shows_more

FORMULA, END_OF_STREAM, DATE_MODE, FILE_PASSWORD, BOUND_SHEET, BEGINNING = 6, 10, 0x0022, 0x002F, 0x0085, 0x0809
NUMBERS_IN_A_ROW, STYLE, NUMBER, BOOLEAN_OR_ERROR, NUMBER_RK, FORMAT = 0x00BD, 0x00E0, 0x0203, 0x0205, 0x027E, 0x041E

FORMULA_ERROR = 2  # first byte of a formula's value when the last two are 0xFFFF
FORMULA_HAS_NO_NUMBER = b"\xff\xff"


def workbook_stream(content: bytes) -> bytes:
    """The records of the workbook. Raises DamagedContainerError."""
    return compound_file.read_stream(content, "workbook", "book")


def is_encrypted(stream: bytes) -> bool:
    """Whether it is protected with a password."""
    return any(kind == FILE_PASSWORD for kind, _ in _records(stream, 0))


def epoch(stream: bytes) -> int:
    """The year from which the workbook counts its days: 1900 or 1904."""
    return 1904 if any(kind == DATE_MODE and data[:1] == b"\x01" for kind, data in _records(stream, 0)) else 1900


def display_formats(stream: bytes) -> dict[int, str]:
    """Style number of a cell -> its number format, for formats that show more than the number."""
    formats, used = dict(BUILT_IN_PERCENT), []
    for kind, data in _records(stream, 0):
        if kind == FORMAT and len(data) > 5:
            wide = data[4] & 1
            text = data[5:].decode("utf-16-le" if wide else "latin-1", errors="replace")
            formats[struct.unpack_from("<H", data)[0]] = text[: struct.unpack_from("<H", data, 2)[0]]
        elif kind == STYLE and len(data) >= 4:
            used.append(formats.get(struct.unpack_from("<H", data, 2)[0], ""))
    return {number: form for number, form in enumerate(used) if shows_more(form)}


def sheet_offsets(stream: bytes) -> list[int]:
    """Where each sheet's records begin, in the order of the sheets."""
    sheets = (data for kind, data in _records(stream, 0) if kind == BOUND_SHEET and len(data) > 6)
    return [struct.unpack_from("<I", data)[0] for data in sheets]


def sheet_marks(stream: bytes, offset: int, formats: dict[int, str]) -> CellMarks:
    """The marks of one worksheet. (A sheet ends at row 65,536 and column 256, so no value can be far out.)"""
    marks = CellMarks()
    for kind, data in _records(stream, offset):
        if kind == BOOLEAN_OR_ERROR and len(data) >= 8:
            if data[7]:
                marks.errors[struct.unpack_from("<HH", data)] = ERROR_CODES.get(data[6], "#N/A")
        elif kind == FORMULA and len(data) >= 14:
            if data[12:14] == FORMULA_HAS_NO_NUMBER and data[6] == FORMULA_ERROR:
                marks.errors[struct.unpack_from("<HH", data)] = ERROR_CODES.get(data[8], "#N/A")
            else:
                _mark_format(marks, data, formats)
        elif kind in (NUMBER, NUMBER_RK) and len(data) >= 6:
            _mark_format(marks, data, formats)
        elif kind == NUMBERS_IN_A_ROW and formats and len(data) >= 6:
            row, column = struct.unpack_from("<HH", data)
            for at in range(4, len(data) - 6, 6):
                style = struct.unpack_from("<H", data, at)[0]
                if style in formats:
                    marks.formats[row, column + (at - 4) // 6] = formats[style]
    return marks


def _mark_format(marks: CellMarks, data: bytes, formats: dict[int, str]) -> None:
    row, column, style = struct.unpack_from("<HHH", data)
    if style in formats:
        marks.formats[row, column] = formats[style]


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
