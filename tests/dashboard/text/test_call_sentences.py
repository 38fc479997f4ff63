"""Whom to call: counts, order and reasons as they are said."""

from datetime import date

from dashboard.text import call_sentences


def test_who_is_due_and_overdue():
    assert call_sentences.describe_open_work(81, 558, 204) == (
        "81 treatments are due and 558 overdue; 204 side effects are not known to be over."
    )
    assert (
        call_sentences.describe_open_work(1, 0, 1)
        == "1 treatment is due and 0 overdue; 1 side effect is not known to be over."
    )
    assert call_sentences.describe_open_work(0, 0, 0).startswith("Nobody to call")


def test_a_part_of_a_list_says_so():
    assert call_sentences.explain_treatment_order(300, 639).endswith("300 of 639 are listed.")
    assert call_sentences.explain_treatment_order(12, 12).endswith("counts as much.")
    assert call_sentences.explain_side_effect_order(12, 12).endswith("those heard of today stand at the end.")
    assert call_sentences.explain_side_effect_order(300, 410).endswith("300 of 410 are listed.")


def test_a_treatment_to_ask_about_is_named_as_the_practice_finds_it():
    assert call_sentences.describe_call("3 June 2026: Glabella (north, AB)", "V1001") == (
        "3 June 2026: Glabella (north, AB). Visit or invoice V1001."
    )
    assert call_sentences.describe_call("Treated on 3 June 2026 at north.", "") == "Treated on 3 June 2026 at north."


def test_why_a_call_is_worth_it_and_how_often_it_was_tried():
    assert call_sentences.explain_call(1, 0, None) == "An answer settles this outcome. Not tried before."
    assert call_sentences.explain_call(2, 1, date(2026, 6, 12)) == (
        "An answer settles 2 open questions of this client. Not reached once, last on 12 June 2026."
    )
    assert call_sentences.explain_call(1, 3, date(2026, 6, 12)).endswith("Not reached 3 times, last on 12 June 2026.")
