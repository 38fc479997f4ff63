"""Simulated clinics for the charts over time: false signals of the CUSUM, and flags of months."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import numpy as np
from scipy.stats import binom

from benchmarks.claim import Claim, scale_runs
from data.analysis.outcomes import KnownOutcomes
from data.analysis.selection import Selection
from data.summaries.measure_states import follow_outcomes
from models.statistics import case_mix, control_chart

RUNS = 20_000
MIN_EVENTS = 10  # of a counted baseline (docs/methods.md)
REVIEWS = 25  # monthly, over two years
FALSE_IF_LATE = 0.07  # what a page says of a clinic where many outcomes become known late
CUSUM = "CUSUM"
MONTHS = "Months"

Results = Iterator[tuple[Claim, int, int]]

counted_limit = lru_cache(maxsize=None)(control_chart.cusum_limit_counted)
known_limit = lru_cache(maxsize=None)(control_chart.cusum_limit)


def counted_baseline(share: float) -> Results:
    """A baseline counted over as many treatments as lie ahead, and the chart after it."""
    for rate, total, horizon in ((0.038, 600, 600), (0.2, 300, 300), (0.02, 800, 800), (0.038, 300, 600)):
        random = np.random.default_rng(1)
        events = random.binomial(total, rate, scale_runs(RUNS, share))
        events = events[events >= MIN_EVENTS]
        limits = np.array([counted_limit(x, total, horizon=horizon) for x in events.tolist()])
        plug_in = np.array([known_limit(x / total, horizon=horizon) for x in events.tolist()])
        where = f"{100 * rate:g}% of {total} counted, {horizon} ahead"
        false, false_plug_in = (_signals(random, rate, events / total, limit, horizon) for limit in (limits, plug_in))
        yield Claim(subject=CUSUM, what=f"False signal, {where}", printed=0.05), false.sum(), len(events)
        yield Claim(subject=CUSUM, what=f"The same, baseline taken as known, {where}"), false_plug_in.sum(), len(events)
        doubled = _signals(random, 2 * rate / (1 + rate), events / total, limits, horizon)
        distinct, often = np.unique(events, return_counts=True)
        detected = [
            control_chart.cusum_detection_counted(x, total, counted_limit(x, total, horizon=horizon), horizon)
            for x in distinct.tolist()
        ]
        printed = float(often @ detected / often.sum())
        what = f"Doubled odds noticed, {where}"
        if binom.cdf(MIN_EVENTS - 1, total, rate) > 0.1:
            # Baselines below ten events are refused, and those left are too high for this rate: no claim.
            claim = Claim(subject=CUSUM, what=f"{what}; on average {100 * printed:.1f}% printed")
        else:
            claim = Claim(subject=CUSUM, what=what, printed=printed, kind="at least")
        yield claim, doubled.sum(), len(events)


def stated_target(share: float) -> Results:
    """A stated target that is the true rate."""
    runs = scale_runs(RUNS, share)
    for rate, horizon in ((0.02, 500), (0.05, 250), (0.2, 300)):
        random = np.random.default_rng(2)
        limit = known_limit(rate, horizon=horizon)
        false = _signals(random, rate, np.full(runs, rate), np.full(runs, limit), horizon)
        what = f"False signal, target {100 * rate:g}%, {horizon} ahead"
        yield Claim(subject=CUSUM, what=what, printed=0.05), false.sum(), runs


def monthly_reviews(share: float) -> Results:
    """25 monthly reviews of one chart; 40% of clean outcomes become known 1 to 4 months late, and are appended.

    In the first months events are then over-represented, which the limit does not know. The same with outcomes in the
    order of treatment, in which late ones are filled in between earlier points.
    """
    runs, per_month = scale_runs(4_000, share), 16
    for rate, total in ((0.2, 300), (0.038, 600)):
        random = np.random.default_rng(3)
        appended = filled_in = 0
        ahead = per_month * (REVIEWS - 1)
        month = np.repeat(np.arange(REVIEWS - 1), per_month)
        used = 0
        for _ in range(runs):
            events = random.binomial(total, rate)
            if events < MIN_EVENTS:
                continue
            used += 1
            limit = counted_limit(events, total, horizon=ahead)
            outcomes = random.random(ahead) < rate
            late = ~outcomes & (random.random(ahead) < 0.4)
            known = month + np.where(late, random.integers(1, 5, ahead), 0)
            # Stable: within a month, in the order of treatment. Each review sees what is known by then.
            order = np.argsort(known, kind="stable")
            order = order[known[order] < REVIEWS]
            course = control_chart.follow_cusum(outcomes[order], events / total, [0], [limit])
            appended += course.signal is not None
            reviews = (outcomes[known <= review] for review in range(REVIEWS))
            charts = (control_chart.bernoulli_cusum(seen, events / total, limit=limit) for seen in reviews)
            filled_in += any(len(chart.signals) for chart in charts)
        where = f"{REVIEWS} monthly reviews with late outcomes, {100 * rate:g}% of {total} counted"
        yield Claim(subject=CUSUM, what=f"False signal over {where}", printed=FALSE_IF_LATE), appended, used
        yield Claim(subject=CUSUM, what=f"The same in the order of treatment, {where}"), filled_in, used


def measure_states(share: float) -> Results:
    """Three years of a clinic in which nothing changes, judged as the pages do it: the first year is the baseline, and
    every monthly review of the next two looks at the same chart, so that its last one has seen any signal.

    Ten strata of different rates; and the same with 40% of the clean outcomes known 1 to 4 months late.
    """
    every, start, days = Selection(as_of=date(2030, 1, 1)), np.datetime64("2024-01-01"), 3 * 365
    for rate, per_day in ((0.2, 0.8), (0.05, 1.6)):
        for late in (0.0, 0.4):
            random = np.random.default_rng(8)
            signalled = used = 0
            for _ in range(scale_runs(1_500, share)):
                day = np.repeat(np.arange(days), random.poisson(per_day, days))
                stratum = random.integers(0, 10, len(day))
                chance = rate * np.linspace(0.5, 1.5, 10)[stratum]
                affected = random.random(len(day)) < chance
                is_late = ~affected & (random.random(len(day)) < late)
                lag = every.follow_up_days + np.where(is_late, random.integers(30, 121, len(day)), 0)
                known = day + lag
                order = np.lexsort([day, known])
                order = order[known[order] < days]
                outcomes = KnownOutcomes(
                    date=start + day[order], known_on=start + known[order], affected=affected[order],
                    stratum=stratum[order],
                )  # fmt: skip
                state = follow_outcomes(outcomes, None, every).state
                used += state.baseline.rate is not None
                signalled += state.is_higher
            what = f"False signal within two years, as pages judge a measure, {100 * rate:g}%"
            yield Claim(subject=CUSUM, what=f"{what}{', late outcomes' * bool(late)}", printed=0.05), signalled, used


def sparse_strata(share: float) -> Results:
    """40 strata of different rates, 500 treatments in the baseline and as many ahead."""
    runs, total, strata = scale_runs(4_000, share), 500, 40
    random = np.random.default_rng(4)
    shrunken = raw = used = 0
    for _ in range(runs):
        rates = 0.08 * np.exp(random.normal(0, 0.5, strata))
        mix = random.dirichlet(np.ones(strata))
        stratum, ahead = (random.choice(strata, total, p=mix) for _ in range(2))
        before, after = random.random(total) < rates[stratum], random.random(total) < rates[ahead]
        events = int(before.sum())
        if events < MIN_EVENTS:
            continue
        used += 1
        limit = counted_limit(events, total, horizon=total)
        expected = case_mix.stratum_rates(before, np.ones(total), stratum).expected(ahead)
        shrunken += control_chart.follow_cusum(after, expected, [0], [limit]).signal is not None
        sizes = np.bincount(stratum, minlength=strata)
        observed = np.bincount(stratum, before, strata) / np.maximum(sizes, 1)
        observed = np.where(sizes > 0, observed, events / total)
        own = np.clip(observed, 0.001, 0.999)[ahead]
        raw += control_chart.follow_cusum(after, own, [0], [limit]).signal is not None
    what = "False signal with case mix in 40 sparse strata, 500 counted, 500 ahead"
    yield Claim(subject=CUSUM, what=what, printed=0.05), shrunken, used
    yield Claim(subject=CUSUM, what="The same with unshrunk rates of the strata"), raw, used


def restarted(share: float) -> Results:
    """A decision after half of the horizon, with a new limit for the rest."""
    rate, total, horizon = 0.038, 600, 600
    random = np.random.default_rng(5)
    events = random.binomial(total, rate, scale_runs(RUNS, share))
    events = events[events >= MIN_EVENTS]
    distinct, of_run, often = np.unique(events, return_inverse=True, return_counts=True)
    first, rest = (
        np.array([counted_limit(x, total, horizon=treatments) for x in distinct.tolist()])
        for treatments in (horizon, horizon // 2)
    )
    false = np.zeros(len(events), dtype=bool)
    for limits in (first, rest):
        false |= _signals(random, rate, events / total, limits[of_run], horizon // 2)
    chances = [
        control_chart.cusum_detection_counted(x, total, [one, other], [horizon // 2] * 2, true_ratio=1)
        for x, one, other in zip(distinct.tolist(), first.tolist(), rest.tolist(), strict=True)
    ]
    what = f"False signal over one restart, {100 * rate:g}% of {total} counted, {horizon} ahead"
    yield Claim(subject=CUSUM, what=what, printed=float(often @ chances / often.sum())), false.sum(), len(events)


def month_flags(share: float) -> Results:
    """12 months of 40 treatments after a counted baseline, and after a stated target."""
    runs, months, volume = scale_runs(RUNS, share), 12, 40
    for rate, total in ((0.05, 300), (0.2, 200)):
        random = np.random.default_rng(6)
        counted = random.binomial(total, rate, runs)
        counted = counted[counted >= MIN_EVENTS]
        ours = known = 0
        for events, often in zip(*np.unique(counted, return_counts=True), strict=True):
            seen = random.binomial(volume, rate, often * months)
            volumes = np.full(len(seen), volume)
            baseline = float(events / total)
            known += (control_chart.period_flags(seen, volumes, baseline).flag == "action").sum()
            flags = control_chart.period_flags(
                seen, volumes, baseline, baseline_events=int(events), baseline_total=total
            )
            ours += (flags.flag == "action").sum()
        where = f"{100 * rate:g}% of {total} counted"
        claimed = control_chart.FLAG_CHANCE
        yield Claim(subject=MONTHS, what=f"False action, {where}", printed=claimed), ours, len(counted) * months
        yield Claim(subject=MONTHS, what=f"The same, baseline taken as known, {where}"), known, len(counted) * months
    seen = np.random.default_rng(7).binomial(volume, 0.05, runs * months)
    flags = control_chart.period_flags(seen, np.full(len(seen), volume), 0.05).flag == "action"
    yield Claim(subject=MONTHS, what="False action, target 5%", printed=claimed), flags.sum(), len(seen)


def _signals(
    random: np.random.Generator, rate: float, baseline: np.ndarray, limit: np.ndarray, treatments: int
) -> np.ndarray:
    """Whether each run signals: one chart per baseline and limit, all of the same true rate."""
    common = np.log1p(baseline)
    with_event, without = np.log(2) - common, -common
    score, signalled = np.zeros(len(baseline)), np.zeros(len(baseline), dtype=bool)
    for _ in range(treatments):
        score = np.maximum(0, score + np.where(random.random(len(baseline)) < rate, with_event, without))
        signalled |= score >= limit
    return signalled


SIMULATIONS = (
    counted_baseline, stated_target, monthly_reviews, measure_states, sparse_strata, restarted, month_flags,
)  # fmt: skip
