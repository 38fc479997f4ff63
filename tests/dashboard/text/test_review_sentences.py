"""The review of a case in words."""

from datetime import datetime

from dashboard.text import review_sentences
from data.review.assessment import Assessment, Reviewer
from data.review.case_review import ReviewStep

TREATING = Reviewer(name="Practitioner: NP 1", practitioner="NP 1")
DONE = Assessment(causality="probable", grade=3, grade_scale="ctcae_5", decision="watch", owner="AB", is_complete=True)


def step(assessment=DONE, **values):
    return ReviewStep(
        **{"number": 1, "made_at": datetime(2026, 11, 25, 9), "reviewer": TREATING, "second_reviewer": None,
           "agrees": None, "assessment": assessment, "why": "Read the notes", "undone_at": None, "undone_by": None,
           "undone_why": None} | values
    )  # fmt: skip


def test_the_state_says_who_reviewed_when_and_what_is_missing():
    describe = review_sentences.describe_review_state
    assert describe("new", None, "NP 1") == "Not reviewed yet."
    by = " on Nov 25, 2026 by Practitioner: NP 1 (not verified)"
    assert describe("reviewed", step(), "RN 2") == f"Reviewed{by}."
    assert describe("changed", step(), "RN 2") == f"Something new was recorded after the review{by}. Review it again."
    assert describe("in review", step(Assessment()), "RN 2") == f"In review: saved{by}, not marked as reviewed."
    alone = "In review: Practitioner: NP 1 treated this client, so a second reviewer must agree."
    assert describe("in review", step(), "NP 1") == alone
    refused = step(second_reviewer=Reviewer(name="Whole clinic"), agrees=False)
    assert describe("in review", refused, "NP 1") == "In review: Whole clinic does not agree."


def test_an_assessment_is_one_line():
    assert review_sentences.describe_step(step()) == "Marked as reviewed: Probable, grade 3 (severe), watch, owner AB."
    naranjo = Assessment(causality="unlikely", causality_method="naranjo", naranjo=("unknown",) * 10)
    assert review_sentences.describe_step(step(naranjo)) == "Saved: Unlikely (Naranjo score 0)."
    assert review_sentences.describe_step(step(Assessment())) == "Saved: Nothing decided yet."
    assert review_sentences.describe_step(step(agrees=True)) == "Agreed"
