"""How far the records can be trusted: every count made again by hand."""

import shutil
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from data.analysis import columnar_copy, treatments
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import data_quality
from tests.data.analysis.test_counts import Naive, clinics, database, scopes, selections, store  # noqa: F401
from tests.data.factories import TODAY, imported, written
from tests.laws import examples

# t1 is whole; t2 lacks lot and units; t3 used a lot past its expiry; t4 is still in follow-up.
TREATMENTS = """
treatment_id | date       | site  | practitioner | client | area     | product | lot | expiry     | units
t1           | 2025-10-01 | north | ann          | c1     | glabella | botox   | L1  | 2026-01-31 | 20
t2           | 2025-10-02 | north | ann          | c2     | forehead | botox   |     |            |
t3           | 2025-10-03 | south | ben          | c3     | masseter | botox   | L2  | 2025-09-30 | 50
t4           | 2025-12-28 | south | ben          | c4     | glabella | botox   | L1  | 2026-01-31 | 20
"""
FOLLOW_UPS = """
treatment_id | date       | method | outcome     | asked
t1           | 2025-10-08 | phone  | not_reached |
t1           | 2025-10-15 | phone  | done        | checklist
t2           | 2025-10-16 | visit  | done        | open
t3           | 2025-10-17 | phone  | declined    |
"""
# e1 graded and placed; e2 without grade, placed nowhere; e3 began before any treatment of the client.
SIDE_EFFECTS = """
effect_id | treatment_id | client | side_effect | area     | onset      | came_to_light | status_date | state   | grade
e1        | t1           |        | brow_ptosis | glabella | 2025-10-05 | asked         | 2025-10-15  | present | mild
e2        | t2           |        | bruising    |          | 2025-10    |               | 2025-10-16  | gone    |
e3        |              | c3     | headache    |          | 2025-09-01 | volunteered   | 2025-09-02  | gone    | mild
"""

ALL = Selection(as_of=TODAY)


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("quality")
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, treatments=TREATMENTS, follow_ups=FOLLOW_UPS, side_effects=SIDE_EFFECTS))
    yield records_source(engine)
    engine.dispose()


def test_trust_rests_on_known_outcomes_and_on_what_belongs_nowhere(source):
    checks = data_quality.trust_checks(source, WHOLE_CLINIC, ALL)
    assert rows(checks[["name", "count", "total", "is_sufficient"]]) == [
        ("known", 2, 3, False),  # the treatment in follow-up is not due yet
        ("injections", 0, 4, True),
        ("area", 0, 4, True),
        ("aside", 1, 3, False),
        ("days_silent", 4, 31, True),
    ]


def test_nobody_treated_is_nothing_to_distrust(source):
    checks = data_quality.trust_checks(source, WHOLE_CLINIC, replace(ALL, sites=("nowhere",)))
    assert checks.is_sufficient[checks.name.isin(["known", "injections", "area"])].tolist() == [True, True, True]


def test_what_treatments_lack_is_listed_as_it_is_counted(source):
    assert treatments.count_incomplete(source, WHOLE_CLINIC, ALL) == {"injections": 0, "area": 0, "lot": 1, "units": 1}
    assert treatments.count_used_after_expiry(source, WHOLE_CLINIC, ALL) == 1
    listed = {
        fault: treatments.incomplete_treatments(source, WHOLE_CLINIC, ALL, fault, 10).date.dt.day.tolist()
        for fault in ("injections", "area", "lot", "units", "expired")
    }
    assert listed == {"injections": [], "area": [], "lot": [2], "units": [2], "expired": [3]}
    assert treatments.incomplete_treatments(source, Scope(sites=frozenset({"south"})), ALL, "lot", 10).empty


def test_what_treatments_and_side_effects_lack_is_counted_among_those_selected(source):
    checks = data_quality.missing_checks(source, WHOLE_CLINIC, ALL)
    assert rows(checks[["name", "count", "total"]]) == [
        ("injections", 0, 4),
        ("area", 0, 4),
        ("lot", 1, 4),
        ("units", 1, 4),
        ("expired", 1, 4),
        ("unplaced", 1, 2),
        ("ungraded", 1, 2),
        ("onset", 1, 2),
        ("came_to_light", 1, 2),
        ("unnoted", 0, 2),
        ("end", 0, 1),
        ("seen_later", 0, 1),
    ]
    assert checks.share[2] == 1 / 4


