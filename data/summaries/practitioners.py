"""What to expect of each practitioner, given what they treat; and each lot, given the others. Nobody is ranked."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from data.analysis import counts as queries
from data.analysis import treatments
from data.analysis.derived_tables import NOT_RECORDED
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import SINCE_DIMENSION, Selection
from models.statistics import funnel, proportion
from models.statistics.interval import Interval

MIN_TREATMENTS_TO_COMPARE = (
    60  # known outcomes below which a practitioner is not compared (docs/methods.md, practitioners and lots)
)
INNER, OUTER = 0.95, 0.998
DOSE_BANDS = 2  # below and above the middle dose of the same product and area


@dataclass(frozen=True)
class PractitionerResult:
    """Observed against expected for the same mix of treatments. `ratio` None: `refused` says why."""

    code: str
    known: int
    observed: int
    expected: float
    ratio: Interval | None
    flag: str  # "", "high" or "low", by the outer limit
    refused: str | None


@dataclass(frozen=True)
class PractitionerComparison:
    """`limits`: rows (known, inner low, inner high, outer low, outer high) of observed / expected, by rising volume."""

    practitioners: tuple[PractitionerResult, ...]
    limits: np.ndarray
    compared_count: int
    chance_inner: float  # that at least one of as many alike stands outside the inner band
    chance_outer: float


def compare_practitioners(source: AnalysisTables, scope: Scope, selection: Selection) -> PractitionerComparison:
    """Each practitioner's events against those expected at everyone's rates for the same kind of treatment.

    Kinds of treatment: per treated area by area, product, dose band and first visit or not; per treatment or client
    by the areas included and first visit or not.
    """
    unit, stratum, events, known = _strata(source, scope, selection)
    if not len(unit):
        return PractitionerComparison((), np.zeros((0, 5)), 0, 0.0, 0.0)
    found = funnel.expected(unit, stratum, events, known)
    rows = [
        _practitioner_result(str(code), int(total), int(observed), float(expected))
        for code, observed, expected, total in zip(found.unit, found.observed, found.expected, found.total, strict=True)
    ]
    compared = [row for row in rows if row.ratio is not None]
    return PractitionerComparison(
        tuple(sorted(rows, key=lambda row: row.code)),
        _limits(compared),
        len(compared),
        funnel.false_flags(len(compared), INNER) if compared else 0.0,
        funnel.false_flags(len(compared), OUTER) if compared else 0.0,
    )


def _practitioner_result(code: str, known: int, observed: int, expected: float) -> PractitionerResult:
    refused = None
    if code == NOT_RECORDED:
        refused = "no practitioner told"
    elif known < MIN_TREATMENTS_TO_COMPARE:
        refused = f"too few to compare: {known} of the {MIN_TREATMENTS_TO_COMPARE} needed"
    elif expected <= 0:
        refused = "none expected and none seen"
    if refused:
        return PractitionerResult(code, known, observed, expected, None, "", refused)
    outer = funnel.ratio_limits([expected], OUTER)
    state = "high" if observed >= outer.flagged_from[0] else "low" if observed < outer.flagged_below[0] else ""
    return PractitionerResult(code, known, observed, expected, funnel.ratio(observed, expected), state, None)


def _limits(compared: list[PractitionerResult]) -> np.ndarray:
    """Limits over the range of volumes, at the mean expected rate of those compared."""
    if not compared:
        return np.zeros((0, 5))
    rate = sum(row.expected for row in compared) / sum(row.known for row in compared)
    known = np.unique(
        np.geomspace(MIN_TREATMENTS_TO_COMPARE, 1.2 * max(row.known for row in compared) + 1, 60).astype(np.int64)
    )
    inner, outer = (funnel.ratio_limits(known * rate, level) for level in (INNER, OUTER))
    return np.column_stack([known, inner.low, inner.high, outer.low, outer.high])


def _strata(source: AnalysisTables, scope: Scope, selection: Selection):
    """Rows of (practitioner, kind of treatment, events, known), mature treatments alone."""
    mature = _only_past_follow_up(selection)
    per_area = selection.unit == "area"
    kinds = ("area", "product", "units", "first_visit") if per_area else ("area_set", "first_visit")
    counts = [c for c in queries.counts(source, scope, mature, ("practitioner", *kinds)) if c.known]
    values = [dict(count.by) for count in counts]
    middle = _median_doses(values, counts) if per_area else {}
    labels = [_treatment_kind(row, middle) for row in values]
    unit = np.array([row["practitioner"] for row in values], dtype=object)
    events, known = (np.array([getattr(count, name) for count in counts]) for name in ("events", "known"))
    return unit, np.array(labels, dtype=object), events, known


def _only_past_follow_up(selection: Selection) -> Selection:
    last = min(selection.to_date or date.max, selection.mature_until)
    return replace(selection, to_date=last)


def _median_doses(values: list[dict], counts: list[queries.UnitCount]) -> dict[tuple, float]:
    """The median units per product and area, over all practitioners."""
    given: dict[tuple, list] = {}
    for row, count in zip(values, counts, strict=True):
        if row["units"] is not None:
            given.setdefault((row["product"], row["area"]), []).append((row["units"], count.known))
    return {key: float(np.median(np.repeat(*map(np.array, zip(*doses, strict=True))))) for key, doses in given.items()}


def _treatment_kind(row: dict, middle: dict) -> str:
    if "area_set" in row:
        return f"{row['area_set']}|{row['first_visit']}"
    units, half = row["units"], middle.get((row["product"], row["area"]))
    band = "not told" if units is None else "above" if units > half else "up to middle"
    return f"{row['area']}|{row['product']}|{band}|{row['first_visit']}"


@dataclass(frozen=True)
class LotRow:
    """One lot. `chance`: of so many events or more at the rate of the other lots of its product, after Holm."""

    product: str
    lot: str
    expiry: date | None
    total: int
    known: int
    events: int
    rate: Interval | None
    chance: float | None
    flagged: bool


def compare_lots(source: AnalysisTables, scope: Scope, selection: Selection) -> list[LotRow]:
    """Every lot of the selection, its side effects against those of the other lots of the same product.

    Maturing treatments are left out of the comparison, not of the exposure: a lot in use now has outcomes known too
    selectively.
    """
    everything, mature = _counts_by_lot(source, scope, selection)
    expiries = treatments.lot_expiries(source, scope)
    tails = _holm_adjusted_tails(mature)
    rows = []
    for (product, lot), total in everything.items():
        known, events = (getattr(mature.get((product, lot)), name, 0) for name in ("known", "events"))
        rate = proportion.wilson(events, known) if known else None
        chance = tails.get((product, lot))
        flagged = chance is not None and chance <= 1 - INNER
        rows.append(LotRow(product, lot, expiries.get((product, lot)), total, known, events, rate, chance, flagged))
    return sorted(rows, key=lambda row: (row.chance is None, row.chance or 0, row.product, row.lot))


LotCounts = dict[tuple[str, str], queries.UnitCount]  # (product, lot) -> its counts


def _counts_by_lot(source: AnalysisTables, scope: Scope, selection: Selection) -> tuple[dict[tuple, int], LotCounts]:
    """Treatments per lot; and the counts of those that are no longer maturing."""
    parted = replace(selection, since=selection.mature_until + timedelta(days=1))
    total, mature = Counter(), {}
    for count in queries.counts(source, scope, parted, ("product", "lot", SINCE_DIMENSION)):
        *lot, maturing = (value for _, value in count.by)
        total[tuple(lot)] += count.total
        if not maturing:
            mature[tuple(lot)] = count
    return total, mature


def _holm_adjusted_tails(mature: LotCounts) -> dict[tuple, float]:
    """Holm's adjusted chance per lot that has known outcomes and others of its product to be held against."""
    tails = {}
    for (product, lot), count in mature.items():
        others = [c for (p, number), c in mature.items() if p == product and number not in (lot, NOT_RECORDED)]
        known, events = sum(c.known for c in others), sum(c.events for c in others)
        if lot != NOT_RECORDED and count.known and 0 < events < known:
            tails[product, lot] = proportion.tail(count.events, count.known, events / known)
    return dict(zip(tails, map(float, funnel.holm(list(tails.values()))), strict=True)) if tails else {}
