"""Sentences about cases: what is open, the course of one case, what was advised."""

from datetime import date

from dashboard.text import case_sentences


def test_open_cases_name_the_longest():
    assert case_sentences.describe_open_cases(4, 4, 0, 51, "eyelid ptosis, case 12") == (
        "4 side effects are still open. The longest was last present after 51 days (eyelid ptosis, case 12)."
    )
    assert case_sentences.describe_open_cases(1, 1, 0, 51, "eyelid ptosis, case 12") == (
        "1 side effect is still open. It was last present after 51 days (eyelid ptosis, case 12)."
    )
    assert case_sentences.describe_open_cases(0, 0, 0) == "No side effect is open."
    assert case_sentences.describe_open_cases(2, 2, 0) == "2 side effects are still open."


def test_open_cases_of_other_periods_and_of_no_treatment_are_told_apart():
    assert case_sentences.describe_open_cases(17, 5, 1) == (
        "17 side effects are still open: 5 after treatments of this period, 11 after earlier or later ones and "
        "1 without a treatment."
    )
    assert case_sentences.describe_open_cases(3, 0, 0) == (
        "3 side effects are still open: 3 after treatments of other periods."
    )
    assert case_sentences.describe_open_cases(1, 0, 1) == "1 side effect is still open: 1 without a treatment."


def test_cases_without_a_treatment_are_named_with_what_is_serious_or_open():
    assert case_sentences.describe_unattributed_cases([("headache", 2), ("dysphagia", 1)], 1, 2) == (
        "3 side effects belong to no treatment: headache 2 and dysphagia 1. 1 is serious, 2 are still open. "
        "They count in no rate."
    )
    assert case_sentences.describe_unattributed_cases([("headache", 1)], 0, 0) == (
        "1 side effect belongs to no treatment: headache 1. It counts in no rate."
    )


def test_unknown_outcomes_come_with_the_calls_worth_making():
    assert case_sentences.describe_missing_outcomes(94, 40) == (
        "94 outcomes are unknown. The call list has 40 treatments to ask about."
    )
    assert case_sentences.describe_missing_outcomes(1, 0) == (
        "1 outcome is unknown. The call list has no treatment to ask about now."
    )


def test_a_list_says_how_many_cases_it_has_and_how_many_are_open():
    assert (
        case_sentences.describe_case_list(12, 4, 11, 2000)
        == "12 side effects after 11 treatments, 4 of them still open."
    )
    assert case_sentences.describe_case_list(4, 4, 4, 2000) == "4 side effects after 4 treatments, all still open."
    assert case_sentences.describe_case_list(5, 0, 4, 2000) == "5 side effects after 4 treatments, all ended."
    assert case_sentences.describe_case_list(1, 0, 1, 2000) == "1 side effect after 1 treatment, ended."
    assert case_sentences.describe_case_list(1, 1, 1, 2000) == "1 side effect after 1 treatment, still open."
    assert case_sentences.describe_case_list(3781, 9, 3300, 2000).endswith(
        "The latest 2,000 are listed. The download has all of them."
    )
    assert case_sentences.describe_case_list(0, 0, 0, 2000) == "0 side effects after these treatments."


def test_the_lines_of_a_timeline_are_counted_when_some_are_left_out():
    assert case_sentences.explain_timeline(12, 12).endswith("it may have lasted longer.")
    assert case_sentences.explain_timeline(400, 1163).endswith(" 400 of 1,163 are drawn.")


def test_why_a_case_belongs_to_its_treatment_is_said_where_it_must_be_known():
    where = (date(2026, 6, 3), "north", "P3")
    assert case_sentences.describe_where_treated(*where, "named") == "Treated on Jun 3, 2026 at north by P3."
    assert case_sentences.describe_where_treated(*where, "ambiguous").endswith(
        " Another treatment of that day fits as well: the first record counts."
    )
    assert case_sentences.describe_where_treated(None, None, None, None, "too long after") == (
        "Belongs to no treatment: too long after a treatment."
    )


def test_the_course_of_a_case_runs_to_the_last_day_recorded_as_present():
    noticed = (date(2026, 6, 8), 5, "Glabella, left", 51)
    assert case_sentences.describe_course(*noticed, False, False, date(2026, 7, 28)) == (
        "Onset on day 5 (Jun 8, 2026), Glabella, left. Last recorded as present on Jul 28, 2026, after 51 days."
    )
    assert case_sentences.describe_course(*noticed, True, False, date(2026, 7, 28)).endswith(
        " Ended by Jul 28, 2026, after at most 51 days."
    )
    assert case_sentences.describe_course(*noticed, True, True, date(2026, 7, 28)).endswith(
        " Ended after 51 days, on Jul 28, 2026."
    )
    assert case_sentences.describe_course(None, None, "Not recorded", None, False, False, None).startswith(
        "Onset not recorded"
    )
    before = (date(2026, 6, 8), -3, "Glabella", 51, False, False, date(2026, 7, 28))
    assert case_sentences.describe_course(*before).startswith(
        "Onset on Jun 8, 2026, 3 days before the treatment, Glabella."
    )
    undated = (date(2026, 6, 8), 5, "Glabella", None, True, False, None)
    assert case_sentences.describe_course(*undated).endswith(" Ended on an unknown day.")


def test_the_course_with_a_remedy_comes_with_the_course_without():
    assert case_sentences.compare_groups(
        [("With massage", "2 side effects, too few"), ("Without massage", "9 side effects")]
    ) == ("With massage: 2 side effects, too few. Without massage: 9 side effects.")


def test_a_remedy_is_named_and_never_credited():
    assert case_sentences.describe_remedies(["massage", "water"], ["water"]) == (
        "Advised: massage and water. Used: water. This does not show that a remedy helped."
    )
    assert "Used" not in case_sentences.describe_remedies(["massage"], [])
