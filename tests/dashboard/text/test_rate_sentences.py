"""Sentences about rates: some events, none, nobody followed up."""

import pytest

from dashboard.text import rate_sentences


def test_the_headline_gives_the_interval_and_the_bounds_over_all_treatments():
    assert rate_sentences.describe_overall_rate(36, 318, 412, (36 / 318, 0.0829, 0.1527), (36 / 412, 130 / 412)) == (
        "Of 318 treatments followed up, 36 had a side effect: 11.3% (8.3–15.3). "
        "Counting all 412 past the follow-up window, the true figure lies between 8.7% and 31.6%."
    )


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((0.05, 0.4), "between 5% and 40%"),
        ((36 / 412, 130 / 412), "between 8.7% and 31.6%"),
        ((0.174, 0.47), "between 17.4% and 47.0%"),
        ((0, 0.4), "between 0% and 40%"),
        ((0.05, 0.05), "5%"),
    ],
)
def test_the_bounds_of_a_rate_with_unknown_outcomes(bounds, words):
    said = rate_sentences.describe_overall_rate(2, 40, 50, (0.05, 0.0138, 0.165), bounds)
    assert said.endswith(f"the true figure lies {words}.")


def test_the_headline_needs_no_bounds_when_everyone_was_followed_up():
    said = rate_sentences.describe_overall_rate(2, 40, 40, (0.05, 0.0138, 0.165), (0.05, 0.05))
    assert said == "Of 40 treatments followed up, 2 had a side effect: 5.0% (1.4–16.5)."


def test_the_headline_without_events_is_an_upper_limit():
    said = rate_sentences.describe_overall_rate(0, 40, 40, (0.0, 0.0, 0.0876), (0.0, 0.0), unit="client")
    assert said == "Of 40 clients followed up, 0 had a side effect: at most 8.8%."


def test_without_a_follow_up_there_is_no_rate():
    assert rate_sentences.describe_overall_rate(0, 0, 1, (0, 0, 1), (0, 1)) == "No follow-up yet for 1 treatment."


def test_published_rates_say_how_clients_were_asked():
    seen = "Seen at the set visits of a trial."
    told = rate_sentences.cite_published_rates(
        ["Bruising", "Headache"], "BOTOX Cosmetic, dose 20 U", "clients", seen, "JAAD Int 2023."
    )
    assert told == (
        "Published for bruising and headache: BOTOX Cosmetic, dose 20 U; counted in clients. "
        "Seen at the set visits of a trial. JAAD Int 2023."
    )
