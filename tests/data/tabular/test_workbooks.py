"""XLSX, XLS, XLSB and ODS: what a person sees in the cells is what is read."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from data.files import UnreadableFileError, read_tables

VISITS = Path(__file__).parents[2] / "fixtures" / "tables"

EVERY_FORMAT = ("visits.xlsx", "visits.xls", "visits.ods", "visits_1904.xlsx", "visits_1904.xls", "visits_1904.ods")


def read(workbook: openpyxl.Workbook | bytes, name: str = "visits.xlsx", **how):
    if not isinstance(workbook, bytes):
        saved = io.BytesIO()
        workbook.save(saved)
        workbook = saved.getvalue()
    return read_tables(name, workbook, **how)


def workbook_of(*rows) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook


def changed(content: bytes, part: str, *replacements: tuple[str, str]) -> bytes:
    """The workbook with texts of one part replaced."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                for before, after in replacements:
                    assert before.encode() in text, before
                    text = text.replace(before.encode(), after.encode())
            target.writestr(name, text)
    return result.getvalue()


@pytest.fixture(scope="module", params=EVERY_FORMAT)
def visits(request):
    (table,) = read_tables(VISITS / request.param)
    return table


def column(table, name):
    return [row[table.columns.index(name)] for row in table.rows]


def test_real_dates_are_iso_dates_in_both_calendars_of_a_workbook(visits):
    assert column(visits, "date") == ["2026-06-03", "2026-06-03", "2026-06-04", "2026-06-05", "2026-06-30"]
    assert column(visits, "seen at")[0] == "2026-06-03 14:30"
    assert visits.epoch == (1904 if "1904" in visits.file else 1900)


def test_numbers_have_no_spurious_decimals_and_codes_keep_their_zeros(visits):
    assert column(visits, "units") == ["20", "12.5", "0.3", "8", "4"]
    assert column(visits, "code") == ["00007", "00042", "123456789012", "00008", "00009"]
    assert column(visits, "note")[1] == "007"


def test_a_percentage_is_read_as_a_person_sees_it(visits):
    assert column(visits, "share") == ["5%"] * 5


def test_a_formula_is_its_value_and_an_error_is_reported_with_row_and_column(visits):
    assert column(visits, "sum") == ["40", "25", "0.6", "16", "#DIV/0!"]
    assert [(fault.row, fault.column, fault.value, fault.message) for fault in visits.faults] == [
        (8, "sum", "#DIV/0!", "the formula in this cell failed: correct it, or type the value")
    ]


def test_a_merged_cell_speaks_for_every_row_it_covers(visits):
    assert column(visits, "client") == ["C1", "C1", "C1", "C2", "C3"]
    assert "Merged cells, read as the value of every row they cover: from row 5 down." in visits.notices


def test_rows_bear_the_numbers_of_the_spreadsheet_program(visits):
    assert visits.row_numbers == (4, 5, 6, 7, 8)
    assert "The header is in row 3; titles above it were skipped: row 1." in visits.notices


def test_hidden_sheets_are_reported_and_read_only_when_asked(visits):
    assert visits.notices[-1] == "Hidden sheets were not read: 'Lists', 'Prices'."
    tables = read_tables(VISITS / visits.file, hidden_sheets=True)
    assert [table.sheet for table in tables] == ["Visits", "Lists", "Prices"]


@pytest.mark.parametrize("file", ["visits.xlsx", "visits.ods"])
def test_hidden_rows_are_read_and_reported(file):
    (table,) = read_tables(VISITS / file)
    assert "Hidden or filtered rows, read like the others: 1." in table.notices


def test_hidden_columns_are_read_and_reported():
    workbook = workbook_of(["client", "units", "phone"], ["C1", 20, "x"])
    workbook.active.column_dimensions["C"].hidden = True
    assert read(workbook)[0].notices == ("Hidden columns, read like the others: 1.",)


