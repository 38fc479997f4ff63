"""Sentences about durations: open cases, a median that is not reached, too few."""

from dashboard.text import duration_sentences


def test_the_median_comes_first_and_open_ones_are_counted():
    assert duration_sentences.describe_median((9, 7, 12), 120, "Bruising") == (
        "Bruising: half had ended within 9 days (7–12)."
    )
    assert duration_sentences.describe_ends(41, 35, 0, [(14, 0.22), (42, 0.08), (91, 0.02)]) == (
        "Of 41 side effects, 35 have ended. 22% lasted beyond 2 weeks, 8% beyond 6 weeks, 2% beyond 13 weeks."
    )


def test_a_median_that_is_not_reached_says_so():
    assert duration_sentences.describe_median((None, None, None), 42) == "The median is not reached (> 42 days)."
    assert duration_sentences.describe_ends(4, 1, 0, []) == "Of 4 side effects, 1 has ended."


def test_a_fatal_case_is_named_and_never_called_resolved():
    said = duration_sentences.describe_ends(12, 9, 1, [])
    assert said == "Of 12 side effects, 9 have ended (1 fatal)."


def test_ends_between_two_contacts_stand_next_to_kaplan_meier():
    assert duration_sentences.describe_interval_ends(30, "10 days (8–12)") == (
        "For 30 side effects we know only that they ended between two contacts. Counted to their latest possible day "
        "(Kaplan-Meier), the median is 10 days (8–12)."
    )


def test_open_cases_may_be_over_by_now():
    assert duration_sentences.describe_open_ended(11, 26) == (
        "If each of the 11 open cases had ended the day after its last note, half would have ended within 26 days."
    )


def test_the_end_of_the_effect_is_known_only_where_it_was_scored():
    assert "No follow-up here scores the effect" in duration_sentences.explain_effect_duration(122, 183, scored=False)
    assert "first follow-up with a score" in duration_sentences.explain_effect_duration(122, 183, scored=True)
    assert (
        duration_sentences.describe_no_effect(1) == "1 treated area is left out: no score ever showed an effect there."
    )
    assert duration_sentences.describe_onset(4.5, 412) == (
        "Half of 412 side effects began by day 4.5 after the injection."
    )


def test_no_time_is_given_where_few_returned():
    assert duration_sentences.describe_small_groups("Came back", 7, 90, 12, further=True) == (
        "Too few for a time in 12 further pairs of product and area, fewer than 5 in each: "
        "came back after 7 of 90 treatments."
    )


def test_a_refused_median_says_what_is_needed():
    assert duration_sentences.explain_no_median(3).startswith("No curve: 3 of the 5 ended side effects needed")
    assert duration_sentences.explain_no_median(7, "Bruising") == (
        "Bruising: no median: fewer than 5 were still followed by then."
    )
