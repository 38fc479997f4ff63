"""Dose effects as percentages at typical doses: three products in one area, counted by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.summaries import dose_response
from tests import factories

# Of 40 treatments at each dose so many eyelids drooped.
DROOPED = {"rising": {15: 2, 25: 16}, "level": {15: 8, 25: 8}, "rare": {15: 1, 25: 8}}


@pytest.fixture
def source(sqlite_engine):
    with write_transaction(sqlite_engine) as connection:
        for code, events_by_dose in DROOPED.items():
            product = factories.product(connection, code=code, label=code, unit=f"{code} units")
            for units, events in events_by_dose.items():
                for number in range(40):
                    client = factories.client(connection, key=f"{code}{units}-{number}")
                    treatment = factories.treatment(connection, client_id=client)
                    factories.injection(connection, treatment_id=treatment, product_id=product, units=float(units))
                    factories.follow_up(connection, treatment_id=treatment)
                    if number < events:
                        of = {"client_id": client, "treatment_id": treatment, "area": "glabella"}
                        factories.side_effect(connection, **of)
    return records_source(sqlite_engine)


def test_each_product_and_area_has_a_verdict_and_rates_at_two_typical_doses(source):
    selection = Selection(as_of=date(2026, 11, 25))
    links = dose_response.dose_links(source, WHOLE_CLINIC, selection, ("nearby_weakness",))
    found = {row.product: row for row in links.itertuples()}
    assert {product: row.verdict for product, row in found.items()} == {
        "rising": "higher with dose", "level": "no clear link", "rare": "too few",
    }  # fmt: skip
    rising, level, rare = found["rising"], found["level"], found["rare"]
    assert (rising.measure, rising.area, rising.events, rising.followed_up) == ("nearby_weakness", "glabella", 18, 80)
    assert (rising.low_dose, rising.high_dose) == (15, 25)
    assert [rising.low_dose_rate, rising.high_dose_rate] == pytest.approx([2 / 40, 16 / 40], abs=0.02)
    assert [level.low_dose_rate, level.high_dose_rate] == pytest.approx([0.2, 0.2])
    assert (level.odds_ratio, level.chance) == (pytest.approx(1), pytest.approx(0.5))
    for row in (rising, level):  # the pair on its own gives the same
        nearby = replace(selection, families=("nearby_weakness",))
        alone = dose_response.dose_effect(source, WHOLE_CLINIC, nearby, row.product, row.area).slope.odds_ratio
        assert [row.odds_ratio, row.odds_ratio_low, row.odds_ratio_high] == pytest.approx(list(alone))
    assert rare.refused == "9 with the effect: too few for a slope; 10 needed"
    assert np.isnan([rare.low_dose_rate, rare.chance]).all()


def test_several_pairs_are_corrected_for_and_all_measures_count(source):
    """The same two pairs twice are four tests: the chance of the rising one doubles."""
    selection = Selection(as_of=date(2026, 11, 25))
    once, twice = (
        dose_response.dose_links(source, WHOLE_CLINIC, selection, ("nearby_weakness",) * times) for times in (1, 2)
    )
    rare = replace(selection, products=("rare",))
    assert set(dose_response.dose_links(source, WHOLE_CLINIC, rare).verdict) == {"too few"}
    smallest = once.chance.min()
    assert smallest < 0.001
    assert twice.chance.min() == pytest.approx(2 * smallest)
