"""Simulated clinics for the intervals of rates and durations: how often they hold the truth."""

from collections.abc import Iterator

import numpy as np

from benchmarks.claim import Claim, scale_runs
from models.statistics import proportion, survival

RATES, DURATIONS = "Rates", "Durations"
RATE = 0.2

Results = Iterator[tuple[Claim, int, int]]


def denominators(share: float) -> Results:
    """250 treatments; 70% are asked, and 30% of the other affected clients volunteer it."""
    runs, treated = scale_runs(20_000, share), 250
    random = np.random.default_rng(21)
    asked = random.binomial(treated, 0.7, runs)
    among_asked = random.binomial(asked, RATE)
    volunteered = random.binomial(treated - asked, RATE * 0.3)
    by_asked = _covered(among_asked, asked)
    by_known = _covered(among_asked + volunteered, asked + volunteered)
    yield _coverage(RATES, "95% interval of the rate among those asked, 20%"), by_asked, runs
    yield Claim(subject=RATES, what="The same among those asked or with an effect on record"), by_known, runs


def clustered_rates(share: float) -> Results:
    """80 clients with three treatments each who resemble themselves: the interval on n / design effect."""
    runs, clients, visits, alike = scale_runs(4_000, share), 80, 3, 0.2
    random = np.random.default_rng(22)
    prone = random.beta(RATE * (1 / alike - 1), (1 - RATE) * (1 / alike - 1), (runs, clients))
    widened = plain = 0
    for events in random.binomial(visits, prone):
        effect = proportion.design_effect(events, np.full(clients, visits))
        total = clients * visits
        for interval, is_widened in (
            (proportion.wilson_with_effect(int(events.sum()), total, effect), True),
            (proportion.wilson(int(events.sum()), total), False),
        ):
            holds = interval.low <= RATE <= interval.high
            widened, plain = widened + (holds and is_widened), plain + (holds and not is_widened)
    yield _coverage(RATES, "95% interval with three treatments per client"), widened, runs
    yield Claim(subject=RATES, what="The same without the design effect"), plain, runs


def interval_censored_medians(share: float) -> Results:
    """60 side effects of median 21 days, seen at contacts about two weeks apart, for 40 to 180 days."""
    runs, episodes = scale_runs(100, share, least=2), 60
    random = np.random.default_rng(23)
    bootstrap = undetermined = at_contact = 0
    for _ in range(runs):
        lasting = random.exponential(21 / np.log(2), episodes)
        contacts = np.cumsum(random.integers(5, 24, (episodes, 30)), axis=1)
        contacts = np.where(contacts <= random.integers(40, 181, (episodes, 1)), contacts, np.inf)
        last = np.where(contacts < lasting[:, np.newaxis], contacts, 0).max(axis=1)
        first = np.where(contacts >= lasting[:, np.newaxis], contacts, np.inf).min(axis=1)
        ended = np.isfinite(first)
        bootstrap += _holds(survival.bootstrap_median(last, first, np.arange(episodes)))
        undetermined += _holds(survival.turnbull(last, first).median)
        at_contact += _holds(survival.kaplan_meier(np.where(ended, first, last), ended).median)
    claim = _coverage(DURATIONS, "95% interval of the interval-censored median, bootstrap over clients")
    yield claim, bootstrap, runs
    yield Claim(subject=DURATIONS, what="The range in which that median is not determined"), undetermined, runs
    yield Claim(subject=DURATIONS, what="Kaplan-Meier with ends at their contact"), at_contact, runs


def _coverage(subject: str, what: str) -> Claim:
    return Claim(subject=subject, what=f"{what} holds the truth", printed=0.95, kind="about")


def _covered(events: np.ndarray, totals: np.ndarray) -> int:
    _, low, high = proportion.rate_columns(events, totals, np.nan)
    return int(((low <= RATE) & (high >= RATE)).sum())


def _holds(median: survival.Interval) -> bool:
    """Whether a median of 21 days lies in the interval; an end that is not reached is open."""
    return (median.low is None or median.low <= 21) and (median.high is None or median.high >= 21)


SIMULATIONS = (denominators, clustered_rates, interval_censored_medians)
