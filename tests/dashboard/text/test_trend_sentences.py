"""The sentences as the screens print them: what changed, and what could not have been noticed."""

from dashboard.text import trend_sentences


def test_what_changed_carries_both_counts_and_the_chance_of_one_such_among_all_comparisons():
    assert trend_sentences.describe_change("bruising", (66, 690), (30, 655), 15, 1 / 120) == (
        "Bruising: 66 of 690 (9.6%) against 30 of 655 (4.6%) before. "
        "With 15 comparisons, one so far apart comes by chance about 1 time in 120."
    )


def test_without_a_change_the_furthest_comparison_is_still_said():
    assert trend_sentences.describe_no_change("bruising", (66, 690), (51, 655), 15, 0.4) == (
        "15 comparisons, none further apart than chance explains. The furthest: bruising, 66 of 690 (9.6%) against "
        "51 of 655 (7.8%) before. One so far apart comes by chance about 4 times in 10."
    )
    assert "maturing" in trend_sentences.explain_no_comparison(maturing=True)
    assert trend_sentences.explain_no_comparison().startswith("Nothing to compare with")
    assert trend_sentences.introduce_comparison("May 2026") == "Compared with May 2026, maturing treatments left out:"


def test_signal_or_noise_ends_with_what_would_have_been_noticed():
    assert trend_sentences.describe_signal(6, 150, (0.04, 0.01845, 0.08453), 0.02, 1 / 12, "", 0.08) == (
        "6 of 150 (4.0%, 1.8–8.5%). The usual rate is 2%; 6 or more would happen by chance about 1 time in 12: "
        "not unusual. With 150 treatments a doubled rate would be noticed 8% of the time."
    )


def test_none_at_all_is_held_against_the_chance_of_none():
    assert trend_sentences.describe_signal(0, 50, (0.0, 0.0, 0.0713), 0.02, 1.0, "", None) == (
        "0 of 50 (0%, 0–7.1%). The usual rate is 2%; none would happen by chance about 4 times in 10."
    )  # .98 ** 50 is .364


def test_quiet_is_explained():
    assert trend_sentences.describe_detection_power("318 treatments", "eyelid ptosis", 0.21, 0.019, True) == (
        "With 318 treatments where it can happen, a doubling of eyelid ptosis (usually 1.9%) would be noticed "
        "21% of the time."
    )
    assert "(1.9% in this period)" in trend_sentences.describe_detection_power(
        "318 treatments", "eyelid ptosis", 0.21, 0.019, False
    )
    assert trend_sentences.describe_no_events("40 treatments", "eyelid ptosis", 0.0722) == (
        "Nobody reported eyelid ptosis in 40 treatments where it can happen: "
        "in one clinic of 20, a rate of 7.2% stays unseen so."
    )
    assert (
        trend_sentences.describe_detection_floor(40, 0.02, 3)
        == "In 40 treatments, at the usual 2%, 3 or more would stand out."
    )


def test_a_trend_says_what_was_expected():
    assert trend_sentences.describe_trend("12 eyelids", 640, "January", 0.02, 12.8, 0, 250, 0.5) == (
        "12 eyelids in 640 treatments since January; at the usual 2%, 12.8 were expected. No signal. "
        "A doubling would be noticed within 250 treatments half of the time."
    )
    assert "Two signals." in trend_sentences.describe_trend("30 eyelids", 640, "January", 0.02, 12.8, 2, 250, 0.5)


def test_a_run_that_has_just_ended_has_no_chance_to_tell():
    assert "chance" not in trend_sentences.describe_current_gap(0, 1.0)


def test_the_present_run_carries_its_chance():
    assert trend_sentences.describe_current_gap(57, 0.32) == (
        "57 treatments since the last one; a run at least as long comes by chance about 3 times in 10."
    )


def test_what_was_seen_stands_beside_what_was_to_be_expected():
    assert trend_sentences.describe_excess(74, 1655, 56.21) == (
        "17.8 more than expected: 74 in 1,655 treatments, where 56.2 were to be expected."
    )
    assert trend_sentences.describe_excess(3, 200, 4).startswith("1 fewer than expected: 3 in 200 treatments")
    assert trend_sentences.describe_excess(4, 200, 4.04).startswith("As many as expected")


def test_the_overview_names_the_measures_that_stand_out_and_how_often_one_does_by_chance():
    assert trend_sentences.describe_measure_statuses(["Bruising", "Dry eye"], 7, 3, 0.066) == (
        "Against its usual rate, treatment by treatment, 2 of 9 measures have more than chance explains: bruising and "
        "dry eye. Were the usual rate exact, one in which nothing changed would come to that about 1 time in 15 at "
        "most. For 3 there are too few to tell."
    )
    assert trend_sentences.describe_measure_statuses([], 9, 0, 0.066) == (
        "Against its usual rate, treatment by treatment, none of 9 measures has more than chance explains. "
        "Were the usual rate exact, one in which nothing changed would come to that about 1 time in 15 at most."
    )
    assert (
        "5 of 5 measures have more than chance explains: a, b, c and 2 more."
        in trend_sentences.describe_measure_statuses(["A", "B", "C", "D", "E"], 0, 0, 0.066)
    )
    assert "1 of 3 measures has" in trend_sentences.describe_measure_statuses(["A"], 2, 0, 0.066)
    assert trend_sentences.describe_measure_statuses([], 0, 12, 0.066).endswith("too few known outcomes to tell.")


def test_changes_beside_the_largest_are_named():
    assert trend_sentences.list_other_changes(["Bruising", "Dry eye"]) == (
        "Also further apart than chance explains: bruising and dry eye."
    )
