"""Whom to call: treatments whose outcome is not known and can still be asked, and side effects not known to be over."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, case, func, select, union_all

from data.analysis import cases, treatments
from data.analysis.cases import Case
from data.analysis.query_builder import AnalysisTables, apply_selection, effect_table, select_episodes_of
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection
from data.analysis.treatments import TreatmentRow
from models.measure import ATTRIBUTION_DAYS

FOLLOW_UP_DAY = 14  # days after a treatment from which it can be asked how it went (design: the check at two weeks)
DUE, OVERDUE = "due", "overdue"


@dataclass(frozen=True)
class Call:
    """A treatment to ask about. `state`: due within the follow-up window, overdue after it; `tried`: attempts at which
    the client was not reached, the latest on `last_tried`; `settles`: how many open questions a call would answer,
    of the client's treatments without a known outcome and side effects not known to be over."""

    treatment: TreatmentRow
    urgency: str
    attempts: int
    last_attempt: date | None
    open_questions: int


def call_list(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> list[Call]:
    """Of the selected treatments those to ask about now, at most so many: whose answer settles most, was tried least,
    waits longest.

    From day 14 to the end of the follow-up window they are due, then overdue, until an effect told would no longer be
    put down to the treatment. Who declined to tell is not asked again; who was tried today comes last.
    """
    waiting = _select_due(source, scope, selection, select(*source.treatments.c)).cte("waiting")
    tried, asked = _count_attempts(source, selection), _count_open_questions(source, scope, selection, waiting)
    attempts = func.coalesce(tried.c.attempts, 0).label("attempts")
    found = (
        select(waiting, attempts, tried.c.latest, asked.c.questions)
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
    rows = source.fetch_rows(found.limit(limit))
    return [
        Call(given, _urgency(given.date, selection), row.attempts, row.latest, row.questions)
        for row, given in zip(rows, treatments.treatment_rows(source, rows), strict=True)
    ]


def count_due_and_overdue(source: AnalysisTables, scope: Scope, selection: Selection) -> tuple[int, int]:
    """How many treatments there are to ask about: (due, overdue)."""
    due = func.count(case((source.treatments.c.date > selection.mature_until, 1)))
    due, every = source.fetch_rows(_select_due(source, scope, selection, select(due, func.count())))[0]
    return due, every - due


def count_due_treatments(source: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many treatments there are to ask about."""
    return sum(count_due_and_overdue(source, scope, selection))


def _urgency(treated_on: date, selection: Selection) -> str:
    return DUE if treated_on > selection.mature_until else OVERDUE


def _select_due(source: AnalysisTables, scope: Scope, selection: Selection, statement: Select) -> Select:
    """Of the treatments that are old enough to ask about and recent enough for the answer to count, those without a
    known outcome whose client has not declined to tell."""
    earliest, latest = _due_dates(selection)
    recent = replace(
        selection,
        from_date=max(selection.from_date or earliest, earliest),
        to_date=min(selection.to_date or latest, latest),
    )
    t = source.treatments
    return apply_selection(source, scope, recent, t, statement).where(t.c.known.is_(False), t.c.heard != "declined")


def _due_dates(selection: Selection) -> tuple[date, date]:
    """The first and the last treatment date to ask about."""
    return selection.as_of - timedelta(days=ATTRIBUTION_DAYS), selection.as_of - timedelta(days=FOLLOW_UP_DAY)


def _count_attempts(source: AnalysisTables, selection: Selection) -> Subquery:
    """Attempts about each treatment, and the latest of them."""
    c = source.follow_ups
    missed = select(c.c.treatment_id, func.count().label("attempts"), func.max(c.c.date).label("latest"))
    missed = missed.where(c.c.outcome == "not_reached", c.c.date >= _due_dates(selection)[0])
    return missed.group_by(c.c.treatment_id).subquery("tried")


def _count_open_questions(source: AnalysisTables, scope: Scope, selection: Selection, waiting: FromClause) -> Subquery:
    """How many open questions there are to each client."""
    _, e = effect_table(source, selection, ())
    open_ = select_episodes_of(source, scope, _all_open_selection(selection), (), e.c.client_id.label("client_id"))
    each = union_all(select(waiting.c.client_id), select(open_.subquery("open").c.client_id)).subquery("each")
    return select(each.c.client_id, func.count().label("questions")).group_by(each.c.client_id).subquery("asked")


def open_side_effects(source: AnalysisTables, scope: Scope, selection: Selection, limit: int) -> list[Case]:
    """Side effects not known to be over, whenever the treatment was, at most so many: red flags, then the longest open;
    those heard of today come last."""
    e, begun = source.episodes, func.coalesce(source.episodes.c.onset, source.treatments.c.date)
    order = (_sort_last(e.c.red_flag.is_(None)), _sort_last(e.c.until == selection.as_of), begun, e.c.episode_id)
    return cases.list_cases(source, scope, _all_open_selection(selection), order, limit)


def count_open_side_effects(source: AnalysisTables, scope: Scope, selection: Selection) -> int:
    """How many side effects are not known to be over, whenever the treatment was."""
    return cases.count_cases(source, scope, _all_open_selection(selection))[0]


def _all_open_selection(selection: Selection) -> Selection:
    return replace(selection, from_date=None, to_date=None, open=True)


def _sort_last(condition: ColumnElement) -> ColumnElement:
    """What puts the rows that are so after the others."""
    return case((condition, 1), else_=0)


def most_common_contact_method(
    source: AnalysisTables, scope: Scope, method: str | None = None
) -> tuple[str | None, str]:
    """(method, how asked) of most completed contacts on record, of this `method` where one is given; an open question,
    which claims less, without any."""
    c, t = source.follow_ups, source.treatments
    done = (
        select(c.c.method, c.c.asked, func.count())
        .join(t, t.c.treatment_id == c.c.treatment_id)
        .where(c.c.outcome == "done", c.c.asked.is_not(None), *scope_filters(t, scope))
        .group_by(c.c.method, c.c.asked)
    )
    ways = [way for way in source.fetch_rows(done) if method in (None, way[0])]
    ways.sort(key=lambda way: (-way[2], str(way[:2])))
    return (ways[0][0], ways[0][1]) if ways else (method, "open")
