"""What the clinic heard of the side effects, and the notes on each until it was gone or the client was lost."""

from dataclasses import dataclass

import numpy as np

from data.sample.assumptions import Assumptions
from data.sample.clinic import SampleClinic
from data.sample.follow_ups import METHODS, CompletedFollowUps
from data.sample.side_effects import SimulatedEffects
from data.sample.treatments import NEVER, SimulatedVisits
from models import codelist

VOLUNTEERED_SHARES = np.array([0.1, 0.35, 0.7])  # by grade: told without being asked, within days
DAYS_TO_VOLUNTEER = (1, 6)
# What a checklist and what an open question hears of: of side effects still present, and of those over by then.
PRESENT_HEARD_SHARES, RESOLVED_HEARD_SHARES = (0.98, 0.7), (0.9, 0.5)
FOUND_SHARE = 0.2  # of what is present at a visit the practitioner saw before the client said it

CHECKS, DAYS_BETWEEN_CHECKS, LONGER_EACH_TIME, MAX_BETWEEN_CHECKS = 14, (7, 15), 1.2, 35
CHECK_ANSWERED, LOST_EACH_CHECK = 0.85, 0.08
UNSURE_SHARE = 0.03  # of checks the client could not say
LAST_DAY_TOLD, LAST_DAY_RECALLED = 0.65, 0.92  # when found gone at a check; when over before it was heard of

AREA_NOT_TOLD, TREATMENT_NOT_NAMED, ONSET_TO_THE_MONTH = 0.07, 0.04, 0.05
SIDES = ("left", "right", "both")
SIDE_SHARES = (0.44, 0.44, 0.12)
OWN_WORDS_SHARE = 0.5
MORE_PER_GRADE = np.array([0.7, 1.2, 1.6])

CAME_TO_LIGHT = ("asked", "volunteered", "found")
STATES = ("present", "gone", "unknown")
PRESENT, GONE, UNKNOWN = range(3)


@dataclass(frozen=True)
class ReportedEffects:
    """One entry per side effect on record, in the order they were heard of; -1 where something was not told."""

    treatment: np.ndarray
    treatment_named: np.ndarray
    side_effect: np.ndarray
    area: np.ndarray
    side: np.ndarray
    in_own_words: np.ndarray
    onset_first: np.ndarray
    onset_last: np.ndarray
    last: np.ndarray
    grade: np.ndarray
    day: np.ndarray
    came_to_light: np.ndarray
    red_flag: np.ndarray


@dataclass(frozen=True)
class StatusNotes:
    """One entry per status note, in order of side effect and date; `last_day` and `grade` are -1 where not told."""

    report: np.ndarray
    day: np.ndarray
    state: np.ndarray
    last_day: np.ndarray
    grade: np.ndarray


@dataclass(frozen=True)
class OfferedRemedies:
    report: np.ndarray
    offer: np.ndarray
    used: np.ndarray
    day: np.ndarray


def simulate_reports(
    rng: np.random.Generator,
    clinic: SampleClinic,
    facts: Assumptions,
    visits: SimulatedVisits,
    effects: SimulatedEffects,
    contacts: tuple[CompletedFollowUps, CompletedFollowUps],
) -> ReportedEffects:
    """The side effects that came to light until today."""
    day, came_to_light = _draw_came_to_light(rng, clinic, effects, contacts)
    told = np.flatnonzero(day < NEVER)
    told = told[np.argsort(day[told], kind="stable")]
    treatment, side_effect, onset = effects.treatment[told], effects.side_effect[told], effects.onset[told]
    red_flag = effects.red_flag[told]

    def some(share: float) -> np.ndarray:
        return (rng.random(told.size) < share) & ~red_flag

    touched_up = np.zeros(visits.day.size, dtype=bool)
    touched_up[visits.touch_up_of[visits.touch_up_of >= 0]] = True
    # Left unnamed only where the client's latest treatment before the onset is the one meant.
    unnamed = some(TREATMENT_NOT_NAMED) & ~touched_up[treatment] & (onset < visits.next_day[treatment])
    to_the_month = some(ONSET_TO_THE_MONTH) & ~unnamed & (clinic.month_ends[onset] < clinic.days)
    sided = np.array([course.sided for course in facts.courses])[side_effect]
    return ReportedEffects(
        treatment=treatment,
        treatment_named=~unnamed,
        side_effect=side_effect,
        area=np.where(some(AREA_NOT_TOLD), -1, effects.area[told]),
        side=np.where(sided, rng.choice(len(SIDES), size=told.size, p=SIDE_SHARES), -1),
        in_own_words=some(OWN_WORDS_SHARE),
        onset_first=np.where(to_the_month, clinic.month_starts[onset], onset),
        onset_last=np.where(to_the_month, clinic.month_ends[onset], onset),
        last=effects.last[told],
        grade=effects.grade[told],
        day=day[told],
        came_to_light=came_to_light[told],
        red_flag=red_flag,
    )


