"""Units given, and treatments far from the usual: every sum made again by plain loops over the injections."""

from collections import defaultdict

import numpy as np
from hypothesis import given, settings

from data import exposure, mirror
from data.source import records_source
from tests.data.test_queries import Naive, clinics, counted_twice, database, scopes, selections, store  # noqa: F401


def _given(rows, scope, selection):
    """Units per treatment, area and product: of all lots, or of those selected."""
    naive = Naive(rows, scope, selection)
    chosen = {(p["treatment"], p["area"], p["product"], p["lot"]) for p in naive.base(("area", "product", "lot"))}
    units = defaultdict(float)
    for i in rows["injection"]:
        where = (i["treatment_id"], i["area"] or "not told", naive.code["product"][i["product_id"]])
        if (*where, naive.lot[i["lot_id"]]) in chosen and i["units"] is not None:
            units[where] += i["units"]
    return dict(units)


def test_treatments_far_from_the_usual_are_counted_by_their_units():
    doses = exposure.Doses("botox", "forehead", np.array([5.0, 10.0, 12.0, 30.0]), np.array([2, 20, 20, 3]))
    assert doses.usual == (4, 18)
    assert doses.unusual == 3
    assert exposure.Doses("botox", "forehead", np.array([5.0, 90.0]), np.array([2, 1])).unusual == 0  # too few to tell


@settings(counted_twice, max_examples=25)
@given(clinics(), scopes, selections)
def test_units_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    units = _given(rows, scope, selection)
    spread = defaultdict(list)
    for (_, area, product), n in units.items():
        spread[product, area].append(n)
    usual = (("forehead", 10.0, 30.0), ("masseter", 25.0, 25.0))
    within = {area: ends for area, *ends in usual}
    far = sorted(
        (min(n - within[area][0], within[area][1] - n), treatment, area, n)
        for (treatment, area, product), n in units.items()
        if product == "botox" and area in within and not within[area][0] <= n <= within[area][1]
    )
    for source in (records_source(database), mirror.fill(database)[1]):
        doses = exposure.doses(source, scope, selection)
        assert {(d.product, d.area): [*d.units.repeat(d.treatments)] for d in doses} == {
            group: sorted(each) for group, each in spread.items()
        }
        found = exposure.outside(source, scope, selection, "botox", usual, 2)
        assert found == [(area, n, treatment) for _, treatment, area, n in far[:2]]
