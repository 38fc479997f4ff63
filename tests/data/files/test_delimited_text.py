"""Text files as practice programs really write them."""

import pytest

from data.files import UnreadableFileError, read_tables

LINES = ["client,date,units,note", "C1,2026-06-03,20,Zoë's lid", "C2,2026-06-04,12.5,"]
COLUMNS = ("client", "date", "units", "note")
ROWS = (("C1", "2026-06-03", "20", "Zoë's lid"), ("C2", "2026-06-04", "12.5", ""))


def table(content: bytes | str, name: str = "visits.csv"):
    (only,) = read_tables(name, content.encode() if isinstance(content, str) else content)
    return only


def refusal(content: bytes | str, name: str = "visits.csv") -> str:
    with pytest.raises(UnreadableFileError) as refused:
        table(content, name)
    return str(refused.value)


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_and_line_end_gives_the_same_table(encoding, line_end):
    read = table(line_end.join(LINES).encode(encoding))
    assert (read.columns, read.rows, read.row_numbers) == (COLUMNS, ROWS, (2, 3))


def test_mixed_line_ends_in_one_file_are_all_line_ends():
    assert table("client,date\nC1,2026-06-03\r\nC2,2026-06-04\rC3,2026-06-05").row_numbers == (2, 3, 4)


def test_windows_1252_is_reported_because_it_is_an_inference():
    assert table("client,note\r\nC1,Zoë €".encode("cp1252")).notices == (
        "Read as Windows-1252 text, because it is not UTF-8: check letters with accents.",
    )


def test_a_file_of_an_old_mac_keeps_its_accents():
    read = table("client,note\rC1,Zoë café".encode("mac_roman"))
    assert read.rows == (("C1", "Zoë café"),)
    assert "Mac Roman" in read.notices[0]


