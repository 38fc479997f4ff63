"""The sentences as the screens print them: what is counted, how clients were asked, and whether it can be trusted."""

from datetime import date

from dashboard.text import coverage_sentences


def test_the_denominator_is_stated_under_the_filters():
    assert coverage_sentences.describe_denominator(
        412, 305, "April–June 2026", "all sites", 318, in_follow_up=39, since=date(2026, 6, 10)
    ) == (
        "412 treatments of 305 clients, April–June 2026, all sites. "
        "Followed up: 318 of the 373 past the follow-up window (85%). "
        "39 treated after Jun 10, 2026 are still in follow-up."
    )
    assert coverage_sentences.describe_denominator(1, 1, "June 2026", "North", 0, 1, date(2026, 6, 10)) == (
        "1 treatment of 1 client, June 2026, North. All treated after Jun 10, 2026 is still in follow-up."
    )
    assert (
        coverage_sentences.describe_denominator(0, 0, "June 2026", "all sites", 0)
        == "No treatments, June 2026, all sites."
    )


def test_a_red_flag_states_its_onset():
    said = coverage_sentences.describe_red_flags(1, "swallowing difficulty", date(2026, 6, 3))
    assert said == "1 swallowing difficulty, onset Jun 3, 2026, not yet reviewed."
    assert "latest onset Jun 3, 2026" in coverage_sentences.describe_red_flags(
        2, "swallowing difficulties", date(2026, 6, 3)
    )
    undated = coverage_sentences.describe_red_flags(1, "dysphagia", None)
    assert undated == "1 dysphagia, onset not recorded, not yet reviewed."


def test_trust_is_a_yes_or_a_not_yet_with_reasons():
    assert coverage_sentences.describe_trust([], ["77% were followed up"]) == (
        "Can these figures be trusted? Yes: 77% were followed up."
    )
    assert coverage_sentences.describe_trust(["12 treatments without a lot", "2 sites sent nothing"]) == (
        "Can these figures be trusted? Not yet: 12 treatments without a lot and 2 sites sent nothing."
    )


def test_ways_of_asking_and_unplaced_side_effects_are_counted():
    assert (
        coverage_sentences.describe_how_asked("treatment", 201, 88, 12)
        == "How clients were asked, 301 treatments followed up: checklist 201, open question 88, not recorded 12 (4%)."
    )
    assert not coverage_sentences.describe_how_asked("treatment", 0, 0, 0)
    assert coverage_sentences.describe_unplaced_effects([("headache", 1)]) == (
        "1 side effect has no treated area (headache 1) and counts in no rate per area."
    )
    many = [("headache", 80), ("nausea", 20), ("fatigue", 9), ("rash", 1), ("fever", 1)]
    assert coverage_sentences.describe_unplaced_effects(many) == (
        "111 side effects have no treated area (headache 80, nausea 20, fatigue 9 and 2 more kinds) and count in no "
        "rate per area."
    )


def test_volunteers_are_held_against_the_others():
    assert (
        coverage_sentences.describe_volunteers(12, 9, 100, 81)
        == "Of 12 who volunteered first, 9 were asked later; of the others, 81%."
    )
    assert coverage_sentences.describe_volunteers(1, 1, 0, 0) == "Of 1 who volunteered first, 1 was asked later."
    assert not coverage_sentences.describe_volunteers(0, 0, 5, 5)


def test_an_incomplete_recall_list_says_so():
    assert coverage_sentences.describe_recall(208, "all sites", is_cut=False) == (
        "208 treatments, all dates, all sites. Client numbers are those of these records."
    )
    assert "There may be more: choose a site" in coverage_sentences.describe_recall(2000, "all sites", is_cut=True)