def test_xlsb_is_read_alike():
    (table,) = read_tables(VISITS / "visits.xlsb")
    assert table.rows == (
        ("C1", "2026-06-04", "00042", "12.5"),
        ("C1", "2026-06-05", "00042", "12.5"),
        ("C2", "2026-06-06", "00042", "#N/A"),
    )
    assert [(fault.row, fault.column, fault.value) for fault in table.faults] == [(4, "units", "#N/A")]
    assert table.notices == (
        "Merged cells, read as the value of every row they cover: from row 2 down.",
        "Hidden sheets were not read: 'Lists'.",
    )


def test_a_formula_never_computed_is_reported_and_not_read_as_blank_in_silence():
    (table,) = read(workbook_of(["client", "units"], ["C1", "=10+10"], ["C2", 5]))
    assert [(fault.row, fault.column, fault.message) for fault in table.faults] == [
        (2, "units", "the formula in this cell was never computed: open the file in a spreadsheet program and save it")
    ]


def test_a_row_of_nothing_but_uncomputed_formulas_is_reported_and_not_lost():
    (table,) = read(workbook_of(["client", "units"], ["=A9", "=B9"], ["C2", 5], ["=A9", "=B9"]))
    assert table.row_numbers == (3,)
    assert [(fault.row, fault.column) for fault in table.faults] == [(2, None), (4, None)]
    assert table.faults[0].message == (
        "contains only unreadable cells: the formula in this cell was never computed: open the file in a "
        "spreadsheet program and save it"
    )


def test_a_formula_whose_value_is_an_empty_text_is_not_a_fault():
    saved = io.BytesIO()
    workbook_of(["client", "units", "note"], ["C1", 5, "=CONCAT()"]).save(saved)
    never, empty = '<c r="C2"><f>CONCAT()</f><v />', '<c r="C2" t="str"><f>CONCAT()</f><v></v>'
    (table,) = read(changed(saved.getvalue(), "xl/worksheets/sheet1.xml", (never, empty)))
    assert (table.faults, table.rows) == ((), (("C1", "5", ""),))


def test_errors_in_cells_that_do_not_say_their_position_are_counted():
    saved = io.BytesIO()
    workbook_of(["client", "units"], ["C1", "#N/A"]).save(saved)
    content = changed(saved.getvalue(), "xl/worksheets/sheet1.xml", (' r="B2"', ""))
    (table,) = read(content)
    assert "Cells with errors or never computed, read as blank: 1." in table.notices


def test_a_tail_of_14000_blank_rows_with_a_format_is_no_problem():
    workbook = workbook_of(["client", "units"], ["C1", 20])
    for row in range(3, 14_003):
        workbook.active.cell(row, 1).number_format = "00000"
    (table,) = read(workbook)
    assert (table.rows, table.notices) == ((("C1", "20"),), ())


def test_numbers_beyond_fifteen_digits_show_what_the_program_kept():
    (table,) = read(workbook_of(["client", "invoice", "small"], ["C1", 12345678901234567890, 0.00001]))
    assert table.rows == (("C1", "12345678901234600000", "0.00001"),)


def test_a_date_beyond_the_calendar_stays_the_number_it_is():
    workbook = workbook_of(["client", "date"], ["C1", 3_000_000])
    workbook.active["B2"].number_format = "yyyy-mm-dd"
    assert read(workbook)[0].rows == (("C1", "3000000"),)


def test_a_time_alone_and_an_elapsed_time_are_no_dates():
    workbook = workbook_of(["client", "at", "took"], ["C1", 0.5, 1.25])
    workbook.active["B2"].number_format, workbook.active["C2"].number_format = "hh:mm", "[h]:mm:ss"
    assert read(workbook)[0].rows == (("C1", "12:00", "30:00:00"),)


def test_two_header_rows_joined_by_merged_cells():
    workbook = workbook_of(["client", "glabella", None, "masseter", None], [None, "units", "lot", "units", "lot"],
                           ["C1", 20, "L1", 25, "L2"], ["C2", 18, "L1", None, None])  # fmt: skip
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        workbook.active.merge_cells(cells)
    (table,) = read(workbook)
    assert table.columns == ("client", "glabella units", "glabella lot", "masseter units", "masseter lot")
    assert table.rows == (("C1", "20", "L1", "25", "L2"), ("C2", "18", "L1", "", ""))


