"""Sentences about durations: open cases, a median that is not reached, too few."""

from dashboard.text import duration_sentences


def test_durations_count_the_open_ones():
    assert duration_sentences.describe_duration(41, 35, (9, 7, 12), 120, [(14, 0.22), (42, 0.08), (91, 0.02)]) == (
        "Of 41 side effects, 35 have ended. Half had ended within 9 days (7–12); "
        "22% lasted beyond 2 weeks, 8% beyond 6 weeks, 2% beyond 13 weeks."
    )


def test_a_median_that_is_not_reached_says_so():
    assert duration_sentences.describe_duration(4, 1, (None, None, None), 42, [(14, 0.75)]) == (
        "Of 4 side effects, 1 has ended. The median is not reached (> 42 days); 75% lasted beyond 2 weeks."
    )
    assert duration_sentences.describe_duration(0, 0, (None, None, None), 0, []) == "No side effects to follow."


def test_ends_between_two_contacts_get_their_own_estimate():
    assert duration_sentences.describe_interval_ends(30, 35, 10, 120) == (
        "30 of 35 ends are known only to lie between two contacts. Estimated from those, half had ended within 10 days."
    )
    assert "not reached (> 120 days)" in duration_sentences.describe_interval_ends(30, 35, None, 120)


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


def test_a_refused_curve_says_what_is_needed():
    assert duration_sentences.explain_no_curve(3, 5).startswith("No curve: 3 of the 5 ended side effects needed")


def test_few_ends_between_contacts_need_no_second_estimate():
    assert duration_sentences.describe_few_interval_ends(304, 1540) == (
        "304 of 1,540 ends are known only to lie between two contacts; they count as of the later one."
    )
