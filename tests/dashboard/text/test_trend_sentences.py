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


def test_a_measure_states_when_it_rose_and_how_many_were_expected():
    assert trend_sentences.describe_state("higher than expected", "March 2026", False) == (
        "Rose above baseline in March 2026"
    )
    assert trend_sentences.describe_state("above the target", "May 2026", True) == "Rose above the target in May 2026"
    assert trend_sentences.describe_state("too few to judge", None, False) == "Too few to judge"
    assert trend_sentences.describe_judged(83, 1653, "treated area", 69.04, 0.0411, False) == (
        "83 of 1,653 treated areas since the baseline had it; 69 were expected at the baseline rate of 4.1%."
    )
    assert "10 treatments judged had it; 0.5 were expected at the target of 5%." in trend_sentences.describe_judged(
        1, 10, "treatment", 0.5, 0.05, True
    )


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


def test_the_overview_names_the_measures_above_baseline_and_the_false_signals_of_all():
    assert trend_sentences.describe_measure_states(["Bruising", "Dry eye"], 9, 3) == (
        "2 of 9 measures are higher than expected: bruising and dry eye. By chance, 9 measures give about 0.45 false "
        "signals in two years. 3 measures have too few treatments to judge."
    )
    assert trend_sentences.describe_measure_states([], 10, 0) == (
        "Of 10 measures, none is higher than expected. By chance, 10 measures give about 0.5 false signals in two "
        "years."
    )
    assert trend_sentences.describe_measure_states(["A", "B", "C", "D", "E"], 5, 0).startswith(
        "5 of 5 measures are higher than expected: a, b, c and 2 more."
    )
    assert "1 of 3 measures is" in trend_sentences.describe_measure_states(["A"], 3, 0)
    assert trend_sentences.describe_measure_states([], 0, 12).startswith("No measure can be judged yet")
