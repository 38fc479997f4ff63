"""Who had a side effect among those followed up: unit by unit for comparisons within strata, in the order in which it
became known for charts over time, and treatment by treatment for several measures at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas
from numpy.typing import NDArray
from sqlalchemy import and_, case, distinct, func, select

from data.analysis.follow_up import asked_about, past_follow_up
from data.analysis.query_builder import (
    UNIT_COLUMNS,
    AnalysisTables,
    apply_selection,
    base_table,
    dimension_columns,
    effect_filters,
    effect_table,
    how_asked,
    injection_filters,
    join_episodes,
    one_row_per_unit,
    same_group,
    select_episodes_of,
)
from data.analysis.scope import Scope
from data.analysis.selection import Selection

TREATMENT = ("date", "treatment_id", "client_id")
KNOWN_UNIT = {"treatment": ("date", "treatment_id"), "area": ("date", "treatment_id", "unit_id")}
HOW_ASKED = ("checklist", "open", "not_recorded")


def unit_outcomes(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """Each unit that counts in a rate, once in every group of treatment and injection dimensions that it is in: as many
    per group as `counts.counts` has followed_up, and affected as it has events.

    Columns: those in `by`, unit, client (int64: the numbers of records), affected (bool). In the order of the units.
    """
    base, (beside, _) = base_table(tables, selection, by), effect_table(tables, selection, by)
    column = UNIT_COLUMNS[selection.unit]
    dimensions = dimension_columns(base, selection, by)
    of_effects = dimension_columns(beside, selection, by)
    chosen = select_episodes_of(tables, scope, selection, by, *of_effects, beside.c[column].label("unit"))
    # Here as well: of a client, one treatment can be asked about and another not.
    chosen = chosen.where(asked_about(tables, selection, beside), past_follow_up(beside, selection))
    episodes = chosen.subquery("episodes")
    keys = [episodes.c[name] for name in (*by, "unit")]
    affected = select(*keys).distinct().subquery("affected")
    units = (
        apply_selection(tables, scope, selection, base, select(*dimensions, base.c[column].label("unit")))
        .add_columns(func.min(base.c.client_id).label("client"))
        .where(asked_about(tables, selection, base), past_follow_up(base, selection))
        .group_by(*dimensions, base.c[column])
        .subquery("units")
    )
    same = and_(affected.c.unit == units.c.unit, same_group(affected, units, by))
    statement = select(*units.c, affected.c.unit.is_not(None).label("affected")).outerjoin_from(units, affected, same)
    frame = tables.fetch_frame(statement, unit="int64")
    return frame.sort_values(["unit", *by], ignore_index=True)


def product_sets(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.Series:
    """By unit, the codes of the selected products that it was given, joined by "+"; units without any are left out."""
    given = tables.treated_areas
    unit = given.c[UNIT_COLUMNS[selection.unit]].label("unit")
    statement = apply_selection(tables, scope, selection, given, select(unit, given.c.product).distinct())
    frame = tables.fetch_frame(statement, unit="int64").sort_values(["unit", "product"])
    is_one_of_several = frame.unit.duplicated(keep=False)
    several = frame[is_one_of_several].groupby("unit")["product"].agg("+".join)
    return pandas.concat([frame[~is_one_of_several].set_index("unit")["product"], several])


def count_volunteers_asked(tables: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many of the events were volunteered, or found at a visit, before the client was asked."""
    base, e = effect_table(tables, selection, ())
    unit = base.c[UNIT_COLUMNS[selection.unit]].label("unit")
    chosen = select_episodes_of(tables, scope, selection, (), unit).where(
        past_follow_up(base, selection),
        asked_about(tables, selection, base),
        e.c.came_to_light.in_(("volunteered", "found")),
    )
    asked = chosen.subquery()
    return int(tables.fetch_rows(select(func.count(distinct(asked.c.unit))))[0][0])


@dataclass(frozen=True, kw_only=True)
class KnownOutcomes:
    """The units of a selection that count in a rate, in the order in which their outcomes became known.

    One entry per unit. `date`: of the treatment; `known_on`: the end of its follow-up window, or the first follow-up
    that asked late enough if that was later (datetime64[D]); `affected` (bool); `stratum` (int64): equal for units
    alike in area, products, first visit and how asked. Ties are in the order of date, then of the records' numbers.
    """

    date: NDArray[np.datetime64]
    known_on: NDArray[np.datetime64]
    affected: NDArray[np.bool_]
    stratum: NDArray[np.int64]


