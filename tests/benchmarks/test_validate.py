"""The page of published numbers is generated; the command fails if a number is not reproduced."""

import pytest

from benchmarks import validate
from models.published_checks import PublishedCheck, check_published_numbers

GOOD = PublishedCheck("Book A", "a share", 0.5, 0.5, 0.0, True)
NOT_REACHED = PublishedCheck("Book A", "an upper limit", None, None, 0.0, True)
BAD = PublishedCheck("Book B", "a | b", 0.25, 0.2612345678, 0.005, False)


def test_the_page_in_the_repository_is_current():
    assert validate.PAGE.read_text(encoding="utf-8") == validate.page(check_published_numbers())


def test_each_source_has_a_table_of_published_numbers_and_ours():
    page = validate.page([GOOD, NOT_REACHED, BAD])
    assert "2 of 3 numbers agree, from 2 sources." in page
    assert page.index("## Book A") < page.index("| a share | 0.5 | 0.5 | 0 | yes |") < page.index("## Book B")
    assert "| an upper limit | not reached | not reached | 0 | yes |" in page
    assert "| a \\| b | 0.25 | 0.2612346 | 0.005 | **no** |" in page


@pytest.mark.parametrize(("rows", "code"), [([GOOD, NOT_REACHED], 0), ([GOOD, BAD], 1)])
def test_the_command_writes_the_page_and_fails_on_a_disagreement(rows, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(validate, "PAGE", tmp_path / "validation.md")
    monkeypatch.setattr(validate, "check_published_numbers", lambda: tuple(rows))
    assert validate.main() == code
    assert validate.PAGE.read_text(encoding="utf-8") == validate.page(rows)
    output = capsys.readouterr().out
    assert ("Book B: a | b: published 0.25, ours 0.2612346" in output) == bool(code)
    assert f"{len(rows) - code} of {len(rows)} published numbers reproduced" in output
