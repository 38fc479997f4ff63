"""What needs attention, in words."""

from datetime import date

from dashboard.text import attention_sentences


def test_a_red_flag_names_its_case_or_how_many_there_are():
    one = attention_sentences.describe_red_flag("trouble swallowing", 1, 1110, date(2026, 6, 3))
    assert one == ("Trouble swallowing, not yet reviewed", "Case 1110, onset Jun 3, 2026.")
    _, several = attention_sentences.describe_red_flag("trouble swallowing", 3, None, date(2026, 6, 3))
    assert several == "3 cases, latest onset Jun 3, 2026."
    assert attention_sentences.describe_red_flag("faint", 1, 7, None)[1] == "Case 7, onset not recorded."


def test_a_lot_stands_with_what_was_expected_and_its_chance():
    verdict, numbers = attention_sentences.describe_lot("BC-10", 40, 104, 25.7, 1 / 310)
    assert verdict == "Lot BC-10: more side effects than expected"
    assert numbers == "40 of 104 (38.5%) treatments; 25.7 expected. By chance about 1 time in 310."


def test_a_trend_says_since_when():
    verdict, numbers = attention_sentences.describe_trend(
        "Rose above baseline in March 2026", "Bruising", 83, 1653, "treatments", 69
    )
    assert verdict == "Bruising rose above baseline in March 2026"
    assert numbers == "83 of 1,653 (5.0%) treatments judged; 69 expected."


def test_a_practitioner_is_compared_and_not_ranked():
    verdict, numbers = attention_sentences.describe_practitioner("RN 3", "nearby-muscle weakness", 106, 700, 72)
    assert verdict == "RN 3: more nearby-muscle weakness than expected"
    assert numbers == "106 of 700 (15.1%) comparable treatments; 72 expected. Not a ranking."


def test_a_dose_stands_in_percent_at_two_doses():
    verdict, numbers = attention_sentences.describe_dose(
        "nearby-muscle weakness", "Botox Cosmetic", "forehead", "units", (16, 0.01), (24, 0.03)
    )
    assert verdict == "More nearby-muscle weakness with higher doses in forehead"
    assert numbers == "Botox Cosmetic: 1.0% at 16 units, 3.0% at 24."


def test_long_durations_follow_up_and_missing_records():
    assert attention_sentences.describe_long_durations(1, 45, 12) == (
        "1 side effect has lasted more than 13 weeks", "Case 12 is one of 45 open cases.",
    )  # fmt: skip
    assert attention_sentences.describe_long_durations(3, 45, None)[1] == "They are among 45 open cases."
    verdict, numbers = attention_sentences.describe_low_follow_up(1708, 2307, 0.8, 221)
    assert verdict == "Follow-up is below 80%"
    assert numbers == "1,708 of 2,307 (74.0%) were followed up. 221 treatments can still be asked about."
    assert attention_sentences.describe_missing("area", 120, 2470) == (
        "Some treatments have no recorded area", "120 of 2,470 (4.9%).",
    )  # fmt: skip
    assert attention_sentences.describe_missing("days_silent", 40, 31)[1] == "The latest was 40 days ago."


def test_quiet_topics_are_told_from_those_that_cannot_be_judged():
    said = attention_sentences.describe_quiet_topics(["lots", "durations"], {"dose": "too few events"})
    assert said == "Checked and quiet: lots and durations. Not judged: dose (too few events)."
    assert attention_sentences.describe_quiet_topics([], {}) == ""


def test_how_often_chance_adds_a_line():
    reviews, trends = "about 1 review in 17 has such a line", "trends give about 0.5 false signals in two years"
    describe = attention_sentences.describe_false_items
    assert describe(0.06, 0.5) == f"By chance alone, {reviews}, and {trends}."
    assert describe(0.06, 0) == f"By chance alone, {reviews}."
    assert describe(0, 0.5) == f"By chance alone, {trends}."
    assert describe(0, 0) == ""