@pytest.mark.parametrize("separator, name", [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_separators_are_recognized_and_reported(separator, name):
    read = table("\n".join(LINES).replace(",", separator))
    assert read.rows == ROWS
    assert read.notices == (f"Read as columns separated by {name}.",)


def test_decimal_commas_do_not_pass_for_separators():
    read = table("client;units;ml\nC1;2,5;0,1\nC2;3,5;0,2\nC3;4,5;0,3")
    assert read.rows[0] == ("C1", "2,5", "0,1")


def test_the_separator_is_found_below_titles_above_the_header():
    read = table("Report, all sites, all dates\n\nclient;units\nC1;2,5\nC2;3,5\nC3;4,5\n")
    assert read.columns == ("client", "units")


def test_the_separator_line_of_excel_is_obeyed_and_takes_no_row():
    read = table("sep=;\r\nclient;note\r\nC1;a,b\r\n")
    assert (read.rows, read.row_numbers) == ((("C1", "a,b"),), (2,))


def test_line_breaks_in_quotes_stay_in_the_cell_and_rows_count_as_the_spreadsheet_shows_them():
    read = table('client,note,units\nC1,"heavy lid\nsince Monday",20\nC2,,5\n')
    assert read.rows[0] == ("C1", "heavy lid\nsince Monday", "20")
    assert read.row_numbers == (2, 3)


def test_doubled_quotes_are_one_quote():
    assert table('client,note\nC1,"said ""fine"""\n').rows == (("C1", 'said "fine"'),)


@pytest.mark.parametrize("rows", ['C1,"never closed,5\nC2,,6\n', 'C1,"swallows\nC2,a,6\nC3,b,7\nC4,"c",8\n'])
def test_a_quotation_mark_left_open_is_reported_with_its_row(rows):
    assert refusal("client,note,units\n" + rows) == (
        'visits.csv, row 2: a quotation mark (") opens a cell and is not closed; the rows below run into it. Remove or '
        "double the quotation mark in that row, or export the file again as .xlsx."
    )


def test_a_row_too_long_is_a_fault_and_no_cell_of_it_is_read():
    read = table("client,note,units\nC1,swollen, red,20\nC2,,5\nC3,,6\n")
    assert read.rows == (("C2", "", "5"), ("C3", "", "6"))
    (fault,) = read.faults
    assert (fault.row, fault.column) == (2, None)
    assert fault.message == (
        "has 4 cells where the header has 3: probably a separator inside a text without quotation marks. The row was "
        "not read; correct it"
    )


def test_empty_cells_past_the_header_do_no_harm():
    assert table("client,units,,\nC1,20,,\nC2,5,,,,\n").rows == (("C1", "20"), ("C2", "5"))


def test_a_short_row_is_filled_with_blanks_and_reported():
    read = table("client,date,units\nC1,2026-06-03,20\nC2,2026-06-04\nC3,2026-06-05,8\n")
    assert read.rows[1] == ("C2", "2026-06-04", "")
    assert read.notices == ("Fewer cells than the header's 3, the rest read as blank: row 3.",)


def test_a_record_broken_in_two_by_a_line_break_is_a_fault_in_both_rows():
    read = table("client,note,units,site\nC1,fine,20,A\nC2,heavy\nlid,5,A\nC3,fine,6,B\n")
    assert [row[0] for row in read.rows] == ["C1", "C3"]
    assert [fault.row for fault in read.faults] == [3, 4]
    assert "makes a complete row with its neighbor" in read.faults[0].message


def test_when_every_row_is_longer_than_the_header_nothing_is_shifted():
    assert refusal("client,units\n1,C1,20\n2,C2,5\n") == (
        "visits.csv: every row has 3 cells but the header names 2 columns. Add the missing name to the header, or "
        "export the file again as .xlsx."
    )


def test_codes_of_twelve_digits_leading_zeros_and_emoji_stay_as_they_are():
    assert table("client,code,mood\n007,123456789012,😀👩‍⚕️\n").rows == (("007", "123456789012", "😀👩‍⚕️"),)


def test_a_code_written_as_a_formula_to_keep_its_zeros_is_read_as_the_code():
    read = table('client,code\nC1,="00123"\nC2,="123456789012"\n')
    assert [row[1] for row in read.rows] == ["00123", "123456789012"]
    assert read.notices == ('Cells written as a formula, ="text", read as the text: 2.',)


def test_no_break_spaces_are_read_as_spaces_and_counted():
    read = table("client,note\nC1\u00a0,heavy\u00a0lid\u200b\n")
    assert read.rows == (("C1", "heavy lid"),)
    assert read.notices == (
        "Cells with no-break or other special spaces, read as plain spaces: 2.",
        "Cells with invisible characters, which were removed: 1.",
    )


def test_an_accent_written_as_two_characters_is_the_same_as_one():
    assert table("client,name\nC1,Zoe\u0308\n").rows == table("client,name\nC1,Zo\u00eb\n").rows


def test_zero_bytes_inside_a_cell_are_reported_with_the_row():
    read = table(b"client,note\nC1,fine\nC2,he\x00avy lid that is still there after two weeks\n")
    (fault,) = read.faults
    assert (fault.row, fault.column) == (3, "note")
    assert fault.message == "has bytes that are not text; the file may be damaged: export it again"


def test_zero_bytes_at_the_end_of_a_file_are_skipped_and_reported():
    read = table(b"client,units\nC1,20\n" + bytes(5_000))
    assert read.rows == (("C1", "20"),)
    assert read.notices == ("Zero bytes at the end of the file, ignored: 5,000.",)


def test_letters_lost_before_are_reported():
    (fault,) = table("client,note\nC1,Zo\ufffd\n").faults
    assert (fault.row, fault.column, fault.value) == (2, "note", "Zo\ufffd")


@pytest.mark.parametrize("shown, why", [
    ("#N/A", "the formula in this cell failed: correct it, or type the value"),
    ("#REF!", "the formula in this cell failed: correct it, or type the value"),
    ("########", "the column was too narrow when the file was written: widen it and export again"),
    ("1.23457E+11", "a long number was shortened and lost digits: format the column as text and export again"),
])  # fmt: skip
def test_what_a_spreadsheet_program_spoiled_before_the_export_is_reported_with_row_and_column(shown, why):
    read = table(f"client,invoice\nC1,55\nC2,{shown}\n")
    (fault,) = read.faults
    assert (fault.row, fault.column, fault.value, fault.message) == (3, "invoice", shown, why)
    assert read.rows[1] == ("C2", shown)


@pytest.mark.parametrize("content", ["", "\n\n\n", " \r\n,,,\r\n", "\ufeff"])
def test_an_empty_file_is_reported(content):
    assert refusal(content) == "visits.csv: the file is empty. Export it again, with its header row."


def test_bytes_in_no_known_encoding_are_reported():
    assert refusal(b"client,note\nC1,\x81\x8d\n") == (
        "visits.csv: the file is neither a workbook nor text in a known encoding (UTF-8, UTF-16, Windows-1252). Export "
        "it again as .xlsx or as CSV UTF-8."
    )


def test_a_file_that_is_not_text_is_reported():
    assert refusal(bytes(range(1, 120)) * 20) == (
        "visits.csv: this is not a table file, or it is damaged. Export it again as .xlsx or CSV."
    )
