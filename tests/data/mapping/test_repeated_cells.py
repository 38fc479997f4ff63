"""Cells that stand for the cell above: ditto marks, and cells left empty within a group."""

from data.files import Table
from data.mapping.repeated_cells import fill_down


def table(*rows):
    return Table("log.csv", None, ("date", "client", "lot"), rows, tuple(range(2, len(rows) + 2)), ())


def test_a_ditto_mark_repeats_the_cell_above_and_is_counted():
    filled = fill_down(table(("1", "a", "C1"), ("1", "b", '"'), ("2", "c", '"')))
    assert filled.column("lot") == ["C1", "C1", "C1"]
    assert filled.notices == ('Empty cells and ditto marks, read as the cell above: "lot" 2.',)


def test_an_empty_cell_repeats_the_cell_above_only_where_a_person_said_so():
    rows = ("1", "a", "C1"), ("", "", "")
    assert fill_down(table(*rows), ["date"]).rows[1] == ("1", "", "")
    assert fill_down(table(*rows)).rows == rows


def test_a_mark_with_nothing_above_it_stays():
    assert fill_down(table(("1", "a", '"'))).column("lot") == ['"']
