"""Simulate the follow-up log: who was reached, when and how, and the score of the treated muscle."""

import numpy as np

from data.sample.clinic import SampleClinic, make_table
from data.sample.treatments import NEVER

UNREACHED_SHARE = 0.30  # of the treatments with a due follow-up
DECLINED_SHARE = 0.02  # of all due, included in the unreached
FOLLOW_UP_PLANNED = (12, 21)  # days after the treatment, from 12 to 20, so that each is due within 21 days
CALLED_TWICE_SHARE = 0.12  # of those reached
ATTEMPTS = (0.35, 0.4, 0.25)  # the share of clients who get one, two or three attempts before they count as not reached
DAYS_BETWEEN_ATTEMPTS = 2
SECOND_CONTACT, SECOND_CONTACT_DAYS = 0.12, (60, 150)

METHODS = ("visit", "phone", "message")
METHOD_SHARES = (0.35, 0.45, 0.2)
CHECKLIST_SHARES = np.array([0.85, 0.7, 0.4])  # by method; the others used an open question
SWEATING_PROGRAMS = ("sweating_underarm", "sweating_hands")
UNSCORED_AREAS = ("saliva",)
OUTCOMES = ("done", "not_reached", "declined", "not_due")
DONE, NOT_REACHED, DECLINED_TO_SAY, NOT_DUE = range(4)


def simulate_follow_ups(clinic: SampleClinic, visits: np.recarray) -> tuple[np.recarray, np.recarray, np.recarray]:
    """The first and the second completed follow-up of each treatment, and the log of every attempt in order of date.

    Columns of a completed follow-up: day (NEVER: none), method, checklist (used). Columns of the log: treatment, day,
    method, outcome, checklist, score, sweating; method, checklist and score are -1 if missing.
    """
    treatments = visits.day.size
    planned = visits.day + clinic.rng.integers(*FOLLOW_UP_PLANNED, size=treatments)
    touched = visits.touch_up_of >= 0
    touched_up = np.zeros(treatments, dtype=bool)
    touched_up[visits.touch_up_of[touched]] = True
    planned[visits.touch_up_of[touched]] = visits.day[touched]
    due = planned < clinic.days
    # Clients who came for a touch-up were reached, so the others are missed more often to keep the overall share.
    missed = UNREACHED_SHARE * due.sum() / max((due & ~touched_up).sum(), 1)
    draw = clinic.rng.random(treatments)
    reached = due & (touched_up | (draw >= missed))
    declined = due & ~reached & (draw < DECLINED_SHARE)

    method = clinic.rng.choice(len(METHODS), size=treatments, p=METHOD_SHARES)
    method = np.where(touched_up, METHODS.index("visit"), method)
    first = _complete_follow_ups(clinic, reached, planned, method)
    day = visits.day + clinic.rng.integers(*SECOND_CONTACT_DAYS, size=treatments)
    comes_back = clinic.rng.random(treatments) < SECOND_CONTACT
    again = reached & comes_back & (day < np.minimum(visits.next_day, clinic.days))
    second = _complete_follow_ups(clinic, again, day, clinic.rng.choice(2, size=treatments))

    log = [_log_answered(clinic, visits, contact) for contact in (first, second)]
    log.append(_log_unanswered(declined, planned, method, DECLINED_TO_SAY))
    log.append(_log_unanswered(~due, visits.day, np.full(treatments, -1), NOT_DUE))
    early = reached & ~touched_up & (clinic.rng.random(treatments) < CALLED_TWICE_SHARE)
    by_phone = np.full(treatments, METHODS.index("phone"))
    log.append(_log_unanswered(early, planned - DAYS_BETWEEN_ATTEMPTS, by_phone, NOT_REACHED))
    attempts = clinic.rng.choice(len(ATTEMPTS), size=treatments, p=ATTEMPTS)
    for attempt in range(len(ATTEMPTS)):
        day = planned + attempt * DAYS_BETWEEN_ATTEMPTS
        tried = due & ~reached & ~declined & (attempt <= attempts) & (day < clinic.days)
        log.append(
            _log_unanswered(tried, day, np.where(method == METHODS.index("visit"), by_phone, method), NOT_REACHED)
        )
    contacts = np.concatenate(log).view(np.recarray)
    return first, second, contacts[np.lexsort((contacts.treatment, contacts.day))]


def _complete_follow_ups(clinic: SampleClinic, reached: np.ndarray, day: np.ndarray, method: np.ndarray) -> np.recarray:
    checklist = clinic.rng.random(day.size) < CHECKLIST_SHARES[method]
    return make_table(day=np.where(reached, day, NEVER), method=method, checklist=checklist)


def _log_answered(clinic: SampleClinic, visits: np.recarray, contact: np.recarray) -> np.recarray:
    """Log entries of completed follow-ups, scored at visits for movement, or for sweating if that was treated.

    Both scores reach the value that counts as worn off on the last day of the effect.
    """
    treatment = np.flatnonzero(contact.day < NEVER)
    day, method = contact.day[treatment], contact.method[treatment]
    programme = visits.programme[treatment]
    codes = [row.code for row in clinic.facts.programmes]
    sweating = np.isin(programme, [codes.index(code) for code in SWEATING_PROGRAMS])
    unscored = np.isin(programme, [codes.index(code) for code in UNSCORED_AREAS])
    elapsed = (day - visits.day[treatment]) / visits.effect_days[treatment]
    score = np.digitize(elapsed, (0.6, 1.0, 1.3)) + sweating
    score = np.where((method == METHODS.index("visit")) & ~unscored, score, -1)
    checklist = contact.checklist[treatment].astype(int)
    return make_table(
        treatment=treatment, day=day, method=method, outcome=DONE, checklist=checklist, score=score, sweating=sweating
    )


def _log_unanswered(which: np.ndarray, day: np.ndarray, method: np.ndarray, outcome: int) -> np.recarray:
    treatment = np.flatnonzero(which)
    day, method = day[treatment], method[treatment]
    return make_table(
        treatment=treatment, day=day, method=method, outcome=outcome, checklist=-1, score=-1, sweating=False
    )
