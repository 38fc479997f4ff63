"""XLSX: the cell marks of its worksheets, from searches of the bytes (an XML tree of a million cells takes seconds).

Source: ECMA-376 part 1, sections 18.2 (workbook), 18.3 (worksheets), 18.8 (styles).
"""

import posixpath
import re
from itertools import pairwise
from xml.etree import ElementTree

from data.tabular import cell_marks
from data.tabular.table import MAX_COLUMNS, MAX_UNPACKED_BYTES

REFERENCE = re.compile(rb'\br\s*=\s*["\']([A-Z]{1,3})(\d{1,7})["\']')
TEXT_RESULT = re.compile(rb'\bt\s*=\s*["\']str["\']')  # a formula whose value is a text, which may be empty

ROWS_AS_DIMENSION = re.compile(rb'<dimension\s+ref=["\']\d+:\d+["\']\s*/>')
MAX_HEAD = 4_096  # bytes in which the dimension of a worksheet stands

# Searches in a worksheet. P is the namespace prefix, ATTRIBUTES the inside of a tag, which has a maximum length so that
# a search of a hostile file can't run long.
ATTRIBUTES = rb"[^<>]{0,300}"
ERROR_CELL = rb'<Pc\b(ATTRIBUTES\bt=["\']e["\']ATTRIBUTES)>(?:<Pf\b[^<]{0,9000}(?:</Pf>)?)?\s*<Pv>([^<]{1,40})'
UNCOMPUTED_CELL = rb"<Pc\b(ATTRIBUTES)>\s*<Pf\b[^<]{0,9000}(?:</Pf>)?\s*(?:<Pv\s*/>|<Pv>\s*</Pv>)?\s*</Pc>"
STYLED_CELL = rb'<Pc\b(ATTRIBUTES\bs=["\']STYLE["\']ATTRIBUTES(?<!/))>'
SHARED_TEXT_CELL = rb'<Pc\bATTRIBUTES\bt=["\']s["\']ATTRIBUTES>\s*<Pv>(\d{1,9})<'
HIDDEN_COLUMNS = rb'<Pcol\b(ATTRIBUTES\bhidden=["\'](?:1|true)["\']ATTRIBUTES)>'
HIDDEN_ROW = rb'<Prow\bATTRIBUTES\bhidden=["\'](?:1|true)["\']ATTRIBUTES(?<!/)>'


# A reference past the 200th column (GR) or the 199,999th row. One search for each quotation mark is fast.
FAR_REFERENCE = rb"(?:[A-Z]{3}|[H-Z][A-Z]|G[S-Z]|[A-Z]+(?=\d{7}|[2-9]\d{5}))\d+"
FAR_REFERENCES = re.compile(rb'r="%s"' % FAR_REFERENCE), re.compile(rb"r='%s'" % FAR_REFERENCE)


def open_marks(_: str, parts: dict[str, bytes]) -> tuple[int, cell_marks.MarksOf]:
    """The year from which the workbook counts its days, 1900 or 1904, and the marks of its sheets."""
    for name, part in parts.items():
        # Some programs write the dimension "1:4", which calamine refuses; without one it looks at the cells.
        parts[name] = ROWS_AS_DIMENSION.sub(b"", part, count=1) if b"<dimension" in part[:MAX_HEAD] else part
    parts = {name.lower(): part for name, part in parts.items()}  # as calamine finds them
    workbook = ElementTree.fromstring(parts["xl/workbook.xml"])
    settings = workbook.find("{*}workbookPr")
    epoch = 1904 if settings is not None and settings.get("date1904") in ("1", "true", "on") else 1900
    relations = {
        sheet.get("name", ""): next((value for key, value in sheet.items() if key.endswith("}id")), "")
        for sheet in workbook.iterfind(".//{*}sheet")
    }
    sheets = find_sheets(parts, "xl/_rels/workbook.xml.rels", relations)
    formats = _display_formats(parts.get("xl/styles.xml", b"<none/>"))
    ends = [end.start() for end in re.finditer(rb"</(?:\w+:)?si>", parts.get("xl/sharedstrings.xml", b""))]
    text_lengths = [end - begin for begin, end in pairwise([0, *ends])]

    def marks_of(place: str, _: int, name: str) -> cell_marks.CellMarks:
        return _sheet_marks(place, sheets.get(name, b""), formats, text_lengths)

    return epoch, marks_of


