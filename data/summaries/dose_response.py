"""Is a side effect related to the units given? Per product and area, never across products."""

from dataclasses import dataclass, replace

import numpy as np
import pandas
from scipy.optimize import brentq

from data.analysis import treatments
from data.analysis.frames import make_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics import dose_response, proportion
from models.statistics.dose_response import DoseResponse
from models.statistics.interval import Interval

MAX_BANDS = 5
MIN_PER_BAND = 10  # treated areas: a narrower band says nothing
NO_SLOPE = DoseResponse(Interval(None, None, None), 0, 0, 5.0, 1.0, "no treated area with units and a follow-up")


@dataclass(frozen=True)
class DoseEffect:
    """`bands`: treated areas given from `least` to `most` units, both included. Columns: least, most (float64), events,
    followed_up (int64), rate, low, high (float64). `line`: units and the fitted rate at each (float64), where a slope
    may be drawn; otherwise `slope.refused` says why not."""

    bands: pandas.DataFrame
    slope: DoseResponse
    line: pandas.DataFrame | None


def dose_effect(source: AnalysisTables, scope: Scope, selection: Selection, product: str, area: str) -> DoseEffect:
    """The selected side effects placed in `area` after `product`, by units given there."""
    chosen = replace(selection, unit="area", products=(product,), areas=(area,))
    outcomes = treatments.outcome_sequence(source, scope, chosen)
    outcomes = outcomes[outcomes.units.notna()]
    units, affected, client = (outcomes[name].to_numpy() for name in ("units", "affected", "client"))
    slope = dose_response.fit(units, affected, client) if len(units) else NO_SLOPE
    return DoseEffect(_bands(units, affected), slope, _line(units, affected, slope))


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


def _line(units: np.ndarray, affected: np.ndarray, slope: DoseResponse) -> pandas.DataFrame | None:
    """The fitted curve through the center of the data: the slope of the fit, the level that gives as many events."""
    if slope.refused:
        return None
    log_odds = np.log(slope.odds_ratio.estimate) / slope.per
    chances = lambda level, at: 1 / (1 + np.exp(-(level + log_odds * at)))
    reach = 40 + abs(log_odds) * np.abs(units).max()
    level = brentq(lambda level: chances(level, units).sum() - affected.sum(), -reach, reach)
    at = np.linspace(units.min(), units.max(), 60)
    return pandas.DataFrame({"units": at, "rate": chances(level, at)})
