"""What a reader sees for a number. The expected words are those of the screens, or counted by hand."""

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.text import formatting

proportions = st.floats(min_value=0, max_value=1)


@pytest.mark.parametrize(
    ("events", "total", "said"),
    [
        (0, 318, "0%"),
        (318, 318, "100%"),
        (7, 318, "2.2%"),
        (36, 318, "11.3%"),
        (1, 80, "1.3%"),  # 1.25: halves up, as on a calculator
        (3, 80, "3.8%"),  # 3.75
        (1, 2, "50.0%"),
        (1, 5000, "<0.1%"),
        (1, 2000, "0.1%"),  # exactly half of the last digit
        (4999, 5000, ">99.9%"),
        (1999, 2000, ">99.9%"),  # 99.95 would read as all of them
    ],
)
def test_a_rate_is_said_to_one_decimal_and_some_is_never_none_nor_all(events, total, said):
    assert formatting.percent(events / total) == said


@given(proportions)
def test_zero_percent_means_none_and_a_hundred_means_all(proportion):
    assert (formatting.percent(proportion) == "0%") == (proportion == 0)
    assert (formatting.percent(proportion) == "100%") == (proportion == 1)
    assert (formatting.whole_percent(proportion) == "0%") == (proportion == 0)
    assert (formatting.whole_percent(proportion) == "100%") == (proportion == 1)


@given(proportions)
def test_what_is_said_is_within_half_of_the_last_digit(proportion):
    said = formatting.percent(proportion)
    if said[0] not in "<>":
        assert abs(Decimal(said.removesuffix("%")) - Decimal(proportion) * 100) <= Decimal("0.05") + Decimal("1e-9")


@given(proportions, proportions)
def test_a_larger_rate_is_never_said_as_a_smaller_one(one, other):
    def read(said):
        value = Decimal(re.sub(r"[<> %]", "", said))
        return value - Decimal("0.01") if said[0] == "<" else value + Decimal("0.01") if said[0] == ">" else value

    smaller, larger = sorted((one, other))
    assert read(formatting.percent(smaller)) <= read(formatting.percent(larger))


@pytest.mark.parametrize("impossible", [-0.01, 1.01, float("nan")])
def test_a_proportion_outside_nothing_and_all_is_refused(impossible):
    with pytest.raises(ValueError, match="between 0 and 1"):
        formatting.percent(impossible)
    with pytest.raises(ValueError, match="between 0 and 1"):
        formatting.chance_in_words(impossible)


def test_coverage_is_said_in_whole_percent():
    assert formatting.whole_percent(318 / 412) == "77%"
    assert formatting.whole_percent(1 / 300) == "<1%"
    assert formatting.whole_percent(299 / 300) == ">99%"
    assert formatting.whole_percent(0.005) == "1%"


def test_a_stated_rate_keeps_no_decimal_it_never_had():
    assert formatting.exact_percent(0.02) == "2%"
    assert formatting.exact_percent(0.025) == "2.5%"
    assert formatting.exact_percent(1.0) == "100%"


def rate_text(events, followed_up, rate, low, high):
    return formatting.rate_text(SimpleNamespace(events=events, followed_up=followed_up, rate=rate, low=low, high=high))


def test_n_of_n_comes_before_the_percent_with_its_interval():
    assert rate_text(7, 318, 7 / 318, 0.0107, 0.0447) == "7 of 318, 2.2% (1.1–4.5)"


def test_nobody_is_said_as_an_upper_limit():
    assert rate_text(0, 40, 0.0, 0.0, 0.0876) == "0 of 40, at most 8.8%"


def test_everybody_keeps_an_interval():
    assert rate_text(20, 20, 1.0, 0.8389, 1.0) == "20 of 20, 100% (83.9–100)"


def test_a_rate_of_nobody_asked_is_no_rate():
    assert rate_text(0, 0, 0.0, 0.0, 1.0) == "none followed up"


def test_a_difference_is_in_points_with_its_signs():
    assert formatting.points(0.004, -0.021, 0.034) == "+0.4 points (−2.1 to +3.4)"
    assert formatting.points(-0.0002, -0.01, 0.01) == "0.0 points (−1.0 to +1.0)"


def test_a_published_rate_carries_its_denominator_and_placebo_or_is_not_there():
    def base(total=float("nan"), placebo=(float("nan"),) * 3, inferred=False):
        values = (total, "glabella", inferred, *placebo)
        names = (
            "published_total", "published_area", "published_inferred",
            "placebo_rate", "placebo_events", "placebo_total",
        )  # fmt: skip
        return formatting.published_base(SimpleNamespace(**dict(zip(names, values, strict=True))))

    assert base(665, (0.0, 0, 236)) == "of 665 (placebo 0 of 236), glabella"
    assert base(81, (0.03, float("nan"), float("nan"))) == "of 81 (placebo 3%), glabella"
    assert base(1415, inferred=True) == "of 1,415 (inferred), glabella"
    assert base(126, (0.0, 0, 64), inferred=True) == "of 126 (placebo 0 of 64; inferred), glabella"
    assert base(665) == "of 665, glabella"
    assert base() == "no rate found"


