"""The sentences as the screens print them: what is counted, what was asked, and whether it can be trusted."""

from datetime import date

from dashboard.text import coverage_sentences


def test_what_is_being_counted_stands_under_the_filters():
    assert coverage_sentences.describe_denominator(
        412, 305, "April–June 2026", "all sites", 318, maturing=39, since=date(2026, 6, 10)
    ) == (
        "412 treatments of 305 clients, April–June 2026, all sites. Outcome known for 318 (77%). "
        "39 treated after 10 June 2026 are still maturing."
    )
    assert coverage_sentences.describe_denominator(1, 1, "June 2026", "North", 0, 1, date(2026, 6, 10)) == (
        "1 treatment of 1 client, June 2026, North. Outcome known for 0 (0%). "
        "1 treated after 10 June 2026 is still maturing."
    )
    assert (
        coverage_sentences.describe_denominator(0, 0, "June 2026", "all sites", 0)
        == "No treatments, June 2026, all sites."
    )


def test_a_red_flag_says_when_it_was_noticed():
    said = coverage_sentences.describe_red_flags(1, "swallowing difficulty", date(2026, 6, 3))
    assert said == "1 swallowing difficulty, first noticed 3 June 2026, not yet reviewed."
    assert "the latest first noticed 3 June 2026" in coverage_sentences.describe_red_flags(
        2, "swallowing difficulties", date(2026, 6, 3)
    )
    assert coverage_sentences.describe_red_flags(1, "dysphagia", None) == "1 dysphagia, day not told, not yet reviewed."


def test_trust_is_a_yes_or_a_not_yet_with_reasons():
    assert coverage_sentences.describe_trust([], ["outcome known for 77%"]) == (
        "Can these figures be trusted? Yes: outcome known for 77%."
    )
    assert coverage_sentences.describe_trust(["12 treatments without a lot", "2 sites sent nothing"]) == (
        "Can these figures be trusted? Not yet: 12 treatments without a lot and 2 sites sent nothing."
    )


def test_what_was_asked_and_what_has_no_place_are_counted():
    assert (
        coverage_sentences.describe_how_asked(201, 88, 29)
        == "What was asked: checklist 201, open question 88, volunteered 29."
    )
    assert coverage_sentences.describe_unplaced_effects(1) == (
        "1 side effect is placed in no treated area, as a headache has none: it counts in no rate per area."
    )


def test_a_recall_list_that_is_not_whole_says_so():
    assert coverage_sentences.describe_recall(208, "all sites", cut=False) == (
        "208 treatments of all dates, all sites. Client numbers are those of these records."
    )
    assert "There may be more: choose a site" in coverage_sentences.describe_recall(2000, "all sites", cut=True)
