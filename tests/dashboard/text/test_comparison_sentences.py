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
        "New needles, Jun 3, 2026: 3 of 70 (4.3%) after, 5 of 60 (8.3%) before"
    )
    assert "no follow-up after" in comparison_sentences.describe_before_and_after(
        "a course", date(2026, 6, 3), (0, 0), (5, 60)
    )


def test_touch_ups_are_compared_with_all_practitioners():
    assert comparison_sentences.compare_touch_ups(12, 300, (0.04, 0.0230, 0.0686), 80, 2000) == (
        "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); all practitioners: 80 of 2,000 (4.0%)."
    )


def test_the_page_states_how_often_chance_alone_flags_a_practitioner():
    assert comparison_sentences.describe_false_alarms(5, False, 0.00996) == (
        "If five practitioners are alike, chance alone puts one outside the outer band in at most 1.0% of reviews."
    )
    assert comparison_sentences.describe_false_alarms(1, False, 0.002).startswith("If all are alike")
    assert comparison_sentences.describe_false_alarms(0, False, 0).startswith("No practitioner has enough")


def test_two_practitioners_are_one_comparison_in_one_sentence():
    assert comparison_sentences.describe_false_alarms(2, True, 0.002) == (
        "The two are one comparison. If they are alike, chance alone leaves the outer band in at most 0.2% of reviews."
    )
    told = comparison_sentences.describe_pair("P1", "P2", ((12, 60), (0, 60)), differ=True)
    assert told == "P1 and P2 differ by more than chance explains: 12 of 60 and 0 of 60."
    assert "no more than" in comparison_sentences.describe_pair("P1", "P2", ((2, 60), (1, 60)), differ=False)


def test_no_review_is_said_to_see_a_doubled_rate_for_certain():
    power = comparison_sentences.describe_doubled_power
    assert power([0.94, 0.17]) == "A doubled rate would be outside the outer band in 17% to 94% of reviews."
    assert power([0.17]) == "A doubled rate would be outside the outer band in 17% of reviews."
    assert "in 99% or more of reviews" in power([0.99, 0.9999])
    assert "in more than 99% of reviews" in power([1.0, 0.9999])
    assert "cannot be estimated" in power([])


def test_the_own_result_counts_comparable_treatments():
    told = comparison_sentences.describe_own_result((12, 60), 6.0, (1, 11), "higher than expected", 75)
    assert told == (
        "You: 12 of 60 comparable treatments; 6 expected, 1–11 by chance: higher than expected. 15 are not comparable."
    )
    assert comparison_sentences.describe_own_result((2, 60), 6.0, (1, 11), "as expected", 60).endswith("as expected.")


def test_the_number_of_lots_compared_is_stated():
    assert comparison_sentences.describe_lot_comparison(27, "2026", 1) == (
        "27 lots compared with the other lots of their product, 2026, whatever the other filters. "
        "If all lots are alike, one is flagged in at most 5% of reviews. "
        "1 treatment with two lots of one product is left out."
    )
    assert comparison_sentences.describe_lot_comparison(27, "2026", 0).endswith("at most 5% of reviews.")
    assert comparison_sentences.describe_lot_comparison(0, "2026", 0).startswith("No lot can be compared")


def test_a_dose_effect_is_told_in_percent_at_two_typical_doses():
    told = comparison_sentences.describe_dose_effect
    assert told("no clear link", "Botox units", (15, 25), (0.016, 0.021)) == (
        "No clear link with dose: 1.6% at 15 Botox units, 2.1% at 25."
    )
    assert told("higher with dose", "Botox units", (15, 25), (0.016, 0.051)).startswith("Higher with dose: 1.6% at 15")


def test_the_odds_ratio_is_explained_in_the_help_text():
    assert comparison_sentences.explain_odds_ratio("Botox units", 5, (2.3, 1.5, 3.4), adjusted=False) == (
        "The rates come from a fitted curve: every 5 additional Botox units multiply the odds by 2.30 (1.50–3.40). "
        "A factor of 1 means no difference."
    )


def test_the_chance_of_a_false_dose_effect_is_printed():
    assert comparison_sentences.describe_dose_comparison(12) == (
        "12 pairs of product and area have enough side effects to compare. If dose made no difference, one of them "
        "would be called higher in at most 5% of reviews."
    )


def test_the_typical_dose_is_a_median_with_the_middle_half():
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 18, 22, 746) == (
        "Glabella, treated most often: median 20 Botox units in 746 treatments; half received 18–22."
    )
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 20, 20, 1).endswith(
        "1 treatment; half received 20."
    )
