"""Simulate which side effects the clinic heard of, and the status notes until each resolved or the client was lost."""

import numpy as np

from data.sample.clinic import SampleClinic, make_table
from data.sample.follow_ups import METHODS
from data.sample.treatments import NEVER
from data.schema import template
from models import codelist

VOLUNTEERED_SHARES = np.array([0.1, 0.35, 0.7])  # by grade, within days
DAYS_TO_VOLUNTEER = (1, 6)
# The share that a checklist and an open question find, of side effects still present and of those resolved by then.
PRESENT_HEARD_SHARES, RESOLVED_HEARD_SHARES = (0.98, 0.7), (0.9, 0.5)
FOUND_SHARE = 0.2  # of side effects present at a visit, noticed by the practitioner first

CHECKS, DAYS_BETWEEN_CHECKS, LONGER_EACH_TIME, MAX_BETWEEN_CHECKS = 14, (7, 15), 1.2, 35
CHECK_ANSWERED, LOST_EACH_CHECK = 0.85, 0.08
UNSURE_SHARE = 0.03  # of checks
LAST_DAY_AT_CHECK, LAST_DAY_AT_REPORT = 0.65, 0.92  # when resolved at a check; when resolved before it was reported

AREA_MISSING, TREATMENT_MISSING, ONSET_BY_MONTH = 0.07, 0.04, 0.05
SIDES = template.SIDES.choices[:3]  # a sided effect is never in the midline
SIDE_SHARES = (0.44, 0.44, 0.12)
OWN_WORDS_SHARE = 0.5
MORE_PER_GRADE = np.array([0.7, 1.2, 1.6])

CAME_TO_LIGHT = ("asked", "volunteered", "found")
STATES = template.STATES.choices
PRESENT, GONE, UNKNOWN = range(3)


def simulate_reports(
    clinic: SampleClinic,
    visits: np.recarray,
    effects: np.recarray,
    contacts: tuple[np.recarray, np.recarray],
) -> np.recarray:
    """The side effects that the clinic has heard of by today, in the order of the reports.

    Columns: treatment, treatment_named, side_effect, area and side (-1: missing), in_own_words, onset_first,
    onset_last, last (day present), grade, day (of the report), came_to_light, red_flag.
    """
    day, came_to_light = _draw_came_to_light(clinic, effects, contacts)
    reported = np.flatnonzero(day < NEVER)
    reported = reported[np.argsort(day[reported], kind="stable")]
    effects = effects[reported]

    def draw(share: float) -> np.ndarray:
        return (clinic.rng.random(reported.size) < share) & ~effects.red_flag

    touched_up = np.zeros(visits.day.size, dtype=bool)
    touched_up[visits.touch_up_of[visits.touch_up_of >= 0]] = True
    # Only where the client's latest treatment before the onset is the right one.
    is_last = ~touched_up[effects.treatment] & (effects.onset < visits.next_day[effects.treatment])
    unnamed = draw(TREATMENT_MISSING) & is_last
    month_start, month_end = clinic.month_bounds(effects.onset)
    to_the_month = draw(ONSET_BY_MONTH) & ~unnamed & (month_end < clinic.days)
    sided = np.array([course.sided for course in clinic.facts.courses])[effects.side_effect]
    return make_table(
        treatment=effects.treatment,
        treatment_named=~unnamed,
        side_effect=effects.side_effect,
        area=np.where(draw(AREA_MISSING), -1, effects.area),
        side=np.where(sided, clinic.rng.choice(len(SIDES), size=reported.size, p=SIDE_SHARES), -1),
        in_own_words=draw(OWN_WORDS_SHARE),
        onset_first=np.where(to_the_month, month_start, effects.onset),
        onset_last=np.where(to_the_month, month_end, effects.onset),
        last=effects.last,
        grade=effects.grade,
        day=day[reported],
        came_to_light=came_to_light[reported],
        red_flag=effects.red_flag,
    )


