"""The sentences of the call list: counts, order and reasons."""

from datetime import date

from dashboard.text import call_sentences


def test_who_is_due_and_overdue():
    assert call_sentences.describe_open_work(81, 558, 204) == (
        "81 treatments are due for a call and 558 are overdue. 204 side effects are open."
    )
    assert (
        call_sentences.describe_open_work(1, 0, 1)
        == "1 treatment is due for a call and 0 are overdue. 1 side effect is open."
    )
    assert call_sentences.describe_open_work(0, 0, 0).startswith("No calls to make")


def test_a_partial_list_says_so():
    treatments, side_effects = call_sentences.TREATMENT_ORDER, call_sentences.SIDE_EFFECT_ORDER
    assert call_sentences.explain_order(treatments, 300, 639).endswith("300 of 639 are listed.")
    assert call_sentences.explain_order(treatments, 12, 12).endswith("counts just as much.")
    assert call_sentences.explain_order(side_effects, 12, 12).endswith("Clients contacted today come last.")
    assert call_sentences.explain_order(side_effects, 300, 410).endswith("300 of 410 are listed.")


def test_a_treatment_is_named_as_the_practice_software_names_it():
    assert call_sentences.describe_call("Jun 3, 2026: Glabella (north, AB)", "V1001") == (
        "Jun 3, 2026: Glabella (north, AB). Visit or invoice V1001."
    )
    assert call_sentences.describe_call("Treated on Jun 3, 2026 at north.", "") == "Treated on Jun 3, 2026 at north."


def test_a_call_states_its_open_questions_and_attempts():
    assert call_sentences.explain_call(1, 0, None) == "An answer settles this outcome. No attempt so far."
    assert call_sentences.explain_call(2, 1, date(2026, 6, 12)) == (
        "An answer settles 2 open questions about this client. One attempt so far, on Jun 12, 2026."
    )
    assert call_sentences.explain_call(1, 3, date(2026, 6, 12)).endswith("3 attempts so far, the last on Jun 12, 2026.")
