"""A text with doses is read word by word, by a vocabulary; what it does not know is reported."""

import pytest

from data.mapping.dose_text import Vocabulary, WordMeaning

WORDS = {
    "botox": WordMeaning("product", ("botox_cosmetic",)),
    "dysport": WordMeaning("product", ("dysport",)),
    "anti-wrinkle": WordMeaning("toxin"),
    "facial": WordMeaning("other"),
    "forehead": WordMeaning("areas", ("forehead",)),
    "fh": WordMeaning("areas", ("forehead",)),
    "gl": WordMeaning("areas", ("glabella",)),
    "11s": WordMeaning("areas", ("glabella",)),
    "cf": WordMeaning("areas", ("lateral_canthal",)),
    "crow's feet": WordMeaning("areas", ("lateral_canthal",)),
    "3 areas": WordMeaning("areas", ("forehead", "glabella", "lateral_canthal")),
}
STRICT, NOTES = Vocabulary(WORDS), Vocabulary(WORDS, is_free_text=True)


def doses(text, vocabulary=STRICT):
    return [(one.get("area"), one.get("side"), one.get("units")) for one in vocabulary.read(text).injections]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Botox - 11s 16 units", [("glabella", None, "16")]),
        ("GL (60); Crow's Feet (48)", [("glabella", None, "60"), ("lateral_canthal", None, "48")]),
        ("Forehead 10u, GL 20u", [("forehead", None, "10"), ("glabella", None, "20")]),
        ("FH 10 GL 20", [("forehead", None, "10"), ("glabella", None, "20")]),
        ("cf 12/12", [("lateral_canthal", "left", "12"), ("lateral_canthal", "right", "12")]),
        ("CF L 10 R 12", [("lateral_canthal", "left", "10"), ("lateral_canthal", "right", "12")]),
        ("CF 12u each side", [("lateral_canthal", "left", "12"), ("lateral_canthal", "right", "12")]),
        ("20 units GL", [("glabella", None, "20")]),
        ("Forehead 22,5", [("forehead", None, "22.5")]),
        ("Botox 20 units", [(None, None, "20")]),
        ("Botox (unit) x 6", [(None, None, "6")]),
        ("Botox (per unit)", [(None, None, None)]),
        ("FH + GL 30 units", [("forehead", None, None), ("glabella", None, None)]),
        ("FH, CF, GL 30", [("forehead", None, None), ("lateral_canthal", None, None), ("glabella", None, None)]),
        ("FH 10, CF, GL 30", [("forehead", None, "10"), ("lateral_canthal", None, None), ("glabella", None, "30")]),
        ("FH 10 + GL 20", [("forehead", None, "10"), ("glabella", None, "20")]),
        ("Botox 100U Vial", [(None, None, None)]),
    ],
)
def test_areas_wait_for_the_number_that_follows_them(text, expected):
    assert doses(text) == expected


def test_the_product_of_a_text_holds_for_all_its_areas():
    assert {one["product"] for one in STRICT.read("Dysport / FH 30, GL 50").injections} == {"dysport"}


def test_areas_with_doses_in_the_notes_replace_the_areas_in_the_name_of_the_service():
    assert doses("Anti-wrinkle 3 areas / FH 8u, 11s 20u; Lot C1") == [("forehead", None, "8"), ("glabella", None, "20")]


def test_the_lot_in_a_note_is_kept_as_written():
    (injection,) = NOTES.read("GL 20u; Lot C1004c3").injections
    assert injection["lot"] == "C1004c3"


def test_a_new_word_is_reported():
    assert STRICT.read("Botox VIP").unknown == ["vip"]
    assert STRICT.read("Temples 10u").unknown == ["temples"]


def test_in_free_text_only_a_new_word_before_a_dose_is_reported():
    assert NOTES.read("Client happy. FH 8u. Call on 7/1").unknown == []
    assert NOTES.read("FH 8u, temples 10u").unknown == ["temples"]
    assert doses("pt called 7/1 droopy lid, resolved 7/23", NOTES) == []


def test_a_billing_code_names_the_toxin_and_the_units_billed_at_a_time():
    words = {"abobotulinumtoxina": WordMeaning("product", ("dysport",))}
    assert Vocabulary(words).read("J0586").injections == [{"units": "5", "product": "dysport"}]
