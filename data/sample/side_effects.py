"""Simulate all side effects, whether or not the clinic hears of them, including the planted signals."""

from dataclasses import dataclass

import numpy as np

from data.sample.assumptions import Assumptions
from data.sample.clinic import PRACTITIONERS, SampleClinic
from data.sample.treatments import SimulatedVisits, TreatedPlaces
from models import codelist

WORSE_LOT_ODDS = 2.5  # of every side effect
DOSE_AREA, DOSE_PRODUCT, DOSE_EFFECT = "forehead", "botox_cosmetic", "brow_ptosis"
DOSE_ODDS_PER_5_UNITS, DOSE_CENTER = 1.8, 20  # the published rate applies to the labeled 20 Units
DOUBLED_FAMILY, DOUBLED_FACTOR = "nearby_weakness", 2.0
RISING_EFFECT, RISING_FACTOR = "bruising", 3.0
RED_FLAG, RED_FLAG_AREA, RED_FLAG_DAYS_AGO = "dysphagia", "platysma", 10  # at least, so that it is on record today

GRADES = (0.68, 0.28, 0.04)  # 1, 2, 3
LONGER_BY_GRADE = np.array([0.93, 1.15, 1.45])  # relative to the published course, which covers all grades


@dataclass(frozen=True)
class SimulatedEffects:
    """One entry per side effect in order of treatment; days from the first of the records.

    `side_effect` and `area` are positions in the Assumptions (`area` -1 if missing); `last` is the last day present.
    """

    treatment: np.ndarray
    side_effect: np.ndarray
    area: np.ndarray
    onset: np.ndarray
    last: np.ndarray
    grade: np.ndarray
    red_flag: np.ndarray


def simulate_side_effects(
    rng: np.random.Generator, clinic: SampleClinic, facts: Assumptions, visits: SimulatedVisits, places: TreatedPlaces
) -> SimulatedEffects:
    """All side effects of all treatments, and the red flag."""
    treatment, side_effect, area = _draw_affected(rng, clinic, facts, visits, places)
    flagged, flagged_area = _red_flag(clinic, facts, visits, places)
    treatment, area = np.append(treatment, flagged), np.append(area, flagged_area)
    side_effect = np.append(side_effect, facts.side_effects.index(RED_FLAG))
    order = np.argsort(treatment, kind="stable")
    red_flag = order == order.size - 1
    treatment, side_effect, area = treatment[order], side_effect[order], area[order]

    grade = np.where(red_flag, 2, rng.choice(len(GRADES), size=order.size, p=GRADES) + 1)
    onset = visits.day[treatment] + _days_to_onset(rng, facts, side_effect)
    return SimulatedEffects(
        treatment=treatment,
        side_effect=side_effect,
        area=area,
        onset=onset,
        last=onset + _days_present(rng, facts, side_effect, grade) - 1,
        grade=grade,
        red_flag=red_flag,
    )


def _draw_affected(
    rng: np.random.Generator, clinic: SampleClinic, facts: Assumptions, visits: SimulatedVisits, places: TreatedPlaces
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = []
    for position, course in enumerate(facts.courses):
        table = facts.rate(course.side_effect)
        exposed = np.flatnonzero(table[places.area, places.product])
        chance = table[places.area[exposed], places.product[exposed]]
        chance = _apply_planted_signals(clinic, facts, visits, places, exposed, course.side_effect, chance)
        treatment = places.treatment[exposed]
        if course.placed:
            affected = rng.random(exposed.size) < chance
            treatment, area = treatment[affected], places.area[exposed][affected]
        else:
            # One draw per treatment: with several areas the chance is that of the worst, as published, not their sum.
            affected = rng.random(visits.day.size)[treatment] < chance
            treatment = np.unique(treatment[affected])
            area = np.full(treatment.size, -1)
        found.append((treatment, np.full(treatment.size, position), area))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _apply_planted_signals(
    clinic: SampleClinic,
    facts: Assumptions,
    visits: SimulatedVisits,
    places: TreatedPlaces,
    exposed: np.ndarray,
    side_effect: str,
    chance: np.ndarray,
) -> np.ndarray:
    planted, treatment = clinic.planted, places.treatment[exposed]
    worse_lot = [lot.number for lot in clinic.lots].index(planted.worse_lot)
    odds = np.where(places.lot[exposed] == worse_lot, WORSE_LOT_ODDS, 1.0)
    if side_effect == DOSE_EFFECT:
        dosed = (places.area[exposed] == facts.area(DOSE_AREA)) & (
            places.product[exposed] == facts.product(DOSE_PRODUCT)
        )
        odds *= np.where(dosed, DOSE_ODDS_PER_5_UNITS ** ((places.units[exposed] - DOSE_CENTER) / 5), 1.0)
    chance = odds * chance / (1 - chance + odds * chance)
    if codelist.side_effects()[side_effect].family == DOUBLED_FAMILY:
        doubled = [row.code for row in PRACTITIONERS].index(planted.doubled_practitioner)
        since = visits.day[treatment] >= clinic.day(planted.doubled_from)
        chance = chance * np.where((visits.practitioner[treatment] == doubled) & since, DOUBLED_FACTOR, 1.0)
    if side_effect == RISING_EFFECT:
        month = clinic.month(planted.rising_month)
        during = (visits.day[treatment] >= month.start) & (visits.day[treatment] < month.stop)
        chance = chance * np.where(during, RISING_FACTOR, 1.0)
    return chance


def _red_flag(
    clinic: SampleClinic, facts: Assumptions, visits: SimulatedVisits, places: TreatedPlaces
) -> tuple[int, int]:
    """The treatment and area of the red flag: the latest that is old enough, preferably of RED_FLAG_AREA."""
    old_enough = visits.day[places.treatment] < clinic.days - RED_FLAG_DAYS_AGO
    of_area = old_enough & (places.area == facts.area(RED_FLAG_AREA))
    latest = np.flatnonzero(of_area if of_area.any() else old_enough)[-1]
    return places.treatment[latest], places.area[latest]


def _days_to_onset(rng: np.random.Generator, facts: Assumptions, side_effect: np.ndarray) -> np.ndarray:
    least, usual, most = (
        np.array([getattr(course, name) for course in facts.courses])[side_effect]
        for name in ("onset_least", "onset_usual", "onset_most")
    )
    # The mode is the middle of the usual day, so that every day from the least to the most has a share.
    return np.floor(rng.triangular(least, usual + 0.5, most + 1)).astype(int)


def _days_present(
    rng: np.random.Generator, facts: Assumptions, side_effect: np.ndarray, grade: np.ndarray
) -> np.ndarray:
    half_over = np.array([course.half_over for course in facts.courses])[side_effect]
    spread = np.array([course.spread for course in facts.courses])[side_effect]
    days = half_over * np.exp(rng.normal(size=grade.size) * spread) * LONGER_BY_GRADE[grade - 1]
    return np.maximum(np.ceil(days), 1).astype(int)
