"""Lots compared with the other lots of their product, counted by hand."""

import shutil
from datetime import date

import numpy as np
import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import lots
from models.statistics import funnel, proportion
from tests.data.factories import TODAY, imported, written

ALL = Selection(as_of=TODAY)
DAY = {"L1": "2025-10-01", "L2": "2025-10-02", "L3": "2025-10-03", "D1": "2025-10-04"}
TREATED = {"L1": 3, "L2": 4, "L3": 5, "D1": 2}  # all followed up; 3 of L1 and 1 of L3 have a bruise
BRUISED = ("L1-0", "L1-1", "L1-2", "L3-0")


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("lots")
    names = [(lot, f"{lot}-{at}") for lot, number in TREATED.items() for at in range(number)]
    treatments = ["treatment_id | date | site | practitioner | client | area | product | lot | expiry | units"]
    follow_ups = ["treatment_id | date | outcome | asked"]
    effects = ["effect_id | treatment_id | side_effect | onset | status_date | state"]
    for lot, name in names:
        product = "dysport" if lot == "D1" else "botox"
        expiry = "2026-01-31" if lot == "L1" else ""
        treatments.append(f"{name} | {DAY[lot]} | north | ann | {name} | glabella | {product} | {lot} | {expiry} | 20")
        follow_ups.append(f"{name} | 2025-10-20 | done | checklist")
    treatments.append("late | 2025-12-28 | north | ann | late | glabella | botox | L2 | | 20")  # still in follow-up
    effects += [f"E{name} | {name} | bruising | 2025-10-06 | 2025-10-20 | gone" for name in BRUISED]
    sheets = {"treatments": treatments, "follow_ups": follow_ups, "side_effects": effects}
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    yield records_source(engine)
    engine.dispose()


def test_a_lot_is_compared_with_the_other_lots_of_its_product(source):
    found = lots.compare_lots(source, WHOLE_CLINIC, ALL).set_index("lot")
    tails = [proportion.tail(3, 3, 1 / 9), proportion.tail(0, 4, 4 / 8), proportion.tail(1, 5, 3 / 7)]
    assert found.chance[["L1", "L2", "L3"]].tolist() == pytest.approx(list(funnel.holm(tails)))
    assert found.is_flagged.to_dict() == {"L1": True, "L2": False, "L3": False, "D1": False}


def test_the_least_likely_lot_is_first_and_a_lot_without_others_is_last(source):
    found = lots.compare_lots(source, WHOLE_CLINIC, ALL)
    assert (found.lot.iloc[0], found.lot.iloc[-1]) == ("L1", "D1")
    assert np.isnan(found.chance.iloc[-1])


def test_treatments_in_follow_up_count_as_use_of_a_lot_and_in_no_rate(source):
    found = lots.compare_lots(source, WHOLE_CLINIC, ALL).set_index("lot")
    assert found.loc["L2", ["treated", "in_follow_up", "followed_up", "events"]].tolist() == [5, 1, 4, 0]
    assert found.loc["L1", ["rate", "low", "high"]].tolist() == list(proportion.wilson(3, 3))
    assert (found.expiry["L1"], found.expiry["L2"]) == (date(2026, 1, 31), None)


def test_a_viewer_without_treatments_gets_an_empty_frame_with_the_same_columns(source):
    nobody = lots.compare_lots(source, Scope(sites=frozenset({"south"})), ALL)
    everyone = lots.compare_lots(source, WHOLE_CLINIC, ALL)
    assert nobody.empty
    assert nobody.dtypes.to_dict() == everyone.dtypes.to_dict()
