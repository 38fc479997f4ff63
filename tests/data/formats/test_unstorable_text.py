"""Characters that are no text, and references that name nothing: said as a problem, whoever wrote them and wherever."""

import json
import os
from pathlib import Path

import pytest

from data.files import UnreadableFileError, read_tables
from data.problems import ImportRefusedError
from tests.data.factories import imported, refusal, written

BUNDLE = Path(__file__).parents[2] / "fixtures" / "fhir" / "clinic.json"
NO_TEXT = ("\ud800", "a\udfffb", "a\x00b")
TREATMENTS = """
    treatment_id | date       | site | client | area     | product | units
    V1           | 2025-03-01 | main | 4711   | glabella | xeomin  | 20
"""
EFFECTS = "effect_id | treatment_id | client | side_effect | onset"


def texts(part):
    """Every place of a bundle that holds a text: what holds it, and where it stands there."""
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        if isinstance(part[key], str):
            yield part, key
        elif isinstance(part[key], dict | list):
            yield from texts(part[key])


@pytest.mark.slow
@pytest.mark.parametrize("odd", NO_TEXT)
def test_no_field_of_a_bundle_ends_an_import_by_characters_that_are_no_text(odd, sqlite_engine, tmp_path):
    file = tmp_path / "clinic.json"
    for number in range(len(list(texts(json.loads(BUNDLE.read_text(encoding="utf-8")))))):
        bundle = json.loads(BUNDLE.read_text(encoding="utf-8"))
        holder, key = list(texts(bundle))[number]
        holder[key] = odd
        file.write_text(json.dumps(bundle), encoding="utf-8")
        try:
            imported(sqlite_engine, [file], dry_run=True)  # an element that is not read may hold anything
        except ImportRefusedError as refused:
            "\n".join(map(str, refused.problems)).encode()


def test_a_bundle_whose_id_is_not_text_says_so(sqlite_engine, tmp_path):
    bundle = json.loads(BUNDLE.read_text(encoding="utf-8"))
    next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")["id"] = "\ud800"
    file = tmp_path / "clinic.json"
    file.write_text(json.dumps(bundle), encoding="utf-8")
    assert any("has bytes that are not text" in problem for problem in refusal(sqlite_engine, [file]))


@pytest.mark.parametrize("odd", NO_TEXT)
def test_an_element_whose_name_is_not_text_is_reported_with_the_file(odd):
    content = json.dumps({"resourceType": "Bundle", "entry": [{odd: 1}]}).encode()
    with pytest.raises(UnreadableFileError, match=r"clinic\.json: an element name contains control characters"):
        read_tables("clinic.json", content)
    with pytest.raises(UnreadableFileError) as unreadable:
        read_tables("clinic.json", json.dumps({"resourceType": odd}).encode())
    str(unreadable.value).encode()


@pytest.mark.parametrize("odd", NO_TEXT)
def test_a_source_that_is_not_text_is_refused(odd, sqlite_engine, tmp_path):
    problems = refusal(sqlite_engine, written(tmp_path, treatments=TREATMENTS), source=odd)
    assert problems == ["source: has characters that are not text. Expected: a name in letters and digits."]


def test_a_mapping_that_names_no_text_is_refused(sqlite_engine, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text('source = "a\\u0000b"\n[treatments]\nsite = "main"\n', encoding="utf-8")
    problems = refusal(sqlite_engine, written(tmp_path, treatments=TREATMENTS), mapping=mapping)
    assert any("has characters that are not text" in problem for problem in problems)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such file names")
def test_a_file_whose_name_is_not_text_is_stored_under_a_name_that_is(sqlite_engine, tmp_path):
    (file,) = written(tmp_path, treatments=TREATMENTS)
    renamed = file.rename(tmp_path / os.fsdecode(b"visits\xff.csv"))
    assert imported(sqlite_engine, [renamed]).rows_stored == 1
    renamed.write_text("", encoding="utf-8")
    assert refusal(sqlite_engine, [renamed])[0].startswith("visits?.csv")


# References that name nothing


@pytest.fixture
def clinic(sqlite_engine, tmp_path):
    effects = f"{EFFECTS}\nS1 | V1 | | headache | 2025-03-10"
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=effects))
    return sqlite_engine


def test_a_side_effect_on_record_that_names_neither_treatment_nor_client_is_refused(clinic, tmp_path):
    files = written(tmp_path, side_effects=f"{EFFECTS}\nS1 | | | headache | 2025-03-11")
    assert refusal(clinic, files) == [
        "side_effects.csv, row 2, column treatment_id: neither treatment_id nor client is given. Expected: one of them."
    ]


@pytest.mark.parametrize("treatment_id", ["V9", ""])
def test_a_side_effect_on_record_whose_treatment_could_not_be_read_is_refused_with_it(treatment_id, clinic, tmp_path):
    unread = TREATMENTS.replace("V1 ", treatment_id).replace("2025-03-01", "2025-99-01")
    effects = f"{EFFECTS}\nS1 | V9 | | headache | 2025-03-11"
    problems = refusal(clinic, written(tmp_path, treatments=unread, side_effects=effects))
    assert any('treatments.csv, row 2, column date: "2025-99-01" is not a date' in problem for problem in problems)
