"""Side effects one by one: how long they lasted, the cases behind a count, those that belong to no treatment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import ColumnElement, Select, case, distinct, func, select

from data.analysis.query_builder import (
    AnalysisTables,
    dimension_column,
    effect_table,
    require_dimensions,
    select_episodes_of,
    split_by_group,
)
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import EFFECT_DIMENSIONS, Selection


@dataclass(frozen=True)
class EpisodeDurations:
    """Whole days from first day to last, one entry per episode; open ones (`ended` false) run to the latest contact.

    `episode`: its id, in rising order. `seen`: days to the last day it was seen present. `exact`: the last day was told
    and not found at a contact.
    """

    episode_ids: np.ndarray
    days: np.ndarray
    ended: np.ndarray
    seen_days: np.ndarray
    end_exact: np.ndarray
    onset_day: np.ndarray


def episode_durations(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> dict[tuple, EpisodeDurations]:
    """The courses of the selected episodes with an onset, per group of dimensions, in the order of `by`."""
    require_dimensions(by)
    base, e = effect_table(source, selection, by)
    names = [e.c[name] if name in EFFECT_DIMENSIONS else dimension_column(base, selection, name) for name in by]
    measured = (e.c.episode_id.label("episode"), e.c.days, e.c.ended, e.c.seen_days, e.c.end_exact, e.c.onset_day)
    statement = select_episodes_of(source, scope, selection, by, *names, *measured).where(e.c.days.is_not(None))
    statement = statement.order_by(e.c.episode_id)
    columns = source.fetch_columns(statement)
    groups = split_by_group(columns[: len(by)], *columns[len(by) : len(by) + len(measured)])
    return {group: _to_durations(*groups[group]) for group in sorted(groups, key=str)}


def _to_durations(episode, days, ended, seen, exact, onset_day) -> EpisodeDurations:
    return EpisodeDurations(
        episode.astype(np.int64),
        days.astype(np.int64),
        ended.astype(bool),
        seen.astype(np.int64),
        exact.astype(bool),
        onset_day.astype(np.int64),
    )


@dataclass(frozen=True)
class Case:
    """One side effect as a reviewer reads it. `number` is its id in the records; no free text, no client key."""

    number: int
    client: int
    treatment: int | None
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
    end_exact: bool
    days: int
    seen_days: int
    until: date | None


def cases(
    source: AnalysisTables, scope: Scope, selection: Selection, limit: int | None = None, by: Sequence[str] = ()
) -> list[Case]:
    """The side effects behind a count, latest onset first. `by`: the dimensions of that count, one group of which is
    selected (an effect placed in an area counts there alone when counted by area)."""
    return list_cases(source, scope, selection, _latest_first(source), limit, by)


def longest_open(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> list[Case]:
    """Of the same side effects those not known to be over, the longest so far first."""
    longest = (func.coalesce(source.episodes.c.days, 0).desc(), *_latest_first(source))
    return list_cases(source, scope, replace(selection, open=True), longest, limit)


def list_cases(
    source: AnalysisTables,
    scope: Scope,
    selection: Selection,
    order: Sequence[ColumnElement],
    limit: int | None = None,
    by: Sequence[str] = (),
) -> list[Case]:
    """The selected side effects by columns of `episode` and of `treated`, as many as `limit`."""
    chosen = select_episodes_of(source, scope, selection, by).subquery("chosen")
    statement = _select_cases(source).where(source.episodes.c.episode_id.in_(select(chosen.c.episode_id)))
    return [_to_case(row) for row in source.fetch_rows(statement.order_by(*order).limit(limit))]


def count_cases(
    source: AnalysisTables, scope: Scope, selection: Selection, by: Sequence[str] = ()
) -> tuple[int, int, int]:
    """Of the same side effects: (all of them, those not known to be over, the treatments they followed)."""
    _, e = effect_table(source, selection, by)
    columns = (e.c.ended.label("ended"), e.c.treatment_id.label("treatment_id"))
    chosen = select_episodes_of(source, scope, selection, by, *columns).subquery("chosen")
    still = func.count(case((chosen.c.ended.is_(False), 1)))
    statement = select(func.count(), still, func.count(distinct(chosen.c.treatment_id))).select_from(chosen)
    return tuple(source.fetch_rows(statement)[0])


def find_case(source: AnalysisTables, scope: Scope, number: int) -> Case | None:
    """The case of this number; None where there is none that this viewer may see, or it belongs to no treatment."""
    seen = scope_filters(source.treatments, scope)
    rows = source.fetch_rows(_select_cases(source).where(source.episodes.c.episode_id == number, *seen))
    return _to_case(rows[0]) if rows else None


def client_cases(source: AnalysisTables, scope: Scope, client: int) -> list[Case]:
    """The side effects of one client that this viewer may see, latest onset first."""
    own = _select_cases(source).where(source.episodes.c.client_id == client, *scope_filters(source.treatments, scope))
    return [_to_case(row) for row in source.fetch_rows(own.order_by(*_latest_first(source)))]


@dataclass(frozen=True)
class StatusNote:
    """What was known of a side effect on one day. `last_day`: the last day it was there, where that was told."""

    date: date
    state: str
    last_day: date | None
    grade: int | None
    grade_scale: str | None


def case_notes(source: AnalysisTables, scope: Scope, number: int) -> list[StatusNote]:
    """The status notes of a case that this viewer may see, in their order."""
    n, e, t = source.status_notes, source.episodes, source.treatments
    statement = (
        select(n.c.date, n.c.state, n.c.last_day, n.c.grade, n.c.grade_scale)
        .join(e, e.c.episode_id == n.c.episode_id)
        .join(t, t.c.treatment_id == e.c.treatment_id)
        .where(n.c.episode_id == number, *scope_filters(t, scope))
        .order_by(n.c.date, n.c.note_id)
    )
    return [StatusNote(*row) for row in source.fetch_rows(statement)]


def case_remedies(source: AnalysisTables, scope: Scope, number: int) -> list[tuple[str, str]]:
    """(remedy, advised or used) of a case that this viewer may see."""
    r, e, t = source.remedies, source.episodes, source.treatments
    statement = (
        select(r.c.remedy, r.c.kind)
        .join(e, e.c.episode_id == r.c.episode_id)
        .join(t, t.c.treatment_id == e.c.treatment_id)
        .where(r.c.episode_id == number, *scope_filters(t, scope))
        .order_by(r.c.remedy, r.c.kind)
    )
    return [tuple(row) for row in source.fetch_rows(statement)]


@dataclass(frozen=True)
class RemedyUse:
    """A remedy in the selected episodes: how many it was advised in, and how many it was used in."""

    remedy: str
    advised: int
    used: int


def remedy_counts(source: AnalysisTables, scope: Scope, selection: Selection) -> list[RemedyUse]:
    """Which remedies were advised and used among the selected episodes. Nothing here says that any of them helps."""
    chosen = _select_remedy_episodes(source, scope, selection).subquery("chosen")
    counted = (func.count(distinct(case((chosen.c.kind == kind, chosen.c.episode_id)))) for kind in ("advised", "used"))
    rows = source.fetch_rows(select(chosen.c.remedy, *counted).group_by(chosen.c.remedy))
    return [RemedyUse(*row) for row in sorted(rows)]


def episodes_with_remedy(source: AnalysisTables, scope: Scope, selection: Selection, remedy: str) -> np.ndarray:
    """The ids of the selected episodes in which a remedy was advised or used, in rising order."""
    chosen = (
        _select_remedy_episodes(source, scope, selection).where(source.remedies.c.remedy == remedy).subquery("chosen")
    )
    return np.unique(source.fetch_columns(select(chosen.c.episode_id))[0].astype(np.int64))


def _select_remedy_episodes(source: AnalysisTables, scope: Scope, selection: Selection) -> Select:
    r, chosen = source.remedies, select_episodes_of(source, scope, selection, ()).subquery("selected")
    return select(r).join(chosen, chosen.c.episode_id == r.c.episode_id)


def unreviewed_red_flags(source: AnalysisTables, scope: Scope) -> list[Case]:
    """Side effects marked emergency or urgent in the codelist and not yet reviewed, of all dates, latest first."""
    return cases(source, scope, Selection(red_flag=True))


def count_unattributed(source: AnalysisTables, scope: Scope) -> list[tuple[str, int, int]]:
    """Side effects that belong to no treatment: (why, episodes, clients), over the clients this viewer may see."""
    e, t = source.episodes, source.treatments
    seen = select(t.c.client_id).where(*scope_filters(t, scope))
    statement = (
        select(e.c.aside, func.count(), func.count(distinct(e.c.client_id)))
        .where(e.c.aside.is_not(None), e.c.client_id.in_(seen))
        .group_by(e.c.aside)
        .order_by(e.c.aside)
    )
    return [tuple(row) for row in source.fetch_rows(statement)]


def _select_cases(source: AnalysisTables) -> Select:
    e, t = source.episodes, source.treatments
    columns = [
        e.c.episode_id, e.c.reports, e.c.client_id,
        e.c.treatment_id, t.c.date.label("treated_on"), t.c.site, t.c.practitioner, e.c.placed_area,
        e.c.stated_area, e.c.side, e.c.side_effect, e.c.family, e.c.red_flag, e.c.onset, e.c.onset_day,
        e.c.came_to_light, e.c.serious, e.c.grade, e.c.ended, e.c.end_exact, e.c.days, e.c.seen_days, e.c.until,
    ]  # fmt: skip
    return select(*columns).join(t, t.c.treatment_id == e.c.treatment_id)


def _latest_first(source: AnalysisTables) -> tuple[ColumnElement, ...]:
    e = source.episodes
    return e.c.onset.is_(None), e.c.onset.desc(), e.c.episode_id.desc()


def _to_case(row) -> Case:
    return Case(
        number=row.episode_id,
        client=row.client_id,
        treatment=row.treatment_id,
        area=row.placed_area or row.stated_area,
        placed=row.placed_area is not None,
        **{
            name: getattr(row, name)
            for name in (
                "treated_on", "site", "practitioner", "side", "side_effect", "family", "red_flag", "onset",
                "onset_day", "came_to_light", "serious", "grade", "reports", "ended", "end_exact", "days",
                "seen_days", "until",
            )
        },
    )  # fmt: skip
