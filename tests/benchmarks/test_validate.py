"""The page of published numbers is generated; the command fails if a number is not reproduced."""

import pytest

from benchmarks import validate
from models.published_checks import PublishedCheck, check_published_numbers

GOOD = PublishedCheck("Book A", "a/file.txt", "opened", "a share", 0.5, 0.5, 0.0, "", True)
NOT_REACHED = PublishedCheck("Book A", "a/file.txt", "opened", "an upper limit", None, None, 0.0, "", True)
BAD = PublishedCheck("Book B", "", "cited", "a | b", 0.25, 0.2612345678, 0.05, "printed coarsely", False)
OWN = PublishedCheck("Our notes", "", "own", "a limit", 3.0, 3.0, 0.0, "", True)


def test_the_page_in_the_repository_is_current():
    assert validate.PAGE.read_text(encoding="utf-8") == validate.page(check_published_numbers())


def test_each_source_has_a_table_of_published_numbers_and_ours_under_its_path():
    page = validate.page([GOOD, NOT_REACHED, BAD])
    assert page.index("### Book A\n\nPath: a/file.txt") < page.index("| a share | 0.5 | 0.5 | 0 | yes |")
    assert page.index("| a share |") < page.index("### Book B\n\n| What") < page.index("| a \\| b |")
    assert "| an upper limit | not reached | not reached | 0 | yes |" in page
    assert "| a \\| b | 0.25 | 0.2612346 | 0.05 | **no** |" in page
    assert "Wider than half the last digit: printed coarsely." in page


def test_numbers_of_others_are_counted_apart_from_our_own():
    page = validate.page([OWN, GOOD, NOT_REACHED, BAD])
    assert "- Printed by others, in a file that was opened: 2 of 2 numbers reproduced, from 1 source." in page
    assert "- Printed by others, as cited: 0 of 1 numbers reproduced, from 1 source." in page
    assert "- Our own checks: 1 of 1 numbers reproduced, from 1 source." in page
    assert page.index("## Printed by others, as cited") < page.index("## Our own checks") < page.index("### Our notes")


@pytest.mark.parametrize(("rows", "code"), [([GOOD, NOT_REACHED], 0), ([GOOD, BAD], 1)])
def test_the_command_writes_the_page_and_fails_on_a_disagreement(rows, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(validate, "PAGE", tmp_path / "validation.md")
    monkeypatch.setattr(validate, "check_published_numbers", lambda: tuple(rows))
    assert validate.main() == code
    assert validate.PAGE.read_text(encoding="utf-8") == validate.page(rows)
    output = capsys.readouterr().out
    assert ("Book B: a | b: published 0.25, ours 0.2612346" in output) == bool(code)
    assert ("as cited: 0 of 1 numbers reproduced" in output) == bool(code)
