"""One measure over time, and the statuses of many measures at once: the same as one by one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analysis import columnar_copy, counts
from data.analysis.baselines import StatedBaseline
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.sample.generator import make_sample
from data.summaries import trends
from models.measure import measures
from tests.data.analysis.test_counts import alike, clinics, database, scopes, several, store  # noqa: F401
from tests.laws import examples

DAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The copy of 4,000 treatments of the sample clinic."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('trends') / 'sequela.db'}")
    make_sample(engine, 4_000, today=DAY)
    yield columnar_copy.build_copy(engine)[1]
    engine.dispose()


@examples(15)
@given(clinics(), scopes, several.map(alike), st.sampled_from([0.0005, 0.02, 0.3]))
def test_the_statuses_of_several_selections_are_those_of_their_trends(database, rows, scope, wanted, target):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    wanted = [replace(selection, unit="area" if selection.unit == "area" else "treatment") for selection in wanted]
    stated = [StatedBaseline("any", None, None, target if at % 2 == 0 else None) for at in range(len(wanted))]
    stated = [its if its.target else None for its in stated]
    one_by_one = [
        trends.trend(source, scope, selection, its).status for selection, its in zip(wanted, stated, strict=True)
    ]
    assert statuses(source, scope, wanted, stated) == one_by_one


@pytest.mark.slow
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"from_date": date(2025, 7, 1), "to_date": DAY},
        {"from_date": date(2026, 3, 1), "to_date": date(2026, 4, 30), "areas": ("glabella", "masseter")},
        {"sites": ("Buckhead",), "products": ("botox_cosmetic",)},
    ],
)
def test_the_status_of_every_measure_of_the_sample_clinic_is_that_of_its_trend(sample, filters):
    wanted = [Selection(as_of=DAY, **filters).for_measure(measure) for measure in measures().values()]
    stated = [StatedBaseline(code, None, None, 0.02) if code == "bruising" else None for code in measures()]
    for scope in (WHOLE_CLINIC, Scope(practitioners=frozenset({"RN 3"}))):
        one_by_one = [
            trends.trend(sample, scope, selection, its).status for selection, its in zip(wanted, stated, strict=True)
        ]
        assert statuses(sample, scope, wanted, stated) == one_by_one


def test_the_sample_clinic_has_measures_of_every_status(sample):
    wanted = [Selection(as_of=DAY).for_measure(measure) for measure in measures().values()]
    found = set(statuses(sample, WHOLE_CLINIC, wanted, [None] * len(wanted)))
    assert found == {trends.HIGHER, trends.AS_EXPECTED, trends.TOO_FEW}


def statuses(*asked_for):
    return [status.status for status in trends.measure_statuses(*asked_for)]


def test_a_status_counts_the_period_without_treatments_in_follow_up_and_has_the_baseline_of_its_trend(sample):
    year = Selection(from_date=date(2025, 6, 1), to_date=DAY, as_of=DAY)
    for measure in measures().values():
        wanted = year.for_measure(measure)
        (status,) = trends.measure_statuses(sample, WHOLE_CLINIC, [wanted], [None])
        mature = replace(wanted, to_date=wanted.past_follow_up_until)
        (count,) = counts.counts(sample, WHOLE_CLINIC, mature).itertuples()
        assert (status.events, status.followed_up) == (count.events, count.followed_up)
        assert status.baseline == trends.measure_baseline(sample, WHOLE_CLINIC, wanted)


def test_an_unchanged_measure_is_flagged_by_chance_in_fewer_than_one_year_of_15():
    one_year = trends.false_alarm_chance(12)
    assert one_year == pytest.approx(1 - 0.95 * 0.99865**12)
    assert 1 / 16 < one_year < 1 / 15
    assert trends.false_alarm_chance(0) == pytest.approx(0.05)  # the CUSUM alone


def test_a_measure_at_its_baseline_is_flagged_by_chance_no_more_often_than_stated():
    draw, years, rate = np.random.default_rng(0), 150, 0.034
    first, year = date(2025, 1, 1), Selection(from_date=date(2025, 1, 1), to_date=date(2025, 12, 31), as_of=DAY)
    flagged = 0
    for _ in range(years):
        known = draw.poisson(5, size=365)
        events = draw.binomial(known, rate)
        days = [(first + timedelta(days=at), events[at], known[at]) for at in range(365) if known[at]]
        flagged += trends._status(np.array(days, dtype=trends.DAY), rate, year) == trends.HIGHER
    expected = years * trends.false_alarm_chance(12)
    assert 0 < flagged < expected + 2 * expected**0.5
