"""What would burst the machine is refused before it is laid out in memory, and within two seconds."""

import base64
import io
import random
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from data.files import UnreadableFileError, file_reader, read_tables
from data.files.file_reader import PROJECT

VISITS = Path(__file__).parents[2] / "fixtures" / "tables"

SECONDS = 2.0  # the most a bomb may take


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read_tables(name, content)
    return str(refused.value)


def refused_at_once(name: str, content: bytes) -> str:
    begun = time.process_time(), _seconds_of_children()
    message = refusal(name, content)
    assert time.process_time() - begun[0] + _seconds_of_children() - begun[1] < SECONDS
    return message


def _seconds_of_children() -> float:
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def xlsx(sheet: str, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook whose one sheet has this XML inside sheetData."""
    saved, result = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == name:
                begin, end = content.index(b"<sheetData"), content.index(b"<pageMargins")
                content = content[:begin] + b"<sheetData>" + sheet.encode() + b"</sheetData>" + content[end:]
            target.writestr(part, content)
    return result.getvalue()


def cell(reference: str, value: str = "1") -> str:
    return f'<c r="{reference}" t="n"><v>{value}</v></c>'


def ods(rows: str) -> bytes:
    """The visits as ODS, with these rows in place of theirs."""
    result = io.BytesIO()
    with zipfile.ZipFile(VISITS / "visits.ods") as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "content.xml":
                begin, end = content.index(b"<table:table-row"), content.index(b"</table:table>")
                content = content[:begin] + rows.encode() + content[end:]
            target.writestr(part, content)
    return result.getvalue()


def test_a_file_of_more_than_20_mb_is_refused_unread():
    message = "visits.csv: the file has more than 20 MB, the limit. Split it, for example by year."
    assert refused_at_once("visits.csv", b"a,b\n" * (6 * 1024**2)) == message


def test_a_value_in_the_last_cell_of_a_sheet_is_refused_at_once():
    content = xlsx(f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>')
    assert refused_at_once("visits.xlsx", content) == (
        "visits.xlsx, sheet 'Sheet': there is a value in row 1,048,576, column 16,384; at most 200,000 rows and 200 "
        "columns are read. Delete what is far below or to the right of the table."
    )


def test_a_blank_cell_with_a_format_in_the_last_cell_does_no_harm():
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>client</t></is></c></row>'
    last = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    (table,) = read_tables("visits.xlsx", xlsx(header + last))
    assert table.columns == ("client",)


def test_cells_that_do_not_say_their_position_cannot_hide_a_wide_sheet():
    rows = f"<row>{'<c><v>1</v></c>' * 60_000}</row>" + "<row><c><v>1</v></c></row>" * 60_000
    assert refused_at_once("visits.xlsx", xlsx(rows)) == (
        "visits.xlsx: the file is damaged, or reading it takes more memory than allowed. Save it again in a "
        "spreadsheet program, without what is not part of the table, or export it as CSV."
    )


def test_a_zip_bomb_is_refused_by_what_it_says_it_unpacks_to():
    content = xlsx("<!--" + " " * (101 * 1024**2) + "-->")
    assert len(content) < 200_000
    assert refused_at_once("visits.xlsx", content) == (
        "visits.xlsx: unpacked the workbook holds 101 MB; at most 100 MB are read. Split it, for example by year."
    )


def test_a_zip_bomb_within_100_mb_is_refused_by_how_often_it_repeats_itself():
    message = refused_at_once("visits.xlsx", xlsx("<row><c/>" * 5_000_000))
    assert message.startswith("visits.xlsx: unpacked the workbook would be ")
    assert " times as large, as no table is. Copy the table into a new workbook" in message


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too():
    content = bytearray(xlsx("<!--" + " " * (101 * 1024**2) + "-->"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (sheet,) = (entry for entry in archive.infolist() if entry.filename.endswith("sheet1.xml"))
        first = archive.open(sheet).read(1000)
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46  # the entry in the directory at the end
    content[at + 16 : at + 28] = struct.pack("<III", zlib.crc32(first), sheet.compress_size, len(first))
    assert refused_at_once("visits.xlsx", bytes(content)) == (
        "visits.xlsx: the workbook is damaged or cut off. Download or copy it again."
    )


def test_a_container_of_many_thousand_parts_is_refused_before_they_are_listed():
    entries = (b"PK\x01\x02" + bytes(42)) * 60_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 60_000, 60_000, len(entries), 4, 0)
    assert refused_at_once("visits.xlsx", b"PK\x03\x04" + entries + end) == (
        "visits.xlsx: these are many thousand files in one, not a workbook. Export the table as .xlsx."
    )


def test_rows_repeated_a_million_times_in_an_ods_are_refused_at_once():
    value = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{value}</table:table-row>'
    assert "there is a value in row 1,048,576" in refused_at_once("visits.ods", ods(rows))


def test_columns_repeated_to_the_edge_in_an_ods_are_refused_at_once():
    value = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    assert "column 16,384" in refused_at_once("visits.ods", ods(f"<table:table-row>{value}</table:table-row>"))


def test_a_billion_spaces_in_an_ods_are_refused_at_once():
    spaces = '<text:p>a<text:s text:c="1000000000"/></text:p>'
    row = f'<table:table-row><table:table-cell office:value-type="string">{spaces}</table:table-cell></table:table-row>'
    assert refused_at_once("visits.ods", ods(row)) == (
        "visits.ods: a cell holds more than 100,000 spaces. Shorten it and save the workbook again."
    )


def test_few_long_texts_shared_by_many_cells_are_refused_at_once():
    text = base64.b64encode(random.Random(1).randbytes(60_000)).decode()
    shared = "".join(f"<si><t>{text}</t></si>" for _ in range(3))
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{row % 3}</v></c></row>' for row in range(1, 20_000))
    content = with_shared_texts(xlsx(rows), f"<sst>{shared}</sst>")
    assert refused_at_once("visits.xlsx", content) == (
        "visits.xlsx, sheet 'Sheet': the texts of all cells together have 1,526 MB; at most 100 MB are read. Leave out "
        "the column of long texts."
    )


def with_shared_texts(content: bytes, texts: str) -> bytes:
    result = io.BytesIO()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            text = source.read(part)
            if part == "xl/_rels/workbook.xml.rels":
                text = text.replace(b"</Relationships>", relation.encode())
            target.writestr(part, text)
        target.writestr("xl/sharedStrings.xml", texts)
    return result.getvalue()


def test_a_long_text_repeated_over_many_rows_of_an_ods_is_refused_at_once():
    value = f'<table:table-cell office:value-type="string"><text:p>{"x" * 9_000}</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="100000">{value}</table:table-row>'
    assert "the texts of all cells together have " in refused_at_once("visits.ods", ods(row))


def test_a_value_far_out_in_an_xlsb_is_refused_at_once():
    result = io.BytesIO()
    with zipfile.ZipFile(VISITS / "visits.xlsb") as source, zipfile.ZipFile(result, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part.endswith("sheet1.bin"):  # the last row and its cells are moved to the last row of a sheet
                content = content.replace(struct.pack("<IIH", 3, 0, 300), struct.pack("<IIH", 1_048_575, 0, 300))
            target.writestr(part, content)
    assert "there is a value in row 1,048,576, column 1" in refused_at_once("visits.xlsb", result.getvalue())


def test_200001_rows_are_too_many_and_200000_are_not():
    header, line = "client,units\n", "C1,20\n"
    (table,) = read_tables("visits.csv", (header + line * 200_000).encode())
    assert len(table.rows) == 200_000
    assert refusal("visits.csv", (header + line * 200_001).encode()) == (
        "visits.csv: more than 200,000 rows. Split it, for example by year, and import the parts."
    )


@pytest.mark.parametrize("line", [b"\n", b"\r", b",\n", b'""\n'])
def test_19_mb_of_empty_lines_are_refused_before_all_of_them_are_looked_at(line):
    content = b"client,units\n" + line * (19 * 1024**2 // len(line)) + b"C1,20\n"
    assert refusal("visits.csv", content) == (
        "visits.csv: more than 1,048,576 lines, most of them empty. Delete the empty lines, or export the file again."
    )


def test_201_columns_are_too_many_and_200_are_not():
    names = [f"item_{number}" for number in range(201)]
    (table,) = read_tables("visits.csv", f"{','.join(names[:200])}\n{',' * 199}\n".encode())
    assert len(table.columns) == 200
    assert refusal("visits.csv", ",".join(names).encode()) == (
        "visits.csv, row 1: 201 columns; at most 200 are read. Leave out the columns that are not needed."
    )


def test_a_cell_of_more_than_10000_characters_is_a_fault_and_its_text_is_not_kept():
    (table,) = read_tables("visits.csv", f"client,note\nC1,{'x' * 10_001}\nC2,{'y' * 10_000}\n".encode())
    assert table.rows[0] == ("C1", "")
    assert len(table.rows[1][1]) == 10_000
    assert [(fault.row, fault.column, fault.message) for fault in table.faults] == [
        (2, "note", "holds 10,001 characters; a cell may hold 10,000: shorten it")
    ]


def test_reading_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(file_reader, "MAX_SECONDS", 0.01)
    assert refusal("visits.xlsx", (VISITS / "visits.xlsx").read_bytes()).startswith(
        "visits.xlsx: reading it took more than 0.01 seconds and was stopped."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no bound on the memory of a process")
def test_the_separate_process_has_a_bound_on_its_memory_and_leaves_no_core_dump_on_the_disk():
    program = (
        "from resource import *; from data.files.__main__ import set_resource_limits; set_resource_limits(); "
        "print(getrlimit(RLIMIT_AS)[0], getrlimit(RLIMIT_CORE)[0])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(3 * 1024**3 // 2), "0"]


def test_the_name_of_a_file_is_kept_off_the_command_line_of_the_separate_process(monkeypatch):
    """Every user of the machine can read the command lines of all programs, and a file can be named after a client."""
    commands, run = [], subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **options: commands.append(command) or run(command, **options)
    )
    (table,) = read_tables("Zoraida Quixano.xlsx", (VISITS / "visits.xlsx").read_bytes())
    assert table.file == "Zoraida Quixano.xlsx"
    assert len(commands) == 1
    assert not [word for word in commands[0] if "Quixano" in word]


def test_large_text_is_read_in_the_separate_process_with_the_same_result(monkeypatch):
    content = b"client,date,note\n" + b"C1,2026-06-03,fine\nC2,,\n" * 50
    here = read_tables("visits.csv", content)
    monkeypatch.setattr(file_reader, "MAX_BYTES_IN_PROCESS", 0)
    assert read_tables("visits.csv", content) == here
    with pytest.raises(UnreadableFileError, match="row 2: a quotation mark"):
        read_tables("visits.csv", b'client,note\nC1,"open\n')
