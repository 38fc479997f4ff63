"""What names of services probably stand for: proposed with how sure it is, never more than the name says."""

import pytest

from data.mapping.service_names import suggest_services_for


def one(name):
    return suggest_services_for({name: 3})[0]


@pytest.mark.parametrize(
    ("name", "product", "areas", "units"),
    [
        ("Botox 20u", "botox_cosmetic", (), "20"),
        ("BOTOX  20 Units", "botox_cosmetic", (), "20"),
        ("Xeomin - Forehead 20 units", "xeomin", ("forehead",), "20"),
        ("Masseter Dysport", "dysport", ("masseter",), None),
        ("Jeuveau frown lines + crow’s feet", "jeuveau", ("glabella", "lateral_canthal"), None),
        ("Barbie Botox", "botox_cosmetic", ("trapezius",), None),
        ("Tox - Glabella / Xeomin 100U Vial", "xeomin", ("glabella",), None),  # a vial of 100 is not a dose of 100
    ],
)
def test_a_name_that_spells_it_out_is_surely_understood(name, product, areas, units):
    told = one(name)
    assert (told.toxin, told.product, set(told.areas), told.units) == (True, product, set(areas), units)
    assert told.confidence == 0.9


def test_an_abbreviation_or_a_misspelling_is_to_be_checked():
    assert (one("B20").product, one("B20").units, one("B20").confidence) == ("botox_cosmetic", "20", 0.4)
    assert (one("Dysport forhead").areas, one("Dysport forhead").confidence) == (("forehead",), 0.7)
    assert one("Dysport or Xeomin").product is None  # two products: which one is asked
    assert one("Botox 20 units or 30 units").units is None


def test_three_areas_of_an_unnamed_toxin_need_a_person_to_name_it():
    told = one("3 areas tox")
    assert (told.toxin, told.product, told.confidence) == (True, None, 0)
    assert told.areas == ("forehead", "glabella", "lateral_canthal")
    assert told.to_mapping_value() == "?"


def test_a_facial_is_not_read_and_what_nobody_knows_is_asked():
    assert one("HydraFacial").to_mapping_value() == "not read"
    assert one("Lip Filler 1ml").to_mapping_value() == "not read"
    assert one("Signature treatment").toxin is None
    assert one("Brow lift").toxin is None  # with a toxin, or with threads
    assert one("Signature treatment").to_mapping_value() == "?"


def test_units_of_one_area_are_kept_and_of_several_left_open():
    assert one("Xeomin Forehead 20 units").to_mapping_value() == {
        "product": "xeomin",
        "area": "forehead",
        "units": "20",
    }
    assert one("Xeomin Forehead and Glabella 40 units").to_mapping_value() == (
        {"product": "xeomin", "area": "forehead"}, {"product": "xeomin", "area": "glabella"},
    )  # fmt: skip


def test_a_mapping_that_reads_no_areas_from_names_gets_one_injection_for_each():
    assert one("Xeomin Forehead and Glabella").to_mapping_value({"product"}) == {"product": "xeomin"}


def test_the_commonest_name_comes_first():
    assert [service.name for service in suggest_services_for({"Botox": 2, "Facial": 9, "Arm": 2})] == [
        "Facial",
        "Arm",
        "Botox",
    ]
