"""Units given, and treatments far from the usual: every sum made again by plain loops over the injections."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime

import numpy as np
from hypothesis import given

from data.analysis import columnar_copy, counts, treatments
from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from tests.data.analysis.test_counts import Naive, clinics, database, scopes, selections, store  # noqa: F401
from tests.laws import examples

EVERYTHING = Selection(as_of=date(2026, 12, 31))


def _foreheads(*doses):
    """Rows of a treatment for each: (lot, units) of every injection, and two weeks later its number as a score."""
    of_all = {"source": "hand", "import_batch_id": 1}
    counted = {"rows_read": 0, "rows_stored": 0, "rows_unchanged": 0, "rows_refused": 0}
    made = {"made_at": datetime(2026, 1, 1), "source": "hand", "format": "hand", "files": ""}
    rows = defaultdict(list, import_batch=[{"id": 1, "attribution_days": 120, **made, **counted}])
    rows["site"], rows["client"] = [{"id": 1, "code": "main"}], [{"id": 1, "key": "ann"}]
    rows["product"] = [{"id": 1, "code": "botox", "label": "Botox"}]
    rows["lot"] = [{"id": n, "product_id": 1, "number": f"L{n}"} for n in (1, 2)]
    for number, injections in enumerate(doses, start=1):
        visit = {"id": number, "source_id": str(number), "date": date(2026, number, 1), **of_all}
        rows["treatment"].append({"client_id": 1, "site_id": 1, **visit})
        contact = visit | {"treatment_id": number, "date": date(2026, number, 15), "outcome": "done"}
        rows["follow_up"].append({**contact, "score": float(number), "scale": "movement"})
        for lot, units in injections:
            given = {"treatment_id": number, "area": "forehead", "product_id": 1, "lot_id": lot, "units": units}
            rows["injection"].append({"id": len(rows["injection"]) + 1, **given})
    return rows


FOREHEADS = _foreheads([(1, 10.0), (1, 10.0)], [(1, 10.0), (1, None)], [(1, 10.0), (2, None)])


def _given(rows, scope, selection):
    """Units per treatment, area and product, where all are told: of all lots, or of those selected."""
    naive = Naive(rows, scope, selection)
    chosen = {(p["treatment"], p["area"], p["product"], p["lot"]) for p in naive.base(("area", "product", "lot"))}
    units = defaultdict(list)
    for i in rows["injection"]:
        where = (i["treatment_id"], i["area"] or "not told", naive.code["product"][i["product_id"]])
        if (*where, naive.lot[i["lot_id"]]) in chosen:
            units[where].append(i["units"])
    return {where: sum(each) for where, each in units.items() if None not in each}


def test_treatments_far_from_the_usual_are_counted_by_their_units():
    doses = treatments.DoseDistribution(
        "botox", "forehead", np.array([5.0, 10.0, 12.0, 30.0]), np.array([2, 20, 20, 3])
    )
    assert doses.usual_range == (4, 18)
    assert doses.outlying_count == 3
    assert (
        treatments.DoseDistribution("botox", "forehead", np.array([5.0, 90.0]), np.array([2, 1])).outlying_count == 0
    )  # too few to tell


def test_a_dose_of_which_one_side_or_lot_is_not_told_is_not_told(database):  # noqa: F811
    """Ten units left and nothing told of the right are no dose of ten."""
    store(database, FOREHEADS)
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        (told,) = treatments.dose_distributions(source, WHOLE_CLINIC, EVERYTHING)
        assert (told.units.tolist(), told.treatments.tolist()) == ([20], [1])
        assert treatments.count_incomplete(source, WHOLE_CLINIC, EVERYTHING)["units"] == 2
        of_botox = replace(EVERYTHING, products=("botox",), areas=("forehead",), unit="area")
        assert np.isnan(treatments.outcome_sequence(source, WHOLE_CLINIC, of_botox).units).tolist() == [
            False,
            True,
            True,
        ]
        assert as_rows(counts.scores(source, WHOLE_CLINIC, EVERYTHING)) == [
            ("botox", 20, "movement", 14, 1, 1),
            ("botox", None, "movement", 14, 2, 2.5),
        ]


def test_parts_of_a_dose_add_up_to_the_same_units_in_any_order(database):  # noqa: F811
    """0.1 + 0.2 + 0.3 is 0.6000000000000001, and 0.3 + 0.2 + 0.1 is 0.6."""
    store(database, _foreheads(*([(1, units) for units in order] for order in ((0.1, 0.2, 0.3), (0.3, 0.2, 0.1)))))
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        (given_units,) = treatments.dose_distributions(source, WHOLE_CLINIC, EVERYTHING)
        assert (given_units.units.tolist(), given_units.treatments.tolist()) == ([0.6], [2])


@examples(12)
@given(clinics(), scopes, selections)
def test_units_equal_plain_loops_on_the_records_and_on_the_copy(database, rows, scope, selection):  # noqa: F811
    store(database, rows)
    units = _given(rows, scope, selection)
    spread = defaultdict(list)
    touch_ups = {row["id"] for row in rows["treatment"] if row["touch_up_of_id"] is not None}
    for (treatment, area, product), n in units.items():
        spread[product, area, treatment in touch_ups].append(n)
    usual = (("forehead", False, 10.0, 30.0), ("forehead", True, 2.0, 8.0), ("masseter", False, 25.0, 25.0))
    within = {(area, touch_up): ends for area, touch_up, *ends in usual}
    far = sorted(
        (min(n - ends[0], ends[1] - n), treatment, area, treatment in touch_ups, n)
        for (treatment, area, product), n in units.items()
        if product == "botox" and (ends := within.get((area, treatment in touch_ups)))
        if not ends[0] <= n <= ends[1]
    )
    for source in (records_source(database), columnar_copy.build_copy(database)[1]):
        doses = treatments.dose_distributions(source, scope, selection)
        assert {(d.product, d.area, d.touch_up): [*d.units.repeat(d.treatments)] for d in doses} == {
            group: sorted(each) for group, each in spread.items()
        }
        found = treatments.outlying_doses(source, scope, selection, "botox", usual, 2)
        assert as_rows(found) == [(area, touch_up, n, treatment) for _, treatment, area, touch_up, n in far[:2]]
