"""The call list: treatments without a follow-up that can still be asked about, and open side effects."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas
from sqlalchemy import ColumnElement, Select, case, func, not_, or_, select, union_all

from data.analysis import cases, treatments
from data.analysis.follow_up import asked_about
from data.analysis.query_builder import AnalysisTables, apply_selection
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection
from models.records import ATTRIBUTION_DAYS

FOLLOW_UP_DAY = 14  # days after a treatment from which the clinic asks how it went (the check at two weeks)
DUE, OVERDUE = "due", "overdue"


def call_list(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> pandas.DataFrame:
    """The selected treatments to ask about now: most open questions first, then fewest attempts, then longest wait.

    They are due from day 14 to the end of the follow-up window, then overdue until a side effect could no longer be
    attributed to the treatment. Clients who declined are not listed; clients tried today come last.

    Columns: those of `treatments.list_treatments`; attempts (int64: calls that did not reach the client), last_attempt
    (date or None), open_questions (int64: the client's treatments without a follow-up and open side effects), urgency
    (str: due within the follow-up window, overdue after it).
    """
    waiting = _select_due(source, scope, selection, treatments.select_listed(source.treatments)).cte("waiting")
    c = source.follow_ups.c
    missed = select(c.treatment_id, func.count().label("attempts"), func.max(c.date).label("latest"))
    missed = missed.where(c.outcome == "not_reached", c.date >= _due_dates(selection)[0])
    tried = missed.group_by(c.treatment_id).subquery("tried")
    open_effects = select(source.episodes.c.client_id).where(cases.is_open(source, scope, selection)).subquery("open")
    each = union_all(select(waiting.c.client_id), select(open_effects.c.client_id)).subquery("each")
    asked = select(each.c.client_id, func.count().label("questions")).group_by(each.c.client_id).subquery("asked")
    attempts = func.coalesce(tried.c.attempts, 0).label("attempts")
    found = (
        select(waiting, attempts, tried.c.latest.label("last_attempt"), asked.c.questions.label("open_questions"))
        .join(asked, asked.c.client_id == waiting.c.client_id)
        .outerjoin(tried, tried.c.treatment_id == waiting.c.treatment_id)
        .order_by(
            _sort_last(tried.c.latest == selection.as_of),
            asked.c.questions.desc(),
            attempts,
            waiting.c.date,
            waiting.c.treatment_id,
        )
    )
    calls = treatments.treatments_of(source, found.limit(limit))
    is_due = selection.is_in_follow_up(calls.date.to_numpy("datetime64[D]"))
    counts = {"attempts": "int64", "open_questions": "int64"}
    return calls.astype(counts).assign(urgency=np.where(is_due, DUE, OVERDUE))


def count_due_and_overdue(source: AnalysisTables, scope: Scope, selection: Selection) -> tuple[int, int]:
    """How many treatments are (due, overdue)."""
    due = func.count(case((selection.is_in_follow_up(source.treatments.c.date), 1)))
    due, every = source.fetch_rows(_select_due(source, scope, selection, select(due, func.count())))[0]
    return due, every - due


def _select_due(source: AnalysisTables, scope: Scope, selection: Selection, statement: Select) -> Select:
    """Treatments old enough to ask about and recent enough for the answer to count, whose client was not asked yet, or
    too early, and did not decline. What a client volunteered answers no question."""
    earliest, latest = _due_dates(selection)
    recent = replace(
        selection,
        from_date=max(selection.from_date or earliest, earliest),
        to_date=min(selection.to_date or latest, latest),
    )
    t = source.treatments
    c = source.follow_ups
    declined = select(c.c.treatment_id).where(c.c.outcome == "declined")
    waiting = (not_(asked_about(source, selection, t)), t.c.treatment_id.not_in(declined))
    return apply_selection(source, scope, recent, t, statement).where(*waiting)


def _due_dates(selection: Selection) -> tuple[date, date]:
    """The first and the last treatment date to ask about."""
    return selection.as_of - timedelta(days=ATTRIBUTION_DAYS), selection.as_of - timedelta(days=FOLLOW_UP_DAY)


def open_side_effects(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> pandas.DataFrame:
    """Open side effects of all dates, also of no treatment: those whose client was seen later without an answer about
    them first, then the longest open; among either red flags first. Clients heard from today come last."""
    e = source.episodes
    begun = func.coalesce(e.c.onset, e.c.date, e.c.until)
    today = e.c.heard_from == selection.as_of
    last = (or_(e.c.seen_later.is_(False), today), e.c.red_flag.is_(None), today)
    order = (*map(_sort_last, last), begun, e.c.episode_id)
    return cases.all_open_cases(source, scope, selection, limit, order)


def _sort_last(condition: ColumnElement) -> ColumnElement:
    """Sort the rows that meet the condition after the others."""
    return case((condition, 1), else_=0)


def most_common_contact_method(
    source: AnalysisTables, scope: Scope, method: str | None = None
) -> tuple[str | None, str]:
    """(method, how asked) of most completed contacts, of this `method` where given; without any, an open question,
    which claims less."""
    c, t = source.follow_ups, source.treatments
    done = (
        select(c.c.method, c.c.asked, func.count())
        .join(t, t.c.treatment_id == c.c.treatment_id)
        .where(c.c.outcome == "done", c.c.asked.in_(("checklist", "open")), *scope_filters(t, scope))
        .group_by(c.c.method, c.c.asked)
    )
    ways = [way for way in source.fetch_rows(done) if method in (None, way[0])]
    ways.sort(key=lambda way: (-way[2], str(way[:2])))
    return (ways[0][0], ways[0][1]) if ways else (method, "open")
