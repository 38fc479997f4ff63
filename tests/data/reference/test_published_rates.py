"""A published rate carries how it was asked, and none is shown that is not fit to stand beside the clinic's."""

import csv
from decimal import Decimal

import pytest

from data.reference import loader, published_rates
from data.reference.loader import FOLDER, read_reference
from models import codelist
from models.csv_rows import RowError

ROWS = read_reference("rates", published_rates.PublishedRate)
WITH_COUNTS = [row for row in ROWS if row.events is not None]


@pytest.fixture(scope="module")
def as_printed() -> dict[str, dict[str, str]]:
    with (FOLDER / "rates.csv").open(newline="", encoding="utf-8") as file:
        return {line["row"]: line for line in csv.DictReader(file)}


def last_digit(printed: str) -> float:
    return 10.0 ** Decimal(printed).as_tuple().exponent


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.row)
def test_every_row_has_a_source_an_address_a_dose_a_denominator_and_how_it_was_asked(row):
    assert row.source and row.url.startswith("http") and row.dose and row.denominator and row.total > 0
    assert row.how_asked.startswith(published_rates.HOW_ASKED[row.asked])
    assert "%" not in row.how_asked


def test_counts_and_printed_percentages_agree_to_the_last_printed_digit(as_printed):
    assert len(WITH_COUNTS) > 100
    for row in WITH_COUNTS:
        assert 0 <= row.events <= row.total
        assert 100 * row.proportion == pytest.approx(row.percent, abs=last_digit(as_printed[row.row]["percent"]))
        if row.placebo_events is not None and row.placebo_total is not None and row.placebo_percent is not None:
            printed = as_printed[row.row]["placebo_percent"]
            assert 100 * row.placebo == pytest.approx(row.placebo_percent, abs=last_digit(printed)), row.row


def test_what_is_inferred_is_said_beside_the_figure():
    inferred = [row for row in ROWS if row.inferred]
    assert inferred
    assert all(f"Inferred, not printed: {row.inferred}." in row.how_asked for row in inferred)


def test_no_row_is_a_third_party_fragment_or_left_without_a_number():
    assert not [row for row in ROWS if "third-party" in row.copy_read]
    assert all(0 <= row.proportion <= 1 for row in ROWS)


def test_asking_every_client_found_four_times_as_many_drooping_eyelids_and_the_two_are_never_one_figure():
    asked, trial = (
        next(row for row in published_rates.published_rates("eyelid_ptosis", "migraine_sites") if row.asked == how)
        for how in ("asked_everyone", "trial_visits")
    )
    assert (asked.events, asked.total) == (28, 254)
    assert (trial.events, trial.total) == (18, 716)
    assert asked.how_asked.startswith("A clinic asked every client.")


def test_beside_eyelid_ptosis_after_the_glabella_stands_16_of_665_with_its_placebo_rate():
    row = published_rates.closest_rate("eyelid_ptosis", ["glabella"])
    assert (row.events, row.total, row.placebo_events, row.placebo_total) == (16, 665, 0, 236)
    assert row.areas == ("glabella",) and row.product == "botox_cosmetic"
    assert row.placebo == 0.0


def test_an_area_treated_alone_goes_before_a_combination_that_includes_it():
    assert published_rates.closest_rate("headache", ["lateral_canthal"]).areas == ("lateral_canthal",)
    assert published_rates.closest_rate("headache", ["forehead"]).areas == ("forehead", "glabella")


def test_a_rate_pooled_over_areas_is_no_reference_for_one_of_them_and_goes_before_one_area_for_all():
    upper_face = ["forehead", "glabella", "lateral_canthal"]
    assert published_rates.closest_rate("facial_pain", ["forehead"]) is None
    assert published_rates.closest_rate("facial_pain", [*upper_face, "masseter"]).pooled
    assert published_rates.closest_rate("headache").pooled
    assert not published_rates.closest_rate("headache", ["glabella"]).pooled


def test_next_to_chewing_weakness_stand_611_of_2036_sessions_of_the_masseter():
    row = published_rates.closest_rate("mastication_disorder")
    assert (row.events, row.total, row.unit, row.areas) == (611, 2036, "treatment", ("masseter",))
    assert published_rates.closest_rate("mastication_disorder", ["masseter", "glabella"]) == row
    assert published_rates.closest_rate("mastication_disorder", ["glabella"]) is None


@pytest.mark.parametrize("side_effect", sorted({row.side_effect for row in ROWS}))
def test_a_side_effect_with_a_published_rate_is_never_without_one(side_effect):
    assert published_rates.closest_rate(side_effect).side_effect == side_effect


def test_a_rate_over_several_treatments_is_shown_only_where_there_is_none_per_treatment_and_says_so():
    assert not published_rates.closest_rate("eyelid_ptosis", ["glabella"]).repeated
    for row in (
        published_rates.closest_rate("eyelid_ptosis", ["glabella"], ["jeuveau"]),
        published_rates.closest_rate("facial_paresis"),
    ):
        assert row.repeated
        assert "higher than a rate per treatment" in row.how_asked


def test_what_a_source_prints_goes_before_what_was_inferred():
    assert published_rates.closest_rate("headache", ["forehead"]).inferred is None
    assert published_rates.closest_rate("eyelid_ptosis", ["glabella"], ["dysport"]).inferred


def test_another_product_never_stands_in_for_the_one_that_was_asked_for():
    assert published_rates.closest_rate("eyelid_ptosis", ["glabella"], ["dysport"]).product == "dysport"
    assert published_rates.closest_rate("bruising", ["glabella"], ["letybo"]) is None


def test_where_no_rate_was_found_nothing_is_shown():
    assert published_rates.closest_rate("drooling", ["perioral"]) is None
    assert published_rates.published_rates("drooling") == []


def test_a_percentage_without_counts_is_given_as_a_proportion():
    row = published_rates.closest_rate("dysphagia", ["neck_muscles"], ["xeomin"])
    assert row.events is None
    assert (row.proportion, row.placebo) == (0.18, 0.03)


def test_side_effects_of_any_kind_together_have_rows_of_their_own():
    row = published_rates.closest_rate(loader.ANY)
    assert (row.events, row.total, row.placebo_events, row.placebo_total) == (1443, 3431, 486, 1359)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"side_effect": "eyelid_ptossis"}, "did you mean 'eyelid_ptosis'"),
        ({"side_effect": "headache", "area": "forhead"}, "did you mean 'forehead'"),
        ({"side_effect": "headache", "product": "botx"}, "did you mean 'botox'"),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest_one(asked, said):
    with pytest.raises(codelist.UnknownCodeError, match=said):
        published_rates.published_rates(**asked)


def test_a_row_that_names_a_code_on_no_list_is_named_by_file_row_and_column(tmp_path):
    text = (FOLDER / "rates.csv").read_text(encoding="utf-8")
    wrong = tmp_path / "rates.csv"
    wrong.write_text(text.replace("eyelid_ptosis", "eyelid_drop", 1), encoding="utf-8")
    with pytest.raises(RowError, match=r"rates.csv, row \d+, column side_effect: 'eyelid_drop' is not in"):
        read_reference("rates", published_rates.PublishedRate, tmp_path)
