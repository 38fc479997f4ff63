"""What a code is called on a page."""

import pandas as pd

from dashboard.text.labels import (
    FORMAT_LABELS,
    format_field,
    label,
    label_columns,
    list_labels,
    plain_label,
    records_label,
    unit_label,
)
from data.analysis.sql_functions import NOT_RECORDED
from models import codelist


def test_records_and_formats_are_called_as_people_know_them():
    assert [records_label(kind) for kind in ("follow_ups", "side_effects", "treatments")] == [
        "Follow-ups",
        "Side effects",
        "Treatments",
    ]
    assert [FORMAT_LABELS[name] for name in ("follow_up_log", "fhir", "redcap")] == ["follow-up log", "FHIR", "REDCap"]


def test_what_a_record_said_before_is_read_in_words():
    assert format_field("term", "eyelid_ptosis") == "Eyelid ptosis"
    assert format_field("not_asked", "eyelid_ptosis; headache") == "Eyelid ptosis; Headache"
    assert format_field("grade", "3") == "3 (severe)"
    assert format_field("state", "present") == "Still present"
    assert format_field("units", "3") == "3"
    assert format_field("area", "empty") == "empty"
    assert format_field("product", "our own brand") == "our own brand"


def test_the_stored_word_for_a_missing_value_is_shown_as_not_recorded():
    assert label("lot", NOT_RECORDED) == label("area", NOT_RECORDED) == "Not recorded"


def test_several_values_are_listed_in_words():
    assert list_labels("area", ("glabella", "forehead")) == "Glabella, Forehead"
    assert list_labels("site", ("north", None), " or ") == "north or Not recorded"


def test_the_codes_of_a_frame_become_labels_and_other_columns_stay():
    frame = pd.DataFrame({"area": ["glabella", None], "remedy": ["massage", "own"], "site": ["north", None]})
    shown = label_columns(frame)
    assert shown.area.tolist() == ["Glabella", "Not recorded"]
    assert shown.remedy.tolist() == [codelist.remedies()["massage"].label, "Own"]
    assert shown.site.isna().tolist() == [False, True]


def test_a_product_of_the_source_is_measured_in_units_as_recorded():
    assert unit_label("our own toxin") == "units as recorded"
    assert unit_label("botox_cosmetic") == codelist.products()["botox_cosmetic"].unit


def test_plain_words_come_first_and_the_medical_term_in_brackets_where_it_says_more():
    assert plain_label("area", "glabella") == "Frown lines between the brows (glabella)"
    assert plain_label("area", "forehead") == "Forehead lines"
    assert plain_label("area", "extraocular_muscle") == "Lazy eye (extraocular muscle)"
    assert plain_label("area", "migraine_sites") == "Migraine sites, whole pattern"
    assert plain_label("area", "earlobe") == "Earlobe"
