"""Weakness by area and dose in sentences: with events, without any, and without a follow-up."""

from types import SimpleNamespace

from dashboard.text import weakness_sentences

CHEWING = {
    "events": 56, "followed_up": 249, "rate": 56 / 249, "low": 0.177, "high": 0.281, "episodes": 60, "graded": 50,
    "moderate_or_severe": 15, "median": 63.0, "no_median": None,
}  # fmt: skip
NONE = {"events": 0, "rate": 0.0, "low": 0.0, "high": 0.015, "episodes": 0, "graded": 0, "moderate_or_severe": 0}


def row(**more):
    return SimpleNamespace(**CHEWING | more)


def test_a_cell_in_words_gives_its_rate_its_severity_and_its_duration():
    assert weakness_sentences.describe_cell(row()) == (
        "56 of 249 treated areas followed up: 22.5% (17.7–28.1). Of 50 with a grade, 15 (30%) were moderate or severe. "
        "Duration: median 63 days."
    )
    assert weakness_sentences.describe_cell(row(**NONE)) == "0 of 249 treated areas followed up: at most 1.5%."
    assert weakness_sentences.describe_cell(row(followed_up=0)) == "No treated area followed up."


def test_a_median_that_is_refused_or_not_reached_is_said_to_be():
    assert weakness_sentences.describe_size(row(no_median="2 ended: too few")) == "56 of 249, days: too few"
    assert weakness_sentences.describe_size(row(median=float("nan"))) == "56 of 249, median not reached"


def test_the_verdict_over_the_matrix_names_the_cell_that_goes_with_dose():
    cell = ("Nearby-muscle weakness", "forehead lines")
    told = weakness_sentences.describe_dose_links
    assert told(*cell, True, True) == "More nearby-muscle weakness with higher doses: forehead lines"
    assert told(*cell, False, True) == "No clear link with dose"
    assert told(*cell, False, False) == "Too few side effects to judge doses"


def test_a_link_that_names_something_missing_is_explained():
    assert weakness_sentences.describe_unknown_choice(["moon", "moon"]).startswith("This link names moon, which")
