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


def difference(events_a: int, total_a: int, events_b: int, total_b: int, level: float = 0.95) -> Interval:
    a, b = wilson(events_a, total_a, level), wilson(events_b, total_b, level)
    d = a.estimate - b.estimate
    return Interval(
        d,
        d - sqrt((a.estimate - a.low) ** 2 + (b.high - b.estimate) ** 2),
        d + sqrt((a.high - a.estimate) ** 2 + (b.estimate - b.low) ** 2),
    )
