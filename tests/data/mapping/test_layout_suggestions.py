"""How a table lays out its doses is found by its headers and its cells."""

from data.files import Table
from data.mapping.layout_suggestions import DoseLayout, describe_unused, find_dose_layout, find_fill_down
from data.mapping.proposal import FieldSuggestion


def table(columns, *rows):
    return Table("log.csv", None, tuple(columns), rows, tuple(range(2, len(rows) + 2)), ())


def test_columns_named_for_areas_that_hold_numbers_are_doses():
    log = table(("Date", "Forehead", "Glabella", "Total"), ("1/2/2026", "10", "", "10"), ("1/3/2026", "", "20", "20"))
    assert find_dose_layout(log, ()) == DoseLayout(columns=("Forehead", "Glabella"))


def test_a_column_for_each_product_holds_doses_but_names_no_area():
    log = table(("Area", "Botox", "Dysport units"), ("Chin", "6", ""), ("Chin", "", "18"))
    assert find_dose_layout(log, ()) == DoseLayout(columns=("Botox", "Dysport units"), names_areas=False)


def test_a_column_of_areas_with_doses_is_told_from_notes_that_hold_them():
    log = table(("Areas",), ("FH 10u, GL 20u",), ("CF 12/12",))
    assert find_dose_layout(log, ()).texts == ("Areas",)
    notes = table(("Notes",), ("FH 10u, tolerated well; Lot C1",), ("GL 20u; Lot C2",))
    assert find_dose_layout(notes, ()).notes == ("Notes",)


def test_notes_about_side_effects_hold_no_doses():
    notes = table(("Notes",), ("pt called 7/1 droopy L lid, resolved 7/23",), ("LM x2",))
    assert not find_dose_layout(notes, ()).has_doses


def test_cells_left_empty_below_a_date_are_asked_about_only_where_a_dose_is():
    rows = ("1/2/2026", "7", "10"), ("", "", "20"), ("", "", "")
    fields = [FieldSuggestion("treatments", name, f"{{{column}}}", 1.0, "")
              for name, column in (("date", "Date"), ("client", "No"), ("units", "Units"))]  # fmt: skip
    assert find_fill_down(table(("Date", "No", "Units"), *rows), fields) == ("Date", "No")
    assert find_fill_down(table(("Date", "No", "Units"), rows[0], rows[2]), fields) == ()


def test_an_unused_column_is_named_with_what_it_looks_like():
    log = table(("Chin", "Sore", "Notes", "Till"), ("6", "x", "ok", "A"))
    assert list(describe_unused(log, (), ())) == [
        ("Chin", "doses of an area"), ("Sore", "check marks"), ("Notes", "notes"), ("Till", ""),
    ]  # fmt: skip