def known_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> list[KnownOutcomes]:
    """Of each selection. They count treatments or treated areas, and differ only in areas, side effects and unit.

    The queries are as many for ten selections as for one of each unit.
    """
    left_out = _first_days_of_left_out(tables, selections)
    known: dict[int, KnownOutcomes] = {}
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        chosen = [selections[at] for at in places]
        frame = _fetch_outcomes(tables, scope, chosen, KNOWN_UNIT[unit])
        details = _unit_details(tables, scope, chosen).reindex(frame[UNIT_COLUMNS[unit]])
        for n, (at, selection) in enumerate(zip(places, chosen, strict=True)):
            first_day = details[f"first_{selection.asked_from}"].to_numpy()
            if selection.checklist_terms:
                its = left_out[left_out.side_effect.isin(selection.checklist_terms)]
                late = frame.treatment_id.map(its.groupby("treatment_id").first_day.max()).to_numpy("float64")
                first_day = np.fmax(first_day, late)
            asked = frame[f"asked_{n}"].to_numpy() > 0
            date = frame.date.to_numpy().astype("datetime64[D]")[asked]
            known_on = date + np.fmax(first_day[asked], selection.follow_up_days).astype("int64")
            how = details[f"how_{selection.asked_from}"].to_numpy()[asked]
            keys = [frame[name].to_numpy()[asked] for name in reversed(KNOWN_UNIT[unit][1:])]
            order = np.lexsort([*keys, date, known_on])
            known[at] = KnownOutcomes(
                date=date[order],
                known_on=known_on[order],
                affected=(frame[f"hit_{n}"].to_numpy() > 0)[asked][order],
                stratum=(details.place.to_numpy()[asked] * len(HOW_ASKED) + how)[order],
            )
    return [known[at] for at in range(len(selections))]


