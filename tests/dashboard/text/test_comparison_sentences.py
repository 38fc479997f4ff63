"""The sentences as the screens print them: practitioners, lots and doses compared."""

from datetime import date

from dashboard.text import comparison_sentences


def test_a_practitioner_reads_what_is_urgent():
    assert comparison_sentences.describe_urgent_work(1, 4, 12) == (
        "1 red flag to review, 4 open side effects and 12 follow-ups due. All dates."
    )
    assert comparison_sentences.describe_urgent_work(0, 0, 0).startswith("Nothing is urgent")


def test_a_change_states_the_counts_before_and_after():
    assert comparison_sentences.describe_before_and_after("new needles", date(2026, 6, 3), (3, 70), (5, 60)) == (
        "New needles, 3 June 2026: 3 of 70 (4.3%) after, 5 of 60 (8.3%) before"
    )
    assert "no follow-up after" in comparison_sentences.describe_before_and_after(
        "a course", date(2026, 6, 3), (0, 0), (5, 60)
    )


def test_touch_ups_are_compared_with_all_practitioners():
    assert comparison_sentences.compare_touch_ups(12, 300, (0.04, 0.0230, 0.0686), 80, 2000) == (
        "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); all practitioners: 80 of 2,000 (4.0%)."
    )


def test_the_funnel_states_how_often_chance_alone_flags_a_practitioner():
    assert comparison_sentences.describe_false_alarms(8, 0.337) == (
        "If eight practitioners do not differ, one falls outside the inner band by chance in 34 of 100 reviews."
    )
    assert comparison_sentences.describe_false_alarms(2, 0.002).endswith("in fewer than 1 of 100 reviews.")
    assert comparison_sentences.describe_false_alarms(1, 0.05).startswith("Fewer than two")


def test_the_number_of_lots_compared_is_stated():
    assert comparison_sentences.describe_lot_comparison(27) == (
        "27 lots compared. Before correction, about one in 20 would look this unusual by chance."
    )
    assert comparison_sentences.describe_lot_comparison(1) == "1 lot: no comparison possible."


def test_a_dose_slope_is_a_factor_on_the_odds():
    assert comparison_sentences.describe_slope("Botox units", 5, (2.3, 1.5, 3.4), adjusted=False) == (
        "Every 5 additional Botox units multiply the odds by 2.30 (1.50–3.40). A factor of 1 means no difference."
    )


def test_the_typical_dose_is_a_median_with_the_middle_half():
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 18, 22, 746) == (
        "Glabella, treated most often: median 20 Botox units in 746 treatments; half received 18–22."
    )
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 20, 20, 1).endswith(
        "1 treatment; half received 20."
    )
