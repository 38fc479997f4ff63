"""What identifies a client is removed from every table before it is used."""

import pytest

from data.files import Fault, Table
from data.privacy.identifier_removal import identifying_columns, remove_contact_details, remove_identifiers


def table(**columns: list[str]) -> Table:
    """Columns by name (two underscores for a space), rows from row 2 on."""
    names = tuple(name.replace("__", " ") for name in columns)
    rows = tuple(zip(*columns.values(), strict=True))
    return Table("visits.csv", None, names, rows, tuple(range(2, 2 + len(rows))), ())


def kinds(read: Table) -> dict[str, str]:
    return {name: kind for name, (kind, _) in identifying_columns(read).items()}


@pytest.mark.parametrize("header, kind", [
    ("First Name", "name"), ("surname", "name"), ("Guest Name", "name"), ("patient_last_name", "name"),
    ("PatientName", "name"), ("Next of kin", "name"), ("Mobile", "phone"), ("Phone Number", "phone"),
    ("home_phone", "phone"), ("Cell", "phone"), ("E-Mail", "e-mail"), ("email address", "e-mail"),
    ("Client Email", "e-mail"), ("Address", "address"), ("Street", "address"), ("Address Line 2", "address"),
    ("post code", "address"), ("ZIP", "address"), ("fake_city", "address"), ("DOB", "date of birth"),
    ("Date of Birth", "date of birth"), ("birthdate", "date of birth"), ("SSN", "identity number"),
    ("NHS number", "identity number"), ("Driver's License No", "identity number"),
])  # fmt: skip
def test_a_header_identifies_its_column(header, kind):
    assert kinds(table(**{header: ["x", "y"]})) == {header: kind}


@pytest.mark.parametrize("header", [
    "Service Name", "Product Name", "Center Name", "area", "units", "lot", "Invoice No", "Guest Code", "year of birth",
    "client key", "Sold By", "Employee", "Providers", "practitioner name", "term", "state", "onset", "contacted",
])  # fmt: skip
def test_columns_that_an_import_needs_are_kept(header):
    assert kinds(table(**{header: ["Upper Face", "B20", "C-001"]})) == {}


@pytest.mark.parametrize("cells, kind", [
    (["07700 900123", "020 7946 0958", "+44 7700 900456"], "phone"),
    (["(555) 123-4567", "555-123-9999", "555.123.8888"], "phone"),
    (["ann@example.org", "b.lee@mail.example.com", ""], "e-mail"),
    (["12 High Street, Bath", "3a Mill Lane", "44 Oak Avenue, Leeds"], "address"),
    (["SW1A 1AA", "BA2 3QT", "M1 1AE"], "address"),
    (["123-45-6789", "987-65-4321"], "identity number"),
    (["Sarah Jones", "Lee, David", "Mrs Okonkwo", "Emma O'Neil-Smith"], "name"),
])  # fmt: skip
def test_cells_identify_their_column_under_any_header(cells, kind):
    read = table(x=cells)
    assert kinds(read) == {"x": kind}
    assert identifying_columns(read)["x"][1].endswith("different values match")


@pytest.mark.parametrize("cells", [
    ["123456789012", "100000000001"], ["2026-06-03", "03/04/2026 14:30"], ["Botox Forehead", "Dysport Upper Face"],
    ["C-001", "C-002"], ["114/72", "120/80"], ["20", "12.5"], ["Harley Street", "Bath"], ["left", "right"],
    ["Eyelid Ptosis", "Brow Ptosis"], ["Rose Bengal stain"], ["0123456789ABCDEF"], ["a2b4c6d7e2f3g4h5"],
])  # fmt: skip
def test_codes_dates_areas_and_services_do_not_count_as_people(cells):
    assert kinds(table(x=cells)) == {}


def test_the_cells_of_a_client_column_decide_whether_they_are_names():
    assert kinds(table(client=["C001", "C002"])) == {}
    assert kinds(table(Patient=["Nguyen Thi Hoa", "Li", "O'Brien"])) == {"Patient": "name"}


def test_a_state_is_an_address_only_next_to_a_street():
    assert kinds(table(street=["x"], state=["Texas"])) == {"street": "address", "state": "address"}
    assert kinds(table(street=["x"], state=["present"])) == {"street": "address"}
    assert kinds(table(state=["Texas"])) == {}


def test_identifying_columns_are_removed_with_a_notice_each_and_the_others_keep_their_order():
    read = remove_identifiers(
        table(client=["C1", "C2"], Guest__Name=["Ann Lee", "Bo Li"], units=["20", "5"], DOB=["", ""])
    )
    assert (read.columns, read.rows) == (("client", "units"), (("C1", "20"), ("C2", "5")))
    assert read.notices == (
        "Column 'Guest Name' was left out: name, by its header.",
        "Column 'DOB' was left out: date of birth, by its header.",
    )


def test_a_fault_in_a_removed_column_is_removed_too():
    read = table(client=["C1"], Mobile=["#REF!"])
    faults = (Fault(2, "Mobile", "#REF!", "wrong"), Fault(2, None, "", "broken"))
    assert remove_identifiers(Table(**{**vars(read), "faults": faults})).faults == faults[1:]


def test_a_phone_number_inside_a_note_is_removed_and_its_row_is_named():
    read = remove_identifiers(
        table(note=["fine", "call 07700 900123 after 3 June", "mail ann@example.org", "lid", "x", "y", "z"])
    )
    assert [row[0] for row in read.rows[:3]] == ["fine", "call [removed] after 3 June", "mail [removed]"]
    assert read.notices == (
        "Column 'note', rows 3, 4: a phone number, email or postal address was removed. Names inside texts cannot be "
        "recognized: check such a column before importing it.",
    )


def test_columns_that_the_reader_converts_can_be_kept():
    read = remove_identifiers(table(Guest__Name=["Ann Lee"], DOB=["1980-01-02"]), keep=["Guest Name"])
    assert (read.columns, read.rows) == (("Guest Name",), (("Ann Lee",),))


@pytest.mark.parametrize("text", [
    "eyelid heavy since 3 June 2026, 20 units", "lot C1234 5678", "grade 2-3, day 14-28", "123456789012",
    "01/02/2026-03/02/2026", "BP 120/80 130/90", "0.9 1.2 3.4 5.6", "3 x 10 U each side",
])  # fmt: skip
def test_what_a_clinic_writes_about_side_effects_is_kept(text):
    assert remove_contact_details(text) == text


def test_a_table_without_rows_or_columns_is_accepted():
    assert remove_identifiers(table(Mobile=[], client=[])).columns == ("client",)
    assert remove_identifiers(table(Mobile=["1", "2"])).rows == ((), ())
