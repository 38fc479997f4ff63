"""A measure is one clinical question, registered by being a file, and refused when mistyped."""

import importlib
import sys
from datetime import date
from pathlib import Path

import pytest

from models import codelist
from models.measure import Measure, MeasureError, discover_measures, measures

RATE = {
    "code": "ptosis",
    "title": "Ptosis",
    "why": "A test",
    "source": "A test",
    "reviewed_on": "2026-11-22",
}


def test_every_question_of_the_quality_review_is_there():
    assert set(measures()) >= {
        "any_side_effect", "nearby_weakness", "injected_weakness", "generalised_weakness_and_red_flags",
        "eyelid_ptosis", "brow_ptosis", "asymmetric_smile", "chewing_weakness", "headache", "bruising", "dry_eye",
        "dysphagia",
    }  # fmt: skip


@pytest.mark.parametrize("measure", measures().values(), ids=str)
def test_every_measure_says_why_it_is_asked_where_it_is_from_and_when_it_was_reviewed(measure):
    assert measure.title and measure.why and measure.source
    assert date.fromisoformat(measure.reviewed_on) <= date.today()


def test_any_side_effect_leaves_none_out():
    assert measures()["any_side_effect"].numerator == tuple(codelist.side_effects())


def test_no_side_effect_is_in_two_kinds_of_weakness():
    kinds = [measures()[code].numerator for code in ("nearby_weakness", "injected_weakness")]
    kinds.append([code for code, row in codelist.side_effects().items() if row.weakness == "generalised"])
    assert sum(map(len, kinds)) == len(set().union(*kinds))


def test_every_red_flag_is_counted_among_the_red_flags():
    assert set(codelist.red_flags()) <= set(measures()["generalised_weakness_and_red_flags"].numerator)


def test_eyelid_ptosis_is_counted_per_treated_area_of_the_upper_face():
    measure = measures()["eyelid_ptosis"]
    assert measure.unit == "area"
    assert {codelist.areas()[area].region for area in measure.areas} == {"upper_face"}


def test_a_numerator_of_a_family_and_a_code_names_each_side_effect_once_in_the_order_of_the_list():
    measure = Measure(**RATE, families=("hypersensitivity",), side_effects=("rash", "headache"))
    effects = codelist.side_effects()
    assert {"headache", "rash", "hives", "allergic_reaction", "anaphylaxis"} <= set(measure.numerator)
    assert measure.numerator == tuple(
        code for code, row in effects.items() if row.family == "hypersensitivity" or code in ("rash", "headache")
    )


@pytest.mark.parametrize(
    ("mistyped", "said"),
    [
        ({"side_effects": ("eyelid_ptossis",)}, "side_effects: 'eyelid_ptossis' .* did you mean 'eyelid_ptosis'"),
        ({"families": ("nearby_weaknes",)}, "families: 'nearby_weaknes' .* did you mean 'nearby_weakness'"),
        ({"side_effects": ("rash",), "areas": ("forhead",)}, "areas: 'forhead' .* did you mean 'forehead'"),
        ({"side_effects": ("eyelid_ptosis",), "areas": ("palm",)}, "none of its side effects can follow 'palm'"),
        ({"side_effects": ("rash",), "areas": ()}, "an empty denominator; None stands for all areas"),
        ({}, "no side effect is counted"),
    ],
)
def test_a_mistyped_measure_is_refused_with_its_field_and_what_may_be_meant(mistyped, said):
    with pytest.raises(MeasureError, match=f"measure 'ptosis', .*{said}"):
        Measure(**RATE | mistyped)


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """An empty package of measures; write files into it, then `importlib.import_module` it."""
    folder = tmp_path / "asked_by_a_clinic"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
        del sys.modules[name]


def test_a_name_stands_for_the_same_side_effects_on_every_page():
    labels = {effect.label: effect.code for effect in codelist.side_effects().values()}
    labelled = {measure.title: measure for measure in measures().values() if measure.title in labels}
    assert {"Dry eye", "Headache"} <= labelled.keys()
    assert {title: measure.numerator for title, measure in labelled.items()} == {
        title: (labels[title],) for title in labelled
    }


FILE = """
from models.measure import Measure

MEASURE = Measure(
    code="{code}", title="Nausea", why="A test", side_effects=("{counted}",), source="A test", reviewed_on="2026-11-22",
)
"""


def test_a_measure_is_registered_by_being_a_file_in_the_folder(package):
    (package / "nausea.py").write_text(FILE.format(code="nausea", counted="nausea"))
    assert list(discover_measures(importlib.import_module(package.name))) == ["nausea"]


def test_a_file_with_a_mistyped_code_fails_at_import_with_a_suggestion(package):
    (package / "nausea.py").write_text(FILE.format(code="nausea", counted="nausia"))
    with pytest.raises(MeasureError, match="'nausia' is not in side_effects.csv; did you mean 'nausea'"):
        importlib.import_module(f"{package.name}.nausea")


def test_a_file_named_other_than_its_measure_and_a_file_without_one_are_refused(package):
    (package / "sickness.py").write_text(FILE.format(code="nausea", counted="nausea"))
    with pytest.raises(MeasureError, match="sickness.py: the measure's code is 'nausea'; 'sickness' expected"):
        discover_measures(importlib.import_module(package.name))
    (package / "sickness.py").unlink()
    (package / "empty.py").write_text("")
    with pytest.raises(MeasureError, match="empty.py: defines no MEASURE"):
        discover_measures(importlib.import_module(package.name))
