"""What a study says of the course of a side effect, and of the arms: files of studies that were once read wrongly."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from data.analysis import cases, columnar_copy, counts, estimates
from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from tests.data.factories import everything, imported, refusal, written

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
ALL = Selection(as_of=date(2026, 1, 1))

DM = """
    STUDYID | DOMAIN | USUBJID | SITEID | ARM    | RFENDTC
    T1      | DM     | 01      | 9      | Active | 2024-03-01
"""
EX = """
    STUDYID | DOMAIN | USUBJID | EXTRT | EXDOSE | EXSTDTC    | EXENDTC
    T1      | EX     | 01      | TOXIN | 20     | 2024-01-10 | 2024-01-10
"""
AE = """
    STUDYID|DOMAIN|USUBJID|AESEQ|AETERM|AEDECOD |AESEV|AEOUT|AEENRF|AEDTC|AESTDTC|AEENDTC
    T1     |AE    |01     |1    |headed|Headache|SEVERE|{outcome}|{relative}|{noted}|2024-01-15|{end}
"""


def study(folder, *, outcome="", relative="", noted="", end="", dm=DM):
    return written(folder, dm=dm, ex=EX, ae=AE.format(outcome=outcome, relative=relative, noted=noted, end=end))


def case_of(engine):
    """The only case of a study, the same from the records and from the copy."""
    first, second = (
        as_rows(cases.cases(tables, WHOLE_CLINIC, ALL), cases.Case)
        for tables in (records_source(engine), columnar_copy.build_copy(engine)[1])
    )
    assert first == second
    return first[0]


@pytest.mark.parametrize("outcome", ["NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING"])
def test_what_had_not_recovered_was_present_when_the_subject_left_the_study(sqlite_engine, tmp_path, outcome):
    imported(sqlite_engine, study(tmp_path, outcome=outcome, noted="2024-01-20"))
    case = case_of(sqlite_engine)
    assert (case.ended, case.days, case.until, case.seen_later) == (False, 47, date(2024, 3, 1), False)
    assert (case.grade, case.reports) == (3, 1)


@pytest.mark.parametrize("outcome", ["", "UNKNOWN"])
def test_an_unknown_outcome_says_nothing_and_the_case_was_seen_later_without_an_answer(
    sqlite_engine, tmp_path, outcome
):
    imported(sqlite_engine, study(tmp_path, outcome=outcome, noted="2024-01-20"))
    case = case_of(sqlite_engine)
    assert (case.ended, case.days, case.until, case.seen_later) == (False, 1, date(2024, 1, 15), True)


def test_an_end_after_the_study_says_that_it_was_present_when_the_subject_left(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, relative="AFTER"))
    assert (case_of(sqlite_engine).ended, case_of(sqlite_engine).days) == (False, 47)


def test_a_row_without_a_date_keeps_its_grade_and_ends_by_the_last_contact(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, outcome="RECOVERED/RESOLVED"))
    case = case_of(sqlite_engine)
    assert (case.grade, case.reports, case.ended, case.end_exact) == (3, 1, True, False)
    assert (case.seen_days, case.days) == (1, 46)  # 15 January to 29 February 2024 at most


def test_an_end_that_nothing_dates_is_listed_and_in_no_curve(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, outcome="RECOVERED/RESOLVED", dm=DM.replace("2024-03-01", "")))
    case = case_of(sqlite_engine)
    assert (case.ended, case.days, case.grade, case.onset) == (True, None, 3, date(2024, 1, 15))
    assert cases.episode_durations(records_source(sqlite_engine), WHOLE_CLINIC, ALL).empty


def test_a_fatal_case_has_ended_and_is_serious(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, outcome="FATAL", end="2024-02-01"))
    case = case_of(sqlite_engine)
    assert (case.ended, case.fatal, case.serious, case.days) == (True, True, True, 18)


def test_an_end_in_a_month_is_between_its_first_day_and_the_last_contact(sqlite_engine, tmp_path):
    imported(sqlite_engine, study(tmp_path, outcome="RECOVERED/RESOLVED", end="2024-03"))
    case = case_of(sqlite_engine)
    assert (case.end_exact, case.days) == (True, 47)  # 1 March is the first day of the span and that of the contact
    assert case.reports == 1


def test_an_end_in_a_year_lasts_no_longer_than_the_subject_was_watched(sqlite_engine):
    imported(sqlite_engine, sorted((CASES / "07-partial-dates").glob("*.csv")))
    found = {
        (str(case.onset), case.ended, case.end_exact, case.seen_days, case.days)
        for case in as_rows(cases.cases(records_source(sqlite_engine), WHOLE_CLINIC, ALL), cases.Case)
    }
    assert found == {
        ("2022-01-01", True, False, 1, 31),
        ("2022-01-01", True, False, 1, 151),
        ("2022-01-20", True, False, 1, 12),
        ("None", True, False, None, None),
    }


def test_an_outcome_against_its_end_is_kept_as_ended_and_counted_in_a_notice(sqlite_engine):
    summary = imported(sqlite_engine, sorted((CASES / "05-outcome-against-end").glob("*.csv")))
    assert summary.notices == ("kept as ended on AEENDTC, against AEOUT: 2 (rows 2, 6)",)
    (row,) = estimates.durations(records_source(sqlite_engine), WHOLE_CLINIC, ALL).itertuples()
    assert (row.episodes, row.ended, row.open, row.between_contacts) == (5, 4, 1, 1)


def test_a_side_effect_without_an_onset_counts_unless_it_ended_before_the_treatment(sqlite_engine):
    summary = imported(sqlite_engine, sorted((CASES / "03-no-start-date").glob("*.csv")))
    assert summary.notices == ("without AESTDTC, counted after the latest treatment before their first date: 3",)
    tables = records_source(sqlite_engine)
    (row,) = counts.counts(tables, WHOLE_CLINIC, ALL).itertuples()
    assert (row.events, row.total) == (2, 5)
    e = tables.episodes
    reasons = tables.fetch_rows(select(e.c.aside).where(e.c.treatment_id.is_(None)))
    assert [tuple(reason) for reason in reasons] == [("before the first treatment",)]


def test_subjects_are_counted_by_the_arm_they_were_actually_in(sqlite_engine):
    summary = imported(sqlite_engine, sorted((CASES / "21-actual-arm").glob("*.csv")))
    found = counts.counts(records_source(sqlite_engine), WHOLE_CLINIC, ALL, ("product",))
    assert [(row.product, row.events, row.total) for row in found.itertuples()] == [("High", 0, 1), ("Low", 1, 2)]
    assert summary.notices == (
        "actual arm (ACTARM) differs from the planned one (ARM), and is the one counted: 1 (row 3)",
    )


def test_a_dose_in_an_arm_of_placebo_is_a_problem_that_names_the_subject_and_both_rows(sqlite_engine):
    assert refusal(sqlite_engine, sorted((CASES / "09-planned-against-given").glob("*.csv"))) == [
        'ex.csv, row 2, column EXTRT: "Toxin" was given to S1-01 in the arm Placebo (dm.csv, row 2). '
        "Expected: an arm (ACTARM, else ARM) that fits what was given."
    ]


def test_a_term_under_two_body_systems_is_named_in_a_notice(sqlite_engine):
    summary = imported(sqlite_engine, sorted((CASES / "01-two-body-systems").glob("*.csv")))
    assert summary.notices == (
        "PTOSIS stands under EYE DISORDERS and NERVOUS SYSTEM DISORDERS; all of its side effects count under the first",
    )


def test_a_study_read_again_changes_nothing(sqlite_engine, tmp_path):
    files = study(tmp_path, outcome="RECOVERED/RESOLVED", end="2024-02")
    imported(sqlite_engine, files)
    before = everything(sqlite_engine)
    assert imported(sqlite_engine, files).batch is None
    assert everything(sqlite_engine) == before
