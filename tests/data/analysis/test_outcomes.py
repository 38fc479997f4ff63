"""Outcomes unit by unit add up to the counts of the same groups, on records drawn at random."""

from hypothesis import given
from hypothesis import strategies as st

from data.analysis import counts
from data.analysis.outcomes import product_sets, unit_outcomes
from data.analysis.query_builder import records_source
from tests.data.analysis.test_counts import (
    Naive,
    clinics,
    database,  # noqa: F401
    scopes,
    selections,
    store,
)
from tests.laws import examples

groups = st.lists(
    st.sampled_from(["practitioner", "area_set", "first_visit", "how_asked", "area", "product", "lot"]),
    unique=True, max_size=3,
)  # fmt: skip


@examples(40)
@given(clinics(), scopes, selections, groups)
def test_units_followed_up_and_affected_are_as_many_as_counted(database, rows, scope, selection, by):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    outcomes = unit_outcomes(source, scope, selection, by)
    found = {}
    for row in outcomes.itertuples(index=False):
        group = tuple(getattr(row, name) for name in by)
        followed_up, events = found.get(group, (0, 0))
        found[group] = (followed_up + 1, events + row.affected)
    counted = counts.counts(source, scope, selection, by)
    assert found == {
        tuple(getattr(row, name) for name in by): (row.followed_up, row.events)
        for row in counted.itertuples(index=False)
        if row.followed_up
    }


@examples(20)
@given(clinics(), scopes, selections)
def test_the_products_of_a_unit_are_those_given_there(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    given_products = {}
    for place in Naive(rows, scope, selection).base(("product",)):
        unit = place["treatment"] if selection.unit == "treatment" else place[selection.unit]
        key = (place["treatment"], unit) if selection.unit == "area" else unit
        given_products.setdefault(key, set()).add(place["product"])
    expected = sorted("+".join(sorted(products)) for products in given_products.values())
    assert sorted(product_sets(records_source(database), scope, selection)) == expected
