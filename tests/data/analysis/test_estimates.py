"""Counts with their statistics, and each side effect among the treatments in which it can happen: counted by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import StaticPool

from data.analysis import cases, estimates, treatments
from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import period_changes, side_effects, time_to_event
from models import records
from models.records import Record
from models.statistics import proportion
from tests import factories

TODAY = date(2026, 12, 31)

# Six treatments of four clients. Ann comes three times. All but number 6 are followed up, on day 15.
TREATMENTS = """
1 ann  2026-01-10 north p1 forehead  botox   L1 20 done
2 ann  2026-04-10 north p1 forehead  botox   L1 20 done
3 ann  2026-07-10 north p1 masseter  botox   L2 48 done
4 bea  2026-01-20 south p2 masseter  dysport L3 90 done
5 cleo 2026-02-01 south p2 forehead  dysport L3 50 done
6 dora 2026-03-01 south p2 forehead  dysport -  50 not_reached
"""
# Number, treatment, term, area, onset, notes: p = still there, g = gone; a bare date is the last day as told.
EFFECTS = """
1 1 eyelid_ptosis   forehead 2026-01-15 p2026-01-24,g2026-02-07
2 3 mastication_disorder masseter 2026-07-12 p2026-08-01
3 5 headache -        2026-02-01 2026-02-03
4 5 eyelid_ptosis   forehead 2026-02-06 p2026-02-20
"""


@pytest.fixture(scope="module")
def source():
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Record.metadata.create_all(engine)
    with engine.begin() as connection:
        _store(connection)
    yield records_source(engine)
    engine.dispose()


def _store(connection):
    def add(record, **row):
        connection.execute(insert(record), row)

    add(records.Revision, id=1, number=1)
    add(
        records.ImportBatch, id=1, made_at=datetime(2026, 1, 1), source="hand", format="hand", files="",
        attribution_days=120, rows_read=0, rows_stored=0, rows_unchanged=0, rows_refused=0,
    )  # fmt: skip
    ids = {}

    def known(record, **row):
        key = (record, *row.values())
        if key not in ids:
            ids[key] = sum(k[0] is record for k in ids) + 1
            add(record, id=ids[key], **row)
        return ids[key]

    for line in TREATMENTS.strip().splitlines():
        number, client, when, site, by, area, product, lot, units, outcome = line.split()
        made = {"source": "hand", "source_id": number, "import_batch_id": 1}
        product_id = known(records.Product, code=product, label=product)
        add(
            records.Treatment, id=int(number), client_id=known(records.Client, key=client),
            site_id=known(records.Site, code=site), practitioner_id=known(records.Practitioner, code=by),
            date=date.fromisoformat(when), **made,
        )  # fmt: skip
        add(
            records.Injection, treatment_id=int(number), area=area, product_id=product_id, units=float(units),
            lot_id=None if lot == "-" else known(records.Lot, product_id=product_id, number=lot),
        )  # fmt: skip
        follow_up = date.fromisoformat(when) + timedelta(days=15)
        add(records.FollowUp, treatment_id=int(number), date=follow_up, outcome=outcome, asked="checklist", **made)
    for line in EFFECTS.strip().splitlines():
        number, treatment, term, area, onset, notes = line.split()
        client = next(row.split()[1] for row in TREATMENTS.strip().splitlines() if row.split()[0] == treatment)
        add(
            records.SideEffect, id=int(number), client_id=ids[records.Client, client], treatment_id=int(treatment),
            term=term, area=None if area == "-" else area, onset_first=date.fromisoformat(onset),
            onset_last=date.fromisoformat(onset), source="hand", source_id=number, import_batch_id=1,
        )  # fmt: skip
        for at, note in enumerate(notes.split(",")):
            state = {"p": "present", "g": "gone"}.get(note[0])
            day = date.fromisoformat(note[1:] if state else note)
            add(
                records.Status, side_effect_id=int(number), date=day, state=state or "gone", grade=at + 1,
                last_day=None if state else day, import_batch_id=1,
            )  # fmt: skip


def rate(source, selection=None, **by):
    found = estimates.rates(source, WHOLE_CLINIC, selection or Selection(as_of=TODAY), tuple(by))
    return next(row for row in found.itertuples(index=False) if all(getattr(row, name) == by[name] for name in by))


def test_a_rate_confesses_what_it_is_out_of(source):
    row = rate(source)
    assert (row.events, row.followed_up, row.total) == (3, 5, 6)
    assert (row.rate, row.low, row.high) == tuple(proportion.wilson(3, 5))
    assert (row.lowest, row.highest) == (3 / 6, 4 / 6)
    assert row.method == "Wilson 95 %"


def test_clients_are_counted_once_however_often_they_came(source):
    row = rate(source, Selection(unit="client", as_of=TODAY))
    assert (row.events, row.followed_up, row.total) == (2, 3, 4)


def test_a_group_in_which_nobody_was_followed_up_has_no_rate(source):
    row = rate(source, lot="not told")
    assert (row.followed_up, row.total, row.method) == (0, 1, "nobody was followed up")
    assert np.isnan([row.rate, row.low, row.high]).all()


def test_an_effect_found_gone_at_a_contact_lasts_until_the_day_before_at_most(source):
    course = cases.episode_durations(source, WHOLE_CLINIC, Selection(as_of=TODAY))
    # 15 January to 6 February at most; present on 1 August; 1 to 3 February as told; last present on 20 February.
    assert course.days.tolist() == [23, 21, 3, 15]
    assert course.ended.tolist() == [True, False, True, False]
    assert course.end_exact.tolist() == [False, False, True, False]
    assert course.seen_days.tolist() == [10, 21, 1, 15]
    assert course.onset_day.tolist() == [5, 2, 0, 5]


def test_with_fewer_than_five_ended_there_is_a_list_and_no_median(source):
    (row,) = estimates.durations(source, WHOLE_CLINIC, Selection(as_of=TODAY)).itertuples(index=False)
    assert (row.episodes, row.ended, row.open) == (4, 2, 2)
    assert np.isnan(row.median)
    assert row.closed_only_median == 13.0
    assert "too few" in row.refused


def effect_rows(tables, selection, before=None):
    """The rows of the Side effects page by family and side effect ("": the family as a whole)."""
    rows = side_effects.side_effect_rows(tables, WHOLE_CLINIC, selection, before)
    return {(row.family, "" if pd.isna(row.side_effect) else row.side_effect): row for row in rows.itertuples()}


def change(row):
    return row.change, row.change_low, row.change_high


def test_an_eyelid_is_counted_among_treatments_where_it_can_droop(source):
    rows = effect_rows(source, Selection(as_of=TODAY))
    ptosis, headache = rows["nearby_weakness", "eyelid_ptosis"], rows["general", "headache"]
    assert ptosis.restricted
    assert (ptosis.events, ptosis.followed_up, ptosis.total) == (2, 3, 4)  # the four foreheads
    assert not headache.restricted
    assert (headache.events, headache.followed_up) == (1, 5)
    assert ptosis.worst_grade == 2


def test_clients_are_counted_whatever_area_was_treated(source):
    rows = effect_rows(source, Selection(unit="client", as_of=TODAY))
    assert not any(row.restricted for row in rows.values())
    assert {row.followed_up for row in rows.values()} == {3}  # Dora could not be reached


def test_each_family_stands_before_its_side_effects_in_the_order_of_the_list(source):
    assert list(effect_rows(source, Selection(as_of=TODAY))) == [
        ("nearby_weakness", ""),
        ("nearby_weakness", "eyelid_ptosis"),
        ("injected_weakness", ""),
        ("injected_weakness", "mastication_disorder"),
        ("general", ""),
        ("general", "headache"),
    ]


def test_the_change_is_a_difference_from_the_period_before(source):
    now = Selection(from_date=date(2026, 2, 1), to_date=date(2026, 2, 28), as_of=TODAY)
    before = period_changes.previous_period(now)
    assert (before.from_date, before.to_date) == (date(2026, 1, 4), date(2026, 1, 31))  # 28 days each
    family = effect_rows(source, now, before)["nearby_weakness", ""]
    assert (family.events, family.followed_up) == (1, 1)
    assert (family.events_before, family.followed_up_before) == (1, 2)
    assert change(family) == tuple(proportion.difference(1, 1, 1, 2))


def test_a_new_side_effect_is_compared_with_no_events_among_those_treated_before(source):
    february = Selection(from_date=date(2026, 2, 1), to_date=date(2026, 2, 28), as_of=TODAY)
    rows = effect_rows(source, february, period_changes.previous_period(february))
    none_of_two = tuple(proportion.difference(1, 1, 0, 2))
    assert change(rows["general", "headache"]) == change(rows["general", ""]) == none_of_two


@pytest.mark.parametrize("unit", ["treatment", "area"])
def test_a_new_side_effect_is_compared_where_it_can_happen(source, unit):
    later = Selection(from_date=date(2026, 7, 1), to_date=date(2026, 12, 31), unit=unit, as_of=TODAY)
    before = replace(later, from_date=date(2026, 1, 1), to_date=date(2026, 6, 30))
    chewing = effect_rows(source, later, before)["injected_weakness", "mastication_disorder"]
    assert chewing.restricted
    assert (chewing.events_before, chewing.followed_up_before) == (0, 1)  # one masseter of five
    assert change(chewing) == tuple(proportion.difference(1, 1, 0, 1))


def test_an_open_ended_period_has_none_before_it():
    assert period_changes.previous_period(Selection(as_of=TODAY)) is None


def test_outcomes_come_in_the_order_of_treatment_with_the_units_of_the_area(source):
    per_area = Selection(unit="area", areas=("forehead",), side_effects=("eyelid_ptosis",), as_of=TODAY)
    found = treatments.outcome_sequence(source, WHOLE_CLINIC, per_area)
    assert found.date.astype(str).tolist() == ["2026-01-10", "2026-02-01", "2026-04-10"]
    assert found.affected.tolist() == [True, True, False]
    assert found.units.tolist() == [20, 50, 20]


def test_units_are_listed_per_product_and_area_and_never_across_products(source):
    found = treatments.dose_distributions(source, WHOLE_CLINIC, Selection(as_of=TODAY))
    given = {
        (dose.product, dose.area): dict(zip(dose.units.tolist(), dose.treatments.tolist(), strict=True))
        for dose in found
    }
    assert given == {
        ("botox", "forehead"): {20: 2},
        ("botox", "masseter"): {48: 1},
        ("dysport", "forehead"): {50: 2},
        ("dysport", "masseter"): {90: 1},
    }


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.sampled_from([0, 0.25, 0.5, 0.75, 1]))
def test_quantiles_of_units_are_those_of_the_units_one_by_one(units, share):
    given = treatments.DoseDistribution("botox", "forehead", *np.unique(np.array(units) / 2, return_counts=True))
    assert given.quantile(share) == pytest.approx(np.quantile(np.array(units) / 2, share))


def test_units_far_from_the_usual_are_found_with_their_treatment(source):
    given = Selection(as_of=TODAY)
    usual = (("forehead", False, 20, 20), ("masseter", False, 1, 47))
    found = treatments.outlying_doses(source, WHOLE_CLINIC, given, "botox", usual, 9)
    assert as_rows(found) == [("masseter", False, 48, 3)]
    assert treatments.outlying_doses(source, WHOLE_CLINIC, given, "botox", (), 9).empty


def test_ten_treatments_are_needed_to_say_what_is_usual():
    few, enough = (
        treatments.DoseDistribution("botox", "forehead", np.array([10.0, 20.0]), np.array([n, 5])) for n in (4, 5)
    )
    assert few.usual_range is None
    assert enough.usual_range == (-20, 50)


def test_no_dose_is_unusual_where_the_middle_half_had_the_same(source):
    same = treatments.DoseDistribution("botox", "forehead", np.array([4.0, 10.0, 60.0]), np.array([2, 20, 1]))
    assert (same.usual_range, same.outlying_count) == (None, 0)


def test_a_touch_up_is_unusual_among_touch_ups_and_not_among_full_doses(sqlite_engine):
    """Thirty full doses of 18 to 22 units, twelve touch-ups of 3 to 5 and one of 40: only that one is unusual."""
    doses = [18.0, 20.0, 22.0] * 10
    with write_transaction(sqlite_engine) as connection:
        for units in doses:
            whole = factories.treatment(connection)
            factories.injection(connection, treatment_id=whole, units=units)
        for units in [3.0, 4.0, 5.0] * 4 + [40.0]:
            touch_up = factories.treatment(connection, touch_up_of_id=whole, date=date(2026, 3, 20))
            factories.injection(connection, treatment_id=touch_up, units=units)
    tables = records_source(sqlite_engine)
    full, small = treatments.dose_distributions(tables, WHOLE_CLINIC, Selection(as_of=TODAY))
    assert (full.touch_up, full.total, full.outlying_count) == (False, 30, 0)
    assert (small.touch_up, small.total, small.outlying_count) == (True, 13, 1)
    usual = (("glabella", True, *small.usual_range),)
    found = treatments.outlying_doses(tables, WHOLE_CLINIC, Selection(as_of=TODAY), "botox", usual, 9)
    assert as_rows(found)[0][:3] == ("glabella", True, 40)


def test_a_client_who_has_not_come_back_is_followed_to_the_day_of_the_report(source):
    found = time_to_event.retreatment_times(source, WHOLE_CLINIC, Selection(as_of=TODAY)).sort_values("days")
    gaps = {key: (rows.days.tolist(), rows.occurred.tolist()) for key, rows in found.groupby(["product", "area"])}
    assert gaps["botox", "forehead"] == ([90, (TODAY - date(2026, 4, 10)).days], [True, False])
    assert gaps["dysport", "masseter"] == ([(TODAY - date(2026, 1, 20)).days], [False])


def test_a_lot_can_be_followed_to_every_treatment_it_went_into(source):
    went = treatments.list_treatments(source, WHOLE_CLINIC, Selection(lots=("L3",), as_of=TODAY), 10)
    assert as_rows(went[["number", "site", "areas"]]) == [
        (5, "south", ("forehead",)),
        (4, "south", ("masseter",)),
    ]


def test_what_a_treatment_lacks_is_counted(source):
    assert treatments.count_incomplete(source, WHOLE_CLINIC, Selection(as_of=TODAY)) == {
        "injections": 0,
        "area": 0,
        "lot": 1,
        "units": 0,
    }


def test_a_viewer_of_one_site_sees_that_site_alone(source):
    south = Scope(sites=frozenset({"south"}))
    (row,) = estimates.rates(source, south, Selection(as_of=TODAY)).itertuples(index=False)
    assert (row.events, row.followed_up, row.total) == (1, 2, 3)
    assert set(cases.cases(source, south, Selection(as_of=TODAY)).number) == {3, 4}
    assert set(treatments.list_treatments(source, south, Selection(as_of=TODAY), 10).site) == {"south"}
