"""The Naranjo scale, by its published points."""

import pytest

from models import codelist
from models.causality import naranjo_category, naranjo_score

# Points 0, +2, +1, 0, +2, 0, 0, 0, 0, +1.
PTOSIS = ("no", "yes", "yes", "unknown", "no", "unknown", "no", "no", "no", "yes")


def test_ten_answers_give_the_published_score_and_its_category():
    assert naranjo_score(PTOSIS) == 6
    assert naranjo_category(6) == "probable"


def test_the_scale_runs_from_minus_4_to_13():
    questions = codelist.naranjo_questions().values()
    every = [(question.yes, question.no, question.unknown) for question in questions]
    assert (sum(map(min, every)), sum(map(max, every))) == (-4, 13)


@pytest.mark.parametrize(
    ("score", "category"),
    [(13, "certain"), (9, "certain"), (8, "probable"), (5, "probable"), (4, "possible"), (1, "possible"),
     (0, "unlikely"), (-4, "unlikely")],
)  # fmt: skip
def test_each_score_has_the_category_of_its_band(score, category):
    assert naranjo_category(score) == category
    assert category in codelist.causalities()


@pytest.mark.parametrize("answers", [PTOSIS[1:], ("maybe", *PTOSIS[1:])])
def test_a_missing_or_unknown_answer_is_refused(answers):
    with pytest.raises(ValueError, match="10 answers expected"):
        naranjo_score(answers)
