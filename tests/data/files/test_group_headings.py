"""Headings of groups and combined columns become columns of every row."""

from data.files import read_tables


def read(text):
    (table,) = read_tables("log.csv", text.encode())
    return table


def test_a_month_above_its_rows_is_a_column_and_no_record():
    table = read("Date,Client,Area\nJUNE 2025,,\n6/4/2025,1,Chin\n6/5/2025,2,Chin\nJuli 2025,,\n7/1/2025,3,Chin\n")
    assert table.columns == ("Date", "Client", "Area", "Month")
    assert table.column("Month") == ["JUNE 2025", "JUNE 2025", "Juli 2025"]
    assert table.row_numbers == (3, 4, 6)
    assert "Headings of groups, read as a column 'Month' of the rows below: rows 2, 5." in table.notices


def test_a_label_above_its_rows_names_the_column():
    table = read("Date,Client,Area\nProvider: Anna Meyer,,\n6/4/2025,1,Chin\nProvider: Kate Osei,,\n6/5/2025,2,Chin\n")
    assert table.column("Provider") == ["Anna Meyer", "Kate Osei"]


def test_another_row_with_one_cell_stays_a_row():
    table = read("Date,Client,Area\n6/4/2025,1,Chin\n,,Glabella\n6/5/2025,2,Chin\n")
    assert table.columns == ("Date", "Client", "Area")
    assert len(table.rows) == 3


def test_a_combined_column_is_split_as_its_header_says():
    table = read("App. Date / Customer,Qty\n06/03/2025 / Grace J,56\n06/05/2025 / Olivia P,4\n")
    assert table.columns == ("App. Date", "Customer", "Qty")
    assert table.rows[0] == ("06/03/2025", "Grace J", "56")


def test_a_header_with_a_stroke_is_one_column_if_its_cells_are():
    table = read("Service / Product,Qty\nBotox,5\nPeel / Facial,1\nXeomin,4\n")
    assert table.columns == ("Service / Product", "Qty")


def test_a_date_without_a_year_gets_that_of_its_heading():
    table = read("Date,Client,CF\nDEC 2025,,\n12/4,1,10/10\nJAN 2026,,\n1/5,2,12/12\n")
    assert table.column("Date") == ["12/4/2025", "1/5/2026"]
    assert table.column("CF") == ["10/10", "12/12"]
    assert any("column 'Date' got that of their heading or sheet: '12/4' as '12/4/2025'" in n for n in table.notices)
