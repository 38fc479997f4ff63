"""Each lot's side effects compared with those of the other lots of its product."""

from dataclasses import dataclass, replace

import numpy as np
import pandas

from data.analysis import counts, treatments
from data.analysis.frames import rows_as_frame
from data.analysis.outcomes import unit_outcomes
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED
from data.summaries.stratified_counts import stratify
from models.statistics import funnel, proportion

MAX_CHANCE = 0.05  # a lot that is less likely by chance, all lots allowed for, is flagged
MIN_TREATMENTS = 20  # asked; a lot of fewer is not tested, and Holm's correction does not count it
STRATA = ("area_set", "how_asked")
TEST_TYPES = {
    "product": "object", "lot": "object", "comparable": "int64", "observed": "int64", "expected": "float64",
    "chance": "float64", "refused": "object",
}  # fmt: skip


@dataclass(frozen=True)
class LotComparison:
    """`lots`: a row for each lot of the selection, the least likely by chance first. Columns: product, lot (str),
    expiry (date, None where not recorded), treated, total, in_follow_up, followed_up, events (int64, as of
    `counts.counts`), rate, low, high (float64), and from the test: comparable (int64: asked treatments that other lots
    of the product share a stratum with), observed (int64: those with the side effect), expected (float64), chance
    (float64: of so many or more if the lots of the product are alike, after Holm; NaN if it is not tested), refused
    (str: why there is no test, ""), is_flagged (bool).

    `tested`: the lots tested, also those that the filters leave out. `left_out`: asked treatments with two lots of one
    product, which are in no test.
    """

    lots: pandas.DataFrame
    tested: int
    left_out: int


def compare_lots(source: AnalysisTables, scope: Scope, selection: Selection) -> LotComparison:
    """Every lot of the selection, tested over the whole period: a filter changes which lots are listed and their rates,
    and neither the test of a lot nor the number of lots that it is corrected for.

    The filters of side effects hold in the test as well, because they say what is counted.
    """
    tests, left_out = _test_lots(source, scope, whole_period(selection))
    lots = counts.counts(source, scope, selection, ("product", "lot"))
    lots = lots[["product", "lot", "treated", "total", "in_follow_up", "followed_up", "events"]]
    expiries = treatments.lot_expiries(source, scope)
    rate, low, high = proportion.rate_columns(lots.events, lots.followed_up, np.nan)
    expiry = pandas.Series([expiries.get(lot) for lot in zip(lots["product"], lots.lot, strict=True)], dtype=object)
    frame = lots.assign(expiry=expiry, rate=rate, low=low, high=high)
    frame = frame.merge(tests, how="left", on=["product", "lot"], validate="one_to_one")
    untested = {"comparable": 0, "observed": 0, "refused": _too_few(0)}
    frame = frame.fillna(untested).astype({"comparable": "int64", "observed": "int64", "refused": "object"})
    frame = frame.assign(is_flagged=frame.chance <= MAX_CHANCE)
    frame = frame.sort_values(["chance", "product", "lot"], ignore_index=True)
    return LotComparison(frame, int(tests.chance.notna().sum()), left_out)


def whole_period(selection: Selection) -> Selection:
    """The selection without filters of treatments other than its period."""
    nothing: tuple[str, ...] = ()
    return replace(
        selection,
        unit="treatment",
        sites=nothing,
        practitioners=nothing,
        areas=nothing,
        products=nothing,
        lots=nothing,
        first_visit=None,
    )


def _test_lots(source: AnalysisTables, scope: Scope, selection: Selection) -> tuple[pandas.DataFrame, int]:
    """The columns TEST_TYPES of every lot with an asked treatment; and how many treatments are left out."""
    outcomes = unit_outcomes(source, scope, selection, ("product", "lot", *STRATA))
    several = outcomes.duplicated(["unit", "product"], keep=False)
    return compare_lot_outcomes(outcomes[~several]), int(outcomes.unit[several].nunique())


def compare_lot_outcomes(outcomes: pandas.DataFrame) -> pandas.DataFrame:
    """One row per product and lot of the outcomes: product, lot and STRATA (str or int), client (int64), affected."""
    rows = []
    for product, of_product in outcomes.groupby("product"):
        recorded = of_product[of_product.lot != NOT_RECORDED]
        if len(recorded) < len(of_product):
            rows.append((product, NOT_RECORDED, 0, 0, np.nan, np.nan, "no lot recorded"))
        if recorded.empty:
            continue
        counted = stratify(recorded, "lot", STRATA)
        for lot in counted.groups:
            total = counted.total(lot)
            if len(counted.groups) == 1 or total < MIN_TREATMENTS:
                refused = _too_few(total) if len(counted.groups) > 1 else "only lot of its product"
                rows.append((product, lot, 0, 0, np.nan, np.nan, refused))
                continue
            found = counted.compare_with_others(lot, 1 - MAX_CHANCE, "greater")
            refused = "" if found.comparable else "asked or used differently from the other lots"
            rows.append((product, lot, found.comparable, found.observed, found.expected, found.tail, refused))
    tests = rows_as_frame(TEST_TYPES, rows, **TEST_TYPES)
    is_tested = tests.chance.notna()
    if is_tested.any():
        tests.loc[is_tested, "chance"] = funnel.holm(tests.chance[is_tested])
    return tests


def _too_few(total: int) -> str:
    return f"too few: {total} of {MIN_TREATMENTS} needed"