def simulate_status_notes(
    clinic: SampleClinic, visits: np.recarray, second: np.recarray, reports: np.recarray
) -> np.recarray:
    """Notes at the report, at checks until the client is lost, and at the client's later visits.

    Columns, in order of side effect and date: report, day, state, last_day and grade (-1: missing).
    """
    day = _draw_note_days(clinic, visits, second, reports)
    asked = day < clinic.days
    over = asked & (day > reports.last[:, None])
    over_before = np.cumsum(over, axis=1) - over
    effect, column = np.nonzero(asked & (over_before == 0))
    day, gone, later = day[effect, column], over[effect, column], column > 0
    unsure = ~gone & later & (clinic.rng.random(day.size) < UNSURE_SHARE)
    recalled = clinic.rng.random(day.size) < np.where(later, LAST_DAY_AT_CHECK, LAST_DAY_AT_REPORT)
    milder = later & (clinic.rng.random(day.size) < 0.5)
    return make_table(
        report=effect,
        day=day,
        state=np.select([gone, unsure], [GONE, UNKNOWN], PRESENT),
        last_day=np.where(gone & recalled, reports.last[effect], -1),
        grade=np.where((gone & later) | unsure, -1, np.maximum(reports.grade[effect] - milder, 1)),
    )


def simulate_remedies(clinic: SampleClinic, reports: np.recarray) -> np.recarray:
    """Remedies advised at the report and used from that day or the next; more of them for higher grades.

    Columns, in this order: report, offer, used, day.
    """
    families = [codelist.side_effects()[code].family for code in clinic.facts.side_effects]
    found = []
    for position, offer in enumerate(clinic.facts.offers):
        helped = [
            code in offer.offered_for or family in offer.offered_for
            for code, family in zip(clinic.facts.side_effects, families, strict=True)
        ]
        chance = np.array(helped)[reports.side_effect] * offer.advised * MORE_PER_GRADE[reports.grade - 1]
        advised = np.flatnonzero(clinic.rng.random(reports.day.size) < chance)
        used = advised[clinic.rng.random(advised.size) < offer.used]
        tomorrow = np.minimum(reports.day[used] + clinic.rng.integers(0, 2, size=used.size), clinic.days - 1)
        found.append(make_table(report=advised, offer=position, used=False, day=reports.day[advised]))
        found.append(make_table(report=used, offer=position, used=True, day=tomorrow))
    return np.sort(np.concatenate(found), order=["report", "offer", "used"]).view(np.recarray)


def _draw_came_to_light(
    clinic: SampleClinic, effects: np.recarray, contacts: tuple[np.recarray, np.recarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The day each side effect was reported, or NEVER, and how it came to light."""
    size = effects.onset.size
    day = effects.onset + np.where(effects.red_flag, 1, clinic.rng.integers(*DAYS_TO_VOLUNTEER, size=size))
    volunteered = effects.red_flag | (clinic.rng.random(size) < VOLUNTEERED_SHARES[effects.grade - 1])
    day = np.where(volunteered & (day < clinic.days), day, NEVER)
    how = np.full(size, CAME_TO_LIGHT.index("volunteered"))
    for contact in contacts:
        asked_on, checklist = contact.day[effects.treatment], contact.checklist[effects.treatment]
        present = asked_on <= effects.last
        finds_resolved = np.where(checklist, *RESOLVED_HEARD_SHARES)
        hears = np.where(present, np.where(checklist, *PRESENT_HEARD_SHARES), finds_resolved)
        reported = (asked_on >= effects.onset) & (asked_on < day) & (clinic.rng.random(size) < hears)
        at_visit = contact.method[effects.treatment] == METHODS.index("visit")
        seen = present & at_visit & (clinic.rng.random(size) < FOUND_SHARE)
        how = np.where(reported, np.where(seen, CAME_TO_LIGHT.index("found"), CAME_TO_LIGHT.index("asked")), how)
        day = np.where(reported, asked_on, day)
    return day, how


def _draw_note_days(clinic: SampleClinic, visits: np.recarray, second: np.recarray, reports: np.recarray) -> np.ndarray:
    """side effect x note -> its day, each day once and in ascending order, padded with NEVER."""
    shape = reports.day.size, CHECKS
    between = clinic.rng.integers(*DAYS_BETWEEN_CHECKS, size=shape) * LONGER_EACH_TIME ** np.arange(CHECKS)
    checks = reports.day[:, None] + np.minimum(between, MAX_BETWEEN_CHECKS).astype(int).cumsum(axis=1)
    lost = (clinic.rng.random(shape) < LOST_EACH_CHECK).cumsum(axis=1) > 0
    checks = np.where(lost | (clinic.rng.random(shape) > CHECK_ANSWERED), NEVER, checks)
    comes = np.column_stack([second.day[reports.treatment], visits.next_day[reports.treatment]])
    comes = np.where(comes > reports.day[:, None], comes, NEVER)
    day = np.sort(np.column_stack([reports.day, checks, comes]), axis=1)
    repeated = np.column_stack([np.full(reports.day.size, False), day[:, 1:] == day[:, :-1]])
    return np.where(repeated, NEVER, day)
