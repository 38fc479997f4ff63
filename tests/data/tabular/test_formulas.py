"""Text that leaves in a file is run by no spreadsheet program, and comes back as it was."""

import ast
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.tabular.formulas import escape_formula, unescape_formula, workbook_cell

ROOT = Path(__file__).parents[3]
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫"]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", "'", "''", " ", "\ufeff", "\u200b", "\xa0"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start, before):
    assert escape_formula(f"{before}{start}1+1") == f"'{before}{start}1+1"


@pytest.mark.parametrize("value", ["", "fine", "'plain", "a=b", -0.5, 2, None, True])
def test_other_values_stay_as_they_are(value):
    assert escape_formula(value) is value


@given(st.text())
@example("'=1")
@example("'")
def test_what_was_escaped_is_read_back_as_it_was(text):
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["\0=1", "a\0b", "\x1f", "\ud800", "\ufffe"])
def test_a_workbook_gets_no_character_that_it_cannot_hold(text):
    cell = workbook_cell(text)
    assert not set(cell) & set("\0\x1f\ud800\ufffe")
    assert not cell.startswith(("=", "\0"))


@pytest.mark.parametrize("dropped", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_a_workbook_cannot_hold_hides_no_formula(dropped):
    assert workbook_cell(f"{dropped}=1+1") == "'=1+1"


def test_every_module_that_writes_a_spreadsheet_file_uses_this_rule():
    writers = set()
    for folder in ("dashboard", "data", "models"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
            writing = ("csv.writer", "csv.DictWriter", "Workbook", ".to_csv", ".to_excel")
            if any(name.endswith(writing) for name in called):
                writers.add(file.relative_to(ROOT).as_posix())
                names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
                assert names & {"workbook_cell", "escape_formula"} or "serialization.format_cell" in called, file
    assert writers == {
        "dashboard/components/downloads.py",
        "data/export.py",
        "data/importing/rejected_rows.py",
        "data/schema/workbook_writer.py",
    }
