"""A FHIR Bundle: what was given becomes treatments, adverse events side effects; whoever has a name keeps it."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.problems import ImportRefusedError
from tests.data.factories import everything, imported, refusal
from tests.laws import examples

BUNDLE = Path(__file__).parents[2] / "fixtures" / "fhir" / "clinic.json"


def bundle() -> dict:
    return json.loads(BUNDLE.read_text())


def resource(told: dict, id: str) -> dict:
    return next(entry["resource"] for entry in told["entry"] if entry["resource"]["id"] == id)


def changed(folder, which: str, **elements) -> Path:
    told = bundle()
    resource(told, which).update(elements)
    return saved(folder, told)


def saved(folder, told) -> Path:
    file = folder / "export.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    return file


def test_a_procedure_with_two_doses_is_one_treatment_of_two_areas(sqlite_engine):
    summary = imported(sqlite_engine, [BUNDLE])
    # Of 15 resources 8 hold something: 2 clients, a medication with its lot, 3 doses of toxin, 2 adverse events.
    assert (summary.source, summary.format) == ("fhir", "fhir")
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (15, 8, 7)
    stored = everything(sqlite_engine)["fhir"]
    visit = stored.treatments["pr1"]
    assert (str(visit.date), visit.site, visit.practitioner) == ("2025-03-03", "Hill Clinic", "RN7")
    assert [(i.area, i.product, i.lot, i.units) for i in visit.injections] == [
        ("Forehead", "Botox Cosmetic", "C1234", 12), ("Glabella", "Botox Cosmetic", "C1234", 20.5),
    ]  # fmt: skip
    (alone,) = (visit for name, visit in stored.treatments.items() if name != "pr1")
    assert [(i.area, i.product, i.units) for i in alone.injections] == [(None, "abobotulinumtoxinA", 100)]
    assert {product.dictionary for product in stored.products.values()} == {"fhir"}
    assert stored.products["Botox Cosmetic"].unit == "U"
    assert sorted((client.year_of_birth, client.sex) for client in stored.clients.values()) == [
        (1975, "male"), (1980, "female"),
    ]  # fmt: skip


def test_an_adverse_event_keeps_its_words_and_belongs_to_the_dose_it_suspects(sqlite_engine):
    imported(sqlite_engine, [BUNDLE])
    effects = everything(sqlite_engine)["fhir"].side_effects
    ptosis, bruise = effects["e1"], effects["e2"]
    assert (ptosis.term, ptosis.treatment, str(ptosis.onset_first)) == ("Eyelid ptosis", "pr1", "2025-03-08")
    assert [(str(note.date), note.state, note.grade) for note in ptosis.statuses] == [("2025-03-17", "present", 1)]
    assert ptosis.serious == ()
    assert (bruise.treatment, str(bruise.onset_first), str(bruise.onset_last)) == (None, "2025-03-01", "2025-03-31")
    assert [note.state for note in bruise.statuses] == ["gone"]
    assert sorted(effects) == ["e1", "e2"]  # e3 is a potential event


def test_what_is_left_out_is_said(sqlite_engine):
    notices = imported(sqlite_engine, [BUNDLE]).notices
    assert {
        "clinic.json: Not read: Observation 1.",
        "clinic.json: Left out, because it identifies people: address 1, name 3, telecom 1.",
        "left out, not carried out: not-done 1",
        "left out, no botulinum toxin: Lidocaine 2 % cream 1",
        "left out, procedures without a toxin: 1",
        "left out, not actual: potential 1",
    } <= set(notices)


def test_no_name_number_or_address_of_anybody_is_stored(sqlite_engine):
    imported(sqlite_engine, [BUNDLE])
    stored = str(everything(sqlite_engine))
    for told in ("Ada", "Bea", "Rita", "Example", "4711", "900123", "Made Up", "Nowhere", "'p1'", "Patient/p1"):
        assert told not in stored


def test_the_same_bundle_again_changes_nothing_in_any_order(sqlite_engine, tmp_path):
    imported(sqlite_engine, [BUNDLE])
    told = bundle()
    told["entry"].reverse()
    assert imported(sqlite_engine, [saved(tmp_path, told)]).batch is None


def test_an_event_is_serious_only_if_it_says_so_or_was_fatal(sqlite_engine, tmp_path):
    fatal = {"coding": [{"code": "fatal"}]}
    imported(sqlite_engine, [changed(tmp_path, "e1", outcome=fatal, seriousness={"text": "Serious"})])
    assert everything(sqlite_engine)["fhir"].side_effects["e1"].serious == ("death",)
    imported(sqlite_engine, [changed(tmp_path, "e2", seriousness={"text": "Serious"})])
    assert everything(sqlite_engine)["fhir"].side_effects["e2"].serious == ("reason_not_given",)


@pytest.mark.parametrize(
    ("which", "elements", "told"),
    [
        ("a1", {"effectiveDateTime": "2025-13-03"},
         'sheet MedicationAdministration, row 7, column effective: "2025-13-03" is not a date'),
        ("a1", {"effectiveDateTime": "2025-03"}, '"2025-03" is not one day'),
        ("a1", {"dosage": {"dose": {"value": "many"}}}, 'column dosage.dose.value: "many" is not a number'),
        ("a1", {"subject": {}}, "column subject.reference: the cell is empty"),
        ("a1", {"subject": {"reference": "Patient/p2"}}, "differs from entry 7"),
        ("a4", {"medicationCodeableConcept": {}}, "the medication is not named"),
        ("e1", {"outcome": {"text": "better"}}, '"better" is not an outcome of an adverse event'),
        ("p2", {"id": "p1"}, "column id: is in the bundle twice"),
        ("p1", {"gender": "Male?"}, '"Male?" is not one of the words'),
    ],
)  # fmt: skip
def test_a_problem_names_the_resource_its_number_path_and_value(sqlite_engine, tmp_path, which, elements, told):
    problems = refusal(sqlite_engine, [changed(tmp_path, which, **elements)])
    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"resourceType": "Patient", "id": "p1"}', "this is a FHIR Patient, not a Bundle"),
        ('{"resourceType": "Bundle"}', "the Bundle holds none of Patient, "),
        ('{"resourceType": "Bundle", "entry": {}}', "the entries of the Bundle are not a list"),
        ('{"resourceType": "Bundle", "entry": [3]}', "entry 1 has no resource with a resourceType"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": 3}}]}', "entry 1 has no resource"),
        ('{"resourceType": "Bundle", "entry": [', "line 1 is not JSON"),
        ('{"resourceType": "Bundle", "total": NaN}', "NaN is not a number in JSON"),
        ('{"resourceType": "Bundle", "type": "a", "type": "b"}', "'type' occurs twice in one object"),
        ('{"resourceType": "Bundle", "entry": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Location", "name": '
         + "[" * 20 + "1" + "]" * 20 + "}}]}", "entry 1 is nested too deeply at name"),
        ('{"client": 1}', "this is a JSON file, not a table"),
    ],
)  # fmt: skip
def test_hostile_or_foreign_json_is_refused_in_one_sentence(sqlite_engine, tmp_path, text, told):
    (problem,) = refusal(sqlite_engine, [saved(tmp_path, text)])
    assert told in problem


def test_a_number_without_end_is_a_problem_of_its_cell(sqlite_engine, tmp_path):
    text = BUNDLE.read_text()
    for number in ("1e999", "9" * 5_000):
        problems = refusal(sqlite_engine, [saved(tmp_path, text.replace("20.5", number))])
        assert "MedicationAdministration, row 8, column dosage.dose.value" in problems[0]


def test_more_columns_than_are_read_are_refused(sqlite_engine, tmp_path):
    sites = [{"text": f"site {n}"} for n in range(300)]
    (problem,) = refusal(sqlite_engine, [changed(tmp_path, "pr1", bodySite=sites)])
    assert "columns; at most 200 are read" in problem


odd = st.sampled_from([None, True, 0, -1, "", "x" * 300, [], {}, [None], {"reference": "Patient/none"}, "2025-02-30",
                       "\u0000", "\ud800", {"coding": [{"code": 3}]}, [[1]], 1e308])  # fmt: skip


@examples(60)
@given(spoils=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), odd), min_size=1, max_size=4))
def test_whatever_a_resource_contains_it_is_stored_or_refused(sqlite_engine, tmp_path, spoils):
    told = deepcopy(bundle())
    for at, which, value in spoils:
        one = told["entry"][at % len(told["entry"])]["resource"]
        one[sorted(one)[which % len(one)]] = value
    try:
        imported(sqlite_engine, [saved(tmp_path, told)], dry_run=True)
    except ImportRefusedError as refused:
        assert refused.problems
