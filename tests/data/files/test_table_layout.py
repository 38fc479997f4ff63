"""Where the header stands and what is no record: titles, second header rows, totals, notes, blanks."""

import pytest

from data.files import UnreadableFileError, is_missing, read_tables

VISITS = "client,date,area,units\nC1,2026-06-03,glabella,20\nC2,2026-06-04,masseter,25\n"


def table(text: str):
    (only,) = read_tables("visits.csv", text.encode())
    return only


def test_the_header_may_be_below_titles_and_filters():
    titles = "Transaction list,,,\n\nFrom,1 June 2026,,\nTo,30 June 2026,,\n\n"
    read = table(titles + VISITS)
    assert read.columns == ("client", "date", "area", "units")
    assert read.row_numbers == (7, 8)
    assert read.notices == ("The header is in row 6; titles above it were skipped: rows 1, 3, 4.",)


def test_a_table_without_a_header_is_not_read_with_its_first_record_as_names():
    with pytest.raises(UnreadableFileError) as refused:
        table("C1,2026-06-03,glabella,20\nC2,2026-06-04,masseter,25\n")
    assert str(refused.value) == (
        "visits.csv, row 1: column names were expected here, but the row contains values. Add a header row above it."
    )


def test_weeks_as_column_names_are_names():
    read = table("client,0,2,4,8,12\nC1,46,36,34,38,44\n")
    assert (read.columns, len(read.rows)) == (("client", "0", "2", "4", "8", "12"), 1)


def test_two_header_rows_are_read_as_one_when_the_second_fills_the_gaps_of_the_former():
    read = table("client,visit,,glabella,\n,date,site,units,lot\nC1,2026-06-03,A,20,L1\nC2,2026-06-04,B,25,L2\n")
    assert read.columns == ("client", "visit date", "visit site", "glabella units", "glabella lot")
    assert read.rows[0] == ("C1", "2026-06-03", "A", "20", "L1")
    assert read.notices == ("Rows 1 and 2 were combined into the header.",)


def test_groups_above_a_header_are_joined_where_the_header_repeats_itself():
    read = table("visits,,,,\n,,glabella,,masseter,\nclient,date,units,lot,units,lot\nC1,2026-06-03,20,L1,25,L2\n")
    assert read.columns == ("client", "date", "glabella units", "glabella lot", "masseter units", "masseter lot")


def test_a_title_above_a_header_that_names_every_column_once_is_only_a_title():
    assert table("visits,June\nclient,date,area,units\nC1,2026-06-03,glabella,20\n").columns[0] == "client"


def test_a_name_used_twice_gets_a_number_and_is_reported():
    read = table("client,units,Units\nC1,20,5\n")
    assert read.columns == ("client", "units", "Units (2)")
    assert read.notices == ("The header has 'Units' more than once; in column C it is 'Units (2)' here.",)


def test_names_stay_unique_even_when_the_file_has_numbered_them_itself():
    assert table("a,a (2),a,a\n1,2,3,4\n").columns == ("a", "a (2)", "a (3)", "a (4)")


def test_a_column_without_a_name_is_called_by_its_letter_or_left_out_when_empty():
    read = table("client,,units,\nC1,left,20,\n")
    assert (read.columns, read.rows) == (("client", "column B", "units"), (("C1", "left", "20"),))
    assert read.notices == (
        "Column B has no name in the header; it is called 'column B' here.",
        "Column D is empty, without a name, and was left out.",
    )


def test_line_breaks_and_double_spaces_in_a_header_become_one_space():
    assert table('client,"units\ngiven",area\nC1,20,glabella\n').columns == ("client", "units given", "area")


@pytest.mark.parametrize("total", ["Total,,,45", "Grand total:,,,45", "TOTALS,,,45", ",,Sum,45", "Total clients,,2,"])
def test_totals_at_the_foot_are_no_records(total):
    read = table(VISITS + total + "\n")
    assert read.row_numbers == (2, 3)
    assert read.notices == ("Totals at the end, not read as records: row 4.",)


def test_notes_below_a_blank_row_are_no_records():
    read = table(VISITS + "\nPrinted on 3 June\nby the front desk\nTotal,,,45\n")
    assert read.row_numbers == (2, 3)
    assert read.notices == (
        "Totals at the end, not read as records: row 7.",
        "Notes below the table, not read as records: rows 5, 6.",
    )


def test_a_record_whose_note_says_total_is_a_record():
    assert table("client,date,note\nC1,2026-06-03,Total\nC2,,pain\n").row_numbers == (2, 3)


def test_blank_rows_are_counted_and_a_tail_of_14000_costs_nothing():
    read = table(VISITS + ",,,\n\nC3,2026-06-05,forehead,8\n" + ",,,\n" * 14_000)
    assert read.row_numbers == (2, 3, 6)
    assert read.notices == ("Blank rows skipped: 2.",)


def test_a_header_repeated_on_every_page_is_skipped():
    read = table(VISITS + VISITS)
    assert read.row_numbers == (2, 3, 5, 6)
    assert read.notices == ("Repeated header rows, skipped: row 4.",)


def test_a_header_alone_is_a_table_without_rows():
    assert table("client,date,units\n").rows == ()


@pytest.mark.parametrize("text", ["", " ", "N/A", "-", "–", "unknown", "Unknown ", "NA", ".", "?", "not known", "NULL"])
def test_words_for_a_missing_value(text):
    assert is_missing(text)


@pytest.mark.parametrize("text", ["0", "none", "no", "not done", "gone", "#N/A", "Nan Smith", "n"])
def test_answers_and_errors_are_not_missing(text):
    assert not is_missing(text)
