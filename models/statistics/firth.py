"""Logistic regression on one number with Firth's penalty: the likelihood, its maximum, its profile.

The penalty is half the log determinant of the information (Jeffreys' prior). It removes the first-order bias and keeps
the slope finite if a dose separates the treatments with the effect from those without.
Source: Firth 1993, Biometrika 80, 27-38; Heinze & Schemper 2002, Statistics in Medicine 21, 2409-2419.
"""

import math
from dataclasses import dataclass

import numpy as np

from models.statistics.arguments import Flags, Floats

SMALL_STEP = 1e-16  # iterations stop when the next step is this small, in squared standard errors
MAX_ROUNDS = 200
LARGEST_STEP = 5.0  # of the log odds, where there is little information. Source: logistf's maxstep
ROUNDING = 1e-12  # a smaller relative decrease of the log-likelihood is rounding


@dataclass(frozen=True, slots=True)
class Point:
    """The penalized log-likelihood at one intercept and slope, its first derivatives and the information there.

    `pull`, `slope_pull`: the derivatives by the intercept, and by the slope about the `centre` of the information,
    where the two are orthogonal.
    """

    intercept: float
    slope: float
    value: float
    pull: float
    slope_pull: float
    centre: float
    level_information: float
    slope_information: float

    @property
    def error(self) -> float:
        """The standard error of the slope."""
        return 1 / math.sqrt(self.slope_information)


@dataclass(frozen=True, slots=True)
class PenalizedLikelihood:
    """Treatments and events by distinct number, standardized to mean 0 and standard deviation 1."""

    numbers: Floats
    treatments: Floats
    events: Floats
    deviation: float  # the standard deviation in the original units

    @classmethod
    def of(cls, numbers: Floats, outcome: Flags) -> "PenalizedLikelihood":
        """From one row per treatment with at least two different numbers."""
        # Relative to the largest, so that squares neither overflow nor underflow.
        largest = float(numbers.max())
        relative = numbers / largest
        deviation = float(relative.std())
        distinct, position, treatments = np.unique(relative, return_inverse=True, return_counts=True)
        events = np.bincount(position, weights=outcome).astype(float)
        return cls((distinct - relative.mean()) / deviation, treatments.astype(float), events, deviation * largest)

    def maximum(self) -> Point:
        """The maximum of the penalized likelihood, by Fisher scoring."""
        share = (self.events.sum() + 0.5) / (self.treatments.sum() + 1)
        point = self._at(math.log(share / (1 - share)), 0.0)
        for _ in range(MAX_ROUNDS):
            level, slope = point.pull / point.level_information, point.slope_pull / point.slope_information
            if level * point.pull + slope * point.slope_pull < SMALL_STEP:
                break
            part = min(1.0, LARGEST_STEP / max(abs(level), abs(slope)))
            point = self._step(point, part * (level - point.centre * slope), part * slope)
        return point

    def profile(self, slope: float, start: Point) -> Point:
        """The maximum of the penalized likelihood with this slope, searched from `start` rotated about its center.

        The steps take the curvature from the previous step (secant), which the information only approximates.
        """
        point = self._at(start.intercept - start.centre * (slope - start.slope), slope)
        bend = point.level_information
        for _ in range(MAX_ROUNDS):
            if point.pull**2 < SMALL_STEP * bend:
                break
            step = point.pull / bend
            there = self._step(point, math.copysign(min(abs(step), LARGEST_STEP), step), 0.0)
            moved = there.intercept - point.intercept
            if moved == 0:
                break
            secant = (point.pull - there.pull) / moved
            point, bend = there, secant if secant > 0 else there.level_information
        return point

    def _step(self, point: Point, intercept_step: float, slope_step: float) -> Point:
        """Take the step, halved until the likelihood does not decrease."""
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
        # Sums of products rather than dot products, whose time depends on how busy the machine is.
        level_information = float(weight.sum())
        # Relative to the heaviest number, so that the small weights of the others are not lost in rounding.
        heaviest = self.numbers[np.argmax(weight)]
        away = self.numbers - heaviest
        offset = float((weight * away).sum()) / (level_information or 1.0)
        away = away - offset
        slope_information = float((weight * away**2).sum())
        if slope_information == 0:
            # Probabilities near 0 and 1 leave no information, so that the penalty is infinite.
            return Point(intercept, slope, -math.inf, 0.0, 0.0, 0.0, 1.0, 1.0)
        likelihood = self.events * log_odds - self.treatments * (np.maximum(log_odds, 0) + np.log(1 + smaller))
        penalty = 0.5 * (math.log(level_information) + math.log(slope_information))

        # The leverage of each treatment, which weights Firth's correction.
        leverage = weight / level_information + weight * away**2 / slope_information
        score = self.events - self.treatments * yes + leverage * (0.5 - yes)
        return Point(
            intercept,
            slope,
            float(likelihood.sum()) + penalty,
            float(score.sum()),
            float((score * away).sum()),
            float(heaviest) + offset,
            level_information,
            slope_information,
        )