def find_sheets(parts: dict[str, bytes], part: str, relations: dict[str, str]) -> dict[str, bytes]:
    """Sheet name -> its part, from the part with all relations and the relation of each sheet."""
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in ElementTree.fromstring(parts[part]).iterfind(".//{*}Relationship")
    }
    return {sheet: parts.get(targets.get(relation, "").lower(), b"") for sheet, relation in relations.items()}


def _display_formats(xml: bytes) -> dict[int, str]:
    styles = ElementTree.fromstring(xml)
    formats = {str(number): form for number, form in cell_marks.BUILT_IN_PERCENT.items()}
    formats |= {form.get("numFmtId", ""): form.get("formatCode", "") for form in styles.iterfind(".//{*}numFmt")}
    return cell_marks.formats_that_show_more(
        [formats.get(style.get("numFmtId", ""), "") for style in styles.iterfind("{*}cellXfs/*")]
    )


def _sheet_marks(place: str, xml: bytes, formats: dict[int, str], text_lengths: list[int]) -> cell_marks.CellMarks:
    """The marks of one worksheet. Raises UnreadableFileError if a value is out of bounds."""
    match = re.search(rb"<(\w+:)?sheetData\b", xml)
    prefix = (match[1] or b"") if match else b""

    def found(search: bytes) -> list:
        return re.findall(search.replace(b"ATTRIBUTES", ATTRIBUTES).replace(b"P", prefix), xml)

    _refuse_far_values(place, xml, prefix)
    if max(text_lengths, default=0) * xml.count(b"<%sc" % prefix) > MAX_UNPACKED_BYTES:
        numbers = (int(number) for number in found(SHARED_TEXT_CELL))
        characters = sum(text_lengths[number] for number in numbers if number < len(text_lengths))
        cell_marks.require_text_within_bounds(place, characters)
    marks = cell_marks.CellMarks()
    if b't="e"' in xml or b"t='e'" in xml:
        cells = [(_position(attributes), shown.decode(errors="replace")) for attributes, shown in found(ERROR_CELL)]
        marks.errors = {at: shown for at, shown in cells if at}
        marks.unplaced_errors = sum(at is None for at, _ in cells)
    if b"<%sf" % prefix in xml:
        cells = [_position(attributes) for attributes in found(UNCOMPUTED_CELL) if not TEXT_RESULT.search(attributes)]
        marks.uncomputed = {at for at in cells if at}
        marks.unplaced_errors += cells.count(None)
    for style, form in formats.items():
        cells = [_position(attributes) for attributes in found(STYLED_CELL.replace(b"STYLE", b"%d" % style))]
        marks.formats |= {at: form for at in cells if at}
    if b"hidden=" in xml:
        marks.hidden_rows = len(found(HIDDEN_ROW))
        marks.hidden_columns = sum(map(_columns_of, found(HIDDEN_COLUMNS)))
    return marks


def _refuse_far_values(place: str, xml: bytes, prefix: bytes) -> None:
    """Refuses values far out, which would fill the memory with blanks. Cells with only a format do no harm."""
    for search in FAR_REFERENCES:
        for match in search.finditer(xml):
            tag = xml[xml.rfind(b"<", 0, match.start()) : xml.find(b">", match.end()) + 1]
            if tag.startswith(b"<%sc" % prefix) and not tag.endswith(b"/>") and (at := _position(tag)):
                cell_marks.require_within_bounds(place, *at)


def _columns_of(attributes: bytes) -> int:
    """The number of columns within bounds that a `col` stands for."""
    first, last = (re.search(rb'\b%s=["\'](\d{1,5})["\']' % name, attributes) for name in (b"min", b"max"))
    return max(0, min(int(last[1]), MAX_COLUMNS) - int(first[1]) + 1) if first and last else 1


def _position(attributes: bytes) -> cell_marks.Cell | None:
    match = REFERENCE.search(attributes)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(match[2]) - 1, column - 1
