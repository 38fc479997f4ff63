"""Treatments and doses: who was given what, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas
from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Float,
    FromClause,
    String,
    and_,
    case,
    distinct,
    func,
    literal,
    null,
    select,
    union_all,
)

from data.analysis.follow_up import asked_about, past_follow_up
from data.analysis.frames import make_frame
from data.analysis.query_builder import (
    UNIT_COLUMNS,
    AnalysisTables,
    apply_selection,
    base_table,
    dimension_columns,
    effect_table,
    how_asked,
    select_episodes_of,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED, Statement, sum_if_complete

# Units beyond so many times the middle half's width from it are far from the usual (Tukey's outer fence): a slip of the
# pen more often than a decision. Source: Tukey, Exploratory Data Analysis, 1977.
FENCE = 3
MIN_TREATMENTS_FOR_FENCE = 10


def outcome_sequence(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """Who had the selected side effects and who did not: one row per treatment (or treated area) that was followed up,
    in the order of treatment; with `by`, one for each of its values of these dimensions of injections.

    Columns: those of `by`, date (datetime64), affected (bool), client (int64), units (float64: of product in the area;
    NaN where not recorded or not counted per area), how_asked (str, as of the dimension).
    """
    base = base_table(tables, selection, by)
    unit, groups = base.c[UNIT_COLUMNS[selection.unit]], dimension_columns(base, selection, by)
    where, _ = effect_table(tables, selection, ())
    episodes = select_episodes_of(tables, scope, selection, (), where.c[unit.name].label("unit"))
    affected = select(episodes.subquery("episodes").c.unit).distinct().subquery("affected")
    dose = sum_if_complete(base.c.units) if "units" in base.c else null()
    columns: tuple[ColumnElement[Any], ...] = (
        *groups,
        func.min(base.c.date).label("date"),
        (func.count(affected.c.unit) > 0).label("affected"),
        func.min(base.c.client_id).label("client"),
        dose.label("units"),
        func.min(how_asked(base, selection)).label("how_asked"),
    )
    statement = (
        apply_selection(tables, scope, selection, base, select(*columns))
        .outerjoin(affected, affected.c.unit == unit)
        .where(asked_about(tables, selection, base), past_follow_up(base, selection))
        .group_by(unit, *groups)
        .order_by(func.min(base.c.date), unit, *groups)
    )
    return tables.fetch_frame(statement)


@dataclass(frozen=True)
class DoseDistribution:
    """Units per treated area of one product in one area: the distinct `units`, rising, and `treatments` given each; of
    touch-ups apart from other treatments, because a touch-up is a small part of a dose."""

    product: str
    area: str
    units: np.ndarray
    treatments: np.ndarray
    touch_up: bool = False

    @property
    def total(self) -> int:
        return int(self.treatments.sum())

    def quantile(self, share: float) -> float:
        """The units that this share of treatments stay below, on the straight line between the two around it."""
        place = share * (self.total - 1)
        ends = np.searchsorted(np.cumsum(self.treatments), [np.floor(place), np.ceil(place)], side="right")
        low, high = self.units[ends].tolist()
        between: float = low + (high - low) * (place % 1)
        return between

    @property
    def usual_range(self) -> tuple[float, float] | None:
        """From and to so many units nobody wonders: the middle half, widened on either side; None where there are
        too few treatments to tell, or the middle half is a single dose that has no width."""
        low, high = self.quantile(0.25), self.quantile(0.75)
        if self.total < MIN_TREATMENTS_FOR_FENCE or low == high:
            return None
        reach = FENCE * (high - low)
        return low - reach, high + reach

    @property
    def outlying_count(self) -> int:
        """How many treatments were given fewer or more units than is usual."""
        if self.usual_range is None:
            return 0
        low, high = self.usual_range
        return int(self.treatments[(self.units < low) | (self.units > high)].sum())


def dose_distributions(tables: AnalysisTables, scope: Scope, selection: Selection) -> list[DoseDistribution]:
    """Units given per product and area, of touch-ups and of other treatments. Never added, averaged or compared across
    products."""
    a = tables.treated_areas
    each = injected_units(tables, scope, selection, a, a.c.touch_up).subquery("given")
    keys = (each.c.product, each.c.area, each.c.touch_up, each.c.units)
    rows = tables.fetch_rows(select(*keys, func.count()).where(each.c.units.is_not(None)).group_by(*keys))
    found: dict[tuple[str, str, bool], list[Any]] = {}
    for product, area, touch_up, *given in sorted(map(tuple, rows)):
        found.setdefault((product, area, bool(touch_up)), []).append(given)
    doses = []
    for (product, area, touch_up), given in found.items():
        units, number = map(np.array, zip(*given, strict=True))
        doses.append(DoseDistribution(product, area, units, number, touch_up))
    return doses


def outlying_doses(
    tables: AnalysisTables,
    scope: Scope,
    selection: Selection,
    product: str,
    usual: Sequence[tuple[str, bool, float, float]],
    limit: int,
) -> pandas.DataFrame:
    """Treatments with fewer or more units of the product than is `usual` (area, whether of touch-ups, lowest, highest),
    the farthest from it first, at most `limit`. Columns: area (str), touch_up (bool), units (float64), treatment
    (int64)."""
    if not usual:
        return make_frame({"area": [], "touch_up": [], "units": [], "treatment": []})
    a = tables.treated_areas
    each = injected_units(tables, scope, selection, a, a.c.touch_up).subquery("given")
    ends = union_all(*(_distance_beyond(*of_area) for of_area in usual)).subquery("ends")
    beyond = case((each.c.units < ends.c.low, ends.c.low - each.c.units), else_=each.c.units - ends.c.high)
    far = select(each.c.area, each.c.touch_up, each.c.units, each.c.treatment_id.label("treatment")).join(
        ends, and_(ends.c.area == each.c.area, ends.c.touch_up == each.c.touch_up)
    )
    far = far.where(each.c.product == product, beyond > 0)
    return tables.fetch_frame(far.order_by(beyond.desc(), each.c.treatment_id, each.c.area).limit(limit))


def _distance_beyond(area: str, touch_up: bool, low: float, high: float) -> Statement:
    values = {"area": (area, String), "touch_up": (touch_up, Boolean), "low": (low, Float), "high": (high, Float)}
    return select(*(literal(value, kind()).label(name) for name, (value, kind) in values.items()))


def injected_units(
    tables: AnalysisTables, scope: Scope, selection: Selection, areas: FromClause, *also: ColumnElement[Any]
) -> CompoundSelect[*tuple[Any, ...]]:
    """What the selected treated areas got, product by product: product, area, treatment_id, units over all lots (None
    unless all are told), and what else of the `areas` is named.

    Where one product of one lot is all there is nothing to add up, and only the rest needs the database's patience.
    """
    a = areas
    keys = (a.c.product, a.c.area, a.c.treatment_id, *also)
    alone = apply_selection(tables, scope, selection, a, select(*keys, a.c.units)).where(a.c.alone.is_(True))
    several = apply_selection(tables, scope, selection, a, select(*keys, sum_if_complete(a.c.units).label("units")))
    return union_all(alone, several.where(a.c.alone.is_(False)).group_by(*keys))


@dataclass(frozen=True)
class TreatmentRow:
    """A row of `list_treatments` as Python values: no client key, no free text."""

    number: int
    client: int
    date: date
    site: str
    practitioner: str
    areas: tuple[str, ...]
    products: tuple[str, ...]
    lots: tuple[str, ...]
    followed_up_by: str


def list_treatments(tables: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> pandas.DataFrame:
    """The selected treatments, one row each, latest first; with a lot selected, where that lot went.

    Columns: the fields of `TreatmentRow`, date as datetime64.
    """
    t = tables.treatments
    selected = apply_selection(tables, scope, selection, t, select_listed(t))
    return treatments_of(tables, selected.order_by(*latest_first(t)).limit(limit))


def treatments_of(tables: AnalysisTables, statement: Statement) -> pandas.DataFrame:
    """The same columns for rows of `select_listed`, in their order, and what else the statement selects."""
    a, listed = tables.treated_areas, tables.fetch_frame(statement)
    wanted = select(a.c.treatment_id, a.c.area, a.c.product, a.c.lot)
    given: dict[int, tuple[set[str], ...]] = {number: (set(), set(), set()) for number in listed.treatment_id}
    for number, *values in tables.fetch_rows(wanted.where(a.c.treatment_id.in_(list(given)))):
        for known, value in zip(given[number], values, strict=True):
            known.add(value)
    for place, name in enumerate(("areas", "products", "lots")):
        values = [tuple(sorted(known[place])) for known in given.values()]
        listed.insert(listed.columns.get_loc("heard"), name, pandas.Series(values, dtype="object"))
    return listed.rename(columns={"treatment_id": "number", "client_id": "client", "heard": "followed_up_by"})


def select_listed(t: FromClause) -> Statement:
    """What `treatments_of` shows of rows of `treatments`."""
    return select(t.c.treatment_id, t.c.client_id, t.c.date, t.c.site, t.c.practitioner, t.c.heard)


def latest_first(treatments: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return treatments.c.date.desc(), treatments.c.treatment_id.desc()


def client_treatments(tables: AnalysisTables, scope: Scope, client: int) -> pandas.DataFrame:
    """The treatments of one client that this viewer may see, latest first."""
    t = tables.treatments
    own = select_listed(t).where(t.c.client_id == client, *scope_filters(t, scope))
    return treatments_of(tables, own.order_by(*latest_first(t)))


def find_treatment(tables: AnalysisTables, scope: Scope, number: int) -> pandas.DataFrame:
    """The treatment of this number; no row if there is none that this viewer may see."""
    t = tables.treatments
    return treatments_of(tables, select_listed(t).where(t.c.treatment_id == number, *scope_filters(t, scope)))


def injected_areas(tables: AnalysisTables, scope: Scope, number: int) -> pandas.DataFrame:
    """What was injected in one treatment: area, product, lot (str), units (float64; NaN where not recorded)."""
    a = tables.treated_areas
    given = select(a.c.area, a.c.product, a.c.lot, a.c.units).where(
        a.c.treatment_id == number, *scope_filters(a, scope)
    )
    return tables.fetch_frame(given.order_by(a.c.unit_id, a.c.product, a.c.lot), units="float64")


def client_contacts(tables: AnalysisTables, scope: Scope, client: int) -> pandas.DataFrame:
    """Every contact, or attempt at one, about a treatment of one client that this viewer may see: date (datetime64),
    treatment (int64), method, outcome, asked (str)."""
    f, t = tables.follow_ups, tables.treatments
    contacts = select(f.c.date, f.c.treatment_id.label("treatment"), f.c.method, f.c.outcome, f.c.asked)
    contacts = contacts.join(t, t.c.treatment_id == f.c.treatment_id)
    contacts = contacts.where(t.c.client_id == client, *scope_filters(t, scope))
    return tables.fetch_frame(contacts.order_by(f.c.date, f.c.follow_up_id))


def lot_expiries(tables: AnalysisTables, scope: Scope) -> dict[tuple[str, str], date | None]:
    """When each lot that was used expires, by product and number; None where it is not recorded."""
    a = tables.treated_areas
    statement = select(a.c.product, a.c.lot, func.max(a.c.expiry)).where(*scope_filters(a, scope))
    rows = tables.fetch_rows(statement.group_by(a.c.product, a.c.lot))
    return {(product, lot): expiry for product, lot, expiry in rows}


def count_used_after_expiry(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """Selected treatments in which a lot was used after the day it expired."""
    a = tables.treated_areas
    statement = apply_selection(tables, scope, selection, a, select(func.count(distinct(a.c.treatment_id))))
    return int(tables.fetch_rows(statement.where(_fault_conditions(a)["expired"]))[0][0])


def count_incomplete(tables: AnalysisTables, scope: Scope, selection: Selection) -> dict[str, int]:
    """Selected treatments with an injection that lacks its area, lot or units, or with no injection at all."""
    a = tables.treated_areas
    lacks = {name: condition for name, condition in _fault_conditions(a).items() if name != "expired"}
    counted: list[ColumnElement[int]] = [
        func.count(distinct(case((condition, a.c.treatment_id)))) for condition in lacks.values()
    ]
    (lacking,) = tables.fetch_rows(apply_selection(tables, scope, selection, a, select(*counted)))
    ((none,),) = tables.fetch_rows(_only_without_injection(tables, scope, selection, select(func.count())))
    return {"injections": none, **dict(zip(lacks, lacking, strict=True))}


def incomplete_treatments(
    tables: AnalysisTables, scope: Scope, selection: Selection, fault: str, limit: int
) -> pandas.DataFrame:
    """The treatments behind such a count, latest first: `fault` is a key of `count_incomplete`, or "expired"."""
    t, a = tables.treatments, tables.treated_areas
    if fault == "injections":
        found = _only_without_injection(tables, scope, selection, select_listed(t))
    else:
        incomplete = apply_selection(tables, scope, selection, a, select(a.c.treatment_id))
        found = select_listed(t).where(t.c.treatment_id.in_(incomplete.where(_fault_conditions(a)[fault])))
    return treatments_of(tables, found.order_by(*latest_first(t)).limit(limit))


def _fault_conditions(a: FromClause) -> dict[str, ColumnElement[Any]]:
    return {
        "area": a.c.area == NOT_RECORDED,
        "lot": a.c.lot == NOT_RECORDED,
        "units": a.c.units.is_(None),
        "expired": a.c.expiry < a.c.date,
    }


def _only_without_injection(
    tables: AnalysisTables, scope: Scope, selection: Selection, statement: Statement
) -> Statement:
    t = tables.treatments
    injected = select(tables.treated_areas.c.treatment_id)
    return apply_selection(tables, scope, selection, t, statement).where(t.c.treatment_id.not_in(injected))
