"""Which treatment a side effect belongs to, on clients of a few visits and on every database."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from data.analysis import cases, columnar_copy, counts
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from tests import factories
from tests.data.analysis.test_counts import (
    DAY_ZERO,
    _batch,
    _stored,
    check_episodes,
    database,  # noqa: F401
    source,  # noqa: F401
    store,
)
from tests.data.factories import imported
from tests.laws import examples

LIMIT = 30  # days
CASES = Path(__file__).parents[2] / "fixtures" / "cases"


@st.composite
def clients(draw):
    """Rows of one client with visits in two areas, and side effects that name none of them, all within 80 days."""
    rows = defaultdict(list)
    rows["import_batch"] = [_batch(1, draw(st.sampled_from([LIMIT, LIMIT, None])), "template")]
    rows["site"], rows["client"] = [{"id": 1, "code": "north"}], [{"id": 1, "key": "c1"}]
    rows["product"] = [{"id": 1, "code": "botox", "label": "B"}]
    day = st.sampled_from(range(0, 80, 4)).map(lambda n: DAY_ZERO + timedelta(days=n))
    for number in range(1, draw(st.integers(1, 4)) + 1):
        visit_day = draw(st.one_of(day, st.sampled_from([t["date"] for t in rows["treatment"]] or [DAY_ZERO])))
        rows["treatment"].append(_stored(number, client_id=1, site_id=1, date=visit_day))
        for area in draw(st.sampled_from([("glabella",), ("glabella",), ("masseter",), ("glabella", "masseter")])):
            rows["injection"].append(
                {"id": len(rows["injection"]) + 1, "treatment_id": number, "area": area, "product_id": 1}
            )
    for number in range(1, draw(st.integers(1, 3)) + 1):
        first = draw(st.one_of(st.none(), day, day))
        rows["side_effect"].append(
            _stored(
                number,
                client_id=1,
                treatment_id=None,
                term="headache",
                serious=None,
                area=draw(st.sampled_from(["glabella", "masseter", None])),
                onset_first=first,
                onset_last=first and first + timedelta(days=draw(st.sampled_from([0, 0, 30]))),
            )
        )
        for note_day in sorted(draw(st.lists(day, unique=True, max_size=3))):
            rows["status"].append(
                {
                    "id": len(rows["status"]) + 1,
                    "side_effect_id": number,
                    "date": note_day,
                    "state": draw(st.sampled_from(["present", "present", "gone"])),
                    "last_day": None,
                    "grade": draw(st.sampled_from([1, 2, 3, None])),
                    "source_id": "",
                    "import_batch_id": 1,
                }
            )
    return rows


@examples(250)
@given(clients())
def test_the_treatment_of_a_side_effect_is_the_one_that_plain_loops_find(database, source, rows):  # noqa: F811
    store(database, rows)
    check_episodes(source, rows)


@examples(20)
@given(clients())
def test_the_treatment_of_a_side_effect_is_the_same_on_a_copy(database, rows):  # noqa: F811
    store(database, rows)
    check_episodes(columnar_copy.build_copy(database)[1], rows)


@examples(15)
@given(clients())
def test_the_treatment_of_a_side_effect_is_the_same_on_postgresql(postgresql_engine, rows):
    plain = create_engine(postgresql_engine.url)  # without the clinic's rules of reading and writing
    store(plain, rows)
    plain.dispose()
    check_episodes(records_source(postgresql_engine), rows)


@examples(100)
@given(clients(), st.integers(0, 80))
def test_a_later_visit_to_another_area_moves_no_side_effect_that_names_its_area(database, source, rows, days):  # noqa: F811
    store(database, rows)
    before = _belonging(source)
    last = max(visit["date"] for visit in rows["treatment"])
    number = len(rows["treatment"]) + 1
    rows["treatment"].append(_stored(number, client_id=1, site_id=1, date=last + timedelta(days=days)))
    rows["injection"].append(
        {"id": len(rows["injection"]) + 1, "treatment_id": number, "area": "axilla", "product_id": 1}
    )
    store(database, rows)
    after = _belonging(source)
    assert {n: after[n] for n, (_, how) in before.items() if how == "area"} == {
        n: found for n, found in before.items() if found[1] == "area"
    }


def _belonging(tables):
    e = tables.episodes
    rows = tables.fetch_rows(select(e.c.episode_id, e.c.treatment_id, e.c.attribution))
    return {number: (treatment, how) for number, treatment, how in rows}


# By hand

MAY = date(2026, 5, 1)


def visits(engine, *areas_by_day):
    """One client's treatments, (day in May, area) each; gives their ids."""
    with write_transaction(engine) as connection:
        ids = []
        for day, area in areas_by_day:
            ids.append(factories.treatment(connection, date=MAY.replace(day=day)))
            factories.injection(connection, treatment_id=ids[-1], area=area)
        return ids


def effect(engine, onset, last=None, notes=(), **values):
    """A side effect of that client which names no treatment; notes as (date, state, grade)."""
    with write_transaction(engine) as connection:
        number = factories.side_effect(
            connection, treatment_id=None, onset_first=onset, onset_last=last or onset, **values
        )
        for day, state, grade in notes:
            factories.status(connection, side_effect_id=number, date=day, state=state, grade=grade)
        return number


def found(engine, number):
    """(treatment, how attributed, why not), the same from the records and from the copy."""
    results = []
    for tables in (records_source(engine), columnar_copy.build_copy(engine)[1]):
        case = cases.find_case(tables, WHOLE_CLINIC, number)
        results.append((case.treatment, case.attribution, case.aside))
    assert results[0] == results[1]
    return results[0]


