"""SDTM in small: what decides between courses and visits, what is serious, who was reached, what is refused."""

from data.files import read_tables
from data.formats.registry import find_reader
from tests.data.factories import everything, imported, refusal, written

DM = """
    STUDYID | DOMAIN | USUBJID | SITEID | SEX | ARM    | RFENDTC    | INVNAM
    T1      | DM     | 01      | 9      | F   | Active | 2024-03-01 | Dr Canary
    T1      | DM     | 02      | 9      | M   | Active |            | Dr Canary
    T1      | DM     | 03      | 9      | U   |        |            | Dr Canary
"""
EX = """
    STUDYID | DOMAIN | USUBJID | EXTRT | EXDOSE | EXDOSU | EXLOC    | EXLAT | EXSTDTC    | EXENDTC
    T1      | EX     | 01      | TOXIN | 20     | U      | GLABELLA |       | 2024-01-10 | 2024-01-10
    T1      | EX     | 01      | TOXIN | 30     | U      | MASSETER | LEFT  | 2024-01-10 | 2024-01-10
    T1      | EX     | 02      | TOXIN | 20     | U      | GLABELLA |       | 2024-01-11 | 2024-01-11
"""
AE = """
    STUDYID|DOMAIN|USUBJID|AESEQ|AESPID|AETERM|AEDECOD |AESER|AESHOSP|AEOUT               |AEDTC     |AESTDTC|AEENDTC
    T1     |AE    |01     |1    |E1    |headed|Headache|Y    |N      |RECOVERING/RESOLVING|2024-01-20|2024-01|
    T1     |AE    |01     |9    |E1    |headed|Headache|N    |N      |RECOVERED/RESOLVED  |2024-02-20|2024-01|2024-02-11
    T1     |AE    |01     |10   |E2    |sore  |Pain    |N    |Y      |UNKNOWN             |2024-01-20|2024   |
"""
DS = """
    STUDYID | DOMAIN | USUBJID | DSSEQ | DSDECOD   | DSSTDTC
    T1      | DS     | 02      | 1     | COMPLETED | 2024-02-28
"""


def study(folder, **changed):
    return written(folder, **({"dm": DM, "ex": EX, "ae": AE, "ds": DS} | changed))


def test_rows_of_one_day_are_one_treatment_and_each_row_an_injected_area(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path))
    stored = everything(sqlite_engine)["T1"]
    assert sorted(
        (str(visit.date), [(i.area, i.side, i.product, i.units) for i in visit.injections])
        for visit in stored.treatments.values()
    ) == [
        ("2024-01-10", [("GLABELLA", None, "TOXIN", 20), ("MASSETER", "left", "TOXIN", 30)]),
        ("2024-01-11", [("GLABELLA", None, "TOXIN", 20)]),
    ]
    assert stored.products["TOXIN"].unit == "U"


def test_a_row_that_goes_on_for_days_makes_each_subject_one_course(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, ex=EX.replace("2024-01-11 | 2024-01-11", "2024-01-11 | 2024-02-11")))
    stored = everything(sqlite_engine)["T1"]
    assert {i.product for visit in stored.treatments.values() for i in visit.injections} == {"Active"}
    assert stored.treatments.keys() == stored.clients.keys()


def test_a_name_in_dm_is_stored_nowhere(sqlite_url, sqlite_engine, tmp_path):
    (tmp_path / "in").mkdir()
    imported(sqlite_engine, study(tmp_path / "in"))
    sqlite_engine.dispose()
    assert not [file for file in tmp_path.iterdir() if file.is_file() and b"Canary" in file.read_bytes()]


def test_notes_with_one_spid_are_one_episode_with_its_course(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path))
    headache, pain = sorted(everything(sqlite_engine)["T1"].side_effects.values(), key=lambda effect: effect.term)
    assert [(note.state, str(note.last_day)) for note in headache.statuses] == [
        ("present", "None"), ("gone", "2024-02-11"),
    ]  # fmt: skip
    assert (str(headache.onset_first), str(headache.onset_last)) == ("2024-01-01", "2024-01-31")
    assert [note.state for note in pain.statuses] == ["unknown"]
    assert (headache.as_given, headache.came_to_light) == ("headed", None)


def test_serious_without_a_reason_says_so_and_a_reason_is_serious_whatever_aeser_says(sqlite_engine, tmp_path):
    summary = imported(sqlite_engine, study(tmp_path))
    reasons = {effect.term: effect.serious for effect in everything(sqlite_engine)["T1"].side_effects.values()}
    assert reasons == {"Headache": ("reason_not_given",), "Pain": ("hospitalisation",)}
    assert "kept as serious for the reason given, against AESER: 1" in summary.notices


def test_the_end_of_participation_is_a_contact_from_dm_or_else_from_ds(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path))
    contacts = everything(sqlite_engine)["T1"].follow_ups.values()
    assert sorted((str(contact.date), contact.outcome, contact.asked) for contact in contacts) == [
        ("2024-02-28", "done", "open"), ("2024-03-01", "done", "open"),
    ]  # fmt: skip


def test_sdtm_is_recognized_by_its_column_domain_not_by_the_names_of_files(tmp_path):
    tables = [table for file in study(tmp_path) for table in read_tables(file)]
    assert find_reader(tables).__name__ == "data.formats.sdtm"


def test_a_subject_whose_row_cannot_be_read_makes_one_problem_and_not_one_for_each_of_its_rows(sqlite_engine, tmp_path):
    assert refusal(sqlite_engine, study(tmp_path, dm=DM.replace("2024-03-01", "2024-02-31"))) == [
        'dm.csv, row 2, column RFENDTC: "2024-02-31" is not a date: February 2024 has 29 days. '
        "Expected: a date as 2025-03-31, a month as 2025-03 or a year."
    ]


def test_rows_of_one_episode_that_disagree_are_a_problem(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, study(tmp_path, ae=AE.replace("E2", "E1")))
    assert told == [
        'ae.csv, row 4, column AEDECOD: "Pain" differs from row 2. Expected: the same in every row of one AESPID.',
        'ae.csv, row 4, column AESTDTC: "2024" differs from row 2. Expected: the same in every row of one AESPID.',
    ]


def test_a_missing_variable_is_said_by_its_own_name(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, study(tmp_path, ex=EX.replace("EXSTDTC", "EXSTDT ")))
    assert told[0].startswith('ex.csv, column EXSTDTC: the column is missing; did you mean "EXSTDT"? Expected: ')


def test_an_outcome_that_is_on_no_list_ends_nothing_and_is_a_problem(sqlite_engine, tmp_path):
    misspelt = AE.replace("UNKNOWN             ", "NOT RECOVRED/NOT RESOLVED")
    (told,) = refusal(sqlite_engine, study(tmp_path, ae=misspelt))
    assert told.startswith('ae.csv, row 4, column AEOUT: "NOT RECOVRED/NOT RESOLVED" is not one of the words; did you ')
    assert 'mean "not recovered/not resolved"?' in told


def test_two_studies_are_two_imports(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, study(tmp_path, dm=DM.replace("T1      | DM     | 03", "T2 | DM | 03")))
    assert told == [
        'dm.csv, row 4, column STUDYID: "T2" is a second study. Expected: one study in the files of one import.'
    ]
