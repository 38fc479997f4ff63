"""One measure over time, and the states of many measures at once: the same as one by one."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import asked, mirror, queries, trends
from data.database import open_database
from data.markers import Stated
from data.sample import make_sample
from data.scope import WHOLE_CLINIC, Scope
from data.selection import Selection
from data.source import records_source
from tests.data.test_queries import clinics, counted_twice, database, scopes, selections, store  # noqa: F401

DAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The copy of 4,000 made-up treatments."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('trends') / 'sequela.db'}")
    make_sample(engine, 4_000, today=DAY)
    yield mirror.fill(engine)[1]
    engine.dispose()


several = st.lists(selections, min_size=1, max_size=4)


def alike(drawn):
    """As measures are: the same treatments, of which each takes its own areas and side effects, in its own unit."""
    own = ("unit", "areas", "products", "lots", "side_effects", "families", "least_grade", "grades", "open", "placed")
    first = drawn[0]
    return [
        replace(first, red_flag=selection.red_flag, **{name: getattr(selection, name) for name in own})
        for selection in drawn
    ]


@settings(counted_twice, max_examples=40)
@given(clinics(), scopes, several.map(alike))
def test_the_days_of_several_selections_are_the_counts_by_date_of_each(database, rows, scope, wanted):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    assert queries.daily(source, scope, wanted) == [by_date(source, scope, selection) for selection in wanted]


@settings(counted_twice, max_examples=12)
@given(clinics(), scopes, several.map(alike))
def test_so_they_are_on_the_columnar_copy(database, rows, scope, wanted):  # noqa: F811
    store(database, rows)
    source = mirror.fill(database)[1]
    assert queries.daily(source, scope, wanted) == [by_date(source, scope, selection) for selection in wanted]


def by_date(source, scope, selection):
    counts = queries.counts(source, scope, selection, ("date",))
    return [(dict(count.by)["date"], count.events, count.known) for count in counts if count.known]


@settings(counted_twice, max_examples=40)
@given(clinics(), scopes, several.map(alike), st.sampled_from([0.0005, 0.02, 0.3]))
def test_the_states_of_several_selections_are_those_of_their_trends(database, rows, scope, wanted, target):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    wanted = [replace(selection, unit="area" if selection.unit == "area" else "treatment") for selection in wanted]
    stated = [Stated("any", None, None, target if at % 2 == 0 else None) for at in range(len(wanted))]
    stated = [its if its.target else None for its in stated]
    one_by_one = [
        trends.trend(source, scope, selection, its).state for selection, its in zip(wanted, stated, strict=True)
    ]
    assert trends.states(source, scope, wanted, stated) == one_by_one


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"from_date": date(2025, 7, 1), "to_date": DAY},
        {"from_date": date(2026, 3, 1), "to_date": date(2026, 4, 30), "areas": ("glabella", "masseter")},
        {"sites": ("hill",), "products": ("botox_cosmetic",)},
    ],
)
def test_the_states_of_every_measure_of_the_sample_clinic_are_those_of_their_trends(sample, filters):
    measures = asked.rate_measures().values()
    wanted = [asked.of_measure(measure, Selection(as_of=DAY, **filters)) for measure in measures]
    stated = [Stated("bruising", None, None, 0.02) if measure.code == "bruising" else None for measure in measures]
    for scope in (WHOLE_CLINIC, Scope(practitioners=frozenset({"P3"}))):
        one_by_one = [
            trends.trend(sample, scope, selection, its).state for selection, its in zip(wanted, stated, strict=True)
        ]
        assert trends.states(sample, scope, wanted, stated) == one_by_one


def test_the_sample_clinic_has_measures_in_every_state(sample):
    wanted = [asked.of_measure(measure, Selection(as_of=DAY)) for measure in asked.rate_measures().values()]
    found = set(trends.states(sample, WHOLE_CLINIC, wanted, [None] * len(wanted)))
    assert found == {"look", "steady", "too few"}
