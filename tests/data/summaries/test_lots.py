"""Lots compared with the other lots of their product, counted by hand."""

import shutil
from dataclasses import replace
from datetime import date
from math import comb, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import lots
from models.statistics import proportion
from tests.data.factories import TODAY, imported, written

ALL = Selection(as_of=TODAY)
# Lot: product, treatments, how they were asked, and how many of the first have a bruise.
USED = {
    "L1": ("botox", 20, "checklist", 6),
    "L2": ("botox", 20, "checklist", 0),
    "L3": ("botox", 5, "open", 3),
    "D1": ("dysport", 20, "checklist", 8),
    "D2": ("dysport", 20, "open", 0),
    "X1": ("xeomin", 30, "checklist", 9),
}
# Of the 40 treatments with L1 and L2, 6 had a bruise: that all 6 fall among the 20 of L1, by chance.
CHANCE = comb(20, 6) / comb(40, 6)


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("lots")
    treatments = ["treatment_id | date | site | practitioner | client | area | product | lot | expiry | units"]
    follow_ups = ["treatment_id | date | outcome | asked"]
    effects = ["effect_id | treatment_id | side_effect | onset | status_date | state"]

    def treat(name, day, lot, product, asked, bruised, area="glabella"):
        expiry = "2026-01-31" if lot == "L1" else ""
        treatments.append(f"{name} | {day} | north | ann | {name} | {area} | {product} | {lot} | {expiry} | 20")
        follow_ups.append(f"{name} | {'2025-10-20' if day < '2025-11' else day} | done | {asked}")
        if bruised:
            effects.append(f"E{name} | {name} | bruising | 2025-10-06 | 2025-10-20 | gone")

    for lot, (product, number, asked, bruised) in USED.items():
        for at in range(number):
            treat(f"{lot}-{at}", "2025-10-01", lot, product, asked, at < bruised)
    treat("late", "2025-12-28", "L2", "botox", "checklist", bruised=False)  # still in follow-up
    treat("both", "2025-10-01", "L1", "botox", "checklist", bruised=True)
    treatments.append("both | 2025-10-01 | north | ann | both | forehead | botox | L2 | | 20")
    sheets = {"treatments": treatments, "follow_ups": follow_ups, "side_effects": effects}
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    yield records_source(engine)
    engine.dispose()


def by_lot(source, selection=ALL):
    return lots.compare_lots(source, WHOLE_CLINIC, selection).lots.set_index("lot")


def test_a_lot_is_compared_with_the_others_of_its_product_given_all_their_events(source):
    found = by_lot(source)
    assert found.loc["L1", ["comparable", "observed", "expected"]].tolist() == [20, 6, 3.0]
    # Forty clients with one treatment each have a design effect of 40 / 39; four lots are tested.
    tail = ndtr(ndtri(CHANCE) / sqrt(40 / 39))
    assert found.chance["L1"] == pytest.approx(4 * tail) and 4 * tail < 0.05
    assert found.is_flagged.to_dict() == {lot: lot == "L1" for lot in USED}


def test_a_lot_alone_in_its_product_or_with_few_treatments_is_not_tested(source):
    comparison = lots.compare_lots(source, WHOLE_CLINIC, ALL)
    found = comparison.lots.set_index("lot")
    assert comparison.tested == 4
    assert np.isnan(found.chance[["X1", "L3"]]).all()
    assert found.refused[["X1", "L3"]].tolist() == [
        "only lot of its product", "too few: 5 of 20 needed",
    ]  # fmt: skip


def test_lots_that_were_asked_about_differently_are_not_compared(source):
    found = by_lot(source)
    assert found.chance[["D1", "D2"]].tolist() == [1, 1]
    assert found.comparable[["D1", "D2"]].tolist() == [0, 0]
    assert set(found.refused[["D1", "D2"]]) == {"asked or used differently from the other lots"}


def test_a_treatment_with_two_lots_of_one_product_is_left_out_and_counted(source):
    comparison = lots.compare_lots(source, WHOLE_CLINIC, ALL)
    found = comparison.lots.set_index("lot")
    assert comparison.left_out == 1
    assert found.loc["L1", ["followed_up", "events", "comparable", "observed"]].tolist() == [21, 7, 20, 6]


@pytest.mark.parametrize(
    "filters", [{"areas": ("forehead",)}, {"lots": ("L1",)}, {"practitioners": ("ann",)}, {"first_visit": True}]
)
def test_a_filter_changes_neither_the_test_of_a_lot_nor_the_number_of_lots(source, filters):
    whole, filtered = (lots.compare_lots(source, WHOLE_CLINIC, replace(ALL, **one)) for one in ({}, filters))
    assert (filtered.tested, filtered.left_out) == (whole.tested, whole.left_out)
    listed = filtered.lots.set_index("lot")[["comparable", "observed", "expected", "chance", "refused"]]
    pd.testing.assert_frame_equal(listed, whole.lots.set_index("lot").loc[listed.index, listed.columns])


def test_the_period_changes_the_test(source):
    assert by_lot(source, replace(ALL, from_date=date(2025, 12, 1))).chance.isna().all()


def test_the_least_likely_lot_is_first_and_lots_without_a_test_are_last(source):
    found = lots.compare_lots(source, WHOLE_CLINIC, ALL).lots
    assert found.lot.iloc[0] == "L1"
    assert set(found.lot.iloc[-2:]) == {"L3", "X1"}


def test_treatments_in_follow_up_count_as_use_of_a_lot_and_in_no_rate(source):
    found = by_lot(source)
    assert found.loc["L2", ["treated", "in_follow_up", "followed_up", "events"]].tolist() == [22, 1, 21, 1]
    assert found.loc["L1", ["rate", "low", "high"]].tolist() == list(proportion.wilson(7, 21))
    assert (found.expiry["L1"], found.expiry["L2"]) == (date(2026, 1, 31), None)


def test_a_viewer_without_treatments_gets_an_empty_frame_with_the_same_columns(source):
    nobody = lots.compare_lots(source, Scope(sites=frozenset({"south"})), ALL)
    everyone = lots.compare_lots(source, WHOLE_CLINIC, ALL)
    assert nobody.lots.empty and not nobody.tested
    assert nobody.lots.dtypes.to_dict() == everyone.lots.dtypes.to_dict()


def test_lots_that_are_alike_are_flagged_in_at_most_1_of_20_reviews():
    random, flagged, runs = np.random.default_rng(5), 0, 60
    for _ in range(runs):
        lot, area = random.choice(list("abcdef"), 240), random.integers(1, 4, 240)
        outcomes = pd.DataFrame({"product": "botox", "lot": lot, "area_set": area, "how_asked": "open"})
        affected = random.random(240) < 0.04 * area
        tests = lots.compare_lot_outcomes(outcomes.assign(client=np.arange(240), affected=affected))
        flagged += (tests.chance <= lots.MAX_CHANCE).any()
    assert flagged <= 6  # of 60; more has a chance below 1 in 20 if 3 are expected