def test_cells_merged_across_columns_are_read_in_the_left_one_and_reported():
    workbook = workbook_of(["client", "date", "note"], ["C1", date(2026, 6, 3), "fine"], ["C2", "cancelled", None])
    workbook.active.merge_cells("B3:C3")
    (table,) = read(workbook)
    assert table.rows[1] == ("C2", "cancelled", "")
    assert table.notices == ("Merged cells across columns, read in the left one only: row 3.",)


def test_every_filled_sheet_is_a_table_and_a_sheet_without_a_header_is_reported():
    workbook = workbook_of(["client", "units"], ["C1", 20])
    workbook.create_sheet("Numbers").append([1, 2, 3])
    workbook.create_sheet("Empty")
    workbook.create_sheet("Lots").append(["lot", "expiry"])
    tables = read(workbook)
    assert [table.sheet for table in tables] == ["Sheet", "Lots"]
    assert tables[0].notices == (
        "Not read: visits.xlsx, sheet 'Numbers', row 1: column names were expected here, but the row contains "
        "values. Add a header row above it.",
    )


def test_a_workbook_without_any_table_is_reported():
    with pytest.raises(UnreadableFileError, match="^visits.xlsx: no sheet holds a table with a header row.$"):
        read(openpyxl.Workbook())


def test_a_table_that_does_not_begin_in_the_corner_keeps_its_rows():
    workbook = openpyxl.Workbook()
    for cell, value in (("C5", "client"), ("D5", "units"), ("C6", "C1"), ("D6", 20)):
        workbook.active[cell] = value
    (table,) = read(workbook)
    assert (table.columns, table.rows, table.row_numbers) == (("client", "units"), (("C1", "20"),), (6,))


