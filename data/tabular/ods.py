"""ODS: the cell marks of its sheets, from the row and cell tags of content.xml.

Source: OpenDocument 1.3 part 3, sections 9.1 (tables) and 19.671 to 19.680 (repeated and spanned cells). The mark of an
error is LibreOffice's own, `calcext:value-type="error"`: the standard has none.
"""

import re

from data.tabular.cell_marks import CellMarks, MarksOf, require_text_within_bounds, require_within_bounds
from data.tabular.table import UnreadableFileError

TAG = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)(\s[^<>]*)?/?>")
ATTRIBUTE = {
    name: re.compile(rb"\b%s\s*=\s*[\"']([^\"']*)[\"']" % name)
    for name in (b"table:name", b"table:visibility", b"calcext:value-type",
                 b"table:number-columns-repeated", b"table:number-rows-repeated",
                 b"table:number-rows-spanned", b"table:number-columns-spanned")
}  # fmt: skip
SHOWN_TEXT = re.compile(rb"\s*<text:p[^<>]*>([^<]{0,100})</text:p>")
LEADING_ZERO = re.compile(rb"0\d+")
MANY_SPACES = re.compile(rb"\btext:c\s*=\s*[\"']\d{6,}")
NULL_DATE_1904 = re.compile(rb"<table:null-date\b[^<>]*\btable:date-value\s*=\s*[\"']1904-01-01")


def open_marks(file: str, parts: dict[str, bytes]) -> tuple[int, MarksOf]:
    """The year from which the workbook counts its days, 1900 or 1904, and the marks of its sheets."""
    content = parts["content.xml"]
    sheets = _read_marks(file, content)

    def marks_of(_: str, number: int, __: str) -> CellMarks:
        return sheets[number] if number < len(sheets) else CellMarks()

    return 1904 if NULL_DATE_1904.search(content) else 1900, marks_of


def _read_marks(file: str, content: bytes) -> list[CellMarks]:
    """The marks of each sheet, in order. Raises UnreadableFileError if a value is out of bounds."""
    if MANY_SPACES.search(content):
        raise UnreadableFileError(
            f"{file}: a cell holds more than 100,000 spaces. Shorten it and save the workbook again."
        )
    sheets: list[CellMarks] = []
    place, row, next_row, column, characters = file, 0, 0, 0, 0
    for tag in TAG.finditer(content):
        kind, attributes = tag[1], tag[2] or b""
        if kind == b"table":
            name = _attribute_text(attributes, b"table:name").decode(errors="replace")
            place, row, next_row = f"{file}, sheet {name!r}", 0, 0
            sheets.append(CellMarks())
        elif not sheets:
            continue
        elif kind == b"table-row":
            row, column = next_row, 0
            repeated = _attribute_count(attributes, b"table:number-rows-repeated")
            next_row = row + repeated
            if attributes and _attribute_text(attributes, b"table:visibility") in (b"collapse", b"filter"):
                sheets[-1].hidden_rows += repeated
        else:
            repeated = (
                _attribute_count(attributes, b"table:number-columns-repeated") if b"repeated" in attributes else 1
            )
            if b"office:value" in attributes or b"office:date" in attributes or b"office:string" in attributes:
                require_within_bounds(place, next_row - 1, column + repeated - 1)
                if repeated * (next_row - row) > 1:
                    text = content.find(b"</table:table-cell>", tag.end()) - tag.start()
                    characters += text * repeated * (next_row - row)
                    require_text_within_bounds(place, characters)
                _mark_cell(sheets[-1], attributes, content, tag.end(), row, column)
            elif b"table:formula" in attributes:
                sheets[-1].uncomputed.add((row, column))
            column += repeated
    return sheets


def _mark_cell(marks: CellMarks, attributes: bytes, content: bytes, end: int, row: int, column: int) -> None:
    if b"spanned" in attributes:
        rows, columns = (
            _attribute_count(attributes, b"table:number-%s-spanned" % what) for what in (b"rows", b"columns")
        )
        if rows > 1 or columns > 1:
            marks.merged.append((row, row + rows - 1, column, column + columns - 1))
    is_error = b'"error"' in attributes and _attribute_text(attributes, b"calcext:value-type") == b"error"
    is_number = b'"float"' in attributes or b'"percentage"' in attributes
    shown = SHOWN_TEXT.match(content, end) if is_error or is_number else None
    if is_error:
        marks.errors[row, column] = shown[1].decode(errors="replace") if shown else "#N/A"
    elif shown and LEADING_ZERO.fullmatch(shown[1]):
        marks.formats[row, column] = "0" * len(shown[1])
    elif b'"percentage"' in attributes:
        marks.formats[row, column] = "0%"


def _attribute_text(attributes: bytes, name: bytes) -> bytes:
    match = ATTRIBUTE[name].search(attributes)
    return match[1] if match else b""


def _attribute_count(attributes: bytes, name: bytes) -> int:
    number = _attribute_text(attributes, name)[:9]
    return max(1, int(number)) if number.isdigit() else 1
