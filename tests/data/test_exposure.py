"""Units given, and treatments far from the usual: every sum made again by plain loops over the injections."""

from collections import defaultdict

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


@settings(counted_twice, max_examples=40)
@given(clinics(), scopes, selections)
def test_units_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    units = _given(rows, scope, selection)
    spread = defaultdict(list)
    for (_, area, product), n in units.items():
        spread[product, area].append(n)
    limits = (("forehead", 10.0, 30.0), ("masseter", 25.0, 25.0))
    within = {area: limit for area, *limit in limits}
    far = sorted(
        (treatment, area, n)
        for (treatment, area, product), n in units.items()
        if product == "botox" and area in within and not within[area][0] <= n <= within[area][1]
    )
    for source in (records_source(database), mirror.fill(database)[1]):
        doses = exposure.doses(source, scope, selection)
        assert {(d.product, d.area): [*d.units.repeat(d.treatments)] for d in doses} == {
            group: sorted(each) for group, each in spread.items()
        }
        found = exposure.outside(source, scope, selection, "botox", limits)
        assert [(treatment, area, n) for area, n, treatment in found] == far
