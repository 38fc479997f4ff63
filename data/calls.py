"""Whom to call: treatments whose outcome is not known and can still be asked, and side effects not known to be over."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func, select

from data import cases, exposure
from data.cases import Case
from data.exposure import Given
from data.scope import Scope
from data.selection import Selection
from data.source import Source, in_scope
from models.measure import ATTRIBUTION_DAYS

FOLLOW_UP_DAY = 14  # days after a treatment from which it can be asked how it went (design: the check at two weeks)
DUE, OVERDUE = "due", "overdue"


@dataclass(frozen=True)
class Call:
    """A treatment to ask about. `state`: due within the follow-up window, overdue after it; `tried`: attempts at which
    the client was not reached, the latest on `last_tried`; `settles`: how many open questions a call would answer,
    of the client's treatments without a known outcome and side effects not known to be over."""

    given: Given
    state: str
    tried: int
    last_tried: date | None
    settles: int


def to_call(source: Source, scope: Scope, selection: Selection) -> list[Call]:
    """Of the selected treatments those to ask about now: whose answer settles most, was tried least, waits longest.

    From day 14 to the end of the follow-up window they are due, then overdue, until an effect told would no longer be
    put down to the treatment. Who declined to tell is not asked again; who was tried today comes last.
    """
    recent = _askable(selection)
    found = exposure.to_call(source, scope, recent)
    tried = _tried(source, recent)
    questions: dict[int, int] = {}
    for client in [given.client for given in found] + [case.client for case in still_open(source, scope, selection)]:
        questions[client] = questions.get(client, 0) + 1
    calls = [
        Call(
            given,
            DUE if given.date > selection.mature_until else OVERDUE,
            *tried.get(given.treatment, (0, None)),
            questions[given.client],
        )
        for given in found
    ]

    def order(call: Call) -> tuple:
        given = call.given
        return call.last_tried == selection.as_of, -call.settles, call.tried, given.date, given.treatment

    return sorted(calls, key=order)


def how_many(source: Source, scope: Scope, selection: Selection) -> int:
    """How many treatments `to_call` gives."""
    return exposure.how_many_to_call(source, scope, _askable(selection))


def _askable(selection: Selection) -> Selection:
    """The treatments of a selection that are old enough to ask about and recent enough for the answer to count."""
    earliest, latest = (selection.as_of - timedelta(days=days) for days in (ATTRIBUTION_DAYS, FOLLOW_UP_DAY))
    return replace(
        selection,
        from_date=max(selection.from_date or earliest, earliest),
        to_date=min(selection.to_date or latest, latest),
    )


def _tried(source: Source, recent: Selection) -> dict[int, tuple[int, date]]:
    c = source.contacted
    missed = select(c.c.treatment_id, func.count(), func.max(c.c.date)).where(
        c.c.outcome == "not_reached", c.c.date >= recent.from_date
    )
    return {treatment: (n, day) for treatment, n, day in source.rows(missed.group_by(c.c.treatment_id))}


def still_open(source: Source, scope: Scope, selection: Selection) -> list[Case]:
    """Side effects not known to be over, whenever the treatment was: red flags, then the longest open; those heard of
    today come last."""
    every = replace(selection, from_date=None, to_date=None, open=True)
    found = cases.cases(source, scope, every)

    def order(case: Case) -> tuple:
        begun = case.onset or case.treated_on
        return case.red_flag is None, case.until == selection.as_of, begun, case.number

    return sorted(found, key=order)


def usual_way(source: Source, scope: Scope, method: str | None = None) -> tuple[str | None, str]:
    """(method, how asked) of most completed contacts on record, of this `method` where one is given; an open question,
    which claims less, without any."""
    c, t = source.contacted, source.treated
    done = (
        select(c.c.method, c.c.asked, func.count())
        .join(t, t.c.treatment_id == c.c.treatment_id)
        .where(c.c.outcome == "done", c.c.asked.is_not(None), *in_scope(t, scope))
        .group_by(c.c.method, c.c.asked)
    )
    ways = [way for way in source.rows(done) if method in (None, way[0])]
    ways.sort(key=lambda way: (-way[2], str(way[:2])))
    return (ways[0][0], ways[0][1]) if ways else (method, "open")
