"""Doses, durations and what to do are shown with their source; a dose belongs to its product."""

import csv

import pytest

from data.reference import guidance
from data.reference.loader import FOLDER
from models import codelist


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.csv")), ids=lambda file: file.name)
def test_every_row_of_every_reference_names_its_source(file):
    with file.open(newline="", encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert found
    assert all(line["source"].strip() for line in found)


def test_the_label_gives_the_forehead_20_units_of_its_40_with_the_glabella():
    assert guidance.labeled_dose("botox_cosmetic", ["glabella"]).units_high == 20
    assert guidance.labeled_dose("botox_cosmetic", ["glabella", "forehead"]).units_high == 40
    share = guidance.labeled_dose("botox_cosmetic", ["forehead"])
    assert share.units_high == 20 and share.part_of == ("forehead", "glabella")


def test_each_product_has_its_own_labelled_dose_for_the_glabella():
    doses = {
        product: guidance.labeled_dose(product, ["glabella"]).units_high
        for product in ("botox_cosmetic", "dysport", "xeomin", "jeuveau", "daxxify", "letybo")
    }
    assert doses == {
        "botox_cosmetic": 20, "dysport": 50, "xeomin": 20, "jeuveau": 20, "daxxify": 40, "letybo": 20,
    }  # fmt: skip


def test_off_label_areas_trial_doses_and_doses_per_injection_have_no_labelled_dose():
    assert guidance.labeled_dose("botox_cosmetic", ["masseter"]) is None
    assert guidance.labeled_dose("xeomin", ["neck_muscles"]) is None
    assert guidance.labeled_dose("botox", ["extraocular_muscle"]) is None
    assert [dose.status for dose in guidance.published_doses("botox_cosmetic", "masseter")] == ["off_label"]


def test_the_effect_on_frown_lines_is_published_as_three_to_four_months_and_as_six_for_one_product():
    lasting = guidance.published_durations("effect", area="glabella", product="botox_cosmetic")
    assert (91, 122) in {(row.shortest_days, row.longest_days) for row in lasting}
    (daxxify,) = guidance.published_durations("effect", area="glabella", product="daxxify")
    assert (daxxify.shortest_days, daxxify.longest_days) == (167, 182)


def test_drooping_eyelids_are_published_to_begin_on_days_3_to_7_and_settle_in_3_to_4_weeks():
    row = guidance.published_durations("side_effect", "eyelid_ptosis", "glabella")[0]
    assert (row.onset_first_day, row.onset_last_day, row.shortest_days, row.longest_days) == (3, 7, 21, 28)


def test_physicians_opinions_are_no_published_duration():
    assert guidance.published_durations("side_effect", "facial_asymmetry") == []


@pytest.mark.parametrize("code", codelist.red_flags())
def test_every_red_flag_says_what_to_do(code):
    assert any(row.action and row.when == "on its own" for row in guidance.red_flag_advice(code))


def test_a_drooping_eyelid_is_a_red_flag_with_another_symptom_of_spread():
    assert [row.when for row in guidance.red_flag_advice("eyelid_ptosis")] == ["with another symptom of spread"]
    assert guidance.red_flag_advice("bruising") == []


def test_many_terms_have_no_grade_4_and_every_term_on_the_list_is_a_ctcae_term():
    assert guidance.ctcae_grades("headache").grade_4 is None
    assert guidance.ctcae_grades("dysphagia").grade_5 == "Death"
    assert guidance.ctcae_grades("brow_ptosis") is None
    for code, row in codelist.side_effects().items():
        assert (guidance.ctcae_grades(code) is None) == (row.ctcae_term is None), code
