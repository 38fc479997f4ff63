"""Side effects one by one: how long they lasted, the cases behind a count, those that belong to no treatment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas
from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, select

from data.analysis.attribution import WORSENED
from data.analysis.frames import as_rows
from data.analysis.query_builder import (
    AnalysisTables,
    dimension_columns,
    effect_filters,
    effect_table,
    is_visible,
    select_episodes_of,
    split_dimensions,
)
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import Statement

MEASURED = ("episode_id", "client_id", "days", "ended", "fatal", "seen_days", "end_exact", "onset_day")


def episode_durations(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """The selected side effects with an onset, one row per side effect and group, in order of their id.

    Columns: one per dimension, episode_id, client_id (int64), days (int64: first day to last, both counted; to the
    latest possible last day if that was not recorded, of open ones to the last day recorded as present), ended, fatal
    (bool), seen_days (int64: days to the last one recorded as present), end_exact (bool: the last day is on record),
    onset_day (int64: days since the injection). An end that nothing dates is in no row, nor is a side effect that began
    before its treatment and worsened after it.
    """
    outer, inner = split_dimensions(by)
    base, e = effect_table(tables, selection, by)
    dimensions = [*dimension_columns(base, selection, outer), *(e.c[name].label(name) for name in inner)]
    named = sorted(dimensions, key=lambda dimension: by.index(dimension.name))
    statement = select_episodes_of(tables, scope, selection, by)
    statement = statement.where(e.c.days.is_not(None), e.c.attribution != WORSENED).order_by(e.c.episode_id)
    statement = statement.with_only_columns(*named, *(e.c[name] for name in MEASURED))
    return tables.fetch_frame(statement, days="int64", seen_days="int64", onset_day="int64")


def split_episodes(
    episodes: pandas.DataFrame, by: Sequence[str]
) -> dict[tuple[Any, ...], dict[str, np.ndarray[Any, Any]]]:
    """Of each combination of dimensions, the columns of `MEASURED` of its side effects."""
    columns = {name: episodes[name].to_numpy() for name in MEASURED}
    if not by:
        return {(): columns} if len(episodes) else {}
    group = episodes.groupby(list(by), dropna=False, sort=False).ngroup().to_numpy()
    rows = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
    keys = as_rows(episodes.iloc[rows[starts]][list(by)], lambda *values: values)
    parts = {name: np.split(column[rows], starts[1:]) for name, column in columns.items()}
    groups = {key: {name: parts[name][place] for name in MEASURED} for place, key in enumerate(keys)}
    return {key: groups[key] for key in sorted(groups, key=str)}


@dataclass(frozen=True)
class Case:
    """A row of `cases` as Python values. `number` is its id in the records; no free text, no client key.

    `attribution`: how it was decided which treatment it belongs to (data/analysis/attribution.py); `aside`: why it
    belongs to none. The other columns: data/analysis/derived_episodes.py.
    """

    number: int
    client: int
    treatment: int | None
    attribution: str | None
    aside: str | None
    treated_on: date | None
    site: str | None
    practitioner: str | None
    area: str | None
    placed: bool
    side: str | None
    side_effect: str
    family: str | None
    red_flag: str | None
    onset: date | None
    onset_day: int | None
    came_to_light: str | None
    serious: bool
    grade: int | None
    reports: int
    ended: bool
    fatal: bool
    end_exact: bool
    days: int | None
    seen_days: int | None
    until: date | None
    heard_from: date | None
    seen_later: bool
    review: str


def cases(
    tables: AnalysisTables, scope: Scope, selection: Selection, limit: int | None = None, by: Sequence[str] = ()
) -> pandas.DataFrame:
    """The side effects behind a count, one row each, latest onset first; no free text.

    `by`: the dimensions of that count, one group of which is selected (an effect placed in an area counts there alone
    when counted by area). Columns: the fields of `Case`; days as datetime64, numbers that can be missing as Int64.
    """
    return _list_cases(tables, scope, selection, _latest_first(tables), limit, by)


def open_first(tables: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> pandas.DataFrame:
    """The selected side effects, those not known to be over first, and the longest first among both."""
    return _list_cases(tables, scope, selection, (tables.episodes.c.ended, *_longest_first(tables)), limit)


def all_open_cases(
    tables: AnalysisTables,
    scope: Scope,
    selection: Selection,
    limit: int | None,
    order: Sequence[ColumnElement[Any]] | None = None,
) -> pandas.DataFrame:
    """The side effects that `is_open` counts, the longest so far first, or in an order of columns of `episodes`."""
    statement = _select_cases(tables).where(is_open(tables, scope, selection))
    return tables.fetch_frame(statement.order_by(*(order or _longest_first(tables))).limit(limit))


def count_open(tables: AnalysisTables, scope: Scope, selection: Selection) -> tuple[int, int]:
    """Of these side effects: (all of them, those that belong to no treatment)."""
    unattributed = func.count(case((tables.episodes.c.treatment_id.is_(None), 1)))
    statement = select(func.count(), unattributed).select_from(tables.episodes)
    every, without_treatment = tables.fetch_rows(statement.where(is_open(tables, scope, selection)))[0]
    return every, without_treatment


def is_open(tables: AnalysisTables, scope: Scope, selection: Selection) -> ColumnElement[bool]:
    """Whether an episode is open: of the selected treatments of all dates, or of no treatment (as of
    `unattributed_cases`), so that neither a period nor a missing treatment hides it."""
    every = replace(selection, from_date=None, to_date=None, open=True)
    chosen = select_episodes_of(tables, scope, every, ()).subquery("chosen")
    of_treatments = tables.episodes.c.episode_id.in_(select(chosen.c.episode_id))
    return or_(of_treatments, _is_unattributed(tables, scope, every))


def _list_cases(
    tables: AnalysisTables,
    scope: Scope,
    selection: Selection,
    order: Sequence[ColumnElement[Any]],
    limit: int | None = None,
    by: Sequence[str] = (),
) -> pandas.DataFrame:
    chosen = select_episodes_of(tables, scope, selection, by).subquery("chosen")
    statement = _select_cases(tables).where(tables.episodes.c.episode_id.in_(select(chosen.c.episode_id)))
    return tables.fetch_frame(statement.order_by(*order).limit(limit))


def count_cases(
    tables: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> tuple[int, int, int]:
    """Of the same side effects: (all of them, those not known to be over, the treatments they followed)."""
    _, e = effect_table(tables, selection, by)
    columns = (e.c.ended.label("ended"), e.c.treatment_id.label("treatment_id"))
    chosen = select_episodes_of(tables, scope, selection, by, *columns).subquery("chosen")
    still = func.count(case((chosen.c.ended.is_(False), 1)))
    statement = select(func.count(), still, func.count(distinct(chosen.c.treatment_id))).select_from(chosen)
    every, still_open, treatments = tables.fetch_rows(statement)[0]
    return every, still_open, treatments


def find_case(tables: AnalysisTables, scope: Scope, number: int) -> Case | None:
    """The case of this number; None if this viewer may not see it."""
    statement = _select_cases(tables).where(tables.episodes.c.episode_id == number, is_visible(tables, scope))
    rows = as_rows(tables.fetch_frame(statement), Case)
    return rows[0] if rows else None


def client_cases(tables: AnalysisTables, scope: Scope, client: int) -> pandas.DataFrame:
    """The side effects of one client that this viewer may see, latest onset first."""
    own = _select_cases(tables).where(tables.episodes.c.client_id == client, is_visible(tables, scope))
    return tables.fetch_frame(own.order_by(*_latest_first(tables)))


def case_notes(tables: AnalysisTables, scope: Scope, number: int) -> pandas.DataFrame:
    """The status notes of a case that this viewer may see, in order.

    Columns: date (datetime64), state (str), last_day (datetime64: the last day it was present, if that was recorded),
    grade (Int64), grade_scale (str).
    """
    n, e = tables.status_notes, tables.episodes
    statement = (
        select(n.c.date, n.c.state, n.c.last_day, n.c.grade, n.c.grade_scale)
        .join(e, e.c.episode_id == n.c.episode_id)
        .where(n.c.episode_id == number, is_visible(tables, scope))
        .order_by(n.c.date, n.c.note_id)
    )
    return tables.fetch_frame(statement)


def case_remedies(tables: AnalysisTables, scope: Scope, number: int) -> pandas.DataFrame:
    """The remedies of a case that this viewer may see: remedy, kind (advised or used)."""
    r, e = tables.remedies, tables.episodes
    statement = (
        select(r.c.remedy, r.c.kind)
        .join(e, e.c.episode_id == r.c.episode_id)
        .where(r.c.episode_id == number, is_visible(tables, scope))
        .order_by(r.c.remedy, r.c.kind)
    )
    return tables.fetch_frame(statement)


def remedy_counts(tables: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """In how many of the selected side effects each remedy was advised and used; nothing says that it helped.

    Columns: remedy (str), advised, used (int64).
    """
    chosen = _select_remedy_episodes(tables, scope, selection).subquery("chosen")
    counted = (
        func.count(distinct(case((chosen.c.kind == kind, chosen.c.episode_id)))).label(kind)
        for kind in ("advised", "used")
    )
    counts = tables.fetch_frame(select(chosen.c.remedy, *counted).group_by(chosen.c.remedy))
    return counts.sort_values("remedy", ignore_index=True)


def episodes_with_remedy(tables: AnalysisTables, scope: Scope, selection: Selection, remedy: str) -> np.ndarray:
    """The ids of the selected episodes in which a remedy was advised or used, in rising order."""
    taken = _select_remedy_episodes(tables, scope, selection).where(tables.remedies.c.remedy == remedy)
    return np.unique(tables.fetch_frame(taken).episode_id.to_numpy())


def _select_remedy_episodes(tables: AnalysisTables, scope: Scope, selection: Selection) -> Statement:
    r, chosen = tables.remedies, select_episodes_of(tables, scope, selection, ()).subquery("selected")
    return select(r).join(chosen, chosen.c.episode_id == r.c.episode_id)


def unreviewed_red_flags(tables: AnalysisTables, scope: Scope) -> pandas.DataFrame:
    """Side effects marked emergency or urgent in the codelist and not yet reviewed, of all dates, latest first; also
    those that belong to no treatment."""
    flagged = effect_filters(tables.episodes, Selection(red_flag=True))
    statement = _select_cases(tables).where(*flagged, is_visible(tables, scope))
    return tables.fetch_frame(statement.order_by(*_latest_first(tables)))


def unattributed_cases(
    tables: AnalysisTables, scope: Scope, selection: Selection, limit: int | None = None
) -> pandas.DataFrame:
    """The side effects that belong to no treatment, of the clients this viewer may see: red flags first, then serious
    ones, then those still open, then the latest onset.

    They count in no rate, so that only the selection's filters on side effects apply: they are of all dates and areas.
    Columns: the fields of `Case`.
    """
    e = tables.episodes
    order = (e.c.red_flag.is_(None), e.c.serious.is_(False), e.c.ended, *_latest_first(tables))
    statement = _select_cases(tables).where(_is_unattributed(tables, scope, selection))
    return tables.fetch_frame(statement.order_by(*order).limit(limit))


def count_unattributed(tables: AnalysisTables, scope: Scope) -> pandas.DataFrame:
    """Side effects that belong to no treatment, of the clients this viewer may see: aside (str: why), episodes, clients
    (int64)."""
    e = tables.episodes
    statement = (
        select(e.c.aside, func.count().label("episodes"), func.count(distinct(e.c.client_id)).label("clients"))
        .where(e.c.treatment_id.is_(None), is_visible(tables, scope))
        .group_by(e.c.aside)
        .order_by(e.c.aside)
    )
    return tables.fetch_frame(statement)


def _is_unattributed(tables: AnalysisTables, scope: Scope, selection: Selection) -> ColumnElement[bool]:
    e = tables.episodes
    return and_(e.c.treatment_id.is_(None), *effect_filters(e, selection), is_visible(tables, scope))


def _select_cases(tables: AnalysisTables) -> Statement:
    e = tables.episodes
    columns = [
        e.c.episode_id.label("number"), e.c.client_id.label("client"), e.c.treatment_id.label("treatment"),
        e.c.attribution, e.c.aside, e.c.date.label("treated_on"), e.c.site, e.c.practitioner,
        func.coalesce(e.c.placed_area, e.c.stated_area).label("area"), e.c.placed_area.is_not(None).label("placed"),
        e.c.side, e.c.side_effect, e.c.family, e.c.red_flag, e.c.onset, e.c.onset_day, e.c.came_to_light, e.c.serious,
        e.c.grade, e.c.reports, e.c.ended, e.c.fatal, e.c.end_exact, e.c.days, e.c.seen_days, e.c.until,
        e.c.heard_from, e.c.seen_later, e.c.review,
    ]  # fmt: skip
    return select(*columns)


def _longest_first(tables: AnalysisTables) -> tuple[ColumnElement[Any], ...]:
    return func.coalesce(tables.episodes.c.days, 0).desc(), *_latest_first(tables)


def _latest_first(tables: AnalysisTables) -> tuple[ColumnElement[Any], ...]:
    e = tables.episodes
    return e.c.onset.is_(None), e.c.onset.desc(), e.c.episode_id.desc()
