"""What tells who a client is never gets further than the table it came in."""

import pytest

from data.files import Fault, Table
from data.privacy.identifier_removal import identifying_columns, remove_contact_details, remove_identifiers


def table(**columns: list[str]) -> Table:
    """Columns by name (two underscores for a space), rows from row 2 on."""
    names = tuple(name.replace("__", " ") for name in columns)
    rows = tuple(zip(*columns.values(), strict=True))
    return Table("visits.csv", None, names, rows, tuple(range(2, 2 + len(rows))), ())


def kinds(read: Table) -> dict[str, str]:
    return {found.column: found.kind for found in identifying_columns(read)}


@pytest.mark.parametrize("header, kind", [
    ("First Name", "name"), ("surname", "name"), ("Guest Name", "name"), ("patient_last_name", "name"),
    ("PatientName", "name"), ("Next of kin", "name"), ("Mobile", "phone"), ("Phone Number", "phone"),
    ("home_phone", "phone"), ("Cell", "phone"), ("E-Mail", "e-mail"), ("email address", "e-mail"),
    ("Client Email", "e-mail"), ("Address", "address"), ("Street", "address"), ("Address Line 2", "address"),
    ("post code", "address"), ("ZIP", "address"), ("fake_city", "address"), ("DOB", "date of birth"),
    ("Date of Birth", "date of birth"), ("birthdate", "date of birth"), ("SSN", "identity number"),
    ("NHS number", "identity number"), ("Driver's License No", "identity number"),
])  # fmt: skip
def test_a_header_tells_what_is_beneath_it(header, kind):
    assert kinds(table(**{header: ["x", "y"]})) == {header: kind}


@pytest.mark.parametrize("header", [
    "Service Name", "Product Name", "Center Name", "area", "units", "lot", "Invoice No", "Guest Code", "year of birth",
    "client key", "Sold By", "Employee", "Providers", "practitioner name", "term", "state", "onset", "contacted",
])  # fmt: skip
def test_what_an_import_needs_stays(header):
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
def test_cells_tell_what_they_are_under_any_header(cells, kind):
    read = table(x=cells)
    (found,) = identifying_columns(read)
    assert found.kind == kind
    assert found.why.endswith("different values look like it")


@pytest.mark.parametrize("cells", [
    ["123456789012", "100000000001"], ["2026-06-03", "03/04/2026 14:30"], ["Botox Forehead", "Dysport Upper Face"],
    ["C-001", "C-002"], ["114/72", "120/80"], ["20", "12.5"], ["Harley Street", "Bath"], ["left", "right"],
    ["Eyelid Ptosis", "Brow Ptosis"], ["Rose Bengal stain"], ["0123456789ABCDEF"], ["a2b4c6d7e2f3g4h5"],
])  # fmt: skip
def test_codes_dates_areas_and_services_are_not_taken_for_people(cells):
    assert kinds(table(x=cells)) == {}


def test_a_column_called_client_is_names_or_codes_by_what_stands_in_it():
    assert kinds(table(client=["C001", "C002"])) == {}
    assert kinds(table(Patient=["Nguyen Thi Hoa", "Li", "O'Brien"])) == {"Patient": "name"}


def test_a_state_is_an_address_beside_a_street_and_the_state_of_an_effect_elsewhere():
    assert kinds(table(street=["x"], state=["Texas"])) == {"street": "address", "state": "address"}
    assert kinds(table(street=["x"], state=["present"])) == {"street": "address"}
    assert kinds(table(state=["Texas"])) == {}


def test_the_columns_are_left_out_with_a_notice_for_each_and_the_rest_keeps_its_place():
    read = remove_identifiers(
        table(client=["C1", "C2"], Guest__Name=["Ann Lee", "Bo Li"], units=["20", "5"], DOB=["", ""])
    )
    assert (read.columns, read.rows) == (("client", "units"), (("C1", "20"), ("C2", "5")))
    assert read.notices == (
        "Column 'Guest Name' was left out: name, by its header.",
        "Column 'DOB' was left out: date of birth, by its header.",
    )


def test_a_fault_in_a_column_left_out_goes_with_it():
    read = table(client=["C1"], Mobile=["#REF!"])
    faults = (Fault(2, "Mobile", "#REF!", "wrong"), Fault(2, None, "", "broken"))
    assert remove_identifiers(Table(**{**vars(read), "faults": faults})).faults == faults[1:]


def test_a_phone_number_inside_a_note_is_taken_out_and_told_with_its_row():
    read = remove_identifiers(
        table(note=["fine", "call 07700 900123 after 3 June", "mail ann@example.org", "lid", "x", "y", "z"])
    )
    assert [row[0] for row in read.rows[:3]] == ["fine", "call [removed] after 3 June", "mail [removed]"]
    assert read.notices == (
        "Column 'note', rows 3, 4: a phone number, e-mail or postal address was taken out. Names inside texts can't be "
        "recognised: look through such a column before importing it.",
    )


def test_columns_that_become_something_else_at_once_can_be_kept():
    read = remove_identifiers(table(Guest__Name=["Ann Lee"], DOB=["1980-01-02"]), keep=["Guest Name"])
    assert (read.columns, read.rows) == (("Guest Name",), (("Ann Lee",),))


@pytest.mark.parametrize("text", [
    "eyelid heavy since 3 June 2026, 20 units", "lot C1234 5678", "grade 2-3, day 14-28", "123456789012",
    "01/02/2026-03/02/2026", "BP 120/80 130/90", "0.9 1.2 3.4 5.6", "3 x 10 U each side",
])  # fmt: skip
def test_what_a_clinic_writes_about_effects_stays(text):
    assert remove_contact_details(text) == text


def test_a_table_without_rows_or_left_without_columns_is_no_trouble():
    assert remove_identifiers(table(Mobile=[], client=[])).columns == ("client",)
    assert remove_identifiers(table(Mobile=["1", "2"])).rows == ((), ())
