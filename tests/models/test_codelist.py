"""The lists say what the clinic's words mean, and stop at a line that would make them wrong."""

import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import codelist
from models.csv_rows import RowError

EVERY_LIST = {
    name: getattr(codelist.load_codelists(codelist.FOLDER), name) for name in codelist.Codelists.__annotations__
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lists that a test may add a line to."""
    return Path(shutil.copytree(codelist.FOLDER, tmp_path / "codelists"))


def add_line(folder: Path, name: str, **cells: str) -> int:
    """Append a line and return its row, as a spreadsheet counts it."""
    with (folder / f"{name}.csv").open("r+", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
        csv.writer(file).writerow([cells.get(column, "") for column in header])
    return len(rows) + 2


NEW_EFFECT = {
    "code": "tested_effect",
    "label": "Hiccups",
    "plain": "hiccups",
    "definition": "Hiccups for a day or more",
    "family": "general",
    "source": "A clinic's log",
}


def test_the_lists_hold_what_the_clinic_treats_and_gives():
    assert len(codelist.areas()) >= 24
    assert len(codelist.side_effects()) >= 32
    assert len({product.generic for product in codelist.products().values() if product.active}) >= 7
    assert {"massage", "exercise", "water", "supplements", "apraclonidine_drops"} <= set(codelist.remedies())
    assert {"done", "not_reached", "declined", "not_due"} <= set(codelist.outcomes())


@pytest.mark.parametrize(
    ("as_the_clinic_says", "code"),
    [
        ("forehead", "forehead"),
        ("between the brows", "glabella"),
        ("around the eyes", "lateral_canthal"),
        ("crow's feet", "lateral_canthal"),
        ("around the mouth", "perioral"),
        ("jaw tension", "masseter"),
        ("migraine", "migraine_sites"),
        ("sweating", "axilla"),
        ("lazy eye", "extraocular_muscle"),
        ("11s", "glabella"),
    ],
)
def test_every_use_the_clinic_names_has_an_area(as_the_clinic_says, code):
    assert codelist.suggest_code(as_the_clinic_says, codelist.areas()) == code


@pytest.mark.parametrize("name", EVERY_LIST)
def test_every_row_says_where_it_is_from_and_what_it_means_in_plain_words(name):
    for row in EVERY_LIST[name].values():
        assert row.source and row.plain and row.definition, row.code


def test_the_three_kinds_of_weakness_are_three_families():
    kinds = {row.family: row.weakness for row in codelist.side_effects().values() if row.weakness}
    assert kinds == {
        "nearby_weakness": "nearby",
        "injected_weakness": "injected",
        "generalised_weakness": "generalised",
    }
    assert codelist.side_effects()["eyelid_ptosis"].weakness == "nearby"
    assert codelist.side_effects()["mastication_disorder"].weakness == "injected"
    assert codelist.side_effects()["generalised_muscle_weakness"].weakness == "generalised"


def test_muscle_weakness_without_a_place_is_put_in_none_of_the_three():
    assert codelist.side_effects()["unplaced_weakness"].weakness is None


def test_symptoms_of_the_boxed_warning_are_red_flags():
    flags = codelist.red_flags()
    assert {code for code, row in flags.items() if row.red_flag == "emergency"} >= {
        "dysphagia", "dyspnoea", "dysarthria", "generalised_muscle_weakness", "anaphylaxis",
    }  # fmt: skip
    assert {"dysphonia", "diplopia", "blurred_vision", "urinary_incontinence"} <= set(flags)
    assert "eyelid_ptosis" not in flags and "headache" not in flags


def test_an_eyelid_does_not_droop_after_the_palm_but_a_bruise_may_follow_anything():
    effects = codelist.side_effects()
    assert effects["eyelid_ptosis"].can_follow("glabella")
    assert not effects["eyelid_ptosis"].can_follow("palm")
    assert all(effects["bruising"].can_follow(area) for area in codelist.areas())


def test_products_of_different_toxins_never_share_a_unit_and_the_placebo_is_inactive():
    units = {}
    for product in codelist.products().values():
        units.setdefault(product.unit, set()).add(product.generic)
    assert all(len(generics) == 1 for generics in units.values())
    assert not codelist.products()["placebo"].active


def test_no_two_areas_stand_on_the_same_spot_of_the_map():
    spots = {}
    for area in codelist.areas().values():
        assert 0 <= area.x <= 100 and 0 <= area.y <= 100
        assert (area.map, area.x, area.y) not in spots, area.code
        spots[area.map, area.x, area.y] = area.code
        assert area.x > 50 or not area.sided, f"{area.code}: the side drawn is the client's left"


def test_one_csv_line_adds_a_side_effect(folder):
    add_line(folder, "side_effects", **NEW_EFFECT)
    lists = codelist.load_codelists(folder)
    assert lists.side_effects["tested_effect"].label == "Hiccups"
    assert list(lists.side_effects)[-1] == "tested_effect"


def test_one_csv_line_adds_an_area_and_a_product(folder):
    shared = {"plain": "an ear", "definition": "The ear", "source": "A clinic's log"}
    area = {"label": "Ear", "region": "scalp", "map": "face", "x": "97", "y": "45", "sided": "yes"}
    add_line(folder, "areas", code="tested_area", **area, **shared)
    product = {"label": "Nova", "generic": "novatoxin", "unit": "Nova units", "active": "yes"}
    add_line(folder, "products", code="tested_product", **product, **shared)
    lists = codelist.load_codelists(folder)
    assert lists.areas["tested_area"].sided and lists.areas["tested_area"].x == 97
    assert lists.products["tested_product"].active


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "headache"}, r"side_effects.csv, row {row}, column code: 'headache' is already in row \d+"),
        ({"code": "Hic-cups"}, "column code: 'Hic-cups'; lower case"),
        ({"source": ""}, "row {row}, column source: empty; a value expected"),
        ({"family": "eyes"}, "column family: 'eyes' is not in families.csv; did you mean 'eye'"),
        ({"areas": "forehead;glabela"}, "column areas: 'glabela' is not in areas.csv; did you mean 'glabella'"),
        ({"red_flag": "soon"}, "column red_flag: 'soon'; emergency or urgent expected"),
        ({"weakness": "nearby"}, "column weakness: nearby; empty expected in the family general"),
        ({"family": "nearby_weakness"}, "column weakness: empty; nearby expected in the family nearby_weakness"),
    ],
)
def test_a_line_that_breaks_a_rule_is_named_by_file_row_and_column(folder, change, said):
    row = add_line(folder, "side_effects", **NEW_EFFECT | change)
    with pytest.raises(RowError, match=said.replace("{row}", str(row))):
        codelist.load_codelists(folder)


def test_a_place_off_the_map_that_is_no_number_and_a_yes_that_is_none_are_named(folder):
    area = {
        "code": "tested_area",
        "label": "Ear",
        "plain": "ear",
        "definition": "Ear",
        "region": "scalp",
        "map": "face",
        "source": "s",
    }
    row = add_line(folder, "areas", **area, x="left", y="45", sided="yes")
    with pytest.raises(RowError, match=f"areas.csv, row {row}, column x: 'left'; a number expected"):
        codelist.load_codelists(folder)


def test_a_line_with_a_cell_too_many_and_a_file_without_a_column_are_named(folder):
    outcomes = folder / "outcomes.csv"
    good = outcomes.read_text()
    outcomes.write_text(good + "one,two\n")
    with pytest.raises(RowError, match=f"outcomes.csv, row {len(codelist.outcomes()) + 2}: 2 cells; 7 expected"):
        codelist.load_codelists(folder)
    outcomes.write_text(good.replace(",plain,", ",sure,"))
    with pytest.raises(RowError, match="outcomes.csv, row 1, column plain: the column is missing"):
        codelist.load_codelists(folder)


def test_an_unknown_code_is_answered_with_the_nearest_one():
    with pytest.raises(codelist.UnknownCodeError, match="'forhead' is not in areas.csv; did you mean 'forehead'?"):
        codelist.areas()["forhead"]
    with pytest.raises(KeyError):
        codelist.areas()["forhead"]
    assert codelist.areas().get("forhead") is None and "forhead" not in codelist.areas()


def test_nothing_is_suggested_where_nothing_is_near():
    assert codelist.suggest_code("zzzz", codelist.areas()) is None
    with pytest.raises(codelist.UnknownCodeError, match="'zzzz' is not in areas.csv$"):
        codelist.areas()["zzzz"]


def test_other_spellings_are_suggested_and_never_taken_for_the_code():
    assert codelist.suggest_code("droopy eyelid", codelist.side_effects()) == "eyelid_ptosis"
    assert "droopy eyelid" not in codelist.side_effects()


def test_suggestions_work_among_plain_words_too():
    assert codelist.suggest_code("wek", ["week", "day", "month"]) == "week"
    assert codelist.suggest_code("wek", []) is None


@given(st.sampled_from([(codes, code) for codes in EVERY_LIST.values() for code in codes]), st.data())
def test_a_code_with_one_letter_lost_still_finds_its_code(pair, data):
    codes, code = pair
    lost = data.draw(st.integers(1, len(code) - 1))
    assert codelist.suggest_code(code[:lost] + code[lost + 1 :], codes) == code


@given(st.text(max_size=40))
def test_a_suggestion_is_always_a_code_of_the_list_or_nothing(text):
    assert codelist.suggest_code(text, codelist.side_effects()) in {None, *codelist.side_effects()}
