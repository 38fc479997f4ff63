"""The listing behind a count holds exactly what was counted; a case tells its course to those who may see it."""

from dataclasses import replace
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from data.analysis import cases, columnar_copy, counts
from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED
from data.database.engine import write_transaction
from models import records
from tests.data.analysis.test_counts import Naive, clinics, database, scopes, selections, store  # noqa: F401
from tests.laws import examples

LISTED_BY = ("area", "product", "lot", "site", "practitioner", "side_effect", "family", "grade", "first_visit")


@examples(12)
@given(clinics(), scopes, selections, st.lists(st.sampled_from(LISTED_BY), unique=True, max_size=2))
def test_the_listing_behind_every_count_holds_as_many_cases(database, rows, scope, selection, by):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    for count in as_rows(counts.counts(source, scope, selection, by)):
        group = {name: getattr(count, name) for name in by}
        if None in group.values():
            continue
        narrowed = _narrowed(selection, group)
        listed = as_rows(cases.cases(source, scope, narrowed, by=tuple(by)), cases.Case)
        still = sum(not case.ended for case in listed)
        treatments = len({case.treatment for case in listed})
        assert len({case.number for case in listed}) == len(listed) == count.episodes
        assert cases.count_cases(source, scope, narrowed, tuple(by)) == (count.episodes, still, treatments)
        assert all(cases.find_case(source, scope, case.number) == case for case in listed)


FIELDS = {name: f"{name}s" for name in ("area", "product", "lot", "site", "practitioner", "side_effect", "grade")}


def _narrowed(selection: Selection, group: dict) -> Selection:
    fields = {FIELDS[name]: (value,) for name, value in group.items() if name in FIELDS}
    fields |= {"families": (group["family"],)} if "family" in group else {}
    fields |= {"first_visit": group["first_visit"]} if "first_visit" in group else {}
    return replace(selection, **fields)


