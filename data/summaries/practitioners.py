"""Each practitioner's side effects compared with those expected for the same mix of treatments. Not a ranking."""

from dataclasses import dataclass

import numpy as np
import pandas

from data.analysis import counts
from data.analysis.frames import rows_as_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED
from models.statistics import funnel
from models.statistics.interval import Interval

MIN_TREATMENTS_TO_COMPARE = 60  # followed up; with fewer a practitioner is not compared (docs/methods.md)
INNER, OUTER = 0.95, 0.998
NO_INTERVAL = Interval(np.nan, np.nan, np.nan)
COLUMNS = {
    "practitioner": "object", "followed_up": "int64", "observed": "int64", "expected": "float64", "ratio": "float64",
    "low": "float64", "high": "float64", "flag": "object", "refused": "object",
}  # fmt: skip
LIMITS = ("followed_up", "inner_low", "inner_high", "outer_low", "outer_high")


@dataclass(frozen=True)
class PractitionerComparison:
    """`practitioners`: one row each, by code. Columns: practitioner (str), followed_up, observed (int64), expected
    (float64), ratio, low, high (observed / expected with its interval; float64, NaN where it is refused), flag (str:
    "", "high" or "low", by the outer limit), refused (str: why there is no ratio; "").

    `limits`: the expected range of observed / expected by rising volume. Columns: followed_up (int64), inner_low,
    inner_high, outer_low, outer_high (float64). `chance_inner`: that chance alone puts one of them outside the inner
    band.
    """

    practitioners: pandas.DataFrame
    limits: pandas.DataFrame
    chance_inner: float

    @property
    def compared(self) -> pandas.DataFrame:
        return self.practitioners[self.practitioners.refused == ""]


def compare_practitioners(source: AnalysisTables, scope: Scope, selection: Selection) -> PractitionerComparison:
    """Each practitioner's events against those expected at everyone's rates for the same kind of treatment.

    Kinds of treatment: per treated area by area, product, dose band and first visit or not; per treatment or client
    by the areas included and first visit or not.
    """
    strata = _strata(source, scope, selection)
    if strata.empty:
        return PractitionerComparison(rows_as_frame(COLUMNS, (), **COLUMNS), _limits(strata), 0.0)
    found = funnel.expected(*(strata[name].to_numpy() for name in ("practitioner", "kind", "events", "followed_up")))
    columns = zip(found.unit, found.total, found.observed, found.expected, strict=True)
    rows = [_result(str(code), int(total), int(seen), float(due)) for code, total, seen, due in columns]
    frame = rows_as_frame(COLUMNS, rows, **COLUMNS)
    compared = frame[frame.refused == ""]
    chance = funnel.false_flags(len(compared), INNER) if len(compared) else 0.0
    return PractitionerComparison(frame.sort_values("practitioner", ignore_index=True), _limits(compared), chance)


def _result(code: str, followed_up: int, observed: int, expected: float) -> tuple:
    counted = (code, followed_up, observed, expected)
    refused = ""
    if code == NOT_RECORDED:
        refused = "no practitioner recorded"
    elif followed_up < MIN_TREATMENTS_TO_COMPARE:
        refused = f"too few to judge: {followed_up} of the {MIN_TREATMENTS_TO_COMPARE} needed"
    elif expected <= 0:
        refused = "none expected and none observed"
    if refused:
        return *counted, *NO_INTERVAL, "", refused
    outer = funnel.ratio_limits([expected], OUTER)
    flag = "high" if observed >= outer.flagged_from[0] else "low" if observed < outer.flagged_below[0] else ""
    return *counted, *funnel.ratio(observed, expected), flag, ""


def _limits(compared: pandas.DataFrame) -> pandas.DataFrame:
    """Limits over the range of volumes, at the mean expected rate of those compared."""
    if compared.empty:
        return pandas.DataFrame(columns=LIMITS, dtype="float64")
    rate = compared.expected.sum() / compared.followed_up.sum()
    most = 1.2 * compared.followed_up.max() + 1
    volumes = np.unique(np.geomspace(MIN_TREATMENTS_TO_COMPARE, most, 60).astype(np.int64))
    inner, outer = (funnel.ratio_limits(volumes * rate, level) for level in (INNER, OUTER))
    return pandas.DataFrame(dict(zip(LIMITS, (volumes, inner.low, inner.high, outer.low, outer.high), strict=True)))


def _strata(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Practitioner, kind of treatment (str), events and followed_up.

    The dose is above or up to the median of its product and area, over all practitioners.
    """
    per_area = selection.unit == "area"
    kinds = ("area", "product", "units", "first_visit") if per_area else ("area_set", "first_visit")
    frame = counts.counts(source, scope, selection, ("practitioner", *kinds))
    frame = frame[frame.followed_up > 0]
    if frame.empty:
        return frame
    if per_area:
        by = ["product", "area"]
        medians = frame.loc[frame.index.repeat(frame.followed_up)].groupby(by).units.median().rename("median")
        is_above = frame.units > frame.join(medians, on=by)["median"]
        frame["units"] = np.select([frame.units.isna(), is_above], ["not recorded", "above"], "up to median")
    return frame.assign(kind=["|".join(map(str, kind)) for kind in zip(*(frame[name] for name in kinds), strict=True)])