def test_observed_over_expected_has_an_interval():
    assert formatting.ratio_with_interval(1.58, 0.91, 2.5) == "1.58 (0.91–2.50)"


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (1 / 12, "about 1 time in 12"),
        (1 / 911, "about 1 time in 910"),
        (1 / 900, "about 1 time in 900"),
        (1 / 3456, "about 1 time in 3,500"),
        (0.3, "about 1 time in 3"),
        (0.31, "about 3 times in 10"),
        (0.5, "about 5 times in 10"),
        (0.94, "about 9 times in 10"),
        (0.96, "nearly always"),
        (1, "nearly always"),
        (2e-7, "less than 1 time in a million"),
        (0, "less than 1 time in a million"),
        (1e-6, "about 1 time in 1,000,000"),
    ],
)
def test_a_chance_is_said_as_times_in_a_number(probability, said):
    assert formatting.chance_in_words(probability) == said


def test_how_often_something_would_be_noticed():
    assert formatting.would_show(0.21) == "would show up 21% of the time"
    assert formatting.would_show(0.502) == "would show up half of the time"
    assert formatting.would_show(0.9999) == "would almost certainly show up"


def test_a_median_that_does_not_exist_says_how_far_anybody_was_followed():
    assert formatting.median(None, None, None, 42) == "not reached (> 42 days)"


def test_a_median_keeps_what_is_known_of_its_interval():
    assert formatting.median(9, 7, 12, 90) == "9 days (7–12)"
    assert formatting.median(36, 27, None, 90) == "36 days (27 or more)"
    assert formatting.median(36.5, 27, 53.5, 90) == "36.5 days (27–53.5)"
    assert formatting.median(1, None, None, 90) == "1 day"


def test_whole_weeks_are_said_as_weeks():
    assert [formatting.weeks(n) for n in (0, 1, 7, 10, 14, 42, 91)] == [
        "0 days", "1 day", "1 week", "10 days", "2 weeks", "6 weeks", "13 weeks",
    ]  # fmt: skip


def test_the_day_of_injection_is_day_nought():
    assert formatting.day_number(0) == "the day of injection"
    assert formatting.day_number(5) == "day 5"


def test_dates_are_written_out():
    assert formatting.day(date(2026, 6, 3)) == "Jun 3, 2026"
    assert formatting.month(date(2026, 6, 3)) == "June 2026"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 4, 1), date(2026, 6, 30), "April–June 2026"),
        (date(2026, 6, 1), date(2026, 6, 30), "June 2026"),
        (date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (date(2023, 2, 1), date(2023, 2, 28), "February 2023"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2025, 7, 1), date(2026, 6, 30), "July 2025–June 2026"),
        (date(2026, 6, 3), date(2026, 6, 3), "Jun 3, 2026"),
        (date(2026, 6, 3), date(2026, 6, 9), "Jun 3–9, 2026"),
        (date(2026, 6, 3), date(2026, 7, 9), "Jun 3–Jul 9, 2026"),
        (date(2025, 12, 3), date(2026, 1, 9), "Dec 3, 2025–Jan 9, 2026"),
        (date(2026, 6, 3), None, "since Jun 3, 2026"),
        (None, date(2026, 6, 3), "up to Jun 3, 2026"),
        (None, None, "all dates"),
    ],
)
def test_a_period_is_said_as_shortly_as_its_ends_allow(first, last, said):
    assert formatting.period(first, last) == said


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="ends after it begins"):
        formatting.period(date(2026, 6, 3), date(2026, 6, 2))


def test_counts_carry_their_noun_and_thousands_are_set_apart():
    assert formatting.pluralize(1, "treatment") == "1 treatment"
    assert formatting.pluralize(12465, "treatment") == "12,465 treatments"
    assert formatting.pluralize(2, "diagnosis", "diagnoses") == "2 diagnoses"
    assert formatting.n_of_m(7, 12318) == "7 of 12,318"


def test_numbers_drop_the_decimals_that_say_nothing():
    said = {12.8: "12.8", 20.0: "20", -2.14: "−2.1", 0.0: "0", -0.01: "0", 100.0: "100", 1234.5: "1,234.5"}
    assert {value: formatting.number(value) for value in said} == said


def test_small_numbers_are_spelled_and_lists_joined():
    assert [formatting.number_word(n) for n in (0, 1, 8, 12, 13)] == ["no", "one", "eight", "twelve", "13"]
    assert formatting.join_words([]) == ""
    assert formatting.join_words(["eyelid"]) == "eyelid"
    assert formatting.join_words(["eyelid", "smile", "brow"]) == "eyelid, smile and brow"