def _clinic(engine) -> None:
    """North treated a client on 1 June; the eyelid drooped from the 6th, was there on the 8th and gone on the 30th."""
    given_ = {"source": "hand", "import_batch_id": 1}
    counted = {"rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0}
    rows = {
        "import_batch": [
            {"id": 1, "made_at": datetime(2026, 7, 1), "source": "hand", "format": "hand", "files": "", **counted}
        ],
        "site": [{"id": 1, "code": "north"}, {"id": 2, "code": "south"}],
        "client": [{"id": 1, "key": "a"}],
        "product": [{"id": 1, "code": "botox", "label": "B"}],
        "treatment": [{"id": 1, "client_id": 1, "site_id": 1, "date": date(2026, 6, 1), "source_id": "1", **given_}],
        "injection": [{"id": 1, "treatment_id": 1, "area": "glabella", "product_id": 1}],
        "side_effect": [
            {"id": 7, "client_id": 1, "treatment_id": 1, "term": "eyelid_ptosis", "area": "glabella",
             "onset_first": date(2026, 6, 6), "onset_last": date(2026, 6, 6), "source_id": "7", **given_}
        ],
        "status": [
            {"id": 2, "side_effect_id": 7, "date": date(2026, 6, 30), "state": "gone", "grade": None,
             "grade_scale": None, "source_id": "b", "import_batch_id": 1},
            {"id": 3, "side_effect_id": 7, "date": date(2026, 6, 8), "state": "present", "grade": 2,
             "grade_scale": "ctcae_5", "source_id": "a", "import_batch_id": 1},
        ],
        "remedy": [
            {"id": 1, "side_effect_id": 7, "remedy": "massage", "kind": "advised", "import_batch_id": 1},
            {"id": 2, "side_effect_id": 7, "remedy": "massage", "kind": "used", "import_batch_id": 1},
        ],
    }  # fmt: skip
    with write_transaction(engine) as connection:
        for table in records.Record.metadata.sorted_tables:
            if table.name in rows:
                connection.execute(insert(table), rows[table.name])


def test_a_case_shows_its_notes_in_their_order_and_what_was_advised(sqlite_engine):
    _clinic(sqlite_engine)
    for source in (records_source(sqlite_engine), columnar_copy.build_copy(sqlite_engine)[1]):
        assert as_rows(cases.case_notes(source, WHOLE_CLINIC, 7)) == [
            (date(2026, 6, 8), "present", None, 2, "ctcae_5"),
            (date(2026, 6, 30), "gone", None, None, None),
        ]
        assert as_rows(cases.case_remedies(source, WHOLE_CLINIC, 7)) == [
            ("massage", "advised"),
            ("massage", "used"),
        ]
        case = cases.find_case(source, WHOLE_CLINIC, 7)
        assert (case.area, case.onset_day, case.ended, case.days) == ("glabella", 5, True, 24)  # gone by the 29th


def test_a_last_day_that_was_told_stays_the_end_when_a_later_contact_says_gone_again(sqlite_engine):
    """From the 6th to the 20th are 15 days, however often the clinic asks again; seen once more, it was not over."""
    _clinic(sqlite_engine)
    status = {"side_effect_id": 7, "import_batch_id": 1, "source_id": "c"}
    again = {**status, "id": 4, "date": date(2026, 7, 30), "state": "gone"}
    with write_transaction(sqlite_engine) as connection:
        notes = records.Status.__table__
        connection.execute(notes.update().where(notes.c.id == 2).values(last_day=date(2026, 6, 20)))
        connection.execute(insert(notes), again)
    for source in (records_source(sqlite_engine), columnar_copy.build_copy(sqlite_engine)[1]):
        case = cases.find_case(source, WHOLE_CLINIC, 7)
        assert (case.ended, case.days) == (True, 15)
        course = cases.episode_durations(source, WHOLE_CLINIC, Selection())
        assert course.end_exact.tolist() == [True]
    with write_transaction(sqlite_engine) as connection:
        connection.execute(insert(notes), {**status, "id": 5, "date": date(2026, 7, 20), "state": "present"})
    assert cases.find_case(records_source(sqlite_engine), WHOLE_CLINIC, 7).days == 54  # 6 June to 29 July


def test_a_case_of_another_site_is_not_there_for_this_viewer(sqlite_engine):
    _clinic(sqlite_engine)
    source, south = records_source(sqlite_engine), Scope(sites=frozenset({"south"}))
    assert cases.find_case(source, south, 7) is None
    assert cases.case_notes(source, south, 7).empty
    assert cases.case_remedies(source, south, 7).empty
    assert not cases.cases(source, Scope(practitioners=frozenset({NOT_RECORDED})), Selection()).empty


told = st.tuples(st.integers(1, 6), st.sampled_from(["massage", "water"]), st.sampled_from(["advised", "used"]))


@examples(12)
@given(clinics(), scopes, selections, st.lists(told, unique=True, max_size=8))
def test_remedies_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection, told):  # noqa: F811
    there = [each for each in told if each[0] <= len(rows["side_effect"])]
    rows["remedy"] = [
        {"id": at, "side_effect_id": effect, "remedy": remedy, "kind": kind, "import_batch_id": 1}
        for at, (effect, remedy, kind) in enumerate(there, start=1)
    ]
    store(database, rows)
    naive = Naive(rows, scope, selection)
    chosen = {e["id"] for row in naive.base(()) for e in naive.of_interest(row, ())}
    had = {(remedy, kind): set() for remedy in ("massage", "water") for kind in ("advised", "used")}
    for effect, remedy, kind in there:
        had[remedy, kind] |= {effect} & chosen
    counted = [(remedy, len(had[remedy, "advised"]), len(had[remedy, "used"])) for remedy in ("massage", "water")]
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        found = cases.remedy_counts(source, scope, selection)
        assert as_rows(found) == [row for row in counted if any(row[1:])]
        for remedy in ("massage", "water"):
            either = sorted(had[remedy, "advised"] | had[remedy, "used"])
            assert cases.episodes_with_remedy(source, scope, selection, remedy).tolist() == either
