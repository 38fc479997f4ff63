"""Doses and what to do are shown with their source; a dose belongs to its product."""

import csv

import pytest

from data.reference import guidance
from data.reference.loader import FOLDER, read_reference
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
    masseter = [dose for dose in read_reference("doses", guidance.PublishedDose) if "masseter" in dose.areas]
    assert [dose.status for dose in masseter if dose.product == "botox_cosmetic"] == ["off_label"]


@pytest.mark.parametrize("code", codelist.red_flags())
def test_every_red_flag_says_what_to_do(code):
    assert any(row.action and row.when == "on its own" for row in guidance.red_flag_advice(code))


def test_a_drooping_eyelid_is_a_red_flag_with_another_symptom_of_spread():
    assert [row.when for row in guidance.red_flag_advice("eyelid_ptosis")] == ["with another symptom of spread"]
    assert guidance.red_flag_advice("bruising") == []


def test_every_ctcae_term_of_a_side_effect_has_its_grades_on_file():
    with (FOLDER / "ctcae_grades.csv").open(newline="", encoding="utf-8") as lines:
        graded = {line["term"] for line in csv.DictReader(lines)}
    assert {row.ctcae_term for row in codelist.side_effects().values() if row.ctcae_term} <= graded


def test_a_grade_has_the_meaning_that_ctcae_prints_for_its_term():
    meaning = guidance.grade_meaning("eyelid_ptosis", 2, guidance.CTCAE_SCALE)
    assert meaning.startswith("Eyelid function disorder, grade 2: Symptomatic; nonoperative intervention indicated")
    assert "CTCAE v5.0" in meaning


@pytest.mark.parametrize(
    ("side_effect", "grade", "scale"),
    [
        ("eyelid_ptosis", 2, "mild_moderate_severe"),
        ("eyelid_ptosis", 2, None),
        ("eyelid_ptosis", 4, guidance.CTCAE_SCALE),
        ("brow_ptosis", 2, guidance.CTCAE_SCALE),
        ("a term of another list", 2, guidance.CTCAE_SCALE),
    ],
)
def test_a_grade_on_another_scale_or_without_a_text_has_no_meaning_on_file(side_effect, grade, scale):
    assert guidance.grade_meaning(side_effect, grade, scale) is None
