"""Weakness by area and dose of a clinic of 24 treatments, counted by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database, write_transaction
from data.summaries import weakness
from tests import factories

ONSET = date(2026, 3, 6)
ALL = Selection(as_of=date(2026, 11, 25))
# Area, units, followed up, then the side effect, its area, its grade and its days of each treatment.
TREATMENTS = (
    ("glabella", 20, True, "eyelid_ptosis", "glabella", 1, 10),
    ("glabella", 20, True, "eyelid_ptosis", "glabella", 1, 20),
    ("glabella", 20, True, "eyelid_ptosis", "glabella", 2, 30),
    ("glabella", 20, True, "eyelid_ptosis", "glabella", 3, 40),
    ("glabella", 20, True, "eyelid_ptosis", "glabella", None, 50),
    *[("glabella", 25, True, None, None, None, 0)] * 7,
    *[("glabella", 25, False, "eyelid_ptosis", "glabella", 3, 5)],
    *[("masseter", 50, True, "mastication_disorder", "masseter", 2, 10)] * 2,
    ("masseter", 50, True, "mastication_disorder", None, 2, 10),
    *[("masseter", 50, True, None, None, None, 0)] * 7,
    ("masseter", 50, True, "bruising", "masseter", 3, 10),
)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, migrated_file):
    file = tmp_path_factory.mktemp("weakness") / "sequela.db"
    file.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    with write_transaction(engine) as connection:
        for number, (area, units, is_followed_up, term, place, grade, days) in enumerate(TREATMENTS):
            client = factories.client(connection, key=str(number))
            treatment = factories.treatment(connection, client_id=client)
            factories.injection(connection, treatment_id=treatment, area=area, units=units)
            if is_followed_up:
                factories.follow_up(connection, treatment_id=treatment)
            if term:
                of = {"client_id": client, "treatment_id": treatment, "area": place}
                effect = factories.side_effect(connection, term=term, **of)
                last = ONSET + timedelta(days=days - 1)
                factories.status(connection, side_effect_id=effect, date=last, state="gone", last_day=last, grade=grade)
    yield weakness.weakness_by_area(records_source(engine), WHOLE_CLINIC, ALL)
    engine.dispose()


def cell(clinic, area, family):
    cells = clinic.cells
    (row,) = cells[(cells.area == area) & (cells.family == family)].itertuples()
    return row


def test_each_area_has_each_kind_of_weakness_the_area_treated_most_often_first(clinic):
    assert list(zip(clinic.cells.area, clinic.cells.family, strict=True)) == [
        (area, family) for area in ("glabella", "masseter") for family in weakness.WEAKNESS_FAMILIES
    ]


def test_a_cell_counts_treated_areas_with_weakness_among_those_followed_up(clinic):
    drooping = cell(clinic, "glabella", "nearby_weakness")
    assert (drooping.events, drooping.followed_up, drooping.volunteered) == (5, 12, 1)
    assert (drooping.rate, drooping.graded, drooping.moderate_or_severe) == (pytest.approx(5 / 12), 4, 2)
    assert drooping.median == 20  # 5, 10, 20, 30, 40 and 50 days: half had ended by day 20
    chewing = cell(clinic, "masseter", "injected_weakness")
    assert (chewing.events, chewing.followed_up, chewing.graded, chewing.moderate_or_severe) == (2, 11, 2, 2)
    assert np.isnan(chewing.median) and chewing.no_median == "2 ended: too few; 5 needed"


def test_a_kind_of_weakness_that_nobody_had_is_none_of_those_asked(clinic):
    everywhere = cell(clinic, "glabella", "generalised_weakness")
    assert (everywhere.events, everywhere.followed_up, everywhere.rate) == (0, 12, 0)
    assert 0.2 < everywhere.high < 0.3
    assert everywhere.no_median == weakness.NO_DURATION


def test_weakness_without_an_area_is_counted_and_named(clinic):
    assert list(clinic.unplaced.itertuples(index=False, name=None)) == [("mastication_disorder", 1)]


def test_without_a_dose_that_can_be_judged_the_cell_with_most_events_leads(clinic):
    assert set(clinic.cells.verdict) == {"too few"}
    leading = clinic.most_notable.iloc[0]
    assert (leading.area, leading.family, leading["product"]) == ("glabella", "nearby_weakness", "botox")


def test_the_lowest_chance_leads_even_where_other_cells_have_more_events(clinic):
    judged = clinic.cells.assign(chance=[np.nan, 0.9, np.nan, 0.01, np.nan, np.nan])
    leading = weakness.WeaknessByArea(judged, clinic.links, clinic.unplaced).most_notable
    assert leading.area.tolist()[:2] == ["masseter", "glabella"]
