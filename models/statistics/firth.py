"""Logistic regression on one number with Firth's penalty: the likelihood, its maximum, its profile.

Each stratum has its own intercept, so that only treatments of the same stratum are compared.

The penalty is half the log determinant of the information (Jeffreys' prior). It removes the first-order bias and keeps
the slope finite if a dose separates the treatments with the effect from those without.
Source: Firth 1993, Biometrika 80, 27-38; Heinze & Schemper 2002, Statistics in Medicine 21, 2409-2419.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.statistics.arguments import Flags, Floats

SMALL_STEP = 1e-16  # iterations stop when the next step is this small, in squared standard errors
MAX_ROUNDS = 200
LARGEST_STEP = 5.0  # of the log odds, where there is little information. Source: logistf's maxstep
ROUNDING = 1e-12  # a smaller relative decrease of the log-likelihood is rounding


@dataclass(frozen=True, slots=True)
class Point:
    """The penalized log-likelihood at one slope and an intercept per stratum, and its derivatives and information.

    `pull`, `slope_pull`: the derivatives by the intercepts, and by the slope about the `centre` of the information in
    each stratum, where they are orthogonal.
    """

    intercept: Floats
    slope: float
    value: float
    pull: Floats
    slope_pull: float
    centre: Floats
    level_information: Floats
    slope_information: float

    @property
    def error(self) -> float:
        """The standard error of the slope."""
        return 1 / math.sqrt(self.slope_information)


@dataclass(frozen=True, slots=True)
class PenalizedLikelihood:
    """Treatments and events by stratum and distinct number, standardized to mean 0 and standard deviation 1."""

    numbers: Floats
    stratum: NDArray[np.intp]
    treatments: Floats
    events: Floats
    deviation: float  # the standard deviation in the original units

    @classmethod
    def of(cls, numbers: Floats, outcome: Flags, stratum: NDArray[np.intp] | None = None) -> "PenalizedLikelihood":
        """From one row per treatment with at least two different numbers in one stratum. `stratum`: from 0, each with
        a treatment; None: all are of one."""
        # Relative to the largest, so that squares neither overflow nor underflow.
        largest = float(numbers.max())
        relative = numbers / largest
        deviation = float(relative.std())
        pairs = np.column_stack([np.zeros(len(numbers)) if stratum is None else stratum, relative])
        distinct, position, treatments = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
        events = np.bincount(position, weights=outcome).astype(float)
        standardized = (distinct[:, 1] - relative.mean()) / deviation
        of_stratum = distinct[:, 0].astype(np.intp)
        return cls(standardized, of_stratum, treatments.astype(float), events, deviation * largest)

    def maximum(self) -> Point:
        """The maximum of the penalized likelihood, by Fisher scoring."""
        share = (self._sum(self.events) + 0.5) / (self._sum(self.treatments) + 1)
        point = self._at(np.log(share / (1 - share)), 0.0)
        for _ in range(MAX_ROUNDS):
            level, slope = point.pull / point.level_information, point.slope_pull / point.slope_information
            if (level * point.pull).sum() + slope * point.slope_pull < SMALL_STEP:
                break
            part = min(1.0, LARGEST_STEP / max(np.abs(level).max(), abs(slope)))
            point = self._step(point, part * (level - point.centre * slope), part * slope)
        return point

    def profile(self, slope: float, start: Point) -> Point:
        """The maximum of the penalized likelihood with this slope, searched from `start` rotated about its centers.

        The steps take the curvature from the previous step (secant), which the information only approximates.
        """
        point = self._at(start.intercept - start.centre * (slope - start.slope), slope)
        bend = point.level_information
        for _ in range(MAX_ROUNDS):
            if (point.pull**2 < SMALL_STEP * bend).all():
                break
            step = np.clip(point.pull / bend, -LARGEST_STEP, LARGEST_STEP)
            there = self._step(point, step, 0.0)
            moved = there.intercept - point.intercept
            if not moved.any():
                break
            secant = np.divide(point.pull - there.pull, moved, out=np.zeros_like(moved), where=moved != 0)
            point, bend = there, np.where(secant > 0, secant, there.level_information)
        return point

    def _sum(self, values: Floats) -> Floats:
        """Of each stratum."""
        return np.bincount(self.stratum, weights=values).astype(float)

    def _step(self, point: Point, intercept_step: Floats, slope_step: float) -> Point:
        """Take the step, halved until the likelihood does not decrease."""
        part = 1.0
        while True:
            there = self._at(point.intercept + part * intercept_step, point.slope + part * slope_step)
            if there.value >= point.value - ROUNDING * abs(point.value):
                return there
            part /= 2

    def _at(self, intercept: Floats, slope: float) -> Point:
        log_odds = intercept[self.stratum] + slope * self.numbers
        smaller = np.exp(-np.abs(log_odds))
        yes = np.where(log_odds > 0, 1, smaller) / (1 + smaller)
        weight = self.treatments * smaller / (1 + smaller) ** 2
        level_information = self._sum(weight)
        # Relative to the heaviest number, so that the small weights of the others are not lost in rounding.
        rising = np.lexsort((weight, self.stratum))
        last = np.append(np.flatnonzero(np.diff(self.stratum[rising])), len(rising) - 1)
        heaviest = self.numbers[rising[last]]
        away = self.numbers - heaviest[self.stratum]
        offset = self._sum(weight * away) / np.where(level_information > 0, level_information, 1)
        away = away - offset[self.stratum]
        slope_information = float((weight * away**2).sum())
        if slope_information == 0 or not level_information.all():
            # Probabilities near 0 and 1 leave no information, so that the penalty is infinite.
            nothing, ones = np.zeros_like(intercept), np.ones_like(intercept)
            return Point(intercept, slope, -math.inf, nothing, 0.0, nothing, ones, 1.0)
        likelihood = self.events * log_odds - self.treatments * (np.maximum(log_odds, 0) + np.log(1 + smaller))
        penalty = 0.5 * (float(np.log(level_information).sum()) + math.log(slope_information))

        # The leverage of each treatment, which weights Firth's correction.
        leverage = weight / level_information[self.stratum] + weight * away**2 / slope_information
        score = self.events - self.treatments * yes + leverage * (0.5 - yes)
        return Point(
            intercept,
            slope,
            float(likelihood.sum()) + penalty,
            self._sum(score),
            float((score * away).sum()),
            heaviest + offset,
            level_information,
            slope_information,
        )
