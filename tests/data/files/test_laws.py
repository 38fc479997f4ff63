"""What is written is what is read, or the reading is refused: never shifted, never shortened, never turned."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files import Fault, Table, UnreadableFileError, read_tables
from data.files.file_reader import read_tables_here
from data.files.worker_protocol import decode_answer, encode_answer
from tests.laws import examples

HEADER = ("client", "first seen", "note", "units given")
# Letters, digits, separators, quotation marks and line breaks, as they stand in notes; blanks at the ends are not kept.
CELL = st.text("aZé日 ,;|\t\"'\n0.-😀", max_size=12).map(str.strip)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=8).map(
    lambda rows: [(f"C{number}", *row) for number, row in enumerate(rows)]
)


@given(
    ROWS,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_text_file_is_read_as_it_was_written(rows, separator, line_end, encoding):
    written = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if line_end == "\r" else csv.QUOTE_MINIMAL  # minimal leaves \n bare where lines end in \r
    csv.writer(written, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows([HEADER, *rows])
    try:
        (table,) = read_tables("visits.csv", written.getvalue().encode(encoding))
    except UnreadableFileError as refused:  # lines inside a cell that look like rows
        assert "a quotation mark" in str(refused)
        return
    assert table.columns == HEADER
    assert table.rows == tuple(rows)
    assert table.row_numbers == tuple(range(2, 2 + len(rows)))
    assert table.faults == ()


@examples(25)
@given(ROWS, st.lists(st.integers(0, 10**12), min_size=8, max_size=8))
def test_a_workbook_is_read_as_it_was_written(rows, numbers):
    workbook, saved = openpyxl.Workbook(), io.BytesIO()
    workbook.active.append(HEADER)
    for row, number in zip(rows, numbers, strict=False):
        workbook.active.append([*row[:3], number])
    workbook.save(saved)
    (table,) = read_tables_here("visits.xlsx", saved.getvalue(), hidden_sheets=False)
    assert table.rows == tuple((*row[:3], str(number)) for row, number in zip(rows, numbers, strict=False))


@given(ROWS, st.sampled_from([1900, 1904, None]))
def test_a_table_comes_back_from_the_separate_process_as_it_was(rows, epoch):
    faults = (Fault(2, None, "", "broken"), Fault(3, "note", "#REF!", "wrong"))
    table = Table("visits.csv", None, HEADER, tuple(rows), tuple(range(len(rows))), ("told",), faults, epoch)
    assert decode_answer(encode_answer((table, table))) == (table, table)


ODD_AND_PLAIN = st.sampled_from([
    *("a", "b 2", " ", "", '"c, d"', '"e\nf"', '"g\rh"', '"i\r\nj"', '"k'),
    *('="0042"', "#N/A", "####", "1.2E+11", "Err:502", "é", "l\xa0", "\0", "m\x1c"),
])  # fmt: skip


@given(st.lists(st.lists(ODD_AND_PLAIN, min_size=2, max_size=2), max_size=4), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_text_with_nothing_odd_in_it_is_read_as_if_every_line_were_looked_at(cells, line_end):
    lines = ["client,note,units", "C0,x,y", *(",".join((f"C{n}", *line)) for n, line in enumerate(cells, start=1))]
    content = line_end.join(lines).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.files.delimited_text.PLAIN_BYTES", b"")
        looked_at = _read_or_why(content)
    assert _read_or_why(content) == looked_at


def _read_or_why(content):
    try:
        return read_tables_here("visits.csv", content, hidden_sheets=False)
    except UnreadableFileError as refused:
        return str(refused)
