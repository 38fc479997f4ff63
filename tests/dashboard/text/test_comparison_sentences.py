"""The sentences as the screens print them: people, lots and dose beside each other."""

from datetime import date

from dashboard.text import comparison_sentences


def test_a_practitioner_reads_who_needs_them():
    assert comparison_sentences.describe_urgent_work(1, 4, 12) == (
        "1 red flag not yet reviewed; 4 side effects not known to be over; 12 follow-ups due. Of all dates."
    )
    assert comparison_sentences.describe_urgent_work(0, 0, 0).startswith("Nobody")


def test_a_change_is_told_with_both_sides_counted():
    assert comparison_sentences.describe_before_and_after("new needles", date(2026, 6, 3), (3, 70), (5, 60)) == (
        "New needles, 3 June 2026: 3 of 70 (4.3%) from then on, 5 of 60 (8.3%) before"
    )
    assert "no outcome known from then on" in comparison_sentences.describe_before_and_after(
        "a course", date(2026, 6, 3), (0, 0), (5, 60)
    )


def test_touch_ups_stand_beside_everyones():
    assert comparison_sentences.compare_touch_ups(12, 300, (0.04, 0.0230, 0.0686), 80, 2000) == (
        "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); everyone's: 80 of 2,000 (4.0%)."
    )


def test_people_are_told_how_often_chance_alone_would_flag_one():
    assert comparison_sentences.describe_false_alarms(8, 0.337) == (
        "With eight practitioners alike, one would stand outside the inner band by chance in 34 of 100 reviews."
    )
    assert comparison_sentences.describe_false_alarms(2, 0.002).endswith("in fewer than 1 of 100 reviews.")
    assert comparison_sentences.describe_false_alarms(1, 0.05) == "One practitioner: nobody to compare with."


def test_lots_are_told_how_many_were_compared():
    assert comparison_sentences.describe_lot_comparison(27) == (
        "27 lots compared: about one in 20 would look this unusual by chance before correction."
    )
    assert comparison_sentences.describe_lot_comparison(1) == "1 lot: nothing to compare with."


def test_a_refused_dose_line_says_what_is_needed():
    assert comparison_sentences.explain_no_slope(7, 10).startswith("No line: 7 of the 10 side effects needed")


def test_the_usual_units_are_told_with_the_middle_half():
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 18, 22, 746) == (
        "Glabella, treated most often: 20 Botox units in the middle of 746 treatments, half of them 18–22."
    )
    assert comparison_sentences.describe_typical_dose("Glabella", "Botox units", 20, 20, 20, 1).endswith(
        "1 treatment, half of them 20."
    )
