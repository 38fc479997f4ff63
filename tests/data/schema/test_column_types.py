"""Codes are accepted in the words of their list; numbers that a spreadsheet changed are not."""

import pytest

from data.schema.column_types import Code, Identifier
from models import codelist


def parsed(kind, *texts, **how):
    return kind.parse_column(dict.fromkeys(texts, 2), **how)


@pytest.mark.parametrize(
    ("text", "code"),
    [("droopy eyelid", "eyelid_ptosis"), ("Ptosis", "eyelid_ptosis"), ("EYELID PTOSIS", "eyelid_ptosis")],
)
def test_a_plain_word_or_another_spelling_is_the_code(text, code):
    assert parsed(Code(codelist.side_effects), text).values == {text: code}


def test_a_word_of_two_codes_is_asked_about():
    error = parsed(Code(codelist.areas), "salivary gland").errors["salivary gland"]
    assert error.message == "may be parotid or submandibular_gland"


def test_a_lot_that_a_spreadsheet_turned_into_a_date_is_a_problem_of_a_workbook_only():
    assert "is a date" in parsed(Identifier(), "2025-09-02", epoch=1900).errors["2025-09-02"].message
    assert parsed(Identifier(), "2025-09-02").errors == {}


def test_a_long_number_that_was_rounded_is_a_problem():
    found = parsed(Identifier(), "1234567890123460000", "120000", "1234567890123456789")
    assert list(found.errors) == ["1234567890123460000"]
