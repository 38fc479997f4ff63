"""Is a side effect related to the units given? Per product and area, never across products."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from data.analysis import treatments
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics import dose_response, proportion
from models.statistics.dose_response import DoseResponse
from models.statistics.interval import Interval

MAX_BANDS = 5
MIN_PER_BAND = 10  # treated areas: a narrower band says nothing


@dataclass(frozen=True)
class DoseBand:
    """Treated areas given from `least` to `most` units, both counted."""

    least: float
    most: float
    events: int
    known: int
    rate: Interval


@dataclass(frozen=True)
class DoseEffect:
    """`line`: units and the fitted chance at each, where a slope may be drawn; `slope.refused` says why not."""

    product: str
    area: str
    bands: tuple[DoseBand, ...]
    slope: DoseResponse
    line: tuple[np.ndarray, np.ndarray] | None


def dose_effect(source: AnalysisTables, scope: Scope, selection: Selection, product: str, area: str) -> DoseEffect:
    """The selected side effects placed in `area` after `product`, by units given there."""
    chosen = replace(selection, unit="area", products=(product,), areas=(area,))
    known = treatments.outcome_sequence(source, scope, chosen)
    told = ~np.isnan(known.units)
    units, affected, client = known.units[told], known.affected[told], known.client[told]
    slope = dose_response.fit(units, affected, client) if len(units) else _no_slope()
    return DoseEffect(product, area, _bands(units, affected), slope, _line(units, affected, slope))


def _no_slope() -> DoseResponse:
    return DoseResponse(Interval(None, None, None), 0, 0, 5.0, 1.0, "no treated area with units and a known outcome")


def _bands(units: np.ndarray, affected: np.ndarray) -> tuple[DoseBand, ...]:
    """Bands of about as many treated areas each; equal doses stay together."""
    if not len(units):
        return ()
    wanted = max(1, min(MAX_BANDS, len(units) // MIN_PER_BAND))
    edges = np.unique(np.quantile(units, np.arange(1, wanted) / wanted))
    place = np.searchsorted(edges, units, side="left")
    bands = []
    for band in np.unique(place):
        inside = place == band
        events, known = int(affected[inside].sum()), int(inside.sum())
        low, high = float(units[inside].min()), float(units[inside].max())
        bands.append(DoseBand(low, high, events, known, proportion.wilson(events, known)))
    return tuple(bands)


def _line(units: np.ndarray, affected: np.ndarray, slope: DoseResponse):
    """The fitted curve through the data's own centre: the slope of the fit, the level that gives as many events."""
    if slope.refused:
        return None
    log_odds = np.log(slope.odds_ratio.estimate) / slope.per
    level = _intercept(units, log_odds, affected.sum())
    at = np.linspace(units.min(), units.max(), 60)
    return at, 1 / (1 + np.exp(-(level + log_odds * at)))


def _intercept(units: np.ndarray, slope: float, events: int) -> float:
    """The intercept at which the fitted chances add up to the events seen."""

    def excess(level: float) -> float:
        return float((1 / (1 + np.exp(-(level + slope * units)))).sum() - events)

    reach = 40 + abs(slope) * float(np.abs(units).max())
    return brentq(excess, -reach, reach)
