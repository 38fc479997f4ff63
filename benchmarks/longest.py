"""The slowest of our statistics at the largest sizes that a page may ask for."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from models.statistics import control_chart, dose_response, survival

BASELINES = (0.002, 0.005, 0.02, 0.1, 0.3)
HORIZONS = (100, 500, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Longest:
    """Seconds of the slowest case."""

    question: str
    cases: int
    seconds: float


def longest(random: np.random.Generator) -> Iterator[Longest]:
    """One row per statistic that could make a page slow."""
    yield _longest("CUSUM limit, baselines 0.2-30%, horizons to 5,000", list(_limits()))
    yield _longest("Kaplan-Meier, 1,000,000 episodes", [_course(random, whole_days) for whole_days in (True, False)])
    yield _longest("Turnbull, 10,000 intervals", [_between_contacts(random, exact) for exact in (0.0, 0.5)])
    yield _longest("Firth slope and interval, 100,000 treatments", [_slope(random, doses) for doses in (5, 100_000)])


def _longest(question: str, cases: list[Callable[[], object]]) -> Longest:
    seconds = []
    for case in cases:
        start = time.perf_counter()
        case()
        seconds.append(time.perf_counter() - start)
    return Longest(question, len(cases), max(seconds))


def _limits() -> Iterator[Callable[[], object]]:
    for baseline in BASELINES:
        for horizon in HORIZONS:
            yield lambda baseline=baseline, horizon=horizon: control_chart.cusum_limit(baseline, horizon=horizon)


def _course(random: np.random.Generator, whole_days: bool) -> Callable[[], object]:
    days = random.weibull(0.8, 1_000_000) * 40
    days, ended = np.ceil(days) if whole_days else days, random.random(1_000_000) < 0.7
    return lambda: survival.kaplan_meier(days, ended)


def _between_contacts(random: np.random.Generator, exact: float) -> Callable[[], object]:
    """Episodes that ended between two of four contacts; a share `exact` ended on a known day."""
    duration, contact_days = random.weibull(0.8, 10_000) * 40, random.uniform(0, 180, (10_000, 4))
    visits = np.column_stack([np.zeros(10_000), np.sort(contact_days, axis=1), np.full(10_000, np.inf)])
    row, last = np.arange(10_000), (visits < duration[:, np.newaxis]).sum(axis=1) - 1
    known = random.random(10_000) < exact
    last_present = np.where(known, duration, visits[row, last])
    first_gone = np.where(known, duration, visits[row, last + 1])
    return lambda: survival.turnbull(last_present, first_gone)


def _slope(random: np.random.Generator, doses: int) -> Callable[[], object]:
    units = random.choice(random.uniform(10, 60, doses), 100_000)
    outcome = random.random(100_000) < 1 / (1 + np.exp(4.5 - 0.03 * units))
    client = random.integers(0, 30_000, 100_000)
    return lambda: dose_response.fit(units, outcome, client)
