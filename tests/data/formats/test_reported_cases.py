"""Small files after bug reports about other programs (tests/fixtures/cases): each is read as expected, or says why not.

EXPECTED.md in the folder of a case names the report.
"""

import json
from pathlib import Path

import pytest

from benchmarks.exports import count_records
from data.files import read_tables
from data.importing.pipeline import import_files
from data.mapping.store import save_mapping
from data.mapping.suggestions import propose
from data.problems import ImportRefusedError
from tests.data.exports import confirmed
from tests.data.factories import everything

CASES = Path(__file__).parents[2] / "fixtures" / "cases"


def files(case: str) -> list[Path]:
    return [file for file in sorted((CASES / case).iterdir()) if file.suffix in (".csv", ".xlsx", ".json")]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("14-nobody-affected", {"visits": 5, "side_effects": 0}),
        ("22a-units-format", {"visits": 3, "units": 52}),
        ("22e-units-format", {"visits": 3, "units": 52}),
        ("23-dimension-a1", {"visits": 3}),
        ("24-dimension-rows-only", {"visits": 3, "units": 52}),
        ("25-leading-zeros-by-format", {"visits": 3, "follow_ups": 2}),
        ("27-hair-before-midnight", {"visits": 3}),
        ("30b-1904-mixed-readable", {"visits": 3}),
        ("35b-sum-row", {"visits": 3}),
        ("36-hour-24", {"visits": 2}),
        ("44-contained-medication", {"visits": 1, "units": 20}),
        ("57-many-rows-one-treatment", {"visits": 2, "follow_ups": 7, "side_effects": 2}),
        ("72-client-three-visits", {"clients": 2}),
    ],
)
def test_a_case_is_read_as_expected(sqlite_engine, case, expected):
    import_files(sqlite_engine, files(case))
    counts = count_records(sqlite_engine)
    assert {name: counts[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("06-end-before-start", "ae.csv, row 2, column AEENDTC"),
        ("11-partial-exposure", "is not one day"),
        ("30-1904-mixed", "row 3, column Date"),
        ("31-lots-as-dates", "is a date: a spreadsheet program turned the number into one"),
        ("40-line-twice", "the row is the same as row 2"),
        ("41-visit-number-of-two", "V1 belongs to two clients"),
        ("42-scientific", "a long number was shortened and lost digits"),
    ],
)
def test_a_case_that_cannot_be_read_says_where_and_why(sqlite_engine, case, message):
    with pytest.raises(ImportRefusedError) as refused:
        import_files(sqlite_engine, files(case))
    assert message in str(refused.value.problems[0])


def test_the_end_of_a_condition_that_resulted_ends_the_side_effect(sqlite_engine):
    import_files(sqlite_engine, files("47-period-without-end"))
    (effect,) = everything(sqlite_engine)["fhir"].side_effects.values()
    assert [(note.state, str(note.last_day)) for note in effect.statuses] == [("gone", "2025-03-28")]


def test_the_medication_contained_in_an_administration_has_its_lot(sqlite_engine):
    import_files(sqlite_engine, files("44-contained-medication"))
    (visit,) = everything(sqlite_engine)["fhir"].treatments.values()
    assert [(one.product, one.lot) for one in visit.injections] == [("Botox Cosmetic", "L9")]


def test_initials_that_look_like_a_missing_value_are_counted(sqlite_engine):
    summary = import_files(sqlite_engine, files("16-initials-na"))
    assert 'treatments.csv, practitioner: "NA" was read as missing: 2' in summary.notices


@pytest.mark.parametrize(
    ("case", "boxes", "expected"),
    [
        (
            "62-redcap-empty-form",
            {
                ("treatments", "area"): {"area___1": "forehead", "area___2": "glabella"},
                ("follow_ups", "outcome"): {"1": "done"},
                ("side_effects", "side_effect"): {"adverse_event___1": "headache", "adverse_event___2": "bruising"},
            },
            {"visits": 2, "areas": 2, "follow_ups": 1, "side_effects": 1},
        ),
        (
            "63-redcap-without-repeat-columns",
            {("treatments", "area"): {"area___1": "forehead", "area___2": "glabella"}},
            {"visits": 2, "areas": 2, "units": 40},
        ),
    ],
)
def test_forms_of_redcap_that_nobody_filled_in_are_left_out(sqlite_engine, mappings_folder, case, boxes, expected):
    (file,) = files(case)
    proposal = propose(read_tables(file))
    assert proposal.questions == ()
    products = {one.name: {"product": "botox_cosmetic", "toxin": True} for one in proposal.services}
    save_mapping("redcap", confirmed(proposal, products, codes=boxes))
    summary = import_files(sqlite_engine, [file])
    counts = count_records(sqlite_engine)
    assert {name: counts[name] for name in expected} == expected
    assert any("that say nothing about" in notice for notice in summary.notices)


def test_an_open_session_ledger_is_known_by_its_values():
    proposal = propose(read_tables(files("65-session-ledger")[0]))
    assert {(one.name, one.text) for one in proposal.fields} >= {
        ("date", "{session_date}"), ("area", "{area_name}"), ("lot", "{lot_number}"), ("units", "{units}"),
        ("client", "{client_id}"), ("product", "{service.product}"),
    }  # fmt: skip


def test_reports_to_the_fda_are_refused_because_nobody_knows_how_many_were_treated(sqlite_engine, tmp_path):
    for name, text in (
        ("faers.csv", "primaryid,caseid,drugname\n1,2,BOTOX\n"),
        ("openfda.json", '{"meta": {}, "results": [{"safetyreportid": "1"}]}'),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(ImportRefusedError) as refused:
            import_files(sqlite_engine, [tmp_path / name])
        assert "not how many people were treated" in str(refused.value.problems[0])


RESOURCES = [
    {"resourceType": "Patient", "id": "p1"},
    *({"resourceType": "Procedure", "id": id_, "status": "completed", "subject": {"reference": "Patient/p1"},
       "encounter": {"reference": "Encounter/e1"}, "bodySite": [{"text": area}]}
      for id_, area in (("r1", "forehead"), ("r2", "glabella"))),
    *({"resourceType": "MedicationAdministration", "id": f"a-{id_}", "status": "completed",
       "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2025-03-03",
       "medicationCodeableConcept": {"text": "Botox Cosmetic"}, "partOf": [{"reference": f"Procedure/{id_}"}],
       "dosage": {"dose": {"value": units, "unit": "U"}}}
      for id_, units in (("r1", 10), ("r2", 20))),
]  # fmt: skip


@pytest.mark.parametrize("name", ["bundle.json", "bulk.ndjson"])
def test_several_procedures_of_one_encounter_are_one_treatment(sqlite_engine, tmp_path, name):
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in RESOURCES]})
    lines = "\n".join(map(json.dumps, RESOURCES))
    (tmp_path / name).write_text(bundle if name.endswith(".json") else lines)
    import_files(sqlite_engine, [tmp_path / name])
    (visit,) = everything(sqlite_engine)["fhir"].treatments.values()
    assert {(one.area, one.units) for one in visit.injections} == {("forehead", 10), ("glabella", 20)}