def test_an_open_side_effect_that_a_later_follow_up_left_out_is_a_check(sqlite_engine, tmp_path):
    later = f"{FOLLOW_UPS.rstrip()}\nt1 | 2025-11-20 | phone | done | open\n"
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, follow_ups=later, side_effects=SIDE_EFFECTS))
    checks = data_quality.missing_checks(records_source(sqlite_engine), WHOLE_CLINIC, ALL)
    assert rows(checks[["name", "count", "total"]])[-1] == ("seen_later", 1, 1)


def test_the_days_until_a_side_effect_is_on_record(source):
    # e1: 5 to 15 October. e2: in October, so from the treatment on the 2nd to the 16th.
    assert sorted(data_quality.days_to_note(source, WHOLE_CLINIC, ALL).tolist()) == [10, 14]


def test_a_side_effect_before_the_first_treatment_is_listed_with_its_reason(source):
    (row,) = rows(data_quality.unattributed_effects(source, WHOLE_CLINIC, 10))
    assert row[1:] == ("headache", "before the first treatment", date(2025, 9, 1), True)
    assert data_quality.unattributed_effects(source, Scope(sites=frozenset({"north"})), 10).empty


def test_follow_up_is_counted_by_practitioner_without_treatments_in_follow_up(source):
    found = data_quality.follow_up_counts(source, WHOLE_CLINIC, ALL, "practitioner")
    assert rows(found[["practitioner", "followed_up", "total", "share"]]) == [("ann", 2, 2, 1.0), ("ben", 0, 1, 0.0)]
    assert rows(found[["checklist", "open", "declined"]]) == [(1, 1, 0), (0, 0, 1)]


def test_contacts_are_counted_by_method(source):
    found = data_quality.contact_counts(source, WHOLE_CLINIC, ALL)
    assert found.columns.tolist() == ["method", "done", "not_reached", "declined", "not_due"]
    assert rows(found) == [("phone", 1, 1, 1, 0), ("visit", 1, 0, 0, 0)]


def test_our_own_terms_are_not_among_those_of_the_source(source):
    assert data_quality.source_terms(source, WHOLE_CLINIC, ALL).empty


def test_terms_of_the_source_are_counted_as_they_are(sqlite_engine, tmp_path):
    own_words = """
    list        | code     | dictionary
    side_effect | PRURITUS | MedDRA
    product     | Toxin X  | trial
    area        | elbow    | trial
    """
    treatments = """
    treatment_id | date       | site  | client | area | product | units
    1            | 2025-10-01 | north | c1     | elbow | Toxin X | 10
    2            | 2025-10-02 | north | c2     | elbow | Toxin X | 10
    """
    side_effects = """
    effect_id | treatment_id | side_effect | onset      | status_date | state
    1         | 1            | PRURITUS    | 2025-10-03 | 2025-10-04  | gone
    """
    files = written(tmp_path, treatments=treatments, side_effects=side_effects, own_words=own_words)
    imported(sqlite_engine, files)
    found = data_quality.source_terms(records_source(sqlite_engine), WHOLE_CLINIC, ALL)
    assert rows(found) == [
        ("side_effect", "PRURITUS", 1),
        ("product", "Toxin X", 2),
        ("area", "elbow", 2),
    ]


@examples(20)
@given(clinics(), scopes, selections)
def test_words_and_days_to_the_first_note_equal_plain_loops(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    naive = Naive(rows, scope, selection)
    noted = {e["id"]: _days_to_note(rows, e) for row in naive.base(()) for e in naive.of_interest(row, ())}
    every = Naive(rows, scope, replace(selection, unit="treatment"))
    own = {e["id"] for row in every.base(()) for e in every.of_interest(row, ()) if e["side_effect"] == "NAUSEA"}
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        days = data_quality.days_to_note(source, scope, selection).tolist()
        assert sorted(days) == sorted(day for day in noted.values() if day is not None)
        terms = list(data_quality.source_terms(source, scope, selection).itertuples(index=False, name=None))
        assert terms == ([("side_effect", "NAUSEA", len(own))] if own else [])


def _days_to_note(rows, effect) -> int | None:
    first = min((note["date"] for note in rows["status"] if note["side_effect_id"] == effect["id"]), default=None)
    return (first - effect["onset"]).days if first and effect["onset"] and first >= effect["onset"] else None
