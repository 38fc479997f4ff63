"""Contenders are timed only after their answers agree."""

import pytest
from sqlalchemy import insert, select

from benchmarks import __main__ as counting
from benchmarks.contest import AnswersDifferError, compare, contest
from benchmarks.count_questions import COUNT_QUESTIONS
from benchmarks.counting import made_up
from benchmarks.markdown import markdown
from data.database.engine import write_transaction
from models.records import FollowUp, NotAsked


def test_nothing_is_timed_when_two_contenders_disagree():
    calls = []

    def ours():
        calls.append("ours")
        return {("masseter",): (2, 40)}

    with pytest.raises(AnswersDifferError, match=r"masseter.*\(2, 40\).*\(3, 40\)"):
        list(contest("rate by area", {"ours": ours, "by hand": lambda: {("masseter",): (3, 40)}}, 40, 7, {}))
    assert calls == ["ours"]


def test_a_group_missing_from_one_answer_is_a_disagreement():
    contenders = {"ours": lambda: {("brow",): (0, 1), ("jaw",): (0, 1)}, "pandas": lambda: {("brow",): (0, 1)}}
    with pytest.raises(AnswersDifferError, match=r"jaw.* pandas says None"):
        list(contest("rate", contenders, 1, 1, {}))


def test_a_contender_expected_to_take_too_long_is_left_out_with_the_reason():
    answer = {(): (1,)}
    earlier = {("rate", "slow"): (10, 60.0)}
    ours, slow = contest("rate", {"ours": lambda: answer, "slow": lambda: answer}, 100, 3, earlier)
    assert (len(ours.seconds), slow.seconds) == (3, ())
    assert slow.why_not == "more than 120 s expected"
    assert counting.line(slow)[2:4] == ("not timed", "more than 120 s expected")


def test_all_contenders_agree_on_every_question(capsys):
    assert counting.main(["--sizes", "300", "--rounds", "1"]) == 0
    output = capsys.readouterr().out
    assert "| month x area " in output and "| SQLite " in output and "DuckDB by hand" in output


def test_contenders_agree_where_checklists_left_side_effects_out(tmp_path):
    clinic = made_up(tmp_path, 300)
    with write_transaction(clinic.records) as connection:
        contacts = connection.scalars(select(FollowUp.id).where(FollowUp.outcome == "done")).all()
        left_out = [(contacts[::2], "bruising"), (contacts[::3], "headache"), (contacts, "eyelid_ptosis")]
        rows = [{"follow_up_id": number, "term": term} for numbers, term in left_out for number in numbers]
        connection.execute(insert(NotAsked), rows)
    for question in COUNT_QUESTIONS:
        compare(question.name, question.contenders(clinic))
    (question,) = (question for question in COUNT_QUESTIONS if question.by == ("side_effect",))
    numbers = {row.side_effect: row for row in question.count(clinic.copy).itertuples()}
    clinic.close()
    assert numbers["eyelid_ptosis"].followed_up == 0 < numbers["bruising"].followed_up
    assert 0 < numbers["bruising"].known < numbers["brow_ptosis"].known


def test_a_markdown_table_is_aligned():
    assert markdown([("area", "n"), ("masseter", "40")]).splitlines()[2] == "| masseter | 40 |"
