"""What each page has to say of the made-up clinic: the truths planted in it (data/sample.py), and its own cautions."""

import re

import pytest

from dashboard import sentences
from dashboard.frame import today
from dashboard.wording import month
from data.database import open_database
from data.sample import make_sample
from tests.dashboard.reading import lead, said

ALL_DATES = {"period": "All dates"}


def text(app) -> str:
    assert not app.exception
    return said(app)


@pytest.fixture(scope="module")
def busy_clinic_url(tmp_path_factory) -> str:
    """The sample clinic with as many treatments as a month needs to stand out."""
    url = f"sqlite:///{tmp_path_factory.mktemp('busy') / 'sequela.db'}"
    engine = open_database(url)
    make_sample(engine, 6_000, seed=1, today=today())
    engine.dispose()
    return url


def test_overview_tells_how_many_had_a_side_effect_and_leads_to_trends(open_page, clinic_url):
    app = open_page(clinic_url, **ALL_DATES)
    assert re.search(r"In [\d,]+ treatments with known outcome \d+ had a side effect: [\d.]+ % \(", text(app))
    assert any(place.startswith("trends") for _, place in lead(app))


def test_products_look_at_the_worse_lot(open_page, clinic_url):
    assert "Look at lot BC-10 (Botox Cosmetic)" in text(open_page(clinic_url, "products", **ALL_DATES))


def test_trends_look_at_the_cases_of_bruising(open_page, busy_clinic_url):
    app = open_page(busy_clinic_url, "trends", **ALL_DATES)
    (look,) = [measures for measures in app.button_group if measures.label == "Look at the cases"]
    assert "Bruising" in look.options


def test_a_measure_is_chosen_from_the_list_of_its_state(open_page, clinic_url):
    app = open_page(clinic_url, "trends", **ALL_DATES)
    measures = next(its for its in app.button_group if "Bruising" in its.options)
    measures.set_value("bruising").run()
    assert not app.exception
    assert app.selectbox("measure").value == "bruising"
    assert "Bruising: " in text(app)


def test_dose_gives_the_slope_planted_in_the_forehead(open_page, clinic_url):
    app = open_page(clinic_url, "dose", **ALL_DATES)
    for dimension, code in (("side_effect", "brow_ptosis"), ("product", "botox_cosmetic"), ("area", "forehead")):
        app.selectbox(f"dose_{dimension}").select(code).run()
    told = text(app)
    assert "Brow ptosis after Botox Cosmetic, forehead. With every" in told
    assert sentences.DOSE_CAUTION in told


def test_aftercare_credits_no_remedy(open_page, clinic_url):
    assert sentences.REMEDIES_NOT_CREDITED in text(open_page(clinic_url, "aftercare", **ALL_DATES))


def test_validation_reproduces_every_published_number(open_page, clinic_url):
    agreeing, numbers = re.search(r"([\d,]+) of ([\d,]+) published", text(open_page(clinic_url, "validation"))).groups()
    assert agreeing == numbers


def test_durations_tell_when_half_were_over_and_keep_the_open_ones(open_page, clinic_url):
    told = text(open_page(clinic_url, "durations", **ALL_DATES))
    assert re.search(r"Of \d+ side effects, \d+ are over\. Half were over within \d+ days", told)
    assert sentences.OPEN_ONES_STAY in told


def test_side_effects_say_how_they_were_asked_for(open_page, clinic_url):
    told = text(open_page(clinic_url, "side_effects", **ALL_DATES))
    assert re.search(r"What was asked: checklist [\d,]+, open question [\d,]+, volunteered [\d,]+\.", told)
    assert sentences.ASKED_DIFFERENTLY in told


def test_the_red_flag_opens_its_case(open_page, clinic_url):
    told = text(open_page(clinic_url, "cases", red_flag="1"))
    assert "Red flags not yet reviewed, of all dates" in told
    assert re.search(r"^1 side effect ", told, flags=re.MULTILINE)


def test_treatments_are_counted_up_to_this_month(open_page, clinic_url):
    app = open_page(clinic_url, "treatments", **ALL_DATES)
    assert month(today()) in list(app.dataframe[0].value["Month"])
    assert sentences.UNITS_DO_NOT_CONVERT in text(app)


def test_people_are_not_ranked_and_a_practitioner_is_told_the_own_result(open_page, clinic_url):
    assert sentences.NOT_RANKED in text(open_page(clinic_url, "people", **ALL_DATES))
    own = text(open_page(clinic_url, "people", **ALL_DATES, **{"as": "Practitioner: P3"}))
    assert re.search(r"^You: \d+ of \d+", own, flags=re.MULTILINE)
    assert not re.search(r"\bP[12456]\b", own)


def test_data_quality_says_whether_the_figures_can_be_trusted(open_page, clinic_url):
    assert "Can these figures be trusted?" in text(open_page(clinic_url, "data_quality", **ALL_DATES))


def test_methods_say_which_interval_is_used(open_page, clinic_url):
    assert "Wilson" in text(open_page(clinic_url, "methods"))
