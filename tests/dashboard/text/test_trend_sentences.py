"""The sentences as the screens print them: what a measure shows, and what might have been missed."""

from dashboard.text import trend_sentences


def test_signal_or_noise_ends_with_how_often_a_doubling_would_show_up():
    assert trend_sentences.describe_signal(6, 150, (0.04, 0.01845, 0.08453), 0.02, 1 / 12, "", 0.08) == (
        "6 of 150 (4.0%, 1.8–8.5%). At the baseline rate of 2%, 6 or more occur by chance about 1 time in 12: "
        "as expected. With 150 treatments, a doubled rate would show up 8% of the time."
    )


def test_zero_events_are_compared_with_the_chance_of_zero():
    assert trend_sentences.describe_signal(0, 50, (0.0, 0.0, 0.0713), 0.02, 1.0, "", None) == (
        "0 of 50 (0%, 0–7.1%). At the baseline rate of 2%, none occur by chance about 4 times in 10."
    )  # .98 ** 50 is .364


def test_a_measure_without_a_signal_says_what_might_have_been_missed():
    assert trend_sentences.describe_detection_power("318 treatments", "eyelid ptosis", 0.21, 0.019, True) == (
        "With 318 treatments where it can occur, a doubling of eyelid ptosis (baseline 1.9%) would show up "
        "21% of the time."
    )
    assert "(1.9% in this period)" in trend_sentences.describe_detection_power(
        "318 treatments", "eyelid ptosis", 0.21, 0.019, False
    )
    assert trend_sentences.describe_no_events("40 treatments", "eyelid ptosis", 0.0722) == (
        "Of 40 treatments followed up where it can occur, 0 had eyelid ptosis. One clinic in 20 would see 0 even at a "
        "rate of 7.2%."
    )


def test_a_trend_states_the_expected_number():
    assert trend_sentences.describe_trend("12 eyelids", 640, "January", 0.02, 12.8, 0, 250, 0.5) == (
        "12 eyelids in 640 treatments since January. At the baseline rate of 2%, 12.8 were expected. No signal. "
        "A doubling would show up within 250 treatments half of the time."
    )
    assert "Two signals." in trend_sentences.describe_trend("30 eyelids", 640, "January", 0.02, 12.8, 2, 250, 0.5)


def test_a_gap_of_zero_has_no_chance_to_state():
    assert "chance" not in trend_sentences.describe_current_gap(0, 1.0)


def test_the_current_gap_states_its_chance():
    assert trend_sentences.describe_current_gap(57, 0.32) == (
        "57 treatments since the last event. A gap this long or longer occurs by chance about 3 times in 10."
    )


def test_observed_events_are_compared_with_expected_events():
    assert trend_sentences.describe_excess(74, 1655, 56.21) == (
        "17.8 more than expected: 74 in 1,655 treatments, compared with 56.2 expected."
    )
    assert trend_sentences.describe_excess(3, 200, 4).startswith("1 fewer than expected: 3 in 200 treatments")
    assert trend_sentences.describe_excess(4, 200, 4.04).startswith("As expected: 4 in 200")


def test_the_overview_names_the_measures_above_baseline_and_the_false_alarm_rate():
    assert trend_sentences.describe_measure_statuses(["Bruising", "Dry eye"], 7, 3, 0.066) == (
        "2 of 9 measures are higher than expected: bruising and dry eye. A measure that has not changed is flagged by "
        "chance about 1 time in 15 at most. 3 measures have too few treatments to judge."
    )
    assert trend_sentences.describe_measure_statuses([], 9, 0, 0.066) == (
        "Of 9 measures, none is higher than expected. A measure that has not changed is flagged by chance about 1 time "
        "in 15 at most."
    )
    assert trend_sentences.describe_measure_statuses(["A", "B", "C", "D", "E"], 0, 0, 0.066).startswith(
        "5 of 5 measures are higher than expected: a, b, c and 2 more."
    )
    assert "1 of 3 measures is" in trend_sentences.describe_measure_statuses(["A"], 2, 0, 0.066)
    assert trend_sentences.describe_measure_statuses([], 0, 12, 0.066).startswith("No measure can be judged yet")
