"""Realistic exports and hand-kept spreadsheets: proposed, answered and imported, they hold what was counted in them."""

import json

import pytest

from benchmarks.exports import FOLDER, compare, main, read_export

EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_an_export_brings_in_what_was_counted_in_it(name):
    assert compare(read_export(FOLDER / name), EXPECTED[name]) == []


def test_the_command_prints_a_line_for_each_file(capsys):
    assert main([str(FOLDER / "24_hand_blank_repeats.csv")]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split() == ["24_hand_blank_repeats.csv", "by", "values", "3", "3", "yes"]
