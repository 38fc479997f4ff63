"""How far the records can be trusted: what was asked of whom, what is missing, what belongs nowhere, whose words."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import case, distinct, func, select

from data.analysis import cases, counts, treatments
from data.analysis.derived_tables import NOT_RECORDED, days_between
from data.analysis.query_builder import AnalysisTables, apply_selection, effect_table, select_episodes_of
from data.analysis.scope import Scope, scope_filters
from data.analysis.selection import Selection
from models import codelist

MIN_FOLLOW_UP_SHARE = 0.80  # a fifth lost threatens what a rate can say (Sackett et al., Evidence-based Medicine, 1997)
MAX_MISSING_SHARE = 0.05  # less than one in 20 missing changes little (the same rule of five and twenty)
MAX_DAYS_WITHOUT_TREATMENT = 31  # figures are reviewed once a month: nothing newer than that is the month before

# Families of side effects that happen at a place; a headache has none.
LOCAL_FAMILIES = ("nearby_weakness", "injected_weakness", "injection_site", "eye", "shape")


@dataclass(frozen=True)
class QualityCheck:
    """How many of how many. `name`: what is looked at; `trusted`: None where it does not decide about trust."""

    name: str
    count: int
    total: int
    sufficient: bool | None = None

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else 0.0


def trust_checks(source: AnalysisTables, scope: Scope, selection: Selection) -> list[QualityCheck]:
    """The checks that decide whether the figures of a period can be trusted: so many of so many
    (of `days_silent`: days since the latest treatment, of the most there may be)."""
    mature = only_past_follow_up(selection)
    known, total = _count_known(source, scope, mature)
    lacking = treatments.count_incomplete(source, scope, selection)
    everyone = _count_known(source, scope, selection)[1]
    lost, effects = _count_unattributed(source, scope), _all_side_effects(source, scope)
    checks = [QualityCheck("known", known, total, not total or known / total >= MIN_FOLLOW_UP_SHARE)]
    checks += [
        QualityCheck(name, lacking[name], everyone, not everyone or lacking[name] / everyone <= MAX_MISSING_SHARE)
        for name in ("injections", "area")
    ]
    checks.append(QualityCheck("aside", lost, effects, not effects or lost / effects <= MAX_MISSING_SHARE))
    silent = days_since_last_treatment(source, scope, selection.as_of)
    if silent is not None:
        checks.append(
            QualityCheck("days_silent", silent, MAX_DAYS_WITHOUT_TREATMENT, silent <= MAX_DAYS_WITHOUT_TREATMENT)
        )
    return checks


def only_past_follow_up(selection: Selection) -> Selection:
    """The same treatments without those still maturing."""
    return replace(selection, to_date=min(selection.to_date or selection.mature_until, selection.mature_until))


def days_since_last_treatment(source: AnalysisTables, scope: Scope, today: date) -> int | None:
    """Days since the latest treatment on record; None without any."""
    span = counts.date_range(source, scope)
    return max(0, (today - span[1]).days) if span else None


def _count_known(source: AnalysisTables, scope: Scope, selection: Selection) -> tuple[int, int]:
    rows = counts.counts(source, scope, replace(selection, unit="treatment"), ())
    return (rows[0].known, rows[0].total) if rows else (0, 0)


# Side effects


def side_effect_checks(source: AnalysisTables, scope: Scope, selection: Selection) -> list[QualityCheck]:
    """What the records of the selected side effects lack."""
    _, e = effect_table(source, selection, ())
    columns = (e.c.grade, e.c.onset_exact, e.c.came_to_light)
    chosen = select_episodes_of(source, scope, selection, (), *columns).subquery("chosen")
    lacks = {
        "ungraded": chosen.c.grade.is_(None),
        "onset": func.coalesce(chosen.c.onset_exact, False).is_(False),
        "came_to_light": chosen.c.came_to_light.is_(None),
        "unnoted": chosen.c.reports == 0,
    }
    counted = [func.count(case((condition, 1))) for condition in lacks.values()]
    *found, total = source.fetch_rows(select(*counted, func.count()).select_from(chosen))[0]
    local = replace(selection, families=LOCAL_FAMILIES)
    unplaced = QualityCheck(
        "unplaced", counts.count_unplaced_effects(source, scope, local), cases.count_cases(source, scope, local)[0]
    )
    return [unplaced, *(QualityCheck(name, n, total) for name, n in zip(lacks, found, strict=True))]


def days_to_note(source: AnalysisTables, scope: Scope, selection: Selection) -> np.ndarray:
    """Whole days from first noticed to the first status note, one entry per selected side effect that has both."""
    (_, e), n = effect_table(source, selection, ()), source.status_notes
    noted = select(n.c.episode_id, func.min(n.c.date).label("date")).group_by(n.c.episode_id).subquery("first_note")
    chosen = select_episodes_of(source, scope, selection, (), e.c.onset).subquery("chosen")
    statement = (
        select(days_between(noted.c.date, chosen.c.onset))
        .join(noted, noted.c.episode_id == chosen.c.episode_id)
        .where(noted.c.date >= chosen.c.onset)
    )
    return source.fetch_columns(statement)[0].astype(np.int64)


@dataclass(frozen=True)
class UnattributedEffect:
    """A side effect that is kept and counted in no rate, and why."""

    number: int
    side_effect: str
    reason: str
    onset: date | None
    ended: bool


def unattributed_effects(source: AnalysisTables, scope: Scope, limit: int) -> list[UnattributedEffect]:
    """The side effects that belong to no treatment, of clients this viewer may see, latest first."""
    e = source.episodes
    columns = (e.c.episode_id, e.c.side_effect, e.c.aside, e.c.onset, e.c.ended)
    statement = select(*columns).where(e.c.aside.is_not(None), e.c.client_id.in_(_clients(source, scope)))
    order = (e.c.onset.is_(None), e.c.onset.desc(), e.c.episode_id.desc())
    return [UnattributedEffect(*row) for row in source.fetch_rows(statement.order_by(*order).limit(limit))]


def _count_unattributed(source: AnalysisTables, scope: Scope) -> int:
    return sum(episodes for _, episodes, _ in cases.count_unattributed(source, scope))


def _all_side_effects(source: AnalysisTables, scope: Scope) -> int:
    e = source.episodes
    statement = select(func.count()).select_from(e).where(e.c.client_id.in_(_clients(source, scope)))
    return source.fetch_rows(statement)[0][0]


def _clients(source: AnalysisTables, scope: Scope):
    t = source.treatments
    return select(t.c.client_id).where(*scope_filters(t, scope))


# Follow-up


@dataclass(frozen=True)
class FollowUpCounts:
    """How the outcomes of one group's treatments came to be known, or why they are not: treatments by `heard`."""

    group: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def known(self) -> int:
        return sum(self.counts.get(how, 0) for how in ("checklist", "open", "volunteered"))


