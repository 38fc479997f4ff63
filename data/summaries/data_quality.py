"""How far the records can be trusted: how clients were asked, what is missing, what is unattributed, own terms."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas
from sqlalchemy import and_, case, distinct, func, select

from data.analysis import cases, counts, treatments
from data.analysis.frames import make_frame, rows_as_frame
from data.analysis.query_builder import AnalysisTables, apply_selection, effect_table, select_episodes_of
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED, days_between
from models import codelist

MIN_FOLLOW_UP_SHARE = 0.80  # losing a fifth threatens a rate (Sackett et al., Evidence-based Medicine, 1997)
MAX_MISSING_SHARE = 0.05  # less than one in 20 missing changes little (the same rule of five and twenty)
MAX_DAYS_WITHOUT_TREATMENT = 31  # figures are reviewed once a month

# Families of side effects that have an area; a headache has none.
LOCAL_FAMILIES = ("nearby_weakness", "injected_weakness", "injection_site", "eye", "shape")
TREATMENT_CHECKS = ("injections", "area", "lot", "units", "expired")
FOLLOWED_UP_WAYS = ("checklist", "open", "volunteered")
FOLLOW_UP_WAYS = (*FOLLOWED_UP_WAYS, "not_reached", "declined", "not_due", "not_tried")
CONTACT_OUTCOMES = ("done", "not_reached", "declined", "not_due")


def trust_checks(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """The checks that decide whether the figures of a period can be trusted.

    Columns: name (str), count, total (int64), share (float64, 0-1), is_sufficient (bool). For `days_silent` count is
    the days since the latest treatment, and total the most there may be.
    """
    (row,) = _count_treatments(source, scope, selection).itertuples()
    followed_up, past, total = row.followed_up, row.total, row.treated
    lacking = treatments.count_incomplete(source, scope, selection)
    unattributed = int(cases.count_unattributed(source, scope).episodes.sum())
    is_visible = source.episodes.c.client_id.in_(_clients(source, scope))
    ((effects,),) = source.fetch_rows(select(func.count()).where(is_visible))
    rows = [("known", followed_up, past, not past or followed_up / past >= MIN_FOLLOW_UP_SHARE)]
    missing = (("injections", lacking["injections"], total), ("area", lacking["area"], total))
    for name, count, of in (*missing, ("aside", unattributed, effects)):
        rows.append((name, count, of, not of or count / of <= MAX_MISSING_SHARE))
    if span := counts.date_range(source, scope):
        silent = max(0, (selection.as_of - span[1]).days)
        rows.append(("days_silent", silent, MAX_DAYS_WITHOUT_TREATMENT, silent <= MAX_DAYS_WITHOUT_TREATMENT))
    names, found, totals, sufficient = zip(*rows, strict=True)
    return _checks(names, found, totals).assign(is_sufficient=sufficient)


def _checks(names: Sequence[str], found: Sequence[int], totals: Sequence[int]) -> pandas.DataFrame:
    frame = pandas.DataFrame({"name": names, "count": found, "total": totals})
    return frame.assign(share=(frame["count"] / frame.total.where(frame.total > 0)).fillna(0.0))


def only_past_follow_up(selection: Selection) -> Selection:
    """The same treatments without those in follow-up."""
    last = selection.past_follow_up_until
    return replace(selection, to_date=min(selection.to_date or last, last))


def _count_treatments(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    return counts.denominators(source, scope, replace(selection, unit="treatment"), ())


def missing_checks(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """What the selected treatments and their side effects lack. Columns as of `trust_checks`, without is_sufficient."""
    lacking = treatments.count_incomplete(source, scope, selection)
    lacking = lacking | {"expired": treatments.count_used_after_expiry(source, scope, selection)}
    total = int(_count_treatments(source, scope, selection).treated.sum())
    found = {name: (lacking[name], total) for name in TREATMENT_CHECKS}
    found |= _side_effects_lacking(source, scope, selection)
    return _checks(list(found), *zip(*found.values(), strict=True))


def _side_effects_lacking(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[str, tuple[int, int]]:
    """Per check, how many of how many of the selected side effects lack it."""
    _, e = effect_table(source, selection, ())
    columns = (e.c.grade, e.c.onset_exact, e.c.came_to_light, e.c.ended, e.c.seen_later, e.c.days)
    chosen = select_episodes_of(source, scope, selection, (), *columns).subquery("chosen")
    lacks = {
        "ungraded": chosen.c.grade.is_(None),
        "onset": func.coalesce(chosen.c.onset_exact, False).is_(False),
        "came_to_light": chosen.c.came_to_light.is_(None),
        "unnoted": chosen.c.episode_id.not_in(select(source.status_notes.c.episode_id)),
        "end": and_(chosen.c.ended, chosen.c.days.is_(None)),
        "seen_later": chosen.c.seen_later,
    }
    among = {"end": chosen.c.ended, "seen_later": ~chosen.c.ended}  # the others: among all
    counted = [func.count(case((condition, 1))) for condition in (*lacks.values(), *among.values())]
    *found, total = source.fetch_rows(select(*counted, func.count()).select_from(chosen))[0]
    totals = dict.fromkeys(lacks, total) | dict(zip(among, found[len(lacks) :], strict=True))
    local = replace(selection, families=LOCAL_FAMILIES)
    unplaced = counts.count_unplaced_effects(source, scope, local), cases.count_cases(source, scope, local)[0]
    return {"unplaced": unplaced, **{name: (count, totals[name]) for name, count in zip(lacks, found, strict=False)}}


def days_to_note(source: AnalysisTables, scope: Scope, selection: Selection) -> np.ndarray:
    """Whole days from onset to the first status note, one entry per selected side effect that has both."""
    (_, e), n = effect_table(source, selection, ()), source.status_notes
    noted = select(n.c.episode_id, func.min(n.c.date).label("date")).group_by(n.c.episode_id).subquery("first_note")
    chosen = select_episodes_of(source, scope, selection, (), e.c.onset).subquery("chosen")
    statement = (
        select(days_between(noted.c.date, chosen.c.onset).label("day"))
        .join(noted, noted.c.episode_id == chosen.c.episode_id)
        .where(noted.c.date >= chosen.c.onset)
    )
    return source.fetch_frame(statement).day.to_numpy()


def unattributed_effects(source: AnalysisTables, scope: Scope, limit: int) -> pandas.DataFrame:
    """The side effects that belong to no treatment and count in no rate, of visible clients, latest first.

    Columns: number (int64), side_effect, reason (str), onset (date or None), ended (bool).
    """
    e = source.episodes
    columns = (e.c.episode_id.label("number"), e.c.side_effect, e.c.aside.label("reason"), e.c.onset, e.c.ended)
    statement = select(*columns).where(e.c.treatment_id.is_(None), e.c.client_id.in_(_clients(source, scope)))
    order = (e.c.onset.is_(None), e.c.onset.desc(), e.c.episode_id.desc())
    return source.fetch_frame(statement.order_by(*order).limit(limit), onset="object")


def _clients(source: AnalysisTables, scope: Scope):
    t = source.treatments
    return select(t.c.client_id).where(*scope_filters(t, scope))


def follow_up_counts(source: AnalysisTables, scope: Scope, selection: Selection, by: str) -> pandas.DataFrame:
    """How the treatments of each value of a treatment dimension were followed up, or why not.

    Columns: `by`, followed_up, total (int64), share (float64, 0-1), then one per way of `FOLLOW_UP_WAYS` (int64).
    Treatments in follow-up are left out.
    """
    found = counts.followed_up_by(source, scope, only_past_follow_up(selection), (by,))
    groups = list(dict.fromkeys(found[by]))
    by_way = dict(zip(zip(found[by], found.heard, strict=True), found.treatments, strict=True))
    ways = {way: np.array([by_way.get((group, way), 0) for group in groups], dtype="int64") for way in FOLLOW_UP_WAYS}
    followed_up, total = (np.sum([ways[way] for way in among], axis=0) for among in (FOLLOWED_UP_WAYS, FOLLOW_UP_WAYS))
    first = {by: groups, "followed_up": followed_up, "total": total, "share": followed_up / total}
    return make_frame(first | ways, **dict.fromkeys(ways, "int64") | {by: "object", "share": "float64"})


def contact_counts(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Contacts and attempts about the selected treatments by method.

    Columns: method (str; None: not recorded), then one per outcome of `CONTACT_OUTCOMES` (int64).
    """
    t, c = source.treatments, source.follow_ups
    statement = apply_selection(source, scope, selection, t, select(c.c.method, c.c.outcome, func.count()))
    statement = statement.join(c, c.c.treatment_id == t.c.treatment_id).group_by(c.c.method, c.c.outcome)
    rows = source.fetch_rows(statement.order_by(c.c.method, c.c.outcome))
    found = {(method, outcome): n for method, outcome, n in rows}
    methods = list(dict.fromkeys(method for method, _ in found))
    columns = {how: [found.get((method, how), 0) for method in methods] for how in CONTACT_OUTCOMES}
    return pandas.DataFrame({"method": pandas.Series(methods, dtype="object")} | columns)


def source_terms(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Side effects, products and areas that are on no list of ours, counted as they are.

    Columns: dimension, term (str), rows (int64: side effects, or treatments, that have it).
    """
    e, a = source.episodes, source.treated_areas
    by_treatment = replace(selection, unit="treatment")
    chosen = select_episodes_of(source, scope, by_treatment, (), e.c.side_effect).subquery("chosen")
    is_own = chosen.c.side_effect.not_in(list(codelist.side_effects()))
    statements = [select(chosen.c.side_effect, func.count()).where(is_own).group_by(chosen.c.side_effect)]
    for term, listed in ((a.c.product, codelist.products()), (a.c.area, (*codelist.areas(), NOT_RECORDED))):
        counted = apply_selection(source, scope, selection, a, select(term, func.count(distinct(a.c.treatment_id))))
        statements.append(counted.where(term.not_in(list(listed))).group_by(term))
    kinds = zip(("side_effect", "product", "area"), statements, strict=True)
    rows = [(kind, *row) for kind, statement in kinds for row in sorted(source.fetch_rows(statement))]
    return rows_as_frame(("dimension", "term", "rows"), rows, rows="int64")
