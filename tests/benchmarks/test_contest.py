"""Contenders are timed when their answers are equal, and not before."""

import pytest

from benchmarks import __main__ as counting
from benchmarks.contest import Differ, contest
from benchmarks.markdown import markdown


def test_where_two_contenders_answer_differently_nothing_is_timed():
    asked = []

    def ours():
        asked.append("ours")
        return {("masseter",): (2, 40)}

    with pytest.raises(Differ, match=r"masseter.*\(2, 40\).*\(3, 40\)"):
        list(contest("rate by area", {"ours": ours, "by hand": lambda: {("masseter",): (3, 40)}}, 40, 7, {}))
    assert asked == ["ours"]


def test_a_group_that_one_contender_leaves_out_is_a_difference():
    contenders = {"ours": lambda: {("brow",): (0, 1), ("jaw",): (0, 1)}, "pandas": lambda: {("brow",): (0, 1)}}
    with pytest.raises(Differ, match=r"jaw.* pandas says None"):
        list(contest("rate", contenders, 1, 1, {}))


def test_who_would_take_too_long_by_the_smaller_clinic_is_left_out_and_said_to_be():
    answer = {(): (1,)}
    earlier = {("rate", "slow"): (10, 60.0)}
    ours, slow = contest("rate", {"ours": lambda: answer, "slow": lambda: answer}, 100, 3, earlier)
    assert (len(ours.seconds), slow.seconds) == (3, ())
    assert slow.why_not == "more than 120 s expected"
    assert counting.line(slow)[2:4] == ("not timed", "more than 120 s expected")


def test_every_question_has_the_same_answer_from_all_of_them(capsys):
    assert counting.main(["--sizes", "300", "--rounds", "1"]) == 0
    told = capsys.readouterr().out
    assert "| month x area " in told and "| SQLite " in told and "DuckDB by hand" in told


def test_a_table_can_be_read_as_it_stands():
    assert markdown([("area", "n"), ("masseter", "40")]).splitlines()[2] == "| masseter | 40 |"
