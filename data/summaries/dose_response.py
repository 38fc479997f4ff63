"""Is a side effect related to the units given? Per product and area, never across products."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas
from scipy.optimize import brentq

from data.analysis import counts, treatments
from data.analysis.frames import make_frame, rows_as_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.measure import measures as known_measures
from models.statistics import dose_response, funnel, proportion
from models.statistics.dose_response import DoseResponse
from models.statistics.interval import Interval

MAX_BANDS = 5
MIN_PER_BAND = 10  # treated areas: a narrower band says nothing
NO_SLOPE = DoseResponse(Interval(None, None, None), 0, 0, 5.0, 1.0, None, "no treated area with units and a follow-up")
HIGHER, NO_LINK, TOO_FEW = "higher with dose", "no clear link", "too few"
CHANCE = 0.05  # of any pair called higher if dose made no difference, over all pairs compared at once
TYPICAL_SHARES = ((0.25, 0.75), (0.1, 0.9), (0, 1))  # of the doses given: the first two that differ are shown
PAIR = ("product", "area")
LINK_COLUMNS = (
    "measure", "product", "area", "events", "followed_up", "low_dose", "high_dose", "low_dose_rate", "high_dose_rate",
    "odds_ratio", "odds_ratio_low", "odds_ratio_high", "chance", "verdict", "refused",
)  # fmt: skip
FLOATS = LINK_COLUMNS[5:13]


@dataclass(frozen=True)
class DoseEffect:
    """`bands`: treated areas given from `least` to `most` units, both included. Columns: least, most (float64), events,
    followed_up (int64), rate, low, high (float64). `line`: units and the fitted rate at each (float64), where a slope
    may be drawn; otherwise `slope.refused` says why not. `typical`: the same for two typical doses."""

    bands: pandas.DataFrame
    slope: DoseResponse
    line: pandas.DataFrame | None
    typical: pandas.DataFrame | None


def dose_effect(source: AnalysisTables, scope: Scope, selection: Selection, product: str, area: str) -> DoseEffect:
    """The selected side effects placed in `area` after `product`, by units given there."""
    chosen = replace(selection, unit="area", products=(product,), areas=(area,))
    return _estimate(treatments.outcome_sequence(source, scope, chosen))


def _estimate(outcomes: pandas.DataFrame) -> DoseEffect:
    """From the treated areas of one product and area, as of `treatments.outcome_sequence`."""
    outcomes = outcomes[outcomes.units.notna()]
    units, affected, client, how_asked = (
        outcomes[name].to_numpy() for name in ("units", "affected", "client", "how_asked")
    )
    # A checklist finds more than an open question: only treatments asked the same way are compared.
    slope = dose_response.fit(units, affected, client, stratum=how_asked) if len(units) else NO_SLOPE
    bands = _bands(units, affected)
    if slope.refused:
        return DoseEffect(bands, slope, None, None)
    typical = next(
        doses for shares in TYPICAL_SHARES if np.ptp(doses := np.quantile(units, shares, method="nearest")) > 0
    )
    line = _fitted_rates(units, affected, slope, np.linspace(units.min(), units.max(), 60))
    return DoseEffect(bands, slope, line, _fitted_rates(units, affected, slope, typical))


def dose_links(
    source: AnalysisTables, scope: Scope, selection: Selection, measures: Sequence[str] = ()
) -> pandas.DataFrame:
    """Whether side effects are more frequent at higher doses, per measure, product and area.

    `measures`: codes of models/measures; none: the selected side effects, named "". Columns: measure, product, area
    (str), events, followed_up (int64: treated areas), low_dose, high_dose (float64: two typical doses, the quartiles
    of those given), low_dose_rate, high_dose_rate (float64, 0-1: fitted at these), odds_ratio, odds_ratio_low,
    odds_ratio_high (float64: per 5 units), chance (float64: one-sided, of so high an odds ratio if dose made no
    difference, after Holm over all rows with one), verdict (`HIGHER`: chance at most 5%, `NO_LINK`, `TOO_FEW`), refused
    (str: why too few; None).
    """
    rows: list[Sequence[Any]] = []
    for code in measures or ("",):
        chosen = replace(selection.for_measure(known_measures()[code]) if code else selection, unit="area")
        counted = counts.counts(source, scope, chosen, PAIR)
        outcomes = {}
        if (counted.events >= dose_response.MIN_EVENTS).any():  # spares most measures the list of their treatments
            outcomes = dict(iter(treatments.outcome_sequence(source, scope, chosen, PAIR).groupby(list(PAIR))))
        for pair in counted[counted.followed_up > 0].itertuples():
            key = (code, pair.product, pair.area, int(pair.events), int(pair.followed_up))
            if pair.events < dose_response.MIN_EVENTS:
                reason = dose_response.too_few_events(int(pair.events))
                rows.append((*key, *[None] * len(FLOATS), TOO_FEW, reason))
                continue
            effect = _estimate(outcomes[pair.product, pair.area])
            typical = [None] * 4 if effect.typical is None else effect.typical.to_numpy().T.ravel().tolist()
            slope = effect.slope
            rows.append((*key, *typical, *slope.odds_ratio, slope.tail, TOO_FEW, slope.refused))
    links = rows_as_frame(LINK_COLUMNS, rows, **dict.fromkeys(FLOATS, "float64"))
    tested = links.chance.notna()
    if tested.any():
        links.loc[tested, "chance"] = funnel.holm(links.chance[tested])
        links.loc[tested, "verdict"] = np.where(links.chance[tested] <= CHANCE, HIGHER, NO_LINK)
    return links


def _bands(units: np.ndarray, affected: np.ndarray) -> pandas.DataFrame:
    """Bands of about as many treated areas each; equal doses stay together."""
    wanted = max(1, min(MAX_BANDS, len(units) // MIN_PER_BAND))
    edges = np.unique(np.quantile(units, np.arange(1, wanted) / wanted)) if len(units) else []
    rising = np.argsort(units)
    units, affected = units[rising], affected[rising].astype(np.int64)
    starts = np.flatnonzero(np.diff(np.searchsorted(edges, units), prepend=-1))
    ends = np.append(starts, len(units))[1:]
    events, total = np.add.reduceat(affected, starts), ends - starts
    rate, low, high = proportion.rate_columns(events, total, np.nan)
    bands = {"least": units[starts], "most": units[ends - 1], "events": events, "followed_up": total}
    return make_frame(bands | {"rate": rate, "low": low, "high": high}, least="float64", most="float64")


def _fitted_rates(units: np.ndarray, affected: np.ndarray, slope: DoseResponse, doses: np.ndarray) -> pandas.DataFrame:
    """The fitted curve through the center of the data: the slope of the fit, the level that gives as many events."""
    log_odds = np.log(slope.odds_ratio.estimate) / slope.per
    chances = lambda level, at: 1 / (1 + np.exp(-(level + log_odds * at)))
    reach = 40 + abs(log_odds) * np.abs(units).max()
    level = brentq(lambda level: chances(level, units).sum() - affected.sum(), -reach, reach)
    return pandas.DataFrame({"units": doses, "rate": chances(level, doses)})
