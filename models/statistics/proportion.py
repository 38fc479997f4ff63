"""Rates (being completed)."""

from math import sqrt

from scipy.stats import norm

from models.statistics.interval import Interval


def wilson(events: int, total: int, level: float = 0.95) -> Interval:
    z = norm.ppf((1 + level) / 2)
    p, n = events / total, total
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(p, 0.0 if events == 0 else centre - half, 1.0 if events == total else centre + half)


def bounds(events: int, known: int, total: int) -> tuple[float, float]:
    return events / total, (events + total - known) / total
