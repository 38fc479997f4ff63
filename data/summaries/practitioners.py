"""Each practitioner's side effects compared with those of the others for the same treatments. Not a ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas

from data.analysis.frames import rows_as_frame
from data.analysis.outcomes import product_sets, unit_outcomes
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED
from data.summaries.stratified_counts import StratifiedCounts, stratify
from models.statistics import funnel

MIN_TREATMENTS_TO_COMPARE = 60  # comparable ones; with fewer a practitioner is not compared (docs/methods.md)
INNER, OUTER = 0.95, 0.998
ASKED_DIFFERENTLY = "asked differently"
COLUMNS = {
    "practitioner": "object", "followed_up": "int64", "comparable": "int64", "observed": "int64",
    "expected": "float64", "inner_low": "float64", "inner_high": "float64", "outer_low": "float64",
    "outer_high": "float64", "power_doubled": "float64", "flag": "object", "refused": "object",
}  # fmt: skip


@dataclass(frozen=True)
class PractitionerComparison:
    """`practitioners`: one row each, by code. Columns: practitioner (str), followed_up, comparable (int64: those in
    strata that another practitioner shares), observed (int64: those with the side effect), expected (float64: if all
    are alike), inner_low, inner_high, outer_low, outer_high (float64: the counts that chance explains, both ends
    included; NaN where it is refused), power_doubled (float64, 0-1: the chance that twice the rate is above the outer
    band; NaN where it cannot be estimated), flag (str: "", "high" or "low", by the outer band), refused (str: why
    there is no comparison; "").

    `is_pair`: two practitioners are compared with each other, which is one comparison. `false_flag`: the chance (0-1)
    that one of them is outside the outer band although all are alike.
    """

    practitioners: pandas.DataFrame
    is_pair: bool
    false_flag: float

    @property
    def compared(self) -> pandas.DataFrame:
        return self.practitioners[self.practitioners.refused == ""]


def compare_practitioners(source: AnalysisTables, scope: Scope, selection: Selection) -> PractitionerComparison:
    """Each practitioner against all others together, within strata of areas, products, first visit and how asked.

    The areas are those of the treatment, or the treated area where areas are counted.
    """
    area = "area" if selection.unit == "area" else "area_set"
    outcomes = unit_outcomes(source, scope, selection, ("practitioner", area, "first_visit", "how_asked"))
    products = outcomes.unit.map(product_sets(source, scope, selection)).fillna(NOT_RECORDED)
    return compare_practitioner_outcomes(outcomes.assign(products=products), (area, "products", "first_visit"))


def compare_practitioner_outcomes(outcomes: pandas.DataFrame, strata: Sequence[str]) -> PractitionerComparison:
    """The same for outcomes: one row per unit followed up, with practitioner, `strata`, how_asked, client, affected."""
    recorded = outcomes[outcomes.practitioner != NOT_RECORDED]
    rows = []
    if len(recorded) < len(outcomes):
        nothing = (np.nan,) * 6
        rows.append(
            (NOT_RECORDED, len(outcomes) - len(recorded), 0, 0, *nothing, "", "no practitioner recorded"),
        )
    if len(recorded):
        counted = stratify(recorded, "practitioner", (*strata, "how_asked"))
        regardless = stratify(recorded, "practitioner", strata)
        rows += [_result(code, counted, regardless) for code in counted.groups]
    frame = rows_as_frame(COLUMNS, rows, **COLUMNS).sort_values("practitioner", ignore_index=True)
    is_pair = int((frame.comparable > 0).sum()) == 2
    compared = int((frame.refused == "").sum())
    chance = funnel.false_flags(1 if is_pair else compared, OUTER) if compared else 0.0
    return PractitionerComparison(frame, is_pair and compared == 2, chance)


def _result(code: str, counted: StratifiedCounts, regardless: StratifiedCounts) -> tuple:
    """A row of COLUMNS. `regardless`: counts of the same units whatever way they were asked."""
    inner, outer = (counted.compare_with_others(code, level, "two-sided") for level in (INNER, OUTER))
    total, comparable = counted.total(code), outer.comparable
    row = (code, total, comparable, outer.observed, outer.expected)
    refused = ""
    if not comparable:
        could_be = regardless.compare_with_others(code, OUTER, "two-sided").comparable
        refused = ASKED_DIFFERENTLY if could_be else "nobody else gives the same treatments"
    elif comparable < MIN_TREATMENTS_TO_COMPARE:
        refused = f"too few to judge: {comparable} of {total} comparable, {MIN_TREATMENTS_TO_COMPARE} needed"
    elif not outer.expected:
        refused = "no side effect to compare"
    if refused:
        return *row, *(np.nan,) * 5, "", refused
    flag = "high" if outer.observed > outer.high else "low" if outer.observed < outer.low else ""
    power = np.nan if outer.power_doubled is None else outer.power_doubled
    return *row, inner.low, inner.high, outer.low, outer.high, power, flag, ""
