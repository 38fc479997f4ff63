"""How far the records can be trusted: what was asked of whom, what is missing, what belongs nowhere, whose words."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import case, distinct, func, select

from data.analysis import cases, counts, treatments
from data.analysis.derived_tables import NOT_TOLD, days_between
from data.analysis.query_builder import Source, joined, selected, with_episodes
from data.analysis.scope import Scope, in_scope
from data.analysis.selection import Selection
from models import codelist

LEAST_KNOWN = 0.80  # a fifth lost threatens what a rate can say (Sackett et al., Evidence-based Medicine, 1997)
MOST_MISSING = 0.05  # less than one in 20 missing changes little (the same rule of five and twenty)
MOST_DAYS_SILENT = 31  # figures are reviewed once a month: nothing newer than that is the month before

# Families of side effects that happen at a place; a headache has none.
LOCAL = ("nearby_weakness", "injected_weakness", "injection_site", "eye", "shape")


@dataclass(frozen=True)
class Check:
    """How many of how many. `name`: what is looked at; `trusted`: None where it does not decide about trust."""

    name: str
    found: int
    among: int
    trusted: bool | None = None

    @property
    def share(self) -> float:
        return self.found / self.among if self.among else 0.0


def trust(source: Source, scope: Scope, selection: Selection) -> list[Check]:
    """The checks that decide whether the figures of a period can be trusted: so many of so many
    (of `days_silent`: days since the latest treatment, of the most there may be)."""
    mature = matured(selection)
    known, total = _known(source, scope, mature)
    lacking = treatments.incomplete(source, scope, selection)
    everyone = _known(source, scope, selection)[1]
    lost, effects = _aside(source, scope), _all_side_effects(source, scope)
    checks = [Check("known", known, total, not total or known / total >= LEAST_KNOWN)]
    checks += [
        Check(name, lacking[name], everyone, not everyone or lacking[name] / everyone <= MOST_MISSING)
        for name in ("injections", "area")
    ]
    checks.append(Check("aside", lost, effects, not effects or lost / effects <= MOST_MISSING))
    silent = days_silent(source, scope, selection.as_of)
    if silent is not None:
        checks.append(Check("days_silent", silent, MOST_DAYS_SILENT, silent <= MOST_DAYS_SILENT))
    return checks


def matured(selection: Selection) -> Selection:
    """The same treatments without those still maturing."""
    return replace(selection, to_date=min(selection.to_date or selection.mature_until, selection.mature_until))


def days_silent(source: Source, scope: Scope, today: date) -> int | None:
    """Days since the latest treatment on record; None without any."""
    span = counts.span(source, scope)
    return max(0, (today - span[1]).days) if span else None


def _known(source: Source, scope: Scope, selection: Selection) -> tuple[int, int]:
    rows = counts.counts(source, scope, replace(selection, unit="treatment"), ())
    return (rows[0].known, rows[0].total) if rows else (0, 0)


# Side effects


def side_effects(source: Source, scope: Scope, selection: Selection) -> list[Check]:
    """What the records of the selected side effects lack."""
    _, e = joined(source, selection, ())
    columns = (e.c.grade, e.c.onset_exact, e.c.came_to_light)
    chosen = with_episodes(source, scope, selection, (), *columns).subquery("chosen")
    lacks = {
        "ungraded": chosen.c.grade.is_(None),
        "onset": func.coalesce(chosen.c.onset_exact, False).is_(False),
        "came_to_light": chosen.c.came_to_light.is_(None),
        "unnoted": chosen.c.reports == 0,
    }
    counted = [func.count(case((condition, 1))) for condition in lacks.values()]
    *found, total = source.rows(select(*counted, func.count()).select_from(chosen))[0]
    local = replace(selection, families=LOCAL)
    unplaced = Check("unplaced", counts.unplaced(source, scope, local), cases.how_many(source, scope, local)[0])
    return [unplaced, *(Check(name, n, total) for name, n in zip(lacks, found, strict=True))]


def days_to_note(source: Source, scope: Scope, selection: Selection) -> np.ndarray:
    """Whole days from first noticed to the first status note, one entry per selected side effect that has both."""
    (_, e), n = joined(source, selection, ()), source.noted
    noted = select(n.c.episode_id, func.min(n.c.date).label("date")).group_by(n.c.episode_id).subquery("first_note")
    chosen = with_episodes(source, scope, selection, (), e.c.onset).subquery("chosen")
    statement = (
        select(days_between(noted.c.date, chosen.c.onset))
        .join(noted, noted.c.episode_id == chosen.c.episode_id)
        .where(noted.c.date >= chosen.c.onset)
    )
    return source.columns(statement)[0].astype(np.int64)


@dataclass(frozen=True)
class Aside:
    """A side effect that is kept and counted in no rate, and why."""

    number: int
    side_effect: str
    why: str
    onset: date | None
    ended: bool


def aside(source: Source, scope: Scope, limit: int) -> list[Aside]:
    """The side effects that belong to no treatment, of clients this viewer may see, latest first."""
    e = source.episode
    columns = (e.c.episode_id, e.c.side_effect, e.c.aside, e.c.onset, e.c.ended)
    statement = select(*columns).where(e.c.aside.is_not(None), e.c.client_id.in_(_clients(source, scope)))
    order = (e.c.onset.is_(None), e.c.onset.desc(), e.c.episode_id.desc())
    return [Aside(*row) for row in source.rows(statement.order_by(*order).limit(limit))]


def _aside(source: Source, scope: Scope) -> int:
    return sum(episodes for _, episodes, _ in cases.aside(source, scope))


def _all_side_effects(source: Source, scope: Scope) -> int:
    e = source.episode
    statement = select(func.count()).select_from(e).where(e.c.client_id.in_(_clients(source, scope)))
    return source.rows(statement)[0][0]


def _clients(source: Source, scope: Scope):
    t = source.treated
    return select(t.c.client_id).where(*in_scope(t, scope))


# Follow-up


@dataclass(frozen=True)
class FollowedUp:
    """How the outcomes of one group's treatments came to be known, or why they are not: treatments by `heard`."""

    group: str
    heard: dict[str, int]

    @property
    def treated(self) -> int:
        return sum(self.heard.values())

    @property
    def known(self) -> int:
        return sum(self.heard.get(how, 0) for how in ("checklist", "open", "volunteered"))