def test_an_eyelid_after_a_visit_to_the_armpit_belongs_to_the_frown_lines_before_it(engine):
    frown, armpit = visits(engine, (1, "glabella"), (10, "axilla"))
    assert found(engine, effect(engine, MAY.replace(day=12), area="glabella")) == (frown, "area", None)
    assert found(engine, effect(engine, MAY.replace(day=12))) == (armpit, "latest", None)
    jaw = effect(engine, MAY.replace(day=12), area="masseter")
    assert found(engine, jaw) == (armpit, "area not treated", None)


def test_a_month_belongs_to_the_latest_treatment_within_it_else_to_the_latest_before_it(engine):
    _, second = visits(engine, (2, "glabella"), (12, "glabella"))
    of_may = effect(engine, MAY, date(2026, 5, 31), notes=[(date(2026, 6, 1), "present", None)])
    assert found(engine, of_may) == (second, "latest", None)
    assert cases.find_case(records_source(engine), WHOLE_CLINIC, of_may).onset_day == 0
    of_june = effect(engine, date(2026, 6, 1), date(2026, 6, 30))
    assert found(engine, of_june) == (second, "latest", None)
    assert cases.find_case(records_source(engine), WHOLE_CLINIC, of_june).onset_day == 20


def test_a_side_effect_did_not_begin_after_its_first_note(engine):
    first, _ = visits(engine, (2, "glabella"), (20, "glabella"))
    noted = [(MAY.replace(day=10), "present", None)]
    assert found(engine, effect(engine, MAY, date(2026, 5, 31), notes=noted)) == (first, "latest", None)
    assert found(engine, effect(engine, None, notes=noted)) == (first, "latest", None)
    assert found(engine, effect(engine, None)) == (None, None, "onset not told")


def test_two_treatments_on_one_day_are_told_apart_by_the_area_or_the_first_record_counts(engine):
    frown, jaw = visits(engine, (2, "glabella"), (2, "masseter"))
    day = MAY.replace(day=5)
    assert found(engine, effect(engine, day, area="masseter")) == (jaw, "area", None)
    assert found(engine, effect(engine, day)) == (frown, "ambiguous", None)
    assert found(engine, effect(engine, day, area="axilla")) == (frown, "ambiguous", None)


def test_what_was_there_before_and_became_worse_is_an_event_of_the_treatment_in_no_duration(engine):
    (visit,) = visits(engine, (13, "glabella"))
    began, mild = MAY.replace(day=10), (MAY.replace(day=11), "present", 1)
    same = effect(engine, began, notes=[mild, (date(2026, 6, 1), "present", 1)])
    worse = effect(engine, began, notes=[mild, (date(2026, 6, 1), "present", 3)])
    assert found(engine, same) == (None, None, "before the first treatment")
    assert found(engine, worse) == (visit, "worsened", None)
    tables = records_source(engine)
    assert cases.find_case(tables, WHOLE_CLINIC, worse).onset_day == -3
    as_of = Selection(as_of=date(2026, 12, 1))
    assert counts.counts(tables, WHOLE_CLINIC, as_of).volunteered.tolist() == [1]  # nobody asked, so it is no event
    assert cases.episode_durations(tables, WHOLE_CLINIC, Selection()).empty


def test_a_red_flag_that_belongs_to_no_treatment_is_found_by_whoever_may_see_the_client(engine):
    visits(engine, (13, "glabella"))
    number = effect(engine, MAY, term="dysphagia", serious="hospitalisation")
    tables = records_source(engine)
    for frame in (
        cases.unreviewed_red_flags(tables, WHOLE_CLINIC),
        cases.unattributed_cases(tables, WHOLE_CLINIC, Selection(open=True)),
        cases.client_cases(tables, WHOLE_CLINIC, 1),
    ):
        assert frame.number.tolist() == [number]
        assert frame.treatment.isna().all()
    elsewhere = Scope(sites=frozenset({"south"}))
    assert cases.unreviewed_red_flags(tables, elsewhere).empty
    assert cases.unattributed_cases(tables, elsewhere, Selection()).empty
    assert cases.find_case(tables, elsewhere, number) is None
    assert cases.unattributed_cases(tables, WHOLE_CLINIC, Selection(open=False)).empty


@pytest.mark.parametrize("after", [120, 121])
def test_the_limit_of_a_batch_is_counted_from_the_first_possible_day(engine, after):
    (visit,) = visits(engine, (1, "glabella"))
    first = MAY + timedelta(days=after)
    expected = (visit, "latest", None) if after == 120 else (None, None, "too long after")
    assert found(engine, effect(engine, first, first + timedelta(days=29))) == expected


# Clinics that were once counted wrongly


def counted(engine, folder, *by):
    imported(engine, sorted((CASES / folder).glob("*.csv")))
    found = counts.counts(records_source(engine), WHOLE_CLINIC, Selection(as_of=date(2026, 1, 1)), by)
    return {tuple(row[: len(by)]): (row.events, row.total) for row in found.itertuples(index=False)}


@pytest.mark.parametrize(
    ("folder", "by", "expected"),
    [
        ("53-area-of-the-earlier-visit", "practitioner", {("AB",): (1, 1), ("CD",): (0, 1)}),
        ("53-area-of-the-earlier-visit", "area", {("axilla",): (0, 1), ("glabella",): (1, 1)}),
        ("15-month-of-second-treatment", "month", {(202411,): (0, 1), (202501,): (0, 1), (202505,): (3, 3)}),
        ("18-serious-without-onset", "practitioner", {("AB",): (1, 2)}),
        ("69-red-flag-before-and-worse", "month", {(202411,): (0, 1), (202505,): (1, 2)}),
    ],
)
def test_a_clinic_is_counted_as_its_records_say(sqlite_engine, folder, by, expected):
    assert counted(sqlite_engine, folder, by) == expected
