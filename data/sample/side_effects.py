"""Simulate all side effects, whether or not the clinic hears of them, including the planted signals."""

import numpy as np
import pandas as pd

from data.sample.clinic import DOUBLED_PRACTITIONER, PRACTITIONERS, WORSE_LOT, SampleClinic, make_table
from models import codelist

WORSE_LOT_ODDS = 2.5  # of every side effect
DOSE_AREA, DOSE_PRODUCT, DOSE_EFFECT = "forehead", "botox_cosmetic", "brow_ptosis"
DOSE_ODDS_PER_5_UNITS, DOSE_CENTER = 1.8, 20  # the published rate applies to the labeled 20 Units
DOUBLED_FAMILY, DOUBLED_FACTOR = "nearby_weakness", 2.0
RISING_EFFECT, RISING_FACTOR = "bruising", 3.0
RED_FLAG, RED_FLAG_AREA, RED_FLAG_DAYS_AGO = "dysphagia", "platysma", 10  # at least, so that it is on record today

GRADES = (0.68, 0.28, 0.04)  # 1, 2, 3
LONGER_BY_GRADE = np.array([0.93, 1.15, 1.45])  # relative to the published course, which covers all grades


def simulate_side_effects(clinic: SampleClinic, visits: np.recarray, places: np.recarray) -> np.recarray:
    """All side effects of all treatments in order of treatment, and the red flag, after the latest treatment that is
    old enough, preferably of RED_FLAG_AREA.

    Columns: treatment, side_effect, area (-1: missing), onset, last (day present), grade, red_flag.
    """
    old_enough = visits.day[places.treatment] < clinic.days - RED_FLAG_DAYS_AGO
    of_area = old_enough & (places.area == clinic.facts.area(RED_FLAG_AREA))
    latest = np.flatnonzero(of_area if of_area.any() else old_enough)[-1]
    effect = clinic.facts.side_effects.index(RED_FLAG)
    flagged = make_table(treatment=places.treatment[[latest]], side_effect=effect, area=places.area[latest])
    found = np.append(_draw_affected(clinic, visits, places), flagged).view(np.recarray)
    order = np.argsort(found.treatment, kind="stable")
    found, red_flag = found[order], order == order.size - 1
    grade = np.where(red_flag, 2, clinic.rng.choice(len(GRADES), size=order.size, p=GRADES) + 1)
    course = pd.DataFrame(clinic.facts.courses).iloc[found.side_effect]
    # The mode is the middle of the usual day, so that every day from the least to the most has a share.
    to_onset = clinic.rng.triangular(course.onset_least, course.onset_usual + 0.5, course.onset_most + 1)
    onset = visits.day[found.treatment] + np.floor(to_onset).astype(int)
    spread = np.array([row.spread for row in clinic.facts.courses])[found.side_effect]
    varied = np.exp(clinic.rng.normal(size=grade.size) * spread) * LONGER_BY_GRADE[grade - 1]
    days_present = np.maximum(np.ceil(course.half_over.to_numpy() * varied), 1).astype(int)
    return make_table(
        treatment=found.treatment,
        side_effect=found.side_effect,
        area=found.area,
        onset=onset,
        last=onset + days_present - 1,
        grade=grade,
        red_flag=red_flag,
    )


def _draw_affected(clinic: SampleClinic, visits: np.recarray, places: np.recarray) -> np.recarray:
    found = []
    for position, course in enumerate(clinic.facts.courses):
        table = clinic.facts.rate(course.side_effect)
        exposed = np.flatnonzero(table[places.area, places.product])
        chance = table[places.area[exposed], places.product[exposed]]
        if clinic.has_signals:
            chance = _apply_planted_signals(clinic, visits, places, exposed, course.side_effect, chance)
        treatment = places.treatment[exposed]
        if course.placed:
            affected = clinic.rng.random(exposed.size) < chance
            treatment, area = treatment[affected], places.area[exposed][affected]
        else:
            # One draw per treatment: with several areas the chance is that of the worst, as published, not their sum.
            affected = clinic.rng.random(visits.day.size)[treatment] < chance
            treatment = np.unique(treatment[affected])
            area = -1
        found.append(make_table(treatment=treatment, side_effect=position, area=area))
    return np.concatenate(found)


def _apply_planted_signals(
    clinic: SampleClinic,
    visits: np.recarray,
    places: np.recarray,
    exposed: np.ndarray,
    side_effect: str,
    chance: np.ndarray,
) -> np.ndarray:
    treatment = places.treatment[exposed]
    worse_lot = [lot.number for lot in clinic.lots].index(WORSE_LOT)
    odds = np.where(places.lot[exposed] == worse_lot, WORSE_LOT_ODDS, 1.0)
    if side_effect == DOSE_EFFECT:
        dosed = places.area[exposed] == clinic.facts.area(DOSE_AREA)
        dosed &= places.product[exposed] == clinic.facts.product(DOSE_PRODUCT)
        odds *= np.where(dosed, DOSE_ODDS_PER_5_UNITS ** ((places.units[exposed] - DOSE_CENTER) / 5), 1.0)
    chance = odds * chance / (1 - chance + odds * chance)
    if codelist.side_effects()[side_effect].family == DOUBLED_FAMILY:
        doubled = [row.code for row in PRACTITIONERS].index(DOUBLED_PRACTITIONER)
        since = visits.day[treatment] >= clinic.day(clinic.doubled_from)
        chance = chance * np.where((visits.practitioner[treatment] == doubled) & since, DOUBLED_FACTOR, 1.0)
    if side_effect == RISING_EFFECT:
        month = clinic.month(clinic.rising_month)
        during = (visits.day[treatment] >= month.start) & (visits.day[treatment] < month.stop)
        chance = chance * np.where(during, RISING_FACTOR, 1.0)
    return chance