def _unit_details(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> pandas.DataFrame:
    """By unit: place (int64: area or set of areas, products and first visit), and for each day from which asking
    counts, first_DAY (float64: the day of the first follow-up late enough) and how_DAY (int64)."""
    common = replace(selections[0], areas=(), products=(), lots=())
    base, f = base_table(tables, common, ()), tables.follow_ups
    unit = base.c[UNIT_COLUMNS[common.unit]].label("unit")
    area = base.c["area" if common.unit == "area" else "area_set"].label("area")
    one_per_day = {selection.asked_from: selection for selection in selections}
    firsts = [func.min(case((f.c.asked_day >= day, f.c.day))).label(f"first_{day}") for day in one_per_day]
    contact = select(f.c.treatment_id, *firsts).where(f.c.asked_day.is_not(None)).group_by(f.c.treatment_id)
    first = contact.subquery("first")
    ways = [
        column.label(f"how_{day}")
        for day, selection in one_per_day.items()
        for column in dimension_columns(base, selection, ("how_asked",))
    ]
    columns = select(unit, area, base.c.first_visit, *ways, *(first.c[name.name] for name in firsts))
    statement = apply_selection(tables, scope, common, base, columns)
    statement = statement.join(first, first.c.treatment_id == base.c.treatment_id)
    for condition in one_row_per_unit(base, common, ()) or ():
        statement = statement.where(condition)
    frame = tables.fetch_frame(statement, unit="int64", **{name.name: "float64" for name in firsts})
    products = frame.unit.map(product_sets(tables, scope, common)).fillna("")
    codes = [pandas.factorize(column, sort=True)[0] for column in (frame.area, products, frame.first_visit)]
    place = (codes[0] * (codes[1].max(initial=0) + 1) + codes[1]) * 2 + codes[2]
    coded = {way.name: pandas.Categorical(frame[way.name], HOW_ASKED).codes.astype("int64") for way in ways}
    return frame.assign(place=place, **coded).set_index("unit")


def _first_days_of_left_out(tables: AnalysisTables, selections: Sequence[Selection]) -> pandas.DataFrame:
    """treatment_id, side_effect and first_day (float64) of what checklists left out and another follow-up asked."""
    c = tables.incomplete_checklists
    terms = {term for selection in selections for term in selection.checklist_terms}
    statement = select(c.c.treatment_id, c.c.side_effect, c.c.first_day).where(c.c.side_effect.in_(terms))
    return tables.fetch_frame(statement.where(c.c.first_day.is_not(None)), treatment_id="int64", first_day="float64")


@dataclass(frozen=True)
class TreatmentOutcomes:
    """One row per treatment past the follow-up window whose client was asked about any of the selections.

    `client` (int64), `date` (datetime64[D]) and `how_asked` (str: about each of the selections, by the day from which
    asking counts) have one entry per treatment; `events` and `followed_up` (int64) one column per selection: units with
    the side effect, and units asked about it. A treatment has 0 or 1 of either, or where a selection counts treated
    areas, as many as it has areas.
    """

    client: NDArray[np.int64]
    date: NDArray[np.datetime64]
    how_asked: NDArray[np.str_]
    events: NDArray[np.int64]
    followed_up: NDArray[np.int64]


def treatment_outcomes(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> TreatmentOutcomes:
    """The outcomes of several selections, treatment by treatment, in the order of date and number.

    One query per unit of the selections, which may differ in their unit, in areas, products and lots,
    and in their side effects. They have the same period.
    """
    frames = []
    for unit in dict.fromkeys(selection.unit for selection in selections):
        places = [at for at, selection in enumerate(selections) if selection.unit == unit]
        frame = _fetch_outcomes(tables, scope, [selections[at] for at in places], TREATMENT)
        renamed = {f"{kind}_{n}": f"{kind}_{at}" for kind in ("asked", "hit") for n, at in enumerate(places)}
        frames.append(frame.set_index(list(TREATMENT)).rename(columns=renamed))
    every = pandas.concat(frames, axis="columns").fillna(0).sort_index()
    events, followed_up = (
        every[[f"{kind}_{at}" for at in range(len(selections))]].to_numpy("int64") for kind in ("hit", "asked")
    )
    asked = followed_up.any(axis=1)
    date, treatment, client = (every.index.get_level_values(name).to_numpy()[asked] for name in TREATMENT)
    ways = _ways_asked(tables, scope, selections).reindex(treatment).to_numpy(str)
    return TreatmentOutcomes(client, date.astype("datetime64[D]"), ways, events[asked], followed_up[asked])


def _ways_asked(tables: AnalysisTables, scope: Scope, selections: Sequence[Selection]) -> pandas.Series:
    """By treatment, how the client was asked about each of the selections: "checklist, open", each way once for the
    same first day on which asking counts."""
    base, common = tables.treatments, replace(selections[0], areas=(), products=(), lots=())
    of_day = {selection.asked_from: selection for selection in selections}
    ways = [how_asked(base, of_day[day]).label(f"from_{day}") for day in sorted(of_day)]
    frame = tables.fetch_frame(apply_selection(tables, scope, common, base, select(base.c.treatment_id, *ways)))
    texts = frame.drop(columns="treatment_id").astype(object).fillna("not asked")
    joined = texts.iloc[:, 0].str.cat([texts[name] for name in texts.columns[1:]], sep=", ")
    return joined.set_axis(frame.treatment_id)


def _fetch_outcomes(
    tables: AnalysisTables, scope: Scope, selections: Sequence[Selection], by: Sequence[str]
) -> pandas.DataFrame:
    """Of selections with the same unit, by columns of the treatments: how many units of the nth selection were followed
    up (asked_n), and how many of them had the side effect (hit_n)."""
    common = replace(selections[0], areas=(), products=(), lots=())
    of_given = common.unit == "area" and any(selection.products or selection.lots for selection in selections)
    given = ("product",) if of_given else ()
    base, (beside, e) = base_table(tables, common, ()), effect_table(tables, common, given)
    unit = UNIT_COLUMNS[common.unit]
    asked, hits = [], []
    for at, selection in enumerate(selections):
        single = one_row_per_unit(base, selection, ())
        about = asked_about(tables, selection, base)
        units = case((and_(about, *injection_filters(tables, selection, base), *(single or ())), base.c[unit]))
        asked.append(func.count(distinct(units) if single is None else units).label(f"asked_{at}"))
        about = asked_about(tables, selection, beside)
        hit = and_(about, *injection_filters(tables, selection, beside), *effect_filters(e, selection))
        hits.append(func.max(case((hit, 1), else_=0)).label(f"hit_{at}"))
    groups = [base.c[name] for name in by]
    past = apply_selection(tables, scope, common, base, select(*groups, *asked)).where(past_follow_up(base, common))
    each = past.group_by(*groups).subquery()
    groups = [beside.c[name] for name in by]
    affected = join_episodes(tables, scope, common, given, *groups, *hits).where(past_follow_up(beside, common))
    once = affected.group_by(*groups, beside.c[unit]).subquery()
    groups = [once.c[name] for name in by]
    summed = select(*groups, *(func.sum(once.c[hit.name]).label(hit.name) for hit in hits)).group_by(*groups).subquery()
    events = (func.coalesce(summed.c[hit.name], 0).label(hit.name) for hit in hits)
    same = and_(*(summed.c[name] == each.c[name] for name in by))
    statement = select(*each.c, *events).outerjoin_from(each, summed, same).order_by(*(each.c[name] for name in by))
    numbers = [column.name for column in (*asked, *hits)] + [name for name in by if name != "date"]
    return tables.fetch_frame(statement, **dict.fromkeys(numbers, "int64"))
