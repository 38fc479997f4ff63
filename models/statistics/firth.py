"""Logistic regression on one number with Firth's penalty: the likelihood, its maximum, its profile.

The penalty is half the log determinant of the information (Jeffreys' prior), which takes away the first-order bias and
keeps the slope finite when a dose separates those with the effect from those without.
Source: Firth 1993, Biometrika 80, 27-38; Heinze & Schemper 2002, Statistics in Medicine 21, 2409-2419.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Rounds end when the next step would be this small in standard errors, squared. Each gains a digit or more.
SMALL_STEP = 1e-16
ROUNDS = 200
# A fall of the log-likelihood by less than this part of it is rounding, not a step too far.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Point:
    """The penalised log-likelihood at one intercept and slope, and the step that Fisher's scoring takes from there."""

    intercept: float
    slope: float
    value: float

    # The step of the intercept at the centre of the information, where intercept and slope do not depend on each other.
    level_step: float
    slope_step: float
    centre: float
    level_information: float
    slope_information: float

    @property
    def error(self) -> float:
        """The standard error of the slope."""
        return 1 / math.sqrt(self.slope_information)


@dataclass(frozen=True, slots=True)
class PenalisedLikelihood:
    """Treatments and events by distinct number; the numbers in standard deviations from their mean."""

    numbers: NDArray[np.float64]
    treatments: NDArray[np.float64]
    events: NDArray[np.float64]
    # One standard deviation in the units given.
    deviation: float

    @classmethod
    def of(cls, numbers: NDArray[np.float64], outcome: NDArray[np.bool_]) -> "PenalisedLikelihood":
        """Gathers one row per treatment; two different numbers at least."""
        deviation = float(numbers.std())
        distinct, position, treatments = np.unique(numbers, return_inverse=True, return_counts=True)
        events = np.bincount(position, weights=outcome)
        return cls((distinct - numbers.mean()) / deviation, treatments.astype(float), events, deviation)

    def maximum(self) -> Point:
        """The intercept and slope of the largest penalised likelihood."""
        share = (self.events.sum() + 0.5) / (self.treatments.sum() + 1)
        return self._climb(self._at(math.log(share / (1 - share)), 0.0), slope_free=True)

    def profile(self, slope: float, start: Point) -> Point:
        """The largest penalised likelihood with this slope, looked for from another point, turned about its centre."""
        intercept = start.intercept - start.centre * (slope - start.slope)
        return self._climb(self._at(intercept, slope), slope_free=False)

    def _climb(self, point: Point, slope_free: bool) -> Point:
        for _ in range(ROUNDS):
            slope_step = point.slope_step if slope_free else 0.0
            size = point.level_step**2 * point.level_information + slope_step**2 * point.slope_information
            if size < SMALL_STEP:
                break
            point = self._step(point, point.level_step - point.centre * slope_step, slope_step)
        return point

    def _step(self, point: Point, intercept_step: float, slope_step: float) -> Point:
        """The step, halved until it does not lead down."""
        part = 1.0
        while True:
            there = self._at(point.intercept + part * intercept_step, point.slope + part * slope_step)
            if there.value >= point.value - ROUNDING * abs(point.value):
                return there
            part /= 2

    def _at(self, intercept: float, slope: float) -> Point:
        log_odds = intercept + slope * self.numbers
        smaller = np.exp(-np.abs(log_odds))
        yes = np.where(log_odds > 0, 1, smaller) / (1 + smaller)
        weight = self.treatments * smaller / (1 + smaller) ** 2
        # Sums of products rather than dot products: as exact, and their time does not hang on how busy the machine is.
        level_information = float(weight.sum())
        centre = float((weight * self.numbers).sum()) / level_information
        away = self.numbers - centre
        slope_information = float((weight * away**2).sum())
        likelihood = self.events * log_odds - self.treatments * (np.maximum(log_odds, 0) + np.log(1 + smaller))
        penalty = 0.5 * (math.log(level_information) + math.log(slope_information))

        # What a treatment adds to the information, relative to all: its leverage, which weighs Firth's correction.
        leverage = weight * (1 / level_information + away**2 / slope_information)
        score = self.events - self.treatments * yes + leverage * (0.5 - yes)
        return Point(
            intercept,
            slope,
            float(likelihood.sum()) + penalty,
            float(score.sum()) / level_information,
            float((score * away).sum()) / slope_information,
            centre,
            level_information,
            slope_information,
        )