def simulate_status_notes(
    rng: np.random.Generator,
    clinic: SampleClinic,
    visits: SimulatedVisits,
    second: CompletedFollowUps,
    heard: ReportedEffects,
) -> StatusNotes:
    """Still there, or gone: when first heard of, at checks until the client is lost, and whenever the client comes."""
    day = _draw_note_days(rng, visits, second, heard)
    asked = day < clinic.days
    over = asked & (day > heard.last[:, None])
    over_before = np.cumsum(over, axis=1) - over
    effect, column = np.nonzero(asked & (over_before == 0))
    day, gone, later = day[effect, column], over[effect, column], column > 0
    unsure = ~gone & later & (rng.random(day.size) < UNSURE_SHARE)
    recalled = rng.random(day.size) < np.where(later, LAST_DAY_TOLD, LAST_DAY_RECALLED)
    milder = later & (rng.random(day.size) < 0.5)
    return StatusNotes(
        report=effect,
        day=day,
        state=np.select([gone, unsure], [GONE, UNKNOWN], PRESENT),
        last_day=np.where(gone & recalled, heard.last[effect], -1),
        grade=np.where((gone & later) | unsure, -1, np.maximum(heard.grade[effect] - milder, 1)),
    )


def simulate_remedies(
    rng: np.random.Generator, clinic: SampleClinic, facts: Assumptions, heard: ReportedEffects
) -> OfferedRemedies:
    """Advised when the side effect was heard of, used from that day or the next. The worse, the more is advised."""
    families = [codelist.side_effects()[code].family for code in facts.side_effects]
    found = []
    for position, offer in enumerate(facts.offers):
        helped = [
            code in offer.offered_for or family in offer.offered_for
            for code, family in zip(facts.side_effects, families, strict=True)
        ]
        chance = np.array(helped)[heard.side_effect] * offer.advised * MORE_PER_GRADE[heard.grade - 1]
        advised = np.flatnonzero(rng.random(heard.day.size) < chance)
        used = advised[rng.random(advised.size) < offer.used]
        tomorrow = np.minimum(heard.day[used] + rng.integers(0, 2, size=used.size), clinic.days - 1)
        found.append((advised, np.full(advised.size, position), np.full(advised.size, False), heard.day[advised]))
        found.append((used, np.full(used.size, position), np.full(used.size, True), tomorrow))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    return OfferedRemedies(*(column[order] for column in columns))


def _draw_came_to_light(
    rng: np.random.Generator,
    clinic: SampleClinic,
    effects: SimulatedEffects,
    contacts: tuple[CompletedFollowUps, CompletedFollowUps],
) -> tuple[np.ndarray, np.ndarray]:
    """The day each side effect was heard of, or NEVER, and how."""
    size = effects.onset.size
    day = effects.onset + np.where(effects.red_flag, 1, rng.integers(*DAYS_TO_VOLUNTEER, size=size))
    volunteered = effects.red_flag | (rng.random(size) < VOLUNTEERED_SHARES[effects.grade - 1])
    day = np.where(volunteered & (day < clinic.days), day, NEVER)
    how = np.full(size, CAME_TO_LIGHT.index("volunteered"))
    for contact in contacts:
        asked_on, checklist = contact.day[effects.treatment], contact.checklist[effects.treatment]
        present = asked_on <= effects.last
        hears = np.where(
            present, np.where(checklist, *PRESENT_HEARD_SHARES), np.where(checklist, *RESOLVED_HEARD_SHARES)
        )
        told = (asked_on >= effects.onset) & (asked_on < day) & (rng.random(size) < hears)
        seen = (
            present & (contact.method[effects.treatment] == METHODS.index("visit")) & (rng.random(size) < FOUND_SHARE)
        )
        how = np.where(told, np.where(seen, CAME_TO_LIGHT.index("found"), CAME_TO_LIGHT.index("asked")), how)
        day = np.where(told, asked_on, day)
    return day, how


def _draw_note_days(
    rng: np.random.Generator, visits: SimulatedVisits, second: CompletedFollowUps, heard: ReportedEffects
) -> np.ndarray:
    """side effect x note -> its day in ascending order, NEVER past the last one; each day once."""
    shape = heard.day.size, CHECKS
    between = rng.integers(*DAYS_BETWEEN_CHECKS, size=shape) * LONGER_EACH_TIME ** np.arange(CHECKS)
    checks = heard.day[:, None] + np.minimum(between, MAX_BETWEEN_CHECKS).astype(int).cumsum(axis=1)
    lost = (rng.random(shape) < LOST_EACH_CHECK).cumsum(axis=1) > 0
    checks = np.where(lost | (rng.random(shape) > CHECK_ANSWERED), NEVER, checks)
    comes = np.column_stack([second.day[heard.treatment], visits.next_day[heard.treatment]])
    comes = np.where(comes > heard.day[:, None], comes, NEVER)
    day = np.sort(np.column_stack([heard.day, checks, comes]), axis=1)
    repeated = np.column_stack([np.full(heard.day.size, False), day[:, 1:] == day[:, :-1]])
    return np.where(repeated, NEVER, day)
