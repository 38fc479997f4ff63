"""Simulated clinics for comparisons: practitioners, lots, and changes between two periods."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas

from benchmarks.claim import Claim, scale_runs
from data.summaries import dose_response as dose_links
from data.summaries import lots, practitioners
from data.summaries.stratified_counts import StratifiedCounts, stratify
from models.statistics import dose_response, funnel, proportion, two_periods

PRACTITIONERS, LOTS, DOSES, CHANGES = "Practitioners", "Lots", "Doses", "Changes between two periods"
OUTER = practitioners.OUTER

Results = Iterator[tuple[Claim, int, int]]


def alike_practitioners(share: float) -> Results:
    """Five practitioners who are alike, four strata; clients who come once, or often and resemble themselves."""
    runs = scale_runs(20_000, share)
    for visits, alike, effect in ((1, 0.0, 1.0), (2, 0.15, 1.15), (3, 0.15, 1.3)):
        random = np.random.default_rng(11)
        corrected = plain = 0
        for _ in range(runs):
            outcomes = _clients(random, np.full(5, 0.22), (174, 197, 220, 243, 266), visits, alike)
            corrected += _any_outside(*outcomes, corrected=True)
            plain += visits > 1 and _any_outside(*outcomes, corrected=False)
        what = f"Any of five alike outside the outer band, design effect {effect:g}"
        claimed = funnel.false_flags(5, OUTER)
        yield Claim(subject=PRACTITIONERS, what=what, printed=claimed), corrected, runs
        if visits > 1:
            yield Claim(subject=PRACTITIONERS, what=f"The same, not corrected for clients, {effect:g}"), plain, runs


def doubled_practitioner(share: float) -> Results:
    """One practitioner with twice the rate of the others; the printed power is that of a typical clinic."""
    runs = scale_runs(4_000, share)
    for rate, volumes in (
        (0.22, (220, 174, 197, 243, 266)),
        (0.22, (200, 200)),
        (0.05, (400, 80, 80, 80)),
        (0.03, (120, 120, 120)),
    ):
        random = np.random.default_rng(12)
        totals = np.array(volumes)
        rates = np.array([2 * rate] + [rate] * (len(volumes) - 1))
        seen = 0
        for _ in range(runs):
            events = random.binomial(totals, rates)
            found = funnel.conditional(events[:, np.newaxis], totals[:, np.newaxis], ["all"], level=OUTER)
            seen += found.observed > found.high
        usual = np.round(totals * rate).astype(int)
        printed = funnel.conditional(usual[:, np.newaxis], totals[:, np.newaxis], ["all"], level=OUTER).power_doubled
        what = f"Twice {100 * rate:g}% outside the outer band, {'/'.join(map(str, volumes))} treatments"
        yield Claim(subject=PRACTITIONERS, what=what, printed=printed, kind="about"), seen, runs


def alike_lots(share: float) -> Results:
    """Eight lots of two products that are alike, in strata of area x how asked; Holm over all with 20 treatments."""
    runs = scale_runs(4_000, share)
    random = np.random.default_rng(13)
    exact = known = 0
    for _ in range(runs):
        tails, known_tails = [], []
        for rate, number in ((0.03, 5), (0.22, 3)):
            totals = random.integers(5, 60, (number, 3))
            events = random.binomial(totals, rate * np.array([0.7, 1.0, 1.5]))
            codes = [f"L{lot}" for lot in range(number)]
            counted = StratifiedCounts(groups=codes, events=events, totals=totals, design_effect=1.0)
            for lot in np.flatnonzero(totals.sum(axis=1) >= lots.MIN_TREATMENTS).tolist():
                tails.append(counted.compare_with_others(codes[lot], 1 - lots.MAX_CHANCE, "greater").tail)
                other, others = (np.delete(table, lot, axis=0).sum() for table in (events, totals))
                if other:
                    known_tails.append(proportion.tail(events[lot].sum(), totals[lot].sum(), other / others))
        exact += (funnel.holm(tails) <= lots.MAX_CHANCE).any()
        known += (funnel.holm(known_tails) <= lots.MAX_CHANCE).any()
    yield Claim(subject=LOTS, what="Any of up to eight alike flagged", printed=lots.MAX_CHANCE), exact, runs
    yield Claim(subject=LOTS, what="The same, rate of the other lots taken as known"), known, runs


def doses_without_effect(share: float) -> Results:
    """Six pairs of product and area in which the dose makes no difference; clients come twice and resemble themselves,
    with the dose they got before. Holm over all six."""
    runs = scale_runs(1_000, share)
    random = np.random.default_rng(15)
    corrected = plain = 0
    for _ in range(runs):
        tails = []
        for rate in (0.05, 0.05, 0.1, 0.1, 0.2, 0.2):
            client, chance = np.repeat(np.arange(150), 2), random.beta(rate * 9, (1 - rate) * 9, 150)
            units = np.repeat(random.choice([10.0, 15.0, 20.0, 25.0, 30.0], 150), 2)
            found = dose_response.fit(units, random.random(300) < chance[client], client)
            tails += [] if found.tail is None else [found.tail]
        corrected += (funnel.holm(tails) <= dose_links.CHANCE).any()
        plain += min(tails) <= dose_links.CHANCE
    yield Claim(subject=DOSES, what="Any of six pairs called higher", printed=dose_links.CHANCE), corrected, runs
    yield Claim(subject=DOSES, what="The same, not corrected for the number of pairs"), plain, runs


def unchanged_periods(share: float) -> Results:
    """Ten measures, some part of others, of 150 clients in two half-years; clients resemble themselves."""
    runs = scale_runs(1_000, share)
    random = np.random.default_rng(14)
    at_5 = at_1 = about_4 = 0
    for _ in range(runs):
        client = np.repeat(np.arange(150), random.integers(1, 5, 150))
        period = random.integers(0, 2, len(client))
        prone = random.gamma(2, 0.5, 150)[client]
        parts = random.random((len(client), 7)) < np.array([0.1, 0.06, 0.05, 0.03, 0.03, 0.02, 0.01]) * prone[:, None]
        groups = [parts.any(axis=1), parts[:, :3].any(axis=1), parts[:, 3:].any(axis=1)]
        events = np.column_stack([*groups, parts]).astype(int)
        asked = np.repeat((random.random((len(client), 1)) < 0.8), events.shape[1], axis=1).astype(int)
        adjusted = two_periods.min_p(events * asked, asked, client, period).adjusted
        smallest = np.nanmin(adjusted)
        at_5 += smallest <= 0.05
        at_1 += smallest <= 0.01
        about_4 += smallest <= 0.25
    for printed, happened in ((0.05, at_5), (0.01, at_1), (0.25, about_4)):
        what = f'"About 1 review in {1 / printed:g}": the least adjusted p at most {printed:g}'
        yield Claim(subject=CHANGES, what=what, printed=printed, kind="about"), happened, runs


def _clients(
    random: np.random.Generator, rates: np.ndarray, volumes: tuple[int, ...], visits: int, alike: float
) -> tuple[np.ndarray, ...]:
    """Per treatment: whether affected, practitioner, client and stratum. `alike`: correlation within a client."""
    practitioner = np.repeat(np.arange(len(volumes)), volumes)
    client = np.concatenate([1000 * k + np.arange(volume) // visits for k, volume in enumerate(volumes)])
    _, of_client = np.unique(client, return_inverse=True)
    stratum = random.integers(0, 4, of_client.max() + 1)[of_client]
    rate = (rates[practitioner] * np.array([0.7, 0.9, 1.1, 1.3])[stratum])[np.unique(of_client, return_index=True)[1]]
    if alike:
        rate = random.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1))
    return random.random(len(client)) < rate[of_client], practitioner, client, stratum


def _any_outside(
    affected: np.ndarray, practitioner: np.ndarray, client: np.ndarray, stratum: np.ndarray, corrected: bool
) -> bool:
    """Whether the page would flag anybody; `corrected`: for clients who return."""
    outcomes = pandas.DataFrame(
        {"practitioner": practitioner, "client": client, "stratum": stratum, "affected": affected}
    )
    counted = stratify(outcomes, "practitioner", ["stratum"])
    if not corrected:
        counted = replace(counted, design_effect=1.0)
    found = (counted.compare_with_others(code, OUTER, "two-sided") for code in counted.groups)
    return any(not one.low <= one.observed <= one.high for one in found)


SIMULATIONS = (alike_practitioners, doubled_practitioner, alike_lots, doses_without_effect, unchanged_periods)
