"""The sentences as the screens print them: how long things last: open ones, not reached, too few."""

from dashboard.text import duration_sentences


def test_durations_count_the_open_ones():
    assert duration_sentences.describe_duration(41, 35, (9, 7, 12), 120, [(14, 0.22), (42, 0.08), (91, 0.02)]) == (
        "Of 41 side effects, 35 are over. Half were over within 9 days (7–12); "
        "22% lasted beyond 2 weeks, 8% beyond 6 weeks, 2% beyond 13 weeks."
    )


def test_durations_whose_median_is_not_reached_say_so():
    assert duration_sentences.describe_duration(4, 1, (None, None, None), 42, [(14, 0.75)]) == (
        "Of 4 side effects, 1 is over. The time until half are over is not reached (> 42 days); "
        "75% lasted beyond 2 weeks."
    )
    assert duration_sentences.describe_duration(0, 0, (None, None, None), 0, []) == "No side effects, so no durations."


def test_the_overview_says_how_many_are_still_there():
    assert duration_sentences.describe_median_duration((9, 7, 12), 120, 42, 0.08) == (
        "Half of the side effects were over within 9 days (7–12); after 6 weeks 8% were still there."
    )


def test_ends_seen_between_two_contacts_are_said_beside_it():
    assert duration_sentences.describe_interval_ends(30, 35, 10, 120) == (
        "30 of 35 ends lie between two contacts. From those spans, half were over within 10 days."
    )
    assert "not reached (> 120 days)" in duration_sentences.describe_interval_ends(30, 35, None, 120)


def test_the_end_of_the_effect_is_told_only_where_it_was_scored():
    assert "scores it" in duration_sentences.explain_effect_duration(122, 183, scored=False)
    assert "first follow-up whose score" in duration_sentences.explain_effect_duration(122, 183, scored=True)
    assert (
        duration_sentences.describe_no_effect(1) == "1 treated area is left out: no score ever showed an effect there."
    )
    assert duration_sentences.describe_onset(4.5, 412) == (
        "Half of 412 side effects were first noticed by day 4.5 after the injection."
    )


def test_where_few_came_back_no_time_is_told():
    assert duration_sentences.describe_small_groups("Came back", 7, 90, 12, further=True) == (
        "Too few for a time in 12 further pairs of product and area, fewer than 5 in each: "
        "came back after 7 of 90 treatments."
    )


def test_a_refused_curve_says_what_is_needed():
    assert duration_sentences.explain_no_curve(3, 5).startswith("No curve: 3 of the 5 ended side effects needed")


def test_few_ends_between_contacts_are_told_without_a_second_estimate():
    assert duration_sentences.describe_few_interval_ends(304, 1540) == (
        "304 of 1,540 ends lie between two contacts and count as of the later one."
    )