def renamed(content: bytes, rename) -> bytes:
    """The workbook with each part under each of the names that `rename` gives it."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            for new_name in rename(name):
                target.writestr(new_name, source.read(name))
    return result.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "xlsb"])
def test_parts_are_found_whatever_their_letter_case(kind):
    content = (VISITS / f"visits.{kind}").read_bytes()
    in_capitals = renamed(content, lambda name: [name.replace("styles", "Styles").replace("sheet1", "Sheet1")])
    assert read(in_capitals, f"visits.{kind}") == read(content, f"visits.{kind}")


def test_two_parts_whose_names_differ_in_letter_case_only_are_refused():
    """The parser might read the one that was not checked."""
    content = (VISITS / "visits.xlsx").read_bytes()
    twice = renamed(content, lambda name: [name, name.upper()] if name.endswith("sheet1.xml") else [name])
    assert refusal(twice, "visits.xlsx") == f"visits.xlsx: {DAMAGED}"


PASSWORD = "the workbook is protected with a password. Open it, remove the password, save it and choose it again."
DAMAGED = "the workbook is damaged or cut off. Download or copy it again."


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read_tables(name, content)
    return str(refused.value)


def test_a_password_on_an_xlsx_is_reported():
    """Such a file is a container of the old kind with the encrypted package inside."""
    container = (VISITS / "visits.xls").read_bytes()
    old, new = ("Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le"))
    at = container.index(old)
    named = new.ljust(64, b"\0") + (len(new) + 2).to_bytes(2, "little")
    assert refusal(container[:at] + named + container[at + 66 :], "visits.xlsx") == f"visits.xlsx: {PASSWORD}"


def test_a_password_on_an_xls_is_reported():
    content = (VISITS / "visits.xls").read_bytes()
    protected = re.sub(rb"\xe1\x00\x02\x00\xb0\x04", b"\x2f\x00\x02\x00\x01\x00", content, count=1)  # [MS-XLS] FilePass
    assert protected != content
    assert refusal(protected, "visits.xls") == f"visits.xls: {PASSWORD}"


def test_a_password_on_an_ods_is_reported():
    content = (VISITS / "visits.ods").read_bytes()
    entry = 'manifest:full-path="content.xml" manifest:media-type="text/xml"'
    protected = changed(content, "META-INF/manifest.xml", (f"<manifest:file-entry {entry}/>",
        f"<manifest:file-entry {entry}><manifest:encryption-data/></manifest:file-entry>"))  # fmt: skip
    protected = changed(protected, "content.xml", ("<?xml", "encrypted"))
    assert refusal(protected, "visits.ods") == f"visits.ods: {PASSWORD}"


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods", "xlsb"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_workbook_cut_off_is_reported(kind, share):
    content = (VISITS / f"visits.{kind}").read_bytes()
    assert refusal(content[: int(len(content) * share)], f"visits.{kind}") == f"visits.{kind}: {DAMAGED}"


def with_number(content: bytes, at: int, number: int) -> bytes:
    return content[:at] + number.to_bytes(4, "little") + content[at + 4 :]


# [MS-CFB] 2.2: where the header of a container says in which sector its parts begin; 2.3: the table of next sectors.
DIRECTORY_START, MINI_FAT_START, FAT_START = 48, 60, 76


@pytest.mark.parametrize("start", [DIRECTORY_START, MINI_FAT_START])
def test_an_xls_whose_chain_of_sectors_runs_in_a_circle_is_reported(start):
    """The parser would follow it for ever."""
    content = (VISITS / "visits.xls").read_bytes()
    fat, sector = (int.from_bytes(content[at : at + 4], "little") for at in (FAT_START, start))
    circle = with_number(content, (fat + 1) * 512 + 4 * sector, sector)
    assert refusal(circle, "visits.xls") == f"visits.xls: {DAMAGED}"


@pytest.mark.parametrize("start", [DIRECTORY_START, MINI_FAT_START, FAT_START])
def test_an_xls_whose_header_points_beyond_its_end_is_reported(start):
    content = with_number((VISITS / "visits.xls").read_bytes(), start, 1000)
    assert refusal(content, "visits.xls") == f"visits.xls: {DAMAGED}"


def test_an_xls_whose_directory_leads_nowhere_is_reported():
    content = (VISITS / "visits.xls").read_bytes()
    directory = (int.from_bytes(content[DIRECTORY_START : DIRECTORY_START + 4], "little") + 1) * 512
    assert refusal(with_number(content, directory + 76, 1000), "visits.xls") == f"visits.xls: {DAMAGED}"


@pytest.mark.parametrize("kind, part", [("xlsx", "xl/worksheets/sheet1.xml"), ("ods", "content.xml")])
def test_a_workbook_whose_sheet_breaks_off_inside_a_whole_container_is_reported(kind, part):
    """The parser would wait for the rest for ever."""
    result = io.BytesIO()
    with zipfile.ZipFile(VISITS / f"visits.{kind}") as source, zipfile.ZipFile(result, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: -len(content) // 4] if name == part else content)
    assert refusal(result.getvalue(), f"visits.{kind}") == f"visits.{kind}: {DAMAGED}"


@pytest.mark.parametrize("encoding", ["UVF-8", "utf_16", "hex", "idna"])
def test_xml_in_an_unknown_encoding_is_reported(encoding):
    declared = f'<?xml version="1.0" encoding="{encoding}"?><workbook '
    saved = io.BytesIO()
    workbook_of(["client"], ["C1"]).save(saved)
    content = changed(saved.getvalue(), "xl/workbook.xml", ("<workbook ", declared))
    assert refusal(content, "visits.xlsx") == f"visits.xlsx: {DAMAGED}"


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xlsb"])
def test_a_workbook_with_flipped_bits_is_reported(kind):
    content = bytearray((VISITS / f"visits.{kind}").read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        largest = max(archive.infolist(), key=lambda entry: entry.compress_size)
    content[largest.header_offset + 60 + largest.compress_size // 2] ^= 0xFF
    assert refusal(bytes(content), f"visits.{kind}") == f"visits.{kind}: {DAMAGED}"


def test_xml_that_could_hide_something_from_the_search_is_refused():
    saved = io.BytesIO()
    workbook_of(["client"], ["C1"]).save(saved)
    entity = '<!DOCTYPE w [<!ENTITY a "b">]><worksheet'
    content = changed(saved.getvalue(), "xl/worksheets/sheet1.xml", ("<worksheet", entity))
    assert refusal(content, "visits.xlsx") == (
        "visits.xlsx: the workbook holds XML that no office program writes. Save it again as .xlsx."
    )
