"""XLSB: the cell marks of its worksheets, from the stream of binary records.

Source: [MS-XLSB] sections 2.1.4 (records), 2.4 (record types).
"""

import struct
from collections.abc import Iterator

from data.tabular import cell_marks
from data.tabular.xlsx import find_sheets

ROW, ERROR, CELL_WITH_SHARED_TEXT, FORMULA_ERROR, LAST_CELL_RECORD, SHARED_TEXT = 0, 3, 7, 11, 11, 19
FORMAT, STYLE, BUNDLE_SHEET, WORKBOOK_SETTINGS, MERGED = 44, 47, 156, 153, 176
CELL_STYLES_BEGIN, CELL_STYLES_END = 617, 618


def open_marks(_: str, parts: dict[str, bytes]) -> tuple[int, cell_marks.MarksOf]:
    """The year from which the workbook counts its days, 1900 or 1904, and the marks of its sheets."""
    parts = {name.lower(): part for name, part in parts.items()}  # as calamine finds them
    epoch, relations = 1900, {}
    for kind, data in _records(parts["xl/workbook.bin"]):
        if kind == BUNDLE_SHEET:
            relation, end = _text(data, 8)
            relations[_text(data, end)[0]] = relation
        elif kind == WORKBOOK_SETTINGS and data[:1] and data[0] & 1:
            epoch = 1904
    sheets = find_sheets(parts, "xl/_rels/workbook.bin.rels", relations)
    formats = _display_formats(parts.get("xl/styles.bin", b""))
    texts = parts.get("xl/sharedstrings.bin", b"")
    text_lengths = [len(data) // 2 for kind, data in _records(texts) if kind == SHARED_TEXT]

    def marks_of(place: str, _: int, name: str) -> cell_marks.CellMarks:
        return _sheet_marks(place, sheets.get(name, b""), formats, text_lengths)

    return epoch, marks_of


def _display_formats(styles: bytes) -> dict[int, str]:
    formats, used, in_cell_styles = dict(cell_marks.BUILT_IN_PERCENT), [], False
    for kind, data in _records(styles):
        if kind == FORMAT and len(data) >= 6:
            formats[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
        elif kind in (CELL_STYLES_BEGIN, CELL_STYLES_END):
            in_cell_styles = kind == CELL_STYLES_BEGIN
        elif kind == STYLE and in_cell_styles and len(data) >= 4:
            used.append(formats.get(struct.unpack_from("<H", data, 2)[0], ""))
    return cell_marks.formats_that_show_more(used)


def _sheet_marks(place: str, part: bytes, formats: dict[int, str], text_lengths: list[int]) -> cell_marks.CellMarks:
    """The marks of one worksheet. Raises UnreadableFileError if a value is out of bounds."""
    marks, row, characters = cell_marks.CellMarks(), 0, 0
    for kind, data in _records(part):
        if kind == ROW and len(data) >= 4:
            row = struct.unpack_from("<I", data)[0]
        elif 1 < kind <= LAST_CELL_RECORD and len(data) >= 8:
            column, style = struct.unpack_from("<II", data)
            cell_marks.require_within_bounds(place, row, column)
            if style & 0xFFFFFF in formats:
                marks.formats[row, column] = formats[style & 0xFFFFFF]
            if kind == CELL_WITH_SHARED_TEXT and len(data) >= 12:
                number = struct.unpack_from("<I", data, 8)[0]
                characters += text_lengths[number] if number < len(text_lengths) else 0
            elif kind in (ERROR, FORMULA_ERROR) and len(data) > 8:
                marks.errors[row, column] = cell_marks.ERROR_CODES.get(data[8], "#N/A")
        elif kind == MERGED and len(data) >= 16:
            marks.merged.append(struct.unpack_from("<IIII", data))
    cell_marks.require_text_within_bounds(place, characters)
    return marks


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(part)
    while at < end:
        kind = part[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = kind & 0x7F | (part[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end and shift < 28:
            byte = part[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield kind, part[at : at + size]
        at += size


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A counted UTF-16 text and where it ends."""
    count = int.from_bytes(data[at : at + 4], "little")
    count = 0 if count == 0xFFFFFFFF else count  # the null string
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le", errors="replace"), end