def followed_up(source: Source, scope: Scope, selection: Selection, by: str) -> list[FollowedUp]:
    """Per value of a treatment dimension, in its order; treatments still maturing are left out."""
    groups: dict[str, dict[str, int]] = {}
    for (group, how), n in counts.heard(source, scope, matured(selection), (by,)).items():
        groups.setdefault(group, {})[how] = n
    return [FollowedUp(group, heard) for group, heard in groups.items()]


def contacts(source: Source, scope: Scope, selection: Selection) -> dict[tuple[str | None, str], int]:
    """Contacts and attempts about the selected treatments, by (method, outcome); method None: not told."""
    t, c = source.treated, source.contacted
    statement = selected(source, scope, selection, t, select(c.c.method, c.c.outcome, func.count()))
    statement = statement.join(c, c.c.treatment_id == t.c.treatment_id).group_by(c.c.method, c.c.outcome)
    return {(method, outcome): n for method, outcome, n in source.rows(statement.order_by(c.c.method, c.c.outcome))}


# Whose words


@dataclass(frozen=True)
class Word:
    """A word of a source's own dictionary, kept as given; `rows`: side effects, or treatments, that hold it."""

    dimension: str
    word: str
    rows: int


def as_given(source: Source, scope: Scope, selection: Selection) -> list[Word]:
    """Side effects, products and areas that are on no list of ours: counted as they stand, never merged in silence."""
    e, a = source.episode, source.treated_area
    chosen = with_episodes(source, scope, replace(selection, unit="treatment"), (), e.c.side_effect).subquery("chosen")
    theirs = chosen.c.side_effect.not_in(list(codelist.side_effects()))
    found = [select(chosen.c.side_effect, func.count()).where(theirs).group_by(chosen.c.side_effect)]
    for word, ours in ((a.c.product, codelist.products()), (a.c.area, (*codelist.areas(), NOT_TOLD))):
        given = selected(source, scope, selection, a, select(word, func.count(distinct(a.c.treatment_id))))
        found.append(given.where(word.not_in(list(ours))).group_by(word))
    kinds = zip(("side_effect", "product", "area"), found, strict=True)
    return [Word(kind, *row) for kind, statement in kinds for row in sorted(source.rows(statement))]