def follow_up_counts(source: AnalysisTables, scope: Scope, selection: Selection, by: str) -> list[FollowUpCounts]:
    """Per value of a treatment dimension, in its order; treatments still maturing are left out."""
    groups: dict[str, dict[str, int]] = {}
    for (group, how), n in counts.followed_up_by(source, scope, only_past_follow_up(selection), (by,)).items():
        groups.setdefault(group, {})[how] = n
    return [FollowUpCounts(group, heard) for group, heard in groups.items()]


def contact_counts(source: AnalysisTables, scope: Scope, selection: Selection) -> dict[tuple[str | None, str], int]:
    """Contacts and attempts about the selected treatments, by (method, outcome); method None: not told."""
    t, c = source.treatments, source.follow_ups
    statement = apply_selection(source, scope, selection, t, select(c.c.method, c.c.outcome, func.count()))
    statement = statement.join(c, c.c.treatment_id == t.c.treatment_id).group_by(c.c.method, c.c.outcome)
    return {
        (method, outcome): n for method, outcome, n in source.fetch_rows(statement.order_by(c.c.method, c.c.outcome))
    }


# Whose words


@dataclass(frozen=True)
class SourceTerm:
    """A word of a source's own dictionary, kept as given; `rows`: side effects, or treatments, that hold it."""

    dimension: str
    word: str
    rows: int


def source_terms(source: AnalysisTables, scope: Scope, selection: Selection) -> list[SourceTerm]:
    """Side effects, products and areas that are on no list of ours: counted as they stand, never merged in silence."""
    e, a = source.episodes, source.treated_areas
    chosen = select_episodes_of(source, scope, replace(selection, unit="treatment"), (), e.c.side_effect).subquery(
        "chosen"
    )
    theirs = chosen.c.side_effect.not_in(list(codelist.side_effects()))
    found = [select(chosen.c.side_effect, func.count()).where(theirs).group_by(chosen.c.side_effect)]
    for word, ours in ((a.c.product, codelist.products()), (a.c.area, (*codelist.areas(), NOT_RECORDED))):
        given = apply_selection(source, scope, selection, a, select(word, func.count(distinct(a.c.treatment_id))))
        found.append(given.where(word.not_in(list(ours))).group_by(word))
    kinds = zip(("side_effect", "product", "area"), found, strict=True)
    return [SourceTerm(kind, *row) for kind, statement in kinds for row in sorted(source.fetch_rows(statement))]
