"""Each lot's side effects compared with those of the other lots of its product."""

import numpy as np
import pandas

from data.analysis import counts, treatments
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.analysis.sql_functions import NOT_RECORDED
from models.statistics import funnel, proportion

MAX_CHANCE = 0.05  # a lot that is less likely by chance, all lots allowed for, is flagged


def compare_lots(source: AnalysisTables, scope: Scope, selection: Selection) -> pandas.DataFrame:
    """Every lot of the selection, the least likely by chance first.

    Columns: product, lot (str), expiry (date, None where not recorded), treated, total, in_follow_up, followed_up,
    events (int64, as of `counts.counts`), rate, low, high (float64), chance (float64: of so many events or more at the
    rate of the other lots of the product, after Holm; NaN where there is nothing to compare), is_flagged (bool).
    """
    lots = counts.counts(source, scope, selection, ("product", "lot"))
    lots = lots[["product", "lot", "treated", "total", "in_follow_up", "followed_up", "events"]]
    expiries = treatments.lot_expiries(source, scope)
    rate, low, high = proportion.rate_columns(lots.events, lots.followed_up, np.nan)
    chance = _adjusted_chances(lots)
    expiry = pandas.Series([expiries.get(lot) for lot in zip(lots["product"], lots.lot, strict=True)], dtype=object)
    frame = lots.assign(expiry=expiry, rate=rate, low=low, high=high, chance=chance, is_flagged=chance <= MAX_CHANCE)
    return frame.sort_values(["chance", "product", "lot"], ignore_index=True)


def _adjusted_chances(lots: pandas.DataFrame) -> np.ndarray:
    """Holm's adjusted chance of each lot; NaN without a follow-up or without other lots of the product to compare."""
    chances = np.full(len(lots), np.nan)
    own = lots[["events", "followed_up"]].where(lots.lot != NOT_RECORDED, 0)
    events, followed_up = own.to_numpy().T
    events_of_others, others = (own.groupby(lots["product"]).transform("sum") - own).to_numpy().T
    tested = (followed_up > 0) & (events_of_others > 0) & (events_of_others < others)
    if tested.any():
        rates = events_of_others[tested] / others[tested]
        chances[tested] = funnel.holm(proportion.tail(events[tested], followed_up[tested], rates))
    return chances
