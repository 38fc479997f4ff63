"""Treatments and doses: who was given what, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    FromClause,
    Select,
    String,
    case,
    distinct,
    func,
    literal,
    null,
    select,
    union_all,
)

from data.analysis.derived_tables import NOT_RECORDED, sum_if_complete
from data.analysis.query_builder import (
    AnalysisTables,
    apply_selection,
    base_table,
    effect_table,
    select_episodes_of,
    unit_column,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection

# Units beyond so many times the middle half's width from it are far from the usual (Tukey's outer fence): a slip of the
# pen more often than a decision. Source: Tukey, Exploratory Data Analysis, 1977.
FENCE = 3
MIN_TREATMENTS_FOR_FENCE = 10


@dataclass(frozen=True)
class OutcomeSequence:
    """Known outcomes in the order of treatment: one entry per unit with known outcome."""

    date: np.ndarray  # numpy datetime64[D]
    affected: np.ndarray
    client: np.ndarray
    units: np.ndarray  # of product in the area; NaN where not told or not counted per area


def outcome_sequence(source: AnalysisTables, scope: Scope, selection: Selection) -> OutcomeSequence:
    """Who had the selected side effects and who did not, treatment by treatment (or treated area by treated area).

    Maturing treatments are left out, as they are in every flag: their outcomes are known too selectively.
    """
    base = base_table(source, selection, ())
    unit = unit_column(base, selection)
    where, _ = effect_table(source, selection, ())
    affected = select_episodes_of(source, scope, selection, (), unit_column(where, selection).label("unit")).subquery(
        "episodes"
    )
    affected = select(affected.c.unit).distinct().subquery("affected")
    dose = sum_if_complete(base.c.units) if "units" in base.c else null()
    columns = (unit, func.min(base.c.date), func.count(affected.c.unit), func.min(base.c.client_id), dose)
    statement = (
        apply_selection(source, scope, selection, base, select(*columns))
        .outerjoin(affected, affected.c.unit == unit)
        .where(base.c.known, base.c.date <= selection.mature_until)
        .group_by(unit)
        .order_by(func.min(base.c.date), unit)
    )
    _, day, effects, client, units = source.fetch_columns(statement)
    return OutcomeSequence(
        day.astype("datetime64[D]"), effects.astype(np.int64) > 0, client.astype(np.int64), units.astype(float)
    )


@dataclass(frozen=True)
class DoseDistribution:
    """Units per treated area of one product in one area: the distinct `units`, rising, and `treatments` given each."""

    product: str
    area: str
    units: np.ndarray
    treatments: np.ndarray

    @property
    def total(self) -> int:
        return int(self.treatments.sum())

    def quantile(self, share: float) -> float:
        """The units that this share of treatments stay below, on the straight line between the two around it."""
        place = share * (self.total - 1)
        ends = np.searchsorted(np.cumsum(self.treatments), [np.floor(place), np.ceil(place)], side="right")
        low, high = self.units[ends].tolist()
        return low + (high - low) * (place % 1)

    @property
    def usual_range(self) -> tuple[float, float] | None:
        """From and to so many units nobody wonders: the middle half, widened on either side; None where there are
        too few treatments to tell."""
        if self.total < MIN_TREATMENTS_FOR_FENCE:
            return None
        low, high = self.quantile(0.25), self.quantile(0.75)
        reach = FENCE * max(high - low, 1.0)
        return low - reach, high + reach

    @property
    def outlying_count(self) -> int:
        """How many treatments were given fewer or more units than is usual."""
        if self.usual_range is None:
            return 0
        low, high = self.usual_range
        return int(self.treatments[(self.units < low) | (self.units > high)].sum())


def dose_distributions(source: AnalysisTables, scope: Scope, selection: Selection) -> list[DoseDistribution]:
    """Units given per product and area. Never added, averaged or compared across products."""
    each = injected_units(source, scope, selection, source.treated_areas).subquery("given")
    keys = (each.c.product, each.c.area, each.c.units)
    rows = source.fetch_rows(select(*keys, func.count()).where(each.c.units.is_not(None)).group_by(*keys))
    found: dict[tuple, list] = {}
    for product, area, *given in sorted(rows):
        found.setdefault((product, area), []).append(given)
    return [DoseDistribution(*key, *map(np.array, zip(*given, strict=True))) for key, given in found.items()]


def outlying_doses(
    source: AnalysisTables,
    scope: Scope,
    selection: Selection,
    product: str,
    usual: Sequence[tuple[str, float, float]],
    limit: int,
) -> list[tuple[str, float, int]]:
    """(area, units, treatment) of treatments with fewer or more units of the product than is `usual` (per area, from
    and to so many), at most so many: the farthest from it first."""
    if not usual:
        return []
    each = injected_units(source, scope, selection, source.treated_areas).subquery("given")
    ends = union_all(*(_distance_beyond(*of_area) for of_area in usual)).subquery("ends")
    beyond = case((each.c.units < ends.c.low, ends.c.low - each.c.units), else_=each.c.units - ends.c.high)
    far = select(each.c.area, each.c.units, each.c.treatment_id).join(ends, ends.c.area == each.c.area)
    far = far.where(each.c.product == product, beyond > 0)
    return [
        tuple(row)
        for row in source.fetch_rows(far.order_by(beyond.desc(), each.c.treatment_id, each.c.area).limit(limit))
    ]


def _distance_beyond(area: str, low: float, high: float) -> Select:
    return select(
        literal(area, String).label("area"), literal(low, Float).label("low"), literal(high, Float).label("high")
    )


def injected_units(
    source: AnalysisTables, scope: Scope, selection: Selection, areas: FromClause, *also: ColumnElement
) -> CompoundSelect:
    """What the selected treated areas got, product by product: product, area, treatment_id, units over all lots (None
    unless all are told), and what else of the `areas` is named.

    Where one product of one lot is all there is nothing to add up, and only the rest needs the database's patience.
    """
    a = areas
    keys = (a.c.product, a.c.area, a.c.treatment_id, *also)
    alone = apply_selection(source, scope, selection, a, select(*keys, a.c.units)).where(a.c.alone.is_(True))
    several = apply_selection(source, scope, selection, a, select(*keys, sum_if_complete(a.c.units).label("units")))
    return union_all(alone, several.where(a.c.alone.is_(False)).group_by(*keys))


@dataclass(frozen=True)
class TreatmentRow:
    """One treatment as a list shows it: no client key, no free text."""

    number: int
    client: int
    date: date
    site: str
    practitioner: str
    areas: tuple[str, ...]
    products: tuple[str, ...]
    lots: tuple[str, ...]
    followed_up_by: str


def list_treatments(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> list[TreatmentRow]:
    """The selected treatments, latest first; with a lot selected, where that lot went."""
    t = source.treatments
    latest = apply_selection(source, scope, selection, t, select(t)).order_by(t.c.date.desc(), t.c.treatment_id.desc())
    return treatment_rows(source, source.fetch_rows(latest.limit(limit)))


def treatment_rows(source: AnalysisTables, rows: Sequence) -> list[TreatmentRow]:
    """Some rows of `treated` as a list shows them, in their order."""
    a = source.treated_areas
    places: dict[int, list] = {}
    wanted = select(a.c.treatment_id, a.c.area, a.c.product, a.c.lot)
    for treatment, *place in source.fetch_rows(wanted.where(a.c.treatment_id.in_([row.treatment_id for row in rows]))):
        places.setdefault(treatment, []).append(place)
    return [_treatment_row(row, places.get(row.treatment_id, [])) for row in rows]


def _treatment_row(row, places: Sequence) -> TreatmentRow:
    areas, products, lots = (tuple(sorted({place[n] for place in places})) for n in range(3))
    return TreatmentRow(
        row.treatment_id, row.client_id, row.date, row.site, row.practitioner, areas, products, lots, row.heard
    )


def client_treatments(source: AnalysisTables, scope: Scope, client: int) -> list[TreatmentRow]:
    """The treatments of one client that this viewer may see, latest first."""
    t = source.treatments
    own = select(t).where(t.c.client_id == client, *scope_filters(t, scope))
    return treatment_rows(source, source.fetch_rows(own.order_by(t.c.date.desc(), t.c.treatment_id.desc())))


def find_treatment(source: AnalysisTables, scope: Scope, number: int) -> list[TreatmentRow]:
    """The treatment of this number; nothing where there is none that this viewer may see."""
    t = source.treatments
    return treatment_rows(
        source, source.fetch_rows(select(t).where(t.c.treatment_id == number, *scope_filters(t, scope)))
    )


def lot_expiries(source: AnalysisTables, scope: Scope) -> dict[tuple[str, str], date | None]:
    """When each lot that was used expires, by product and number; None where it was not told."""
    a = source.treated_areas
    statement = select(a.c.product, a.c.lot, func.max(a.c.expiry)).where(*scope_filters(a, scope))
    return {
        (product, lot): expiry for product, lot, expiry in source.fetch_rows(statement.group_by(a.c.product, a.c.lot))
    }


def count_used_after_expiry(source: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """Selected treatments in which a lot was used after the day it expired."""
    a = source.treated_areas
    statement = apply_selection(source, scope, selection, a, select(func.count(distinct(a.c.treatment_id))))
    return source.fetch_rows(statement.where(_fault_conditions(a)["expired"]))[0][0]


def count_incomplete(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[str, int]:
    """Selected treatments with an injection that lacks its area, lot or units, or with no injection at all."""
    a = source.treated_areas
    lacks = {name: condition for name, condition in _fault_conditions(a).items() if name != "expired"}
    counted = [func.count(distinct(case((condition, a.c.treatment_id)))) for condition in lacks.values()]
    found = dict(
        zip(lacks, source.fetch_rows(apply_selection(source, scope, selection, a, select(*counted)))[0], strict=True)
    )
    none = _only_without_injection(source, scope, selection, select(func.count()))
    return {"injections": source.fetch_rows(none)[0][0], **found}


def incomplete_treatments(
    source: AnalysisTables, scope: Scope, selection: Selection, fault: str, limit: int
) -> list[TreatmentRow]:
    """The treatments behind such a count, latest first: `fault` is a key of `incomplete`, or "expired"."""
    t, a = source.treatments, source.treated_areas
    if fault == "injections":
        found = _only_without_injection(source, scope, selection, select(t))
    else:
        where = apply_selection(source, scope, selection, a, select(a.c.treatment_id)).where(
            _fault_conditions(a)[fault]
        )
        found = select(t).where(t.c.treatment_id.in_(where))
    latest = found.order_by(t.c.date.desc(), t.c.treatment_id.desc())
    return treatment_rows(source, source.fetch_rows(latest.limit(limit)))


def _fault_conditions(a: FromClause) -> dict[str, ColumnElement]:
    return {
        "area": a.c.area == NOT_RECORDED,
        "lot": a.c.lot == NOT_RECORDED,
        "units": a.c.units.is_(None),
        "expired": a.c.expiry < a.c.date,
    }


def _only_without_injection(source: AnalysisTables, scope: Scope, selection: Selection, statement: Select) -> Select:
    t = source.treatments
    injected = select(source.treated_areas.c.treatment_id)
    return apply_selection(source, scope, selection, t, statement).where(t.c.treatment_id.not_in(injected))
