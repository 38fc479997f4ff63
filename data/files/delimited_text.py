"""Text files to a grid of cells: encoding, separator, and where each record begins."""

import csv
import io
import re
from collections import Counter
from itertools import chain, islice

from data.files.file_type import refuse_markup
from data.tabular.grid import CONTROL, ODD_MARKS, PLAIN_BYTES, CellGrid
from data.tabular.table import MAX_LINES, UnreadableFileError

# The most common last: if two separate equally well, the one that is rarer in prose wins.
SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
SAMPLE_CHARACTERS = 100_000
SAMPLE_RECORDS = 200

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
SAMPLE_BYTES = 4_096
MIN_ZERO_SHARE = 0.3  # nearly half the bytes in UTF-16 of a western language, all at even or all at odd positions
MAX_CONTROL_SHARE = 0.02

EXCEL_SEPARATOR_LINE = re.compile(r"sep=(.)(\r\n|\r|\n)")  # used but not shown by Excel
END = "\x00end of file"  # cannot occur in the file


def read_grid(file: str, content: bytes) -> CellGrid:
    """The filled records of a text file, with a spreadsheet's row numbers. Raises UnreadableFileError."""
    grid = CellGrid(file)
    text = _decode(grid, content)
    refuse_markup(file, text)
    if match := EXCEL_SEPARATOR_LINE.match(text):
        separator, text = match[1], text[match.end() :]
    else:
        separator = _guess_separator(text)
    if separator != ",":
        grid.notices.append(f"Read as columns separated by {SEPARATORS.get(separator, separator)}.")
    is_odd = text.encode().translate(None, PLAIN_BYTES) or any(mark in text for mark in ODD_MARKS)
    # With both marks, a cell may have the line break of another system.
    grid.plain = not is_odd and not ('"' in text and "\r" in text)
    # Plain text breaks lines only where csv does, and as a list it takes a fifth of the memory of a StringIO.
    lines = text.splitlines(keepends=True) if grid.plain else io.StringIO(text, newline="")
    reader = csv.reader(chain(lines, [END]), delimiter=separator)
    number = lines_before = 0
    cells: list[str] = []
    try:
        for number, cells in enumerate(reader, start=1):  # noqa: B007 (used below)
            if number > MAX_LINES:  # 19 MB of empty lines took 20 seconds
                raise UnreadableFileError(
                    f"{file}: more than {MAX_LINES:,} lines, most of them empty. Delete the empty lines, or export the "
                    "file again."
                )
            if reader.line_num - lines_before > 1:
                _refuse_swallowed_rows(grid, number, cells, separator)
            lines_before = reader.line_num
            if cells != [END]:
                grid.add(number, cells)
    except csv.Error as error:
        raise UnreadableFileError(_open_quotation_message(file, number + 1)) from error
    if cells != [END]:
        raise UnreadableFileError(_open_quotation_message(file, number))
    if not grid.lines:
        raise UnreadableFileError(f"{file}: the file is empty. Export it again, with its header row.")
    return grid


def _decode(grid: CellGrid, content: bytes) -> str:
    encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if content.startswith(mark)), None)
    sample = content[:SAMPLE_BYTES]
    for utf_16, zeros in (("utf-16-be", sample[0::2]), ("utf-16-le", sample[1::2])):
        if not encoding and zeros.count(0) == sample.count(0) > MIN_ZERO_SHARE * len(sample):
            encoding = utf_16
    if not encoding:
        try:
            content.decode(encoding := "utf-8")
        except UnicodeDecodeError:
            encoding = "mac_roman" if _is_mac_roman(content) else "cp1252"
    width = {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)
    whole = content.rstrip(b"\x00") if width == 1 else content[: len(content) // width * width]
    if len(content) - len(whole) >= width:
        grid.notices.append(f"Zero bytes at the end of the file, ignored: {len(content) - len(whole):,}.")
    try:
        text = whole.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{grid.file}: the file is neither a workbook nor text in a known encoding (UTF-8, UTF-16, Windows-1252). "
            "Export it again as .xlsx or as CSV UTF-8."
        ) from error
    if len(CONTROL.findall(text[:SAMPLE_CHARACTERS])) > MAX_CONTROL_SHARE * len(text[:SAMPLE_CHARACTERS]):
        raise UnreadableFileError(
            f"{grid.file}: this is not a table file, or it is damaged. Export it again as .xlsx or CSV."
        )
    if encoding in ("cp1252", "mac_roman"):
        name = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}[encoding]
        grid.notices.append(f"Read as {name} text, because it is not UTF-8: check letters with accents.")
    return text


def _is_mac_roman(content: bytes) -> bool:
    """Lines end in CR only, and accented letters are where Mac Roman has them (Windows-1252 has symbols there)."""
    if b"\n" in content or b"\r" not in content:
        return False
    in_words = re.findall(rb"[A-Za-z]([\x80-\xff])|([\x80-\xff])[A-Za-z]", content)
    letters = [(after or before)[0] for after, before in in_words]
    return sum(byte < 0xA0 for byte in letters) > len(letters) / 2


def _guess_separator(text: str) -> str:
    """The separator that gives most records the same number of cells; of equals, the one with more cells."""
    scores: dict[str, tuple[float, int]] = {}
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(text[:SAMPLE_CHARACTERS], newline=""), delimiter=separator)
        try:
            widths = Counter(len(cells) for cells in islice(reader, SAMPLE_RECORDS) if any(cells))
        except csv.Error:
            continue
        several = [(times / widths.total(), width) for width, times in widths.items() if width > 1]
        if several:
            scores[separator] = max(several)
    return max(scores, key=scores.__getitem__, default=",")  # of equals the first


def _refuse_swallowed_rows(grid: CellGrid, number: int, cells: list[str], separator: str) -> None:
    """Raise UnreadableFileError if an unclosed quotation mark put whole rows into a cell."""
    width = max((len(cells) for _, cells in grid.lines[:SAMPLE_RECORDS]), default=0)
    for cell in cells:
        inner_lines = cell.splitlines()[1:-1]
        if width > 2 and any(line.count(separator) >= width - 1 for line in inner_lines):
            raise UnreadableFileError(_open_quotation_message(grid.file, number))


def _open_quotation_message(file: str, number: int) -> str:
    return (
        f'{file}, row {number}: a quotation mark (") opens a cell and is not closed; the rows below run into it. '
        "Remove or double the quotation mark in that row, or export the file again as .xlsx."
    )
